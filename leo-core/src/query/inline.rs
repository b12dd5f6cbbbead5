//! Statements with their values written in, to be shown and copied. What runs keeps its values apart.

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::value::Value;

/// The text of a statement with its placeholders replaced by literals that mean the same values.
///
/// # Behavior
/// Placeholders are found by reading the text as the dialect's lexer does: those within strings, quoted names and comments stay.
/// `?` takes values in order; `?1`, `$1` and `@p1` by number.
///
/// # Errors
/// `Malformed` when there are fewer values than placeholders, a string or comment does not end, or a value has no literal (a
/// number that is not finite, text with a NUL character).
pub fn inline_params(dialect: Dialect, sql: &str, params: &[Value]) -> Result<String> {
    let mut out = String::with_capacity(sql.len() + params.len() * 8);
    let mut rest = sql;
    let mut next = 0;
    let mut previous = ' ';
    while let Some(c) = rest.chars().next() {
        let taken = opaque(dialect, rest, previous)?;
        if taken > 0 {
            let (text, after) = rest.split_at(taken);
            out.push_str(text);
            previous = text.chars().next_back().unwrap_or(previous);
            rest = after;
            continue;
        }
        if let Some((length, number)) = placeholder(dialect, rest, previous) {
            let index = match number {
                Some(number) => number.checked_sub(1),
                None => {
                    next += 1;
                    Some(next - 1)
                }
            };
            let value = index.and_then(|index| params.get(index)).ok_or_else(|| {
                Error::malformed(format!(
                    "the statement has more placeholders than its {} values; pass all of them",
                    params.len()
                ))
            })?;
            out.push_str(&literal(dialect, value)?);
            previous = '0';
            rest = &rest[length..];
            continue;
        }
        out.push(c);
        previous = c;
        rest = &rest[c.len_utf8()..];
    }
    Ok(out)
}

/// Length of the string, quoted name or comment that `rest` starts with; 0 when it starts with none.
pub(super) fn opaque(dialect: Dialect, rest: &str, previous: char) -> Result<usize> {
    let word_before = previous.is_alphanumeric() || previous == '_';
    let backslashes = matches!(dialect, Dialect::Mysql | Dialect::Bigquery);
    if rest.starts_with("--") {
        return Ok(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with('#') && backslashes {
        return Ok(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return comment(rest, matches!(dialect, Dialect::Postgres | Dialect::Tsql | Dialect::Datafusion));
    }
    if dialect == Dialect::Bigquery {
        for quote in ["'''", "\"\"\""] {
            if rest.starts_with(quote) {
                return until(rest, 3, quote, true);
            }
        }
    }
    if dialect == Dialect::Postgres && !word_before && (rest.starts_with("E'") || rest.starts_with("e'")) {
        return quoted(rest, 1, '\'', true);
    }
    if dialect == Dialect::Postgres && !word_before && rest.starts_with('$') {
        let tag: String = rest.chars().skip(1).take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let fence = format!("${tag}$");
        if !tag.starts_with(|c: char| c.is_ascii_digit()) && rest.starts_with(&fence) {
            return until(rest, fence.len(), &fence, false);
        }
    }
    match rest.chars().next() {
        Some('\'') => quoted(rest, 0, '\'', backslashes),
        Some('"') => quoted(rest, 0, '"', backslashes),
        Some('`') if matches!(dialect, Dialect::Mysql | Dialect::Bigquery | Dialect::Sqlite) => {
            quoted(rest, 0, '`', dialect == Dialect::Bigquery)
        }
        Some('[') if dialect == Dialect::Tsql => quoted(rest, 0, ']', false),
        Some('[') if dialect == Dialect::Sqlite => until(rest, 1, "]", false),
        _ => Ok(0),
    }
}

/// Length of a text in quotes: `start` characters, the opening quote, up to `quote`; doubled ones belong to the text.
fn quoted(rest: &str, start: usize, quote: char, backslashes: bool) -> Result<usize> {
    let mut chars = rest.char_indices().skip(start + 1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslashes {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return Ok(at + c.len_utf8());
            }
        }
    }
    Err(unfinished())
}

fn until(rest: &str, from: usize, end: &str, backslashes: bool) -> Result<usize> {
    let mut at = from;
    while let Some(left) = rest.get(at..) {
        if left.starts_with(end) {
            return Ok(at + end.len());
        }
        let Some(c) = left.chars().next() else { break };
        at += c.len_utf8();
        if c == '\\' && backslashes {
            at += left.chars().nth(1).map_or(0, char::len_utf8);
        }
    }
    Err(unfinished())
}

fn comment(rest: &str, nested: bool) -> Result<usize> {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(left) = rest.get(at..).filter(|left| !left.is_empty()) {
        if left.starts_with("/*") && (nested || depth == 0) {
            depth += 1;
            at += 2;
        } else if left.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Ok(at);
            }
        } else {
            at += left.chars().next().map_or(1, char::len_utf8);
        }
    }
    Err(unfinished())
}

fn unfinished() -> Error {
    Error::malformed("a string, quoted name or comment of the statement does not end; pass the whole statement")
}

/// The placeholder `rest` starts with: its length, and its number when it has one.
fn placeholder(dialect: Dialect, rest: &str, previous: char) -> Option<(usize, Option<usize>)> {
    let word_before = previous.is_alphanumeric() || matches!(previous, '_' | '@' | '$');
    let numbered = |prefix: &str| {
        let digits = rest.strip_prefix(prefix)?;
        let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let after = digits.get(length..).and_then(|after| after.chars().next());
        if length == 0 || after.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        Some((prefix.len() + length, digits.get(..length)?.parse().ok()))
    };
    match dialect {
        Dialect::Sqlite => numbered("?").or_else(|| rest.starts_with('?').then_some((1, None))),
        Dialect::Mysql => rest.starts_with('?').then_some((1, None)),
        Dialect::Postgres | Dialect::Datafusion if !word_before => numbered("$"),
        Dialect::Tsql if !word_before => numbered("@p"),
        Dialect::Bigquery if !word_before => numbered("@p").or_else(|| rest.starts_with('?').then_some((1, None))),
        _ => None,
    }
}

/// A value as a literal.
fn literal(dialect: Dialect, value: &Value) -> Result<String> {
    Ok(match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(truth) => match dialect {
            Dialect::Tsql | Dialect::Sqlite => u8::from(*truth).to_string(),
            _ => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        },
        // In parentheses, or a minus sign before it would start a comment.
        Value::Int(number) if *number < 0 => format!("({number})"),
        Value::Int(number) => number.to_string(),
        Value::Float(number) if !number.is_finite() => {
            return Err(Error::malformed("a number that is not finite has no literal; bind it instead"));
        }
        Value::Float(number) if number.is_sign_negative() => format!("({number:?})"),
        Value::Float(number) => format!("{number:?}"),
        Value::Decimal(number) if number.unscaled < 0 => format!("({number})"),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) => text_literal(dialect, text)?,
        Value::Bytes(bytes) => {
            let hex = crate::value::to_hex(bytes);
            match dialect {
                Dialect::Postgres => format!("DECODE('{hex}', 'hex')"),
                Dialect::Tsql => format!("0x{hex}"),
                Dialect::Bigquery => format!("FROM_HEX('{hex}')"),
                _ => format!("X'{hex}'"),
            }
        }
    })
}

fn text_literal(dialect: Dialect, text: &str) -> Result<String> {
    if text.contains('\0') {
        return Err(Error::malformed("text with a NUL character has no literal; bind it instead"));
    }
    let mut out = String::with_capacity(text.len() + 2);
    if dialect == Dialect::Tsql && !text.is_ascii() {
        out.push('N');
    }
    out.push('\'');
    for c in text.chars() {
        match (c, dialect) {
            ('\\', Dialect::Mysql | Dialect::Bigquery) => out.push_str("\\\\"),
            ('\'', Dialect::Bigquery) => out.push_str("\\'"),
            ('\n', Dialect::Bigquery) => out.push_str("\\n"),
            ('\r', Dialect::Bigquery) => out.push_str("\\r"),
            ('\'', _) => out.push_str("''"),
            _ => out.push(c),
        }
    }
    out.push('\'');
    Ok(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use sqlparser::dialect as parsers;
    use sqlparser::tokenizer::{Token, Tokenizer};

    use super::*;

    fn inline(dialect: Dialect, sql: &str, params: &[Value]) -> String {
        inline_params(dialect, sql, params).unwrap()
    }

    #[test]
    fn placeholders_are_replaced_where_they_are_placeholders() {
        let params = [Value::from("it's"), Value::Int(-5), Value::Null];
        assert_eq!(
            inline(Dialect::Sqlite, "SELECT '?1', \"?2\", [?3] -- ?1\n, ?2, ?1, ?3 /* ?1 */", &params),
            "SELECT '?1', \"?2\", [?3] -- ?1\n, (-5), 'it''s', NULL /* ?1 */"
        );
        assert_eq!(
            inline(Dialect::Postgres, "SELECT $$ $1 $$, E'\\' $1', $t$ $2 $t$, a$1, $2 - $2", &params),
            "SELECT $$ $1 $$, E'\\' $1', $t$ $2 $t$, a$1, (-5) - (-5)"
        );
        assert_eq!(inline(Dialect::Mysql, "SELECT ?, '\\'?' # ?\n, ?", &params), "SELECT 'it''s', '\\'?' # ?\n, (-5)");
        assert_eq!(inline(Dialect::Tsql, "SELECT @p1, [a]]@p1], @p10x, @@p1", &params), "SELECT 'it''s', [a]]@p1], @p10x, @@p1");
        assert_eq!(inline(Dialect::Bigquery, "SELECT @p1, '''@p1''', `@p1`", &params), "SELECT 'it\\'s', '''@p1''', `@p1`");
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        for (sql, params) in [
            ("SELECT ?2", vec![Value::Int(1)]),
            ("SELECT ?0", vec![Value::Int(1)]),
            ("SELECT 'open", vec![]),
            ("SELECT /* open", vec![]),
            ("SELECT ?1", vec![Value::Float(f64::NAN)]),
            ("SELECT ?1", vec![Value::from("a\0b")]),
        ] {
            let error = inline_params(Dialect::Sqlite, sql, &params).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Malformed, "{sql}");
        }
    }

    #[test]
    fn literals_in_each_dialect() {
        assert_eq!(literal(Dialect::Tsql, &"Größe".into()).unwrap(), "N'Größe'");
        assert_eq!(literal(Dialect::Tsql, &true.into()).unwrap(), "1");
        assert_eq!(literal(Dialect::Postgres, &true.into()).unwrap(), "TRUE");
        assert_eq!(literal(Dialect::Mysql, &"a\\".into()).unwrap(), "'a\\\\'");
        assert_eq!(literal(Dialect::Postgres, &Value::Bytes(vec![1, 255])).unwrap(), "DECODE('01ff', 'hex')");
        assert_eq!(literal(Dialect::Sqlite, &1e300.into()).unwrap(), "1e300");
        assert_eq!(literal(Dialect::Sqlite, &(-0.0).into()).unwrap(), "(-0.0)");
    }

    proptest! {
        /// Whatever the text holds, it stays one string token that means the text.
        #[test]
        fn text_stays_text(text in "[ -~äß日\n'\"\\\\`$?@%_]{0,20}", number in any::<i64>()) {
            for dialect in Dialect::ALL {
                let sql = match dialect {
                    Dialect::Sqlite => "SELECT ?1 , ?2",
                    Dialect::Mysql => "SELECT ? , ?",
                    Dialect::Postgres | Dialect::Datafusion => "SELECT $1 , $2",
                    _ => "SELECT @p1 , @p2",
                };
                let parser: Box<dyn parsers::Dialect> = match dialect {
                    Dialect::Sqlite => Box::new(parsers::SQLiteDialect {}),
                    Dialect::Postgres => Box::new(parsers::PostgreSqlDialect {}),
                    Dialect::Mysql => Box::new(parsers::MySqlDialect {}),
                    Dialect::Tsql => Box::new(parsers::MsSqlDialect {}),
                    Dialect::Bigquery => Box::new(parsers::BigQueryDialect {}),
                    _ => Box::new(parsers::GenericDialect {}),
                };
                let shown = inline(*dialect, sql, &[Value::from(text.as_str()), Value::Int(number)]);
                let tokens = Tokenizer::new(parser.as_ref(), &shown).tokenize().unwrap();
                let strings: Vec<&str> = tokens.iter().filter_map(|token| match token {
                    Token::SingleQuotedString(text) | Token::NationalStringLiteral(text) => Some(text.as_str()),
                    _ => None,
                }).collect();
                prop_assert_eq!(strings, vec![text.as_str()], "{}", dialect);
                prop_assert!(tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).count() <= 7);
            }
        }

        /// SQLite reads back the values that were bound.
        #[test]
        fn sqlite_reads_the_same_values(text in "\\PC{0,20}", number in any::<i64>(), float in -1e300f64..1e300) {
            let shown = inline(Dialect::Sqlite, "SELECT ?1, ?2, ?3", &[text.as_str().into(), number.into(), float.into()]);
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            let row: (String, i64, f64) =
                connection.query_row(&shown, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
            prop_assert_eq!(row, (text, number, float));
        }
    }
}
