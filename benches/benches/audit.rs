//! The audit file: how fast records are appended, one caller and many at once, and how fast a file is verified and read.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use leo::Context;
use leo::adapter::{AuditEvent, AuditSink};
use leo::audit::{JsonLinesOptions, JsonLinesSink, VerifyOptions, event, sql_hash, tail, verify};
use leo::settings::Durability;
use tokio::runtime::Runtime;

/// An attempt as the gate records it: about 1,300 bytes a line.
fn statement() -> AuditEvent {
    let ctx = Context::new("acme", "ada").unwrap().with_session("0190a6f4-0000-7000-8000-000000000000");
    let sql = "SELECT strftime('%Y-%m', o.ordered_at) AS month, SUM(l.quantity * l.unit_price * (1 - l.discount)) AS sales FROM \
               main.orders AS o JOIN main.order_lines AS l ON l.order_id = o.id WHERE o.ordered_at >= ?1 AND o.ordered_at < ?2 \
               GROUP BY 1 ORDER BY 1 LIMIT 5001";
    let hash = sql_hash(sql, &[]);
    AuditEvent {
        preset: Some("local".into()),
        source: Some("shop".into()),
        target: Some("main.order_lines, main.orders".into()),
        purpose: Some("ask".into()),
        question: Some("What were monthly sales in 2024?".into()),
        sql: Some(sql.into()),
        rules: vec!["row_cap".into()],
        catalog_hash: Some(hash.clone()),
        policy_hash: Some(hash.clone()),
        settings_hash: Some(hash.clone()),
        sql_hash: Some(hash),
        ..event(&ctx, "statement")
    }
}

fn append(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("audit/append");
    group.sample_size(20);
    for durability in [Durability::Os, Durability::Fsync] {
        for callers in [1_u64, 64] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("audit.jsonl");
            let sink = Arc::new(JsonLinesSink::open(path, JsonLinesOptions { durability }).unwrap());
            group.throughput(Throughput::Elements(callers));
            group.bench_function(BenchmarkId::new(durability.as_str(), format!("{callers} callers")), |bencher| {
                // Each caller appends its share one after the other, so that `callers` appends are under way at any time.
                bencher.iter_custom(|rounds| {
                    let started = Instant::now();
                    runtime.block_on(async {
                        let tasks: Vec<_> = (0..callers)
                            .map(|_| {
                                let sink = Arc::clone(&sink);
                                tokio::spawn(async move {
                                    for _ in 0..rounds {
                                        sink.append(vec![statement()]).await.unwrap();
                                    }
                                })
                            })
                            .collect();
                        for task in tasks {
                            task.await.unwrap();
                        }
                    });
                    started.elapsed()
                });
            });
        }
    }
    group.finish();
}

fn read(criterion: &mut Criterion) {
    const RECORDS: u64 = 20_000;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let sink = JsonLinesSink::open(&path, JsonLinesOptions::default()).unwrap();
    let runtime = Runtime::new().unwrap();
    for _ in 0..RECORDS / 1_000 {
        runtime.block_on(sink.append((0..1_000).map(|_| statement()).collect())).unwrap();
    }
    println!("{} bytes a record", std::fs::metadata(&path).unwrap().len() / RECORDS);
    let mut group = criterion.benchmark_group("audit/read");
    group.sample_size(10).throughput(Throughput::Elements(RECORDS));
    group.bench_function("verify", |bencher| {
        bencher.iter(|| assert!(verify(&path, &VerifyOptions::default()).unwrap().is_intact()));
    });
    group.throughput(Throughput::Elements(100));
    group.bench_function("tail 100", |bencher| bencher.iter(|| assert_eq!(tail(&path, 100).unwrap().records.len(), 100)));
    group.finish();
}

criterion_group!(benches, append, read);
criterion_main!(benches);
