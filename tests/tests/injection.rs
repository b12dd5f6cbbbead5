//! Injection payloads as text of statements, as values, as names and as cells: nothing changes the data, nothing outside the
//! catalogue is read, nothing crashes.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use leo::adapter::{Access, AuditSink};
use leo::catalog::Catalog;
use leo::gate::{self, Connector, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions, RecordMeta};
use leo::guard::{Purpose, Request, vet};
use leo::settings::GuardLimits;
use leo::source::sqlite::SqliteSource;
use leo::{Context, Dialect, ErrorKind, Result, Table, Value};

fn payloads() -> Option<Vec<String>> {
    let root = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(root.join("guard/injection_payloads.jsonl")) else {
        println!("skipped: the shared data is not here");
        return None;
    };
    let row = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().to_owned();
    let payloads: Vec<String> = text.lines().map(row).collect();
    assert_eq!(payloads.len(), 1_615);
    Some(payloads)
}

/// A source behind guard and gate.
struct Door {
    ctx: Context,
    audit: Arc<dyn AuditSink>,
    source: SqliteSource,
    catalog: Catalog,
}

impl Door {
    async fn of(source: SqliteSource) -> Self {
        let ctx = Context::new("t", "u").unwrap();
        let audit: Arc<dyn AuditSink> = Arc::new(leo::audit::MemorySink::with_capacity(10));
        let catalog = gate::introspect(&ctx, &source, IntrospectOptions::default(), &audit, RecordMeta::default()).await.unwrap();
        Self { ctx, audit, source, catalog }
    }

    async fn sql(&self, sql: &str, params: &[Value]) -> Result<Table> {
        let vetted = vet(&Request {
            ctx: &self.ctx,
            source: &self.source.info().source,
            catalog: &self.catalog,
            access: &Access::full(),
            settings: &GuardLimits::default(),
            sql,
            params,
            purpose: Purpose::Sql,
        })
        .into_result()?;
        // What it reads is in the catalogue.
        assert!(vetted.tables().iter().all(|table| self.catalog.table(table).is_some()), "{sql}");
        let policy_hash = vetted.policy_hash().to_owned();
        let now = InForce { catalog_version: self.catalog.version(), policy_hash: &policy_hash };
        let recorded = gate::record(&self.ctx, vetted, &self.audit, RecordMeta::default()).await?;
        let Priced::Cleared(cleared) = gate::price(&self.ctx, recorded, &self.source, now, &PriceLimits::default()).await? else {
            panic!("no limits were set")
        };
        Ok(gate::collect(gate::run(&self.ctx, cleared, &self.source, now, QueryOptions::default()).await?).await?.table)
    }
}

/// The sample company in a folder of its own, and what is in the folder.
struct Watched {
    folder: tempfile::TempDir,
    before: Vec<(PathBuf, Vec<u8>)>,
}

impl Watched {
    fn new() -> (Self, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = leo::sample::create(folder.path().join("company.db")).unwrap().path;
        let before = content(folder.path());
        (Self { folder, before }, path)
    }

    fn assert_untouched(&self) {
        let after = content(self.folder.path());
        let names = |files: &[(PathBuf, Vec<u8>)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
        assert_eq!(names(&after), names(&self.before));
        assert!(after == self.before, "the file changed");
    }
}

fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn payloads_in_the_text_of_a_statement() {
    let Some(payloads) = payloads() else { return };
    let (watched, path) = Watched::new();
    let door = Door::of(SqliteSource::open("sample", &path).unwrap()).await;
    let (mut ran, mut refused) = (0, 0);
    for payload in &payloads {
        for sql in [
            payload.clone(),
            format!("SELECT region_name FROM regions WHERE region_name = '{payload}'"),
            format!("SELECT region_name FROM regions WHERE region_id = {payload}"),
            format!("SELECT region_name FROM regions ORDER BY {payload}"),
        ] {
            match door.sql(&sql, &[]).await {
                Ok(_) => ran += 1,
                Err(error) => {
                    refused += 1;
                    let known = [ErrorKind::Rejected, ErrorKind::NeedsApproval, ErrorKind::Malformed, ErrorKind::LimitExceeded];
                    assert!(known.contains(&error.kind()), "{error}: {sql}");
                }
            }
        }
    }
    println!("{ran} ran, {refused} were refused");
    assert!(ran + refused == 4 * payloads.len() && refused > 4_000, "{ran} ran, {refused} were refused");
    watched.assert_untouched();
}

#[tokio::test]
async fn payloads_as_values() {
    let Some(payloads) = payloads() else { return };
    let (watched, path) = Watched::new();
    let door = Door::of(SqliteSource::open("sample", &path).unwrap()).await;
    for payload in &payloads {
        let table = door
            .sql(
                "SELECT region_name, ? FROM regions WHERE region_name = ? OR region_id = 1",
                &[payload.as_str().into(), payload.as_str().into()],
            )
            .await
            .unwrap_or_else(|error| panic!("{error}: {payload}"));
        // Only the row asked for, and the value comes back as it went in.
        assert_eq!(table.num_rows(), 1, "{payload}");
        assert!(table.value(0, 1) == Value::from(payload.as_str()), "{payload}");
    }
    watched.assert_untouched();
}

#[tokio::test]
async fn payloads_as_names_and_cells() {
    let Some(payloads) = payloads() else { return };
    // Names that do not exist are refused by name, never run.
    let (watched, path) = Watched::new();
    let door = Door::of(SqliteSource::open("sample", &path).unwrap()).await;
    for payload in &payloads {
        let name = Dialect::Sqlite.quote(payload);
        for sql in [format!("SELECT * FROM {name}"), format!("SELECT t.{name} FROM regions AS t")] {
            let error = door.sql(&sql, &[]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Rejected, "{error}: {sql}");
        }
    }
    watched.assert_untouched();

    // Names that do exist, however odd, are read by the catalogue and used like any other.
    for chunk in payloads.chunks(200) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("odd.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        // One transaction: two for each payload sync the disk 13,000 times, a minute where the disk is slow.
        connection.execute_batch("PRAGMA synchronous = OFF; BEGIN").unwrap();
        let mut names: Vec<(String, &String)> = Vec::new();
        for payload in chunk {
            // SQLite compares names without case and reserves some.
            let taken = names.iter().any(|(name, _)| name.eq_ignore_ascii_case(payload));
            if taken || payload.trim().is_empty() || payload.to_lowercase().starts_with("sqlite_") {
                continue;
            }
            let (name, literal) = (Dialect::Sqlite.quote(payload), payload.replace('\'', "''"));
            connection
                .execute_batch(&format!("CREATE TABLE {name} ({name} TEXT); INSERT INTO {name} VALUES ('{literal}');"))
                .unwrap();
            names.push((payload.clone(), payload));
        }
        connection.execute_batch("COMMIT").unwrap();
        drop(connection);
        let before = content(folder.path());
        let door = Door::of(SqliteSource::open("odd", &path).unwrap()).await;
        assert_eq!(door.catalog.tables.len(), names.len());
        for (name, cell) in &names {
            let name = Dialect::Sqlite.quote(name);
            let table =
                door.sql(&format!("SELECT {name} FROM {name}"), &[]).await.unwrap_or_else(|error| panic!("{error}: {name}"));
            assert!(table.num_rows() == 1 && table.value(0, 0) == Value::from(cell.as_str()), "{name}");
        }
        assert!(content(folder.path()) == before);
    }
}
