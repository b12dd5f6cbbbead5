//! PostgreSQL: `BETWEEN SYMMETRIC`, `ISNULL`, `EXCLUDE` in window frames.

use sqlparser::tokenizer::Token;

use super::stream::{Stream, bare, without_frame_exclusion};

pub(super) fn apply(stream: &mut Stream, place: usize) {
    if stream.is_any(place, &["SYMMETRIC", "ASYMMETRIC"]) {
        // Reserved words: no column has such a name without quotes.
        if place.checked_sub(1).is_some_and(|before| stream.is(before, "BETWEEN")) {
            stream.replace(place..place + 1, []);
        }
    } else if stream.is(place, "ISNULL") && stream.token(place + 1) != Some(&Token::LParen) {
        stream.replace(place..place + 1, [bare("IS"), bare("NULL")]);
    } else if stream.is(place, "EXCLUDE") {
        without_frame_exclusion(stream, place);
    }
}
