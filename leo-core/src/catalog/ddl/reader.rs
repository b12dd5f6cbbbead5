//! Tokens of a DDL text, and the cursor that reads them.

use sqlparser::dialect::{
    BigQueryDialect, Dialect as Grammar, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Word};

use super::super::model::TableName;
use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// The parser's own dialect for `dialect`.
pub(super) fn grammar(dialect: Dialect) -> &'static dyn Grammar {
    match dialect {
        Dialect::Sqlite => &SQLiteDialect {},
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Mysql => &MySqlDialect {},
        Dialect::Tsql => &MsSqlDialect {},
        Dialect::Bigquery => &BigQueryDialect,
        Dialect::Datafusion => &GenericDialect {},
    }
}

/// A text split into tokens, without white space and comments.
pub(super) struct Source<'t> {
    pub(super) dialect: Dialect,
    text: &'t str,
    pub(super) tokens: Vec<TokenWithSpan>,
    lines: Vec<usize>,
}

impl<'t> Source<'t> {
    /// # Errors
    /// `Malformed` when the text cannot be split, naming the line.
    pub(super) fn new(dialect: Dialect, text: &'t str) -> Result<Self> {
        let mut tokens = Vec::new();
        Tokenizer::new(grammar(dialect), text).tokenize_with_location_into_buf(&mut tokens).map_err(|error| {
            Error::malformed(format!("the schema text cannot be read at line {}: {}", error.location.line, error.message))
        })?;
        tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Ok(Self { dialect, text, tokens, lines })
    }

    /// The bare word at `at`, as written.
    pub(super) fn word(&self, at: usize) -> Option<&Word> {
        match self.tokens.get(at).map(|token| &token.token) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Whether the token at `at` is the unquoted word `text`.
    pub(super) fn is(&self, at: usize, text: &str) -> bool {
        self.word(at).is_some_and(|word| word.quote_style.is_none() && word.value.eq_ignore_ascii_case(text))
    }

    /// Whether the token at `at` is one of the unquoted words.
    pub(super) fn is_any(&self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(at, word))
    }

    pub(super) fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at).map(|token| &token.token)
    }

    /// The line of a token, for messages.
    pub(super) fn line(&self, at: usize) -> u64 {
        self.tokens.get(at).map_or(0, |token| token.span.start.line)
    }

    /// Whether `at` is a `GO` on a line of its own.
    pub(super) fn is_batch_end(&self, at: usize) -> bool {
        self.dialect == Dialect::Tsql && self.is(at, "GO") && (at == 0 || self.line(at - 1) < self.line(at))
    }

    /// The text from the token at `from` up to, not including, the token at `to`.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'t str {
        let start =
            self.tokens.get(from).map_or(self.text.len(), |token| self.offset(token.span.start.line, token.span.start.column));
        let end =
            self.tokens.get(to).map_or(self.text.len(), |token| self.offset(token.span.start.line, token.span.start.column));
        self.text.get(start..end).unwrap_or("").trim()
    }

    fn offset(&self, line: u64, column: u64) -> usize {
        let start = self.lines.get((line as usize).saturating_sub(1)).copied().unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or("");
        start + rest.char_indices().nth((column as usize).saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
    }

    /// Place behind the parenthesis that closes the one at `open`; the end of the text when there is none.
    pub(super) fn closing(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.token {
                Token::LParen => depth += 1,
                Token::RParen => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// The name of a word as the engine keeps it.
    pub(super) fn name(&self, word: &Word) -> String {
        match (word.quote_style, self.dialect) {
            (None, Dialect::Postgres | Dialect::Datafusion) => word.value.to_lowercase(),
            _ => word.value.clone(),
        }
    }

    /// A name that may be written as a string (MySQL and SQLite allow that), at `at`.
    fn name_at(&self, at: usize) -> Option<String> {
        match self.token(at)? {
            Token::Word(word) => Some(self.name(word)),
            Token::SingleQuotedString(text) | Token::DoubleQuotedString(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// The dotted name at `at` and the place behind it.
    pub(super) fn dotted(&self, at: usize) -> Option<(Vec<String>, usize)> {
        let mut parts = vec![self.name_at(at)?];
        let mut next = at + 1;
        while self.token(next) == Some(&Token::Period) {
            parts.push(self.name_at(next + 1)?);
            next += 2;
        }
        if self.dialect == Dialect::Bigquery {
            parts = parts.iter().flat_map(|part| part.split('.')).map(str::to_owned).collect();
        }
        Some((parts, next))
    }

    /// The table name at `at` and the place behind it; a missing schema becomes the dialect's default.
    pub(super) fn table_name(&self, at: usize) -> Option<(TableName, usize)> {
        let (mut parts, next) = self.dotted(at)?;
        let name = parts.pop()?;
        let schema = match self.dialect {
            Dialect::Bigquery if !parts.is_empty() => Some(parts.join(".")),
            // SQLite's introspection gives bare names: `main` is the only schema there is.
            Dialect::Sqlite => None,
            _ => parts.pop().or_else(|| self.dialect.default_schema().map(str::to_owned)),
        };
        Some((TableName { schema, name }, next))
    }

    /// The words in the parentheses at `open` that are columns (lengths and directions left out), and the place behind.
    pub(super) fn column_list(&self, open: usize) -> (Vec<String>, usize) {
        let end = self.closing(open);
        let mut columns = Vec::new();
        let mut expect = true;
        let mut depth = 0usize;
        for at in open..end {
            match self.token(at) {
                Some(Token::LParen) => depth += 1,
                Some(Token::RParen) => depth = depth.saturating_sub(1),
                Some(Token::Comma) if depth == 1 => expect = true,
                _ if depth == 1 && expect => {
                    columns.extend(self.name_at(at));
                    expect = false;
                }
                _ => {}
            }
        }
        (columns, end)
    }
}
