//! A MySQL source under test: statements through guard and gate, results as text.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type, Time64MicrosecondType,
    TimestampMicrosecondType, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use futures::StreamExt;
use leo::adapter::{Access, AuditSink};
use leo::audit::MemorySink;
use leo::catalog::Catalog;
use leo::gate::{
    self, BatchStream, Cleared, Connector, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions, RecordMeta,
};
use leo::guard::{Purpose, Request, vet};
use leo::settings::GuardLimits;
use leo::source::mysql::MysqlSource;
use leo::{Context, Result, Value};
use leo_tests::mariadb::Server;

/// A source with its catalogue.
pub struct Opened {
    pub source: MysqlSource,
    pub catalog: Catalog,
}

pub fn ctx() -> Context {
    Context::new("acme", "ada").unwrap()
}

/// What a run may take unless the test says otherwise; builds for tests are slow, and machines are shared.
pub fn patient() -> QueryOptions {
    QueryOptions { timeout: Duration::from_secs(60), max_rows: 10_000_000, ..QueryOptions::default() }
}

impl Opened {
    pub async fn new(server: &Server, user: &str) -> Self {
        Self::of(&server.url(user)).await
    }

    pub async fn of(url: &str) -> Self {
        let source = MysqlSource::connect("shop", url.parse().unwrap()).await.unwrap();
        let catalog = source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
        Self { source, catalog }
    }

    /// Takes a statement through guard and gate up to the connector's door.
    pub async fn clear(&self, ctx: &Context, sql: &str, params: &[Value]) -> Result<Cleared> {
        let settings = GuardLimits { row_cap: 10_000_000, cross_join_rows: u64::MAX, ..GuardLimits::default() };
        let request = Request {
            ctx,
            source: "shop",
            catalog: &self.catalog,
            access: &Access::full(),
            settings: &settings,
            sql,
            params,
            purpose: Purpose::Eval,
        };
        let vetted = vet(&request).into_result()?;
        let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
        let policy_hash = vetted.policy_hash().to_owned();
        let now = InForce { catalog_version: self.catalog.version(), policy_hash: &policy_hash };
        let recorded = gate::record(ctx, vetted, &audit, RecordMeta::default()).await?;
        match gate::price(ctx, recorded, &self.source, now, &PriceLimits::default()).await? {
            Priced::Cleared(cleared) => Ok(cleared),
            other => panic!("{other:?}"),
        }
    }

    pub async fn stream(&self, ctx: &Context, sql: &str, options: QueryOptions) -> Result<BatchStream> {
        let cleared = self.clear(ctx, sql, &[]).await?;
        self.source.query(ctx, &cleared, options).await
    }

    pub async fn batches(&self, ctx: &Context, sql: &str, options: QueryOptions) -> Result<Vec<RecordBatch>> {
        self.stream(ctx, sql, options).await?.collect::<Vec<_>>().await.into_iter().collect()
    }

    /// Rows as text, `NULL` for none.
    pub async fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>> {
        self.rows_for(&ctx(), sql).await
    }

    pub async fn rows_for(&self, ctx: &Context, sql: &str) -> Result<Vec<Vec<String>>> {
        let batches = self.batches(ctx, sql, patient()).await?;
        Ok(batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| cells(batch, row)).collect::<Vec<_>>()).collect())
    }

    /// The one cell of a result.
    pub async fn cell(&self, sql: &str) -> Result<String> {
        Ok(self.rows(sql).await?.concat().join(" "))
    }
}

pub fn cells(batch: &RecordBatch, row: usize) -> Vec<String> {
    batch.columns().iter().map(|column| cell(column.as_ref(), row)).collect()
}

/// The moment so many microseconds after 1970 began.
pub fn moment(micros: i64) -> jiff::civil::DateTime {
    jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0) + jiff::Span::new().microseconds(micros)
}

fn cell(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return "NULL".to_owned();
    }
    match column.data_type() {
        DataType::Null => "NULL".to_owned(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).to_string(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).to_string(),
        DataType::Float32 => column.as_primitive::<Float32Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Binary => column.as_binary::<i32>().value(row).iter().map(|byte| format!("{byte:02x}")).collect(),
        DataType::Date32 => moment(i64::from(column.as_primitive::<Date32Type>().value(row)) * 86_400_000_000).date().to_string(),
        DataType::Time64(TimeUnit::Microsecond) => {
            moment(column.as_primitive::<Time64MicrosecondType>().value(row)).time().to_string()
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let text = moment(column.as_primitive::<TimestampMicrosecondType>().value(row)).to_string();
            if zone.is_some() { format!("{text}Z") } else { text }
        }
        other => panic!("{other}"),
    }
}
