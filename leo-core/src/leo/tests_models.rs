//! What a model may know: of values, names and people no byte more than the user sees and the host discloses, in any prompt.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use crate::adapter::{
    Access, AccessRequest, AuditSink, Authorizer, KeyStore, Model, ModelPurpose, ModelRequest, ModelResponse, Storage,
    TablePolicy,
};
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::context::{Context, HostContext};
use crate::error::Result;
use crate::knowledge::read_yaml;
use crate::seal::EnvironmentKeys;
use crate::settings::SettingsLayer;
use crate::source::sqlite::SqliteSource;
use crate::store::MemoryStorage;
use crate::{Answer, AnswerStatus, AskOptions, Leo};

/// Keeps every request whole, and answers what it was told: the first answer, and then those to repairs in turn; and to what it is to tell, one of its own.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    pub(super) says: Mutex<Vec<Json>>,
    tells: Mutex<Json>,
    asked: Mutex<Vec<ModelRequest>>,
    repairs: Mutex<usize>,
}

#[async_trait]
impl Model for Recorder {
    async fn complete(&self, _: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        let turn = match request.purpose {
            ModelPurpose::Repair => {
                let mut repairs = self.repairs.lock().unwrap();
                *repairs += 1;
                *repairs
            }
            ModelPurpose::Narrate => usize::MAX,
            _ => {
                *self.repairs.lock().unwrap() = 0;
                0
            }
        };
        self.asked.lock().unwrap().push(request);
        let says = self.says.lock().unwrap();
        let output = match turn {
            usize::MAX => self.tells.lock().unwrap().clone(),
            turn => says.get(turn).or(says.last()).cloned().unwrap_or(Json::Null),
        };
        Ok(ModelResponse {
            output,
            input_tokens: 100,
            output_tokens: 7,
            cost_usd: Some(0.001),
            model: "recorder-1".into(),
            ..ModelResponse::default()
        })
    }
}

impl Recorder {
    pub(super) fn say(&self, says: impl IntoIterator<Item = Json>) {
        *self.says.lock().unwrap() = says.into_iter().collect();
    }

    pub(super) fn tell(&self, sentences: &[&str]) {
        *self.tells.lock().unwrap() = json!({"sentences": sentences});
    }

    /// Everything that it was asked since the last time, by purpose.
    pub(super) fn heard(&self) -> Vec<(ModelPurpose, String)> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        let all = |request: &ModelRequest| serde_json::to_string(request).unwrap();
        asked.iter().map(|request| (request.purpose, all(request))).collect()
    }
}

/// Values of the rows of one region, by column: status, city, amount, day, note.
const NORTH: [&str; 5] = ["ambergris", "Quillhaven", "4815162", "2017-03-19", "zephyrine"];
const SOUTH: [&str; 5] = ["brimstone", "Thornwick", "2342108", "2018-11-07", "obsidianite"];
/// People and where they are reached.
const PEOPLE: [&str; 4] = ["Quillfeather", "ada@quill.example", "Marlowe", "bob@thorn.example"];
/// What is in the question of somebody who says too much.
const SAID: [&str; 3] = ["eve@secret.example", "+49 170 5550199", "4111 1111 1111 1111"];
/// Names that some users must not read.
const HIDDEN: [&str; 3] = ["payroll", "margin_secretum", "bonus pot"];

fn shop() -> String {
    let mut sql = String::from(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, region TEXT, name TEXT, email TEXT, city TEXT);
         CREATE TABLE orders ( -- what was bought, and what goes into payroll
            id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), region TEXT,
            status TEXT, -- counts for margin_secretum, ask dba@corp.example
            amount INTEGER, -- feeds the bonus pot
            margin_secretum INTEGER, placed DATE, note TEXT);
         CREATE TABLE payroll (id INTEGER PRIMARY KEY, person TEXT, \"bonus pot\" INTEGER);
         INSERT INTO payroll VALUES (1, 'Marlowe', 7777123);",
    );
    for (at, (region, own)) in [("north", NORTH), ("south", SOUTH)].into_iter().enumerate() {
        let (name, email) = (PEOPLE[at * 2], PEOPLE[at * 2 + 1]);
        for row in 0..30 {
            let id = at * 100 + row + 1;
            write!(
                sql,
                "INSERT INTO customers VALUES ({id}, '{region}', '{name}', '{email}', '{}');
                 INSERT INTO orders VALUES ({id}, {id}, '{region}', '{}', {}, 1, '{}', '{}');",
                own[1], own[0], own[2], own[3], own[4]
            )
            .unwrap();
        }
    }
    sql
}

const KNOWLEDGE: &str = "
glossary:
  - { term: payday, means: when the payroll is paid }
  - { term: spread, means: largest less smallest; ask ada@quill.example }
metrics:
  - { name: amber sales, table: orders, formula: sum(amount), where: status = 'ambergris' and amount > 4815161 }
verified:
  - { question: spread of the amounts of ambergris orders over 4815162, sql: \"SELECT max(amount) - min(amount) FROM orders WHERE status = 'ambergris' AND amount > 4815162\" }
  - { question: spread of the amounts in Quillhaven for ada@quill.example, sql: \"SELECT max(amount) FROM orders JOIN customers ON customers.id = customer_id WHERE city = \\\"Quillhaven\\\" AND email = 'ada@quill.example'\" }
tables:
  orders: { columns: { status: { disclose: true } } }
";

/// `root` sees everything, `north` the rows of the north, `masked` no values of orders, `hidden` neither the payroll nor the margin.
#[derive(Debug)]
struct Rights;

#[async_trait]
impl Authorizer for Rights {
    async fn authorize(&self, ctx: HostContext, _: AccessRequest) -> Result<Access> {
        let of = |policy: TablePolicy| [("orders".to_owned(), policy.clone()), ("customers".to_owned(), policy)].into();
        let row_filter = Some("region = 'north'".to_owned());
        Ok(match ctx.user.as_str() {
            "north" => Access { tables: of(TablePolicy { row_filter, ..TablePolicy::default() }), ..Access::full() },
            "masked" => {
                let masks = ["status", "amount", "placed", "note"].map(|column| (column.to_owned(), "null".to_owned())).into();
                let cities = TablePolicy { masks: [("city".to_owned(), "null".to_owned())].into(), ..TablePolicy::default() };
                let orders = TablePolicy { masks, ..TablePolicy::default() };
                Access { tables: [("orders".to_owned(), orders), ("customers".to_owned(), cities)].into(), ..Access::full() }
            }
            "hidden" => {
                let orders = TablePolicy { deny_columns: vec!["margin_secretum".into()], ..TablePolicy::default() };
                let tables = [("orders".to_owned(), orders)].into();
                Access { deny_tables: vec!["payroll".into()], tables, ..Access::full() }
            }
            _ => Access::full(),
        })
    }
}

struct Host {
    leo: Leo,
    model: Arc<Recorder>,
    audit: Arc<MemorySink>,
    storage: Arc<MemoryStorage>,
}

impl Host {
    async fn new() -> Self {
        let (model, audit) = (Arc::new(Recorder::default()), Arc::new(MemorySink::default()));
        let storage = Arc::new(MemoryStorage::default());
        let keys = EnvironmentKeys::parse(&format!("1:{}", "ab".repeat(32))).unwrap();
        let source = Source::new(SqliteSource::from_sql("shop", &shop()).unwrap());
        let source = source
            .personal_data("customers.name", "name")
            .personal_data("customers.email", "email")
            .personal_data("payroll.person", "name");
        let leo = Leo::builder()
            .source(source.execution(true).knowledge(read_yaml(KNOWLEDGE).unwrap()))
            .authorizer(Arc::new(Rights))
            .audit(Arc::clone(&audit) as Arc<dyn AuditSink>)
            .storage(Arc::clone(&storage) as Arc<dyn Storage>)
            .keys(Arc::new(keys) as Arc<dyn KeyStore>)
            .model(Arc::clone(&model) as Arc<dyn Model>)
            .build()
            .unwrap();
        let host = Self { leo, model, audit, storage };
        host.user("root").catalog(None).await.unwrap();
        host
    }

    fn user(&self, user: &str) -> Leo {
        self.leo.for_user(Context::new("acme", user).unwrap().with_roles(["admin"]))
    }

    async fn ask(&self, user: &str, level: &str, session: Option<&str>, question: &str) -> Answer {
        self.ask_with(user, level, session, question, SettingsLayer::default()).await
    }

    /// The same, told by the model.
    async fn ask_told(&self, user: &str, level: &str, session: Option<&str>, question: &str) -> Answer {
        let mut settings = SettingsLayer::default();
        settings.set("model.narrative", true).unwrap();
        self.ask_with(user, level, session, question, settings).await
    }

    async fn ask_with(
        &self,
        user: &str,
        level: &str,
        session: Option<&str>,
        question: &str,
        mut settings: SettingsLayer,
    ) -> Answer {
        settings.set("model.first", true).unwrap();
        settings.set("model.candidates", 2).unwrap();
        // Each time anew, to hear what is sent.
        settings.set("cache.ttl_s", 0).unwrap();
        settings.set("cache.stale_s", 0).unwrap();
        let leo = self.user(user);
        let mut own = SettingsLayer::default();
        own.set("privacy.disclosure", level).unwrap();
        leo.set_tenant_settings(own).await.unwrap();
        let options = AskOptions { settings, session: session.map(Into::into), ..AskOptions::default() };
        leo.ask_with(question, &options).await.unwrap()
    }
}

fn sql(text: &str) -> Json {
    json!({"sql": text, "params": []})
}

/// What is wrong in every way: an unknown name; a value that does not fit its column; a function that the engine fails on, naming what it was given.
fn wrong() -> [Json; 3] {
    let filter = json!({"table": "orders", "column": "amount", "op": "equal", "values": ["⟨v1⟩"]});
    let measure = json!({"name": "n", "aggregate": "sum", "table": "orders", "column": "amount"});
    [
        sql("SELECT max(amont) FROM orders"),
        json!({"query": {"from": "orders", "measures": [measure], "filters": [filter]}}),
        sql("SELECT json_extract(note, '$.a') FROM orders"),
    ]
}

/// Rows with a value of each kind.
const EVERYTHING: &str =
    "SELECT DISTINCT status, city, name, email, amount, placed, note FROM orders JOIN customers ON customers.id = customer_id";

/// Questions that name values, in the spelling of the data and in another.
const QUESTIONS: [&str; 7] = [
    "interquartile spread of the amounts of ambergris orders",
    "spread of the amounts where the status is BRIMSTONE",
    "spread of the amounts of customers in quillhaven and in thornwick",
    "total amount of orders by status",
    "how does the payday compare with the spread, please?",
    "amber sales per city",
    "spread of the amounts of eve@secret.example, +49 170 5550199, card 4111 1111 1111 1111",
];

/// Asks everything, alone and in a conversation that begins with statements that hold values. Where a policy is in force the values that are
/// said stay words of the user's: to tell which of them the data holds would say what lies behind it.
async fn heard(host: &Host, user: &str, level: &str) -> Vec<(ModelPurpose, String)> {
    host.model.heard();
    let is_plain = ["root", "hidden"].contains(&user);
    let says_value = |text: &str| NORTH.iter().chain(&SOUTH).any(|value| text.to_lowercase().contains(&value.to_lowercase()));
    for question in QUESTIONS.into_iter().filter(|question| is_plain || !says_value(question)) {
        host.model.say(wrong());
        let answer = host.ask_told(user, level, None, question).await;
        // What is masked is NULL, on which no function fails.
        assert_eq!(answer.provenance.planner == "model", user == "masked", "{user}: {question}");
    }
    host.model.say([sql(EVERYTHING)]);
    let answer = host.ask_told(user, level, None, "spread of everything, please").await;
    assert!(answer.provenance.narrative.is_some() && answer.row_count > 0, "{user}: {:?}", answer.explain.decisions);
    let session = format!("{user}-{level}");
    let literal = "SELECT count(*) AS n FROM orders WHERE status = 'ambergris' AND amount > 4815161 AND placed >= '2017-03-19'";
    host.model.say([sql(literal)]);
    host.ask_told(user, level, Some(&session), "how many orders of ada@quill.example are there?").await;
    host.model.say([json!({"decline": "no"})]);
    let further = ["total amount of orders with status brimstone", "and in Quillhaven?", "interquartile spread of these"];
    for question in further.into_iter().filter(|question| is_plain || !says_value(question)) {
        host.ask_told(user, level, Some(&session), question).await;
    }
    host.model.heard()
}

fn assert_without(values: &[&str], heard: &[(ModelPurpose, String)], who: &str) {
    for (purpose, text) in heard {
        let lower = text.to_lowercase();
        for value in values {
            let found = lower.find(&value.to_lowercase());
            let around = found.map(|at| {
                let (from, to) = (lower.floor_char_boundary(at.saturating_sub(120)), lower.floor_char_boundary(at + 60));
                &lower[from..to]
            });
            assert!(found.is_none(), "{who}, {purpose:?}: {value} in …{}…", around.unwrap_or_default());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_prompt_holds_more_than_is_disclosed() {
    let host = Host::new().await;
    host.model.tell(&["{{count}} rows, the status of which is {{cell:1.status}}", "There are {{count}} rows"]);
    let statuses = [NORTH[0], SOUTH[0]];
    let all: Vec<&str> = NORTH.into_iter().chain(SOUTH).collect();
    let but_statuses: Vec<&str> = all.iter().copied().filter(|value| !statuses.contains(value)).collect();
    for user in ["root", "north", "masked", "hidden"] {
        for level in ["none", "categories", "rows"] {
            let heard = heard(&host, user, level).await;
            let who = format!("{user} at {level}");
            let of = |purpose| heard.iter().filter(|(own, _)| *own == purpose).count();
            assert!(of(ModelPurpose::Plan) >= 12 && of(ModelPurpose::Repair) >= 8, "{who}: {}", heard.len());
            assert!(of(ModelPurpose::Narrate) >= 3, "{who}: {}", of(ModelPurpose::Narrate));
            let told = |value: &str| heard.iter().any(|(own, text)| *own == ModelPurpose::Narrate && text.contains(value));
            let sees_all = ["root", "hidden"].contains(&user);
            assert_eq!(told("| status: ambergris"), level != "none" && sees_all, "{who}");
            assert_eq!(told("| city: Quillhaven | name: [name:1]"), level == "rows" && sees_all, "{who}");
            assert_without(&PEOPLE, &heard, &who);
            assert_without(&SAID, &heard, &who);
            assert_without(&["dba@corp.example", "malformed JSON"], &heard, &who);
            match level {
                "none" => assert_without(&all, &heard, &who),
                "categories" => assert_without(&but_statuses, &heard, &who),
                _ => {}
            }
            let tells = |value: &str| heard.iter().any(|(_, text)| text.contains(&format!("one of {value}")));
            assert_eq!(tells("ambergris | brimstone"), level != "none" && ["root", "hidden"].contains(&user), "{who}");
            if user == "hidden" {
                // The user's own words are the user's: `payday` is no hidden name.
                assert_without(&HIDDEN, &heard, &who);
                assert_without(&["7777123"], &heard, &who);
            }
            if user == "masked" || user == "north" {
                assert_without(&but_statuses, &heard, &who);
                let told = heard.iter().any(|(_, text)| text.contains("one of ambergris") || text.contains("brimstone"));
                assert_without(&["'north'"], &heard, &who);
                assert!(!told, "{who}: of what lies behind a policy nothing is told");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_come_back_where_their_marks_stand() {
    let host = Host::new().await;
    let statement = "SELECT count(*) AS n FROM orders WHERE status = ? AND note <> ?";
    host.model.say([json!({"sql": statement, "params": ["⟨v1⟩", "⟨v2⟩"]})]);
    let question = "spread of Ambergris orders without eve@secret.example";
    let answer = host.ask("root", "none", None, question).await;
    assert_eq!((answer.status, answer.provenance.planner.as_str()), (AnswerStatus::Answered, "model"), "{:?}", answer.explain);
    assert_eq!(answer.params, ["ambergris".into(), "eve@secret.example".into()]);
    assert_eq!((answer.question.as_str(), answer.table.unwrap().value(0, 0).to_string().as_str()), (question, "30"));
    let clarify = json!({"clarify": {"question": "Which of ⟨v1⟩?", "options": ["all of ⟨v1⟩", "those of ⟨v2⟩"]}});
    host.model.say([clarify]);
    let asked = host.ask("root", "none", None, question).await.clarification.unwrap();
    assert_eq!(
        (asked.question.as_str(), asked.options[1].label.as_str()),
        ("Which of ambergris?", "those of eve@secret.example")
    );
    // A form of a query, too.
    let filter = json!({"table": "orders", "column": "status", "op": "in", "values": ["⟨v1⟩", "x"]});
    let measure = json!({"name": "n", "aggregate": "count_rows", "table": "orders"});
    host.model.say([json!({"query": {"measures": [measure], "filters": [filter]}})]);
    let answer = host.ask("root", "none", None, question).await;
    assert_eq!((answer.params.len(), answer.params[0].to_string().as_str()), (2, "ambergris"));
    assert_without(&[NORTH[0], SAID[0]], &host.model.heard(), "root");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_accounted_for_without_a_value() {
    let host = Host::new().await;
    let before = host.audit.events().len();
    host.model.say([wrong()[0].clone(), sql("SELECT count(*) AS n FROM orders")]);
    let answer = host.ask("root", "categories", Some("talk"), "spread of the ambergris orders of eve@secret.example").await;
    let heard = host.model.heard();
    assert_eq!((heard.len(), answer.usage.model_calls, answer.usage.tokens), (3, 3, 321));
    assert_eq!(answer.usage.cost_usd.map(|cost| (cost * 1e6).round()), Some(3_000.0));
    let provenance = &answer.provenance;
    assert_eq!((provenance.model.as_deref(), provenance.prompt_version.is_some()), (Some("recorder-1"), true));
    let events = host.audit.events()[before..].to_vec();
    let asked: Vec<_> = events.iter().filter(|event| event.target.as_deref() == Some("model")).collect();
    let hashes: Vec<_> = asked.iter().filter_map(|event| event.prompt_hash.as_deref()).collect();
    assert!(hashes.len() >= 3 && hashes.iter().all(|hash| hash.len() == 64), "{hashes:?}");
    assert!(hashes.contains(&provenance.prompt_hash.as_deref().unwrap()));
    assert!(
        asked.iter().filter(|event| event.prompt_hash.is_some()).all(|event| event.disclosure.as_deref() == Some("categories"))
    );
    let spent: Vec<_> = events
        .iter()
        .filter(|event| event.model.is_some())
        .map(|event| (event.model.as_deref(), event.input_tokens, event.output_tokens, event.cost_micro_usd))
        .collect();
    assert_eq!(spent, [(Some("recorder-1"), Some(100), Some(7), Some(1_000)); 3]);
    // Neither the audit nor what is kept holds values or people.
    let recorded = serde_json::to_string(&events).unwrap();
    let mut kept = String::new();
    for name in host.storage.list_page("", None, 10_000).await.unwrap() {
        let found = host.storage.get(&name).await.unwrap().map(|found| found.value).unwrap_or_default();
        write!(kept, "{name} {}", String::from_utf8_lossy(&found)).unwrap();
    }
    for value in NORTH[1..].iter().chain(&SOUTH).chain(&PEOPLE).chain(&SAID) {
        assert!(!recorded.contains(value), "{value} in the audit");
        assert!(!kept.contains(value), "{value} in the storage");
    }
}
