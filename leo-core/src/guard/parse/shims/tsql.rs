//! T-SQL: query and join hints, past versions of tables, `PARSE`, `FOR JSON` and `FOR XML`, `TOP (SELECT …)`, `!<`, words that are
//! names here.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

use super::stream::{Stream, bare, name};

pub(super) fn apply(stream: &mut Stream, place: usize) {
    let keyword = match stream.token(place) {
        Some(Token::ExclamationMark) if stream.touches_next(place) => return negated_comparison(stream, place),
        Some(Token::Word(word)) if word.quote_style.is_none() => word.keyword,
        _ => return,
    };
    match keyword {
        Keyword::HASH | Keyword::MERGE | Keyword::REMOTE => join_hint(stream, place),
        Keyword::OPTION => options(stream, place),
        Keyword::AT if !stream.is(place + 1, "TIME") => plain_name(stream, place),
        Keyword::FIRST | Keyword::NEXT => fetched_rows(stream, place),
        Keyword::FOR if stream.is(place + 1, "SYSTEM_TIME") => past_versions(stream, place + 2),
        Keyword::FOR if stream.is_any(place + 1, &["JSON", "XML"]) => output_format(stream, place + 2),
        Keyword::TOP => top(stream, place),
        // Words that begin clauses in other databases and are names like any other here: what follows one is not its clause, but
        // may be another statement.
        Keyword::ANTI
        | Keyword::ASOF
        | Keyword::CLUSTER
        | Keyword::CONNECT
        | Keyword::DISTRIBUTE
        | Keyword::FINAL
        | Keyword::FORMAT
        | Keyword::GLOBAL
        | Keyword::LATERAL
        | Keyword::MATCH_CONDITION
        | Keyword::MATCH_RECOGNIZE
        | Keyword::MINUS
        | Keyword::NATURAL
        | Keyword::PREWHERE
        | Keyword::QUALIFY
        | Keyword::SAMPLE
        | Keyword::SEMI
        | Keyword::SETTINGS
        | Keyword::SORT
        | Keyword::START => plain_name(stream, place),
        Keyword::NoKeyword if stream.is(place, "LOOP") => join_hint(stream, place),
        Keyword::NoKeyword if stream.is_any(place, &["PARSE", "TRY_PARSE"]) => parse_call(stream, place),
        _ => {}
    }
}

fn plain_name(stream: &mut Stream, place: usize) {
    let written = stream.word(place).map(|word| name(&word.value));
    stream.replace(place..place + 1, written);
}

/// `FETCH NEXT (10) ROWS ONLY`
fn fetched_rows(stream: &mut Stream, place: usize) {
    if place.checked_sub(1).is_some_and(|fetch| stream.is(fetch, "FETCH"))
        && let (Some(Token::LParen), Some(rows @ Token::Number(..)), Some(Token::RParen)) =
            (stream.token(place + 1), stream.token(place + 2).cloned().as_ref(), stream.token(place + 3))
    {
        stream.replace(place + 1..place + 4, [rows.clone()]);
    }
}

/// `!<` is `>=`, `!>` is `<=`.
fn negated_comparison(stream: &mut Stream, place: usize) {
    let same = match stream.token(place + 1) {
        Some(Token::Lt) => Token::GtEq,
        Some(Token::Gt) => Token::LtEq,
        _ => return,
    };
    stream.replace(place..place + 2, [same]);
}

/// The hint in `INNER HASH JOIN`.
fn join_hint(stream: &mut Stream, place: usize) {
    let side = place.checked_sub(1).is_some_and(|at| stream.is_any(at, &["INNER", "LEFT", "RIGHT", "FULL", "OUTER"]));
    if side && stream.is(place + 1, "JOIN") {
        stream.replace(place..place + 1, []);
    }
}

/// Words that may stand in `OPTION (…)`: plans and limits, nothing that runs, reads or locks.
#[rustfmt::skip]
const OPTIONS: &[&str] = &[
    "CONCAT", "EXPAND", "FAST", "FOR", "FORCE", "FORCED", "GROUP", "HASH", "IGNORE_NONCLUSTERED_COLUMNSTORE_INDEX", "JOIN", "KEEP",
    "KEEPFIXED", "LOOP", "MAXDOP", "MAXRECURSION", "MAX_GRANT_PERCENT", "MERGE", "OPTIMIZE", "ORDER", "PLAN", "RECOMPILE", "ROBUST",
    "UNION", "UNKNOWN", "VIEWS",
];

/// A last `OPTION (hint, …)`, of known words and numbers only. Nothing follows it, so nothing can take its place.
fn options(stream: &mut Stream, place: usize) {
    if stream.token(place + 1) != Some(&Token::LParen) {
        return;
    }
    let mut at = place + 2;
    let end = loop {
        at += match stream.token(at) {
            Some(Token::RParen) => break at + 1,
            Some(Token::Comma | Token::Number(..)) => 1,
            Some(Token::Eq) if stream.is(at - 1, "MAX_GRANT_PERCENT") => 1,
            _ if stream.are(at, &["USE", "HINT"]) => match used_hints(stream, at + 2) {
                Some(end) => end - at,
                None => return,
            },
            _ if stream.is_any(at, OPTIONS) => 1,
            _ => return,
        };
    };
    let rest = (end..stream.len()).all(|at| matches!(stream.token(at), Some(Token::SemiColon | Token::EOF)));
    if rest {
        stream.replace(place..end, []);
    }
}

/// Where the list in `USE HINT ('…', …)` that opens at `place` ends.
fn used_hints(stream: &Stream, place: usize) -> Option<usize> {
    const KINDS: &[&str] = &[
        "ASSUME_",
        "DISABLE_",
        "DISALLOW_BATCH_MODE",
        "ENABLE_",
        "FORCE_",
        "QUERY_OPTIMIZER_COMPATIBILITY_LEVEL_",
        "QUERY_PLAN_PROFILE",
    ];
    (stream.token(place) == Some(&Token::LParen)).then_some(())?;
    let mut at = place + 1;
    loop {
        match stream.token(at)? {
            Token::RParen => return Some(at + 1),
            Token::Comma => {}
            Token::SingleQuotedString(text) | Token::NationalStringLiteral(text) => {
                let upper = text.to_ascii_uppercase();
                let plain = upper.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
                (plain && KINDS.iter().any(|kind| upper.starts_with(kind))).then_some(())?;
            }
            _ => return None,
        }
        at += 1;
    }
}

/// `FOR SYSTEM_TIME …`, whose rest starts at `place`, becomes the one form that the parser knows: `AS OF (from, to)`.
fn past_versions(stream: &mut Stream, place: usize) {
    let as_of = || [bare("AS"), bare("OF")];
    let moment = |at: usize| match stream.token(at) {
        Some(token @ (Token::SingleQuotedString(_) | Token::NationalStringLiteral(_))) => Some(token.clone()),
        Some(Token::Word(word)) if word.quote_style.is_none() && word.value.starts_with('@') => stream.token(at).cloned(),
        _ => None,
    };
    if stream.is(place, "ALL") {
        stream.replace(place..place + 1, as_of().into_iter().chain([bare("NULL")]));
    } else if stream.are(place, &["CONTAINED", "IN"]) {
        stream.replace(place..place + 2, as_of());
    } else if let (Some(from), Some(to)) = (moment(place + 1), moment(place + 3))
        && ((stream.is(place, "BETWEEN") && stream.is(place + 2, "AND"))
            || (stream.is(place, "FROM") && stream.is(place + 2, "TO")))
    {
        stream.replace(place..place + 4, as_of().into_iter().chain([Token::LParen, from, Token::Comma, to, Token::RParen]));
    }
}

/// `FOR JSON` and `FOR XML`, whose rest starts at `place`: `ROOT` without a name or with a national string, `ELEMENTS XSINIL`.
fn output_format(stream: &mut Stream, place: usize) {
    let mut at = place;
    loop {
        match stream.token(at) {
            Some(Token::Comma | Token::LParen | Token::RParen | Token::SingleQuotedString(_)) => {}
            Some(Token::NationalStringLiteral(text)) => {
                let text = Token::SingleQuotedString(text.clone());
                stream.replace(at..at + 1, [text]);
            }
            Some(Token::Word(_)) if stream.is(at, "ROOT") && stream.token(at + 1) != Some(&Token::LParen) => {
                let unnamed = [Token::LParen, Token::SingleQuotedString(String::new()), Token::RParen];
                stream.replace(at + 1..at + 1, unnamed);
            }
            Some(Token::Word(_)) if stream.is(at, "ELEMENTS") && stream.is_any(at + 1, &["XSINIL", "ABSENT"]) => {
                stream.replace(at + 1..at + 2, []);
                at += 1;
            }
            Some(Token::Word(_)) if stream.is_any(at, FORMAT_WORDS) => {}
            _ => return,
        }
        at += 1;
    }
}

/// Words of `FOR JSON` and `FOR XML`.
#[rustfmt::skip]
const FORMAT_WORDS: &[&str] = &[
    "AUTO", "BASE64", "BINARY", "ELEMENTS", "EXPLICIT", "INCLUDE_NULL_VALUES", "PATH", "RAW", "ROOT", "TYPE",
    "WITHOUT_ARRAY_WRAPPER",
];

/// `PARSE(x AS type USING 'culture')` is `CAST(x AS type FORMAT 'culture')`.
fn parse_call(stream: &mut Stream, place: usize) {
    if stream.token(place + 1) != Some(&Token::LParen) || stream.before(place) == Some(&Token::Period) {
        return;
    }
    let Some(end) = stream.closing(place + 1) else { return };
    let cast = if stream.is(place, "PARSE") { "CAST" } else { "TRY_CAST" };
    stream.replace(place..place + 1, [bare(cast)]);
    // The culture is a literal, so `USING` stands right before the last token.
    let literal = matches!(stream.before(end), Some(Token::SingleQuotedString(_) | Token::NationalStringLiteral(_)));
    if let Some(using) = end.checked_sub(2).filter(|using| literal && stream.is(*using, "USING")) {
        stream.replace(using..using + 1, [bare("FORMAT")]);
    }
}

/// `TOP (SELECT …)` needs another pair of parentheses for the parser.
fn top(stream: &mut Stream, place: usize) {
    if stream.token(place + 1) == Some(&Token::LParen)
        && stream.is_any(place + 2, &["SELECT", "WITH"])
        && let Some(end) = stream.closing(place + 1)
    {
        stream.replace(place + 2..place + 2, [Token::LParen]);
        stream.replace(end..end, [Token::RParen]);
    }
}
