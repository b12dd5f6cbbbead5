//! The cases that the guard lets run are statements that the engine takes: what no engine takes is no honest statement. And where it
//! takes what was written, it takes what is sent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use leo::Dialect;
use leo::adapter::Access;
use leo_tests::guard_cases::{Case, cases, catalogs};
use leo_tests::postgres::Server;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

/// What only a newer server or one with extensions has, and in which of the two it is.
const ELSEWHERE: &[(&str, &str)] = &[("st_dwithin", "PostGIS"), ("json_value", "PostgreSQL 17"), ("<=>", "pgvector")];

/// A case that runs: what was written, and what is sent.
struct Honest {
    place: String,
    written: String,
    sent: String,
}

fn honest(dialect: Dialect) -> Vec<Honest> {
    let catalog = &catalogs()[&dialect];
    let honest = |case: Case| {
        // What a policy changes is not what was written; other tests look at that.
        let is_plain = case.dialects.contains(&dialect) && !case.is_refused() && case.access == Access::full();
        let vetted = is_plain.then(|| case.vet(catalog).into_result().ok()).flatten()?;
        Some(Honest { place: case.place, written: case.sql, sent: vetted.sql().to_owned() })
    };
    cases().into_iter().filter_map(honest).collect()
}

fn schema() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("guard/schema.sql");
    std::fs::read_to_string(path).unwrap()
}

fn assert_taken(dialect: Dialect, all: usize, refused: &[String]) {
    println!("{dialect}: {} of {all} honest cases are taken", all - refused.len());
    assert!(refused.is_empty(), "{} are no statements of {dialect}:\n{}", refused.len(), refused.join("\n"));
    assert!(all > 300);
}

#[test]
fn sqlite_takes_them() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(&schema()).unwrap();
    connection.execute_batch("CREATE INDEX ix ON orders (status); CREATE INDEX by_status ON orders (status); CREATE INDEX ix_lines ON order_lines (order_id);").unwrap();
    let prepare = |sql: &str, quoted_strings: bool| {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, quoted_strings).unwrap();
        connection.prepare(sql).map(drop).map_err(|error| error.to_string())
    };
    let all = honest(Dialect::Sqlite);
    let mut refused = Vec::new();
    for Honest { place, written, sent } in &all {
        match (prepare(written, true), prepare(sent, false)) {
            (Err(error), _) => refused.push(format!("{place}: {written}\n    {error}")),
            (_, Err(error)) => refused.push(format!("{place}: is sent as {sent}\n    {error}")),
            _ => {}
        }
    }
    assert_taken(Dialect::Sqlite, all.len(), &refused);
}

#[test]
fn postgres_takes_them() {
    let Some(server) = Server::start() else { return };
    server.run("postgres", &schema());
    let mut all = honest(Dialect::Postgres);
    all.retain(|case| !ELSEWHERE.iter().any(|(word, _)| case.written.to_ascii_lowercase().contains(word)));
    let statements: Vec<_> = all.iter().flat_map(|it| [(it.written.clone(), vec![]), (it.sent.clone(), vec![])]).collect();
    let outcomes = server.outcomes("postgres", &statements);
    assert_eq!(outcomes.len(), statements.len());
    let mut refused = Vec::new();
    for (Honest { place, written, sent }, outcomes) in all.iter().zip(outcomes.chunks(2)) {
        if outcomes[0].prepared != "00000" {
            refused.push(format!("{place}: {written}\n    {}", outcomes[0].prepared));
        } else if outcomes[1].prepared != "00000" {
            refused.push(format!("{place}: is sent as {sent}\n    {}", outcomes[1].prepared));
        }
    }
    assert_taken(Dialect::Postgres, all.len(), &refused);
}
