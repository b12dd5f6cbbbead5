//! Approvals: a statement that needs one runs once somebody with the right says so, and nothing else runs in its place.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::vetted::VettedSql;
use super::vetting::Vetting;
use crate::error::{Error, Result};
use crate::finding::{Finding, Verdict};
use crate::value::{Value, to_hex};

/// Minutes an approval is good for.
const MINUTES: i64 = 15;

/// What somebody is asked to approve.
///
/// It is bound to tenant, user, source, the hash of text, parameters, policy and catalogue, and ends after 15 minutes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApprovalRequest {
    /// Id of the approval.
    pub approval_id: String,
    /// Tenant.
    pub tenant: String,
    /// Who wants to run the statement.
    pub user: String,
    /// Where.
    pub source: String,
    /// Why it needs an approval.
    pub reasons: Vec<Finding>,
    /// The statement as it was written.
    pub sql: String,
    /// Result columns and conditions with personal data, by `table.column`.
    pub personal_data: Vec<String>,
    /// When it is too late.
    pub expires_at: Timestamp,
    /// Hash of what would run, under which policy.
    pub statement_hash: String,
}

/// Somebody's consent to one statement. It cannot be copied, so it is used once.
///
/// ```compile_fail
/// fn twice(approval: leo::guard::Approval) -> (leo::guard::Approval, leo::guard::Approval) { (approval.clone(), approval) }
/// ```
#[derive(Debug)]
pub struct Approval {
    request: ApprovalRequest,
    approver: String,
}

impl ApprovalRequest {
    /// The consent of `approver`. Whether that user has the permission is for the caller to check first.
    ///
    /// # Errors
    /// `Denied` when the approver is the user who asked and `self_approval` is off.
    pub fn approve(self, approver: impl Into<String>, self_approval: bool) -> Result<Approval> {
        let approver = approver.into();
        if approver == self.user && !self_approval {
            return Err(Error::denied("nobody approves a statement of their own; ask somebody else with the permission"));
        }
        Ok(Approval { request: self, approver })
    }
}

impl Vetting {
    /// What to ask for, when the verdict is `NeedsApproval`.
    ///
    /// # Example
    /// ```
    /// use leo::adapter::Access;
    /// use leo::catalog::Catalog;
    /// use leo::guard::{Purpose, Request, vet};
    /// use leo::settings::GuardLimits;
    /// use leo::{Context, Dialect};
    ///
    /// let catalog = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE a (id int); CREATE TABLE b (id int)")?;
    /// let (ctx, access) = (Context::new("acme", "ada")?, Access::full());
    /// let settings = GuardLimits { max_joins: 0, ..GuardLimits::default() };
    /// let sql = "SELECT count(*) FROM a JOIN b ON a.id = b.id";
    /// let vetting = vet(&Request {
    ///     ctx: &ctx, source: "shop", catalog: &catalog, access: &access, settings: &settings, sql, params: &[], purpose: Purpose::Sql,
    /// });
    /// let request = vetting.approval_request(ctx.now).unwrap();
    /// let approval = request.approve("boss", false)?;
    /// assert_eq!(vetting.approved(approval, ctx.now)?.approved_by(), Some("boss"));
    /// # Ok::<(), leo::Error>(())
    /// ```
    pub fn approval_request(&self, now: Timestamp) -> Option<ApprovalRequest> {
        let statement = self.pending.as_ref()?;
        let redacted = self.lineage.iter().filter(|column| column.redacted.is_some());
        let mut personal: Vec<String> = redacted
            .flat_map(|column| &column.sources)
            .map(|source| format!("{}.{}", source.table.name, source.column))
            .collect();
        personal.sort();
        personal.dedup();
        Some(ApprovalRequest {
            approval_id: uuid::Uuid::now_v7().to_string(),
            tenant: statement.tenant().to_owned(),
            user: statement.user().to_owned(),
            source: statement.source().to_owned(),
            reasons: self.findings.iter().filter(|finding| finding.verdict == Verdict::NeedsApproval).cloned().collect(),
            sql: statement.original().to_owned(),
            personal_data: personal,
            expires_at: now.checked_add(SignedDuration::from_mins(MINUTES)).unwrap_or(now),
            statement_hash: statement_hash(statement),
        })
    }

    /// The statement, when `approval` is for exactly it and still good at `now`.
    ///
    /// # Errors
    /// `Conflict` when the approval is for something else: another tenant, user, source, text, parameter, policy or catalogue;
    /// `NeedsApproval` when it came too late. What needs no approval, or cannot be approved, is as in [`Vetting::into_result`].
    pub fn approved(mut self, approval: Approval, now: Timestamp) -> Result<VettedSql> {
        let Some(statement) = self.pending.take() else { return self.into_result() };
        let Approval { request, approver } = approval;
        let same = request.tenant == statement.tenant()
            && request.user == statement.user()
            && request.source == statement.source()
            && request.statement_hash == statement_hash(&statement);
        if !same {
            return Err(Error::conflict("the approval is for another statement, user, source or policy; ask for a new one"));
        }
        if now > request.expires_at {
            return Err(Error::new(
                crate::error::ErrorKind::NeedsApproval,
                format!("the approval was good for {MINUTES} minutes; ask for a new one"),
            ));
        }
        Ok(statement.approve(approver))
    }
}

/// Hash of the text that is sent, its parameters, the policy and the catalogue's version.
fn statement_hash(statement: &VettedSql) -> String {
    let mut digest = Sha256::new();
    let mut part = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    for text in [statement.original(), statement.sql(), statement.policy_hash(), statement.catalog_version()] {
        part(text.as_bytes());
    }
    for value in statement.params() {
        part(value.type_name().as_bytes());
        match value {
            Value::Bytes(bytes) => part(bytes),
            other => part(other.to_string().as_bytes()),
        }
    }
    to_hex(&digest.finalize())
}
