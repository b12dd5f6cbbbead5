//! The handle cannot be used to reach a database unvetted, unrecorded, unauthorised or for somebody else.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use leo::adapter::{Access, AccessRequest, Authorizer, RoleAuthorizer};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::catalog::Catalog;
use leo::context::HostContext;
use leo::gate::{BatchStream, Cleared, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded};
use leo::settings::{Preset, SettingsLayer};
use leo::source::sqlite::SqliteSource;
use leo::sync::SyncOptions;
use leo::{AnswerStatus, AskOptions, Context, ErrorKind, Leo, Result, SqlOptions};
use leo_tests::audit::Sink;

const SCHEMA: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), amount REAL, ordered_on TEXT);
    CREATE TABLE salaries (id INTEGER PRIMARY KEY, employee TEXT, pay REAL);
    INSERT INTO customers VALUES (1, 'Ada', 'Norway'), (2, 'Bo', 'Peru'), (3, 'Cy', 'Peru');
    INSERT INTO orders VALUES (1, 1, 10, '2024-01-05'), (2, 2, 20, '2024-02-05'), (3, 2, 30, '2024-02-07');
    INSERT INTO salaries VALUES (1, 'Dee', 47110815), (2, 'Eli', 815);";

/// A SQLite source that counts how often it is touched for a statement.
#[derive(Debug)]
struct Counted {
    inner: SqliteSource,
    touched: Arc<AtomicUsize>,
}

#[async_trait]
impl Connector for Counted {
    fn info(&self) -> &ConnectorInfo {
        self.inner.info()
    }
    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        self.inner.introspect(ctx, options).await
    }
    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>> {
        self.touched.fetch_add(1, Ordering::SeqCst);
        self.inner.estimate(ctx, sql).await
    }
    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        self.touched.fetch_add(1, Ordering::SeqCst);
        self.inner.query(ctx, sql, options).await
    }
    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}

struct Host {
    leo: Leo,
    sink: Arc<Sink>,
    touched: Arc<AtomicUsize>,
}

fn source(execution: bool) -> (Source, Arc<AtomicUsize>) {
    let touched = Arc::new(AtomicUsize::new(0));
    let inner = SqliteSource::from_sql("shop", SCHEMA).unwrap();
    (Source::new(Counted { inner, touched: Arc::clone(&touched) }).execution(execution), touched)
}

/// An embedding product's handle, its source already synced and its counters at zero.
async fn host(execution: bool, authorizer: Arc<dyn Authorizer>) -> Host {
    let (source, touched) = source(execution);
    let sink = Arc::new(Sink::default());
    let leo = Leo::builder().source(source).authorizer(authorizer).audit(Arc::clone(&sink) as _).build().unwrap();
    leo.for_user(owner("acme")).sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    touched.store(0, Ordering::SeqCst);
    sink.clear();
    Host { leo, sink, touched }
}

fn owner(tenant: &str) -> Context {
    Context::new(tenant, "olga").unwrap().with_roles(["owner"])
}

fn member(tenant: &str) -> Context {
    Context::new(tenant, "mia").unwrap().with_roles(["member"])
}

#[test]
fn an_embedded_handle_names_what_it_lacks() {
    let error = Leo::builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    for part in ["authorizer", "audit"] {
        assert!(error.message().contains(part), "{error}");
    }
    let two = || Source::new(SqliteSource::from_sql("same", "CREATE TABLE t (a int)").unwrap());
    let error = Leo::builder().preset(Preset::Local).source(two()).source(two()).build().unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.message().contains("`same`"), "{error}");
}

#[tokio::test]
async fn without_a_user_nothing_is_asked() {
    let host = host(true, Arc::new(RoleAuthorizer)).await;
    for error in [
        host.leo.ask("how many orders?").await.unwrap_err(),
        host.leo.sql("SELECT 1").await.unwrap_err(),
        host.leo.catalog(None).await.unwrap_err(),
    ] {
        assert!(error.kind() == ErrorKind::Config && error.message().contains("for_user"), "{error}");
    }
    assert_eq!(host.touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_user_without_a_role_is_denied_and_the_denial_is_recorded() {
    let host = host(true, Arc::new(RoleAuthorizer)).await;
    let nobody = host.leo.for_user(Context::new("acme", "nia").unwrap());
    assert_eq!(nobody.ask("how many orders?").await.unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(nobody.sql("SELECT count(*) FROM orders").await.unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(nobody.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(host.touched.load(Ordering::SeqCst), 0);
    let refused = |action: &str| host.sink.actions().contains(&(action.to_owned(), "refused".to_owned()));
    assert!(refused("question") && refused("security_gate_decision"), "{:?}", host.sink.actions());
}

#[tokio::test]
async fn execution_is_off_until_it_is_turned_on_and_the_decision_is_recorded() {
    let host = host(false, Arc::new(RoleAuthorizer)).await;
    let mia = host.leo.for_user(member("acme"));
    let answer = mia.ask("how many orders are there?").await.unwrap();
    assert_eq!(answer.status, AnswerStatus::NotExecuted);
    assert!(answer.sql.is_some() && answer.table.is_none());
    assert_eq!(mia.sql("SELECT count(*) FROM orders").await.unwrap().status, AnswerStatus::NotExecuted);
    assert_eq!(mia.sql_stream("SELECT 1", &SqlOptions::default()).await.unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(host.touched.load(Ordering::SeqCst), 0, "neither estimate nor query");

    assert_eq!(mia.set_execution(None, true).await.unwrap_err().kind(), ErrorKind::Denied);
    host.sink.fail(Some("security_gate_decision"));
    assert!(host.leo.for_user(owner("acme")).set_execution(None, true).await.is_err());
    host.sink.fail(None);
    assert_eq!(mia.ask("how many orders are there?").await.unwrap().status, AnswerStatus::NotExecuted, "unrecorded is undone");

    host.leo.for_user(owner("acme")).set_execution(None, true).await.unwrap();
    assert!(host.sink.actions().contains(&("security_gate_decision".into(), "on".into())));
    assert_eq!(mia.ask("how many orders are there?").await.unwrap().status, AnswerStatus::Answered);
}

#[tokio::test]
async fn what_cannot_be_recorded_does_not_run() {
    let host = host(true, Arc::new(RoleAuthorizer)).await;
    let mia = host.leo.for_user(member("acme"));
    host.sink.fail(Some("statement"));
    let error = mia.ask("how many orders are there?").await.unwrap_err();
    assert!(error.kind() == ErrorKind::Unavailable && error.message().contains("nothing ran"), "{error}");
    assert!(mia.sql("SELECT count(*) FROM orders").await.is_err());
    assert_eq!(host.touched.load(Ordering::SeqCst), 0);

    host.sink.fail(Some("question"));
    let error = mia.ask("how many orders are there?").await.unwrap_err();
    assert!(error.message().contains("withheld"), "an answer that cannot be recorded is not given: {error}");
}

#[tokio::test]
async fn every_statement_has_one_attempt_and_one_outcome_and_every_question_one_record() {
    let host = host(true, Arc::new(RoleAuthorizer)).await;
    let mia = host.leo.for_user(member("acme"));
    mia.ask("how many orders are there?").await.unwrap();
    let actions: Vec<String> = host.sink.actions().into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["statement", "statement_outcome", "question"]);
    let events = host.sink.events();
    assert!(events.iter().all(|event| event.tenant == "acme" && event.user == "mia"));
    assert!(events.iter().all(|event| event.preset.as_deref() == Some("embedded")));
    assert_eq!(events[1].attempt.as_deref(), Some(events[0].id.as_str()));
    assert_eq!(events[2].attempt.as_deref(), Some(events[0].id.as_str()));
}

/// Shows members everything but the salaries, and of the customers no country.
#[derive(Debug)]
struct Discreet;

#[async_trait]
impl Authorizer for Discreet {
    async fn authorize(&self, ctx: HostContext, _: AccessRequest) -> Result<Access> {
        let mut access = Access::full();
        if ctx.roles.iter().any(|role| role == "member") {
            access.deny_tables = vec!["salaries".into()];
            access.tables.entry("customers".into()).or_default().deny_columns = vec!["country".into()];
        }
        Ok(access)
    }
}

#[tokio::test]
async fn what_a_user_may_not_see_is_neither_answered_nor_named() {
    let host = host(true, Arc::new(Discreet)).await;
    let (mia, olga) = (host.leo.for_user(member("acme")), host.leo.for_user(owner("acme")));
    assert_eq!(olga.ask("total pay of all salaries").await.unwrap().status, AnswerStatus::Answered);
    for question in ["total pay of all salaries", "customers by country", "orders from Peru", "average pay by employee"] {
        let answer = mia.ask(question).await.unwrap();
        let json = serde_json::to_string(&answer).unwrap().to_lowercase();
        // What the user said may be repeated; what only the database says may not.
        for hidden in ["salaries", "country", "47110815", "peru", "norway", "employee"] {
            assert!(question.to_lowercase().contains(hidden) || !json.contains(hidden), "{question}: {hidden} in {json}");
        }
        if let Some(table) = &answer.table {
            assert!(!table.rows().flatten().any(|value| ["Peru", "Norway"].contains(&value.to_string().as_str())));
        }
    }
    for sql in ["SELECT pay FROM salaries", "SELECT country FROM customers", "SELECT * FROM customers WHERE country = 'Peru'"] {
        assert_eq!(mia.sql(sql).await.unwrap_err().kind(), ErrorKind::Rejected, "{sql}");
    }
    let seen = serde_json::to_string(&*mia.catalog(None).await.unwrap()).unwrap();
    assert!(!seen.contains("salaries") && !seen.contains("country") && seen.contains("customers"));
    assert!(serde_json::to_string(&*olga.catalog(None).await.unwrap()).unwrap().contains("salaries"));
}

#[tokio::test]
async fn a_tenant_reads_neither_the_records_nor_the_settings_of_another() {
    let (source, _) = source(true);
    // Kept in memory by the preset `local`, with two tenants in it all the same.
    let leo = Leo::builder().preset(Preset::Local).source(source).build().unwrap();
    let (acme, globex) = (leo.for_user(owner("acme")), leo.for_user(owner("globex")));
    acme.ask("how many orders are there?").await.unwrap();
    globex.ask("how many customers are there?").await.unwrap();
    let theirs = globex.recent_audit().await.unwrap();
    assert!(!theirs.is_empty() && theirs.iter().all(|event| event.tenant == "globex"));

    acme.set_tenant_settings(SettingsLayer::parse(r#"{"ask": {"max_rows": 1}}"#).unwrap()).await.unwrap();
    assert_eq!(acme.sql("SELECT * FROM orders").await.unwrap().row_count, 1);
    assert_eq!(globex.sql("SELECT * FROM orders").await.unwrap().row_count, 3);
    assert_eq!(acme.settings(None).await.unwrap().settings.ask.max_rows, 1);
    let changed = acme.recent_audit().await.unwrap();
    assert!(changed.iter().any(|event| event.action == "settings_changed"));
}

#[tokio::test]
async fn row_ceiling_and_timeout_of_a_call_hold() {
    let host = host(true, Arc::new(RoleAuthorizer)).await;
    let mia = host.leo.for_user(member("acme"));
    let options = SqlOptions { max_rows: Some(2), ..SqlOptions::default() };
    let answer = mia.sql_with("SELECT * FROM orders", &options).await.unwrap();
    assert_eq!((answer.row_count, answer.truncated), (2, true));
    let options = SqlOptions { max_rows: Some(5_001), ..SqlOptions::default() };
    assert_eq!(mia.sql_with("SELECT * FROM orders", &options).await.unwrap_err().kind(), ErrorKind::LimitExceeded);
    let options = AskOptions { max_rows: Some(5_001), ..AskOptions::default() };
    assert_eq!(mia.ask_with("how many orders are there?", &options).await.unwrap_err().kind(), ErrorKind::LimitExceeded);
}

#[tokio::test]
async fn a_cancelled_call_stops_and_says_so() {
    let host = host(true, Arc::new(RoleAuthorizer)).await;
    let ctx = member("acme");
    ctx.cancel.cancel();
    let error = host.leo.for_user(ctx).ask("how many orders are there?").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(host.touched.load(Ordering::SeqCst), 0);
}

/// Changes the database when the statement is priced: after it was vetted, before it runs.
#[derive(Debug)]
struct Shifting {
    inner: SqliteSource,
    leo: Arc<Mutex<Option<Leo>>>,
    once: AtomicBool,
}

#[async_trait]
impl Connector for Shifting {
    fn info(&self) -> &ConnectorInfo {
        self.inner.info()
    }
    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        let mut catalog = self.inner.introspect(ctx, options).await?;
        if self.once.load(Ordering::SeqCst) {
            catalog.tables.retain(|table| table.name.name != "salaries");
            catalog.reindex();
        }
        Ok(catalog)
    }
    async fn estimate(&self, _: &Context, _: &Recorded) -> Result<Option<Estimate>> {
        if !self.once.swap(true, Ordering::SeqCst) {
            return Ok(None);
        }
        let leo = self.leo.lock().unwrap().clone().unwrap();
        leo.for_user(owner("acme")).sync(None, &SyncOptions { profile: false, ..SyncOptions::default() }, &|_| {}).await?;
        Ok(None)
    }
    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        self.inner.query(ctx, sql, options).await
    }
    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}

#[tokio::test]
async fn a_statement_vetted_against_an_older_catalogue_does_not_run() {
    let slot = Arc::new(Mutex::new(None));
    let inner = SqliteSource::from_sql("shop", SCHEMA).unwrap();
    let source = Source::new(Shifting { inner, leo: Arc::clone(&slot), once: AtomicBool::new(false) }).execution(true);
    let leo = Leo::builder().source(source).authorizer(Arc::new(RoleAuthorizer)).audit(Arc::new(MemorySink::default())).build();
    let leo = leo.unwrap();
    *slot.lock().unwrap() = Some(leo.clone());
    let mia = leo.for_user(member("acme"));
    let unprofiled = SyncOptions { profile: false, ..SyncOptions::default() };
    leo.for_user(owner("acme")).sync(None, &unprofiled, &|_| {}).await.unwrap();
    assert_eq!(mia.ask("how many orders are there?").await.unwrap().status, AnswerStatus::Answered);
    // The second estimate syncs a structure without the salaries: what was vetted before is out of date.
    let error = mia.ask("how many orders are there?").await.unwrap_err();
    assert!(error.kind() == ErrorKind::Conflict && error.message().contains("catalogue"), "{error}");
    assert_eq!(mia.ask("total pay of all salaries").await.unwrap().status, AnswerStatus::Declined);
    *slot.lock().unwrap() = None;
}
