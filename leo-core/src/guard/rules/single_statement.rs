//! Exactly one statement.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("multiple_statements")
    .what("Refuses text that holds no statement, or more than one.")
    .why("A second statement is how injected text changes data or leaves a read-only transaction.");

/// The text holds `count` statements.
pub(in crate::guard) fn finding(count: usize, position: Option<Position>) -> Finding {
    let message = match count {
        0 => "there is no statement in the text".to_owned(),
        _ => "the text holds more than one statement; only one query may run at a time".to_owned(),
    };
    RULE.finding(message, "send exactly one SELECT, without anything after it", position)
}
