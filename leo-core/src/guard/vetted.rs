//! The guard's product: a statement that may go to the door.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::functions::is_repeatable;
use crate::catalog::TableName;
use crate::dialect::Dialect;
use crate::finding::{Finding, Verdict};
use crate::value::Value;

/// Why a statement runs; recorded in the audit, and the reason for its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Purpose {
    /// A user's question.
    Ask,
    /// SQL a user wrote.
    Sql,
    /// A look-up made on the way to an answer, under the asking user's access.
    Probe,
    /// Profiling.
    Profile,
    /// Measuring with reference statements.
    Eval,
}

impl Purpose {
    /// Whether the row cap is written into the statement; Leo's own statements say themselves how many rows they want.
    pub(in crate::guard) fn is_capped(self) -> bool {
        matches!(self, Self::Ask | Self::Sql | Self::Probe)
    }

    /// `ask`, `sql`, `probe`, `profile` or `eval`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Sql => "sql",
            Self::Probe => "probe",
            Self::Profile => "profile",
            Self::Eval => "eval",
        }
    }
}

/// A column of a table of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceColumn {
    /// Table, in the catalogue's spelling.
    pub table: TableName,
    /// Column, in the catalogue's spelling.
    pub column: String,
}

/// A column of the result and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutputColumn {
    /// Name the engine returns.
    pub name: String,
    /// Columns it derives from, through every level.
    pub sources: BTreeSet<SourceColumn>,
    /// The kind of personal data that is kept from the user here: text comes back as `[REDACTED:kind]`, anything else as NULL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<String>,
}

/// A statement the guard passed: bound to tenant, user, source, policy and catalogue, and to a time.
///
/// It cannot be made, copied or read from outside:
/// ```compile_fail
/// fn copied(sql: &leo::guard::VettedSql) -> leo::guard::VettedSql { sql.clone() }
/// ```
/// ```compile_fail
/// let sql: leo::guard::VettedSql = serde_json::from_str("{}").unwrap();
/// ```
/// ```compile_fail
/// let sql = leo::guard::VettedSql { sql: "DROP TABLE t".into() };
/// ```
pub struct VettedSql {
    parts: Parts,
}

/// What goes into a [`VettedSql`]; only the guard fills it in.
pub(in crate::guard) struct Parts {
    pub(in crate::guard) tenant: String,
    pub(in crate::guard) user: String,
    pub(in crate::guard) source: String,
    pub(in crate::guard) dialect: Dialect,
    pub(in crate::guard) purpose: Purpose,
    pub(in crate::guard) original: String,
    pub(in crate::guard) sql: String,
    pub(in crate::guard) params: Vec<Value>,
    pub(in crate::guard) tables: Arc<BTreeSet<TableName>>,
    pub(in crate::guard) columns: Arc<BTreeSet<SourceColumn>>,
    pub(in crate::guard) functions: Arc<BTreeSet<String>>,
    pub(in crate::guard) lineage: Arc<Vec<OutputColumn>>,
    pub(in crate::guard) verdict: Verdict,
    pub(in crate::guard) findings: Vec<Finding>,
    pub(in crate::guard) policy_hash: String,
    pub(in crate::guard) catalog_version: String,
    pub(in crate::guard) row_cap: u64,
    pub(in crate::guard) expires_at: Instant,
    pub(in crate::guard) approved_by: Option<String>,
}

impl VettedSql {
    pub(in crate::guard) fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// Tenant it was vetted for.
    pub fn tenant(&self) -> &str {
        &self.parts.tenant
    }

    /// User it was vetted for.
    pub fn user(&self) -> &str {
        &self.parts.user
    }

    /// Source it was vetted for.
    pub fn source(&self) -> &str {
        &self.parts.source
    }

    /// Dialect of the text.
    pub fn dialect(&self) -> Dialect {
        self.parts.dialect
    }

    /// Why it runs.
    pub fn purpose(&self) -> Purpose {
        self.parts.purpose
    }

    /// The text as it came in.
    pub fn original(&self) -> &str {
        &self.parts.original
    }

    /// The text to be sent.
    pub fn sql(&self) -> &str {
        &self.parts.sql
    }

    /// Values of the placeholders, in order.
    pub fn params(&self) -> &[Value] {
        &self.parts.params
    }

    /// Tables and views it reads, by the catalogue's names.
    pub fn tables(&self) -> &BTreeSet<TableName> {
        &self.parts.tables
    }

    /// Columns it reads.
    pub fn columns(&self) -> &BTreeSet<SourceColumn> {
        &self.parts.columns
    }

    /// Functions it calls, lowercase.
    pub fn functions(&self) -> &BTreeSet<String> {
        &self.parts.functions
    }

    /// Whether it gives the same rows when it is run again on the same data: it asks neither the clock nor chance.
    pub fn is_repeatable(&self) -> bool {
        let Parts { dialect, functions, sql, params, .. } = &self.parts;
        is_repeatable(*dialect, functions, sql, params)
    }

    /// The columns of its result with their sources, in order.
    pub fn lineage(&self) -> &[OutputColumn] {
        &self.parts.lineage
    }

    /// Who approved it, when the verdict is `NeedsApproval`.
    pub fn approved_by(&self) -> Option<&str> {
        self.parts.approved_by.as_deref()
    }

    pub(in crate::guard) fn approve(mut self, approver: String) -> Self {
        self.parts.approved_by = Some(approver);
        self
    }

    /// `Allow` or `Rewrite`; `NeedsApproval` for a statement that somebody approved.
    pub fn verdict(&self) -> Verdict {
        self.parts.verdict
    }

    /// What the rules found without stopping it.
    pub fn findings(&self) -> &[Finding] {
        &self.parts.findings
    }

    /// Hash of the policy in force, variables bound.
    pub fn policy_hash(&self) -> &str {
        &self.parts.policy_hash
    }

    /// Version of the catalogue it was resolved against.
    pub fn catalog_version(&self) -> &str {
        &self.parts.catalog_version
    }

    /// Whether the user's policies changed what it reads: then the engine's own words about a failure stay here.
    pub fn is_restricted(&self) -> bool {
        self.parts.findings.iter().any(|finding| finding.rule == super::rules::policy::APPLIED.id)
    }

    /// Most rows it may return.
    pub fn row_cap(&self) -> u64 {
        self.parts.row_cap
    }

    /// When it stops being valid.
    pub fn expires_at(&self) -> Instant {
        self.parts.expires_at
    }
}

/// Shows what it is bound to, not its text: literals in the text may be what a user typed about a person.
impl std::fmt::Debug for VettedSql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VettedSql")
            .field("source", &self.parts.source)
            .field("purpose", &self.parts.purpose)
            .field("tables", &self.parts.tables)
            .field("verdict", &self.parts.verdict)
            .finish_non_exhaustive()
    }
}

/// What a test says about a statement it makes without the guard.
#[cfg(test)]
#[derive(Clone)]
pub(crate) struct TestStatement {
    pub(crate) tenant: String,
    pub(crate) user: String,
    pub(crate) source: String,
    pub(crate) dialect: Dialect,
    pub(crate) purpose: Purpose,
    pub(crate) sql: String,
    pub(crate) params: Vec<Value>,
    pub(crate) tables: BTreeSet<TableName>,
    pub(crate) columns: BTreeSet<SourceColumn>,
    pub(crate) functions: BTreeSet<String>,
    pub(crate) lineage: Vec<OutputColumn>,
    pub(crate) policy_hash: String,
    pub(crate) catalog_version: String,
    pub(crate) row_cap: u64,
    pub(crate) expires_at: Instant,
}

#[cfg(test)]
impl Default for TestStatement {
    /// `SELECT 1` for user `ada` of tenant `acme` at the SQLite source `shop`, catalogue `c1`, policy `p1`.
    fn default() -> Self {
        Self {
            tenant: "acme".into(),
            user: "ada".into(),
            source: "shop".into(),
            dialect: Dialect::Sqlite,
            purpose: Purpose::Sql,
            sql: "SELECT 1".into(),
            params: Vec::new(),
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
            functions: BTreeSet::new(),
            lineage: Vec::new(),
            policy_hash: "p1".into(),
            catalog_version: "c1".into(),
            row_cap: 1_000_000,
            expires_at: Instant::now() + std::time::Duration::from_secs(900),
        }
    }
}

#[cfg(test)]
impl VettedSql {
    /// A statement for tests of the rooms above the guard.
    pub(crate) fn for_tests(statement: TestStatement) -> Self {
        Self::new(Parts {
            tenant: statement.tenant,
            user: statement.user,
            source: statement.source,
            dialect: statement.dialect,
            purpose: statement.purpose,
            original: statement.sql.clone(),
            sql: statement.sql,
            params: statement.params,
            tables: Arc::new(statement.tables),
            columns: Arc::new(statement.columns),
            functions: Arc::new(statement.functions),
            lineage: Arc::new(statement.lineage),
            verdict: Verdict::Allow,
            findings: Vec::new(),
            policy_hash: statement.policy_hash,
            catalog_version: statement.catalog_version,
            row_cap: statement.row_cap,
            expires_at: statement.expires_at,
            approved_by: None,
        })
    }
}
