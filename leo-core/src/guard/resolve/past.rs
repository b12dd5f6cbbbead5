//! `FOR SYSTEM_TIME …` among the tokens of a statement.

use std::ops::Range;

use crate::guard::lexer::{Token, TokenKind};

/// The bytes of the clause that begins at token `from`, and the token after it; `None` for a form that is not known here. What a
/// moment is made of is a literal, a parameter or a call without queries: whoever moves the text moves nothing that reads a table.
pub(super) fn clause(text: &str, tokens: &[Token], from: usize) -> Option<(Range<usize>, usize)> {
    let clause = Clause { text, tokens };
    let start = clause.skip(from);
    let mut at = clause.words(start, &["FOR", "SYSTEM_TIME"])?;
    at = if let Some(end) = clause.words(at, &["ALL"]) {
        end
    } else if let Some(end) = clause.words(at, &["CONTAINED", "IN"]) {
        clause.parentheses(end)?
    } else if let Some(end) = clause.words(at, &["AS", "OF"]) {
        clause.moment(end)?
    } else if let Some(end) = clause.words(at, &["FROM"]) {
        clause.moment(clause.words(clause.moment(end)?, &["TO"])?)?
    } else {
        let end = clause.words(at, &["BETWEEN"])?;
        clause.moment(clause.words(clause.moment(end)?, &["AND"])?)?
    };
    // An operator goes on with the moment.
    if matches!(clause.kind(clause.skip(at)), Some(TokenKind::Symbol | TokenKind::String | TokenKind::Number)) {
        return None;
    }
    Some((tokens.get(start)?.range.start..tokens.get(at.checked_sub(1)?)?.range.end, at))
}

struct Clause<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

impl Clause<'_> {
    /// The first token from `at` on that is no comment.
    fn skip(&self, at: usize) -> usize {
        let comments = self.tokens.get(at..).unwrap_or_default().iter().take_while(|token| token.kind == TokenKind::Comment);
        at + comments.count()
    }

    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn is_word(&self, at: usize, word: &str) -> bool {
        let text = self.tokens.get(at).and_then(|token| self.text.get(token.range.clone()));
        self.kind(at) == Some(TokenKind::Word) && text.is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    /// The token after `words`, when they stand at `at`.
    fn words(&self, mut at: usize, words: &[&str]) -> Option<usize> {
        for word in words {
            at = self.skip(at);
            self.is_word(at, word).then_some(())?;
            at += 1;
        }
        Some(at)
    }

    /// The token after a literal, a parameter, a typed literal or a call.
    fn moment(&self, at: usize) -> Option<usize> {
        let at = self.skip(at);
        match self.kind(at)? {
            TokenKind::String => Some(at + 1),
            TokenKind::Open => self.parentheses(at),
            TokenKind::Word => match self.kind(self.skip(at + 1)) {
                Some(TokenKind::String) if !self.is_word(at, "AS") => Some(self.skip(at + 1) + 1),
                Some(TokenKind::Open) => self.parentheses(at + 1),
                _ => self.is_parameter(at).then_some(at + 1),
            },
            _ => self.is_parameter(at).then_some(at + 1),
        }
    }

    /// Whether a numbered parameter stands there, which means the same wherever it stands.
    fn is_parameter(&self, at: usize) -> bool {
        let text = self.tokens.get(at).and_then(|token| self.text.get(token.range.clone()));
        text.is_some_and(|text| text.len() > 2 && text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("@p")))
    }

    /// The token after the parenthesis that closes the one at `at`.
    fn parentheses(&self, at: usize) -> Option<usize> {
        let at = self.skip(at);
        (self.kind(at)? == TokenKind::Open).then_some(())?;
        let mut depth = 0usize;
        for (place, token) in self.tokens.iter().enumerate().skip(at) {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close if depth == 1 => return Some(place + 1),
                TokenKind::Close => depth -= 1,
                TokenKind::Placeholder if !self.is_parameter(place) => return None,
                _ if ["SELECT", "WITH", "TABLE"].iter().any(|word| self.is_word(place, word)) => return None,
                _ => {}
            }
        }
        None
    }
}
