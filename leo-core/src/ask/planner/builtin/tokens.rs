//! Tokens: a question cut into words, numbers, quoted texts and marks, each with its place in the original.

use std::ops::Range;

pub(super) use crate::index::stem;

/// Most characters of a question that are read; the rest is ignored.
pub(super) const MAX_CHARS: usize = 4_000;

/// What kind of token it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A word.
    Word,
    /// A number written in digits or as a word.
    Number(f64),
    /// A date `YYYY-MM-DD`, optionally with a time.
    Date(jiff::civil::Date),
    /// Text in quotation marks, without them.
    Quoted,
    /// A mark: `,` `;` `:` `'s` `<` `>` `<=` `>=` `=` `!=` `?` `.` `%` `$`.
    Mark,
}

/// A piece of the question.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// As written (without quotation marks).
    pub(super) text: String,
    /// Lowercase, typographic apostrophes straightened.
    pub(super) lower: String,
    /// Stem of a word; the lowercase text of anything else.
    pub(super) stem: String,
    pub(super) kind: TokenKind,
    /// Bytes of the question.
    pub(super) span: Range<usize>,
    /// Written with a capital where English would not ask for one.
    pub(super) capital: bool,
}

impl Token {
    pub(super) fn number(&self) -> Option<f64> {
        if let TokenKind::Number(value) = self.kind { Some(value) } else { None }
    }

    pub(super) fn is_word(&self) -> bool {
        self.kind == TokenKind::Word
    }

    pub(super) fn is_quoted(&self) -> bool {
        self.kind == TokenKind::Quoted
    }
}

/// Cuts `question` into tokens. Never fails; characters that mean nothing are dropped.
pub(super) fn tokenize(question: &str) -> Vec<Token> {
    let chars: Vec<(usize, char)> = question.char_indices().take(MAX_CHARS).collect();
    let end_of = |at: usize| chars.get(at).map_or_else(|| chars.last().map_or(0, |(i, c)| i + c.len_utf8()), |(i, _)| *i);
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(&(start, c)) = chars.get(at) {
        if c.is_whitespace() || c.is_control() {
            at += 1;
            continue;
        }
        if let Some(close) = closing_quote(&chars, at) {
            let text: String = chars[at + 1..close].iter().map(|(_, c)| *c).collect();
            if !text.trim().is_empty() {
                push(&mut tokens, text.trim(), TokenKind::Quoted, start..end_of(close + 1));
            }
            at = close + 1;
            continue;
        }
        if c.is_ascii_digit() {
            if let Some((date, next)) = iso_date(&chars, at) {
                push(&mut tokens, &question[start..end_of(next)], TokenKind::Date(date), start..end_of(next));
                at = next;
                continue;
            }
            let (value, next) = number(&chars, at);
            push(&mut tokens, &question[start..end_of(next)], TokenKind::Number(value), start..end_of(next));
            at = next;
            continue;
        }
        if c.is_alphabetic() {
            let mut next = at;
            while chars.get(next).is_some_and(|(_, c)| c.is_alphanumeric() || is_combining(*c)) {
                next += 1;
            }
            // n't
            if chars.get(next).is_some_and(|(_, c)| is_apostrophe(*c))
                && chars.get(next + 1).is_some_and(|(_, c)| *c == 't' || *c == 'T')
                && chars.get(next - 1).is_some_and(|(_, c)| *c == 'n' || *c == 'N')
                && !chars.get(next + 2).is_some_and(|(_, c)| c.is_alphanumeric())
            {
                push(&mut tokens, "not", TokenKind::Word, start..end_of(next + 2));
                at = next + 2;
                continue;
            }
            let text = &question[start..end_of(next)];
            // "Q3" and "cd2" stay one word; "10k" was a number above.
            let kind = number_word(&text.to_lowercase()).map_or(TokenKind::Word, TokenKind::Number);
            push(&mut tokens, text, kind, start..end_of(next));
            at = next;
            continue;
        }
        let next_char = chars.get(at + 1).map(|(_, c)| *c);
        let (mark, length): (&str, usize) = match (c, next_char) {
            ('<', Some('=')) => ("<=", 2),
            ('>', Some('=')) => (">=", 2),
            ('!', Some('=')) | ('<', Some('>')) => ("!=", 2),
            ('=', Some('=')) => ("=", 2),
            ('≤', _) => ("<=", 1),
            ('≥', _) => (">=", 1),
            ('≠', _) => ("!=", 1),
            ('<', _) => ("<", 1),
            ('>', _) => (">", 1),
            ('=', _) => ("=", 1),
            (',' | '、' | '，', _) => (",", 1),
            (';', _) => (";", 1),
            (':', _) => (":", 1),
            ('?' | '？', _) => ("?", 1),
            ('.', _) => (".", 1),
            ('%', _) => ("%", 1),
            ('$' | '€' | '£', _) => ("$", 1),
            ('&', _) => ("&", 1),
            ('/', _) => ("/", 1),
            ('#', _) => ("#", 1),
            (c, Some('s' | 'S')) if is_apostrophe(c) && !chars.get(at + 2).is_some_and(|(_, c)| c.is_alphanumeric()) => ("'s", 2),
            (c, _)
                if is_apostrophe(c)
                    && tokens.last().is_some_and(|token| token.span.end == start && token.lower.ends_with('s')) =>
            {
                ("'s", 1)
            }
            _ => {
                at += 1;
                continue;
            }
        };
        push(&mut tokens, mark, TokenKind::Mark, start..end_of(at + length));
        at += length;
    }
    mark_capitals(&mut tokens);
    tokens
}

fn push(tokens: &mut Vec<Token>, text: &str, kind: TokenKind, span: Range<usize>) {
    let lower = text.to_lowercase().replace(['’', '‘'], "'");
    let stem = if kind == TokenKind::Word { stem(&lower) } else { lower.clone() };
    tokens.push(Token { text: text.to_owned(), lower, stem, kind, span, capital: false });
}

fn mark_capitals(tokens: &mut [Token]) {
    for index in 0..tokens.len() {
        let first = index == 0 || matches!(tokens[index - 1].lower.as_str(), "." | "?" | ":");
        let token = &mut tokens[index];
        let upper = token.text.chars().next().is_some_and(char::is_uppercase);
        let all_upper = token.text.chars().count() > 1 && token.text.chars().all(|c| !c.is_lowercase());
        token.capital = upper && (!first || all_upper);
    }
    // A question typed all in capitals says nothing with them.
    let words = tokens.iter().filter(|token| token.is_word()).count();
    if words > 2 && tokens.iter().filter(|token| token.is_word() && token.capital).count() == words {
        for token in tokens {
            token.capital = false;
        }
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`')
}

fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Where the quotation opened at `at` closes.
fn closing_quote(chars: &[(usize, char)], at: usize) -> Option<usize> {
    let open = chars[at].1;
    let closers: &[char] = match open {
        '"' => &['"'],
        '“' | '„' => &['”', '“', '"'],
        '«' => &['»'],
        '`' => &['`', '\''],
        '‘' => &['’', '\''],
        '\'' | '’' => &['\'', '’'],
        _ => return None,
    };
    let apostrophe = matches!(open, '\'' | '‘' | '’' | '`');
    if apostrophe && at > 0 && chars[at - 1].1.is_alphanumeric() {
        return None;
    }
    (at + 1..chars.len()).find(|&index| {
        closers.contains(&chars[index].1)
            && (!apostrophe || !chars.get(index + 1).is_some_and(|(_, c)| c.is_alphanumeric()))
            && index > at + 1
    })
}

/// `YYYY-MM-DD` or `YYYY/MM/DD`, with a time that is skipped.
fn iso_date(chars: &[(usize, char)], at: usize) -> Option<(jiff::civil::Date, usize)> {
    let digits = |from: usize, most: usize| -> Option<(i32, usize)> {
        let mut value = 0i32;
        let mut next = from;
        while next < from + most {
            match chars.get(next).and_then(|(_, c)| c.to_digit(10)) {
                Some(digit) => value = value * 10 + digit as i32,
                None => break,
            }
            next += 1;
        }
        (next > from).then_some((value, next))
    };
    let (year, next) = digits(at, 4)?;
    if next != at + 4 || !matches!(chars.get(next).map(|c| c.1), Some('-' | '/')) {
        return None;
    }
    let (month, next) = digits(next + 1, 2)?;
    if !matches!(chars.get(next).map(|c| c.1), Some('-' | '/')) {
        return None;
    }
    let (day, next) = digits(next + 1, 2)?;
    if chars.get(next).is_some_and(|(_, c)| c.is_alphanumeric() && *c != 'T') {
        return None;
    }
    let date = jiff::civil::Date::new(year as i16, month as i8, day as i8).ok()?;
    Some((date, next))
}

/// A number with thousands separators, a decimal part and a suffix `k`, `m`, `bn`.
fn number(chars: &[(usize, char)], at: usize) -> (f64, usize) {
    let digit = |index: usize| chars.get(index).is_some_and(|(_, c)| c.is_ascii_digit());
    let mut text = String::new();
    let mut next = at;
    while digit(next) {
        text.push(chars[next].1);
        next += 1;
        if chars.get(next).is_some_and(|(_, c)| *c == ',')
            && (1..=3).all(|offset| digit(next + offset))
            && !digit(next + 4)
            && text.len() <= 3 + (text.len() / 3) * 3
        {
            next += 1;
        }
    }
    if chars.get(next).is_some_and(|(_, c)| *c == '.') && digit(next + 1) {
        text.push('.');
        next += 1;
        while digit(next) {
            text.push(chars[next].1);
            next += 1;
        }
    }
    let mut value = text.parse::<f64>().unwrap_or(0.0);
    let follows = |offset: usize| chars.get(next + offset).is_some_and(|(_, c)| c.is_alphanumeric());
    match chars.get(next).map(|(_, c)| c.to_ascii_lowercase()) {
        Some('k') if !follows(1) => (value, next) = (value * 1e3, next + 1),
        Some('m') if !follows(1) => (value, next) = (value * 1e6, next + 1),
        // Ordinals: 1st, 2nd, 3rd, 4th.
        Some('s' | 'n' | 'r' | 't') if follows(1) && !follows(2) => next += 2,
        _ => {}
    }
    (value, next)
}

/// The number a word stands for.
fn number_word(word: &str) -> Option<f64> {
    Some(match word {
        "zero" => 0.0,
        "one" => 1.0,
        "two" => 2.0,
        "three" => 3.0,
        "four" => 4.0,
        "five" => 5.0,
        "six" => 6.0,
        "seven" => 7.0,
        "eight" => 8.0,
        "nine" => 9.0,
        "ten" => 10.0,
        "eleven" => 11.0,
        "twelve" => 12.0,
        "fifteen" => 15.0,
        "twenty" => 20.0,
        "thirty" => 30.0,
        "forty" => 40.0,
        "fifty" => 50.0,
        "sixty" => 60.0,
        "ninety" => 90.0,
        "hundred" => 100.0,
        "thousand" => 1_000.0,
        "million" => 1_000_000.0,
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn kinds(question: &str) -> Vec<String> {
        tokenize(question).iter().map(|token| token.lower.clone()).collect()
    }

    #[test]
    fn words_numbers_quotes_and_marks() {
        assert_eq!(kinds("Don't show \"New York\", please"), ["not", "show", "new york", ",", "please"]);
        assert_eq!(kinds("the customer's name"), ["the", "customer", "'s", "name"]);
        assert_eq!(kinds("players' names 'A B'"), ["players", "'s", "names", "a b"]);
        assert_eq!(kinds("price >= 1,000.50"), ["price", ">=", "1,000.50"]);
        let number = |text: &str| tokenize(text)[0].number();
        assert_eq!(number("1,000.50"), Some(1000.5));
        assert_eq!(number("10k"), Some(10_000.0));
        assert_eq!(number("3rd"), Some(3.0));
        assert_eq!(number("three"), Some(3.0));
        assert!(matches!(tokenize("since 2024-03-01")[1].kind, TokenKind::Date(_)));
    }

    #[test]
    fn spans_point_into_the_question() {
        let question = "Größte Städte in “São Paulo”?";
        for token in tokenize(question) {
            assert!(question.get(token.span.clone()).is_some());
        }
        let tokens = tokenize(question);
        assert_eq!(&question[tokens[3].span.clone()], "“São Paulo”");
    }

    #[test]
    fn stems_bring_inflections_together() {
        assert_eq!(stem("countries"), stem("country"));
        assert_eq!(stem("people"), stem("person"));
        assert_eq!(stem("orders"), stem("ordered"));
        assert_ne!(stem("university"), stem("universe"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_without_panic(text in ".{0,200}") {
            for token in tokenize(&text) {
                proptest::prop_assert!(text.get(token.span.clone()).is_some());
            }
        }
    }
}
