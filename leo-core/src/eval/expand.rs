//! Reference statements with alternatives: `;` separates statements, `{a, b}` stands for any subset of these columns.

/// The statements that `gold` stands for.
///
/// # Behavior
/// Text is split at `;` outside quotes and comments. In each part the first list in braces is replaced by each non-empty subset of
/// its columns in their order; `GROUP BY {}` takes the same subset, without aliases.
///
/// # Example
/// ```
/// let statements = leo::eval::alternatives("SELECT {a, b}, COUNT(*) FROM t GROUP BY {}; SELECT 1");
/// assert_eq!(statements, [
///     "SELECT a, COUNT(*) FROM t GROUP BY a",
///     "SELECT b, COUNT(*) FROM t GROUP BY b",
///     "SELECT a, b, COUNT(*) FROM t GROUP BY a, b",
///     "SELECT 1",
/// ]);
/// ```
pub fn alternatives(gold: &str) -> Vec<String> {
    split(gold, ';').into_iter().filter(|part| !part.trim().is_empty()).flat_map(|part| subsets(part.trim())).collect()
}

/// More columns than this in braces would make too many statements.
const MOST_COLUMNS: usize = 8;

fn subsets(statement: &str) -> Vec<String> {
    let braces = find(statement, '{').and_then(|open| {
        let close = open + statement.get(open..)?.find('}')?;
        Some((statement.get(..open)?, statement.get(open + 1..close)?, statement.get(close + 1..)?))
    });
    let Some((before, list, after)) = braces else { return vec![statement.to_owned()] };
    let columns: Vec<&str> = split(list, ',').into_iter().map(str::trim).filter(|column| !column.is_empty()).collect();
    if columns.is_empty() || columns.len() > MOST_COLUMNS {
        return vec![statement.to_owned()];
    }
    let mut masks: Vec<u32> = (1..1 << columns.len()).collect();
    masks.sort_by_key(|mask| mask.count_ones());
    let chosen = |mask: u32| columns.iter().enumerate().filter(move |(at, _)| mask & (1 << at) != 0).map(|(_, column)| *column);
    masks
        .into_iter()
        .map(|mask| {
            let listed = chosen(mask).collect::<Vec<_>>().join(", ");
            let grouped = chosen(mask).map(without_alias).collect::<Vec<_>>().join(", ");
            format!("{before}{listed}{}", replace_group_by(after, &grouped))
        })
        .collect()
}

/// `x AS y` without its alias.
fn without_alias(column: &str) -> &str {
    let at = column.to_ascii_lowercase().rfind(" as ");
    at.and_then(|at| column.get(..at)).unwrap_or(column).trim()
}

fn replace_group_by(text: &str, columns: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len() + columns.len());
    while let Some(at) = rest.find("{}") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        out.push_str(columns);
        rest = &after[2..];
    }
    out.push_str(rest);
    out
}

/// Byte position of the first `wanted` outside quotes and comments.
fn find(text: &str, wanted: char) -> Option<usize> {
    positions(text, wanted).into_iter().next()
}

fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut depth_at = 0;
    let mut depth = 0_i32;
    for at in positions(text, separator) {
        // A comma inside parentheses belongs to a call.
        for byte in text.as_bytes().get(depth_at..at).unwrap_or_default() {
            depth += i32::from(*byte == b'(') - i32::from(*byte == b')');
        }
        depth_at = at;
        if separator == ',' && depth > 0 {
            continue;
        }
        parts.push(text.get(start..at).unwrap_or_default());
        start = at + separator.len_utf8();
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

fn positions(text: &str, wanted: char) -> Vec<usize> {
    let mut found = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' | '"' | '`' => {
                // A doubled quote closes and opens again: the same positions.
                for (_, inner) in letters.by_ref() {
                    if inner == letter {
                        break;
                    }
                }
            }
            '-' if letters.peek().is_some_and(|(_, next)| *next == '-') => {
                for (_, inner) in letters.by_ref() {
                    if inner == '\n' {
                        break;
                    }
                }
            }
            '/' if letters.peek().is_some_and(|(_, next)| *next == '*') => {
                let mut before = ' ';
                letters.next();
                for (_, inner) in letters.by_ref() {
                    if before == '*' && inner == '/' {
                        break;
                    }
                    before = inner;
                }
            }
            _ if letter == wanted => found.push(at),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_in_quotes_and_comments_do_not_separate() {
        assert_eq!(
            alternatives("SELECT ';', \"a;b\" /* ; */ FROM t -- ;\n; SELECT 2;"),
            ["SELECT ';', \"a;b\" /* ; */ FROM t -- ;", "SELECT 2"]
        );
        assert_eq!(alternatives("SELECT 'it''s; fine'"), ["SELECT 'it''s; fine'"]);
        assert!(alternatives(" ; ").is_empty());
    }

    #[test]
    fn calls_and_aliases_in_braces_stay_whole() {
        assert_eq!(
            alternatives("SELECT {coalesce(a, b) AS c, d} FROM t GROUP BY {}"),
            [
                "SELECT coalesce(a, b) AS c FROM t GROUP BY coalesce(a, b)",
                "SELECT d FROM t GROUP BY d",
                "SELECT coalesce(a, b) AS c, d FROM t GROUP BY coalesce(a, b), d",
            ]
        );
        assert_eq!(alternatives("SELECT '{a}' FROM t"), ["SELECT '{a}' FROM t"]);
        assert_eq!(alternatives("SELECT {a FROM t"), ["SELECT {a FROM t"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,60}") {
            for statement in alternatives(&text) {
                assert!(!statement.is_empty());
            }
        }
    }
}
