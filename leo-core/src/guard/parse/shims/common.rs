//! What several databases read and the parser does not: lists that begin with a subquery, `TABLE t`, `trim(TRAILING FROM x)`.

use sqlparser::tokenizer::Token;

use super::stream::{Stream, bare};

/// Words that begin a query.
pub(super) const QUERIES: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE"];

/// `IN ((SELECT …), …)`: a list whose first item is a subquery, or an expression that begins with one. To the parser it is a
/// subquery in two pairs of parentheses; behind a sign it is a value.
pub(super) fn list_of_subqueries(stream: &mut Stream, place: usize) {
    if !stream.is(place, "IN") || stream.token(place + 1) != Some(&Token::LParen) {
        return;
    }
    let first = place + 2;
    let mut inner = first;
    while stream.token(inner) == Some(&Token::LParen) {
        inner += 1;
    }
    if inner == first || !stream.is_any(inner, QUERIES) {
        return;
    }
    let after = stream.closing(first).and_then(|end| stream.token(end + 1));
    if !matches!(after, None | Some(Token::RParen | Token::Word(_))) {
        stream.replace(first..first, [Token::Plus]);
    }
}

/// The word at `place` is `TRIM`: `trim(TRAILING FROM x)` takes blanks off `x`, as `trim(x)` does.
pub(super) fn trim_of_blanks(stream: &mut Stream, place: usize) {
    if stream.token(place + 1) != Some(&Token::LParen) {
        return;
    }
    let from = place + 2 + usize::from(stream.is_any(place + 2, &["BOTH", "LEADING", "TRAILING"]));
    if stream.is(from, "FROM") {
        stream.replace(place + 2..from + 1, []);
    }
}

/// `TABLE t` where a query begins is `SELECT * FROM t`. The resolver sees to it that this is what is sent.
pub(super) fn whole_table(stream: &mut Stream, place: usize) {
    let begins = match place.checked_sub(1).and_then(|before| stream.token(before)) {
        None | Some(Token::LParen | Token::RParen) => true,
        Some(Token::Word(_)) => stream.is_any(place - 1, &["UNION", "EXCEPT", "INTERSECT", "ALL", "DISTINCT"]),
        _ => false,
    };
    if begins && stream.is(place, "TABLE") && matches!(stream.token(place + 1), Some(Token::Word(_))) {
        stream.replace(place..place + 1, [bare("SELECT"), Token::Mul, bare("FROM")]);
    }
}
