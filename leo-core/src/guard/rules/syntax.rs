//! What does not parse does not run.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("syntax")
    .what("Refuses text that the dialect's parser does not take.")
    .why("What does not parse does not run; an engine may be more generous than any parser.");
pub(in crate::guard) const MALFORMED: Rule = Rule::block("malformed_text")
    .what(
        "Refuses strings, names and comments that do not end or that two readers would end elsewhere, and characters \
         that cannot be seen.",
    )
    .why(
        "The guard's own lexer and the parser must agree on where every token begins and ends, or one of them is being \
         fooled.",
    );

/// The parser stopped with `message`.
pub(in crate::guard) fn finding(dialect: crate::dialect::Dialect, message: &str, position: Option<Position>) -> Finding {
    RULE.finding(
        format!("the statement is not valid {dialect} SQL, or uses syntax Leo does not know: {}", clean(message)),
        format!("correct the syntax; the dialect is {dialect}"),
        position,
    )
}

/// The text cannot be split into tokens safely.
pub(in crate::guard) fn malformed(why: &str, position: Option<Position>) -> Finding {
    MALFORMED.finding(
        format!("the text cannot be read safely: {why}"),
        "close every string, name and comment, and use plain characters outside them",
        position,
    )
}

/// The parser quotes the text it found; keep it short and in one line.
fn clean(message: &str) -> String {
    short(&message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>())
}
