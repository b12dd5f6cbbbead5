//! The built-in planner: making its index of a catalogue, and planning questions over it.
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use jiff::civil::date;
use leo::ask::planner::{BuiltinPlanner, Knowledge, SchemaIndex};
use leo::query::Calendar;
use leo_benches::{SIZES, catalog};

const QUESTIONS: &[&str] = &[
    "What were monthly sales in 2024?",
    "top 5 customers by revenue last quarter",
    "average order value by region, this year against last year",
    "which products have never been ordered",
    "share of revenue by category",
    "orders per weekday",
    "how many customers came back within 90 days of their first order",
    "list the names of suppliers in Germany",
    "which employee has the most orders?",
    "number of returns by month and category in 2023",
    "how many open warehouse tickets are there per city?",
    "total amount of payments by status",
    "names and cities of customers in Berlin or Paris who ordered more than 3 times in 2024",
    "visits by type",
];

fn index(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("planner/index");
    group.sample_size(10);
    for tables in SIZES {
        let catalog = catalog(tables);
        group.bench_function(BenchmarkId::from_parameter(tables), |bencher| {
            bencher.iter(|| SchemaIndex::build(&catalog, &Knowledge::default()));
        });
    }
    group.finish();
}

fn plan(criterion: &mut Criterion) {
    let now = date(2024, 12, 30).at(12, 0, 0, 0).in_tz("UTC").unwrap();
    let calendar = Calendar::default();
    let mut group = criterion.benchmark_group("planner/plan");
    group.sample_size(20);
    for tables in SIZES {
        let index = SchemaIndex::build(&catalog(tables), &Knowledge::default());
        let planner = BuiltinPlanner::new(&index);
        let time = |question: &&str| {
            let started = Instant::now();
            std::hint::black_box(planner.plan(question, &now, &calendar));
            started.elapsed()
        };
        // Distances between tables are found when first asked for.
        let first: Duration = QUESTIONS.iter().map(time).sum();
        println!("{tables} tables: {:?} a question at first", first / QUESTIONS.len() as u32);
        // A mean hides the slow question: each is timed by itself.
        let mut times: Vec<(Duration, &str)> =
            QUESTIONS.iter().flat_map(|question| (0..100).map(move |_| (time(question), *question))).collect();
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!("{tables} tables: P50 {:?}, P95 {:?} (“{}”), P99 {:?}", at(0.5).0, at(0.95).0, at(0.95).1, at(0.99).0);
        group.bench_function(BenchmarkId::new("all questions", tables), |bencher| {
            bencher.iter(|| QUESTIONS.iter().for_each(|question| drop(planner.plan(question, &now, &calendar))));
        });
    }
    group.finish();
}

criterion_group!(benches, index, plan);
criterion_main!(benches);
