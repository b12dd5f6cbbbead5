//! What goes into the guard and what comes out.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::vetted::{OutputColumn, Purpose, SourceColumn, VettedSql};
use crate::adapter::Access;
use crate::catalog::{Catalog, TableName};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Finding, Verdict};
use crate::settings::GuardLimits;
use crate::value::Value;

/// A statement to be vetted, and what it is vetted against.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who runs it.
    pub ctx: &'a Context,
    /// Id of the source it is for.
    pub source: &'a str,
    /// The source's catalogue; its dialect is the statement's.
    pub catalog: &'a Catalog,
    /// What the user may see.
    pub access: &'a Access,
    /// Limits.
    pub settings: &'a GuardLimits,
    /// The text.
    pub sql: &'a str,
    /// Values of the placeholders, in order.
    pub params: &'a [Value],
    /// Why it runs.
    pub purpose: Purpose,
}

/// The guard's answer.
///
/// In JSON: `verdict`, `findings`, `rewritten`, `tables`, `columns`, `functions`, `lineage`, `micros`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Vetting {
    /// The worst that any finding asks for; without findings, `Allow`.
    pub verdict: Verdict,
    /// What the rules found, in order of the text as far as known.
    pub findings: Vec<Finding>,
    /// The text to be sent, where it is not the request's own: with an `Allow` only spelled out and capped.
    pub rewritten: Option<String>,
    /// Tables and views it reads. Complete unless the verdict is `Block`.
    pub tables: Arc<BTreeSet<TableName>>,
    /// Columns it reads; SQLite's row id is the column `rowid`. Complete unless the verdict is `Block`.
    pub columns: Arc<BTreeSet<SourceColumn>>,
    /// Functions it calls, lower case, those behind operators included (`like`, `glob`, `->`). Complete unless the verdict is `Block`.
    pub functions: Arc<BTreeSet<String>>,
    /// The columns of its result with their sources, in order. Complete unless the verdict is `Block`.
    pub lineage: Arc<Vec<OutputColumn>>,
    /// How long vetting took.
    pub micros: u64,
    /// The statement that may go on, when the verdict is `Allow` or `Rewrite`.
    #[serde(skip)]
    pub vetted: Option<VettedSql>,
    /// The statement that may go on once somebody approves it, when the verdict is `NeedsApproval`.
    #[serde(skip)]
    pub(in crate::guard) pending: Option<VettedSql>,
}

impl Vetting {
    /// The statement, or why there is none.
    ///
    /// # Errors
    /// `Rejected` or `NeedsApproval`, with the findings attached.
    pub fn into_result(self) -> Result<VettedSql> {
        if let Some(vetted) = self.vetted {
            return Ok(vetted);
        }
        let worst = self.findings.iter().find(|finding| finding.verdict == self.verdict);
        let why = worst.map_or("the statement may not run", |finding| finding.message.as_str());
        let (kind, message) = match self.verdict {
            Verdict::NeedsApproval => (ErrorKind::NeedsApproval, format!("this statement needs approval: {why}")),
            _ => (ErrorKind::Rejected, format!("this statement may not run: {why}")),
        };
        Err(Error::new(kind, message).with_findings(self.findings))
    }
}
