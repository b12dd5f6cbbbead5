//! A million rows of mixed types from PostgreSQL into Arrow: this crate, and beside it on the same server whatever `LEO_BENCH_PEER` names,
//! a command that finds the server's address in `LEO_BENCH_URL` and the statement in `LEO_BENCH_SQL`.
#![allow(missing_docs, clippy::unwrap_used)]

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use leo::gate::{Connector, QueryOptions};
use leo::source::postgres::PostgresSource;
use leo_tests::behaviour::{Asked, ctx};
use leo_tests::certificates::Shown;
use leo_tests::postgres::Server;

const ROWS: usize = 1_000_000;
const RUNS: usize = 7;
const TABLE: &str = "CREATE TABLE mixed (id bigint, small smallint, whole integer, ratio double precision, price numeric(12, 2), name text, note text,
        day date, at timestamp, zoned timestamptz, flag boolean);
    INSERT INTO mixed SELECT i, i % 32000, i * 7 % 1000003, i / 7.0, (i % 1000000) / 100.0, 'name ' || i, CASE WHEN i % 3 = 0 THEN NULL ELSE
        repeat('x', i % 40) END, date '2000-01-01' + i % 9000, timestamp '2000-01-01' + interval '1 second' * i, timestamptz '2000-01-01' + interval
        '1 minute' * i, i % 2 = 0 FROM generate_series(1, 1000000) i;
    GRANT SELECT ON mixed TO plain; VACUUM ANALYZE mixed;";
const SQL: &str = "SELECT id, small, whole, ratio, price, name, note, day, at, zoned, flag FROM mixed";

fn main() {
    let Some(server) = Server::listening(Some(Shown::Good), &["shared_buffers=512MB", "max_parallel_workers_per_gather=0"])
    else {
        return;
    };
    server.run("shop", TABLE);
    let url = format!("postgres://plain@127.0.0.1:{}/shop?sslmode=disable", server.port());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let source: Arc<dyn Connector> = Arc::new(PostgresSource::connect("shop", url.parse().unwrap()).await.unwrap());
        let asked = Asked::new(Arc::clone(&source)).await.unwrap();
        let options =
            QueryOptions { max_rows: u64::MAX, max_bytes: u64::MAX, timeout: Duration::from_secs(600), batch_rows: 65_536 };
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let (cleared, _) = asked.clear(&ctx(), SQL, &[]).await.unwrap();
            let started = Instant::now();
            let mut stream = source.query(&ctx(), &cleared, options).await.unwrap();
            let (mut rows, mut largest) = (0, 0);
            while let Some(batch) = stream.next().await {
                let batch = batch.unwrap();
                rows += batch.num_rows();
                largest = largest.max(batch.get_array_memory_size());
            }
            assert_eq!(rows, ROWS);
            times.push(started.elapsed());
            println!("leo: {:.0} ms, largest batch {} MiB", started.elapsed().as_secs_f64() * 1e3, largest >> 20);
        }
        times.sort();
        println!("leo: median {:.0} ms", times[RUNS / 2].as_secs_f64() * 1e3);
    });
    if let Ok(peer) = std::env::var("LEO_BENCH_PEER") {
        let url = format!("postgresql://plain@127.0.0.1:{}/shop?sslmode=disable", server.port());
        let status = Command::new("sh").args(["-c", &peer]).env("LEO_BENCH_URL", url).env("LEO_BENCH_SQL", SQL).status();
        assert!(status.is_ok_and(|status| status.success()), "the peer failed");
    }
}
