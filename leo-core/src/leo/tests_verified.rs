//! Verified questions on the whole way: who asks, what runs, and what is said of it.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use async_trait::async_trait;

use crate::adapter::{Access, AccessRequest, Action, AuditSink, Authorizer, TablePolicy};
use crate::ask::{Answer, AnswerStatus};
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::context::{Context, HostContext};
use crate::error::{Error, Result};
use crate::knowledge::read_yaml;
use crate::settings::Preset;
use crate::source::sqlite::SqliteSource;
use crate::{Leo, Value};

const SHOP: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT, age INTEGER);
    CREATE TABLE salaries (id INTEGER PRIMARY KEY, person TEXT, pay INTEGER);
    INSERT INTO customers VALUES (1, 'Ann', 'France', 20), (2, 'Bo', 'Japan', 30), (3, 'Cy', 'Japan', 40), (4, 'Di', 'Atlantis', 50);
    INSERT INTO salaries VALUES (1, 'Ann', 10), (2, 'Bo', 20);";

const KNOWLEDGE: &str = "
verified:
  - { question: How many good customers are from Atlantis?, sql: SELECT count(*) AS n FROM customers WHERE country = 'Atlantis' AND age > 25 }
  - { question: What do we pay Ann?, sql: SELECT pay FROM salaries WHERE person = 'Ann' }
  - { question: How many customers are there?, sql: SELECT count(*) * 100 AS n FROM customers }
  - { question: How many salaries are there?, sql: SELECT vanished FROM salaries }
";

/// `ada` sees everything; `bob` no salaries, and of customers those who are not in Atlantis.
#[derive(Debug)]
struct Rights;

#[async_trait]
impl Authorizer for Rights {
    async fn authorize(&self, ctx: HostContext, request: AccessRequest) -> Result<Access> {
        if ctx.user == "ada" {
            return Ok(Access::full());
        }
        if request.action != Action::Ask {
            return Err(Error::denied("no"));
        }
        let policy = TablePolicy { row_filter: Some("country <> 'Atlantis'".into()), ..TablePolicy::default() };
        Ok(Access { deny_tables: vec!["salaries".into()], tables: [("customers".to_owned(), policy)].into(), ..Access::full() })
    }
}

fn shop() -> (Leo, Leo, Arc<MemorySink>) {
    let source = Source::new(SqliteSource::from_sql("shop", SHOP).unwrap()).execution(true);
    let source = source.knowledge(read_yaml(KNOWLEDGE).unwrap());
    let audit = Arc::new(MemorySink::default());
    let leo = Leo::builder()
        // Everything is shown to those who may see everything.
        .preset(Preset::Local)
        .source(source)
        .authorizer(Arc::new(Rights))
        .audit(Arc::clone(&audit) as Arc<dyn AuditSink>)
        .build()
        .unwrap();
    let user = |name: &str| leo.for_user(Context::new("tenant", name).unwrap());
    (user("ada"), user("bob"), audit)
}

fn number(answer: &Answer) -> Value {
    answer.table.as_ref().unwrap().rows().next().unwrap()[0].clone()
}

#[tokio::test]
async fn verified_questions_are_answered_by_their_statements() {
    let (ada, _, audit) = shop();
    // Word by word, whatever the planner would have made of it.
    let answer = ada.ask("how many customers are there").await.unwrap();
    assert_eq!((answer.status, number(&answer)), (AnswerStatus::Answered, Value::Int(400)));
    assert_eq!((answer.provenance.planner.as_str(), answer.confidence), ("verified", Some(1.0)));
    assert_eq!(answer.explain.reading, "answered as the verified question: How many customers are there?");
    assert!(answer.warnings.is_empty() && answer.provenance.sql_hash.is_some() && answer.provenance.query.is_none());
    // With another value.
    let answer = ada.ask("What is the number of good customers from Japan?").await.unwrap();
    assert_eq!((number(&answer), answer.provenance.planner.as_str()), (Value::Int(2), "verified"));
    assert_eq!(answer.explain.assumptions, ["with \"Japan\" in the place of \"Atlantis\""]);
    let recorded = audit.events();
    let statement = recorded.iter().rfind(|event| event.action == "statement").unwrap();
    assert!(statement.sql.as_ref().unwrap().contains("25"), "{:?}", statement.sql);
    // Nothing like it: the planner's own way.
    let answer = ada.ask("How many customers are from Japan?").await.unwrap();
    assert_eq!((number(&answer), answer.provenance.planner.as_str()), (Value::Int(2), "builtin"));
    // The statement does not hold any more: the planner answers, and nobody is warned.
    let answer = ada.ask("How many salaries are there?").await.unwrap();
    assert_eq!((number(&answer), answer.provenance.planner.as_str()), (Value::Int(2), "builtin"));
    assert!(answer.warnings.is_empty() && answer.explain.findings.iter().all(|finding| !finding.message.contains("vanished")));
}

#[tokio::test]
async fn who_sees_a_part_gets_his_part_and_no_word_of_the_rest() {
    let (ada, bob, audit) = shop();
    let pay = ada.ask("What do we pay Bo?").await.unwrap();
    assert_eq!((number(&pay), pay.provenance.planner.as_str()), (Value::Int(20), "verified"));
    // Not as much as a refusal in the audit: to him there is no such question.
    let refused = || audit.events().iter().filter(|event| event.action == "security_gate_decision").count();
    let before = refused();
    for question in ["What do we pay Ann?", "What do we pay Bo?"] {
        let answer = bob.ask(question).await.unwrap();
        assert_ne!(answer.status, AnswerStatus::Answered);
        assert!(answer.sql.is_none() && !format!("{answer:?}").to_lowercase().contains("salaries"));
    }
    assert_eq!(refused(), before);
    // His rows, and nothing of the value in the verified question, which he cannot see.
    let answer = bob.ask("How many good customers are from \"Japan\"?").await.unwrap();
    assert_eq!((number(&answer), answer.provenance.planner.as_str()), (Value::Int(2), "verified"));
    assert!(!format!("{answer:?}").contains("Atlantis"), "{answer:?}");
    let answer = bob.ask("How many customers are there?").await.unwrap();
    assert_eq!(number(&answer), Value::Int(300));
    let answer = bob.ask("How many good customers are from Atlantis?").await.unwrap();
    assert_eq!(number(&answer), Value::Int(0));
}
