//! Tables of all kinds, and a count against labels by hand.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::catalog::TableName;
use crate::catalog::{TableStatistics, TimeEncoding};
use crate::dialect::Dialect;

const SHOP: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, city TEXT);
    CREATE TABLE products (id INTEGER PRIMARY KEY, title TEXT, price NUMERIC, weight REAL, category_code TEXT REFERENCES ref_categories (code));
    CREATE TABLE ref_categories (code TEXT PRIMARY KEY, label TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), order_date DATE, total NUMERIC);
    CREATE TABLE order_items (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id), product_id INTEGER REFERENCES products (id), quantity INTEGER, unit_price NUMERIC);
    CREATE TABLE tags (id INTEGER PRIMARY KEY, tag TEXT);
    CREATE TABLE product_tags (product_id INTEGER REFERENCES products (id), tag_id INTEGER REFERENCES tags (id), PRIMARY KEY (product_id, tag_id));
    CREATE TABLE price_history (product_id INTEGER REFERENCES products (id), valid_from DATE, valid_to DATE, price NUMERIC, PRIMARY KEY (product_id, valid_from));
    CREATE TABLE web_log (id INTEGER PRIMARY KEY, logged_at TIMESTAMP, session TEXT, ip TEXT, url TEXT);";

fn shop() -> Catalog {
    Catalog::from_ddl(Dialect::Sqlite, SHOP).unwrap()
}

fn roles(catalog: &Catalog) -> Vec<(&str, Option<RoleKind>)> {
    catalog.tables.iter().map(|table| (&*table.name.name, table.role.as_ref().map(|role| role.kind))).collect()
}

#[test]
fn structure_alone_tells_the_parts_of_a_shop() {
    let mut catalog = shop();
    assign_roles(&mut catalog);
    use RoleKind::{Bridge, Entity, EventStream, Reference, StateTracking, Transaction};
    let expected = [
        ("customers", Entity),
        ("order_items", Transaction),
        ("orders", Transaction),
        ("price_history", StateTracking),
        ("product_tags", Bridge),
        ("products", Entity),
        ("ref_categories", Reference),
        ("tags", Reference),
        ("web_log", EventStream),
    ];
    assert_eq!(roles(&catalog), expected.map(|(name, kind)| (name, Some(kind))));
    for table in &catalog.tables {
        let role = table.role.as_ref().unwrap();
        assert!((LEAST..=UNREAD).contains(&role.confidence), "{}: {role:?}", table.name);
        assert!(role.reason.starts_with("It looks like ") && role.reason.ends_with('.') && role.reason.matches('.').count() == 1);
        assert!(!role.reason.contains(|c: char| c.is_ascii_digit()), "{}", role.reason);
    }
}

#[test]
fn what_was_read_makes_surer() {
    let mut bare = shop();
    assign_roles(&mut bare);
    let mut read = shop();
    for table in &mut read.tables {
        table.rows = Some(10);
        table.statistics = Some(TableStatistics { rows: 10, sampled: 1.0, ..TableStatistics::default() });
    }
    assign_roles(&mut read);
    for (bare, read) in bare.tables.iter().zip(&read.tables) {
        assert!(read.role.as_ref().unwrap().confidence > bare.role.as_ref().unwrap().confidence, "{}", bare.name);
    }
}

#[test]
fn people_have_the_last_word() {
    let mut catalog = shop();
    let said = TableRole { kind: RoleKind::EventStream, confidence: 1.0, reason: String::new(), confirmed: true };
    let at = catalog.tables.iter().position(|table| table.name.name == "orders").unwrap();
    catalog.tables[at].role = Some(said.clone());
    assign_roles(&mut catalog);
    assert_eq!(catalog.tables[at].role, Some(said));
}

#[test]
fn a_newcomer_begins_with_what_the_data_is_about() {
    let mut catalog = shop();
    assign_roles(&mut catalog);
    let names = |found: &[Starter]| found.iter().map(|starter| starter.table.name.clone()).collect::<Vec<_>>();
    let all = starter_tables(&catalog, 100);
    assert_eq!(all.len(), catalog.tables.len());
    let first = names(&all[..4]);
    for expected in ["orders", "order_items", "products", "customers"] {
        assert!(first.contains(&expected.to_owned()), "{first:?}");
    }
    assert_eq!((all[0].score, starter_tables(&catalog, 4)), (1.0, all[..4].to_vec()));
    // One without rows comes last, one that ended long ago later.
    for table in &mut catalog.tables {
        let is_old = table.name.name == "orders";
        table.rows = Some(if table.name.name == "products" { 0 } else { 100 });
        if let Some(at) = table.columns.iter_mut().find(|column| column.is_temporal()) {
            at.time_encoding = Some(TimeEncoding::IsoDate);
            table.statistics = Some(TableStatistics {
                rows: 100,
                sampled: 1.0,
                time_column: Some(at.name.clone()),
                latest: Some(if is_old { "2011-01-01" } else { "2024-01-01" }.into()),
            });
        }
    }
    let found = names(&starter_tables(&catalog, 100));
    assert_eq!(found.last().map(String::as_str), Some("products"));
    assert_eq!(found.first().map(String::as_str), Some("order_items"), "{found:?}");
}

#[test]
fn odd_tables_are_no_trouble() {
    let mut catalog =
        Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE \"1\" (a TEXT); CREATE TABLE \"__\" (\"\" TEXT, of INT)").unwrap();
    catalog.tables.push(crate::catalog::Table::new(TableName::bare("no columns")));
    catalog.reindex();
    assign_roles(&mut catalog);
    assert!(catalog.table(&TableName::bare("no columns")).unwrap().role.is_none());
    assert!(starter_tables(&Catalog::new(Dialect::Sqlite, None, Vec::new()), 5).is_empty());
}

/// `cargo test -p leo-core --no-default-features --features sqlite --lib -- --ignored --nocapture role::tests::labels`
#[cfg(feature = "sqlite")]
#[tokio::test]
#[ignore = "reads 100 databases of the shared data"]
async fn labels_by_hand() {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::sync::Arc;

    use crate::adapter::AuditSink;
    use crate::context::Context;
    use crate::source::sqlite::SqliteSource;
    use crate::sync::{SyncOptions, sync};

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let Ok(labels) = std::fs::read_to_string(root.join("tests/kinds/labels.tsv")) else {
        return println!("skipped: no tests/kinds/labels.tsv");
    };
    let data = root.join("../shared/data");
    if !data.exists() {
        return println!("skipped: no {}", data.display());
    }
    let folder = tempfile::tempdir().unwrap();
    let mut catalogs: BTreeMap<String, Catalog> = BTreeMap::new();
    // By half and label: tables, right, wrong, without a part; with and without statistics.
    let mut counts: BTreeMap<(&str, String, bool), [u32; 4]> = BTreeMap::new();
    for line in labels.lines().filter(|line| !line.starts_with('#')) {
        let [file, table, label, half] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if !catalogs.contains_key(file) {
            let path = if file == "sample" { folder.path().join("sample.db") } else { data.join(file) };
            if file == "sample" {
                crate::sample::create(&path).unwrap();
            }
            let source = SqliteSource::open("s", &path).unwrap();
            let audit: Arc<dyn AuditSink> = Arc::new(crate::audit::MemorySink::default());
            let ctx = Context::new("t", "u").unwrap();
            let catalog = sync(&ctx, &source, &audit, &SyncOptions::default(), &|_| {}).await.unwrap();
            catalogs.insert(file.to_owned(), catalog);
        }
        for profiled in [true, false] {
            let mut catalog = catalogs[file].clone();
            if !profiled {
                for table in &mut catalog.tables {
                    (table.rows, table.statistics) = (None, None);
                    table.columns.iter_mut().for_each(|column| column.statistics = None);
                }
            }
            catalog.tables.iter_mut().for_each(|table| table.role = None);
            assign_roles(&mut catalog);
            let found = catalog.table(&TableName::bare(table)).unwrap().role.clone();
            let right = found.as_ref().is_some_and(|role| label.split('|').any(|label| label == role.kind.as_str()));
            let first = label.split('|').next().unwrap().to_owned();
            for label in [first, "all".to_owned()] {
                let count = counts.entry((half, label, profiled)).or_default();
                count[0] += 1;
                count[if found.is_none() {
                    3
                } else if right {
                    1
                } else {
                    2
                }] += 1;
            }
            if !right && profiled && half == "seen" {
                println!("{file} {table}: {label}, not {found:?}");
            }
        }
    }
    println!("half, label, profiled: tables, right, wrong, without a part");
    for (key, count) in &counts {
        println!("{key:?} {count:?}");
    }
    assert!(counts[&("held_back", "all".to_owned(), true)][0] > 60);
}
