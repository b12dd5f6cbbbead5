//! What is known of a source, and what the host settles.

use leo::catalog::TableName;
use leo::sync::{OnFailure, SyncOptions};
use leo::{Error, Leo, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{Call, Reply};
use crate::arguments::suggestion;
use crate::context::millis;
use crate::events::{Event, Events};
use crate::options::layer;

/// What is known about a source, as far as the user may see it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalog {
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for Catalog {
    const NAME: &'static str = "catalog";
    const RETURNS: &'static str = "Catalog";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&*leo.catalog(self.source.as_deref()).await?)
    }
}

/// Tables and columns of a source that fit words, best first.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// The words.
    words: String,
    /// Id of the source; needed when there are several.
    source: Option<String>,
    /// Hits at most.
    #[serde(default = "hits")]
    limit: usize,
}

fn hits() -> usize {
    20
}

impl Call for Search {
    const NAME: &'static str = "search";
    const RETURNS: &'static str = "Hit[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.search(&self.words, self.source.as_deref(), self.limit).await?)
    }
}

/// Reads a source's structure, statistics and relationships anew.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sync {
    /// Id of the source; needed when there are several.
    source: Option<String>,
    /// Globs over `schema.table`; empty means all.
    #[serde(default)]
    include: Vec<String>,
    /// Globs over `schema.table`; they win.
    #[serde(default)]
    exclude: Vec<String>,
    /// Whether tables are read for statistics.
    #[serde(default = "yes")]
    profile: bool,
    /// Milliseconds for one table.
    #[serde(default = "a_minute")]
    table_timeout_ms: u64,
    /// Tables read at a time.
    #[serde(default = "a_few")]
    parallel: usize,
    /// Tables, `schema.table`, whose rows are read; what is known of others stays. Empty means all.
    #[serde(default)]
    only: Vec<String>,
}

fn yes() -> bool {
    true
}

fn a_minute() -> u64 {
    60_000
}

fn a_few() -> usize {
    SyncOptions::default().parallel
}

impl Sync {
    fn into_parts(self) -> (Option<String>, SyncOptions) {
        let mut options =
            SyncOptions { profile: self.profile, table_timeout: millis(self.table_timeout_ms), ..SyncOptions::default() };
        options.parallel = self.parallel;
        options.only = self.only.into_iter().map(TableName::bare).collect();
        options.introspect.include = self.include;
        options.introspect.exclude = self.exclude;
        (self.source, options)
    }
}

impl Call for Sync {
    const NAME: &'static str = "sync";
    const RETURNS: &'static str = "Catalog";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let (source, options) = self.into_parts();
        Reply::json(&*leo.sync(source.as_deref(), &options, &|_| {}).await?)
    }
}

/// Reads a source anew, telling how far it is.
#[derive(Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct SyncStream(Sync);

impl Call for SyncStream {
    const NAME: &'static str = "sync_stream";
    const RETURNS: &'static str = "events";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let (source, options) = self.0.into_parts();
        let leo = leo.clone();
        Ok(Reply::Events(Events::start(move |teller| async move {
            let catalog = leo.sync(source.as_deref(), &options, &|progress| teller.tell(Event::of_sync(&progress))).await?;
            Reply::json(&*catalog)
        })))
    }
}

/// How far the sync of a source is, or how the last one went.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SyncStatus {
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for SyncStatus {
    const NAME: &'static str = "sync_status";
    const RETURNS: &'static str = "SyncStatus";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sync_status(self.source.as_deref()).await?)
    }
}

/// Does something about tables that a sync could not read.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResolveFailed {
    /// `retry`, `retry_with_sampling` or `skip_and_continue`.
    action: String,
    /// The tables, `schema.table`; empty means all that failed and were not skipped.
    #[serde(default)]
    tables: Vec<String>,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for ResolveFailed {
    const NAME: &'static str = "resolve_failed";
    const RETURNS: &'static str = "SyncStatus";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let known = [OnFailure::Retry, OnFailure::RetryWithSampling, OnFailure::SkipAndContinue];
        let action = known.into_iter().find(|known| known.as_str() == self.action).ok_or_else(|| {
            let names = known.map(OnFailure::as_str);
            Error::config(format!("there is no action `{}`; {}", self.action, suggestion(&self.action, &names)))
        })?;
        let tables: Vec<TableName> = self.tables.into_iter().map(TableName::bare).collect();
        Reply::json(&leo.resolve_failed(self.source.as_deref(), &tables, action, &|_| {}).await?)
    }
}

/// Syncs the sources that are due by now.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunDue {}

impl Call for RunDue {
    const NAME: &'static str = "run_due";
    const RETURNS: &'static str = "DueSync[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.run_due().await?)
    }
}

/// Turns execution on or off for a source.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetExecution {
    /// Whether statements may run.
    on: bool,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for SetExecution {
    const NAME: &'static str = "set_execution";
    const RETURNS: &'static str = "nothing";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        leo.set_execution(self.source.as_deref(), self.on).await.map(|()| Reply::Nothing)
    }
}

/// The settings in force for the user and a source, each with where it was set.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for Settings {
    const NAME: &'static str = "settings";
    const RETURNS: &'static str = "Explained[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.settings(self.source.as_deref()).await?.explain())
    }
}

/// Replaces the settings of the user's tenant, from the next call on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetTenantSettings {
    /// The settings.
    settings: Map<String, Json>,
}

impl Call for SetTenantSettings {
    const NAME: &'static str = "set_tenant_settings";
    const RETURNS: &'static str = "nothing";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        leo.set_tenant_settings(layer(self.settings)?).await.map(|()| Reply::Nothing)
    }
}

/// The user's own tenant's records that the audit in memory still holds, oldest first.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecentAudit {}

impl Call for RecentAudit {
    const NAME: &'static str = "recent_audit";
    const RETURNS: &'static str = "AuditEvent[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.recent_audit().await?)
    }
}

/// What the tenant's users spent on models from one day to another, both included: by day of UTC, user and model.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelSpending {
    /// The first day, such as `2026-11-01`.
    first: String,
    /// The last day.
    last: String,
}

impl Call for ModelSpending {
    const NAME: &'static str = "model_spending";
    const RETURNS: &'static str = "ModelSpending[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.model_spending(day("first", &self.first)?, day("last", &self.last)?).await?)
    }
}

fn day(argument: &str, text: &str) -> Result<jiff::civil::Date> {
    text.parse().map_err(|_| Error::config(format!("`{argument}` is a day in ISO form, such as `2026-11-30`")))
}

/// How each model did since the process began, in the order in which they are asked; for the host alone.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelStatistics {}

impl Call for ModelStatistics {
    const NAME: &'static str = "model_statistics";
    const RETURNS: &'static str = "ModelStatistics[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.model_statistics()?)
    }
}

/// A sentence for the user, once, when the audit in memory had to drop records.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditNotice {}

impl Call for AuditNotice {
    const NAME: &'static str = "audit_notice";
    const RETURNS: &'static str = "string?";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.audit_notice())
    }
}

/// Closes every connection; later calls fail with `closed`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Close {}

impl Call for Close {
    const NAME: &'static str = "close";
    const RETURNS: &'static str = "nothing";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        leo.close().await.map(|()| Reply::Nothing)
    }
}
