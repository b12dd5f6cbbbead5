//! The manager questions as semantic queries: written by hand, compiled, run through guard and gate, and compared with the
//! reference SQL. What a planner has to arrive at, and proof that the query language can say it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use leo::Dialect;
use leo::eval::{Database, GateRunner, ScoreOptions, Suite, judge};
use leo::query::{Calendar, CompileOptions, SemanticQuery, compile, inline_params};

#[tokio::test]
async fn hand_written_queries_give_what_the_references_give() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let suite = Suite::read(&data.join("manager_questions.jsonl")).unwrap();
    let queries: HashMap<String, SemanticQuery> = std::fs::read_to_string(data.join("manager_queries.jsonl"))
        .unwrap()
        .lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let id = row["id"].as_str().unwrap().to_owned();
            let query = serde_json::from_value(row["query"].clone()).unwrap_or_else(|error| panic!("{id}: {error}"));
            (id, query)
        })
        .collect();

    let folder = tempfile::tempdir().unwrap();
    let info = leo::sample::create(folder.path().join("company.db")).unwrap();
    let catalog = leo::Leo::open(&info.path).unwrap().catalog(None).await.unwrap();
    let now = info.as_of.at(12, 0, 0, 0).in_tz("UTC").unwrap();
    let options = CompileOptions { dialect: Dialect::Sqlite, now, calendar: Calendar { fiscal_year_start: 4 } };
    let runner =
        GateRunner::new(leo::Context::new("eval", "eval").unwrap(), Arc::new(leo::audit::MemorySink::with_capacity(100)));
    let database = Database { name: "sample".into(), path: info.path };

    let mut wrong = Vec::new();
    for item in &suite.items {
        let (id, turn) = (item.id.as_str().unwrap(), &item.turns[0]);
        let compiled = match compile(&queries[id], &catalog, &options) {
            Ok(compiled) => compiled,
            Err(error) => {
                wrong.push(format!("{id} {}: {error}", turn.question));
                continue;
            }
        };
        let sql = inline_params(Dialect::Sqlite, &compiled.sql, &compiled.params).unwrap();
        let score = ScoreOptions { float_digits: item.float_digits, ..ScoreOptions::default() };
        let judgement = judge(&runner, &database, Some(&sql), &turn.gold, score).await;
        if !judgement.matches.execution {
            wrong.push(format!("{id} {}: {:?}\n{sql}\n", turn.question, judgement.answer_failed));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), suite.items.len(), wrong.join("\n"));
}
