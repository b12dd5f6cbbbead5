//! What a map shows, and what it does not.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::catalog::{ColumnStatistics, PersonalData, PersonalTier, Table, TableStatistics};
use crate::dialect::Dialect;
use crate::knowledge::read_yaml;

fn catalog() -> Catalog {
    let mut catalog = Catalog::from_ddl(
        Dialect::Sqlite,
        "CREATE TABLE customers (id integer primary key, email text, country text);
         CREATE TABLE orders (id integer primary key, customer_id int references customers (id), day date, amount numeric);
         CREATE TABLE \"odd \"\"]`;-- name\" (id integer primary key, order_id int references orders (id));",
    )
    .unwrap();
    for table in &mut catalog.tables {
        let time_column = table.column("day").map(|column| column.name.clone());
        let latest = time_column.as_ref().map(|_| "2026-01-09".into());
        table.statistics = Some(TableStatistics { rows: 3, sampled: 1.0, time_column, latest });
        table.rows = Some(3);
        for column in &mut table.columns {
            let top = vec![("canary".into(), 2)];
            let known = ColumnStatistics {
                distinct: 2,
                min: Some("canary".into()),
                max: Some("canary".into()),
                top,
                ..Default::default()
            };
            column.statistics = Some(known);
        }
    }
    let at = catalog.tables.iter().position(|table| table.name.name == "customers").unwrap();
    let personal = PersonalData { kind: "email".into(), tier: PersonalTier::High, reason: None };
    catalog.tables[at].columns[1].personal = Some(personal);
    catalog.reindex();
    catalog
}

fn knowledge() -> Knowledge {
    read_yaml(
        "tables:\n  orders: { owner: Ada, tags: [sales], favourite: true, fresh_within_hours: 24, note: Since 2019. }\n\
         glossary: [ { term: churn, means: nobody bought for a year } ]\n\
         metrics: [ { name: turnover, table: orders, formula: sum(amount) }, { name: gone, table: orders, formula: sum(nothing) } ]\n",
    )
    .unwrap()
}

fn with<T>(catalog: &Catalog, locked: &[&str], make: impl FnOnce(&Seen<'_>) -> T) -> T {
    let locked: BTreeSet<TableName> = locked.iter().map(|name| TableName::bare(*name)).collect();
    let (learned, now) = ("2026-01-10T00:00:00Z".parse().unwrap(), "2026-01-13T01:00:00Z".parse().unwrap());
    make(&Seen::new("shop", (catalog, &locked), &knowledge(), (learned, now)))
}

fn table<'c>(catalog: &'c Catalog, name: &str) -> &'c Table {
    catalog.table(&TableName::bare(name)).unwrap()
}

#[test]
fn a_source_at_a_glance() {
    let map = with(&catalog(), &["customers"], |seen| overview(seen, Vec::new()));
    assert!(map.is_stale, "73 hours ago");
    let orders = &map.tables[0];
    assert_eq!((orders.name.name.as_str(), orders.owner.as_deref(), orders.favourite), ("orders", Some("Ada"), true));
    let fresh = orders.freshness.clone().unwrap();
    assert_eq!((fresh.latest.as_str(), fresh.hours, fresh.within_hours, fresh.is_late), ("2026-01-09", Some(73), Some(24), true));
    let customers = map.tables.iter().find(|table| table.name.name == "customers").unwrap();
    assert_eq!((customers.locked, customers.personal), (true, 1));
    assert_eq!(map.metrics.len(), 1, "what a user cannot see is no metric");
    assert_eq!(map.metrics[0].formula.as_deref(), Some("sum(amount)"));
    assert_eq!((map.glossary.len(), map.relationships), (1, 2));
}

#[test]
fn no_value_of_personal_data_is_on_a_map() {
    let full = catalog();
    let shown = with(&full, &[], |seen| detail(seen, table(&full, "customers"), Vec::new()));
    let email = shown.table.column("email").unwrap().statistics.clone().unwrap();
    assert_eq!((email.distinct, email.min, email.top.len()), (2, None, 0));
    assert!(shown.table.column("country").unwrap().statistics.as_ref().unwrap().min.is_some());
    let orders = with(&full, &[], |seen| detail(seen, table(&full, "orders"), Vec::new()));
    assert_eq!((orders.relationships.len(), orders.note.as_deref()), (2, Some("Since 2019.")));
}

#[test]
fn the_graph_around_a_table() {
    let whole = with(&catalog(), &[], graph);
    assert_eq!((whole.nodes.len(), whole.edges.len()), (3, 2));
    let near = whole.around(&TableName::bare("customers"), 1);
    assert_eq!((near.nodes.len(), near.edges.len()), (2, 1));
    assert_eq!(whole.around(&TableName::bare("customers"), 2), whole);
    assert_eq!(whole.around(&TableName::bare("customers"), 0).nodes.len(), 1);
}

#[test]
fn pictures_of_other_programs() {
    let graph = with(&catalog(), &[], graph);
    insta::assert_snapshot!(format!("{}\n{}", graph.to_mermaid(), graph.to_dot()));
}

#[test]
fn ddl_is_read_back_in_every_dialect() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql, Dialect::Tsql, Dialect::Bigquery, Dialect::Datafusion] {
        let mut own = catalog();
        own.dialect = dialect;
        // Names of BigQuery have no quotes in them.
        own.tables.retain(|table| dialect != Dialect::Bigquery || !table.name.name.starts_with("odd"));
        let text = own.to_ddl();
        let read = Catalog::from_ddl(dialect, &text).unwrap();
        let names = |catalog: &Catalog| catalog.tables.iter().map(|table| table.name.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&read), names(&own), "{dialect}: {text}");
        for (read, own) in read.tables.iter().zip(&own.tables) {
            assert_eq!(
                (&read.primary_key, read.foreign_keys.len()),
                (&own.primary_key, own.foreign_keys.len()),
                "{dialect}: {text}"
            );
            let columns = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
            assert_eq!(columns(read), columns(own), "{dialect}: {text}");
        }
    }
}

#[test]
fn nothing_of_a_name_or_comment_leaves_its_place_in_ddl() {
    let mut own = Catalog::from_ddl(Dialect::Postgres, "CREATE TABLE t (a int)").unwrap();
    own.tables[0].comment = Some("one\nDROP TABLE t; --".into());
    own.tables[0].columns[0].comment = Some("two\r\nDROP TABLE t;".into());
    own.tables[0].columns[0].declared_type = "int); DROP TABLE t; --".into();
    let text = own.to_ddl();
    let is_comment = |line: &str| line.starts_with("--") || line.split(" -- ").next().is_some_and(|code| !code.contains("DROP"));
    assert!(text.lines().all(is_comment), "{text}");
}

#[test]
fn a_page_says_everything_and_runs_nothing_else() {
    let mut full = catalog();
    full.tables[0].comment = Some("</script><script>alert(1)</script>".into());
    let html = with(&full, &[], |seen| {
        let tables: Vec<TableDetail> = full.tables.iter().map(|table| detail(seen, table, Vec::new())).collect();
        page(&overview(seen, Vec::new()), tables, &graph(seen)).unwrap()
    });
    assert!(!html.contains("{{") && !html.contains("</script><script>alert"), "{}", &html[..200]);
}
