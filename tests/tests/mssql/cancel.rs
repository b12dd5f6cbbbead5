//! What nobody waits for any more ends on the server, and the next statement gets its own answer.

use std::time::{Duration, Instant};

use futures::StreamExt;
use leo::ErrorKind;
use leo::gate::{self, QueryOptions};
use leo_tests::tds::token;
use leo_tests::tds::{Manners, Peer, Request, Seen, Step};

use crate::shop::{self, THINGS, ctx, peer, protected, spec, thing_row, things};

const SQL: &str = "SELECT id, label, price FROM things";
/// The statement that never ends has this in its text.
const SLOW: &str = "SELECT id, label, price FROM things WHERE id > 4242";

/// Rows for ever: a few at a time.
fn slow(request: &Request) -> Option<Vec<Step>> {
    (request.is_call && request.sql.contains("4242")).then(|| {
        let mut steps = vec![Step::Send(token::columns(&THINGS))];
        for index in 0..200 {
            // Rows end in the middle of a row of bytes: the driver is always within one.
            let row = thing_row((index, Some("slow"), Some(1)));
            let (start, end) = row.split_at(row.len() / 2);
            steps.push(Step::Send(start.to_vec()));
            steps.push(Step::Wait(Duration::from_millis(100)));
            steps.push(Step::Send(end.to_vec()));
        }
        steps.push(Step::Send(token::done_procedure(200)));
        steps
    })
}

async fn attention(peer: &Peer) -> Option<Instant> {
    for _ in 0..100 {
        let found = peer.seen().into_iter().find_map(|seen| if let Seen::Attention(at) = seen { Some(at) } else { None });
        if found.is_some() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}

async fn closed(peer: &Peer) -> bool {
    for _ in 0..200 {
        if peer.seen().iter().any(|seen| matches!(seen, Seen::Closed)) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

fn endless() -> QueryOptions {
    QueryOptions { timeout: Duration::from_secs(50), batch_rows: 1, ..QueryOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_stream_sends_an_attention_and_ends_its_connection() {
    let (peer, _folder, spec) = protected(slow).await;
    let asked = shop::asked(spec).await.unwrap();
    let mut stream = asked.start(&ctx(), SLOW, &[], endless()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().num_rows(), 1);
    let dropped = Instant::now();
    drop(stream);
    let at = attention(&peer).await.expect("an attention");
    assert!(at.saturating_duration_since(dropped) < Duration::from_millis(100), "{:?}", at - dropped);
    assert!(closed(&peer).await, "the connection is not used again");
    // Whatever was on the way, the next statement gets its own rows.
    for _ in 0..3 {
        let table = asked.table_with(SQL, &[]).await.unwrap();
        assert_eq!((table.num_rows(), table.value(0, 1).to_string()), (2, "one".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ignores_attentions_is_left() {
    let mut manners = Manners { ignores_attention: true, ..Manners::default() };
    manners.password = None;
    let peer = peer(manners, slow).await;
    let mut spec = spec(&peer);
    spec.tls.mode = Some(leo::source::TlsMode::Disable);
    let asked = shop::asked(spec).await.unwrap();
    let ctx = ctx();
    let mut stream = asked.start(&ctx, SLOW, &[], endless()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    ctx.cancel.cancel();
    let error = loop {
        match stream.next().await.expect("an error") {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(attention(&peer).await.is_some() && closed(&peer).await);
    assert_eq!(asked.table_with(SQL, &[]).await.unwrap().num_rows(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_counted_over_the_whole_statement() {
    let (peer, _folder, spec) = protected(slow).await;
    let asked = shop::asked(spec).await.unwrap();
    // A row comes every tenth of a second, so no single wait is long.
    let options = QueryOptions { timeout: Duration::from_millis(700), ..QueryOptions::default() };
    let stream = asked.start(&ctx(), SLOW, &[], options).await.unwrap();
    let error = gate::collect(stream).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("less data"), "{error}");
    assert!(attention(&peer).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_without_an_answer_is_stopped_too() {
    let silent = |request: &Request| {
        (request.is_call && request.sql.contains("4242"))
            .then(|| vec![Step::Wait(Duration::from_secs(60)), Step::Send(token::done())])
    };
    let (peer, _folder, spec) = protected(silent).await;
    let asked = shop::asked(spec).await.unwrap();
    let options = QueryOptions { timeout: Duration::from_millis(500), ..QueryOptions::default() };
    let error = asked.start(&ctx(), SLOW, &[], options).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(attention(&peer).await.is_some() && closed(&peer).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_end_at_the_cap_and_the_rest_is_stopped() {
    let (peer, _folder, spec) = protected(slow).await;
    let asked = shop::asked(spec).await.unwrap();
    let options = QueryOptions { max_rows: 3, timeout: Duration::from_secs(20), ..QueryOptions::default() };
    let stream = asked.start(&ctx(), SLOW, &[], options).await.unwrap();
    let result = gate::collect(stream).await.unwrap();
    assert_eq!((result.table.num_rows(), result.summary.truncated), (3, true));
    assert!(attention(&peer).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_any_state_is_an_error_and_the_next_statement_works() {
    type Cut = fn(&Request) -> Option<Vec<Step>>;
    let states: [(&str, Cut); 5] = [
        ("begin", |request| (request.sql == "BEGIN TRANSACTION").then(|| vec![Step::Cut])),
        ("statement", |request| request.is_call.then(|| vec![Step::Cut])),
        ("columns", |request| request.is_call.then(|| vec![Step::Send(token::columns(&THINGS)), Step::Cut])),
        ("row", |request| {
            let row = thing_row((1, Some("half"), None));
            request
                .is_call
                .then(|| vec![Step::Send([token::columns(&THINGS), row[..row.len() / 2].to_vec()].concat()), Step::Cut])
        }),
        ("rollback", |request| request.sql.starts_with("IF @@TRANCOUNT").then(|| vec![Step::Cut])),
    ];
    for (state, cut) in states {
        let once = std::sync::atomic::AtomicBool::new(false);
        let armed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let is_armed = armed.clone();
        let script = move |request: &Request| {
            use std::sync::atomic::Ordering::SeqCst;
            // Not the settings at the start of a connection, which begin with a rollback as well.
            if !is_armed.load(SeqCst) || request.sql.contains('\n') || once.load(SeqCst) {
                return None;
            }
            let steps = cut(request);
            once.fetch_or(steps.is_some(), SeqCst);
            steps
        };
        let (_peer, _folder, spec) = protected(script).await;
        let asked = shop::asked(spec).await.unwrap();
        armed.store(true, std::sync::atomic::Ordering::SeqCst);
        let outcome = asked.table_with(SQL, &[]).await;
        if state == "rollback" {
            assert_eq!(outcome.unwrap().num_rows(), 2, "the rows were read before");
        } else {
            let error = outcome.map(drop).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{state}: {error:?}");
        }
        assert_eq!(asked.table_with(SQL, &[]).await.unwrap().num_rows(), 2, "{state}");
    }
    assert_eq!(things(&[]).len(), 1);
}
