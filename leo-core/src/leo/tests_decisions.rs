//! What people decide about a source: how far it reaches, and that names stay what they are.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use crate::adapter::{RoleAuthorizer, Storage};
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::catalog::{Decision, PersonalDecision, RoleKind, TableName};
use crate::error::{Error, ErrorKind};
use crate::knowledge::{ColumnKnowledge, Knowledge, TableKnowledge};
use crate::seal::EnvironmentKeys;
use crate::settings::Preset;
use crate::source::sqlite::SqliteSource;
use crate::store::MemoryStorage;
use crate::sync::{OnFailure, SyncOptions, SyncProgress, SyncStage};
use crate::{Context, Leo};

fn source(id: &str, sql: &str) -> Source {
    Source::new(SqliteSource::from_sql(id, sql).unwrap())
}

fn local(sql: &str) -> Leo {
    Leo::builder().preset(Preset::Local).source(source("shop", sql)).build().unwrap()
}

/// A process of a host with tenants; all of them share `sources`.
fn embedded(storage: &Arc<dyn Storage>, audit: &Arc<MemorySink>, sources: Vec<Source>) -> Leo {
    let mut builder = Leo::builder().authorizer(Arc::new(RoleAuthorizer)).audit(Arc::clone(audit) as _);
    for source in sources {
        builder = builder.source(source);
    }
    let keys = EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap();
    builder.storage(Arc::clone(storage)).keys(Arc::new(keys)).build().unwrap()
}

fn owner(leo: &Leo, tenant: &str) -> Leo {
    leo.for_user(Context::new(tenant, "ada").unwrap().with_roles(["owner"]))
}

/// Says that the sync failed at `table`.
fn fails_at(leo: &Leo, table: &TableName) {
    let error = Error::timeout("it took too long");
    let step = SyncProgress { table: Some(table), problem: Some(&error), ..SyncProgress::at(SyncStage::Profile, 1, 1) };
    leo.what(None).unwrap().target().report.note(&step);
}

/// Tables that a sync reads.
async fn read(leo: &Leo, options: &SyncOptions) -> Vec<String> {
    let read = Mutex::new(Vec::new());
    let note = |step: SyncProgress<'_>| {
        if let (SyncStage::Profile, Some(table)) = (step.stage, step.table) {
            read.lock().unwrap().push(table.name.clone());
        }
    };
    leo.sync(None, options, &note).await.unwrap();
    read.into_inner().unwrap()
}

#[tokio::test]
async fn a_table_whose_own_name_has_a_dot_is_found_by_it() {
    // Bare as the packages of other languages hand it over, parsed as a Rust host may.
    for name in [TableName::bare("a.b"), TableName::parse("a.b"), TableName::bare("main.a.b"), TableName::bare("A.B")] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let change = |sql: &str| rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
        change("CREATE TABLE \"a.b\" (id INTEGER); CREATE TABLE c (id INTEGER)");
        let leo = Leo::builder().preset(Preset::Local).source(Source::open(&file).unwrap()).build().unwrap();
        leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
        change("INSERT INTO \"a.b\" VALUES (1); INSERT INTO c VALUES (1)");
        let only = SyncOptions { only: vec![name.clone()], ..SyncOptions::default() };
        assert_eq!(read(&leo, &only).await, ["a.b"], "{name}");
        let own = leo.catalog(None).await.unwrap().table_called("a.b").unwrap().name.clone();
        fails_at(&leo, &own);
        let status = leo.resolve_failed(None, std::slice::from_ref(&name), OnFailure::SkipAndContinue, &|_| {}).await.unwrap();
        assert!(status.failed[0].skipped && status.failed[0].table == own, "{name}");
        let missing = leo.resolve_failed(None, &[TableName::bare("a")], OnFailure::Retry, &|_| {}).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    }

    let leo = local(
        "CREATE TABLE \"a.b\" (id INTEGER PRIMARY KEY, placed TEXT); INSERT INTO \"a.b\" VALUES (1, '2020-01-02'), (2, '2020-01-03')",
    );
    leo.import_knowledge(None, "tables: { a.b: { fresh_within_hours: 24 } }", None).await.unwrap();
    let catalog = leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    let quality = catalog.tables[0].quality.as_ref().unwrap();
    assert!(quality.checks.iter().any(|check| check.id == "freshness(placed)" && !check.passed), "{quality:?}");
}

#[tokio::test]
async fn a_part_that_was_rejected_is_not_found_again() {
    let leo = local(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE clubs (id INTEGER PRIMARY KEY, name TEXT); \
         CREATE TABLE members (person_id INTEGER REFERENCES people (id), club_id INTEGER REFERENCES clubs (id), PRIMARY KEY (person_id, club_id)); \
         INSERT INTO people VALUES (1, 'Ada'), (2, 'Bob'); INSERT INTO clubs VALUES (1, 'Chess'); INSERT INTO members VALUES (1, 1), (2, 1)",
    );
    let members = |catalog: &crate::catalog::Catalog| catalog.table_called("members").unwrap().clone();
    let found = members(&leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap());
    assert_eq!(found.part(), Some(RoleKind::Bridge));
    assert!(found.description.as_ref().unwrap().text.starts_with("Links "));

    leo.import_knowledge(None, "tables: { members: { role: none } }", None).await.unwrap();
    for synced in [false, true] {
        if synced {
            leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
        }
        let now = members(&leo.catalog(None).await.unwrap());
        assert!(now.part().is_none() && now.role.as_ref().unwrap().confirmed);
        assert!(!now.description.as_ref().unwrap().text.starts_with("Links "), "{:?}", now.description);
        let map = leo.map(None).await.unwrap();
        assert!(map.tables.iter().find(|table| table.name.name == "members").unwrap().role.is_none());
    }
    assert!(leo.export_knowledge(None).await.unwrap().contains("role: none"));
    // The decision is on record, and can be taken back.
    let events = leo.recent_audit().await.unwrap();
    assert_eq!(events.iter().filter(|event| event.action == "knowledge_changed").count(), 1);
    leo.set_knowledge(None, Knowledge::default(), Some(1)).await.unwrap();
    assert_eq!(members(&leo.catalog(None).await.unwrap()).part(), Some(RoleKind::Bridge));
}

#[tokio::test]
async fn what_holds_for_all_tenants_the_host_alone_decides() {
    let (storage, audit): (Arc<dyn Storage>, _) = (Arc::new(MemoryStorage::default()), Arc::new(MemorySink::default()));
    let shop = || {
        source(
            "shop",
            "CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1); CREATE TABLE b (n INTEGER); INSERT INTO b VALUES (2)",
        )
    };
    let leo = embedded(&storage, &audit, vec![shop()]);
    let (acme, beta) = (owner(&leo, "acme"), owner(&leo, "beta"));
    acme.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    let table = acme.catalog(None).await.unwrap().tables[0].name.clone();
    fails_at(&acme, &table);
    for action in [OnFailure::SkipAndContinue, OnFailure::RetryWithSampling] {
        let denied = acme.resolve_failed(None, std::slice::from_ref(&table), action, &|_| {}).await.unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::Denied, "{denied}");
        assert!(denied.message().contains("the host alone"), "{denied}");
    }
    let status = beta.sync_status(None).await.unwrap();
    assert!(!status.failed[0].skipped && status.sampled.is_empty(), "nothing changed for the other tenant");
    let denied = PersonalDecision { table: table.clone(), column: "n".into(), decision: Decision::Reject };
    assert_eq!(acme.decide_personal(None, &[denied]).await.unwrap_err().kind(), ErrorKind::Denied, "as for other decisions");
    assert_eq!(acme.set_knowledge(None, Knowledge::default(), None).await.unwrap_err().kind(), ErrorKind::Denied);
    // Another try is a sync like others.
    assert!(beta.resolve_failed(None, &[], OnFailure::Retry, &|_| {}).await.unwrap().failed.is_empty());

    // What the host decided no tenant undoes.
    fails_at(&acme, &table);
    acme.what(None).unwrap().target().report.decide(std::slice::from_ref(&table), OnFailure::SkipAndContinue);
    let denied = acme.resolve_failed(None, std::slice::from_ref(&table), OnFailure::Retry, &|_| {}).await.unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::Denied);
    assert!(acme.sync_status(None).await.unwrap().failed[0].skipped);

    // At a source of its own a tenant decides for itself.
    acme.sources().add(source("own", "CREATE TABLE a (n INTEGER)")).await.unwrap();
    acme.sync(Some("own"), &SyncOptions::default(), &|_| {}).await.unwrap();
    let own = acme.what(Some("own")).unwrap().target();
    let error = Error::timeout("it took too long");
    own.report.note(&SyncProgress { table: Some(&table), problem: Some(&error), ..SyncProgress::at(SyncStage::Profile, 1, 1) });
    assert!(acme.resolve_failed(Some("own"), &[], OnFailure::SkipAndContinue, &|_| {}).await.unwrap().failed[0].skipped);
}

fn said(table: &str, column: &str) -> Knowledge {
    let personal = ColumnKnowledge { personal: Some("email".into()), ..ColumnKnowledge::default() };
    let known = TableKnowledge { columns: [(column.to_owned(), personal)].into(), ..TableKnowledge::default() };
    Knowledge { tables: [(table.to_owned(), known)].into(), ..Knowledge::default() }
}

#[tokio::test]
async fn what_one_tenant_says_of_a_source_no_other_one_of_that_name_hears() {
    let (storage, audit): (Arc<dyn Storage>, _) = (Arc::new(MemoryStorage::default()), Arc::new(MemorySink::default()));
    let ledger = || source("ledger", "CREATE TABLE people (mail TEXT)");
    let kind = async |leo: &Leo| {
        let catalog = leo.catalog(Some("ledger")).await.unwrap();
        catalog.tables[0].columns[0].protected_kind().map(str::to_owned)
    };
    // In one process, and in the next one, which reads what is kept.
    for is_first in [true, false] {
        let leo = embedded(&storage, &audit, Vec::new());
        let (acme, beta) = (owner(&leo, "acme"), owner(&leo, "beta"));
        acme.sources().add(ledger()).await.unwrap();
        beta.sources().add(ledger()).await.unwrap();
        if is_first {
            acme.set_knowledge(Some("ledger"), said("people", "mail"), None).await.unwrap();
        }
        assert_eq!((kind(&acme).await.as_deref(), kind(&beta).await), (Some("email"), None));
        assert_eq!(acme.knowledge(Some("ledger")).await.unwrap().version, 1);
        assert_eq!(beta.knowledge(Some("ledger")).await.unwrap().version, 0);
        assert!(beta.knowledge_at(Some("ledger"), 1).await.is_err());
    }
    // A source that the host shares under the same name is another one, too.
    let leo = embedded(&storage, &audit, vec![ledger()]);
    assert_eq!(kind(&owner(&leo, "acme")).await, None);
    assert_eq!(owner(&leo, "acme").knowledge(Some("ledger")).await.unwrap().version, 0);
}

#[tokio::test]
async fn what_was_said_of_another_database_is_told_and_stops_nothing() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let open = |sql: &str| {
        Leo::builder().preset(Preset::Local).storage(Arc::clone(&storage)).source(source("shop", sql)).build().unwrap()
    };
    let first = open("CREATE TABLE people (mail TEXT, nick TEXT); CREATE TABLE gone (n INTEGER)");
    let mut knowledge = said("people", "nick");
    knowledge.tables.entry("people".into()).or_default().description = Some("Who buys.".into());
    knowledge.tables.insert("gone".into(), TableKnowledge { favourite: true, ..TableKnowledge::default() });
    first.set_knowledge(None, knowledge.clone(), None).await.unwrap();
    first.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    assert!(first.sync_status(None).await.unwrap().mistakes.is_empty());

    // Knowledge follows the id: what fits holds, what does not is told.
    let second = open("CREATE TABLE people (mail TEXT)");
    let catalog = second.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    assert_eq!(catalog.tables[0].comment.as_deref(), Some("Who buys."));
    let told: Vec<String> = second.sync_status(None).await.unwrap().mistakes.iter().map(|mistake| mistake.at.clone()).collect();
    assert_eq!(told, ["tables.gone", "tables.people.columns.nick"]);
    assert!(second.knowledge(None).await.unwrap().knowledge == knowledge, "nothing is lost: it may come back");
}
