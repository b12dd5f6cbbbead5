//! A statement: what is sent for it, in which order, and what becomes of its errors.

use leo::gate::{Estimate, QueryOptions};
use leo::source::SessionValue;
use leo::{ErrorKind, Value};
use leo_tests::tds::token::{self, Cell, Type};
use leo_tests::tds::{Request, Seen, Step};

use crate::shop::{self, ctx, protected};

const SQL: &str = "SELECT id, label, price FROM things";

/// The requests as words: the procedure's text, or the batch.
fn words(requests: &[Request]) -> Vec<&str> {
    let word = |request: &Request| match request.sql.as_str() {
        "BEGIN TRANSACTION" => "begin",
        "SELECT DB_NAME()" => "database",
        sql if sql.contains("SET QUOTED_IDENTIFIER") => "pin",
        sql if sql.starts_with("IF @@TRANCOUNT > 0 ROLLBACK") => "rollback",
        sql if sql.contains("sp_set_session_context") => "value",
        sql if sql.contains("SHOWPLAN") => "plan",
        "SELECT 1" => "harmless",
        sql if sql.contains("things") && request.is_call => "statement",
        _ => "other",
    };
    requests.iter().map(word).collect()
}

#[tokio::test]
async fn every_statement_is_pinned_before_and_rolled_back_after() {
    let (peer, _folder, spec) = protected(|request| {
        (request.is_call && request.sql.contains("4242")).then(|| shop::refuse(8_134, 16, "Divide by zero error encountered."))
    })
    .await;
    let asked = shop::asked(spec).await.unwrap();
    peer.forget();
    asked.table_with(SQL, &[]).await.unwrap();
    // The first asks for a plan, in vain; then never again.
    assert_eq!(
        words(&peer.requests()),
        ["pin", "database", "plan", "harmless", "plan", "pin", "database", "begin", "statement", "rollback"]
    );
    for sql in [SQL, "SELECT id FROM things WHERE 4242 / id > 1"] {
        peer.forget();
        let outcome = asked.table_with(sql, &[]).await;
        assert_eq!(outcome.is_ok(), sql == SQL);
        assert_eq!(words(&peer.requests()), ["pin", "database", "begin", "statement", "rollback"], "{sql}");
    }
    // All of it on one connection.
    assert!(!peer.seen().iter().any(|seen| matches!(seen, Seen::Login(_) | Seen::Closed)));
}

#[tokio::test]
async fn placeholders_travel_beside_the_text() {
    let (peer, _folder, spec) = protected(|_| None).await;
    let asked = shop::asked(spec).await.unwrap();
    peer.forget();
    let text = "x'; DROP TABLE things; --";
    let params = [Value::Int(7), Value::from(text), Value::Float(0.5), Value::Bool(true)];
    let sql = "SELECT id, label, price FROM things WHERE id > @p1 AND label <> @p2 AND price > @p3 AND id <> @p4";
    asked.table_with(sql, &params).await.unwrap();
    let requests = peer.requests();
    let call = requests.iter().find(|request| request.is_call).unwrap();
    assert_eq!(call.procedure, "#10", "sp_executesql by its number");
    assert!(!call.sql.contains("DROP") && call.sql.contains("@p2"), "{}", call.sql);
    assert_eq!(call.declared, "@P1 bigint,@P2 nvarchar(4000),@P3 float(53),@P4 bit");
    let types: Vec<u8> = call.params.iter().map(|param| param.type_byte).collect();
    assert_eq!((types, call.params[1].text().as_deref()), (vec![0x26, 0xe7, 0x6d, 0x68], Some(text)));
    // Beyond 4,000 characters as `max`.
    let long = "é".repeat(600_000);
    peer.forget();
    asked.table_with("SELECT id, label, price FROM things WHERE label <> @p1", &[Value::from(long.as_str())]).await.unwrap();
    let requests = peer.requests();
    let call = requests.iter().find(|request| request.is_call).unwrap();
    assert_eq!((call.declared.as_str(), call.params[0].text()), ("@P1 nvarchar(max)", Some(long)));
}

#[tokio::test]
async fn null_travels_with_a_type() {
    let (peer, _folder, spec) = protected(|_| None).await;
    let asked = shop::asked(spec).await.unwrap();
    peer.forget();
    let sql = "SELECT id, label, price FROM things WHERE label = @p1 AND id > @p2";
    asked.table_with(sql, &[Value::Null, Value::Int(1)]).await.unwrap();
    let requests = peer.requests();
    let call = requests.iter().find(|request| request.is_call).unwrap();
    assert_eq!(call.procedure, "sp_executesql");
    assert_eq!(call.declared, "@p1 nvarchar(4000),@p2 bigint");
    assert_eq!((call.params[0].type_byte, &call.params[0].value), (0x26, &None), "never 0x1f, NULL without a type");
    let names: Vec<&str> = call.params.iter().map(|param| param.name.as_str()).collect();
    assert_eq!(names, ["@p1", "@p2"]);
}

#[tokio::test]
async fn names_of_placeholders_are_spelled_as_in_the_text_where_case_matters() {
    let (peer, _folder, spec) = protected(|request| {
        let text = Type::NVarchar(256);
        request.sql.starts_with("SELECT CAST(SERVERPROPERTY").then(|| {
            let cells = ["16.0", "Peer", "Latin1_General_CS_AS"].map(|cell| Cell::Text(cell.to_owned()));
            shop::rows(&[("v", text), ("e", text), ("c", text)], &[cells.to_vec()])
        })
    })
    .await;
    let asked = shop::asked(spec).await.unwrap();
    peer.forget();
    asked.table_with("SELECT id, label, price FROM things WHERE id > @p1", &[Value::Int(1)]).await.unwrap();
    let call = peer.requests().into_iter().find(|request| request.is_call).unwrap();
    assert_eq!((call.declared.as_str(), call.params[0].name.as_str()), ("@p1 bigint", "@p1"));
}

#[tokio::test]
async fn values_of_the_context_are_set_for_one_statement_and_gone_after_it() {
    let (peer, _folder, mut spec) = protected(|_| None).await;
    spec.session =
        [("app.tenant".to_owned(), SessionValue::Tenant), ("app.region".to_owned(), SessionValue::Attribute("region".into()))]
            .into();
    let asked = shop::asked(spec).await.unwrap();
    peer.forget();
    let error = asked.table_with(SQL, &[]).await.map(drop).unwrap_err();
    assert_eq!((error.kind(), peer.requests().iter().filter(|request| request.is_call).count()), (ErrorKind::Denied, 0));
    let mut ctx = ctx();
    ctx.attributes.insert("region".into(), leo::context::Attribute::One(Value::from("north")));
    for _ in 0..2 {
        peer.forget();
        let stream = asked.start(&ctx, SQL, &[], QueryOptions::default()).await.unwrap();
        leo::gate::collect(stream).await.unwrap();
        let requests = peer.requests();
        let calls: Vec<&Request> = requests.iter().filter(|request| request.is_call).collect();
        let values: Vec<Option<String>> =
            calls[..2].iter().flat_map(|call| call.params.iter().map(|param| param.text())).collect();
        assert_eq!(values, ["app.region", "north", "app.tenant", "acme"].map(|text| Some(text.to_owned())));
        assert!(calls[..2].iter().all(|call| call.sql.contains("sp_set_session_context") && call.sql.contains("@read_only = 1")));
        assert!(words(&requests).ends_with(&["value", "value", "begin", "statement", "rollback"]));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        assert!(peer.seen().iter().any(|seen| matches!(seen, Seen::Closed)), "what is read-only cannot be taken back");
    }
    // Without them nothing runs.
    let (peer, _folder, mut spec) = protected(|request| {
        request.sql.contains("sp_set_session_context").then(|| shop::refuse(2_812, 16, "Could not find stored procedure."))
    })
    .await;
    spec.session = [("app.tenant".to_owned(), SessionValue::Tenant)].into();
    let asked = shop::asked(spec).await.unwrap();
    let error = asked.table_with(SQL, &[]).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(!words(&peer.requests()).contains(&"statement"));
}

#[tokio::test]
async fn errors_tell_what_is_wrong_and_no_value() {
    let cases: &[(u32, u8, &str, ErrorKind, bool)] = &[
        (207, 16, "Invalid column name 'nmae'.", ErrorKind::Rejected, true),
        (208, 16, "Invalid object name 'dbo.thing'.", ErrorKind::Rejected, true),
        (8_120, 16, "Column 'things.id' is invalid in the select list.", ErrorKind::Rejected, true),
        (229, 14, "The SELECT permission was denied on the object 'things'.", ErrorKind::Denied, true),
        (245, 16, "Conversion failed when converting the varchar value 'hunter2' to data type int.", ErrorKind::Rejected, false),
        (2_628, 16, "String or binary data would be truncated. Truncated value: 'hunter2'.", ErrorKind::Rejected, false),
        (8_115, 16, "Arithmetic overflow error converting hunter2.", ErrorKind::Rejected, false),
        (33_557_097, 16, "invalid input syntax for type integer: hunter2", ErrorKind::Rejected, false),
        (1_205, 13, "Transaction was chosen as the deadlock victim.", ErrorKind::Unavailable, false),
        (1_222, 16, "Lock request time out period exceeded.", ErrorKind::Timeout, false),
        (9_999, 21, "hunter2", ErrorKind::Unavailable, false),
    ];
    for (number, class, message, kind, passed_on) in cases {
        for after_rows in [false, true] {
            let (number, class, message) = (*number, *class, *message);
            let (_peer, _folder, spec) = protected(move |request| {
                (request.is_call && request.sql.contains("77")).then(|| {
                    let rows = [token::columns(&shop::THINGS), shop::thing_row((1, None, None))].concat();
                    let mut tokens = if after_rows { rows } else { Vec::new() };
                    tokens.extend([token::error(number, class, message), token::done_error()].concat());
                    vec![Step::Send(tokens)]
                })
            })
            .await;
            let asked = shop::asked(spec).await.unwrap();
            let error = asked.table_with("SELECT id, label, price FROM things WHERE id > 77", &[]).await.map(drop).unwrap_err();
            assert_eq!(error.kind(), *kind, "{number}: {error:?}");
            assert_eq!(error.message().contains(message), *passed_on, "{number}: {error:?}");
            assert!(!format!("{error:?} {error}").contains("hunter2"), "{number}: {error:?}");
            assert_eq!(asked.table_with(SQL, &[]).await.unwrap().num_rows(), 2, "{number}");
        }
    }
}

#[tokio::test]
async fn only_one_result_is_taken() {
    let (_peer, _folder, spec) = protected(|request| {
        (request.is_call && request.sql.contains("77")).then(|| {
            let result = [token::columns(&shop::THINGS), shop::thing_row((1, None, None))].concat();
            vec![Step::Send([result.clone(), result, token::done_procedure(2)].concat())]
        })
    })
    .await;
    let asked = shop::asked(spec).await.unwrap();
    let error = asked.table_with("SELECT id, label, price FROM things WHERE id > 77", &[]).await.map(drop).unwrap_err();
    assert!(error.kind() == ErrorKind::Rejected && error.message().contains("more than one result"), "{error:?}");
    assert_eq!(asked.table_with(SQL, &[]).await.unwrap().num_rows(), 2);
}

const PLAN: &str = "<ShowPlanXML xmlns=\"http://schemas.microsoft.com/sqlserver/2004/07/showplan\"><StmtSimple StatementEstRows=\"42\" \
                    StatementSubTreeCost=\"0.5\" StatementType=\"SELECT\"></StmtSimple></ShowPlanXML>";

#[tokio::test]
async fn a_plan_is_asked_for_with_the_statement_and_believed_after_a_harmless_one() {
    let (peer, _folder, spec) = protected(|request| {
        let planned = request.sql == "SELECT 1" || (!request.is_call && request.sql.contains("things"));
        planned.then(|| shop::rows(&[("plan", Type::Xml)], &[vec![Cell::Text(PLAN.into())]]))
    })
    .await;
    let asked = shop::asked(spec).await.unwrap();
    for attempt in 0..2 {
        peer.forget();
        let sql = "SELECT id, label, price FROM things WHERE id > @p1";
        let (cleared, _) = asked.clear(&ctx(), sql, &[Value::Int(5)]).await.unwrap();
        assert_eq!(cleared.estimate(), Some(&Estimate { rows: Some(42), cost: Some(0.5), bytes: None }));
        let requests = peer.requests();
        assert_eq!(words(&requests).contains(&"harmless"), attempt == 0);
        let planned = requests.iter().find(|request| !request.is_call && request.sql.contains("things")).unwrap();
        assert!(planned.sql.starts_with("DECLARE @p1 bigint;\nSELECT"), "{}", planned.sql);
    }
}

#[tokio::test]
async fn a_server_that_runs_what_it_should_plan_gets_nothing_to_run() {
    let (peer, _folder, spec) =
        protected(|request| (request.sql == "SELECT 1").then(|| shop::rows(&[("", Type::Int(4))], &[vec![Cell::Int(1)]]))).await;
    let asked = shop::asked(spec).await.unwrap();
    peer.forget();
    for _ in 0..3 {
        assert!(asked.clear(&ctx(), SQL, &[]).await.unwrap().0.estimate().is_none());
        asked.table(SQL).await.unwrap();
    }
    let requests = peer.requests();
    assert!(!requests.iter().any(|request| !request.is_call && request.sql.contains("things")), "{requests:#?}");
    assert_eq!(words(&requests).iter().filter(|word| **word == "harmless").count(), 1);
}

#[tokio::test]
async fn settings_the_server_lacks_are_left_out_and_the_others_kept() {
    let (peer, _folder, spec) = protected(|request| {
        request.sql.contains("SET DEADLOCK_PRIORITY").then(|| shop::refuse(33_557_097, 16, "no such setting"))
    })
    .await;
    let asked = shop::asked(spec).await.unwrap();
    peer.forget();
    asked.table_with(SQL, &[]).await.unwrap();
    let requests = peer.requests();
    let pin = requests.iter().find(|request| request.sql.contains("SET QUOTED_IDENTIFIER")).unwrap();
    assert!(!pin.sql.contains("DEADLOCK_PRIORITY") && pin.sql.contains("SET LOCK_TIMEOUT"), "{}", pin.sql);
}

#[tokio::test]
async fn a_session_left_in_another_database_is_not_used_again() {
    let moved = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let calls = moved.clone();
    let (peer, _folder, spec) = protected(move |request| {
        (request.sql == "SELECT DB_NAME()").then(|| {
            let name = match calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                3 => "master",
                _ => "Shop",
            };
            shop::rows(&[("d", Type::NVarchar(256))], &[vec![Cell::Text(name.into())]])
        })
    })
    .await;
    let asked = shop::asked(spec).await.unwrap();
    for _ in 0..4 {
        assert_eq!(asked.table_with(SQL, &[]).await.unwrap().num_rows(), 2);
    }
    assert_eq!(peer.seen().iter().filter(|seen| matches!(seen, Seen::Login(_))).count(), 2);
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<String>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Write<'a>(&'a mut String);
        impl tracing::field::Visit for Write<'_> {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!(" {field}={value:?}"));
            }
        }
        let mut log = self.0.lock().unwrap();
        log.push_str(event.metadata().target());
        event.record(&mut Write(&mut log));
        log.push('\n');
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn no_row_and_no_word_of_the_server_is_logged() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let (_peer, _folder, spec) = protected(|request| {
        if request.is_call && request.sql.contains("4242") {
            return Some(shop::refuse(
                245,
                16,
                "Conversion failed when converting the varchar value 'hunter2' to data type int.",
            ));
        }
        (request.is_call && request.sql.contains("77")).then(|| shop::things(&[(1, Some("hunter2"), None)]))
    })
    .await;
    let asked = shop::asked(spec).await.unwrap();
    tracing::info!("the log is kept");
    assert_eq!(asked.table_with("SELECT id, label, price FROM things WHERE id > 77", &[]).await.unwrap().num_rows(), 1);
    assert!(asked.table_with("SELECT id, label, price FROM things WHERE id > 4242", &[]).await.is_err());
    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("the log is kept") && !log.contains("hunter2"), "{log}");
    assert!(!log.contains(shop::PASSWORD), "{log}");
}
