#![allow(clippy::unwrap_used)]

use jiff::Timestamp;

use super::{Session, Turn};
use crate::ask::AnswerStatus;

fn turn(question: &str) -> Turn {
    Turn {
        question: question.into(),
        reading: "`x` <b>".into(),
        query: None,
        sql: Some("SELECT '```'".into()),
        status: AnswerStatus::Answered,
        source: "shop".into(),
        catalog: String::new(),
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn a_session_does_not_grow_for_ever() {
    let mut session = Session::begin("s", Timestamp::UNIX_EPOCH);
    (0..205).for_each(|at| session.push(turn(&format!("question {at}"))));
    assert_eq!((session.turns.len(), session.dropped, session.info().turns), (200, 5, 205));
    assert_eq!(session.title, "question 0");
    assert_eq!(session.turns.iter().filter(|turn| turn.sql.is_some()).count(), 10);
}

#[test]
fn titles_are_cut_between_words_and_hold_one_line() {
    let titled = |question: &str| {
        let mut session = Session::begin("s", Timestamp::UNIX_EPOCH);
        session.push(turn(question));
        session.title
    };
    assert_eq!(titled("how\nmany\u{7} orders"), "how many orders");
    assert_eq!(titled(&"x".repeat(70)), format!("{}…", "x".repeat(60)));
    assert_eq!(titled(&"größe ".repeat(20)).chars().count(), 60);
}

#[test]
fn markdown_shows_what_was_written_and_obeys_none_of_it() {
    let mut session = Session::begin("s", Timestamp::UNIX_EPOCH);
    session.push(turn("# <script> [x](y)\n## z"));
    let text = session.export(super::SessionFormat::Markdown).unwrap();
    assert!(text.contains("## \\# \\<script\\> \\[x\\](y) \\#\\# z"), "{text}");
    assert!(text.contains("\\`x\\` \\<b\\>") && text.contains("````sql\nSELECT '```'\n````"), "{text}");
}
