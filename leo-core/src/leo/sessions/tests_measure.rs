//! What the dialogues of the suite come to, asked as conversations and turn by turn. Made by hand:
//! `cargo test -p leo-core --release dialogues_come_to -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::PathBuf;
use std::sync::Arc;

use crate::audit::MemorySink;
use crate::eval::{Databases, EvalOptions, Evaluation, GateRunner, Suite, evaluate};
use crate::{Context, LeoAnswerer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the evaluation data beside the repository"]
async fn dialogues_come_to() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/nl2sql");
    let Ok(text) = std::fs::read_to_string(data.join("dialogues_dev.jsonl")) else { return };
    for (name, half) in [("even", 0), ("odd", 1)] {
        let lines: Vec<&str> = text.lines().enumerate().filter(|(at, _)| at % 2 == half).map(|(_, line)| line).collect();
        let suite = Suite::parse(&lines.join("\n")).unwrap();
        for (how, answerer) in [("conversation", LeoAnswerer::default()), ("one by one", LeoAnswerer::default().one_by_one())] {
            let databases = Arc::new(Databases::new(Some(data.join("databases"))));
            let runner = Arc::new(GateRunner::new(Context::new("eval", "eval").unwrap(), Arc::new(MemorySink::default())));
            let run = evaluate(&suite, databases, Arc::new(answerer), runner, EvalOptions::default(), |_| ()).await.unwrap();
            println!("{name}, {how}: {}", totals(&run));
            if let (Ok(path), "even", "conversation") = (std::env::var("LEO_DIALOGUES_OUT"), name, how) {
                std::fs::write(path, serde_json::to_string(&run.questions).unwrap()).unwrap();
            }
        }
    }
}

/// All turns, then by their place: asked, answered, right.
fn totals(run: &Evaluation) -> String {
    let of = |turn: Option<usize>| {
        let those = run.questions.iter().filter(|question| turn.is_none_or(|turn| question.turn.unwrap_or(1).min(4) == turn));
        let (mut asked, mut answered, mut right) = (0, 0, 0);
        for question in those {
            asked += 1;
            answered += usize::from(question.status == "answered");
            right += usize::from(question.correct);
        }
        format!("{right} right of {answered} answered of {asked}")
    };
    let turns: Vec<String> = (1..=4).map(|turn| format!("turn {turn}: {}", of(Some(turn)))).collect();
    format!("{}; {}", of(None), turns.join("; "))
}
