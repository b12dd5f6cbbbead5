//! Catalogues from the schema texts of public databases.
#![allow(clippy::unwrap_used, clippy::panic)]

use leo::Dialect;
use leo::catalog::{Catalog, LogicalType, TableKind};
use leo_tests::guard::shared;

#[test]
fn schema_texts_are_read_in_full() {
    let cases = [
        ("guard/schema.sqlite.sql", Dialect::Sqlite, 2, 0, 0),
        ("guard/schema.postgres.sql", Dialect::Postgres, 2, 0, 0),
        ("guard/schema.mysql.sql", Dialect::Mysql, 2, 0, 0),
        ("guard/schema.tsql.sql", Dialect::Tsql, 2, 0, 0),
        ("guard/schema.bigquery.sql", Dialect::Bigquery, 2, 0, 0),
        ("business/chinook/mysql.sql", Dialect::Mysql, 11, 0, 11),
        ("business/chinook/postgres.sql", Dialect::Postgres, 11, 0, 11),
        ("business/chinook/sqlserver.sql", Dialect::Tsql, 11, 0, 11),
        ("business/northwind/postgres.sql", Dialect::Postgres, 14, 0, 13),
        ("business/northwind/sqlite.sql", Dialect::Sqlite, 13, 16, 13),
        ("business/northwind/sqlserver.sql", Dialect::Tsql, 13, 16, 13),
    ];
    for (path, dialect, tables, views, relationships) in cases {
        let Some(file) = shared(path) else { return };
        let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
        let catalog = Catalog::from_ddl(dialect, &text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let count = |kind| catalog.tables.iter().filter(|table| table.kind == kind).count();
        println!(
            "{path}: {} tables, {} views, {} relationships, {} columns of unknown type",
            count(TableKind::Table),
            count(TableKind::View),
            catalog.relationships.len(),
            catalog
                .tables
                .iter()
                .filter(|table| table.kind == TableKind::Table)
                .flat_map(|table| &table.columns)
                .filter(|column| column.data_type == LogicalType::Other)
                .count()
        );
        for view in catalog.tables.iter().filter(|table| table.kind == TableKind::View) {
            assert!(!view.columns.is_empty(), "{path}: {} has no columns", view.name);
        }
        for table in &catalog.tables {
            assert!(
                table.kind == TableKind::View || path.starts_with("guard") || !table.primary_key.is_empty(),
                "{path}: {}",
                table.name
            );
        }
        assert_eq!((count(TableKind::Table), count(TableKind::View)), (tables, views), "{path}");
        assert_eq!(catalog.relationships.len(), relationships, "{path}");
    }
}
