//! Reads rows where they are, as Arrow batches, and takes an engine that gives Arrow as a source.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Int64Array, RecordBatch, StringArray};
use async_trait::async_trait;
use futures::StreamExt;
use leo::adapter::{HostCatalog, HostConnector, SqlRequest, Started};
use leo::builder::Source;
use leo::context::HostContext;
use leo::gate::ConnectorInfo;
use leo::settings::Preset;
use leo::{Dialect, Error, Leo, Result, SqlOptions};

/// An engine of its own, which gives the same rows for whatever it is asked. Statements are vetted before it hears of them.
#[derive(Debug)]
struct Visits {
    rows: RecordBatch,
    /// The statement whose rows were not fetched yet.
    waiting: Mutex<Option<u64>>,
}

#[async_trait]
impl HostConnector for Visits {
    async fn introspect(&self, _: HostContext) -> Result<HostCatalog> {
        let columns = serde_json::json!([{"name": "city", "type": "TEXT"}, {"name": "guests", "type": "INTEGER"}]);
        let tables = serde_json::json!({"dialect": "sqlite", "tables": [{"name": "visits", "columns": columns}]});
        serde_json::from_value(tables).map_err(|error| Error::adapter("the tables are described wrongly").with_source(error))
    }

    async fn start(&self, _: HostContext, _: SqlRequest) -> Result<Started> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let id = waiting.unwrap_or(0) + 1;
        *waiting = Some(id);
        Ok(Started { id, schema: self.rows.schema() })
    }

    async fn next(&self, id: u64) -> Result<Option<RecordBatch>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(waiting.take_if(|statement| *statement == id).map(|_| self.rows.clone()))
    }

    async fn stop(&self, _: u64) -> Result<()> {
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let leo = Leo::sample()?;
    let answer = leo.ask("revenue by category in 2024").await?;
    let table = answer.table.ok_or_else(|| Error::not_found("the question was not answered"))?;
    println!("{}", table.schema());
    let revenue: f64 = table.batches().iter().flat_map(|batch| batch.column(1).as_primitive::<Float64Type>()).flatten().sum();
    println!("{} categories, revenue {revenue:.0}\n", table.num_rows());

    // Results too large to hold come batch by batch. Without `max_rows` a statement gives 5,000 rows.
    let options = SqlOptions { max_rows: Some(100_000), ..SqlOptions::default() };
    let mut batches = leo.sql_stream("SELECT net_amount FROM order_totals", &options).await?;
    let (mut large, mut rows) = (0, 0);
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        large += batch.column(0).as_primitive::<Float64Type>().iter().flatten().filter(|amount| *amount > 1_000.0).count();
        rows += batch.num_rows();
    }
    println!("{large} of {rows} orders are above 1,000\n");

    let rows = RecordBatch::try_from_iter([
        ("city", Arc::new(StringArray::from(vec!["Oslo", "Rome"])) as _),
        ("guests", Arc::new(Int64Array::from(vec![20, 31])) as _),
    ])
    .map_err(|error| Error::internal("columns of one length make a batch").with_source(error))?;
    let info = ConnectorInfo {
        source: "visits".to_owned(),
        engine: "own".to_owned(),
        engine_version: String::new(),
        dialect: Dialect::Sqlite,
    };
    let source = Source::host(info, Arc::new(Visits { rows, waiting: Mutex::default() })).execution(true);
    let leo = Leo::builder().preset(Preset::Local).source(source).build()?;
    let answer = leo.sql("SELECT city, guests FROM visits").await?;
    if let Some(table) = &answer.table {
        println!("{}", leo::export::markdown(table, &leo::export::MarkdownOptions::default()));
    }
    leo.close().await
}
