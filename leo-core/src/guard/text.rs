//! A statement's text as a tree and back, for those who read statements without running them.

use sqlparser::ast::Statement;

use super::lexer;
use super::parse;
use super::rules::bounds;
use crate::dialect::Dialect;
use crate::settings::GuardLimits;

/// Stack on which a text is read and printed: enough for [`DEEPEST`] in every build.
const STACK: usize = 8 << 20;
/// Deepest tree that is read, so that it can be walked on any stack.
const DEEPEST: usize = 100;
/// Longest text that is read, in bytes.
const LONGEST: usize = 20_000;

/// The query that `text` is, if it is one and nothing else. Texts between quotes are kept as they are written, escapes included.
pub(crate) fn query_tree(dialect: Dialect, text: &str) -> Option<Statement> {
    if text.len() > LONGEST {
        return None;
    }
    let tokens = lexer::lex(dialect, text).ok()?;
    let depth = bounds::depth(&GuardLimits::default(), text, &tokens).ok()?;
    if depth > DEEPEST {
        return None;
    }
    let mut statements = stacker::grow(STACK, || parse::parse(dialect, text, &tokens).ok())?;
    let statement = statements.pop()?;
    (statements.is_empty() && matches!(statement, Statement::Query(_))).then_some(statement)
}

/// The text of `statement`, if it reads as the same tree.
pub(crate) fn printed(dialect: Dialect, statement: &Statement) -> Option<String> {
    let text = stacker::grow(STACK, || statement.to_string());
    (query_tree(dialect, &text)? == *statement).then_some(text)
}
