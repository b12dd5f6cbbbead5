//! What the guard assumed holds in every session of PostgreSQL, and the database's own row security sees who asks.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use leo::context::Attribute;
use leo::gate::{self, QueryOptions};
use leo::source::postgres::PostgresSource;
use leo::source::{SessionValue, SourceSpec};
use leo::{Context, ErrorKind, Result, Value};
use leo_tests::behaviour::Asked;
use leo_tests::postgres::Server;

async fn connect(server: &Server, user: &str, database: &str) -> Asked {
    let source = PostgresSource::connect("shop", server.url(user, database).parse().unwrap()).await.unwrap();
    Asked::new(Arc::new(source)).await.unwrap()
}

async fn rows(asked: &Asked, ctx: &Context, sql: &str) -> Result<Vec<Vec<String>>> {
    let stream = asked.start(ctx, sql, &[], QueryOptions::default()).await?;
    let table = gate::collect(stream).await?.table;
    Ok(table.rows().map(|row| row.iter().map(Value::to_string).collect()).collect())
}

fn ctx(tenant: &str, user: &str) -> Context {
    Context::new(tenant, user).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_the_users_shadows_the_engines_own() {
    let Some(server) = Server::shared() else { return };
    // A schema in front of all others, with functions, operators, types and tables of well-known names; hostile settings of the role.
    server.run("postgres", "CREATE DATABASE shadows");
    server.run(
        "shadows",
        "CREATE SCHEMA evil; CREATE TABLE public.people (id integer, name text); INSERT INTO public.people VALUES (1, 'Ann');
         CREATE TABLE evil.people (id integer, name text); INSERT INTO evil.people VALUES (666, 'Eve');
         CREATE FUNCTION evil.upper(text) RETURNS text LANGUAGE sql AS $$ SELECT 'shadowed' $$;
         CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'shadowed' $$;
         CREATE FUNCTION evil.always(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
         CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.always);
         CREATE DOMAIN evil.date AS text;
         GRANT USAGE ON SCHEMA evil TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA public, evil TO reader;
         ALTER ROLE reader IN DATABASE shadows SET search_path = evil, public, pg_catalog;
         ALTER ROLE reader IN DATABASE shadows SET standard_conforming_strings = off;
         ALTER ROLE reader IN DATABASE shadows SET datestyle = 'SQL, DMY'; ALTER ROLE reader IN DATABASE shadows SET intervalstyle = 'sql_standard';
         ALTER ROLE reader IN DATABASE shadows SET timezone = 'Asia/Kathmandu'; ALTER ROLE reader IN DATABASE shadows SET bytea_output = 'escape';
         ALTER ROLE reader IN DATABASE shadows SET transform_null_equals = on; ALTER ROLE reader IN DATABASE shadows SET row_security = off;
         ALTER ROLE reader IN DATABASE shadows SET default_transaction_read_only = off;",
    );
    let asked = connect(server, "reader", "shadows").await;
    let one = async |sql: &str| rows(&asked, &ctx("acme", "ada"), sql).await.unwrap();
    for _ in 0..2 {
        assert_eq!(one("SELECT upper(name) AS u, lower(name) AS l FROM public.people").await, [["ANN", "ann"]]);
        assert_eq!(one("SELECT id FROM public.people WHERE name = 'Eve'").await, Vec::<Vec<String>>::new());
        assert_eq!(
            one("SELECT '\\' AS backslash, CAST('2024-02-03' AS date) AS d FROM public.people").await,
            [["\\", "2024-02-03"]]
        );
        assert_eq!(
            one("SELECT CAST(TIMESTAMP '2024-02-03 04:05:06' AS text) AS t FROM public.people").await,
            [["2024-02-03 04:05:06"]]
        );
        assert_eq!(one("SELECT CAST(INTERVAL '1 day 2 hours' AS text) AS t FROM public.people").await, [["P1DT2H"]]);
        assert_eq!(one("SELECT id FROM public.people WHERE name = NULL").await, Vec::<Vec<String>>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_leaves_nothing_behind_for_the_next() {
    let Some(server) = Server::shared() else { return };
    server.run("postgres", "CREATE DATABASE poison");
    // Views do what the guard would not let a statement do: whoever made them may have been careless, or hostile.
    server.run(
        "poison",
        "CREATE TABLE one (n integer); INSERT INTO one VALUES (1);
         CREATE VIEW poison AS SELECT set_config('search_path', 'evil', false) AS path, set_config('app.tenant', 'other', false) AS tenant,
             set_config('statement_timeout', '0', false) AS never, pg_try_advisory_lock(42) AS locked FROM one;
         CREATE VIEW state AS SELECT current_setting('search_path') AS path, coalesce(current_setting('app.tenant', true), '') AS tenant,
             current_setting('transaction_read_only') AS read_only, (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks FROM one;
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    );
    let mut spec: SourceSpec = server.url("reader", "poison").parse().unwrap();
    spec.connections.max = 1;
    let asked = Asked::new(Arc::new(PostgresSource::connect("shop", spec).await.unwrap())).await.unwrap();
    let clean = [["pg_catalog, pg_temp", "", "on", "0"]];
    let state = "SELECT path, tenant, read_only, locks FROM public.state";
    let ada = ctx("acme", "ada");
    assert_eq!(rows(&asked, &ada, state).await.unwrap(), clean);
    match rows(&asked, &ada, "SELECT path, tenant, never, locked FROM public.poison").await {
        Ok(found) => assert_eq!(found.len(), 1),
        // The guard reads the view's definition and may refuse it; then there is nothing to clean up.
        Err(error) => assert_eq!(error.kind(), ErrorKind::Rejected, "{error}"),
    }
    assert_eq!(rows(&asked, &ada, state).await.unwrap(), clean);
    assert_eq!(asked.connector.health().connections, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_may_write_cannot_write_here() {
    let Some(server) = Server::shared() else { return };
    server.run("postgres", "CREATE DATABASE writable");
    server.run(
        "writable",
        "CREATE TABLE log (n integer); CREATE TABLE one (n integer); INSERT INTO one VALUES (1);
         CREATE FUNCTION note() RETURNS integer LANGUAGE sql VOLATILE AS $$ INSERT INTO public.log VALUES (1) RETURNING n $$;
         CREATE VIEW writes AS SELECT public.note() AS n FROM one",
    );
    let asked = connect(server, "admin", "writable").await;
    let error = rows(&asked, &ctx("acme", "ada"), "SELECT n FROM public.writes").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected, "{error}");
    assert_eq!(server.run("writable", "SELECT count(*) FROM log").trim(), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_security_of_the_database_separates_users() {
    let Some(server) = Server::shared() else { return };
    server.run("postgres", "CREATE DATABASE tenants");
    server.run(
        "tenants",
        "CREATE TABLE invoices (id integer, tenant text, clerk text, region text);
         INSERT INTO invoices VALUES (1, 'acme', 'ada', 'north'), (2, 'acme', 'bob', 'south'), (3, 'globex', 'ada', 'north');
         ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON invoices FOR SELECT TO reader USING (tenant = current_setting('app.tenant', true)
             AND clerk = current_setting('app.user', true) AND region = current_setting('app.region', true));
         GRANT SELECT ON invoices TO reader",
    );
    let mut spec: SourceSpec = server.url("reader", "tenants").parse().unwrap();
    spec.connections.max = 1;
    spec.session = [
        ("app.tenant".to_owned(), SessionValue::Tenant),
        ("app.user".to_owned(), SessionValue::User),
        ("app.region".to_owned(), SessionValue::Attribute("region".into())),
    ]
    .into();
    let asked = Asked::new(Arc::new(PostgresSource::connect("shop", spec.clone()).await.unwrap())).await.unwrap();
    let sql = "SELECT id FROM public.invoices ORDER BY id";
    let of = |tenant: &str, user: &str, region: &str| ctx(tenant, user).with_attribute("region", Attribute::One(region.into()));
    for _ in 0..3 {
        assert_eq!(rows(&asked, &of("acme", "ada", "north"), sql).await.unwrap(), [["1"]]);
        assert_eq!(rows(&asked, &of("acme", "bob", "south"), sql).await.unwrap(), [["2"]]);
        assert_eq!(rows(&asked, &of("globex", "ada", "north"), sql).await.unwrap(), [["3"]]);
        assert!(rows(&asked, &of("acme", "x' OR true --", "north"), sql).await.unwrap().is_empty());
    }
    let error = rows(&asked, &ctx("acme", "ada"), sql).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    // Without the values nobody sees anything.
    spec.session.clear();
    let asked = Asked::new(Arc::new(PostgresSource::connect("shop", spec.clone()).await.unwrap())).await.unwrap();
    assert!(rows(&asked, &of("acme", "ada", "north"), sql).await.unwrap().is_empty());
    spec.session = [("search_path".to_owned(), SessionValue::Fixed("evil".into()))].into();
    let asked = Asked::new(Arc::new(PostgresSource::connect("shop", spec).await.unwrap())).await.unwrap();
    assert_eq!(rows(&asked, &ctx("acme", "ada"), sql).await.unwrap_err().kind(), ErrorKind::Config);
}
