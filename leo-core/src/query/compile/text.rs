//! Matching text without regard to case, the text sought taken literally.

use std::collections::BTreeSet;

use sqlparser::ast::Expr;

use super::Compiler;
use super::ast::{any_of, call, cast, collate, eq, ilike, like};
use super::dates::string_type;
use crate::catalog::{Column, LogicalType};
use crate::dialect::Dialect;
use crate::query::model::TextMatch;
use crate::value::Value;

impl Compiler<'_> {
    /// A text match. `column` is known when the value is a plain column.
    pub(super) fn text_match(&mut self, expr: Expr, column: Option<&Column>, kind: TextMatch, sought: &str) -> Expr {
        let strict = matches!(self.dialect, Dialect::Postgres | Dialect::Bigquery | Dialect::Datafusion);
        let is_text = column.is_some_and(|column| column.data_type == LogicalType::Text);
        let expr = if strict && !is_text { cast(expr, string_type(self.dialect)) } else { expr };
        match (self.dialect, kind) {
            (Dialect::Sqlite, TextMatch::Equals) if sought.is_ascii() => {
                let bound = self.bind(Value::from(sought));
                eq(expr, collate(bound, "NOCASE"))
            }
            (Dialect::Sqlite, _) => {
                // SQLite folds ASCII letters only: the usual spellings of others are tried one by one.
                let escape = needs_escape(self.dialect, sought).then_some("!");
                let spellings = if sought.is_ascii() { BTreeSet::from([sought.to_owned()]) } else { spellings(sought) };
                let terms = spellings
                    .into_iter()
                    .map(|spelling| {
                        let pattern = self.bind(Value::Text(pattern(self.dialect, kind, &spelling)));
                        like(expr.clone(), pattern, escape)
                    })
                    .collect();
                any_of(terms)
            }
            (_, TextMatch::Equals) => {
                let bound = self.bind(Value::from(sought));
                eq(call("LOWER", vec![expr]), call("LOWER", vec![bound]))
            }
            (Dialect::Postgres | Dialect::Datafusion, _) => {
                let pattern = self.bind(Value::Text(pattern(self.dialect, kind, sought)));
                ilike(expr, pattern)
            }
            _ => {
                let escape = (self.dialect != Dialect::Bigquery && needs_escape(self.dialect, sought)).then_some("!");
                let pattern = self.bind(Value::Text(pattern(self.dialect, kind, sought)));
                like(call("LOWER", vec![expr]), call("LOWER", vec![pattern]), escape)
            }
        }
    }
}

/// The character that takes the next one literally: `!` where it can be declared, else the engine's own backslash.
fn escape_character(dialect: Dialect) -> char {
    match dialect {
        Dialect::Postgres | Dialect::Datafusion | Dialect::Bigquery => '\\',
        _ => '!',
    }
}

fn is_special(dialect: Dialect, c: char) -> bool {
    matches!(c, '%' | '_') || (c == '[' && dialect == Dialect::Tsql)
}

/// Whether a pattern needs `ESCAPE`. MySQL reads backslashes as escapes unless another character is declared.
fn needs_escape(dialect: Dialect, sought: &str) -> bool {
    sought.chars().any(|c| is_special(dialect, c)) || (dialect == Dialect::Mysql && sought.contains('\\'))
}

fn pattern(dialect: Dialect, kind: TextMatch, sought: &str) -> String {
    let escape = escape_character(dialect);
    let declared = escape == '\\' || needs_escape(dialect, sought);
    let mut pattern = String::with_capacity(sought.len() + 4);
    if matches!(kind, TextMatch::Contains | TextMatch::EndsWith) {
        pattern.push('%');
    }
    for c in sought.chars() {
        if declared && (is_special(dialect, c) || c == escape) {
            pattern.push(escape);
        }
        pattern.push(c);
    }
    if matches!(kind, TextMatch::Contains | TextMatch::StartsWith) {
        pattern.push('%');
    }
    pattern
}

/// As given, in lower case, in upper case, and with words capitalised.
fn spellings(sought: &str) -> BTreeSet<String> {
    let mut capitalised = String::with_capacity(sought.len());
    let mut start = true;
    for c in sought.chars() {
        if start {
            capitalised.extend(c.to_uppercase());
        } else {
            capitalised.extend(c.to_lowercase());
        }
        start = !c.is_alphanumeric();
    }
    BTreeSet::from([sought.to_owned(), sought.to_lowercase(), sought.to_uppercase(), capitalised])
}
