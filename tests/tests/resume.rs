//! A sync that is killed goes on where it was, and nothing of the rows can be read from what it left.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use leo::builder::Source;
use leo::seal::EnvironmentKeys;
use leo::settings::Preset;
use leo::store::SqliteStorage;
use leo::sync::{SyncOptions, SyncStage};
use leo::{ErrorKind, Leo};

/// Folder and number of the table after which the process below kills itself.
const CHILD: &str = "LEO_TEST_KILLED_SYNC";
const CANARY: &str = "canary-7f3a91";
const TABLES: usize = 4;

fn keys(digit: char) -> Arc<EnvironmentKeys> {
    Arc::new(EnvironmentKeys::parse(&format!("1:{}", digit.to_string().repeat(64))).unwrap())
}

fn open(folder: &Path, digit: char) -> Leo {
    Leo::builder()
        .preset(Preset::Local)
        .source(Source::open(folder.join("shop.db")).unwrap())
        .storage(Arc::new(SqliteStorage::open(folder.join("leo.db")).unwrap()))
        .keys(keys(digit))
        .build()
        .unwrap()
}

/// A database of a few tables, each with a text that nothing may show.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script: String = (0..TABLES)
        .map(|number| {
            format!(
                "CREATE TABLE t{number} (id INTEGER PRIMARY KEY, word TEXT, other INTEGER); \
                 INSERT INTO t{number} VALUES (1, '{CANARY}', 1), (2, '{CANARY}', 2), (3, 'w', 1);"
            )
        })
        .collect();
    rusqlite::Connection::open(folder.path().join("shop.db")).unwrap().execute_batch(&script).unwrap();
    folder
}

/// Statements that a sync needs now.
async fn statements(leo: &Leo) -> usize {
    leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    leo.recent_audit().await.unwrap().iter().filter(|event| event.action == "statement").count()
}

/// Not a test of its own: what the one below starts, and what kills itself.
#[tokio::test]
async fn child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let (number, folder) = told.split_once(':').unwrap();
    let number: usize = number.parse().unwrap();
    let seen = AtomicUsize::new(0);
    let leo = open(Path::new(folder), 'a');
    // One table after the other, so that it is known which of them were read.
    let options = SyncOptions { parallel: 1, ..SyncOptions::default() };
    let _ = leo
        .sync(None, &options, &|step| {
            if step.stage == SyncStage::Profile && seen.fetch_add(1, Ordering::Relaxed) == number {
                // No destructor runs and nothing is written any more, as after `kill -9`.
                std::process::abort();
            }
        })
        .await;
    panic!("it was to be killed after {number} tables");
}

#[tokio::test]
async fn a_sync_that_was_killed_goes_on_at_the_first_table_that_was_not_read() {
    let whole = {
        let folder = shop();
        statements(&open(folder.path(), 'a')).await
    };
    assert!(whole >= TABLES);
    for number in 0..=TABLES {
        let folder = shop();
        let told = format!("{number}:{}", folder.path().display());
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--test-threads", "1"])
            .env(CHILD, told)
            .output()
            .unwrap();
        assert!(!ended.status.success() && ended.status.code().is_none(), "{}", String::from_utf8_lossy(&ended.stderr));
        // The leases of the dead, of the source and of a place among the tenant's syncs, hold for a while; there is nobody to prolong them.
        let storage = rusqlite::Connection::open(folder.path().join("leo.db")).unwrap();
        let leases = storage.execute("DELETE FROM leo_storage WHERE key LIKE '%lease%'", []).unwrap();
        assert_eq!(leases, 2, "killed after {number} tables");
        assert_eq!(statements(&open(folder.path(), 'a')).await, whole - number, "killed after {number} tables");
        assert_eq!(statements(&open(folder.path(), 'a')).await, 0);
    }
}

#[tokio::test]
async fn what_is_kept_shows_nothing_of_the_rows() {
    let folder = shop();
    let leo = open(folder.path(), 'a');
    assert!(statements(&leo).await > 0);
    let known = leo.catalog(None).await.unwrap();
    assert!(known.tables[0].columns[1].statistics.as_ref().unwrap().top.iter().any(|(value, _)| value.to_string() == CANARY));
    for file in ["leo.db", "leo.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()), "{file}");
    }
    // With another key nothing opens, and everything is read again.
    assert!(statements(&open(folder.path(), 'b')).await > 0);
}

#[tokio::test]
async fn only_what_changed_is_read_and_another_database_of_that_name_is_another() {
    let folder = shop();
    let first = statements(&open(folder.path(), 'a')).await;
    let change = |script: &str| rusqlite::Connection::open(folder.path().join("shop.db")).unwrap().execute_batch(script).unwrap();
    change("INSERT INTO t1 VALUES (9, 'new', 2)");
    assert_eq!(statements(&open(folder.path(), 'a')).await, first);
    assert_eq!(statements(&open(folder.path(), 'a')).await, 0);
    let elsewhere = shop();
    std::fs::copy(folder.path().join("leo.db"), elsewhere.path().join("leo.db")).unwrap();
    assert_eq!(statements(&open(elsewhere.path(), 'a')).await, first);
}

#[tokio::test]
async fn two_that_sync_at_once_take_turns() {
    let folder = shop();
    let (one, other) = (open(folder.path(), 'a'), open(folder.path(), 'a'));
    let (first, second) = tokio::join!(statements(&one), statements(&other));
    // Who comes second finds everything read.
    assert_eq!(first.min(second), 0);
    assert!(first.max(second) >= TABLES);
    // Who waits can be told not to.
    let storage = rusqlite::Connection::open(folder.path().join("leo.db")).unwrap();
    let known: Vec<String> = {
        let mut keys = storage.prepare("SELECT key FROM leo_storage WHERE key LIKE '%step%' OR key LIKE '%tables%'").unwrap();
        keys.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let lease = known.iter().find(|key| key.ends_with("tables")).unwrap().replace("tables", "lease");
    storage.execute("INSERT OR REPLACE INTO leo_storage (key, value, version) VALUES (?1, x'0068', 1000000)", [lease]).unwrap();
    let ctx =
        leo::Context::new("local", "local").unwrap().with_roles(["owner"]).with_timeout(std::time::Duration::from_millis(400));
    let waited = open(folder.path(), 'a').for_user(ctx).sync(None, &SyncOptions::default(), &|_| {}).await;
    assert_eq!(waited.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_says_which_table_changed() {
    let Some(server) = leo_tests::postgres::Server::shared() else { return };
    server.run("postgres", "CREATE DATABASE versions");
    server.run(
        "versions",
        "CREATE TABLE orders (id integer PRIMARY KEY, region text); INSERT INTO orders SELECT n, 'r' || n % 3 FROM generate_series(1, 100) n;
         CREATE TABLE customers (id integer PRIMARY KEY, name text); INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 50) n;
         CREATE TABLE parent (n integer); CREATE TABLE child () INHERITS (parent); INSERT INTO child VALUES (1);
         CREATE VIEW regions AS SELECT DISTINCT region FROM orders;
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    );
    let source = Source::connect(server.url("reader", "versions").parse().unwrap()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let storage = Arc::new(SqliteStorage::open(folder.path().join("leo.db")).unwrap());
    let leo = Leo::builder().preset(Preset::Local).source(source).storage(storage).keys(keys('a')).build().unwrap();
    // Tables that a sync reads, without what it asks for keys and the like.
    let read = async || {
        let before = leo.recent_audit().await.unwrap().len();
        leo.sync(None, &SyncOptions::default(), &|step| assert!(step.problem.is_none(), "{step:?}")).await.unwrap();
        let events = leo.recent_audit().await.unwrap().split_off(before);
        let statements = events.into_iter().filter(|event| event.action == "statement").filter_map(|event| event.sql);
        let mut tables: Vec<String> = ["orders", "customers", "parent", "child", "regions"].map(str::to_owned).into();
        let sent: Vec<String> = statements.collect();
        tables.retain(|table| sent.iter().any(|sql| sql.contains(table.as_str())));
        tables
    };
    assert_eq!(read().await.len(), 5);
    assert_eq!(read().await, [""; 0]);
    server.run("versions", "UPDATE customers SET name = 'x' WHERE id = 7");
    assert_eq!(read().await, ["customers", "parent", "regions"], "what rows are in others is read with any of them");
    server.run("versions", "TRUNCATE orders; INSERT INTO child VALUES (2)");
    assert_eq!(read().await, ["orders", "parent", "child", "regions"]);
    assert_eq!(read().await, [""; 0]);
}
