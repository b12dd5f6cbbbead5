//! Narratives by a model, on the whole way: when it is asked, what it costs, what becomes of what it writes and of its failures.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use crate::adapter::{AuditSink, KeyStore, Model, ModelPurpose, ModelRequest, ModelResponse, ModelStop, Storage};
use crate::ask::narrate::{Source as From, check};
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::catalog::TableName;
use crate::context::{Context, HostContext};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Aggregate, Measure, SemanticQuery};
use crate::seal::EnvironmentKeys;
use crate::settings::{Preset, SettingsLayer};
use crate::source::sqlite::SqliteSource;
use crate::store::MemoryStorage;
use crate::{Answer, AnswerStatus, AskOptions, Leo};

const SHOP: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, email TEXT, amount INTEGER, placed DATE);
    INSERT INTO orders VALUES (1, 'Quintessa', 'quin@shop.example', 10, '2024-01-05'), (2, 'Quintessa', 'quin@shop.example', 30, '2024-02-06'),
        (3, 'Bartholomew', 'bart@shop.example', 35, '2024-02-07');";
const BY_CUSTOMER: &str = "number of orders by customer";
/// What the built-in planner declines.
const SPREAD: &str = "interquartile spread of the amounts, please";
const LEADS: &str = "{{at_max:amount.customer}} has the highest amount with {{max:amount}}.";

/// What it does when it is to tell.
#[derive(Debug, Default, Clone)]
enum Does {
    #[default]
    Nothing,
    Says(Json),
    Refuses,
    BreaksOff,
    Fails,
    Panics,
    Hangs,
}

#[derive(Debug, Default)]
struct Teller {
    plans: Mutex<Json>,
    does: Mutex<Does>,
    asked: Mutex<Vec<ModelRequest>>,
}

#[async_trait]
impl Model for Teller {
    async fn complete(&self, _: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        let purpose = request.purpose;
        self.asked.lock().unwrap().push(request);
        let plain = |output: Json| ModelResponse {
            output,
            input_tokens: 100,
            output_tokens: 7,
            cost_usd: Some(0.001),
            model: "teller\n{{1}}".into(),
            ..ModelResponse::default()
        };
        if purpose != ModelPurpose::Narrate {
            return Ok(plain(self.plans.lock().unwrap().clone()));
        }
        let does = self.does.lock().unwrap().clone();
        match does {
            Does::Nothing => Ok(plain(Json::Null)),
            Does::Says(output) => Ok(plain(output)),
            Does::Refuses => Ok(ModelResponse { stop: ModelStop::Refused, ..plain(json!("no")) }),
            Does::BreaksOff => Ok(ModelResponse { stop: ModelStop::Length, ..plain(json!("The")) }),
            Does::Fails => Err(Error::unavailable("key sk-hunter2 is not valid")),
            Does::Panics => panic!("sk-hunter2"),
            Does::Hangs => std::future::pending().await,
        }
    }
}

struct Host {
    leo: Leo,
    teller: Arc<Teller>,
    audit: Arc<MemorySink>,
}

fn host() -> Host {
    let (teller, audit) = (Arc::new(Teller::default()), Arc::new(MemorySink::default()));
    let source = Source::new(SqliteSource::from_sql("shop", SHOP).unwrap()).personal_data("orders.email", "email");
    let keys = EnvironmentKeys::parse(&format!("1:{}", "ab".repeat(32))).unwrap();
    let leo = Leo::builder()
        .preset(Preset::Local)
        .source(source.execution(true))
        .audit(Arc::clone(&audit) as Arc<dyn AuditSink>)
        .storage(Arc::new(MemoryStorage::default()) as Arc<dyn Storage>)
        .keys(Arc::new(keys) as Arc<dyn KeyStore>)
        .model(Arc::clone(&teller) as Arc<dyn Model>)
        .build()
        .unwrap();
    Host { leo, teller, audit }
}

fn settings(more: &[(&str, Json)]) -> SettingsLayer {
    let mut settings = SettingsLayer::default();
    settings.set("model.narrative", true).unwrap();
    more.iter().for_each(|(path, value)| settings.set(path, value.clone()).unwrap());
    settings
}

impl Host {
    fn tell(&self, sentences: &[&str]) {
        *self.teller.does.lock().unwrap() = Does::Says(json!({"sentences": sentences}));
    }

    fn plan(&self, sql: &str) {
        *self.teller.plans.lock().unwrap() = json!({"sql": sql, "params": []});
    }

    /// What it was asked to tell.
    fn asked(&self) -> Vec<ModelRequest> {
        let asked = std::mem::take(&mut *self.teller.asked.lock().unwrap());
        asked.into_iter().filter(|request| request.purpose == ModelPurpose::Narrate).collect()
    }

    async fn ask(&self, question: &str, more: &[(&str, Json)]) -> Answer {
        let options = AskOptions { settings: settings(more), ..AskOptions::default() };
        self.leo.ask_with(question, &options).await.unwrap()
    }

    /// The setting of a tenant.
    async fn set(&self, path: &str, value: Json) {
        let mut own = SettingsLayer::default();
        own.set(path, value).unwrap();
        self.leo.set_tenant_settings(own).await.unwrap();
    }
}

/// What is told without a model.
async fn by_rules(question: &str) -> Answer {
    host().leo.ask(question).await.unwrap()
}

#[tokio::test]
async fn an_answer_of_the_planner_is_told_by_the_model() {
    let host = host();
    let own = by_rules(BY_CUSTOMER).await;
    let count = own.table.as_ref().unwrap().column_name(1).to_owned();
    host.tell(&[&format!(
        "{{{{at_max:{count}.customer}}}} has the most orders with {{{{max:{count}}}}} of a total of {{{{sum:{count}}}}}."
    )]);
    let before = host.audit.events().len();
    let leo = host.leo.clone();
    let options = AskOptions { settings: settings(&[]), ..AskOptions::default() };
    // Its future goes to another thread.
    let answer = tokio::spawn(async move { leo.ask_with(BY_CUSTOMER, &options).await }).await.unwrap().unwrap();
    assert_eq!(
        answer.narrative.text(),
        "Quintessa has the most orders with 2 of a total of 3.",
        "{:?}",
        answer.explain.decisions
    );
    assert_eq!(check(&answer.narrative, answer.table.as_ref().unwrap()), answer.narrative);
    assert_eq!((answer.provenance.planner.as_str(), answer.warnings.as_slice()), ("builtin", own.warnings.as_slice()));
    assert_eq!((answer.provenance.model.as_ref(), answer.provenance.prompt_hash.as_ref()), (None, None));
    let written = answer.provenance.narrative.as_ref().unwrap();
    assert_eq!((written.model.as_deref(), written.prompt_version.as_str()), (Some("teller { {1} }"), "1"));
    assert_eq!(answer.explain.decisions, ["a model wrote the narrative: 1 sentence"]);
    assert_eq!((answer.usage.model_calls, answer.usage.tokens, answer.usage.statements), (1, 107, 1));
    assert_eq!(answer.usage.cost_usd.map(|cost| (cost * 1e6).round()), Some(1_000.0));
    let asked = host.asked();
    assert_eq!((asked.len(), asked[0].hash()), (1, written.prompt_hash.clone()));
    let events = host.audit.events()[before..].to_vec();
    let of_model: Vec<_> = events.iter().filter(|event| event.target.as_deref() == Some("model")).collect();
    assert_eq!((of_model[0].purpose.as_deref(), of_model[0].disclosure.as_deref()), (Some("narrate"), Some("none")));
    assert_eq!(of_model[0].prompt_hash.as_ref(), Some(&written.prompt_hash));
    assert!(events.iter().any(|event| event.model.as_deref() == Some("teller { {1} }") && event.cost_micro_usd == Some(1_000)));
    // Everything else is as it is without.
    assert_eq!((&answer.sql, &answer.explain.reading, &answer.follow_ups), (&own.sql, &own.explain.reading, &own.follow_ups));
}

#[tokio::test]
async fn an_answer_of_the_model_is_told_by_it_too() {
    let host = host();
    host.plan("SELECT customer, max(amount) AS amount FROM orders GROUP BY customer");
    host.tell(&[LEADS, "That is {{cell:1.amount}} dollars."]);
    let answer = host.ask(SPREAD, &[]).await;
    assert_eq!(answer.narrative.text(), "Bartholomew has the highest amount with 35.");
    assert_eq!((answer.provenance.planner.as_str(), answer.usage.model_calls, answer.usage.tokens), ("model", 2, 214));
    let provenance = &answer.provenance;
    assert_ne!(provenance.prompt_hash.as_ref(), provenance.narrative.as_ref().map(|own| &own.prompt_hash));
    let said = answer.explain.decisions.last().unwrap();
    assert!(said.contains("1 of its 2 sentences left out (1 with words or figures"), "{said}");
}

#[tokio::test]
async fn of_rows_that_a_statement_chose_no_extreme_is_told() {
    let host = host();
    host.tell(&[LEADS]);
    for (tail, is_told) in [
        (" ORDER BY 1 DESC", true),
        (" ORDER BY 1 DESC LIMIT 2", false),
        (" ORDER BY 2 DESC LIMIT 2", true),
        (" HAVING count(*) > 0 ORDER BY 1 DESC", false),
    ] {
        host.plan(&format!("SELECT customer, max(amount) AS amount FROM orders GROUP BY customer{tail}"));
        let answer = host.ask(SPREAD, &[]).await;
        let text = answer.narrative.text();
        assert_eq!(text == "Bartholomew has the highest amount with 35.", is_told, "{tail}: {:?}", answer.explain.decisions);
    }
}

#[tokio::test]
async fn it_is_asked_where_the_settings_want_it_and_there_is_something_to_tell() {
    let host = host();
    host.tell(&[LEADS]);
    let count = SemanticQuery {
        measures: vec![Measure::new("n", Aggregate::CountRows(TableName::bare("orders")))],
        ..SemanticQuery::new(TableName::bare("orders"))
    };
    let options = AskOptions { settings: settings(&[]), ..AskOptions::default() };
    for answer in [
        host.leo.ask(BY_CUSTOMER).await.unwrap(),
        host.leo.ask_query(count, &options).await.unwrap(),
        host.leo.sql("SELECT customer, amount FROM orders").await.unwrap(),
        host.ask("customers of orders placed in 2031", &[]).await,
        host.ask("hello", &[]).await,
    ] {
        assert!(answer.provenance.narrative.is_none() && host.asked().is_empty(), "{}", answer.question);
        assert!(answer.status != AnswerStatus::Answered || !answer.narrative.is_empty());
    }
    // Of rows that were cut off nobody knows what they come to.
    let options = AskOptions { settings: settings(&[]), max_rows: Some(1), ..AskOptions::default() };
    let answer = host.leo.ask_with(BY_CUSTOMER, &options).await.unwrap();
    assert!(answer.truncated && host.asked().is_empty());
    // A handle without a model asks nobody.
    let source = Source::new(SqliteSource::from_sql("shop", SHOP).unwrap()).execution(true);
    let alone = Leo::builder().preset(Preset::Local).source(source).build().unwrap();
    let options = AskOptions { settings: settings(&[]), ..AskOptions::default() };
    let answer = alone.ask_with(BY_CUSTOMER, &options).await.unwrap();
    assert!(answer.explain.decisions.is_empty() && !answer.narrative.is_empty());
}

#[tokio::test]
async fn whatever_goes_wrong_leaves_what_rules_tell() {
    let own = by_rules(BY_CUSTOMER).await;
    for (does, why) in [
        (Does::Nothing, "malformed"),
        (Does::Refuses, "it declined"),
        (Does::BreaksOff, "limit_exceeded"),
        (Does::Fails, "asking it failed"),
        (Does::Panics, "asking it failed"),
        (Does::Hangs, "timeout"),
        (Does::Says(json!({"sql": "DROP TABLE orders"})), "form"),
        (Does::Says(json!({"sentences": []})), "it wrote nothing"),
        (Does::Says(json!({"sentences": ["Quintessa leads with 2."]})), "1 of its 1 sentences left out"),
        (Does::Says(json!({"sentences": ["The total is {{sum:profit}}."]})), "a reference to what is not there"),
        (Does::Says(json!("x".repeat(1_000_000))), "words or figures"),
    ] {
        let host = host();
        *host.teller.does.lock().unwrap() = does.clone();
        let answer = host.ask(BY_CUSTOMER, &[("model.timeout_ms", json!(600))]).await;
        assert_eq!((answer.status, answer.narrative.text()), (AnswerStatus::Answered, own.narrative.text()), "{does:?}");
        assert_eq!((&answer.warnings, answer.provenance.narrative.is_none()), (&own.warnings, true), "{does:?}");
        let [said] = answer.explain.decisions.as_slice() else { panic!("{:?}", answer.explain.decisions) };
        assert!(said.contains("so that it is made by rules") && said.contains(why), "{does:?}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[tokio::test]
async fn caps_prompts_and_deadlines_are_kept() {
    let own = by_rules(BY_CUSTOMER).await.narrative;
    // A cap that is reached.
    let host = host();
    host.tell(&["There are {{count}} customers."]);
    host.set("model.monthly_cap_usd", json!(0.0015)).await;
    for told in [true, true, false] {
        let answer = host.ask(BY_CUSTOMER, &[]).await;
        assert_eq!(answer.narrative != own, told, "{:?}", answer.explain.decisions);
        assert_eq!((host.asked().len(), answer.usage.model_calls), (usize::from(told), u64::from(told)));
    }
    // A prompt that does not fit.
    let host = self::host();
    host.set("model.max_prompt_tokens", json!(300)).await;
    let answer = host.ask(BY_CUSTOMER, &[]).await;
    assert!(answer.narrative == own && host.asked().is_empty());
    assert!(answer.explain.decisions[0].contains("does not fit into a prompt"), "{:?}", answer.explain.decisions);
    // A deadline: the answer comes before it, though the model does not.
    *host.teller.does.lock().unwrap() = Does::Hangs;
    host.set("model.max_prompt_tokens", json!(6_000)).await;
    host.leo.catalog(None).await.unwrap();
    let within = |ms: u64| {
        host.leo.for_user(Context::new("local", "local").unwrap().with_roles(["owner"]).with_timeout(Duration::from_millis(ms)))
    };
    let options = AskOptions { settings: settings(&[]), ..AskOptions::default() };
    let answer = within(2_000).ask_with(BY_CUSTOMER, &options).await.unwrap();
    assert!(answer.narrative == own && answer.explain.decisions[0].contains("timeout"), "{:?}", answer.explain.decisions);
    assert_eq!(host.asked().len(), 1);
    let answer = within(700).ask_with(BY_CUSTOMER, &options).await.unwrap();
    assert!(answer.narrative == own && host.asked().is_empty());
    assert!(answer.explain.decisions[0].contains("no time left"), "{:?}", answer.explain.decisions);
    // Who cancels gets no answer.
    let ctx = Context::new("local", "local").unwrap().with_roles(["owner"]);
    let (cancel, leo) = (ctx.cancel.clone(), host.leo.for_user(ctx));
    let asked = tokio::spawn(async move { leo.ask_with(BY_CUSTOMER, &options).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    cancel.cancel();
    assert_eq!(asked.await.unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[tokio::test]
async fn personal_data_goes_as_tokens_and_comes_back_as_cells() {
    let host = host();
    host.plan("SELECT email, customer, amount FROM orders WHERE amount > 10 ORDER BY amount DESC");
    host.tell(&["[email:1] has the highest amount with {{cell:1.amount}}, followed by [email:2] with {{cell:2.amount}}."]);
    for (level, token, name) in [("none", false, false), ("categories", false, false), ("rows", true, true)] {
        host.set("privacy.disclosure", json!(level)).await;
        let answer = host.ask(SPREAD, &[]).await;
        let prompt = host.asked().remove(0).messages.remove(0).text;
        assert_eq!(
            (prompt.contains("row 1 | email: [email:1]"), prompt.contains("Bartholomew")),
            (token, name),
            "{level}: {prompt}"
        );
        assert!(!prompt.contains("shop.example"), "{level}: {prompt}");
        let text = answer.narrative.text();
        assert_eq!(
            text.contains("bart@shop.example has the highest amount with 35, followed by quin@shop.example with 30."),
            token,
            "{text}"
        );
        if token {
            let sources: Vec<&From> = answer.narrative.sentences[0].figures.iter().map(|figure| &figure.source).collect();
            assert_eq!(sources[0], &From::Cell { row: 0, column: 0 });
        }
    }
    // Values of the question are marks, and come back in the place of these.
    host.set("privacy.disclosure", json!("none")).await;
    host.tell(&["The total for ⟨v1⟩ is {{cell:1.amount}}."]);
    host.plan("SELECT sum(amount) AS amount FROM orders WHERE customer = 'Quintessa'");
    let answer = host.ask("interquartile spread of the amounts of quintessa", &[]).await;
    let prompt = serde_json::to_string(&host.asked()).unwrap();
    assert!(!prompt.to_lowercase().contains("quintessa") && prompt.contains("⟨v1⟩"), "{prompt}");
    assert_eq!(answer.narrative.text(), "The total for Quintessa is 40.", "{:?}", answer.explain.decisions);
}
