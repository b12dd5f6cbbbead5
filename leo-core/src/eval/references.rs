//! References of a suite beside results that were read back, which bring none.

use std::collections::HashMap;

use super::result::QuestionResult;
use super::suite::{Suite, Turn};

/// Id, turn, question, and how often they were there before.
type Key<'a> = (String, Option<usize>, &'a str, usize);

/// Counts what is there several times.
#[derive(Default)]
struct Seen<'a>(HashMap<(String, Option<usize>, &'a str), usize>);

impl<'a> Seen<'a> {
    fn key(&mut self, id: &serde_json::Value, turn: Option<usize>, question: &'a str) -> Key<'a> {
        let id = id.to_string();
        let earlier = self.0.entry((id.clone(), turn, question)).or_default();
        *earlier += 1;
        (id, turn, question, *earlier)
    }
}

/// The results with the references that `suite` has for them. The database is not looked at: a suite may leave it to the handle.
pub(super) fn referred(results: &[QuestionResult], suite: &Suite) -> Vec<QuestionResult> {
    let mut seen = Seen::default();
    let mut turns: HashMap<Key<'_>, &Turn> = HashMap::new();
    for item in &suite.items {
        for (at, turn) in item.turns.iter().enumerate() {
            let number = (item.turns.len() > 1).then_some(at + 1);
            turns.insert(seen.key(&item.id, number, &turn.question), turn);
        }
    }
    let mut seen = Seen::default();
    let referred = |result: &'_ QuestionResult, key: Key<'_>| {
        let mut result = result.clone();
        if let Some(turn) = turns.get(&key) {
            result.gold.clone_from(&turn.gold);
            result.answerable = Some(turn.is_answerable());
        }
        result
    };
    results.iter().map(|result| referred(result, seen.key(&result.id, result.turn, &result.question))).collect()
}
