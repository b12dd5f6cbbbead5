//! Masking of what obviously identifies a person, before text goes into a record.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Digits in a number from which it is masked: telephone, card and account numbers have at least nine.
const LONG_NUMBER: usize = 9;

/// One alternative per group; dates come first so that they stay readable.
static PII: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?P<date>\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\b)",
        r"|(?P<email>[\p{L}\p{N}_][\p{L}\p{N}._%+'-]*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)",
        r"|(?P<number>\+?\(?\d(?:[ ()-]{0,2}\d)+)",
    ))
    .ok()
});

/// `text` with e-mail addresses as `[email]` and numbers of nine digits and more (also grouped by spaces, hyphens and brackets,
/// as telephone, card and account numbers are) as `[number]`. ISO dates and times stay.
///
/// It is a safety net for free text, not a detector of personal data.
pub fn mask_text(text: &str) -> Cow<'_, str> {
    // The pattern is a constant that a test compiles; without it nothing could be told apart, so everything is hidden.
    let Some(pattern) = PII.as_ref() else { return Cow::Borrowed("[masked]") };
    pattern.replace_all(text, |found: &Captures<'_>| {
        let whole = found.get(0).map_or("", |group| group.as_str());
        if found.name("email").is_some() {
            "[email]".to_owned()
        } else if found.name("number").is_some() && is_long_number(whole) {
            "[number]".to_owned()
        } else {
            whole.to_owned()
        }
    })
}

/// Where [`mask_text`] would mask, in bytes of `text`, in order.
pub(crate) fn personal_spans(text: &str) -> Vec<std::ops::Range<usize>> {
    let Some(pattern) = PII.as_ref() else { return std::iter::once(0..text.len()).collect() };
    let is_masked = |found: &Captures<'_>| {
        let whole = found.get(0).map_or("", |group| group.as_str());
        found.name("email").is_some() || (found.name("number").is_some() && is_long_number(whole))
    };
    pattern.captures_iter(text).filter(is_masked).filter_map(|found| found.get(0).map(|group| group.range())).collect()
}

/// A list of years or of small numbers ("2021 2022 2023") is not one number: groups are joined only when they look grouped.
fn is_long_number(text: &str) -> bool {
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    let is_year = |group: &&str| group.len() == 4 && (group.starts_with("19") || group.starts_with("20"));
    digits >= LONG_NUMBER && !(groups.len() > 1 && groups.iter().all(is_year))
}

/// SQL with [`mask_text`] applied inside its string literals and to its bare numbers; names, keywords and dates stay, so the
/// statement remains readable. Text that is not valid SQL is masked as far as its quotes can be followed.
pub fn mask_sql(sql: &str) -> String {
    let mut masked = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => quoted(rest, '\''),
            '"' => quoted(rest, '"'),
            '`' => quoted(rest, '`'),
            '[' => quoted(rest, ']'),
            c if c.is_ascii_digit() => run(rest, |c| c.is_ascii_digit()),
            c if c.is_alphanumeric() || c == '_' => run(rest, |c| c.is_alphanumeric() || c == '_' || c == '$'),
            c => c.len_utf8(),
        };
        let (token, tail) = rest.split_at(length);
        match first {
            '\'' => masked.push_str(&mask_text(token)),
            c if c.is_ascii_digit() => masked.push_str(&mask_text(token)),
            _ => masked.push_str(token),
        }
        rest = tail;
    }
    masked
}

/// Bytes up to and including the closing quote; a doubled closing quote belongs to the text. Without one, all of it.
pub(crate) fn quoted(text: &str, close: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == close {
            if chars.peek().is_some_and(|(_, next)| *next == close) {
                chars.next();
            } else {
                return at + c.len_utf8();
            }
        }
    }
    text.len()
}

/// Bytes of the longest prefix whose characters are `wanted`.
pub(crate) fn run(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|c| !wanted(c)).unwrap_or(text.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_long_numbers_are_hidden() {
        for (text, expected) in [
            ("orders of jane.o'doe+x@mail.example.org please", "orders of [email] please"),
            ("who is müller@beispiel.de?", "who is [email]?"),
            ("call +49 (170) 123-4567 now", "call [number] now"),
            ("card 4111 1111 1111 1111", "card [number]"),
            ("account 123456789", "account [number]"),
            ("sales between 2024-01-01 and 2024-12-31", "sales between 2024-01-01 and 2024-12-31"),
            ("on 2024-01-01 10:30:00.123456789", "on 2024-01-01 10:30:00.123456789"),
            ("2021 2022 2023 by month", "2021 2022 2023 by month"),
            ("orders over 1,000,000 or 99.95", "orders over 1,000,000 or 99.95"),
            ("top 5 in 2024", "top 5 in 2024"),
            ("user@host", "user@host"),
        ] {
            assert_eq!(mask_text(text), expected);
        }
    }

    #[test]
    fn sql_keeps_its_names() {
        assert_eq!(
            mask_sql(
                r#"SELECT "a@b.example", t123456789 FROM "t'x" WHERE e = 'it''s a@b.example' AND n = 4111111111111111 AND d >= '2024-01-01'"#
            ),
            r#"SELECT "a@b.example", t123456789 FROM "t'x" WHERE e = 'it''s [email]' AND n = [number] AND d >= '2024-01-01'"#
        );
        assert_eq!(mask_sql("SELECT 'open a@b.example"), "SELECT 'open [email]");
    }

    proptest::proptest! {
        #[test]
        fn masking_ends_and_settles(text in "\\PC{0,80}") {
            let once = mask_text(&text).into_owned();
            proptest::prop_assert_eq!(mask_text(&once).into_owned(), once.clone());
            mask_sql(&text);
        }
    }
}
