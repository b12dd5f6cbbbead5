//! What is known about the source.

use leo::catalog::{LogicalType, TableKind, TableName};
use leo::gate::IntrospectOptions;

use super::{Asked, Fixture, Outcome, ctx, ensure, said, same};

pub(super) async fn tables_are_found(fixture: &dyn Fixture) -> Outcome {
    let catalog = Asked::of(fixture).await?.catalog;
    let table = |name: &str| catalog.require_table(&TableName::bare(name)).map_err(said);
    let customers = table("customers")?;
    let names: Vec<&str> = customers.columns.iter().map(|column| column.name.as_str()).collect();
    same(names, vec!["id", "name", "city", "born"])?;
    let types: Vec<LogicalType> = customers.columns.iter().map(|column| column.data_type).collect();
    same(types, vec![LogicalType::Integer, LogicalType::Text, LogicalType::Text, LogicalType::Date])?;
    let nullable: Vec<bool> = customers.columns.iter().map(|column| column.nullable).collect();
    same(nullable, vec![false, false, true, true])?;
    let report = fixture.connect().await.map_err(said)?.test(&ctx()).await.map_err(said)?;
    ensure(report.tables_found >= 3 && report.read_only && !report.server_version.is_empty(), || format!("{report:?}"))
}

pub(super) async fn views_are_found(fixture: &dyn Fixture) -> Outcome {
    let catalog = Asked::of(fixture).await?.catalog;
    let view = catalog.require_table(&TableName::bare("big_orders")).map_err(said)?;
    same(view.kind, TableKind::View)?;
    ensure(view.definition.as_deref().is_some_and(|text| text.to_lowercase().contains("orders")), || {
        format!("{:?}", view.definition)
    })
}

pub(super) async fn keys_and_indexes_are_found(fixture: &dyn Fixture) -> Outcome {
    let catalog = Asked::of(fixture).await?.catalog;
    let orders = catalog.require_table(&TableName::bare("orders")).map_err(said)?;
    same(orders.primary_key.clone(), vec!["id".to_owned()])?;
    same(orders.unique_keys.clone(), vec![vec!["customer_id".to_owned(), "id".to_owned()]])?;
    ensure(orders.indexes.contains(&vec!["customer_id".to_owned()]), || format!("{:?}", orders.indexes))?;
    let key = orders.foreign_keys.first().ok_or("no foreign key")?;
    same(
        (key.references.name.as_str(), &key.columns[..], &key.referenced_columns[..]),
        ("customers", &["customer_id".to_owned()][..], &["id".to_owned()][..]),
    )?;
    same(catalog.relationships.len(), 1)
}

pub(super) async fn comments_are_found(fixture: &dyn Fixture) -> Outcome {
    let catalog = Asked::of(fixture).await?.catalog;
    let customers = catalog.require_table(&TableName::bare("customers")).map_err(said)?;
    same(customers.comment.as_deref(), Some("who buys"))?;
    same(customers.columns.get(2).and_then(|column| column.comment.as_deref()), Some("where they live"))
}

pub(super) async fn globs_choose_tables(fixture: &dyn Fixture) -> Outcome {
    let connector = fixture.connect().await.map_err(said)?;
    let options = IntrospectOptions { include: vec!["*order*".into()], exclude: vec!["big_*".into()] };
    let catalog = connector.introspect(&ctx(), options).await.map_err(said)?;
    let names: Vec<&str> = catalog.tables.iter().map(|table| table.name.name.as_str()).collect();
    same(names, vec!["orders"])
}
