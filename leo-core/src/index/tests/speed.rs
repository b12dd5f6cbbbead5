//! How long searches take, and how large an index is. Asked for with `--ignored`, it prints a table.

use std::time::Instant;

use super::super::{Index, Quantised, Vectors, Visible, documents};
use crate::catalog::{Catalog, Column, ColumnStatistics, LogicalType, Table, TableName};
use crate::dialect::Dialect;
use crate::value::Value;

const AREAS: [&str; 10] = ["crm", "erp", "hr", "web", "fin", "log", "mkt", "ops", "ref", "stg"];
const THINGS: [&str; 20] = [
    "customer", "order", "invoice", "product", "supplier", "shipment", "payment", "contract", "employee", "project", "ticket",
    "asset", "account", "budget", "campaign", "session", "device", "route", "policy", "claim",
];
const ASPECTS: [&str; 25] = [
    "header", "line", "history", "status", "address", "note", "price", "stock", "plan", "audit", "event", "rate", "limit", "tag",
    "group", "region", "batch", "detail", "summary", "version", "archive", "queue", "quota", "score", "link",
];
const FIELDS: [&str; 20] = [
    "id",
    "name",
    "created_at",
    "updated_at",
    "status_code",
    "amount_net",
    "amountGross",
    "currency",
    "qty",
    "unitPrice",
    "owner_id",
    "region_cd",
    "start_date",
    "end_date",
    "is_active",
    "remark",
    "ext_ref",
    "priority",
    "source_sys",
    "valid_until",
];
const QUESTIONS: [&str; 8] = [
    "customer address",
    "net amount of the invoice line",
    "client",
    "contrct",
    "id",
    "What is the average unit price of products by supplier region in the last year?",
    "Which employees own more than three open tickets with high priority, and since when?",
    "How many shipments of each campaign were delivered late by currency and status code of the order?",
];

/// A catalogue of so many tables, each with `columns` columns; every third column has twenty frequent values.
fn catalog(tables: usize, columns: usize) -> Catalog {
    let names = AREAS.iter().flat_map(|area| THINGS.iter().map(move |thing| (area, thing)));
    let names = names.flat_map(|(area, thing)| ASPECTS.iter().map(move |aspect| (*area, *thing, *aspect)));
    let tables = names.take(tables).enumerate().map(|(at, (area, thing, aspect))| {
        let mut table = Table::new(TableName::bare(format!("{area}_{thing}_{aspect}")));
        for (place, field) in FIELDS.iter().take(columns).enumerate() {
            let mut column = Column::new(format!("{thing}_{field}"), "TEXT", LogicalType::Text);
            if place % 3 == 0 {
                let top = (0..20).map(|value| (Value::Text(format!("{} {}", ASPECTS[value], at * 7 + value)), 9)).collect();
                column.statistics = Some(ColumnStatistics { top, ..ColumnStatistics::default() });
            }
            table.columns.push(column);
        }
        table
    });
    Catalog::new(Dialect::Sqlite, None, tables.collect())
}

/// The median and the 95th percentile of milliseconds.
fn milliseconds(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    format!("{:.2} / {:.2}", times[times.len() / 2], times[times.len() * 95 / 100])
}

fn times(rounds: usize, mut work: impl FnMut(usize)) -> String {
    let time = |at| {
        let start = Instant::now();
        work(at);
        start.elapsed().as_secs_f64() * 1_000.0
    };
    milliseconds((0..rounds).map(time).collect())
}

#[test]
#[ignore = "measures"]
fn speed_and_size() {
    println!("milliseconds, median / 95th percentile");
    for (tables, columns) in [(300, 10), (500, 20), (5_000, 20)] {
        let catalog = catalog(tables, columns);
        let made = || Index::build(&catalog, &documents(&catalog, &[], &[]));
        let (all, index) = (Visible::all(), made());
        let bytes = index.to_bytes();
        println!("{tables} tables of {columns} columns: {} KiB in memory, {} KiB stored", index.size() >> 10, bytes.len() >> 10);
        println!("  made: {}", times(5, |_| drop(made())));
        println!("  loaded: {}", times(20, |_| drop(Index::from_bytes(&bytes).unwrap())));
        println!(
            "  brought up to date: {}",
            times(5, |_| assert!(index.clone().update(&catalog, &documents(&catalog, &[], &[])).made == 0))
        );
        let question = |at: usize| QUESTIONS[at % QUESTIONS.len()];
        println!("  made and searched: {}", times(5, |at| drop(made().search(question(at), &all, 20))));
        println!("  search: {}", times(400, |at| drop(index.search(question(at), &all, 20))));
        println!("  tables of a question: {}", times(400, |at| drop(index.tables(question(at), &all, 10))));
        println!("  columns of a question: {}", times(400, |at| drop(index.columns(question(at), &all, 50))));
        assert!(question(0).len() > 5 && !index.search(question(0), &all, 1).is_empty());
    }
}

#[test]
#[ignore = "measures"]
fn speed_of_vectors() {
    for count in [1_000_u32, 10_000, 50_000, 100_000] {
        let (mut vectors, mut state) = (Vectors::default(), 1_u64);
        let mut random = || {
            let parts: Vec<f32> = (0..384)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 40) as f32 / (1 << 24) as f32 - 0.5
                })
                .collect();
            Quantised::of(&parts).unwrap()
        };
        for _ in 0..count {
            vectors.push(&random());
        }
        let (wanted, bytes) = (random(), vectors.to_bytes());
        println!("{count} vectors of 384: {} KiB", vectors.bytes() >> 10);
        println!("  nearest 10: {}", times(40, |_| assert_eq!(vectors.nearest(&wanted, 0..count, 10).len(), 10)));
        println!(
            "  nearest 10 of every hundredth: {}",
            times(40, |_| drop(vectors.nearest(&wanted, (0..count).step_by(100), 10)))
        );
        println!("  loaded: {}", times(5, |_| drop(Vectors::from_bytes(&bytes).unwrap())));
    }
}
