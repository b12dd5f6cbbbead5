//! Small groups: an aggregate over few people says something about each of them.
//!
//! Where a smallest size is set, every select that aggregates gets `HAVING COUNT(*) >= size`, in front of the condition it has.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName,
    Value,
};

use crate::finding::Position;
use crate::guard::edit::{Change, Edit};
use crate::guard::lexer::{Token, TokenKind};

/// Words that end a select, beside a closing parenthesis.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "ORDER", "LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT", "INTERSECT", "MINUS", "WINDOW", "QUALIFY", "FOR", "OPTION",
];

/// The edits that keep the select at `place` from showing groups of fewer than `rows` rows; `None` when its end is not found.
pub(super) fn edits(text: &str, tokens: &[Token], place: Position, rows: u64) -> Option<Vec<Edit>> {
    let start = tokens.iter().position(|token| token.position == place)?;
    let mut depth = 0usize;
    let mut having = None;
    let mut last = start;
    for (at, token) in tokens.iter().enumerate().skip(start + 1) {
        let word = text.get(token.range.clone()).unwrap_or("");
        let is_word = |own: &&str| token.kind == TokenKind::Word && word.eq_ignore_ascii_case(own);
        match token.kind {
            TokenKind::Comment => continue,
            TokenKind::Semicolon => break,
            TokenKind::Close if depth == 0 => break,
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth -= 1,
            _ if depth == 0 && ENDS.iter().any(is_word) => break,
            _ if depth == 0 && is_word(&"HAVING") => having = Some(at),
            _ => {}
        }
        last = at;
    }
    let end = tokens.get(last)?.range.end;
    let insert = |at: usize, text: String, change: Change| Edit::new(at..at, text, change);
    let change = Change::Having(place, rows);
    Some(match having {
        None => vec![insert(end, format!(" HAVING COUNT(*) >= {rows}"), change)],
        Some(having) => vec![
            insert(tokens.get(having)?.range.end, format!(" COUNT(*) >= {rows} AND ("), change),
            insert(end, ")".to_owned(), Change::Nothing),
        ],
    })
}

/// `COUNT(*) >= rows`
pub(super) fn at_least(rows: u64) -> Expr {
    let count = Function {
        name: ObjectName::from(vec![Ident::new("COUNT")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![FunctionArg::Unnamed(FunctionArgExpr::Wildcard)],
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    };
    let rows = Expr::Value(Value::Number(rows.to_string(), false).with_empty_span());
    Expr::BinaryOp { left: Box::new(Expr::Function(count)), op: BinaryOperator::GtEq, right: Box::new(rows) }
}
