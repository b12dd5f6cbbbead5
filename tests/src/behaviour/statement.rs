//! A statement on the only way there is: vetted, recorded, priced, run.

use std::sync::Arc;

use leo::adapter::{Access, AuditSink};
use leo::audit::MemorySink;
use leo::catalog::Catalog;
use leo::gate::{
    self, Cleared, Connector, GateStream, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions, RecordMeta,
};
use leo::guard::{Purpose, Request, vet};
use leo::settings::GuardLimits;
use leo::{Context, Error, Result, Table, Value};

use super::SOURCE;

/// A user of the suite.
///
/// # Panics
/// Never: the names are valid.
pub fn ctx() -> Context {
    Context::new("acme", "ada").expect("valid names")
}

/// A connector with what is known about its source.
#[derive(Debug)]
pub struct Asked {
    /// The connector.
    pub connector: Arc<dyn Connector>,
    /// Its structure.
    pub catalog: Catalog,
    /// What stands before each statement; see [`Fixture::prelude`](super::Fixture::prelude).
    prelude: &'static str,
}

impl Asked {
    /// Reads the structure.
    ///
    /// # Errors
    /// The connector's.
    pub async fn new(connector: Arc<dyn Connector>) -> Result<Self> {
        let catalog = connector.introspect(&ctx(), IntrospectOptions::default()).await?;
        Ok(Self { connector, catalog, prelude: "" })
    }

    /// Connects to the fixture, whose tables stand before each statement where they are none of the database's.
    ///
    /// # Errors
    /// The connector's, as the reason of a failure.
    pub async fn of(fixture: &dyn super::Fixture) -> std::result::Result<Self, String> {
        let connector = fixture.connect().await.map_err(super::said)?;
        let asked = Self::new(connector).await.map_err(super::said)?;
        Ok(Self { prelude: fixture.prelude(), ..asked })
    }

    /// Takes a statement to the connector's door.
    ///
    /// # Errors
    /// `Rejected` with the guard's findings, and what pricing fails with.
    pub async fn clear(&self, ctx: &Context, sql: &str, params: &[Value]) -> Result<(Cleared, String)> {
        let settings = GuardLimits { row_cap: 10_000_000, cross_join_rows: u64::MAX, ..GuardLimits::default() };
        let access = Access::full();
        let source = &self.connector.info().source;
        let sql = &format!("{}{sql}", self.prelude);
        let request = Request {
            ctx,
            source,
            catalog: &self.catalog,
            access: &access,
            settings: &settings,
            sql,
            params,
            purpose: Purpose::Sql,
        };
        let vetting = vet(&request);
        let Some(vetted) = vetting.vetted else {
            return Err(Error::rejected(format!("{sql}: {:?}", vetting.findings)).with_findings(vetting.findings));
        };
        let policy = vetted.policy_hash().to_owned();
        let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
        let recorded = gate::record(ctx, vetted, &audit, RecordMeta::default()).await?;
        let now = InForce { catalog_version: self.catalog.version(), policy_hash: &policy };
        match gate::price(ctx, recorded, self.connector.as_ref(), now, &PriceLimits::default()).await? {
            Priced::Cleared(cleared) => Ok((cleared, policy)),
            _ => Err(Error::internal("no limit was set")),
        }
    }

    /// Starts a statement.
    ///
    /// # Errors
    /// As [`clear`](Self::clear), and what running fails with before the schema is known.
    pub async fn start(&self, ctx: &Context, sql: &str, params: &[Value], options: QueryOptions) -> Result<GateStream> {
        let (cleared, policy) = self.clear(ctx, sql, params).await?;
        let now = InForce { catalog_version: self.catalog.version(), policy_hash: &policy };
        gate::run(ctx, cleared, self.connector.as_ref(), now, options).await
    }

    /// Runs a statement to its end.
    ///
    /// # Errors
    /// As [`start`](Self::start), and the stream's.
    pub async fn table(&self, sql: &str) -> Result<Table> {
        self.table_with(sql, &[]).await
    }

    /// [`table`](Self::table) with values for its placeholders.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub async fn table_with(&self, sql: &str, params: &[Value]) -> Result<Table> {
        let stream = self.start(&ctx(), sql, params, QueryOptions { max_rows: 1_000_000, ..QueryOptions::default() }).await?;
        Ok(gate::collect(stream).await?.table)
    }
}

/// Runs a statement at a new connection of the fixture; its rows as text, NULL as `NULL`.
///
/// # Errors
/// As [`Asked::table`], as the reason of a failure.
pub async fn ask(fixture: &dyn super::Fixture, sql: &str) -> std::result::Result<Vec<Vec<String>>, String> {
    with_params(fixture, sql, &[]).await
}

/// [`ask`] with values for placeholders.
///
/// # Errors
/// As [`ask`].
pub async fn with_params(
    fixture: &dyn super::Fixture,
    sql: &str,
    params: &[Value],
) -> std::result::Result<Vec<Vec<String>>, String> {
    debug_assert_eq!(SOURCE, "shop");
    let asked = Asked::of(fixture).await?;
    let table = asked.table_with(sql, params).await.map_err(super::said)?;
    Ok(text(&table))
}

/// Cells as text, NULL as `NULL`.
pub(super) fn text(table: &Table) -> Vec<Vec<String>> {
    let cell = |value: Value| if value.is_null() { "NULL".to_owned() } else { value.to_string() };
    table.rows().map(|row| row.into_iter().map(cell).collect()).collect()
}
