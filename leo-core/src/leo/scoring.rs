//! What scoring of a suite asks of a handle.

use super::Leo;
use super::options::Limits;
use crate::adapter::Action;
use crate::ask::pipeline;
use crate::catalog::TableName;
use crate::error::Result;
use crate::settings::SettingsLayer;
use crate::value::Value;

/// Rows that are compared at most.
const ROWS: u64 = 1_000_000;

impl Leo {
    /// All rows of a reference statement or an answer.
    ///
    /// # Errors
    /// `Rejected` or `NeedsApproval` when the guard refuses it, `LimitExceeded` when it has too many rows to compare; otherwise as
    /// [`sql_with`](Self::sql_with).
    pub(crate) async fn rows_for_scoring(&self, sql: &str, source: Option<&str>) -> Result<Vec<Vec<Value>>> {
        let mut settings = SettingsLayer::default();
        settings.set("ask.max_rows", ROWS)?;
        let limits = Limits { source, settings: Some(&settings), ..Limits::none() };
        self.call(Action::Ask, limits, &|_| {}, async |call| pipeline::rows_for_scoring(call, sql).await).await
    }

    /// At most `limit` tables that a question may need, best first, of those that the user may see.
    ///
    /// # Errors
    /// As [`catalog`](Self::catalog).
    pub(crate) async fn tables_for(&self, question: &str, source: Option<&str>, limit: usize) -> Result<Vec<TableName>> {
        let limits = Limits { source, ..Limits::none() };
        self.call(Action::Ask, limits, &|_| {}, async |call| {
            let access = call.authorise(Action::Ask).await?;
            call.known.tables_for(&access, question, limit)
        })
        .await
    }
}
