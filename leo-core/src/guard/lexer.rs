//! The guard's own lexer: where the tokens of a statement begin and end, by each engine's rules.
//!
//! It knows just enough to tell words, quoted names, strings and comments apart. The parser's tokenizer must agree with it on
//! every one of them ([`crate::guard::parse`] checks that), so neither can be talked into seeing a string where the other sees
//! code. It also serves edits: a byte range of the text for each token.

use std::ops::Range;

use crate::dialect::Dialect;
use crate::finding::Position;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guard) enum TokenKind {
    /// A bare word: name or keyword.
    Word,
    /// A name in quotes: `"x"`, `` `x` `` or `[x]`.
    QuotedName,
    /// A string, also with a prefix such as `N'…'` or `x'…'`; hexadecimal numbers count as strings.
    String,
    /// A decimal number.
    Number,
    /// A placeholder such as `?`, `?1` or `$1`.
    Placeholder,
    /// `;`
    Semicolon,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// Any other single character.
    Symbol,
    /// A comment that the engine ignores.
    Comment,
    /// A comment that some engine runs (`/*! … */`) or obeys (`/*+ … */` in MySQL).
    ExecutableComment,
}

/// A token's kind and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::guard) struct Token {
    pub(in crate::guard) kind: TokenKind,
    pub(in crate::guard) range: Range<usize>,
    pub(in crate::guard) position: Position,
}

/// Why a text cannot be split into tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::guard) struct LexError {
    pub(in crate::guard) message: &'static str,
    pub(in crate::guard) position: Position,
}

/// Splits `text` into tokens, comments included, white space left out. Linear in the text.
pub(in crate::guard) fn lex(dialect: Dialect, text: &str) -> Result<Vec<Token>, LexError> {
    let mut lexer = Lexer { dialect, text, at: 0, line: 1, column: 1 };
    let mut tokens = Vec::with_capacity(text.len() / 4);
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    dialect: Dialect,
    text: &'a str,
    at: usize,
    line: u64,
    column: u64,
}

/// Characters that look like nothing, reorder text or end it early; inside quotes they are data.
fn is_unusual(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
        || (c.is_whitespace() && !c.is_ascii())
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    fn bump_while(&mut self, test: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&test) {
            self.bump();
        }
    }

    fn position(&self) -> Position {
        Position { line: self.line, column: self.column }
    }

    fn next(&mut self) -> Result<Option<Token>, LexError> {
        self.bump_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        let (start, position) = (self.at, self.position());
        let fail = |message| LexError { message, position };
        let Some(c) = self.peek() else { return Ok(None) };
        if is_unusual(c) {
            return Err(fail("it holds a character that cannot be seen or changes how the text reads"));
        }
        let kind = match c {
            '-' if self.starts_line_comment() => self.line_comment(),
            '#' if matches!(self.dialect, Dialect::Mysql | Dialect::Bigquery) => self.line_comment(),
            '/' if self.peek_second() == Some('*') => self.block_comment().ok_or_else(|| fail("a comment does not end"))?,
            '\'' => self.string('\'', self.backslash_escapes()).ok_or_else(|| fail("a string does not end"))?,
            '"' if matches!(self.dialect, Dialect::Mysql | Dialect::Bigquery) => {
                self.string('"', true).ok_or_else(|| fail("a string does not end"))?
            }
            '"' => self.quoted_name('"', true).ok_or_else(|| fail("a quoted name does not end"))?,
            '`' if matches!(self.dialect, Dialect::Sqlite | Dialect::Mysql | Dialect::Bigquery | Dialect::Datafusion) => {
                self.quoted_name('`', true).ok_or_else(|| fail("a quoted name does not end"))?
            }
            '[' if matches!(self.dialect, Dialect::Sqlite | Dialect::Tsql) => {
                let doubled = self.dialect == Dialect::Tsql;
                self.quoted_name(']', doubled).ok_or_else(|| fail("a quoted name does not end"))?
            }
            '$' if self.dialect == Dialect::Postgres && self.dollar_tag().is_some() => {
                self.dollar_quote().ok_or_else(|| fail("a string does not end"))?
            }
            '$' | '?'
                if self.peek_second().is_some_and(|c| c.is_ascii_digit()) || (c == '?' && self.question_is_placeholder()) =>
            {
                self.bump();
                self.bump_while(|c| c.is_ascii_digit());
                TokenKind::Placeholder
            }
            _ if c.is_ascii_digit() || (c == '.' && self.peek_second().is_some_and(|c| c.is_ascii_digit())) => {
                self.number().ok_or_else(|| fail("a number runs into a word"))?
            }
            _ if self.starts_word(c) => self.word_or_prefixed_string().ok_or_else(|| fail("a string does not end"))?,
            ';' => self.single(TokenKind::Semicolon),
            '(' => self.single(TokenKind::Open),
            ')' => self.single(TokenKind::Close),
            ',' => self.single(TokenKind::Comma),
            _ if c.is_ascii() => self.single(TokenKind::Symbol),
            _ => return Err(fail("it holds a character that is no part of SQL")),
        };
        Ok(Some(Token { kind, range: start..self.at, position }))
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.bump();
        kind
    }

    fn question_is_placeholder(&self) -> bool {
        // In PostgreSQL `?` is a JSON operator.
        !matches!(self.dialect, Dialect::Postgres | Dialect::Tsql)
    }

    fn backslash_escapes(&self) -> bool {
        matches!(self.dialect, Dialect::Mysql | Dialect::Bigquery)
    }

    fn starts_line_comment(&self) -> bool {
        let rest = self.rest();
        if !rest.starts_with("--") {
            return false;
        }
        // MySQL wants white space or the end after the dashes: `1--1` is two.
        self.dialect != Dialect::Mysql || rest.chars().nth(2).is_none_or(|c| c.is_whitespace() || c.is_control())
    }

    fn line_comment(&mut self) -> TokenKind {
        self.bump_while(|c| c != '\n');
        TokenKind::Comment
    }

    fn block_comment(&mut self) -> Option<TokenKind> {
        let rest = self.rest();
        let executable = rest.starts_with("/*!")
            || rest.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("/*M!"))
            || (rest.starts_with("/*+") && self.dialect == Dialect::Mysql);
        let nests = matches!(self.dialect, Dialect::Postgres | Dialect::Tsql | Dialect::Datafusion);
        self.bump();
        self.bump();
        let mut depth = 1;
        while depth > 0 {
            let rest = self.rest();
            if rest.starts_with("*/") {
                depth -= 1;
                self.bump();
                self.bump();
            } else if rest.starts_with("/*") && nests {
                depth += 1;
                self.bump();
                self.bump();
            } else {
                self.bump()?;
            }
        }
        Some(if executable { TokenKind::ExecutableComment } else { TokenKind::Comment })
    }

    fn string(&mut self, quote: char, backslash: bool) -> Option<TokenKind> {
        let triple: String = [quote; 3].iter().collect();
        if self.dialect == Dialect::Bigquery && self.rest().starts_with(&triple) {
            self.skip(3);
            loop {
                if self.rest().starts_with(&triple) {
                    self.skip(3);
                    return Some(TokenKind::String);
                }
                if self.bump()? == '\\' && backslash {
                    self.bump()?;
                }
            }
        }
        self.bump();
        loop {
            let c = self.bump()?;
            if c == '\\' && backslash {
                self.bump()?;
            } else if c == quote {
                // BigQuery does not double quotes, it joins no strings either: the parser refuses what follows.
                if self.peek() == Some(quote) && self.dialect != Dialect::Bigquery {
                    self.bump();
                } else {
                    return Some(TokenKind::String);
                }
            }
        }
    }

    fn quoted_name(&mut self, close: char, doubled: bool) -> Option<TokenKind> {
        self.bump();
        loop {
            if self.bump()? == close {
                if doubled && self.peek() == Some(close) {
                    self.bump();
                } else {
                    return Some(TokenKind::QuotedName);
                }
            }
        }
    }

    /// The `$tag$` that comes next.
    fn dollar_tag(&self) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest.bytes().skip(1).take(64).position(|byte| byte == b'$')?;
        let tag = rest.get(..end + 2)?;
        let name = tag.trim_matches('$');
        let valid = !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        valid.then_some(tag)
    }

    /// `$tag$ … $tag$`
    fn dollar_quote(&mut self) -> Option<TokenKind> {
        let tag = self.dollar_tag()?;
        let close = self.rest().get(tag.len()..)?.find(tag)?;
        let stop = self.at + tag.len() * 2 + close;
        while self.at < stop {
            self.bump();
        }
        Some(TokenKind::String)
    }

    fn number(&mut self) -> Option<TokenKind> {
        let rest = self.rest();
        let hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
        if hexadecimal {
            self.bump();
            self.bump();
            let digits = self.at;
            self.bump_while(|c| c.is_ascii_hexdigit());
            // `0x` alone is a name to MySQL, a number to others, and an empty string to SQL Server.
            if self.at == digits && self.dialect != Dialect::Tsql {
                return None;
            }
        } else {
            let digit = |c: char| c.is_ascii_digit() || c == '_';
            self.bump_while(digit);
            if self.peek() == Some('.') {
                self.bump();
                self.bump_while(digit);
            }
            let mut ahead = self.rest().chars();
            if matches!(ahead.next(), Some('e' | 'E')) {
                let sign = ahead.next();
                let exponent = if matches!(sign, Some('+' | '-')) { ahead.next() } else { sign };
                if exponent.is_some_and(|c| c.is_ascii_digit()) {
                    self.bump();
                    self.bump();
                    self.bump_while(|c| c.is_ascii_digit());
                }
            }
        }
        if self.peek().is_some_and(|c| self.continues_word(c)) {
            return None;
        }
        Some(if hexadecimal { TokenKind::String } else { TokenKind::Number })
    }

    fn starts_word(&self, c: char) -> bool {
        c.is_ascii_alphabetic()
            || c == '_'
            || (!c.is_ascii() && !is_unusual(c))
            || (c == '@' && matches!(self.dialect, Dialect::Tsql | Dialect::Mysql | Dialect::Bigquery | Dialect::Datafusion))
            || (c == '#' && matches!(self.dialect, Dialect::Tsql | Dialect::Datafusion))
            || (c == '$' && self.dialect == Dialect::Mysql)
    }

    fn continues_word(&self, c: char) -> bool {
        c.is_ascii_alphanumeric()
            || c == '_'
            || (!c.is_ascii() && !is_unusual(c))
            || (c == '$' && matches!(self.dialect, Dialect::Mysql | Dialect::Tsql | Dialect::Postgres | Dialect::Datafusion))
            || (matches!(c, '@' | '#') && matches!(self.dialect, Dialect::Tsql | Dialect::Datafusion))
            || (c == '@' && self.dialect == Dialect::Mysql)
    }

    fn word_or_prefixed_string(&mut self) -> Option<TokenKind> {
        let rest = self.rest();
        // Prefixes have one or two letters; looking further would make long texts slow.
        let quote_at = rest.bytes().take(3).position(|byte| matches!(byte, b'\'' | b'"'));
        let prefix = quote_at.and_then(|end| rest.get(..end)).unwrap_or("").to_ascii_lowercase();
        let single = rest.as_bytes().get(prefix.len()) == Some(&b'\'');
        let quote = if single { '\'' } else { '"' };
        let backslash = match (self.dialect, prefix.as_str()) {
            (_, "") => None,
            (Dialect::Sqlite, "x") if single => Some(false),
            (Dialect::Postgres | Dialect::Datafusion, "e") if single => Some(true),
            (Dialect::Postgres | Dialect::Datafusion, "x" | "b" | "n") if single => Some(false),
            (Dialect::Postgres, "u&") if single => Some(false),
            (Dialect::Mysql, "x" | "b") if single => Some(false),
            (Dialect::Mysql, "n") if single => Some(true),
            (Dialect::Tsql, "n") if single => Some(false),
            (Dialect::Bigquery, "r" | "b" | "rb" | "br") => Some(true),
            _ => None,
        };
        if let Some(backslash) = backslash {
            self.skip(prefix.len());
            return self.string(quote, backslash);
        }
        self.bump();
        loop {
            match self.peek() {
                Some(c) if self.continues_word(c) => self.bump(),
                _ => return Some(TokenKind::Word),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn shapes(dialect: Dialect, text: &str) -> Vec<(TokenKind, &str)> {
        lex(dialect, text).unwrap().into_iter().map(|token| (token.kind, &text[token.range])).collect()
    }

    #[test]
    fn each_engine_has_its_own_quotes() {
        use TokenKind as K;
        assert_eq!(shapes(Dialect::Sqlite, "\"a\"\"b\" 'it''s'"), [(K::QuotedName, "\"a\"\"b\""), (K::String, "'it''s'")]);
        assert_eq!(shapes(Dialect::Mysql, r#""a\"b" `c`"#), [(K::String, r#""a\"b""#), (K::QuotedName, "`c`")]);
        assert_eq!(shapes(Dialect::Sqlite, r"'\' x"), [(K::String, r"'\'"), (K::Word, "x")]);
        assert_eq!(shapes(Dialect::Tsql, "[a]]b] N'x'"), [(K::QuotedName, "[a]]b]"), (K::String, "N'x'")]);
        assert_eq!(shapes(Dialect::Postgres, r"U&'\0061'''"), [(K::String, r"U&'\0061'''")]);
        assert_eq!(shapes(Dialect::Postgres, "$q$ ' $q$ $1"), [(K::String, "$q$ ' $q$"), (K::Placeholder, "$1")]);
        assert_eq!(shapes(Dialect::Bigquery, "'''it's''' r'\\''"), [(K::String, "'''it's'''"), (K::String, "r'\\''")]);
    }

    #[test]
    fn comments_end_where_the_engine_ends_them() {
        use TokenKind as K;
        assert_eq!(shapes(Dialect::Mysql, "1--1"), [(K::Number, "1"), (K::Symbol, "-"), (K::Symbol, "-"), (K::Number, "1")]);
        assert_eq!(shapes(Dialect::Sqlite, "1--1\n2"), [(K::Number, "1"), (K::Comment, "--1"), (K::Number, "2")]);
        assert_eq!(shapes(Dialect::Postgres, "/* /* */ 1 */ 2"), [(K::Comment, "/* /* */ 1 */"), (K::Number, "2")]);
        assert_eq!(shapes(Dialect::Sqlite, "/* /* */ 1").len(), 2);
        assert_eq!(shapes(Dialect::Mysql, "/*!1 x*/")[0].0, K::ExecutableComment);
        assert_eq!(shapes(Dialect::Mysql, "/*m!1 x*/")[0].0, K::ExecutableComment);
    }

    #[test]
    fn what_does_not_end_or_cannot_be_seen_is_an_error() {
        for text in ["'a", "\"a", "/* a", "1a", "a\u{200b}b\u{a0}", "\u{0}"] {
            assert!(lex(Dialect::Sqlite, text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn tokens_are_in_order_and_inside_the_text(text in ".{0,200}", dialect in 0usize..6) {
            if let Ok(tokens) = lex(Dialect::ALL[dialect], &text) {
                let mut end = 0;
                for token in tokens {
                    prop_assert!(token.range.start >= end && token.range.end > token.range.start);
                    prop_assert!(text.get(token.range.clone()).is_some());
                    end = token.range.end;
                }
            }
        }
    }
}
