//! Shows each stage as it ends, reads rows as they come, and stops a statement that nobody waits for.

use std::time::{Duration, Instant};

use futures::StreamExt;
use leo::ask::AskEvent;
use leo::{AskOptions, Leo, SqlOptions};

const SLOW: &str = "SELECT sum(abs(a.net_amount - b.net_amount)) FROM order_totals a CROSS JOIN order_totals b";

#[tokio::main]
async fn main() -> leo::Result<()> {
    let leo = Leo::sample()?;

    let told = |event: AskEvent| {
        if let AskEvent::Finished(stage, took) = event {
            println!("{:<10} {:>7} µs", stage.as_str(), took.as_micros());
        }
    };
    let answer = leo.ask_observed("revenue by quarter in 2024", &AskOptions::default(), &told).await?;
    println!("\n{}\n", answer.narrative.text());

    // Rows come in batches. Dropping the stream stops the statement in the database. Without `max_rows` it gives 5,000 rows.
    let options = SqlOptions { max_rows: Some(100_000), ..SqlOptions::default() };
    let mut batches = leo.sql_stream("SELECT order_line_id, unit_price FROM order_lines", &options).await?;
    let mut rows = 0;
    while let Some(batch) = batches.next().await {
        rows += batch?.num_rows();
        if rows >= 2_000 {
            break;
        }
    }
    drop(batches);
    println!("read {rows} rows and left");

    // Dropping the future stops the statement too, by whatever drops it: an aborted task, a `select!`, a time limit.
    let options = SqlOptions { timeout: Some(Duration::from_secs(60)), ..SqlOptions::default() };
    let began = Instant::now();
    if tokio::time::timeout(Duration::from_millis(200), leo.sql_with(SLOW, &options)).await.is_err() {
        println!("cancelled, {}", if began.elapsed() < Duration::from_secs(10) { "at once" } else { "late" });
    }

    // So does the time given to it.
    let options = SqlOptions { timeout: Some(Duration::from_millis(200)), ..SqlOptions::default() };
    if let Err(error) = leo.sql_with(SLOW, &options).await {
        println!("{}: {}", error.kind().as_str(), error.message());
    }
    leo.close().await
}
