//! PostgreSQL: `BETWEEN SYMMETRIC`, `ISNULL`, `LIKE ALL`, `VARIADIC`, `COLLATE` behind a cast, literals of a type by name, `EXCLUDE` in
//! window frames, `TABLE t`, `ROWS FROM`, `SEARCH` and `CYCLE`.

use sqlparser::tokenizer::Token;

use super::common::{QUERIES, trim_of_blanks, whole_table};
use super::stream::{Stream, bare, name, without_frame_exclusion};

/// The name of the call that `ROWS FROM (…)` becomes: with a blank in it, and no quotes around, it is nobody else's.
pub(in crate::guard) const ROWS_FROM: &str = "rows from";
/// The names of the definitions that `SEARCH` and `CYCLE` become.
pub(in crate::guard) const SEARCH: &str = "search clause";
pub(in crate::guard) const CYCLE: &str = "cycle clause";

pub(super) fn apply(stream: &mut Stream, place: usize) {
    if stream.is_any(place, &["SYMMETRIC", "ASYMMETRIC"]) {
        // Reserved words: no column has such a name without quotes.
        if place.checked_sub(1).is_some_and(|before| stream.is(before, "BETWEEN")) {
            stream.replace(place..place + 1, []);
        }
    } else if stream.is(place, "ISNULL") && stream.token(place + 1) != Some(&Token::LParen) {
        stream.replace(place..place + 1, [bare("IS"), bare("NULL")]);
    } else if stream.is(place, "ALL") && place.checked_sub(1).is_some_and(|before| stream.is_any(before, &["LIKE", "ILIKE"])) {
        // The same two sides; how many of the patterns must match is no matter of names.
        stream.replace(place..place + 1, [bare("ANY")]);
    } else if stream.is(place, "VARIADIC") {
        // A reserved word in front of the last argument, an array, whose members the function gets.
        if matches!(stream.before(place), Some(Token::LParen | Token::Comma)) && stream.token(place + 1) != Some(&Token::RParen) {
            stream.replace(place..place + 1, []);
        }
    } else if stream.is(place, "COLLATE") {
        collated_cast(stream, place);
    } else if stream.is_any(place, TYPES) && matches!(stream.token(place + 1), Some(Token::SingleQuotedString(_))) {
        typed_literal(stream, place);
    } else if stream.is(place, "EXCLUDE") {
        without_frame_exclusion(stream, place);
    } else if stream.is(place, "TABLE") {
        whole_table(stream, place);
    } else if stream.is(place, "TRIM") {
        trim_of_blanks(stream, place);
    } else if stream.are(place, &["ROWS", "FROM"]) {
        rows_from(stream, place);
    } else if stream.is_any(place, &["SEARCH", "CYCLE"]) && stream.before(place) == Some(&Token::RParen) {
        search_and_cycle(stream, place);
    }
}

/// Types whose literals, `inet '10.0.0.1'`, the parser does not know.
#[rustfmt::skip]
const TYPES: &[&str] = &[
    "cidr", "daterange", "inet", "int4range", "int8range", "jsonpath", "macaddr", "macaddr8", "money", "numrange", "tsquery", "tsrange",
    "tstzrange", "tsvector",
];

/// `inet '10.0.0.1'` is `CAST('10.0.0.1' AS inet)`.
fn typed_literal(stream: &mut Stream, place: usize) {
    let (Some(kind), Some(text)) = (stream.token(place).cloned(), stream.token(place + 1).cloned()) else { return };
    stream.replace(place..place + 2, [bare("CAST"), Token::LParen, text, bare("AS"), kind, Token::RParen]);
}

/// `x::text COLLATE "C"` is read as `x COLLATE "C"::text`: the same words, in the order that the parser knows.
fn collated_cast(stream: &mut Stream, place: usize) {
    let mut end = place + 2;
    if stream.token(place + 2) == Some(&Token::Period) {
        end += 2;
    }
    let Some(Token::Word(_)) = stream.token(end - 1) else { return };
    // The type: a word, its length in parentheses, brackets of an array.
    let Some(mut start) = place.checked_sub(1) else { return };
    if let (Some(Token::RParen), Some(Token::Number(..))) =
        (stream.token(start), start.checked_sub(1).and_then(|at| stream.token(at)))
    {
        let Some(word) = start.checked_sub(3).filter(|at| stream.token(at + 1) == Some(&Token::LParen)) else { return };
        start = word;
    }
    let Some(cast) = start.checked_sub(1).filter(|at| stream.token(*at) == Some(&Token::DoubleColon)) else { return };
    if !stream.is_any(start, &["text", "varchar", "char", "bpchar", "name", "citext"]) {
        return;
    }
    let tokens = |range: std::ops::Range<usize>| range.filter_map(|at| stream.token(at).cloned()).collect::<Vec<_>>();
    let mut swapped = tokens(place..end);
    swapped.extend(tokens(cast..place));
    stream.replace(cast..end, swapped);
}

/// `ROWS FROM (f(…), g(…))` becomes a call of its own with the calls as arguments. `SELECT rows FROM (…)` names a column; what is in
/// its parentheses is not a list of calls.
fn rows_from(stream: &mut Stream, place: usize) {
    let begins = match place.checked_sub(1).and_then(|before| stream.token(before)) {
        Some(Token::Comma) => true,
        _ => place.checked_sub(1).is_some_and(|before| stream.is_any(before, &["FROM", "JOIN", "LATERAL"])),
    };
    if !begins || stream.token(place + 2) != Some(&Token::LParen) {
        return;
    }
    let mut at = place + 3;
    loop {
        while matches!(stream.token(at), Some(Token::Word(_))) && stream.token(at + 1) == Some(&Token::Period) {
            at += 2;
        }
        let (Some(Token::Word(_)), Some(Token::LParen)) = (stream.token(at), stream.token(at + 1)) else { return };
        let Some(end) = stream.closing(at + 1) else { return };
        match stream.token(end + 1) {
            Some(Token::Comma) => at = end + 2,
            Some(Token::RParen) => break,
            _ => return,
        }
    }
    stream.replace(place..place + 2, [name(ROWS_FROM)]);
}

/// `SEARCH DEPTH FIRST BY a, b SET c` and `CYCLE a SET c TO 1 DEFAULT 0 USING d` behind a definition become definitions after it,
/// whose select lists hold the same names, new columns last.
fn search_and_cycle(stream: &mut Stream, place: usize) {
    let mut tokens = Vec::new();
    let mut at = place;
    if stream.are(at + 1, &["DEPTH", "FIRST", "BY"]) || stream.are(at + 1, &["BREADTH", "FIRST", "BY"]) {
        let Some((mut items, end)) = columns(stream, at + 4) else { return };
        let (true, Some(column @ Token::Word(_))) = (stream.is(end, "SET"), stream.token(end + 1)) else { return };
        items.extend([Token::Comma, column.clone()]);
        tokens.extend(definition(SEARCH, items));
        at = end + 2;
    }
    if stream.is(at, "CYCLE") {
        let Some((mut items, end)) = columns(stream, at + 1) else { return };
        let (true, Some(mark @ Token::Word(_))) = (stream.is(end, "SET"), stream.token(end + 1)) else { return };
        items.extend([Token::Comma, mark.clone()]);
        at = end + 2;
        if stream.is(at, "TO") && stream.is(at + 2, "DEFAULT") {
            if !is_literal(stream, at + 1) || !is_literal(stream, at + 3) {
                return;
            }
            at += 4;
        }
        let (true, Some(path @ Token::Word(_))) = (stream.is(at, "USING"), stream.token(at + 1)) else { return };
        items.extend([Token::Comma, path.clone()]);
        tokens.extend(definition(CYCLE, items));
        at += 2;
    }
    let follows = matches!(stream.token(at), Some(Token::Comma | Token::LParen)) || stream.is_any(at, QUERIES);
    if follows && at > place {
        stream.replace(place..at, tokens);
    }
}

fn definition(name_of: &str, items: Vec<Token>) -> Vec<Token> {
    let mut tokens = vec![Token::Comma, name(name_of), bare("AS"), Token::LParen, bare("SELECT")];
    tokens.extend(items);
    tokens.push(Token::RParen);
    tokens
}

/// The names of a list that begins at `place`, and where it ends.
fn columns(stream: &Stream, place: usize) -> Option<(Vec<Token>, usize)> {
    let mut items = Vec::new();
    let mut at = place;
    loop {
        items.push(stream.token(at).filter(|token| matches!(token, Token::Word(_)))?.clone());
        at += 1;
        if stream.token(at) != Some(&Token::Comma) {
            return Some((items, at));
        }
        items.push(Token::Comma);
        at += 1;
    }
}

fn is_literal(stream: &Stream, place: usize) -> bool {
    matches!(stream.token(place), Some(Token::Number(..) | Token::SingleQuotedString(_)))
        || stream.is_any(place, &["TRUE", "FALSE"])
}
