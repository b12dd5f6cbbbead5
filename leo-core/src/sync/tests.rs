//! A small source with the troubles of large ones.
#![allow(clippy::unwrap_used)]

use std::sync::Mutex;

use super::*;
use crate::adapter::Storage;
use crate::audit::MemorySink;
use crate::catalog::{LogicalType, RelationshipOrigin, TimeEncoding};
use crate::error::ErrorKind;
use crate::profile::ScanSettings;
use crate::seal::{EnvironmentKeys, Sealer};
use crate::source::sqlite::SqliteSource;
use crate::store::{MemoryStorage, TenantStore};

const SHOP: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, joined TEXT, photo BLOB);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, placed_at INTEGER, shipped DATE, total, mixed INTEGER, odd TEXT);
    CREATE VIEW big AS SELECT id, total FROM orders WHERE total > 5;
    WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 300)
        INSERT INTO customers SELECT n, 'c' || n, date('2020-01-01', n || ' days'), x'00ff' FROM s;
    WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000)
        INSERT INTO orders SELECT n, n % 250 + 1, 1700000000 + n, '01/02/2020', n / 7.0, n, 'x' FROM s;
    UPDATE orders SET mixed = 'unknown' WHERE id = 19000;
    UPDATE orders SET odd = CAST(x'4df6' AS TEXT) WHERE id = 5;";

async fn catalog(options: &SyncOptions) -> (Catalog, Vec<String>, Arc<MemorySink>) {
    let source = SqliteSource::from_sql("shop", SHOP).unwrap();
    let ctx = Context::new("acme", "ada").unwrap();
    let sink = Arc::new(MemorySink::default());
    let audit: Arc<dyn AuditSink> = Arc::clone(&sink) as _;
    let steps = Mutex::new(Vec::new());
    let catalog = sync(&ctx, &source, &audit, options, &|step| {
        let table = step.table.map_or_else(String::new, ToString::to_string);
        let problem = if step.problem.is_some() { "!" } else { "" };
        steps.lock().unwrap().push(format!("{:?} {}/{} {table}{problem}", step.stage, step.done, step.total).trim().to_owned());
    })
    .await
    .unwrap();
    (catalog, steps.into_inner().unwrap(), sink)
}

#[tokio::test]
async fn a_sync_learns_the_source() {
    let (catalog, steps, sink) = catalog(&SyncOptions { parallel: 1, ..SyncOptions::default() }).await;
    assert_eq!(
        steps,
        [
            "Introspect 0/1",
            "Profile 0/3",
            "Profile 1/3 big",
            "Profile 2/3 customers",
            "Profile 3/3 orders",
            "Relate 0/1",
            "Relate 1/1",
            "Check 0/3",
            "Check 1/3 big",
            "Check 2/3 customers",
            "Check 3/3 orders"
        ]
    );
    let orders = &catalog.tables[2];
    let column = |name: &str| orders.column(name).unwrap();
    let statistics = |name: &str| column(name).statistics.clone().unwrap();
    assert_eq!((orders.rows, orders.statistics.as_ref().unwrap().sampled), (Some(20_000), 1.0));
    assert_eq!(statistics("customer_id").distinct, 250);
    assert!(statistics("id").is_unique && !statistics("customer_id").is_unique);
    assert_eq!((column("total").data_type, column("shipped").data_type), (LogicalType::Float, LogicalType::Text));
    assert_eq!(column("placed_at").time_encoding, Some(TimeEncoding::UnixSeconds));
    assert_eq!(orders.statistics.as_ref().unwrap().time_column.as_deref(), Some("placed_at"));
    assert!(orders.statistics.as_ref().unwrap().latest == Some(1_700_020_000.into()));
    // Numbers and a word in one column: read as text. Text that is not UTF-8: not read, and the rest is.
    assert!(column("mixed").data_type == LogicalType::Text && statistics("mixed").distinct == 20_000);
    assert!(column("odd").statistics.is_none());
    assert_eq!(catalog.tables[1].column("joined").unwrap().time_encoding, Some(TimeEncoding::IsoDate));
    assert_eq!(catalog.tables[1].column("photo").unwrap().statistics.as_ref().unwrap().distinct, 0);
    let relationship = &catalog.relationships[0];
    assert_eq!(relationship.id(), "orders(customer_id)->customers(id)");
    assert_eq!(relationship.origin, RelationshipOrigin::Inferred);
    // Rows that are not as they should be are counted, and the statement that does it can be run again.
    let quality = orders.quality.as_ref().unwrap();
    let failed = quality.checks.iter().find(|check| !check.passed).unwrap();
    assert_eq!((failed.id.as_str(), failed.offending, failed.examined), ("validity.type(mixed)", 1, 20_000));
    assert!(failed.sql.is_some() && quality.score < 100 && quality.history.len() == 1);
    assert_eq!(orders.role.as_ref().unwrap().kind.as_str(), "transaction");
    assert!(orders.description.is_some());
    // Everything that touched the source is in the audit, each attempt with its outcome.
    let events = sink.events();
    let attempts = events.iter().filter(|event| event.action == "statement").count();
    assert!(attempts >= 3 && attempts == events.iter().filter(|event| event.action == "statement_outcome").count());
    assert!(events.iter().all(|event| event.action != "statement" || event.purpose.as_deref() == Some("profile")));
}

#[tokio::test]
async fn large_tables_are_sampled() {
    let options = SyncOptions { scan: ScanSettings { whole_up_to: 5_000, ..ScanSettings::default() }, ..SyncOptions::default() };
    let (catalog, _, _) = catalog(&options).await;
    let orders = &catalog.tables[2];
    let statistics = orders.statistics.as_ref().unwrap();
    assert_eq!(orders.rows, Some(20_000));
    assert!((0.09..0.11).contains(&statistics.sampled), "{}", statistics.sampled);
    assert!(orders.column("id").unwrap().statistics.as_ref().unwrap().is_unique);
    assert_eq!(catalog.relationships.len(), 1);
}

#[tokio::test]
async fn a_cancelled_sync_ends() {
    let source = SqliteSource::from_sql("shop", SHOP).unwrap();
    let ctx = Context::new("acme", "ada").unwrap();
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let stop = ctx.cancel.clone();
    let result = sync(&ctx, &source, &audit, &SyncOptions::default(), &move |step| {
        if step.stage == SyncStage::Profile && step.done == 1 {
            stop.cancel();
        }
    })
    .await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);
}

#[tokio::test]
async fn odd_names_and_wide_tables_are_read() {
    let odd = ["a\"\"b\\", "order", "größe (cm)", "x]y", "--", "CamelCase"];
    let mut script = String::new();
    for name in odd {
        let name = crate::Dialect::Sqlite.quote(name);
        script.push_str(&format!("CREATE TABLE {name} ({name} TEXT); INSERT INTO {name} VALUES ('v');"));
    }
    // As many columns as SQLite takes.
    let columns: Vec<String> = (0..2_000).map(|n| format!("a_rather_long_name_of_a_column_{n} INTEGER")).collect();
    script.push_str(&format!("CREATE TABLE wide ({})", columns.join(", ")));
    let source = SqliteSource::from_sql("odd", &script).unwrap();
    let ctx = Context::new("acme", "ada").unwrap();
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let catalog =
        sync(&ctx, &source, &audit, &SyncOptions::default(), &|step| assert!(step.problem.is_none(), "{step:?}")).await.unwrap();
    assert_eq!(catalog.tables.len(), odd.len() + 1);
    for table in &catalog.tables {
        let statistics = table.columns[0].statistics.as_ref().unwrap();
        assert_eq!(statistics.distinct, u64::from(table.name.name != "wide"), "{}", table.name);
    }
}

/// A database in a file, what was read of it, and where steps are kept.
struct Shop {
    folder: tempfile::TempDir,
    storage: Arc<dyn Storage>,
}

impl Shop {
    fn new() -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap(), storage: Arc::new(MemoryStorage::default()) };
        shop.run(SHOP);
        shop
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("shop.db")
    }

    fn run(&self, script: &str) {
        rusqlite::Connection::open(self.path()).unwrap().execute_batch(script).unwrap();
    }

    async fn steps(&self) -> Steps {
        let keys = EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap();
        let store = TenantStore::new(Arc::clone(&self.storage), "acme");
        Steps::begin(store, Sealer::new(Arc::new(keys)), "sync/shop".into(), true).await.unwrap()
    }

    /// A sync, and which tables it read; it is cancelled after `stop` of them.
    async fn sync(&self, before: Before, stop: Option<usize>) -> (Result<Arc<Catalog>>, Vec<String>) {
        let source = SqliteSource::open("shop", self.path()).unwrap();
        let ctx = Context::new("acme", "ada").unwrap();
        let sink = Arc::new(MemorySink::default());
        let audit: Arc<dyn AuditSink> = Arc::clone(&sink) as _;
        let progress = |step: SyncProgress<'_>| {
            if step.stage == SyncStage::Profile && Some(step.done) == stop {
                ctx.cancel.cancel();
            }
        };
        let options = SyncOptions { parallel: 1, ..SyncOptions::default() };
        let catalog = sync_since(&ctx, &source, &audit, &options, &before, &progress).await;
        let read = sink.events().into_iter().filter(|event| event.action == "statement").filter_map(|event| event.sql);
        let table = |sql: String| sql.split(" FROM ").nth(1).map(|rest| rest.trim_matches(['"', '(', ' ']).to_owned());
        (catalog, read.filter_map(table).collect())
    }
}

#[tokio::test]
async fn what_did_not_change_is_not_read_again() {
    let shop = Shop::new();
    let (first, read) = shop.sync(Before::default(), None).await;
    let first = Arc::new(first.unwrap());
    assert!(read.len() >= 3, "{read:?}");
    let known = || Before { catalog: Some(Arc::clone(&first)), ..Before::default() };
    let (again, read) = shop.sync(known(), None).await;
    assert_eq!((again.unwrap(), read), ((*first).clone(), vec![]));
    shop.run("INSERT INTO customers (name) VALUES ('new')");
    let (again, read) = shop.sync(known(), None).await;
    assert!(again.unwrap().tables.iter().any(|table| table.rows == Some(301)) && read.len() >= 3);
    shop.run("CREATE TABLE notes (text TEXT)");
    assert_eq!(shop.sync(known(), None).await.0.unwrap().tables.len(), 4);
}

#[tokio::test]
async fn another_process_reads_only_what_changed() {
    let shop = Shop::new();
    let kept = async || Before { steps: Some(shop.steps().await), ..Before::default() };
    let (first, _) = shop.sync(kept().await, None).await;
    let (again, read) = shop.sync(kept().await, None).await;
    assert!(again.unwrap() == first.unwrap() && read.is_empty(), "{read:?}");
    // Nothing is kept of a table that is gone.
    shop.run("DROP VIEW big");
    let before = shop.storage.list_page("v1/", None, 1_000).await.unwrap().len();
    shop.sync(kept().await, None).await.0.unwrap();
    assert!(shop.storage.list_page("v1/", None, 1_000).await.unwrap().len() < before);
}

/// The catalogue without when its quality was looked at.
fn timeless(catalog: Arc<Catalog>) -> Catalog {
    let mut catalog = Arc::unwrap_or_clone(catalog);
    let qualities = catalog.tables.iter_mut().filter_map(|table| table.quality.as_mut());
    qualities.for_each(|quality| quality.history.clear());
    catalog
}

#[tokio::test]
async fn a_sync_that_was_cut_short_goes_on_where_it_was() {
    for stop in 1..3 {
        let shop = Shop::new();
        let kept = async || Before { steps: Some(shop.steps().await), ..Before::default() };
        let (whole, all) = shop.sync(Before::default(), None).await;
        let (cut, first) = shop.sync(kept().await, Some(stop)).await;
        assert_eq!(cut.unwrap_err().kind(), ErrorKind::Cancelled);
        let (again, rest) = shop.sync(kept().await, None).await;
        assert!(timeless(again.unwrap()) == timeless(whole.unwrap()));
        assert_eq!([first, rest].concat(), all);
    }
}

#[tokio::test]
async fn what_nobody_can_tell_the_age_of_is_read_again() {
    // In memory there is no file that changes.
    let source = SqliteSource::from_sql("shop", SHOP).unwrap();
    let ctx = Context::new("acme", "ada").unwrap();
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let known = sync(&ctx, &source, &audit, &SyncOptions::default(), &|_| {}).await.unwrap();
    assert!(known.tables.iter().all(|table| table.data_version.is_none()));
    let before = Before { catalog: Some(Arc::new(known)), ..Before::default() };
    let read = Mutex::new(0);
    let count =
        |step: SyncProgress<'_>| *read.lock().unwrap() += usize::from(step.stage == SyncStage::Profile && step.table.is_some());
    sync_since(&ctx, &source, &audit, &SyncOptions::default(), &before, &count).await.unwrap();
    assert_eq!(read.into_inner().unwrap(), 3);
}

#[tokio::test]
async fn tables_of_no_version_are_read_anew_unless_the_source_is_certain_to_be_the_same() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    // Two databases that are alike but for their rows; the sync of the first is cut short behind its only table.
    let read = async |n: u32, is_certain: bool, cut: bool| {
        let source = SqliteSource::from_sql("shop", &format!("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES ({n})")).unwrap();
        let keys = EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap();
        let store = TenantStore::new(Arc::clone(&storage), "acme");
        let steps = Steps::begin(store, Sealer::new(Arc::new(keys)), "sync/shop".into(), is_certain).await.unwrap();
        let ctx = Context::new("acme", "ada").unwrap();
        let stop = |step: SyncProgress<'_>| {
            if cut && step.table.is_some() {
                ctx.cancel.cancel();
            }
        };
        let before = Before { steps: Some(steps), ..Before::default() };
        let catalog = sync_since(&ctx, &source, &audit, &SyncOptions::default(), &before, &stop).await;
        catalog.ok().and_then(|catalog| catalog.tables[0].columns[0].statistics.clone()?.max)
    };
    assert_eq!(read(1, false, true).await, None);
    assert_eq!(read(2, false, false).await, Some(2.into()));
    // Where it is certain, what was read before is not read again.
    assert_eq!(read(3, true, true).await, None);
    assert_eq!(read(4, true, false).await, Some(3.into()));
    assert_eq!(read(5, true, false).await, Some(5.into()));
}

/// Every column of the sample company that is kept from users who may not see personal data.
#[tokio::test]
async fn personal_data_of_the_sample_company_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.db");
    crate::sample::create(&path).unwrap();
    let source = SqliteSource::open("sample", &path).unwrap();
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let options = SyncOptions { relate: None, ..SyncOptions::default() };
    let catalog = sync(&Context::new("acme", "ada").unwrap(), &source, &audit, &options, &|_| {}).await.unwrap();
    let columns = catalog.tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    let found: Vec<String> = columns
        .filter_map(|(table, column)| Some(format!("{}.{} {}", table.name.name, column.name, column.protected_kind()?)))
        .collect();
    assert_eq!(
        found,
        [
            "crm_ord_hist.cust_nm name",
            "customers.first_name name",
            "customers.last_name name",
            "customers.email email",
            "customers.phone phone",
            "customers.date_of_birth birth_date",
            "customers.street address",
            "customers.iban iban",
            "employees.first_name name",
            "employees.last_name name",
            "employees.email email",
            "web_events.ip_address ip",
        ]
    );
    assert!(catalog.has_personal_data());
}
