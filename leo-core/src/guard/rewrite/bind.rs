//! Placeholders for the values that policies bring in.

use std::collections::HashMap;

use crate::dialect::Dialect;
use crate::guard::edit::Edit;
use crate::guard::lexer::{Token, TokenKind};
use crate::value::Value;

/// Hands out placeholders in the way the statement writes its own.
///
/// Where placeholders have numbers, new ones get the next numbers and a value is bound once. Where they are told apart by their
/// order only, each place in the text has its own value, and [`Binder::bind`] puts all of them in order.
#[derive(Debug)]
pub(in crate::guard) struct Binder {
    dialect: Dialect,
    numbered: bool,
    own: Vec<Value>,
    added: Vec<Value>,
    known: HashMap<String, usize>,
}

impl Binder {
    /// For a statement of these tokens with these values.
    pub(in crate::guard) fn new(dialect: Dialect, text: &str, tokens: &[Token], own: &[Value]) -> Self {
        let numbered = match dialect {
            Dialect::Mysql | Dialect::Bigquery => false,
            Dialect::Sqlite => tokens.iter().any(|token| {
                token.kind == TokenKind::Placeholder && text.get(token.range.clone()).is_some_and(|it| it.len() > 1)
            }),
            Dialect::Postgres | Dialect::Tsql | Dialect::Datafusion => true,
        };
        Self { dialect, numbered, own: own.to_vec(), added: Vec::new(), known: HashMap::new() }
    }

    /// The placeholder for `value`, which goes by `name`; `here` collects the values of one place in the text.
    pub(in crate::guard) fn placeholder(&mut self, name: &str, value: &Value, here: &mut Vec<Value>) -> String {
        if !self.numbered {
            here.push(value.clone());
            return "?".to_owned();
        }
        let number = match self.known.get(name) {
            Some(number) => *number,
            None => {
                self.added.push(value.clone());
                let number = self.own.len() + self.added.len();
                self.known.insert(name.to_owned(), number);
                number
            }
        };
        match self.dialect {
            Dialect::Tsql => format!("@p{number}"),
            Dialect::Sqlite => format!("?{number}"),
            _ => format!("${number}"),
        }
    }

    /// All values in the order in which the new text needs them; `edits` are in the order of the text.
    pub(in crate::guard) fn bind(self, tokens: &[Token], edits: &[Edit]) -> Vec<Value> {
        if self.numbered {
            return self.own.into_iter().chain(self.added).collect();
        }
        let mut edits = edits.iter().peekable();
        let mut own = self.own.into_iter();
        let mut all = Vec::new();
        for token in tokens.iter().filter(|token| token.kind == TokenKind::Placeholder) {
            while let Some(edit) = edits.next_if(|edit| edit.range.start < token.range.start) {
                all.extend(edit.values.iter().cloned());
            }
            all.extend(own.next());
        }
        all.extend(own);
        all.extend(edits.flat_map(|edit| edit.values.iter().cloned()));
        all
    }
}
