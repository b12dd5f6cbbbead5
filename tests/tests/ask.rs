//! `Leo::ask` on the sample company: what a person gets.

use leo::{AnswerStatus, AskOptions, Leo};

#[tokio::test]
async fn questions_are_answered_with_everything_a_person_needs() {
    let leo = Leo::sample().unwrap();
    for q in [
        "What were monthly sales in 2024?",
        "top 5 customers by revenue last quarter",
        "which products have never been ordered",
        "hello",
        "revenue by flurb",
        "average order value by region, this year against last year",
        "How many customers do we have?",
    ] {
        let answer = leo.ask_with(q, &AskOptions::default()).await.unwrap();
        println!("{}\n", serde_json::to_string_pretty(&answer).unwrap().chars().take(6000).collect::<String>());
        println!("=== {} {:?} {}", q, answer.status, answer.message());
        println!("{:?}", answer.timings);
        assert!(answer.audit_id.is_some());
        let _ = AnswerStatus::Answered;
    }
    fn is_send<T: Send>(_: T) {}
    is_send(leo.ask("x"));
    is_send(leo.sql("x"));
}
