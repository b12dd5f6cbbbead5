//! MySQL: `!` and `MOD` as operators, `SOUNDS LIKE`, `INTERVAL()`, `GROUP BY x DESC`, joins with a list of tables, units of two fields,
//! character sets of casts.

use sqlparser::tokenizer::Token;

use super::common::{QUERIES, trim_of_blanks, whole_table};
use super::stream::{Stream, bare, name};

pub(super) fn apply(stream: &mut Stream, place: usize) {
    if stream.token(place) == Some(&Token::ExclamationMark) {
        stream.replace(place..place + 1, [bare("NOT")]);
    } else if stream.token(place) == Some(&Token::DoubleExclamationMark) {
        stream.replace(place..place + 1, [bare("NOT"), bare("NOT")]);
    } else if stream.is(place, "MOD") {
        modulo(stream, place);
    } else if stream.is(place, "TABLE") {
        whole_table(stream, place);
    } else if stream.is(place, "TRIM") {
        trim_of_blanks(stream, place);
    } else if stream.is_any(place, &["FROM", "JOIN", "STRAIGHT_JOIN"]) {
        joined_list(stream, place + 1);
    } else if stream.is(place, "SOUNDS") && stream.is(place + 1, "LIKE") {
        // A comparison of two texts by a pattern, as far as what is read goes.
        if place.checked_sub(1).is_some_and(|before| stream.ends_operand(before)) {
            stream.replace(place..place + 1, []);
        }
    } else if stream.is(place, "INTERVAL") {
        interval_call(stream, place);
    } else if stream.are(place, &["GROUP", "BY"]) {
        sorted_groups(stream, place + 2);
    } else if stream.is_any(place, &["CHARACTER", "CHARSET"]) {
        character_set(stream, place);
    } else if stream.word(place).is_some_and(|word| word.value.contains('_')) {
        composite_unit(stream, place);
    }
}

/// `a MOD b` is `a % b`. `MOD(a, b)` is a call, unless an operand stands before it.
fn modulo(stream: &mut Stream, place: usize) {
    if place.checked_sub(1).is_some_and(|before| stream.ends_operand(before)) {
        stream.replace(place..place + 1, [Token::Mod]);
    }
}

/// `INTERVAL(x, 10, 100)` is a call. A span of time, `INTERVAL (x) DAY`, has one expression.
fn interval_call(stream: &mut Stream, place: usize) {
    if stream.token(place + 1) != Some(&Token::LParen) {
        return;
    }
    let Some(close) = stream.closing(place + 1) else { return };
    let mut depth = 0usize;
    for at in place + 2..close {
        match stream.token(at) {
            Some(Token::LParen) => depth += 1,
            Some(Token::RParen) => depth = depth.saturating_sub(1),
            Some(Token::Comma) if depth == 0 => return stream.replace(place..place + 1, [name("INTERVAL")]),
            _ => {}
        }
    }
}

/// `GROUP BY a DESC`: the order in which groups come is no matter of names. The list begins at `place`.
fn sorted_groups(stream: &mut Stream, place: usize) {
    const CLAUSES: &[&str] = &[
        "HAVING",
        "WINDOW",
        "QUALIFY",
        "ORDER",
        "LIMIT",
        "FETCH",
        "OFFSET",
        "WITH",
        "UNION",
        "INTERSECT",
        "EXCEPT",
        "MINUS",
        "FOR",
        "INTO",
        "LOCK",
        "PROCEDURE",
    ];
    let mut depth = 0usize;
    for at in place..stream.len() {
        match stream.token(at) {
            Some(Token::LParen) => depth += 1,
            Some(Token::RParen) if depth == 0 => return,
            Some(Token::RParen) => depth -= 1,
            Some(Token::SemiColon) => return,
            _ if depth > 0 => {}
            _ if stream.is_any(at, CLAUSES) => return,
            _ if stream.is_any(at, &["ASC", "DESC"]) => {
                let ends = match stream.token(at + 1) {
                    None | Some(Token::Comma | Token::RParen | Token::SemiColon) => true,
                    _ => stream.is_any(at + 1, CLAUSES),
                };
                if ends && stream.ends_operand(at - 1) {
                    stream.replace(at..at + 1, []);
                }
            }
            _ => {}
        }
    }
}

/// `JOIN (a, b) ON …`, whose list opens at `open`, is `JOIN (a CROSS JOIN b) ON …`. A comma binds less than a join, which matters where
/// names decide what is joined.
fn joined_list(stream: &mut Stream, open: usize) {
    if stream.token(open) != Some(&Token::LParen) || !matches!(stream.token(open + 1), Some(Token::Word(_))) {
        return;
    }
    let Some(close) = stream.closing(open).filter(|_| !stream.is_any(open + 1, QUERIES)) else { return };
    let mut depth = 0usize;
    let mut commas = Vec::new();
    for place in open + 1..close {
        match stream.token(place) {
            Some(Token::LParen) => depth += 1,
            Some(Token::RParen) => depth = depth.saturating_sub(1),
            Some(Token::Comma) if depth == 0 => commas.push(place),
            _ if depth == 0 && stream.is_any(place, &["NATURAL", "USING"]) => return,
            _ => {}
        }
    }
    for comma in commas {
        stream.replace(comma..comma + 1, [bare("CROSS"), bare("JOIN")]);
    }
}

/// `CAST(x AS CHAR CHARACTER SET name)`: which bytes come out is no matter of names.
fn character_set(stream: &mut Stream, place: usize) {
    const SETS: &[&str] = &[
        "armscii8", "ascii", "big5", "binary", "cp1250", "cp1251", "cp1252", "cp1256", "cp1257", "cp850", "cp852", "cp866",
        "cp932", "eucjpms", "euckr", "gb18030", "gb2312", "gbk", "greek", "hebrew", "koi8r", "koi8u", "latin1", "latin2",
        "latin5", "latin7", "sjis", "tis620", "ucs2", "ujis", "utf16", "utf16le", "utf32", "utf8", "utf8mb3", "utf8mb4",
    ];
    let name = if stream.is(place, "CHARSET") { place + 1 } else { place + 2 };
    let whole = name == place + 1 || stream.is(place + 1, "SET");
    // `CHAR CHARACTER SET …` or `CHAR(10) CHARACTER SET …`
    let after_type = place.checked_sub(1).is_some_and(|before| {
        stream.is(before, "CHAR")
            || (stream.token(before) == Some(&Token::RParen) && place.checked_sub(4).is_some_and(|kind| stream.is(kind, "CHAR")))
    });
    if whole && after_type && stream.is_any(name, SETS) && stream.token(name + 1) == Some(&Token::RParen) {
        stream.replace(place..name + 1, []);
    }
}

/// `EXTRACT(YEAR_MONTH FROM x)` and `INTERVAL '1:30' HOUR_MINUTE`: all these words are reserved, and the first field says
/// enough.
fn composite_unit(stream: &mut Stream, place: usize) {
    const UNITS: &[(&str, &str)] = &[
        ("YEAR_MONTH", "YEAR"),
        ("DAY_HOUR", "DAY"),
        ("DAY_MINUTE", "DAY"),
        ("DAY_SECOND", "DAY"),
        ("DAY_MICROSECOND", "DAY"),
        ("HOUR_MINUTE", "HOUR"),
        ("HOUR_SECOND", "HOUR"),
        ("HOUR_MICROSECOND", "HOUR"),
        ("MINUTE_SECOND", "MINUTE"),
        ("MINUTE_MICROSECOND", "MINUTE"),
        ("SECOND_MICROSECOND", "SECOND"),
    ];
    let Some((_, first)) = UNITS.iter().find(|(unit, _)| stream.is(place, unit)) else { return };
    let extract = place.checked_sub(2).is_some_and(|at| stream.is(at, "EXTRACT")) && stream.is(place + 1, "FROM");
    let interval = place.checked_sub(2).is_some_and(|at| stream.is(at, "INTERVAL"));
    if extract || interval {
        stream.replace(place..place + 1, [bare(first)]);
    }
}
