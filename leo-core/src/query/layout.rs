//! Statements laid out for reading: one clause a line, subqueries indented. Only white space between words changes.

use super::inline::opaque;
use crate::dialect::Dialect;

/// Statements and subqueries up to this length stay on one line.
const SHORT: usize = 60;

/// The statement with a line for each clause; as it is when it is short, has lines already or cannot be read.
pub fn lay_out(dialect: Dialect, sql: &str) -> String {
    if sql.len() <= SHORT || sql.contains('\n') {
        return sql.to_owned();
    }
    match pieces(dialect, sql) {
        Some(pieces) => write(&pieces),
        None => sql.to_owned(),
    }
}

/// A part of a statement.
struct Piece<'a> {
    text: &'a str,
    kind: Kind,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Kind {
    Word,
    Space,
    Open,
    Close,
    Other,
}

/// The parts of the statement; `None` when its end cannot be found.
fn pieces(dialect: Dialect, sql: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = sql;
    let mut previous = ' ';
    while let Some(c) = rest.chars().next() {
        let hidden = opaque(dialect, rest, previous).ok()?;
        let run = |is: fn(char) -> bool| rest.find(|c: char| !is(c)).unwrap_or(rest.len());
        let (length, kind) = match c {
            _ if hidden > 0 => (hidden, Kind::Other),
            ' ' => (run(|c| c == ' '), Kind::Space),
            '(' => (1, Kind::Open),
            ')' => (1, Kind::Close),
            c if is_word(c) => (run(is_word), Kind::Word),
            c => (c.len_utf8(), Kind::Other),
        };
        let (text, after) = rest.split_at_checked(length)?;
        previous = text.chars().next_back().unwrap_or(previous);
        pieces.push(Piece { text, kind });
        rest = after;
    }
    Some(pieces)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '@' | '.')
}

fn write(pieces: &[Piece<'_>]) -> String {
    let mut out = String::new();
    // For each open parenthesis whether it holds a query that is laid out.
    let mut open: Vec<bool> = Vec::new();
    let mut last = "";
    for (at, piece) in pieces.iter().enumerate() {
        let depth = open.iter().filter(|laid_out| **laid_out).count();
        let in_query = open.last().copied().unwrap_or(true);
        match piece.kind {
            Kind::Open => {
                let laid_out = in_query && is_long_query(&pieces[at + 1..]);
                open.push(laid_out);
                out.push('(');
                if laid_out {
                    new_line(&mut out, depth + 1);
                }
            }
            Kind::Close => {
                if open.pop().unwrap_or(false) {
                    new_line(&mut out, depth - 1);
                }
                out.push(')');
            }
            Kind::Word if in_query && out.ends_with(' ') && begins_clause(piece.text, last) => {
                new_line(&mut out, depth);
                out.push_str(piece.text);
            }
            _ => out.push_str(piece.text),
        }
        if piece.kind != Kind::Space {
            last = piece.text;
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.truncate(out.trim_end_matches(' ').len());
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(&"  ".repeat(depth));
}

/// Whether what follows an opening parenthesis is a query too long for its line.
fn is_long_query(pieces: &[Piece<'_>]) -> bool {
    let first = pieces.iter().find(|piece| piece.kind != Kind::Space);
    if !first.is_some_and(|piece| is_any(piece.text, &["SELECT", "WITH"])) {
        return false;
    }
    let mut depth = 0usize;
    let mut length = 0;
    for piece in pieces {
        match piece.kind {
            Kind::Open => depth += 1,
            Kind::Close if depth == 0 => break,
            Kind::Close => depth -= 1,
            _ => {}
        }
        length += piece.text.len();
    }
    length > SHORT
}

fn begins_clause(word: &str, before: &str) -> bool {
    match word {
        word if is_any(word, &["FROM"]) => !is_any(before, &["DISTINCT"]),
        word if is_any(word, &["GROUP"]) => !is_any(before, &["WITHIN"]),
        word if is_any(word, &["JOIN"]) => !is_any(before, &["LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "NATURAL"]),
        word => is_any(
            word,
            &[
                "SELECT",
                "WHERE",
                "HAVING",
                "ORDER",
                "LIMIT",
                "UNION",
                "EXCEPT",
                "INTERSECT",
                "LEFT",
                "RIGHT",
                "FULL",
                "INNER",
                "CROSS",
            ],
        ),
    }
}

fn is_any(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clauses_get_lines_and_subqueries_room() {
        let sql = "WITH a AS (SELECT region_id, SUM(x) OVER (PARTITION BY y ORDER BY z) AS s FROM t LEFT JOIN u ON t.id = u.id) \
                   SELECT EXTRACT(YEAR FROM d), ' FROM it' FROM a WHERE s IN (SELECT b FROM c) AND x IS DISTINCT FROM y \
                   GROUP BY 1 ORDER BY 1 LIMIT 5";
        assert_eq!(
            lay_out(Dialect::Sqlite, sql),
            "WITH a AS (\n  SELECT region_id, SUM(x) OVER (PARTITION BY y ORDER BY z) AS s\n  FROM t\n  LEFT JOIN u ON t.id = u.id\n)\n\
             SELECT EXTRACT(YEAR FROM d), ' FROM it'\nFROM a\nWHERE s IN (SELECT b FROM c) AND x IS DISTINCT FROM y\n\
             GROUP BY 1\nORDER BY 1\nLIMIT 5"
        );
        assert_eq!(lay_out(Dialect::Sqlite, "SELECT 1 FROM t"), "SELECT 1 FROM t");
    }

    proptest! {
        #[test]
        fn only_white_space_changes(words in prop::collection::vec(prop_oneof![
            Just("SELECT"), Just("FROM"), Just("("), Just(")"), Just("'it''s  (FROM'"), Just("\"a  FROM\""), Just("a.b"), Just(","),
            Just("JOIN"), Just("LEFT"), Just("-- FROM ("), Just("/* ( */"), Just("ORDER BY"), Just("'"),
        ], 0..60)) {
            let sql = words.join(" ");
            let shown = lay_out(Dialect::Sqlite, &sql);
            let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(squeezed(&shown), squeezed(&sql));
            for quoted in ["'it''s  (FROM'", "\"a  FROM\""] {
                prop_assert!(shown.matches(quoted).count() <= sql.matches(quoted).count());
            }
        }
    }
}
