//! SQLite: the choice of an index, `ISNULL`, `NOT GLOB`, `EXCLUDE` in window frames, `AS MATERIALIZED`.

use sqlparser::tokenizer::Token;

use super::stream::{Stream, bare, name, without_frame_exclusion};

pub(super) fn apply(stream: &mut Stream, place: usize) {
    if stream.is(place, "INDEXED") {
        index_choice(stream, place);
    } else if stream.is(place, "ISNULL") && stream.token(place + 1) != Some(&Token::LParen) {
        stream.replace(place..place + 1, [bare("IS"), bare("NULL")]);
    } else if stream.is(place, "NOT") && stream.is_any(place + 1, &["GLOB", "MATCH", "REGEXP"]) {
        // The negation of an operator, or of a call of the function behind it: the operands are the same without.
        stream.replace(place..place + 1, []);
    } else if stream.is(place, "EXCLUDE") {
        without_frame_exclusion(stream, place);
    } else if stream.is(place, "MATERIALIZED") && stream.token(place + 1) == Some(&Token::LParen) {
        materialized(stream, place);
    }
}

/// `AS MATERIALIZED (…)` and `AS NOT MATERIALIZED (…)` become `AS (…)`: how a definition is carried out is no matter of names.
fn materialized(stream: &mut Stream, place: usize) {
    let start = place.checked_sub(1).filter(|not| stream.is(*not, "NOT")).unwrap_or(place);
    if start.checked_sub(1).is_some_and(|before| stream.is(before, "AS")) {
        stream.replace(start..place + 1, []);
    }
}

/// `t INDEXED BY name` and `t NOT INDEXED` become `t WITH (INDEXED = name)` and `t WITH (NOT INDEXED)`: hints, which the parser
/// takes behind a table and nowhere else.
fn index_choice(stream: &mut Stream, place: usize) {
    if stream.is(place + 1, "BY")
        && let Some(Token::Word(index)) = stream.token(place + 2)
    {
        let index = if index.quote_style.is_none() { name(&index.value) } else { Token::Word(index.clone()) };
        let hint = [bare("WITH"), Token::LParen, name("INDEXED"), Token::Eq, index, Token::RParen];
        stream.replace(place..place + 3, hint);
    } else if let Some(not) = place.checked_sub(1).filter(|not| stream.is(*not, "NOT")) {
        let hint = [bare("WITH"), Token::LParen, bare("NOT"), name("INDEXED"), Token::RParen];
        // `NOT indexed` is also the negation of a column of that name: behind the name of a table only the hint can follow.
        if not.checked_sub(1).is_some_and(|before| stream.ends_operand(before)) {
            stream.replace(not..place + 1, hint);
        }
    }
}
