//! From text to syntax tree: own lexer, parser's tokenizer, agreement of the two, parser.

mod dialects;
mod shims;

use sqlparser::ast::{Expr, Statement};
use sqlparser::parser::{Parser, ParserOptions};
use sqlparser::tokenizer::{Span, Token as Parsed, TokenWithSpan, Tokenizer};

use super::lexer::{Token, TokenKind};
use crate::dialect::Dialect;
use crate::finding::Position;

pub(in crate::guard) use dialects::grammar;
pub(in crate::guard) use shims::postgres::{CYCLE, ROWS_FROM, SEARCH};

/// Why a text has no syntax tree.
#[derive(Debug)]
pub(in crate::guard) enum ParseError {
    /// The parser's tokenizer sees other tokens than the guard's lexer: somebody may be hiding something.
    Disagreement(Position),
    /// It does not follow the dialect's grammar.
    Syntax(String, Option<Position>),
}

/// Parses `text`, whose tokens by the guard's lexer are `lexed`.
pub(in crate::guard) fn parse(dialect: Dialect, text: &str, lexed: &[Token]) -> Result<Vec<Statement>, ParseError> {
    let grammar = grammar(dialect);
    // Unescaped identifiers and strings print back as something else (a quote in a name ends it): keep the text as written.
    // White space between words makes about as many tokens again.
    let mut tokens = Vec::with_capacity(lexed.len() * 2 + 1);
    Tokenizer::new(grammar, text)
        .with_unescape(false)
        .tokenize_with_location_into_buf(&mut tokens)
        .map_err(|error| ParseError::Syntax(error.message, position(error.location.line, error.location.column)))?;
    agree(lexed, &tokens)?;
    let tokens = shims::apply(dialect, tokens);
    let mut parser =
        Parser::new(grammar).with_options(ParserOptions::new().with_unescape(false)).with_tokens_with_locations(tokens);
    let statements = parser.parse_statements().map_err(|error| syntax(&error.to_string()))?;
    // The parser stops at the word END, which ends a block elsewhere; engines read on.
    let rest = parser.next_token();
    match rest.token {
        Parsed::EOF => Ok(statements),
        _ => {
            let place = position(rest.span.start.line, rest.span.start.column);
            Err(ParseError::Syntax(format!("Expected: end of statement, found: {}", rest.token), place))
        }
    }
}

/// Parses a text of Leo's own to one statement whose names have no positions.
pub(in crate::guard) fn fragment(dialect: Dialect, text: &str) -> Option<Statement> {
    let mut parser = parser(dialect, text)?;
    let mut statements = parser.parse_statements().ok()?;
    let statement = statements.pop()?;
    (statements.is_empty() && parser.next_token().token == Parsed::EOF).then_some(statement)
}

/// Parses a text that is one expression and nothing else.
pub(in crate::guard) fn expression(dialect: Dialect, text: &str) -> Option<Expr> {
    let mut parser = parser(dialect, text)?;
    let expr = parser.parse_expr().ok()?;
    (parser.next_token().token == Parsed::EOF).then_some(expr)
}

fn parser(dialect: Dialect, text: &str) -> Option<Parser<'static>> {
    let grammar = grammar(dialect);
    let mut tokens = Vec::new();
    Tokenizer::new(grammar, text).with_unescape(false).tokenize_with_location_into_buf(&mut tokens).ok()?;
    let mut tokens = shims::apply(dialect, tokens);
    tokens.iter_mut().for_each(|token| token.span = Span::empty());
    Some(Parser::new(grammar).with_options(ParserOptions::new().with_unescape(false)).with_tokens_with_locations(tokens))
}

fn position(line: u64, column: u64) -> Option<Position> {
    (line > 0).then_some(Position { line, column })
}

/// Takes the place out of the parser's message, `… at Line: 1, Column: 8`.
fn syntax(message: &str) -> ParseError {
    let message = message.strip_prefix("sql parser error: ").unwrap_or(message);
    let Some((text, place)) = message.rsplit_once(" at Line: ") else { return ParseError::Syntax(message.to_owned(), None) };
    let place = place.split_once(", Column: ").and_then(|(line, column)| Some((line.parse().ok()?, column.parse().ok()?)));
    ParseError::Syntax(text.to_owned(), place.and_then(|(line, column)| position(line, column)))
}

/// What matters for where code ends and data begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    QuotedName,
    String,
}

/// Checks that words, quoted names and strings begin at the same places for both.
fn agree(lexed: &[Token], parsed: &[TokenWithSpan]) -> Result<(), ParseError> {
    let mut own = lexed.iter().filter_map(|token| {
        let class = match token.kind {
            TokenKind::Word => Class::Word,
            TokenKind::QuotedName => Class::QuotedName,
            TokenKind::String => Class::String,
            _ => return None,
        };
        Some((class, token.position))
    });
    for token in parsed {
        let class = match &token.token {
            Parsed::Word(word) if word.quote_style.is_some() => Class::QuotedName,
            Parsed::Word(_) => Class::Word,
            Parsed::SingleQuotedString(_)
            | Parsed::DoubleQuotedString(_)
            | Parsed::TripleSingleQuotedString(_)
            | Parsed::TripleDoubleQuotedString(_)
            | Parsed::DollarQuotedString(_)
            | Parsed::SingleQuotedByteStringLiteral(_)
            | Parsed::DoubleQuotedByteStringLiteral(_)
            | Parsed::TripleSingleQuotedByteStringLiteral(_)
            | Parsed::TripleDoubleQuotedByteStringLiteral(_)
            | Parsed::SingleQuotedRawStringLiteral(_)
            | Parsed::DoubleQuotedRawStringLiteral(_)
            | Parsed::TripleSingleQuotedRawStringLiteral(_)
            | Parsed::TripleDoubleQuotedRawStringLiteral(_)
            | Parsed::NationalStringLiteral(_)
            | Parsed::QuoteDelimitedStringLiteral(_)
            | Parsed::NationalQuoteDelimitedStringLiteral(_)
            | Parsed::EscapedStringLiteral(_)
            | Parsed::UnicodeStringLiteral(_)
            | Parsed::HexStringLiteral(_) => Class::String,
            _ => continue,
        };
        let at = Position { line: token.span.start.line, column: token.span.start.column };
        if own.next() != Some((class, at)) {
            return Err(ParseError::Disagreement(at));
        }
    }
    match own.next() {
        Some((_, at)) => Err(ParseError::Disagreement(at)),
        None => Ok(()),
    }
}
