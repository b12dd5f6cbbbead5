//! Searching catalogues of 500 tables with 10,000 columns and of 5,000 with 100,000 by words: the first search, which makes the index, and later ones.

#![allow(missing_docs, clippy::expect_used)]

use std::fmt::Write as _;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use leo::Leo;
use leo::builder::Source;
use leo::settings::Preset;
use leo::source::sqlite::SqliteSource;
use leo::sync::SyncOptions;

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

const AREAS: [&str; 10] = ["crm", "erp", "hr", "web", "fin", "log", "mkt", "ops", "ref", "stg"];

/// So many times 500 tables of 20 columns.
fn shop(areas: usize) -> Leo {
    let mut script = String::new();
    for area in AREAS.iter().take(areas) {
        for thing in THINGS {
            for aspect in ASPECTS {
                let columns: Vec<String> = FIELDS.iter().map(|field| format!("{thing}_{field} TEXT")).collect();
                let _ = write!(script, "CREATE TABLE {area}_{thing}_{aspect} ({});", columns.join(", "));
            }
        }
    }
    let source = SqliteSource::from_sql("bench", &script).expect("the source");
    Leo::builder().preset(Preset::Local).source(Source::new(source)).build().expect("a handle")
}

fn search(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for areas in [1, AREAS.len()] {
        let leo = shop(areas);
        let options = SyncOptions { profile: false, relate: None, ..SyncOptions::default() };
        let sync = || runtime.block_on(leo.sync(None, &options, &|_| {})).expect("a catalogue");
        let find = |words: &str| runtime.block_on(leo.search(words, None, 20)).expect("hits");
        let columns: usize = sync().tables.iter().map(|table| table.columns.len()).sum();
        assert_eq!(columns, areas * 10_000);
        let mut group = criterion.benchmark_group(format!("search in {columns} columns"));
        group.sample_size(10);
        group.bench_function("the first time", |bencher| {
            bencher.iter_batched(sync, |_| find("customer address"), BatchSize::PerIteration);
        });
        group.sample_size(100);
        for words in ["customer address", "net amount of the invoice line", "client", "contrct", "id"] {
            assert!(!find(words).is_empty());
            group.bench_function(words, |bencher| bencher.iter(|| find(words)));
        }
        group.finish();
    }
}

criterion_group!(benches, search);
criterion_main!(benches);
