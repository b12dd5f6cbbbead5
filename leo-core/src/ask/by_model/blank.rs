//! Examples whose values are dots: their form is what a model learns from.

use crate::audit::{quoted, run};

/// Numbers that are form and no value of the data, beside those of at most two digits: factors.
const FACTORS: [&str; 4] = ["1.0", "100", "100.0", "1000"];

/// A question and its statement without texts and numbers, in the statement and wherever the question says them. `is_name` tells whether the
/// words between double quotes are a name of the data: some engines take others for a text.
pub(super) fn without_values(question: &str, sql: &str, is_name: &dyn Fn(&str) -> bool) -> (String, String) {
    let (mut blank, mut values) = (String::with_capacity(sql.len()), Vec::new());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' | '`' => quoted(rest, first),
            c if c.is_ascii_digit() => run(rest, |c| c.is_ascii_digit() || c == '.'),
            c if is_word(c) => run(rest, is_word),
            c => c.len_utf8(),
        };
        let (token, tail) = rest.split_at(length);
        rest = tail;
        let inner = |quote: char| {
            let inner = token.strip_prefix(quote).unwrap_or(token);
            inner.strip_suffix(quote).unwrap_or(inner).replace(&format!("{quote}{quote}"), &quote.to_string())
        };
        match first {
            '\'' => {
                values.push(inner('\''));
                blank.push_str("'…'");
            }
            '"' if !is_name(&inner('"')) => {
                values.push(inner('"'));
                blank.push_str("\"…\"");
            }
            c if c.is_ascii_digit() && token.len() > 2 && !FACTORS.contains(&token) => {
                values.push(token.to_owned());
                blank.push('…');
            }
            _ => blank.push_str(token),
        }
    }
    (without(question, &values), blank)
}

/// `text` with dots for `values`, in letters of any case.
fn without(text: &str, values: &[String]) -> String {
    let mut text = text.to_owned();
    for value in values.iter().map(|value| value.trim_matches('%')).filter(|value| !value.is_empty()) {
        // Places in the lower case are places in the text only where no letter has another length there.
        let keeps_length = |c: char| c.to_lowercase().map(char::len_utf8).sum::<usize>() == c.len_utf8();
        if !text.chars().all(keeps_length) {
            return "…".to_owned();
        }
        let (lower, wanted) = (text.to_lowercase(), value.to_lowercase());
        let found: Vec<usize> = lower.match_indices(&wanted).map(|(at, _)| at).collect();
        // From behind, so that places stay right.
        for at in found.into_iter().rev() {
            text.replace_range(at..at + wanted.len(), "…");
        }
    }
    text
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(question: &str, sql: &str) -> (String, String) {
        without_values(question, sql, &|name| name == "n" || name == "o 1")
    }

    #[test]
    fn an_example_keeps_its_form_and_loses_its_values() {
        let (question, sql) = told("orders of O'Neil in BAVARIA?", "SELECT 1 FROM o WHERE n = 'O''Neil' AND r LIKE '%Bavaria%'");
        assert_eq!((question.as_str(), sql.as_str()), ("orders of … in …?", "SELECT 1 FROM o WHERE n = '…' AND r LIKE '…'"));
        assert_eq!(told("x", "SELECT 'cut off").1, "SELECT '…'");
        assert_eq!(told("İstanbul orders", "SELECT 'İstanbul'").0, "…");
        assert_eq!(told("İẞ ann", "SELECT 'ann'").0, "…", "one letter grows by what the other one shrinks");
        assert_eq!(told("x", "SELECT ''"), ("x".into(), "SELECT '…'".into()));
    }

    #[test]
    fn numbers_are_values_and_quoted_names_are_none() {
        let (question, sql) = told(
            "paid 48213 or 1.75 by ann",
            "SELECT 100.0 * \"n\", t12345 FROM \"o 1\" WHERE a > 48213 OR a = 1.75 OR p = \"Ann\" LIMIT 5",
        );
        assert_eq!(question, "paid … or … by …");
        assert_eq!(sql, "SELECT 100.0 * \"n\", t12345 FROM \"o 1\" WHERE a > … OR a = … OR p = \"…\" LIMIT 5");
    }
}
