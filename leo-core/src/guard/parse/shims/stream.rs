//! Tokens as shims see them: white space and comments skipped, replacements collected.

use std::ops::Range;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

/// The parser's tokens. A place counts those that are neither white space nor comments.
pub(super) struct Stream {
    tokens: Vec<TokenWithSpan>,
    places: Vec<usize>,
    replaced: Vec<(Range<usize>, Vec<Token>)>,
}

impl Stream {
    pub(super) fn new(tokens: Vec<TokenWithSpan>) -> Self {
        let solid = |(at, token): (usize, &TokenWithSpan)| (!matches!(token.token, Token::Whitespace(_))).then_some(at);
        let places = tokens.iter().enumerate().filter_map(solid).collect();
        Self { tokens, places, replaced: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The token at `place`.
    pub(super) fn token(&self, place: usize) -> Option<&Token> {
        self.places.get(place).and_then(|at| self.tokens.get(*at)).map(|token| &token.token)
    }

    /// The token before `place`.
    pub(super) fn before(&self, place: usize) -> Option<&Token> {
        self.token(place.checked_sub(1)?)
    }

    /// The bare word at `place`.
    pub(super) fn word(&self, place: usize) -> Option<&Word> {
        match self.token(place)? {
            Token::Word(word) if word.quote_style.is_none() => Some(word),
            _ => None,
        }
    }

    /// Whether the bare word `text` stands at `place`.
    pub(super) fn is(&self, place: usize, text: &str) -> bool {
        self.word(place).is_some_and(|word| word.value.eq_ignore_ascii_case(text))
    }

    /// Whether one of the bare words `texts` stands at `place`.
    pub(super) fn is_any(&self, place: usize, texts: &[&str]) -> bool {
        self.word(place).is_some_and(|word| texts.iter().any(|text| word.value.eq_ignore_ascii_case(text)))
    }

    /// Whether the bare words `texts` stand at `place` and after it.
    pub(super) fn are(&self, place: usize, texts: &[&str]) -> bool {
        texts.iter().enumerate().all(|(at, text)| self.is(place + at, text))
    }

    /// Whether the token at `place` can end an operand: a name, a literal or a parenthesis.
    pub(super) fn ends_operand(&self, place: usize) -> bool {
        match self.token(place) {
            Some(Token::Word(word)) => {
                word.quote_style.is_some() || !BEFORE_OPERANDS.iter().any(|own| word.value.eq_ignore_ascii_case(own))
            }
            Some(Token::RParen | Token::Number(..) | Token::SingleQuotedString(_) | Token::Placeholder(_)) => true,
            _ => false,
        }
    }

    /// Whether nothing stands between the token at `place` and the next.
    pub(super) fn touches_next(&self, place: usize) -> bool {
        matches!((self.places.get(place), self.places.get(place + 1)), (Some(at), Some(next)) if at + 1 == *next)
    }

    /// The place of the parenthesis that closes the one at `open`.
    pub(super) fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0usize;
        for place in open..self.len() {
            match self.token(place)? {
                Token::LParen => depth += 1,
                Token::RParen if depth == 1 => return Some(place),
                Token::RParen => depth = depth.checked_sub(1)?,
                _ => {}
            }
        }
        None
    }

    /// Puts `tokens` where those at `places` stand; an empty range puts them before its start.
    pub(super) fn replace(&mut self, places: Range<usize>, tokens: impl IntoIterator<Item = Token>) {
        self.replaced.push((places, tokens.into_iter().collect()));
    }

    /// The tokens, replacements in place. Of replacements that overlap the first one counts.
    pub(super) fn finish(mut self) -> Vec<TokenWithSpan> {
        if self.replaced.is_empty() {
            return self.tokens;
        }
        self.replaced.sort_by_key(|(places, _)| (places.start, places.end));
        let mut tokens = Vec::with_capacity(self.tokens.len() + 8);
        let mut done = 0;
        for (places, new) in std::mem::take(&mut self.replaced) {
            let start = self.places.get(places.start).copied().unwrap_or(self.tokens.len());
            let end = self.places.get(places.end).copied().filter(|_| !places.is_empty());
            let end = end.unwrap_or(if places.is_empty() { start } else { self.tokens.len() });
            if start < done {
                continue;
            }
            tokens.extend_from_slice(self.tokens.get(done..start).unwrap_or_default());
            let place = self.tokens.get(start).or(self.tokens.last()).map(|token| token.span);
            tokens.extend(
                new.into_iter()
                    .map(|token| TokenWithSpan { token, span: place.unwrap_or_else(sqlparser::tokenizer::Span::empty) }),
            );
            done = end;
        }
        tokens.extend_from_slice(self.tokens.get(done..).unwrap_or_default());
        tokens
    }
}

/// Reserved words that an operand follows.
#[rustfmt::skip]
const BEFORE_OPERANDS: &[&str] = &[
    "ALL", "AND", "AS", "BETWEEN", "BINARY", "BY", "CASE", "DISTINCT", "DIV", "ELSE", "ESCAPE", "GLOB", "HAVING", "IN", "INTERVAL",
    "IS", "LIKE", "LIMIT", "MATCH", "MOD", "NOT", "OFFSET", "ON", "OR", "REGEXP", "RLIKE", "SELECT", "THEN", "WHEN", "WHERE", "XOR",
];

/// The bare word `text`, with the meaning that the parser gives it.
pub(super) fn bare(text: &str) -> Token {
    Token::make_word(text, None)
}

/// The bare word `text` as a name, whatever the parser takes it for.
pub(super) fn name(text: &str) -> Token {
    Token::Word(Word { value: text.to_owned(), quote_style: None, keyword: Keyword::NoKeyword })
}

/// Takes the `EXCLUDE` off a window frame that starts it at `place`: which rows of a frame count is no matter of names.
pub(super) fn without_frame_exclusion(stream: &mut Stream, place: usize) {
    let follows_bound = place.checked_sub(1).is_some_and(|before| stream.is_any(before, &["ROW", "PRECEDING", "FOLLOWING"]));
    if !follows_bound {
        return;
    }
    let exclusions: [&[&str]; 4] = [&["CURRENT", "ROW"], &["GROUP"], &["TIES"], &["NO", "OTHERS"]];
    for words in exclusions {
        let end = place + 1 + words.len();
        if stream.are(place + 1, words) && stream.token(end) == Some(&Token::RParen) {
            stream.replace(place..end, []);
        }
    }
}
