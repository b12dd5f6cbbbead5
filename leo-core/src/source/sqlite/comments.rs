//! Comments in `CREATE TABLE`: SQLite has no `COMMENT ON`, but it keeps the statement's text, comments included.
//!
//! A comment on the line of a column's definition is that column's; one on lines of its own belongs to the next column; one
//! before the first column, on the line of `CREATE TABLE`, to the table. The text is as untrusted as a row: it is cleaned of
//! control characters and cut at 300 characters.

const LONGEST: usize = 300;

/// Comments of a table and, in the order of the columns asked for, of its columns.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Comments {
    pub table: Option<String>,
    pub columns: Vec<Option<String>>,
}

#[derive(Debug)]
enum Token {
    /// A word or quoted name, as the name it is.
    Word(String),
    Open,
    Close,
    Comma,
    Other,
    Comment(String),
}

/// The comments in `sql`, the text of a `CREATE TABLE` with these columns.
pub(super) fn of_table(sql: &str, columns: &[&str]) -> Comments {
    let mut found: Vec<Vec<String>> = vec![Vec::new(); columns.len()];
    let mut table: Vec<String> = Vec::new();
    let mut pending: Vec<String> = Vec::new();
    let mut depth = 0u32;
    // The column being defined, and the one whose definition last had something on this line.
    let (mut current, mut on_line): (Option<usize>, Option<usize>) = (None, None);
    let (mut line, mut first_line, mut at_start) = (0, 0, true);
    for (token, token_line) in tokens(sql) {
        if token_line != line {
            line = token_line;
            on_line = None;
        }
        match token {
            Token::Comment(text) => match on_line {
                Some(column) => found[column].push(text),
                None if depth == 0 || line == first_line => table.push(text),
                None => pending.push(text),
            },
            Token::Open => {
                depth += 1;
                if depth == 1 {
                    (at_start, first_line) = (true, line);
                }
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                on_line = current;
            }
            Token::Comma if depth == 1 => {
                on_line = current.take();
                at_start = true;
            }
            Token::Word(name) if depth == 1 && at_start => {
                at_start = false;
                current = columns.iter().position(|column| column.eq_ignore_ascii_case(&name));
                on_line = current;
                match current {
                    Some(column) => found[column].append(&mut pending),
                    None => pending.clear(),
                }
            }
            Token::Word(_) | Token::Comma | Token::Other => on_line = current,
        }
    }
    Comments { table: clean(&table), columns: found.iter().map(|parts| clean(parts)).collect() }
}

fn clean(parts: &[String]) -> Option<String> {
    let text = parts.join(" ");
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches(['-', '*', '=', '#', ' ']);
    (!text.is_empty()).then(|| text.chars().take(LONGEST).collect())
}

/// Tokens with the line they are on.
fn tokens(sql: &str) -> Vec<(Token, usize)> {
    let chars: Vec<char> = sql.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let (mut index, mut line) = (0, 0);
    let mut found = Vec::new();
    while index < chars.len() {
        let (start, start_line, c) = (index, line, at(index));
        let token = match c {
            '\n' => {
                line += 1;
                index += 1;
                continue;
            }
            '-' if at(index + 1) == '-' => {
                while index < chars.len() && at(index) != '\n' {
                    index += 1;
                }
                Token::Comment(chars[start + 2..index].iter().collect())
            }
            '/' if at(index + 1) == '*' => {
                index += 2;
                while index < chars.len() && !(at(index) == '*' && at(index + 1) == '/') {
                    line += usize::from(at(index) == '\n');
                    index += 1;
                }
                let text = chars[start + 2..index].iter().collect();
                index = (index + 2).min(chars.len());
                Token::Comment(text)
            }
            '"' | '\'' | '`' | '[' => {
                let close = if c == '[' { ']' } else { c };
                index += 1;
                let mut name = String::new();
                while index < chars.len() {
                    if at(index) == close {
                        if close != ']' && at(index + 1) == close {
                            index += 1;
                        } else {
                            break;
                        }
                    }
                    line += usize::from(at(index) == '\n');
                    name.push(at(index));
                    index += 1;
                }
                index += 1;
                Token::Word(name)
            }
            '(' | ')' | ',' => {
                index += 1;
                match c {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Comma,
                }
            }
            c if c.is_alphanumeric() || c == '_' || c == '$' => {
                while at(index).is_alphanumeric() || matches!(at(index), '_' | '$') {
                    index += 1;
                }
                Token::Word(chars[start..index].iter().collect())
            }
            c => {
                index += 1;
                if c.is_whitespace() {
                    continue;
                }
                Token::Other
            }
        };
        found.push((token, start_line));
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn comments_find_their_columns() {
        let sql = "CREATE TABLE orders ( -- one row per order\n\
                   id INTEGER PRIMARY KEY, -- the number on the invoice\n\
                   /* who ordered,\n   not who pays */\n\
                   cust_id INT NOT NULL DEFAULT (1 + 2),\n\
                   \"net, amount\" DECIMAL(10, 2) /* in EUR */, note TEXT DEFAULT 'a -- b', -- free text\n\
                   -- constraints\n\
                   FOREIGN KEY (cust_id) REFERENCES customers (id)\n)";
        let found = of_table(sql, &["id", "cust_id", "net, amount", "note"]);
        assert_eq!(found.table.as_deref(), Some("one row per order"));
        let columns: Vec<_> = found.columns.iter().map(Option::as_deref).collect();
        assert_eq!(
            columns,
            [Some("the number on the invoice"), Some("who ordered, not who pays"), Some("in EUR"), Some("free text")]
        );
    }

    #[test]
    fn comments_are_cleaned_and_cut() {
        let sql = format!("CREATE TABLE t (a INT -- x\u{7}\u{1b}[31my {}\n)", "z".repeat(400));
        let comment = of_table(&sql, &["a"]).columns[0].clone().unwrap();
        assert_eq!(comment.chars().count(), 300);
        assert!(comment.starts_with("x [31my z"));
    }

    #[test]
    fn unfinished_text_is_survived() {
        for sql in ["CREATE TABLE t (a INT /* never", "CREATE TABLE t (\"a", "", ")))", "CREATE TABLE t (a -- x"] {
            assert_eq!(of_table(sql, &["a"]).columns.len(), 1);
        }
    }
}
