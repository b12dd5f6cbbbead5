//! The tokens a statement collects on its way to the database.

use super::attempt::Attempt;
use super::connector::Estimate;
use crate::guard::VettedSql;

/// A vetted statement whose attempt is in the audit. Dropping it closes the attempt as `cancelled`.
///
/// ```compile_fail
/// fn copied(sql: &leo::gate::Recorded) -> leo::gate::Recorded { sql.clone() }
/// ```
/// ```compile_fail
/// fn forged(sql: leo::guard::VettedSql) -> leo::gate::Recorded { leo::gate::Recorded { sql, attempt: String::new() } }
/// ```
/// ```compile_fail
/// let sql: leo::gate::Recorded = serde_json::from_str("{}").unwrap();
/// ```
#[derive(Debug)]
pub struct Recorded {
    pub(in crate::gate) sql: VettedSql,
    pub(in crate::gate) attempt: Attempt,
}

impl Recorded {
    /// The statement.
    pub fn sql(&self) -> &VettedSql {
        &self.sql
    }

    /// Id of the attempt's audit event.
    pub fn attempt(&self) -> &str {
        self.attempt.id()
    }
}

/// A recorded statement whose price was accepted: what a connector runs.
///
/// ```compile_fail
/// fn copied(sql: &leo::gate::Cleared) -> leo::gate::Cleared { sql.clone() }
/// ```
/// ```compile_fail
/// fn forged(sql: leo::gate::Recorded) -> leo::gate::Cleared { leo::gate::Cleared { recorded: sql, estimate: None } }
/// ```
/// ```compile_fail
/// let sql: leo::gate::Cleared = serde_json::from_str("{}").unwrap();
/// ```
#[derive(Debug)]
pub struct Cleared {
    pub(in crate::gate) recorded: Recorded,
    pub(in crate::gate) estimate: Option<Estimate>,
    pub(in crate::gate) no_estimate: bool,
}

impl Cleared {
    /// The statement.
    pub fn sql(&self) -> &VettedSql {
        &self.recorded.sql
    }

    /// Id of the attempt's audit event.
    pub fn attempt(&self) -> &str {
        self.recorded.attempt.id()
    }

    /// What it was estimated to cost, where the engine says.
    pub fn estimate(&self) -> Option<&Estimate> {
        self.estimate.as_ref()
    }

    /// Whether a price limit was set that could not be applied, because the engine gave no estimate.
    pub fn no_estimate(&self) -> bool {
        self.no_estimate
    }
}
