//! Catalogues of thousands of tables.

use std::time::Instant;

use super::*;
use crate::catalog::{Column, ForeignKey, JoinGraph, LogicalType, Table};

/// A chain of `count` tables, each with a key to the one before it, to the first, and to one further back.
fn chain(count: usize) -> Catalog {
    let name = |at: usize| TableName::bare(format!("table_{at}"));
    let tables = (0..count)
        .map(|at| {
            let mut table = Table::new(name(at));
            table.primary_key = vec!["id".into()];
            for column in ["id", "parent_id", "root_id", "other_id", "amount"] {
                table.columns.push(Column::new(column, "INTEGER", LogicalType::Integer));
            }
            table.columns.push(Column::new("happened_on", "DATE", LogicalType::Date));
            for (column, target) in [("parent_id", at.saturating_sub(1)), ("root_id", 0), ("other_id", at / 2)] {
                if target != at {
                    table.foreign_keys.push(ForeignKey {
                        columns: vec![column.into()],
                        references: name(target),
                        referenced_columns: vec!["id".into()],
                    });
                }
            }
            table
        })
        .collect();
    Catalog::new(Dialect::Sqlite, None, tables)
}

#[test]
fn two_thousand_tables_do_not_slow_compilation_down() {
    let catalog = chain(2_000);
    let options = options(Dialect::Sqlite);
    let mut query = ask("table_1500").and(during("table_1500.happened_on", year(2024)));
    query.dimensions = vec![time("month", "table_1500.happened_on", Grain::Month), dim("parent", "table_1498.amount")];
    query.measures = vec![sum("amount", s("table_1500.amount")), rows("others", "table_750")];
    let started = Instant::now();
    let graph = JoinGraph::new(&catalog);
    let built = started.elapsed();
    compile_with(&query, &graph, &options).unwrap();
    let rounds = 20u32;
    let started = Instant::now();
    for _ in 0..rounds {
        compile_with(&query, &graph, &options).unwrap();
    }
    let each = started.elapsed() / rounds;
    println!("graph of 2,000 tables {built:?}, one query {each:?}");
    assert!(each.as_millis() < 250, "{each:?}");
}
