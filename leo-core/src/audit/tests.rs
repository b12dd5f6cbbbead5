//! The audit file from outside: written, damaged, reopened, verified.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;

use super::chain::{self, Head};
use super::verify::verify_reader;
use super::*;
use crate::adapter::{AuditEvent, AuditSink};
use crate::error::ErrorKind;
use crate::settings::Durability;

fn numbered(number: usize) -> AuditEvent {
    AuditEvent {
        id: format!("e{number}"),
        at: format!("2024-01-01T00:00:{:02}Z", number % 60).parse().unwrap(),
        action: "question".into(),
        tenant: "acme".into(),
        user: if number.is_multiple_of(2) { "ada" } else { "bob" }.into(),
        question: Some("what sold — “best”?\u{1F600}\u{E000}".into()),
        ..AuditEvent::default()
    }
}

fn open(path: &Path) -> JsonLinesSink {
    JsonLinesSink::open(path, JsonLinesOptions::default()).unwrap()
}

fn check(path: &Path) -> VerifyReport {
    verify(path, &VerifyOptions::default()).unwrap()
}

async fn write(path: &Path, numbers: std::ops::Range<usize>) -> Head {
    let sink = open(path);
    for number in numbers {
        sink.append(vec![numbered(number)]).await.unwrap();
    }
    sink.head()
}

fn file() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("logs/audit.jsonl");
    (directory, path)
}

#[tokio::test]
async fn what_is_written_verifies_across_openings() {
    let (_directory, path) = file();
    assert_eq!(write(&path, 0..3).await.count, 3);
    let head = write(&path, 3..5).await;
    let report = check(&path);
    assert!(report.is_intact());
    assert_eq!((report.records, report.segments, report.torn_bytes), (5, 2, None));
    assert_eq!(report.head, Some(head));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn an_empty_file_is_sound_and_has_no_head() {
    let (_directory, path) = file();
    drop(open(&path));
    assert_eq!(check(&path), VerifyReport::default());
}

#[tokio::test]
async fn a_second_writer_is_turned_away() {
    let (_directory, path) = file();
    let first = open(&path);
    let error = JsonLinesSink::open(&path, JsonLinesOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains("a file of its own"), "{error}");
    first.append(vec![numbered(0)]).await.unwrap();
    drop(first);
    open(&path);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_appends_keep_their_own_order() {
    for durability in [Durability::Os, Durability::Fsync] {
        let (_directory, path) = file();
        let sink = Arc::new(JsonLinesSink::open(&path, JsonLinesOptions { durability }).unwrap());
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let sink = Arc::clone(&sink);
                tokio::spawn(async move {
                    for number in 0..20 {
                        let event = AuditEvent { user: format!("u{task}"), ..numbered(number) };
                        sink.append(vec![event.clone(), AuditEvent { id: "second".into(), ..event }]).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        sink.flush().await.unwrap();
        let report = check(&path);
        assert_eq!((report.records, report.first_bad), (320, None));
        for task in 0..8 {
            let found = query(&path, &AuditQuery { user: Some(format!("u{task}")), ..AuditQuery::default() }).unwrap();
            let ids: Vec<_> = found.records.iter().map(|record| record.event.id.clone()).collect();
            let expected: Vec<_> = (0..20).flat_map(|number| [format!("e{number}"), "second".to_owned()]).collect();
            assert_eq!(ids, expected);
            // The two events of one append stand together.
            assert!(found.records.chunks(2).all(|pair| pair[0].seq + 1 == pair[1].seq));
        }
    }
}

#[tokio::test]
async fn a_torn_last_line_is_moved_aside_and_the_chain_goes_on() {
    let (_directory, path) = file();
    write(&path, 0..3).await;
    let whole = std::fs::read(&path).unwrap();
    // Cut anywhere within the last line, its newline included.
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for (turn, cut) in [last + 1, last + 40, whole.len() - 1].into_iter().enumerate() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let report = check(&path);
        assert_eq!((report.records, report.torn_bytes, report.is_intact()), (2, Some((cut - last) as u64), true));
        write(&path, 3..4).await;
        let aside = path.with_file_name(format!("audit.jsonl.torn-{}", turn + 1));
        assert_eq!(std::fs::read(&aside).unwrap(), &whole[last..cut]);
        let report = check(&path);
        assert_eq!((report.records, report.is_intact(), report.torn_bytes), (4, true, None));
        let notice = &tail(&path, 2).unwrap().records[0].event;
        assert_eq!((notice.action.as_str(), notice.target.as_deref()), ("chain_notice", aside.file_name().unwrap().to_str()));
    }
}

#[tokio::test]
async fn zeros_left_by_a_power_failure_are_torn_too() {
    let (_directory, path) = file();
    write(&path, 0..2).await;
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"event\0\0\0\0\n\0\0\0");
    std::fs::write(&path, &bytes).unwrap();
    write(&path, 2..3).await;
    let report = check(&path);
    assert_eq!((report.records, report.is_intact()), (4, true));
    assert_eq!(std::fs::metadata(path.with_file_name("audit.jsonl.torn-1")).unwrap().len(), 15);
}

#[tokio::test]
async fn a_file_that_is_torn_from_its_first_line_starts_anew() {
    let (_directory, path) = file();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "{\"event\":{\"act").unwrap();
    write(&path, 0..1).await;
    assert_eq!((check(&path).records, check(&path).is_intact()), (2, true));
}

#[tokio::test]
async fn a_damaged_last_record_is_not_written_after() {
    let (_directory, path) = file();
    write(&path, 0..2).await;
    let text = std::fs::read_to_string(&path).unwrap().replace("\"e1\"", "\"e9\"");
    std::fs::write(&path, &text).unwrap();
    let error = JsonLinesSink::open(&path, JsonLinesOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "left as it is");
    // A file that is something else.
    std::fs::write(&path, "id,name\n1,x\n").unwrap();
    assert_eq!(JsonLinesSink::open(&path, JsonLinesOptions::default()).unwrap_err().kind(), ErrorKind::Malformed);
    std::fs::write(&path, vec![b'x'; 9 << 20]).unwrap();
    assert_eq!(JsonLinesSink::open(&path, JsonLinesOptions::default()).unwrap_err().kind(), ErrorKind::Malformed);
}

#[test]
fn paths_that_cannot_be_opened_say_so() {
    let directory = tempfile::tempdir().unwrap();
    let error = JsonLinesSink::open(directory.path(), JsonLinesOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    std::fs::write(directory.path().join("file"), "").unwrap();
    let error = JsonLinesSink::open(directory.path().join("file/audit"), JsonLinesOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(verify(directory.path().join("none"), &VerifyOptions::default()).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(tail(directory.path().join("none"), 1).unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn the_published_head_shows_what_was_removed() {
    let (_directory, path) = file();
    let early = write(&path, 0..3).await;
    let late = write(&path, 3..6).await;
    let expect = |head: &Head, count: bool| VerifyOptions {
        expect_head: Some(head.hash.clone()),
        expect_count: count.then_some(head.count),
    };
    for head in [&early, &late] {
        assert!(verify(&path, &expect(head, true)).unwrap().is_intact());
        assert!(verify(&path, &expect(head, false)).unwrap().is_intact());
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let shorter: String = text.split_inclusive('\n').take(5).collect();
    std::fs::write(&path, shorter).unwrap();
    assert!(check(&path).is_intact(), "removal from the end alone does not show");
    assert!(verify(&path, &expect(&early, true)).unwrap().is_intact());
    for options in [expect(&late, true), expect(&late, false), VerifyOptions { expect_head: None, expect_count: Some(6) }] {
        let report = verify(&path, &options).unwrap();
        assert!(!report.is_intact() && report.unexpected.is_some());
    }
    let moved = Head { count: 2, ..early };
    assert!(!verify(&path, &expect(&moved, true)).unwrap().is_intact());
}

#[tokio::test]
async fn attempts_without_outcome_are_listed() {
    let (_directory, path) = file();
    let sink = open(&path);
    let attempt = |number, action: &str| AuditEvent { action: action.into(), source: Some("shop".into()), ..numbered(number) };
    let outcome = |number, of: &str| AuditEvent {
        attempt: Some(of.into()),
        status: Some("ok".into()),
        ..attempt(number, "statement_outcome")
    };
    let recorded_by_a_host = AuditEvent { status: Some("ok".into()), ..attempt(5, "tool_invocation") };
    sink.append(vec![attempt(0, "statement"), attempt(1, "statement"), outcome(2, "e0"), attempt(3, "tool_invocation")])
        .await
        .unwrap();
    sink.append(vec![numbered(4), recorded_by_a_host, outcome(6, "nothing")]).await.unwrap();
    let open = check(&path).attempts_without_outcome;
    assert_eq!(open.iter().map(|open| (open.seq, open.id.as_str())).collect::<Vec<_>>(), [(2, "e1"), (4, "e3")]);
    assert_eq!((open[0].user.as_str(), open[0].source.as_deref()), ("bob", Some("shop")));
}

#[tokio::test]
async fn records_are_found_by_what_they_say() {
    let (_directory, path) = file();
    write(&path, 0..50).await;
    let ids = |query: AuditQuery| {
        super::query(&path, &query).unwrap().records.iter().map(|record| record.event.id.clone()).collect::<Vec<_>>()
    };
    let all = AuditQuery { limit: 3, ..AuditQuery::default() };
    assert_eq!(ids(all.clone()), ["e47", "e48", "e49"]);
    assert_eq!(ids(AuditQuery { user: Some("ada".into()), ..all.clone() }), ["e44", "e46", "e48"]);
    assert!(ids(AuditQuery { tenant: Some("globex".into()), ..all.clone() }).is_empty());
    assert!(ids(AuditQuery { status: Some("ok".into()), ..all.clone() }).is_empty());
    let until = Some("2024-01-01T00:00:10Z".parse().unwrap());
    assert_eq!(ids(AuditQuery { until, ..all.clone() }), ["e7", "e8", "e9"]);
    let since = Some("2024-01-01T00:00:49Z".parse().unwrap());
    assert_eq!(ids(AuditQuery { since, ..all }), ["e49"]);
    assert!(tail(&path, 0).unwrap().records.is_empty());
    std::fs::write(&path, "no record\n").unwrap();
    assert_eq!(tail(&path, 9).unwrap().unreadable_lines, 1);
}

#[tokio::test]
async fn an_event_too_large_is_refused_alone() {
    let (_directory, path) = file();
    let sink = open(&path);
    let large = AuditEvent { sql: Some("x".repeat(5 << 20)), ..numbered(0) };
    assert_eq!(sink.append(vec![numbered(0), large]).await.unwrap_err().kind(), ErrorKind::LimitExceeded);
    sink.append(vec![numbered(1)]).await.unwrap();
    assert_eq!((check(&path).records, check(&path).is_intact()), (1, true));
}

fn chained(events: &[AuditEvent]) -> Vec<u8> {
    let (mut head, mut out) = (Head::genesis(), Vec::new());
    for event in events {
        chain::chain(&chain::encode(event).unwrap(), &mut head, "segment", &mut out);
    }
    out
}

fn verify_bytes(bytes: &[u8]) -> VerifyReport {
    verify_reader(bytes, &VerifyOptions::default()).unwrap()
}

fn any_event() -> impl Strategy<Value = AuditEvent> {
    (
        any::<String>(),
        any::<String>(),
        any::<Option<String>>(),
        any::<Option<u32>>(),
        proptest::collection::vec(any::<String>(), 0..3),
    )
        .prop_map(|(id, action, sql, rows, rules)| AuditEvent {
            id,
            action,
            sql,
            rows: rows.map(u64::from),
            rules,
            ..AuditEvent::default()
        })
}

proptest! {
    #[test]
    fn any_events_verify_and_read_back(events in proptest::collection::vec(any_event(), 0..8)) {
        let bytes = chained(&events);
        let report = verify_bytes(&bytes);
        prop_assert!(report.is_intact());
        prop_assert_eq!(report.records, events.len() as u64);
        for (line, event) in bytes.split_inclusive(|byte| *byte == b'\n').zip(&events) {
            prop_assert_eq!(&serde_json::from_slice::<StoredRecord>(line).unwrap().event, event);
        }
    }

    #[test]
    fn any_changed_byte_is_found_at_its_record(
        events in proptest::collection::vec(any_event(), 1..5),
        at in any::<proptest::sample::Index>(),
        mask in 1..=255_u8,
    ) {
        let mut bytes = chained(&events);
        let at = at.index(bytes.len());
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        let is_end = at == bytes.len() - 1;
        bytes[at] ^= mask;
        let report = verify_bytes(&bytes);
        if is_end {
            prop_assert!(report.torn_bytes.is_some() && report.records == line - 1);
        } else {
            prop_assert_eq!(report.first_bad.map(|bad| bad.line), Some(line));
        }
    }

    #[test]
    fn removed_and_swapped_lines_are_found(count in 3..7_usize, first in 0..6_usize, second in 0..6_usize) {
        let events: Vec<_> = (0..count).map(numbered).collect();
        let bytes = chained(&events);
        let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let (first, second) = (first % count, second % count);
        let mut removed = lines.clone();
        removed.remove(first);
        let bad = verify_bytes(&removed.concat()).first_bad.map(|bad| (bad.line, bad.reason));
        // The last record is missed by nobody but who knows the head.
        prop_assert_eq!(bad, (first + 1 < count).then_some((first as u64 + 1, Damage::Sequence)));
        let mut swapped = lines.clone();
        swapped.swap(first, second);
        let bad = verify_bytes(&swapped.concat()).first_bad.map(|bad| bad.line);
        prop_assert_eq!(bad, (first != second).then_some(first.min(second) as u64 + 1));
    }
}
