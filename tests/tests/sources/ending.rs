//! Who ended a call: its caller, the end of its source, or the server.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use leo::builder::Source;
use leo::catalog::Catalog;
use leo::gate::{BatchStream, Cleared, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded};
use leo::source::sqlite::SqliteSource;
use leo::sources::SourceState;
use leo::sync::SyncOptions;
use leo::{Context, Error, ErrorKind, Leo, Result};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::support::{Host, count};

/// A source on which things last until somebody ends them.
#[derive(Debug)]
struct Endless {
    inner: SqliteSource,
    /// Whether its structure does not; statements always do.
    is_known: bool,
    reached: Arc<Notify>,
    /// The server's own end of what runs.
    server: CancellationToken,
}

impl Endless {
    async fn last(&self, ctx: &Context) -> Error {
        self.reached.notify_one();
        tokio::select! {
            () = ctx.cancel.cancelled() => {}
            () = self.server.cancelled() => {}
        }
        Error::cancelled("the statement was cancelled")
    }
}

#[async_trait]
impl Connector for Endless {
    fn info(&self) -> &ConnectorInfo {
        self.inner.info()
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        match self.is_known {
            true => self.inner.introspect(ctx, options).await,
            false => Err(self.last(ctx).await),
        }
    }

    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>> {
        self.inner.estimate(ctx, sql).await
    }

    async fn query(&self, ctx: &Context, _: &Cleared, _: QueryOptions) -> Result<BatchStream> {
        Err(self.last(ctx).await)
    }

    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}

/// A call that has begun, and everybody who may end it.
struct Call {
    host: Host,
    running: tokio::task::JoinHandle<Result<()>>,
    caller: CancellationToken,
    server: CancellationToken,
}

const CALLS: [&str; 4] = ["sql", "catalog", "sync", "test"];

async fn begin(what: &'static str) -> Call {
    let host = Host::new();
    let (reached, server) = (Arc::new(Notify::new()), CancellationToken::new());
    let inner = SqliteSource::from_sql("a", "CREATE TABLE things (id INTEGER)").unwrap();
    let source = Endless { inner, is_known: what == "sql", reached: Arc::clone(&reached), server: server.clone() };
    host.owner("acme").sources().add(Source::new(source)).await.unwrap();
    if what == "sql" {
        host.owner("acme")
            .sync(Some("a"), &SyncOptions { profile: false, relate: None, ..Default::default() }, &|_| {})
            .await
            .unwrap();
    }
    let ctx = Context::new("acme", "olga").unwrap().with_roles(["owner"]);
    let caller = ctx.cancel.clone();
    let leo: Leo = host.leo.for_user(ctx);
    let running = tokio::spawn(async move {
        match what {
            "sql" => count(&leo, "a").await.map(drop),
            "catalog" => leo.catalog(Some("a")).await.map(drop),
            "sync" => leo.sync(Some("a"), &Default::default(), &|_| {}).await.map(drop),
            _ => leo.sources().test("a").await.map(drop),
        }
    });
    reached.notified().await;
    Call { host, running, caller, server }
}

#[tokio::test]
async fn a_call_that_the_end_of_its_source_cancels_says_so() {
    for what in CALLS {
        let call = begin(what).await;
        assert_eq!(call.host.owner("acme").sources().disconnect("a", Duration::ZERO).await.unwrap(), 1, "{what}");
        let error = call.running.await.unwrap().unwrap_err();
        assert!(error.kind() == ErrorKind::Closed && error.message().contains("`a` was disconnected"), "{what}: {error}");
    }
}

#[tokio::test]
async fn a_call_that_its_caller_cancels_while_the_source_ends_is_cancelled() {
    for what in CALLS {
        let call = begin(what).await;
        let sources = call.host.owner("acme").sources();
        let ending = tokio::spawn({
            let sources = sources.clone();
            async move { sources.disconnect("a", Duration::from_secs(3_600)).await }
        });
        while sources.status("a").await.unwrap().state != SourceState::ActionRequired {
            tokio::task::yield_now().await;
        }
        call.caller.cancel();
        let error = call.running.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{what}: {error}");
        assert_eq!(ending.await.unwrap().unwrap(), 0, "{what}: nobody else had to");
    }
}

#[tokio::test]
async fn a_call_that_the_server_cancels_has_its_source_still() {
    for what in CALLS {
        let call = begin(what).await;
        call.server.cancel();
        let error = call.running.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{what}: {error}");
        assert_eq!(call.host.owner("acme").sources().status("a").await.unwrap().state, SourceState::Connected, "{what}");
    }
}
