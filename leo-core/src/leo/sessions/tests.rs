//! Conversations as a user has them: continued, kept, shown, taken back, and nobody else's.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;

use crate::adapter::{Access, AccessRequest, Authorizer, KeyStore, PutOptions, Storage, TablePolicy, Versioned};
use crate::ask::conversation::SessionFormat;
use crate::ask::review::WarningCode;
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::context::HostContext;
use crate::error::{Error, ErrorKind, Result};
use crate::seal::EnvironmentKeys;
use crate::source::sqlite::SqliteSource;
use crate::store::MemoryStorage;
use crate::{Answer, AnswerStatus, AskOptions, Context, Leo};

const LIBRARY: &str = "
    CREATE TABLE readers (id INTEGER PRIMARY KEY, name TEXT, city TEXT, age INTEGER, email TEXT);
    INSERT INTO readers VALUES (1, 'Ann', 'Leeds', 31, 'a@x.org'), (2, 'Bob', 'York', 45, 'b@x.org'), (3, 'Cleo', 'Leeds', 62, 'c@x.org'), (4, 'Dan', 'Hull', 19, 'd@x.org');
    CREATE TABLE loans (id INTEGER PRIMARY KEY, reader_id INTEGER REFERENCES readers(id), lent_on TEXT, days INTEGER);
    INSERT INTO loans VALUES (1, 1, '2023-02-01', 14), (2, 1, '2023-03-05', 7), (3, 2, '2024-03-09', 21), (4, 3, '2024-05-01', 14), (5, 3, '2024-06-11', 10);";

/// What of the readers may be seen; the city may be hidden while a test runs.
#[derive(Debug, Default)]
struct Rights {
    hides_city: AtomicBool,
}

#[async_trait]
impl Authorizer for Rights {
    async fn authorize(&self, _: HostContext, _: AccessRequest) -> Result<Access> {
        let hidden = self.hides_city.load(Ordering::Relaxed);
        let policy = TablePolicy { deny_columns: vec!["city".into()], ..TablePolicy::default() };
        let tables = if hidden { [("readers".to_owned(), policy)].into() } else { Default::default() };
        Ok(Access { tables, ..Access::full() })
    }
}

/// A storage that takes so many writes and no more, and may not be read.
#[derive(Debug, Default)]
struct Failing {
    inner: MemoryStorage,
    writes: AtomicUsize,
    unreadable: AtomicBool,
}

impl Failing {
    fn write(&self) -> Result<()> {
        let left = self.writes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| Error::unavailable("full"))
    }
}

#[async_trait]
impl Storage for Failing {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        if self.unreadable.load(Ordering::Relaxed) && key.contains("session") {
            return Err(Error::unavailable("away"));
        }
        self.inner.get(key).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64> {
        if key.contains("session") {
            self.write()?;
        }
        self.inner.put(key, value, options).await
    }

    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
        self.inner.delete(key, expected).await
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
        self.inner.list_page(prefix, after, limit).await
    }
}

struct House {
    leo: Leo,
    rights: Arc<Rights>,
    audit: Arc<MemorySink>,
}

fn house(storage: Option<Arc<dyn Storage>>) -> House {
    let (rights, audit) = (Arc::new(Rights::default()), Arc::new(MemorySink::default()));
    let source = Source::new(SqliteSource::from_sql("library", LIBRARY).unwrap()).execution(true);
    let mut builder = Leo::builder().source(source).authorizer(Arc::clone(&rights) as _).audit(Arc::clone(&audit) as _);
    if let Some(storage) = storage {
        let keys: Arc<dyn KeyStore> = Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap());
        builder = builder.storage(storage).keys(keys);
    }
    House { leo: builder.build().unwrap(), rights, audit }
}

impl House {
    fn user(&self, tenant: &str, user: &str) -> Leo {
        self.leo.for_user(Context::new(tenant, user).unwrap())
    }

    fn ada(&self) -> Leo {
        self.user("leeds", "ada")
    }
}

fn session(id: &str) -> AskOptions {
    AskOptions { session: Some(id.into()), ..AskOptions::default() }
}

/// The rows, each as its values beside each other.
fn rows(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, AnswerStatus::Answered, "{}", answer.message());
    let json = serde_json::to_value(answer).unwrap();
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    json["table"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(" "))
        .collect()
}

async fn all(leo: &Leo, questions: &[&str]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for question in questions {
        answers.push(leo.ask_with(question, &session("s")).await.unwrap());
    }
    answers
}

#[tokio::test]
async fn filters_are_kept_shown_and_taken_away() {
    let leo = house(None).ada();
    let answers = all(&leo, &["Show the readers in Leeds", "How many are there?", "What are their names and ages?"]).await;
    assert_eq!(rows(&answers[1]), ["2"]);
    assert_eq!(rows(&answers[2]), ["Ann 31", "Cleo 62"]);
    assert!(answers[0].conversation.is_none());
    let continued = answers[2].conversation.as_ref().unwrap();
    assert_eq!(continued.question, "How many are there?");
    assert_eq!(continued.kept[0].label, "readers.city is 'Leeds'");
    assert!(answers[2].explain.assumptions.contains(&"kept from before: readers.city is 'Leeds'".to_owned()));
    let without = leo.ask_query(continued.kept[0].without.clone(), &session("s")).await.unwrap();
    assert_eq!(rows(&without).len(), 4);
    // Taking it away is a turn like any other.
    assert_eq!(rows(&leo.ask_with("how many are there?", &session("s")).await.unwrap()), ["4"]);
}

#[tokio::test]
async fn a_question_changes_what_was_asked_before() {
    let leo = house(None).ada();
    let told = |answers: &[Answer]| rows(answers.last().unwrap());
    let cases: &[(&[&str], &[&str])] = &[
        (&["Show the names of the readers in Leeds", "what about York?"], &["Bob"]),
        (&["Show the names of the readers in Leeds", "of these, who is older than 40?"], &["Cleo"]),
        (&["Show the names of the readers older than 40", "how about less than 20?"], &["Dan"]),
        (&["Show the names of the readers", "sort them by age", "the other way round", "top 2"], &["Cleo", "Bob"]),
        (&["Show the names of the readers in Leeds", "for all cities"], &["Ann", "Bob", "Cleo", "Dan"]),
        (&["Show the names of the readers in Leeds", "without the filter"], &["Ann", "Bob", "Cleo", "Dan"]),
        (&["Show the names of the readers in Leeds", "also show their ages"], &["Ann 31", "Cleo 62"]),
        (&["What is the average age of the readers?", "and the minimum?"], &["19"]),
        (&["Show the ages of the readers in Leeds", "What is the average?"], &["46.5"]),
        (&["number of loans by year", "only in 2024"], &["2024 3"]),
        (&["number of loans by year", "by month instead"], &["2023-02 1", "2023-03 1", "2024-03 1", "2024-05 1", "2024-06 1"]),
        (&["number of readers per city", "which one has the most?"], &["Leeds 2"]),
    ];
    for (questions, expected) in cases {
        let answers = all(&leo, questions).await;
        assert_eq!(told(&answers), *expected, "{questions:?}");
        leo.sessions().delete("s").await.unwrap();
    }
}

#[tokio::test]
async fn what_stands_on_its_own_is_new_and_what_refers_to_nothing_is_asked_back() {
    let leo = house(None).ada();
    let answers = all(&leo, &["Show the readers in Leeds", "How many loans are there?"]).await;
    assert_eq!(rows(&answers[1]), ["5"]);
    assert!(answers[1].conversation.is_none());
    all(&leo, &["thank you"]).await;
    let lost = leo.ask_with("What are the names of those readers?", &session("s")).await.unwrap();
    assert_eq!(lost.status, AnswerStatus::Clarify);
    // The same words with nothing before them are answered as ever.
    let alone = leo.ask("What are the names of those readers?").await.unwrap();
    assert_eq!(rows(&alone).len(), 4);
}

#[tokio::test]
async fn without_a_session_and_in_its_first_question_nothing_changes() {
    let house = house(None);
    let leo = house.ada();
    for question in
        ["How many are there?", "Show the readers in Leeds", "What are their names?", "top 5", "number of loans by year"]
    {
        let plan = |answer: Answer| {
            let Answer { status, sql, confidence, explain, provenance, .. } = answer;
            format!("{status} {sql:?} {confidence:?} {:?} {:?} {:?}", explain.reading, explain.assumptions, provenance.query)
        };
        let alone = plan(leo.ask(question).await.unwrap());
        assert_eq!(alone, plan(leo.ask_with(question, &session(question)).await.unwrap()));
        assert_eq!(alone, plan(leo.ask(question).await.unwrap()));
    }
}

#[tokio::test]
async fn a_session_is_one_users_alone() {
    for storage in [None, Some(Arc::new(MemoryStorage::default()) as Arc<dyn Storage>)] {
        let house = house(storage);
        all(&house.ada(), &["Show the readers in Leeds"]).await;
        for (tenant, user) in [("leeds", "bob"), ("york", "ada")] {
            let other = house.user(tenant, user);
            let sessions = other.sessions();
            assert!(sessions.list().await.unwrap().is_empty());
            assert_eq!(sessions.get("s").await.unwrap_err().kind(), ErrorKind::NotFound);
            assert_eq!(sessions.rename("s", "mine").await.unwrap_err().kind(), ErrorKind::NotFound);
            assert_eq!(sessions.delete("s").await.unwrap_err().kind(), ErrorKind::NotFound);
            assert_eq!(sessions.export("s", SessionFormat::Json).await.unwrap_err().kind(), ErrorKind::NotFound);
            // The same id is a conversation of their own.
            let answer = other.ask_with("How many readers are there?", &session("s")).await.unwrap();
            assert_eq!(rows(&answer), ["4"]);
            assert_eq!(sessions.get("s").await.unwrap().turns.len(), 1);
        }
        assert_eq!(house.ada().sessions().get("s").await.unwrap().turns.len(), 1);
    }
}

#[tokio::test]
async fn sessions_outlive_the_process_sealed() {
    let storage = Arc::new(MemoryStorage::default());
    all(&house(Some(Arc::clone(&storage) as _)).ada(), &["Show the readers in Leeds"]).await;
    for key in storage.list_page("", None, 1_000).await.unwrap() {
        let value = storage.get(&key).await.unwrap().unwrap().value;
        let held = |text: &str| value.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!key.contains("ada") && !held("Leeds"), "{key}");
    }
    let later = house(Some(Arc::clone(&storage) as _)).ada();
    assert_eq!(rows(&later.ask_with("how many are there?", &session("s")).await.unwrap()), ["2"]);
    later.sessions().delete("s").await.unwrap();
    let left = storage.list_page("", None, 1_000).await.unwrap();
    assert!(left.iter().all(|key| !key.contains("session")), "{left:?}");
}

#[tokio::test]
async fn titles_pins_and_exports() {
    let house = house(None);
    let leo = house.ada();
    let long = "Show the names and the ages of all of the readers who live in the city of Leeds, please";
    leo.ask_with(long, &session("first")).await.unwrap();
    leo.ask_with("How many loans are there?", &session("second")).await.unwrap();
    let sessions = leo.sessions();
    let listed = async || sessions.list().await.unwrap().into_iter().map(|info| info.id).collect::<Vec<_>>();
    assert_eq!(listed().await, ["second", "first"]);
    let info = sessions.pin("first", true).await.unwrap();
    assert_eq!(info.title, "Show the names and the ages of all of the readers who live…");
    assert_eq!(listed().await, ["first", "second"]);
    sessions.pin("first", false).await.unwrap();
    sessions.rename("first", "  People of *Leeds* ").await.unwrap();
    let markdown = sessions.export("first", SessionFormat::Markdown).await.unwrap();
    assert!(markdown.starts_with("# People of \\*Leeds\\*\n") && markdown.contains("```sql\nSELECT"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&sessions.export("first", SessionFormat::Json).await.unwrap()).unwrap();
    assert_eq!(json["turns"][0]["question"], long);
    assert!(!json.to_string().contains("Ann"), "no row is kept");
    for title in ["", "  ", "a\nb", &"x".repeat(201)] {
        assert_eq!(sessions.rename("first", title).await.unwrap_err().kind(), ErrorKind::Malformed);
    }
    let done: Vec<String> = house
        .audit
        .events()
        .into_iter()
        .filter(|event| event.action == "session_changed")
        .filter_map(|event| event.target)
        .collect();
    assert_eq!(done, ["pinned", "unpinned", "renamed", "exported", "exported"]);
}

#[tokio::test]
async fn an_id_is_short_and_visible() {
    let leo = house(None).ada();
    for id in ["", " ", "a\nb", "\u{0}", &"x".repeat(201)] {
        let error = leo.ask_with("How many readers are there?", &session(id)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert!(error.message().contains("UUID"), "{error}");
    }
    let ids = ["ä ö/../%2f~", &"x".repeat(200)];
    for id in ids {
        leo.ask_with("How many readers are there?", &session(id)).await.unwrap();
        assert_eq!(leo.sessions().get(id).await.unwrap().id, id);
    }
    // The option wins over the context.
    let bound = leo.for_user(Context::new("leeds", "ada").unwrap().with_session("bound"));
    assert_eq!(bound.ask("How many readers are there?").await.unwrap().session_id.as_deref(), Some("bound"));
    let other = bound.ask_with("How many readers are there?", &session("other")).await.unwrap();
    assert_eq!(other.session_id.as_deref(), Some("other"));
}

#[tokio::test]
async fn of_long_conversations_the_last_ten_turns_are_whole() {
    let leo = house(None).ada();
    for _ in 0..14 {
        leo.ask_with("Show the readers in Leeds", &session("s")).await.unwrap();
    }
    let kept = leo.sessions().get("s").await.unwrap();
    assert_eq!(kept.turns.len(), 14);
    assert_eq!(kept.turns.iter().filter(|turn| turn.query.is_some() && turn.sql.is_some()).count(), 10);
    assert!(kept.turns.iter().all(|turn| !turn.reading.is_empty()));
    let source = &kept.turns[0].source;
    let condensed = kept.conversation().condensed(source, &kept.turns[0].catalog);
    assert_eq!(condensed.len(), 10);
    assert!(condensed.iter().all(|turn| turn.sql.is_some()));
    assert!(kept.conversation().condensed(source, "another").iter().all(|turn| turn.sql.is_none() && turn.reading.is_none()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_at_the_same_time_are_all_kept() {
    for storage in [None, Some(Arc::new(MemoryStorage::default()) as Arc<dyn Storage>)] {
        let leo = house(storage).ada();
        leo.ask("How many readers are there?").await.unwrap();
        let asked = (0..12).map(|_| {
            let leo = leo.clone();
            tokio::spawn(async move { leo.ask_with("How many readers are there?", &session("s")).await.unwrap().warnings })
        });
        for warnings in futures::future::join_all(asked.collect::<Vec<_>>()).await {
            assert!(warnings.unwrap().is_empty());
        }
        assert_eq!(leo.sessions().get("s").await.unwrap().turns.len(), 12);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_kept_is_given_with_a_warning() {
    for writes in 0..3 {
        let storage = Arc::new(Failing { writes: AtomicUsize::new(writes), ..Failing::default() });
        let leo = house(Some(Arc::clone(&storage) as _)).ada();
        let answers = all(&leo, &["Show the readers in Leeds", "Show the readers in York", "Show the readers in Hull"]).await;
        for (at, answer) in answers.iter().enumerate() {
            let warned = answer.warnings.iter().any(|warning| warning.code == WarningCode::ConversationNotKept);
            assert_eq!((rows(answer).is_empty(), warned), (false, at >= writes));
        }
    }
    let storage = Arc::new(Failing { writes: AtomicUsize::new(9), ..Failing::default() });
    let leo = house(Some(Arc::clone(&storage) as _)).ada();
    all(&leo, &["Show the readers in Leeds"]).await;
    storage.unreadable.store(true, Ordering::Relaxed);
    let answers = all(&leo, &["How many loans are there?", "What are the names of those readers?"]).await;
    assert_eq!(rows(&answers[0]), ["5"]);
    assert_eq!(answers[0].warnings[0].code, WarningCode::ConversationNotRead);
    assert_eq!(answers[1].status, AnswerStatus::Clarify, "nobody knows which readers");
}

#[tokio::test]
async fn what_is_hidden_since_is_neither_continued_nor_named() {
    let house = house(None);
    let leo = house.ada();
    all(&leo, &["Show the names of the readers in Leeds"]).await;
    house.rights.hides_city.store(true, Ordering::Relaxed);
    for question in
        ["How many are there?", "What are their ages?", "also show their ages", "the other way round", "for all cities"]
    {
        let answer = leo.ask_with(question, &session("s")).await.unwrap();
        let told = serde_json::to_string(&answer).unwrap().replace(question, "");
        assert!(answer.conversation.is_none());
        assert!(!told.contains("city") && !told.contains("Leeds"), "{question}: {told}");
    }
}

#[tokio::test]
async fn another_source_begins_anew() {
    let second = SqliteSource::from_sql(
        "clinic",
        "CREATE TABLE visits (id INTEGER PRIMARY KEY, ward TEXT); INSERT INTO visits VALUES (1, 'A')",
    );
    let leo = Leo::builder()
        .preset(crate::settings::Preset::Local)
        .source(Source::new(SqliteSource::from_sql("library", LIBRARY).unwrap()))
        .source(Source::new(second.unwrap()))
        .build()
        .unwrap();
    let at = |source: &str| AskOptions { source: Some(source.into()), ..session("s") };
    leo.ask_with("Show the readers in Leeds", &at("library")).await.unwrap();
    let answer = leo.ask_with("How many visits are there?", &at("clinic")).await.unwrap();
    assert!(answer.conversation.is_none());
    let answer = leo.ask_with("What are the names of those readers?", &at("library")).await.unwrap();
    assert!(answer.conversation.is_none());
}
