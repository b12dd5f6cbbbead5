//! What a sync leaves undone, and what can be done about it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use async_trait::async_trait;
use jiff::SignedDuration;

use crate::adapter::{HostCatalog, HostConnector, KeyStore, SqlRequest, Started, Storage};
use crate::builder::Source;
use crate::catalog::TableName;
use crate::context::HostContext;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::ConnectorInfo;
use crate::seal::EnvironmentKeys;
use crate::settings::{Preset, SettingsLayer};
use crate::store::MemoryStorage;
use crate::sync::{FailureClass, OnFailure, SyncOptions, SyncState};
use crate::{Dialect, Leo};

/// Three tables of one number; one of them may be out of order.
#[derive(Debug, Default)]
struct Host {
    broken: Mutex<Option<&'static str>>,
    /// Tables read, each with the rows asked for.
    read: Mutex<Vec<(String, u64)>>,
    given: Mutex<bool>,
}

impl Host {
    fn breaks(&self, table: Option<&'static str>) {
        *self.broken.lock().unwrap() = table;
    }

    /// Tables read since the last time somebody asked.
    fn read(&self) -> Vec<String> {
        let mut read: Vec<String> = self.read.lock().unwrap().drain(..).map(|(table, _)| table).collect();
        read.sort();
        read
    }
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]))
}

/// The host as several handles share it.
#[derive(Debug, Clone)]
struct Shared(Arc<Host>);

#[async_trait]
impl HostConnector for Shared {
    async fn introspect(&self, _: HostContext) -> Result<HostCatalog> {
        let table = |name: &str| format!(r#"{{"name": "{name}", "columns": [{{"name": "n", "type": "INTEGER"}}]}}"#);
        let tables = ["a", "b", "c"].map(table).join(", ");
        Ok(serde_json::from_str(&format!(r#"{{"dialect": "sqlite", "tables": [{tables}]}}"#)).unwrap())
    }

    async fn start(&self, _: HostContext, request: SqlRequest) -> Result<Started> {
        let is_from =
            |table: &&str| [format!("FROM {table}"), format!("FROM main.{table}")].iter().any(|from| request.sql.contains(from));
        let table = ["a", "b", "c"].into_iter().find(is_from).unwrap_or_else(|| panic!("{}", request.sql));
        self.0.read.lock().unwrap().push((table.to_owned(), request.row_cap));
        if *self.0.broken.lock().unwrap() == Some(table) {
            return Err(Error::denied("ada:hunter2 may not read it"));
        }
        *self.0.given.lock().unwrap() = false;
        Ok(Started { id: 1, schema: schema() })
    }

    async fn next(&self, _: u64) -> Result<Option<RecordBatch>> {
        let given = std::mem::replace(&mut *self.0.given.lock().unwrap(), true);
        Ok((!given).then(|| RecordBatch::try_new(schema(), vec![Arc::new(Int64Array::from(vec![1, 2, 3]))]).unwrap()))
    }

    async fn stop(&self, _: u64) -> Result<()> {
        Ok(())
    }
}

fn keys() -> Arc<dyn KeyStore> {
    Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap())
}

fn leo(host: &Arc<Host>, storage: Option<&Arc<dyn Storage>>) -> Leo {
    let info =
        ConnectorInfo { source: "shop".into(), dialect: Dialect::Sqlite, engine: "abacus".into(), engine_version: "1".into() };
    let source = Source::host(info, Arc::new(Shared(Arc::clone(host))));
    let settings = SettingsLayer::parse(r#"{"sync": {"interval_minutes": 60}}"#).unwrap();
    let builder = Leo::builder().preset(Preset::Local).source(source).settings(settings);
    match storage {
        Some(storage) => builder.storage(Arc::clone(storage)).keys(keys()),
        None => builder,
    }
    .build()
    .unwrap()
}

/// One table at a time, so that the host knows which one it gives.
fn options() -> SyncOptions {
    SyncOptions { parallel: 1, ..SyncOptions::default() }
}

#[tokio::test]
async fn tables_that_failed_are_told_and_read_again_alone() {
    let host = Arc::new(Host::default());
    let leo = leo(&host, None);
    assert_eq!(leo.sync_status(None).await.unwrap().state, SyncState::Pending);
    host.breaks(Some("b"));
    let catalog = leo.sync(None, &options(), &|_| {}).await.unwrap();
    assert!(catalog.tables[0].statistics.is_some() && catalog.tables[1].statistics.is_none());
    let status = leo.sync_status(None).await.unwrap();
    assert_eq!((status.state, status.failed.len()), (SyncState::Completed, 1));
    let failed = &status.failed[0];
    assert_eq!((failed.table.to_string().as_str(), failed.class, failed.skipped), ("b", FailureClass::Other, false));
    assert!(!format!("{status:?}").contains("hunter2"));
    host.read();

    // What failed is read again, and nothing else.
    host.breaks(None);
    let status = leo.resolve_failed(None, &[], OnFailure::Retry, &|_| {}).await.unwrap();
    assert_eq!((host.read(), status.failed), (vec!["b".to_owned()], vec![]));
    let catalog = leo.catalog(None).await.unwrap();
    assert!(catalog.tables.iter().all(|table| table.statistics.is_some()));
    // Both decisions are on record.
    let events = leo.recent_audit().await.unwrap();
    assert_eq!(events.iter().filter(|event| event.action == "workflow_state_transition").count(), 1);

    let unknown = leo.resolve_failed(None, &[TableName::bare("a")], OnFailure::Retry, &|_| {}).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_was_decided_holds_in_later_syncs_and_processes() {
    let host = Arc::new(Host::default());
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let first = leo(&host, Some(&storage));
    host.breaks(Some("b"));
    first.sync(None, &options(), &|_| {}).await.unwrap();
    first.resolve_failed(None, &[], OnFailure::SkipAndContinue, &|_| {}).await.unwrap();
    host.read();
    let second = leo(&host, Some(&storage));
    assert!(second.sync_status(None).await.unwrap().failed[0].skipped);
    second.sync(None, &options(), &|_| {}).await.unwrap();
    assert_eq!(host.read(), ["a", "c"]);
    assert_eq!(second.sync_status(None).await.unwrap().failed.len(), 1);

    // Named, it is tried again; with its first rows alone, from now on.
    host.breaks(None);
    let b = [TableName::bare("b")];
    second.resolve_failed(None, &b, OnFailure::RetryWithSampling, &|_| {}).await.unwrap();
    let first_rows = host.read.lock().unwrap().drain(..).next().unwrap();
    assert!(first_rows.0 == "b" && first_rows.1 <= 10_001, "{first_rows:?}");
    let third = leo(&host, Some(&storage));
    let status = third.sync_status(None).await.unwrap();
    assert!(status.failed.is_empty() && status.sampled.contains(&b[0]));
    third.sync(None, &options(), &|_| {}).await.unwrap();
    let read = host.read.lock().unwrap().clone();
    assert!(read.iter().any(|(table, rows)| table == "b" && *rows <= 10_001), "{read:?}");
    assert!(read.iter().any(|(table, rows)| table == "a" && *rows > 10_001), "{read:?}");
}

#[tokio::test]
async fn a_sync_that_is_given_up_has_failed() {
    let host = Arc::new(Host::default());
    let leo = leo(&host, None);
    let options = options();
    let abandoned = leo.sync(None, &options, &|_| panic!("the host's own callback"));
    let abandoned = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(abandoned)).await;
    assert!(abandoned.is_err());
    let status = leo.sync_status(None).await.unwrap();
    assert!(status.state == SyncState::Failed && status.ended.is_some() && status.error.is_some());
}

#[tokio::test]
async fn what_is_due_is_done_once() {
    let host = Arc::new(Host::default());
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let (one, other) = (leo(&host, Some(&storage)), leo(&host, Some(&storage)));
    let done = one.run_due().await.unwrap();
    assert_eq!((done.len(), done[0].source.as_str(), done[0].due), (1, "shop", None));
    assert_eq!(done[0].status.as_ref().unwrap().state, SyncState::Completed);
    // Another process finds that it was done; an hour later it is due again.
    assert!(other.run_due().await.unwrap().is_empty());
    let ctx = other.identity().unwrap().clone();
    let now = jiff::Timestamp::now() + SignedDuration::from_mins(61);
    let later = other.for_user(ctx.with_now(now));
    assert!(later.run_due().await.unwrap()[0].due.is_some_and(|due| due <= now));
}

#[tokio::test]
async fn what_is_due_is_done_once_by_those_who_come_at_the_same_time() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    for storage in [Some(&storage), None] {
        let host = Arc::new(Host::default());
        let one = leo(&host, storage);
        // Two processes where there is a storage, two calls of one process where there is none.
        let other = if storage.is_some() { leo(&host, storage) } else { one.clone() };
        let (first, second) = tokio::join!(one.run_due(), other.run_due());
        assert_eq!(first.unwrap().len() + second.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_people_say_is_kept_with_its_versions_and_holds_at_once() {
    let host = Arc::new(Host::default());
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let one = leo(&host, Some(&storage));
    one.sync(None, &options(), &|_| {}).await.unwrap();
    assert_eq!(one.knowledge(None).await.unwrap().version, 0);
    let yaml = "tables: { a: { description: What is counted., columns: { n: { personal: national_id } } } }";
    assert_eq!(one.import_knowledge(None, yaml, Some(0)).await.unwrap(), 1);
    let column = |catalog: &crate::catalog::Catalog| catalog.tables[0].columns[0].protected_kind().map(str::to_owned);
    assert_eq!(column(&one.catalog(None).await.unwrap()).as_deref(), Some("national_id"));
    // It outlives syncs, and other processes know it from the first question on.
    one.sync(None, &options(), &|_| {}).await.unwrap();
    assert!(column(&one.catalog(None).await.unwrap()).is_some());
    let other = leo(&host, Some(&storage));
    assert_eq!(other.catalog(None).await.unwrap().tables[0].comment.as_deref(), Some("What is counted."));

    // Who did not see the last change does not undo it; what was said before can be looked up.
    let stale = one.set_knowledge(None, crate::knowledge::Knowledge::default(), Some(0)).await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::Conflict);
    assert_eq!(one.set_knowledge(None, crate::knowledge::Knowledge::default(), Some(1)).await.unwrap(), 2);
    assert!(column(&one.catalog(None).await.unwrap()).is_none());
    assert!(one.knowledge_at(None, 1).await.unwrap().knowledge.tables.contains_key("a"));
    assert_eq!(one.knowledge_at(None, 7).await.unwrap_err().kind(), ErrorKind::NotFound);

    let refused = one.import_knowledge(None, "\ntables: { aa: { favourite: true } }", None).await.unwrap_err();
    assert!(refused.message().contains("line 2") && refused.message().contains("no table `aa`"), "{refused}");
    assert_eq!(one.check_knowledge(None, "tables: { aa: { favourite: true } }").await.unwrap().len(), 1);
    assert!(one.export_knowledge(None).await.unwrap().starts_with("leo: 1"));
    let events = one.recent_audit().await.unwrap();
    assert_eq!(events.iter().filter(|event| event.action == "knowledge_changed").count(), 2);
}

#[tokio::test]
async fn knowledge_that_cannot_be_read_shows_nothing() {
    let host = Arc::new(Host::default());
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let one = leo(&host, Some(&storage));
    one.set_knowledge(None, crate::knowledge::Knowledge::default(), None).await.unwrap();
    let key =
        storage.list_page("v1/", None, 100).await.unwrap().into_iter().find(|key| key.ends_with("knowledge%2fshop")).unwrap();
    storage.put(&key, b"\0{}".to_vec(), crate::adapter::PutOptions::new()).await.unwrap();
    let other = leo(&host, Some(&storage));
    assert_eq!(other.catalog(None).await.unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn what_people_decide_about_personal_data_holds_after_the_next_sync() {
    let source = crate::source::sqlite::SqliteSource::from_sql(
        "people",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, phone TEXT); INSERT INTO people VALUES (1, NULL, NULL)",
    );
    let leo = Leo::builder().preset(Preset::Local).source(Source::new(source.unwrap())).build().unwrap();
    let waiting = leo.personal_review(None).await.unwrap();
    let shown: Vec<_> = waiting.iter().map(|finding| (finding.column.as_str(), finding.kind.as_str())).collect();
    assert_eq!(shown, [("email", "email"), ("phone", "phone")]);
    let decisions = [waiting[0].confirm(), waiting[1].reject()];
    assert_eq!(leo.decide_personal(None, &decisions).await.unwrap(), 1);
    for _ in 0..2 {
        let catalog = leo.sync(None, &options(), &|_| {}).await.unwrap();
        let kinds: Vec<_> = catalog.tables[0].columns.iter().map(|column| column.protected_kind()).collect();
        assert_eq!(kinds, [None, Some("email"), None]);
        assert!(leo.personal_review(None).await.unwrap().is_empty());
    }
    let mut gone = decisions[0].clone();
    gone.column = "mail".into();
    assert!(leo.decide_personal(None, &[gone]).await.unwrap_err().message().contains("did you mean"));
    // A confirmation that there is nothing to confirm would show what it seems to hide.
    let mut unclear = waiting[1].clone();
    unclear.kind = "None".into();
    let refused = leo.decide_personal(None, &[waiting[0].reject(), unclear.confirm()]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Config);
    assert!(refused.message().contains("reject"), "{refused}");
    assert_eq!(leo.knowledge(None).await.unwrap().version, 1);
}
