//! The MySQL connector against a MariaDB server of its own: what it connects to, what comes back, how it stops.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use futures::StreamExt;
use leo::adapter::{Access, AuditSink};
use leo::audit::MemorySink;
use leo::catalog::Catalog;
use leo::gate::{self, Cleared, Connector, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions, RecordMeta};
use leo::guard::{Purpose, Request, vet};
use leo::settings::GuardLimits;
use leo::source::mysql::MysqlSource;
use leo::{Context, Result, Table, Value};
use leo_tests::mariadb::Server;

fn ctx() -> Context {
    Context::new("acme", "ada").unwrap()
}

async fn catalog(source: &MysqlSource) -> Catalog {
    source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap()
}

/// Takes a statement through guard and gate up to the connector's door.
async fn clear(source: &MysqlSource, catalog: &Catalog, ctx: &Context, sql: &str, params: &[Value]) -> Result<Cleared> {
    let settings = GuardLimits { row_cap: 10_000_000, ..GuardLimits::default() };
    let request = Request {
        ctx,
        source: &source.info().source,
        catalog,
        access: &Access::full(),
        settings: &settings,
        sql,
        params,
        purpose: Purpose::Eval,
    };
    let vetted = vet(&request).into_result()?;
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let policy_hash = vetted.policy_hash().to_owned();
    let now = InForce { catalog_version: catalog.version(), policy_hash: &policy_hash };
    let recorded = gate::record(ctx, vetted, &audit, RecordMeta::default()).await?;
    match gate::price(ctx, recorded, source, now, &PriceLimits::default()).await? {
        Priced::Cleared(cleared) => Ok(cleared),
        other => panic!("{other:?}"),
    }
}

async fn run_in(source: &MysqlSource, catalog: &Catalog, ctx: &Context, sql: &str, params: &[Value]) -> Result<Table> {
    let cleared = clear(source, catalog, ctx, sql, params).await?;
    let mut stream = source.query(ctx, &cleared, QueryOptions::default()).await?;
    let mut batches = Vec::new();
    while let Some(batch) = stream.next().await {
        batches.push(batch?);
    }
    Table::new(stream.schema().clone(), batches)
}

async fn run(source: &MysqlSource, catalog: &Catalog, sql: &str) -> Result<Table> {
    run_in(source, catalog, &ctx(), sql, &[]).await
}

async fn connect(server: &Server, user: &str) -> MysqlSource {
    MysqlSource::connect("shop", server.url(user).parse().unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_first_look() {
    let Some(server) = Server::shared() else { return };
    server.run("CREATE TABLE look (id INT PRIMARY KEY, name VARCHAR(20) COMMENT 'how we call it', paid DECIMAL(10,2)) COMMENT 'things'; \
        INSERT INTO look VALUES (1, 'Ann', 1.5), (2, 'Bob', NULL)").await;
    let source = connect(server, "reader").await;
    println!("{:?}", source.info());
    let catalog = catalog(&source).await;
    println!("{catalog:#?}");
    let table = run(&source, &catalog, "SELECT id, name, paid FROM look WHERE id < 3 ORDER BY id").await.unwrap();
    println!("{:?}", table.schema());
    for row in table.rows() {
        println!("{}", row.iter().map(|v| v.to_string()).collect::<Vec<_>>().join("|"));
    }
    println!("{:?}", source.test(&ctx()).await);
    println!("{:?}", source.health());
}
