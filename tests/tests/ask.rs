//! `Leo::ask` on the sample company: what a person gets.

use leo::ask::Stage;
use leo::{AnswerStatus, AskOptions, Leo};

#[tokio::test]
async fn a_question_comes_back_with_everything_a_person_needs() {
    let leo = Leo::sample().unwrap();
    let answer = leo.ask("What were monthly sales in 2024?").await.unwrap();
    assert_eq!(answer.status, AnswerStatus::Answered);
    let table = answer.table.as_ref().unwrap();
    assert_eq!((table.num_rows(), answer.row_count, answer.truncated), (12, 12, false));
    // The sum, computed here from the rows shown.
    let total: f64 = table.column(1).filter_map(|value| value.as_f64()).sum();
    let narrative = answer.narrative.text();
    let told: String = narrative.chars().filter(|c| *c != ',').collect();
    assert!(told.contains(&format!("{}", total.round())), "{narrative}");
    assert!(narrative.contains("2024-01-01 to 2024-12-31"), "{narrative}");

    assert!(answer.sql.as_deref().is_some_and(|sql| sql.starts_with("SELECT")));
    assert!(answer.sql_with_values.as_deref().is_some_and(|sql| sql.contains("2024-01-01")));
    let explain = &answer.explain;
    assert!(explain.links.iter().any(|link| link.words.contains("sales")), "{:?}", explain.links);
    assert_eq!((explain.time_zone.as_str(), explain.as_of), ("UTC", true), "the sample brings its own today");
    assert!(explain.now.starts_with("2025-06-30"), "{}", explain.now);
    assert!(!explain.tables.is_empty() && !explain.lineage.is_empty());
    assert!(!answer.freshness.is_empty() && !answer.follow_ups.is_empty());
    assert!(answer.confidence.is_some_and(|confidence| confidence > 0.5));
    assert!(answer.provenance.query.is_some() && answer.provenance.result_hash.is_some());
    let stages: Vec<Stage> = answer.timings.stages.iter().map(|timing| timing.stage).collect();
    assert!(stages.is_sorted() && stages.contains(&Stage::Record) && stages.contains(&Stage::Narrate), "{stages:?}");

    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["status"], "answered");
    assert_eq!(json["table"]["columns"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["table"]["rows"].as_array().map(Vec::len), Some(12));
}

#[tokio::test]
async fn follow_ups_are_answered_in_their_turn() {
    let leo = Leo::sample().unwrap();
    let answer = leo.ask("What were monthly sales in 2024?").await.unwrap();
    for question in &answer.follow_ups {
        let next = leo.ask(question).await.unwrap();
        assert_eq!(next.status, AnswerStatus::Answered, "{question}");
    }
}

#[tokio::test]
async fn an_as_of_date_moves_relative_windows() {
    let leo = Leo::sample().unwrap();
    let options = AskOptions { as_of: Some("2024-02-10".parse().unwrap()), ..AskOptions::default() };
    let answer = leo.ask_with("revenue last quarter", &options).await.unwrap();
    assert_eq!(answer.explain.windows[0].label, "2023-10-01 to 2023-12-31");
    assert!(answer.explain.now.starts_with("2024-02-10"));
}

#[tokio::test]
async fn a_window_behind_the_end_of_the_data_says_so_and_offers_one_with_data() {
    let leo = Leo::sample().unwrap();
    let options = AskOptions { as_of: Some("2027-03-05".parse().unwrap()), ..AskOptions::default() };
    for question in ["revenue last quarter", "revenue by region last quarter"] {
        let answer = leo.ask_with(question, &options).await.unwrap();
        assert!(
            answer.warnings.iter().any(|warning| warning.message.contains("the data goes from 2022-07-01 to 2025-06-30")),
            "{question}"
        );
        let [next] = answer.follow_ups.as_slice() else { panic!("{:?}", answer.follow_ups) };
        assert!(next.ends_with("in Q2 2025"), "{next}");
        let answer = leo.ask_with(next, &options).await.unwrap();
        assert!(answer.row_count >= 1 && answer.warnings.iter().all(|warning| !warning.message.contains("the data goes")));
    }
}

#[tokio::test]
async fn what_is_no_question_about_the_data_says_so() {
    let leo = Leo::sample().unwrap();
    let answer = leo.ask("hello").await.unwrap();
    assert_eq!(answer.status, AnswerStatus::NotADataQuestion);
    assert!(answer.table.is_none() && answer.sql.is_none() && answer.usage.statements == 0);
    assert!(!answer.message().is_empty());
    let error = answer.raise_for_status().unwrap_err();
    assert_eq!(error.kind(), leo::ErrorKind::Unsupported);

    let error = leo.ask("  ").await.unwrap_err();
    assert_eq!(error.kind(), leo::ErrorKind::Malformed);
    let error = leo.ask(&"sales ".repeat(400)).await.unwrap_err();
    assert_eq!(error.kind(), leo::ErrorKind::LimitExceeded);
}

#[tokio::test]
async fn a_confidence_floor_turns_an_answer_into_a_question_back() {
    let leo = Leo::sample().unwrap();
    let mut options = AskOptions::default();
    options.settings.set("ask.confidence_floor", 1.0).unwrap();
    let answer = leo.ask_with("revenue by region", &options).await.unwrap();
    assert_eq!(answer.status, AnswerStatus::Clarify);
    let clarification = answer.clarification.unwrap();
    // Choosing the option answers the question.
    let chosen = leo.ask_query(clarification.options[0].query.clone().unwrap(), &AskOptions::default()).await.unwrap();
    assert_eq!(chosen.status, AnswerStatus::Answered);
    assert!(chosen.row_count > 1);
}

#[tokio::test]
async fn calls_can_be_made_from_any_task() {
    fn is_send<T: Send>(_: T) {}
    let leo = Leo::sample().unwrap();
    is_send(leo.ask("x"));
    is_send(leo.sql("x"));
    is_send(leo.catalog(None));
}
