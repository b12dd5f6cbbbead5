//! The guard: time to decide about a statement, by kind of statement and size of the catalogue.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use leo::Context;
use leo::adapter::Access;
use leo::catalog::Catalog;
use leo::finding::Verdict;
use leo::guard::{Purpose, Request, Vetting, vet};
use leo::settings::GuardLimits;
use leo_benches::catalog;

const SIMPLE: &str = "SELECT first_name, last_name FROM customers WHERE city = 'Berlin' ORDER BY last_name LIMIT 20";

const ANALYTIC: &str = "SELECT r.region_name AS region, k.category_name AS category, strftime('%Y-%m', o.ordered_at) AS month, \
     COUNT(DISTINCT o.order_id) AS orders, SUM(l.quantity * l.unit_price * (1 - l.discount)) AS revenue, \
     SUM(l.quantity * l.unit_price * (1 - l.discount)) / COUNT(DISTINCT o.order_id) AS average_order, \
     RANK() OVER (PARTITION BY r.region_name ORDER BY SUM(l.quantity * l.unit_price) DESC) AS place \
     FROM order_lines AS l \
     JOIN orders AS o ON o.order_id = l.order_id \
     JOIN customers AS c ON c.customer_id = o.customer_id \
     JOIN regions AS r ON r.region_id = c.region_id \
     JOIN products AS p ON p.product_id = l.product_id \
     JOIN categories AS k ON k.category_id = p.category_id \
     WHERE o.ordered_at >= '2024-01-01' AND o.ordered_at < '2025-01-01' AND o.status <> 'cancelled' \
     AND c.country IN ('Germany', 'France', 'Spain') \
     GROUP BY r.region_name, k.category_name, strftime('%Y-%m', o.ordered_at) \
     HAVING SUM(l.quantity) > 10 ORDER BY month, revenue DESC LIMIT 500";

const MISTAKE: &str = "SELECT custmer_name, sum(amout) FROM ordrs JOIN custommers ON custommers.id = ordrs.customer GROUP BY 1";

const ATTACK: &str = "SELECT first_name FROM customers WHERE customer_id = -1 UNION ALL SELECT sql FROM sqlite_master \
     UNION ALL SELECT load_extension('/tmp/evil.so')";

/// About 200 lines: a common table expression per month, all put together.
fn long() -> String {
    let mut text = String::from("WITH ");
    for month in 1..=20 {
        let _ = write!(
            text,
            "{}m{month} AS (\n  SELECT\n    p.category_id,\n    COUNT(*) AS lines,\n    SUM(l.quantity) AS units,\n    \
             SUM(l.quantity * l.unit_price) AS revenue\n  FROM order_lines AS l\n  JOIN products AS p ON p.product_id = l.product_id\n  \
             WHERE l.quantity > {month}\n  GROUP BY p.category_id\n)",
            if month == 1 { "" } else { ", " }
        );
    }
    for month in 1..=20 {
        let _ = write!(
            text,
            "{}\nSELECT {month} AS month, k.category_name, m.revenue FROM m{month} AS m JOIN categories AS k ON k.category_id = m.category_id",
            if month == 1 { "" } else { "\nUNION ALL" }
        );
    }
    text
}

fn guard(criterion: &mut Criterion) {
    let long = long();
    println!("the long statement has {} lines, {} bytes", long.lines().count(), long.len());
    let (ctx, access, settings) = (Context::new("acme", "ada").unwrap(), Access::full(), GuardLimits::default());
    let check = |catalog: &Catalog, sql: &str| -> Vetting {
        let purpose = Purpose::Sql;
        vet(&Request { ctx: &ctx, source: "shop", catalog, access: &access, settings: &settings, sql, params: &[], purpose })
    };
    let mut group = criterion.benchmark_group("guard");
    group.sample_size(50);
    for tables in [10, 500, 2_000] {
        let catalog = catalog(tables);
        for (name, sql, passes) in [
            ("simple", SIMPLE, true),
            ("analytic", ANALYTIC, true),
            ("long", &long, true),
            ("mistake", MISTAKE, false),
            ("attack", ATTACK, false),
        ] {
            let vetting = check(&catalog, sql);
            assert_eq!(vetting.verdict <= Verdict::Rewrite, passes, "{name}: {:?}", vetting.findings);
            group.bench_function(BenchmarkId::new(name, tables), |bencher| bencher.iter(|| check(&catalog, sql)));
        }
    }
    group.finish();
}

criterion_group!(benches, guard);
criterion_main!(benches);
