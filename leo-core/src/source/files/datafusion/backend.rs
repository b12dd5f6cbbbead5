//! The connector: planning, the check, and running on threads of its own.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::sqlparser::ast::Statement as Sql;
use futures::StreamExt;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::check::{self, Declared};
use super::session::Session;
use super::store::Store;
use super::table::DataTable;
use super::types::Normal;
use super::{errors, params};
use crate::catalog::{Catalog, Table};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{
    BatchStream, Cleared, ConnectionReport, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded,
    look_around,
};
use crate::source::files::FilesOptions;
use crate::source::run::{self, Output};
use crate::source::wanted::Wanted;
use crate::value::Value;

/// Stack of a thread: plans are trees that are walked by recursion.
const STACK: usize = 16 << 20;

/// Parquet files as a source.
#[derive(Debug)]
pub(in crate::source::files) struct DataFusion {
    info: ConnectorInfo,
    tables: Vec<Table>,
    rows: HashMap<String, u64>,
    session: Arc<Session>,
    store: Arc<Store>,
    threads: Threads,
    closed: CancellationToken,
}

impl DataFusion {
    /// A source over `tables`.
    ///
    /// # Errors
    /// `Unavailable` when no threads can be started; `Internal`.
    pub(super) fn new(source: String, tables: Vec<DataTable>, options: &FilesOptions) -> Result<Self> {
        let store = Arc::new(Store::new(tables.iter().flat_map(|table| table.files.iter().cloned()).collect()));
        let session = Session::new(&tables, Arc::clone(&store), options).map_err(|error| errors::running(&error))?;
        Ok(Self {
            info: ConnectorInfo {
                source,
                engine: "files".into(),
                engine_version: format!("DataFusion {}", datafusion::DATAFUSION_VERSION),
                dialect: Dialect::Datafusion,
            },
            rows: tables.iter().map(|table| (table.name.clone(), table.rows)).collect(),
            tables: tables.iter().map(DataTable::describe).collect(),
            session: Arc::new(session),
            store,
            threads: Threads::start()?,
            closed: CancellationToken::new(),
        })
    }

    fn ready(&self, ctx: &Context) -> Result<()> {
        ctx.check()?;
        match self.closed.is_cancelled() {
            true => Err(Error::new(ErrorKind::Closed, "the source was closed; open it again")),
            false => Ok(()),
        }
    }

    /// Tasks that still run.
    #[cfg(test)]
    pub(in crate::source::files) fn tasks(&self) -> usize {
        self.threads.handle().metrics().num_alive_tasks()
    }
}

#[async_trait]
impl Connector for DataFusion {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        self.ready(ctx)?;
        self.store.check()?;
        let schema = Dialect::Datafusion.default_schema();
        let wanted = Wanted::of([&options.include, &[]], [&options.exclude, &[]], schema)?;
        let tables = self.tables.iter().filter(|table| wanted.has(schema, &table.name.name)).cloned().collect();
        Ok(Catalog::new(Dialect::Datafusion, schema.map(str::to_owned), tables))
    }

    /// The rows of the tables that are read, which the files' footers tell.
    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>> {
        self.ready(ctx)?;
        let rows = sql.sql().tables().iter().filter_map(|table| self.rows.get(&table.name)).sum();
        Ok(Some(Estimate { rows: Some(rows), ..Estimate::default() }))
    }

    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        self.ready(ctx)?;
        let vetted = sql.sql();
        if vetted.source() != self.info.source || vetted.dialect() != Dialect::Datafusion {
            return Err(Error::rejected("the statement was vetted for another source; vet it for this one"));
        }
        let statement = Statement {
            session: Arc::clone(&self.session),
            sql: vetted.sql().to_owned(),
            params: vetted.params().to_vec(),
            declared: Declared::of(vetted),
            max_rows: options.max_rows.min(vetted.row_cap()),
            batch_rows: options.batch_rows.max(1),
        };
        let closed = self.closed.clone();
        run::run_on(&self.threads.handle(), ctx, options, async move |mut output: Output| {
            tokio::select! {
                biased;
                () = closed.cancelled() => Err(Error::new(ErrorKind::Closed, "the source was closed while the statement ran")),
                done = statement.on(&mut output) => done,
            }
        })
        .await
    }

    async fn test(&self, ctx: &Context) -> Result<ConnectionReport> {
        Ok(ConnectionReport { read_only: true, ..look_around(self, ctx).await? })
    }

    fn shares_rows(&self) -> bool {
        true
    }

    async fn close(&self) -> Result<()> {
        self.closed.cancel();
        Ok(())
    }
}

/// One statement.
struct Statement {
    session: Arc<Session>,
    sql: String,
    params: Vec<Value>,
    declared: Declared,
    max_rows: u64,
    batch_rows: usize,
}

impl Statement {
    /// Plans, checks, runs.
    async fn on(self, output: &mut Output) -> Result<()> {
        let (max_rows, batch_rows, stop) = (self.max_rows, self.batch_rows, output.stop.clone());
        // A task of its own, so that time is kept while it works; dropped, it is aborted with all that it started.
        let planning = SpawnedTask::spawn(async move {
            let state = self.session.state(self.batch_rows).map_err(|error| errors::running(&error))?;
            let plan = self.plan(&state).await?;
            Ok::<_, Error>((state, plan))
        });
        let (state, plan) = stop.unless_stopped(planning.join()).await?.map_err(|_| vanished())??;
        let normal = Normal::new(&plan.schema());
        output.schema(Arc::clone(normal.schema()));
        let (sender, mut batches) = mpsc::channel(1);
        let _running = SpawnedTask::spawn(async move {
            let mut stream = match execute_stream(plan, state.task_ctx()) {
                Ok(stream) => stream,
                Err(error) => return drop(sender.send(Err(error)).await),
            };
            while let Some(batch) = stream.next().await {
                if sender.send(batch).await.is_err() {
                    return;
                }
            }
        });
        let (mut sent, mut bytes) = (0, 0);
        while let Some(batch) = stop.unless_stopped(batches.recv()).await? {
            let batch = batch.map_err(|error| errors::running(&error))?;
            let left = usize::try_from(max_rows - sent).unwrap_or(usize::MAX);
            let taken = batch.num_rows().min(left);
            for at in (0..taken).step_by(batch_rows) {
                let part = normal.batch(&batch.slice(at, batch_rows.min(taken - at)))?;
                bytes += size(&part);
                if bytes > output.options.max_bytes {
                    return Err(Error::limit_exceeded(format!(
                        "the result is larger than {} MiB; ask for fewer rows or columns, or aggregate",
                        output.options.max_bytes >> 20
                    )));
                }
                output.send(part).await?;
            }
            sent += taken as u64;
            if batch.num_rows() > taken {
                output.truncate();
                break;
            }
        }
        Ok(())
    }

    /// The text as a plan that was compared with what was vetted, its values in their places.
    async fn plan(&self, state: &SessionState) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = self.logical(state).await?;
        let plan = params::bind(plan, &self.params)?;
        state.create_physical_plan(&plan).await.map_err(|error| errors::planning(&error))
    }

    async fn logical(&self, state: &SessionState) -> Result<LogicalPlan> {
        let options = state.config_options();
        let parsed = state.sql_to_statement(&self.sql, &options.sql_parser.dialect).map_err(|error| errors::planning(&error))?;
        // `COPY`, `EXPLAIN`, `SET`, `CREATE` and whatever else is no query ends here.
        match &parsed {
            Parsed::Statement(statement) if matches!(**statement, Sql::Query(_)) => check::same_reading(statement)?,
            _ => return Err(Error::rejected("only statements that return rows and change nothing run here")),
        }
        let plan = state.statement_to_plan(parsed).await.map_err(|error| errors::planning(&error))?;
        check::check(&plan, &self.declared, &self.session.known)?;
        Ok(plan)
    }
}

fn vanished() -> Error {
    Error::internal("the task of the statement ended without an answer")
}

/// Bytes of the rows in `batch`, without what its buffers hold beside them.
fn size(batch: &RecordBatch) -> u64 {
    let size = |column: &Arc<dyn datafusion::arrow::array::Array>| column.to_data().get_slice_memory_size();
    batch.columns().iter().map(|column| size(column).unwrap_or_else(|_| column.get_array_memory_size()) as u64).sum()
}

/// The threads that statements of one source run on: what they compute holds up nobody else.
#[derive(Debug)]
struct Threads(Option<Runtime>, Handle);

impl Threads {
    fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(std::thread::available_parallelism().map_or(2, usize::from))
            .thread_name("leo-files")
            .thread_stack_size(STACK)
            .thread_keep_alive(Duration::from_secs(10))
            .enable_time()
            .build()
            .map_err(|error| Error::unavailable("no threads can be started for the files; try again").with_source(error))?;
        let handle = runtime.handle().clone();
        Ok(Self(Some(runtime), handle))
    }

    fn handle(&self) -> Handle {
        self.1.clone()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Waiting for threads is not allowed where the last owner may be: in a task.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
