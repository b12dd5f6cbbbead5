//! The row cap in the dialect's own words: `LIMIT`, `TOP` or `FETCH`, kept where the statement asks for fewer rows itself.
//!
//! The door stops reading at the cap whatever the text says; this lets the engine stop too. It reads one row more than may be
//! returned, which is how it knows that there were more.

use sqlparser::ast::{
    Expr, Fetch, GroupByExpr, LimitClause, Query, Select, SetExpr, Statement, Top, TopQuantity, Value, ValueWithSpan,
};

use crate::dialect::Dialect;
use crate::finding::Position;
use crate::guard::edit::{Change, Edit};
use crate::guard::lexer::{Token, TokenKind};
use crate::guard::resolve::aggregates;

/// The edit that keeps `statement` from returning more than `rows` rows; none where it cannot or need not be said.
pub(in crate::guard) fn cap(dialect: Dialect, statement: &Statement, text: &str, tokens: &[Token], rows: u64) -> Option<Edit> {
    let Statement::Query(query) = statement else { return None };
    // The rows are inside of one value then, and a text cut short without a word would be a wrong one.
    if query.for_clause.is_some() || returns_one_row(query) {
        return None;
    }
    let place = Place { text, tokens, rows };
    match dialect {
        Dialect::Tsql => place.tsql(query),
        _ => place.limit(query),
    }
}

/// Whether the query is made of aggregates alone.
fn returns_one_row(query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return false };
    let grouped =
        !matches!(&select.group_by, GroupByExpr::Expressions(items, modifiers) if items.is_empty() && modifiers.is_empty());
    !grouped && !select.projection.is_empty() && select.projection.iter().all(aggregates)
}

/// Whether the last of several combined queries is `VALUES`.
fn ends_in_values(body: &SetExpr) -> bool {
    match body {
        SetExpr::SetOperation { right, .. } => ends_in_values(right),
        SetExpr::Values(_) => true,
        _ => false,
    }
}

struct Place<'t> {
    text: &'t str,
    tokens: &'t [Token],
    rows: u64,
}

impl Place<'_> {
    fn limit(&self, query: &Query) -> Option<Edit> {
        if let Some(Fetch { quantity, percent: false, .. }) = &query.fetch {
            return self.smaller(quantity.as_ref()?, Change::Fetch(self.rows));
        }
        if query.fetch.is_some() || !matches!(query.body.as_ref(), SetExpr::Select(_) | SetExpr::SetOperation { .. }) {
            return None;
        }
        match &query.limit_clause {
            Some(LimitClause::LimitOffset { limit: Some(limit), .. } | LimitClause::OffsetCommaLimit { limit, .. }) => {
                self.smaller(limit, Change::Limit(self.rows))
            }
            // SQLite takes no LIMIT behind VALUES.
            None if ends_in_values(&query.body) => None,
            _ => {
                if let Some(all) = self.limit_all() {
                    return Some(Edit::new(all, self.rows.to_string(), Change::Limit(self.rows)));
                }
                self.append(self.end()?, &format!(" LIMIT {}", self.rows), Change::Limit(self.rows))
            }
        }
    }

    fn tsql(&self, query: &Query) -> Option<Edit> {
        if let Some(Fetch { quantity, percent: false, .. }) = &query.fetch {
            return self.smaller(quantity.as_ref()?, Change::Fetch(self.rows));
        }
        if query.limit_clause.is_some() && query.fetch.is_none() {
            let words = format!(" FETCH NEXT {} ROWS ONLY", self.rows);
            return self.append(self.end_before_options()?, &words, Change::Fetch(self.rows));
        }
        // A combination of selects takes no TOP: there the door alone counts.
        let SetExpr::Select(select) = query.body.as_ref() else { return None };
        match &select.top {
            None => self.append(self.after_select(select)?, &format!(" TOP ({})", self.rows), Change::Top(self.rows)),
            Some(Top { percent: false, quantity: Some(TopQuantity::Expr(limit)), .. }) => {
                self.smaller(limit, Change::Top(self.rows))
            }
            Some(Top { percent: false, quantity: Some(TopQuantity::Constant(own)), .. }) if *own > self.rows => {
                let start = select.select_token.0.span.start;
                let from = self.index_at(start.line, start.column)?;
                let token = self.tokens.get(from..)?.iter().find(|token| token.kind == TokenKind::Number)?;
                Some(Edit::new(token.range.clone(), self.rows.to_string(), Change::Top(self.rows)))
            }
            Some(_) => None,
        }
    }

    /// Replaces a literal number of rows by the cap when it is larger.
    fn smaller(&self, quantity: &Expr, change: Change) -> Option<Edit> {
        let Expr::Value(ValueWithSpan { value: Value::Number(digits, _), span }) = quantity else { return None };
        if digits.parse::<u64>().is_ok_and(|own| own <= self.rows) {
            return None;
        }
        let token = self.tokens.get(self.index_at(span.start.line, span.start.column)?)?;
        let same = self.word(token) == digits;
        same.then(|| Edit::new(token.range.clone(), self.rows.to_string(), change))
    }

    fn append(&self, at: usize, text: &str, change: Change) -> Option<Edit> {
        Some(Edit::new(at..at, text, change))
    }

    fn word(&self, token: &Token) -> &str {
        self.text.get(token.range.clone()).unwrap_or("")
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Word && self.word(token).eq_ignore_ascii_case(word))
    }

    fn index_at(&self, line: u64, column: u64) -> Option<usize> {
        let place = Position { line, column };
        self.tokens.iter().position(|token| token.position == place)
    }

    /// Behind the last token that is neither comment nor semicolon.
    fn end(&self) -> Option<usize> {
        let last = self.tokens.iter().rev().find(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::Semicolon))?;
        Some(last.range.end)
    }

    /// Behind the last token before `OPTION (…)`.
    fn end_before_options(&self) -> Option<usize> {
        let mut depth = 0usize;
        let mut options = None;
        for (at, token) in self.tokens.iter().enumerate() {
            match token.kind {
                TokenKind::Open if depth == 0 && at > 0 && self.is(at - 1, "OPTION") => options = Some(at - 1),
                _ => {}
            }
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        let Some(options) = options else { return self.end() };
        let before = self.tokens.get(..options)?.iter().rev().find(|token| token.kind != TokenKind::Comment)?;
        Some(before.range.end)
    }

    /// Behind `SELECT`, `SELECT ALL` or `SELECT DISTINCT`.
    fn after_select(&self, select: &Select) -> Option<usize> {
        let start = select.select_token.0.span.start;
        let at = self.index_at(start.line, start.column)?;
        let next = (at + 1..self.tokens.len()).find(|&at| self.tokens.get(at).is_some_and(|t| t.kind != TokenKind::Comment))?;
        let last = if self.is(next, "DISTINCT") || self.is(next, "ALL") { next } else { at };
        Some(self.tokens.get(last)?.range.end)
    }

    /// The word `ALL` of a last `LIMIT ALL`.
    fn limit_all(&self) -> Option<std::ops::Range<usize>> {
        let mut depth = 0usize;
        let mut found = None;
        for (at, token) in self.tokens.iter().enumerate() {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                _ if depth == 0 && self.is(at, "LIMIT") && self.is(at + 1, "ALL") => found = self.tokens.get(at + 1),
                _ => {}
            }
        }
        found.map(|token| token.range.clone())
    }
}
