//! The values that a statement compares with, and the same statement with other values.
//!
//! A value is one that is compared with something, or counts rows (`LIMIT`). What stands elsewhere, in a formula or a format, belongs to
//! the statement and is never changed.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, LimitClause, Query, Select, SelectItem, SetExpr, Statement, TableFactor, TableWithJoins, Value,
    ValueWithSpan, Visit, VisitMut, Visitor, VisitorMut,
};
use sqlparser::tokenizer::Span;

use crate::ask::planner::builtin::schema::{ColumnId, SchemaIndex};
use crate::dialect::Dialect;
use crate::guard::{printed, query_tree};

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Text,
    Number,
    /// How many rows there are at most.
    Limit,
}

/// A value of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal {
    at: (u64, u64),
    pub(super) written: Written,
    /// Without quotes, escapes and the wildcards around it.
    pub(super) text: String,
    /// The wildcards of a pattern before and behind it.
    wildcards: (String, String),
    /// Whether it is matched as a pattern.
    is_pattern: bool,
    /// The column it is compared with, where that is one alone.
    pub(super) column: Option<ColumnId>,
}

/// A statement and its values, in the order of the text.
#[derive(Debug)]
pub(super) struct Reading {
    dialect: Dialect,
    statement: Statement,
    pub(super) literals: Vec<Literal>,
    /// Whether every column it names is one of its tables, or of its own making.
    pub(super) is_known: bool,
    /// Whether two of its tables belong together in more than one way, as flights and the airports they leave and reach.
    pub(super) is_directed: bool,
    /// Tables that it reads.
    pub(super) tables: BTreeSet<usize>,
    /// Columns that it reads.
    pub(super) reads: BTreeSet<ColumnId>,
    /// Those of them that stand in its result.
    pub(super) shows: BTreeSet<ColumnId>,
}

impl Reading {
    /// Reads `sql`; nothing where it is no query, or names a table that `index` does not have.
    pub(super) fn of(index: &SchemaIndex, sql: &str) -> Option<Self> {
        let dialect = index.catalog().dialect;
        let statement = query_tree(dialect, sql)?;
        let mut reader = Reader {
            index,
            dialect,
            scopes: Vec::new(),
            ctes: Vec::new(),
            places: HashMap::new(),
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
            aliases: BTreeSet::new(),
            reads: BTreeSet::new(),
            shows: BTreeSet::new(),
        };
        if statement.visit(&mut reader).is_break() {
            return None;
        }
        let (is_known, is_directed) = (reader.knows_all(), reader.is_directed());
        let Reader { places, tables, reads, shows, .. } = reader;
        let mut collector = Collector { places, dialect, literals: Vec::new() };
        let _ = statement.visit(&mut collector);
        Some(Self { dialect, statement, literals: collector.literals, is_known, is_directed, tables, reads, shows })
    }

    /// The statement with other values: `(number of the literal, its new text)`. Nothing where a value cannot be written so that it reads as
    /// that value and nothing else.
    pub(super) fn with(&self, values: &[(usize, String)]) -> Option<String> {
        let mut wanted = HashMap::new();
        for (number, text) in values {
            let literal = self.literals.get(*number)?;
            wanted.insert(literal.at, self.value(literal, text)?);
        }
        let mut statement = self.statement.clone();
        let mut writer = Writer { made: 0, wanted };
        let _ = VisitMut::visit(&mut statement, &mut writer);
        if writer.made != values.len() {
            return None;
        }
        printed(self.dialect, &statement)
    }

    fn value(&self, literal: &Literal, text: &str) -> Option<Value> {
        if matches!(literal.written, Written::Number | Written::Limit) {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.parse::<f64>().is_ok();
            return is_number.then(|| Value::Number(text.to_owned(), false));
        }
        // What a pattern or an escape would read as something else is no value here.
        let special = |c: char| c.is_control() || c == '\\' || (literal.is_pattern && matches!(c, '%' | '_' | '*' | '?' | '['));
        if text.chars().any(special) {
            return None;
        }
        let quote = if self.dialect == Dialect::Bigquery { "\\'" } else { "''" };
        let inner = format!("{}{}{}", literal.wildcards.0, text.replace('\'', quote), literal.wildcards.1);
        Some(match self.dialect {
            Dialect::Tsql if !text.is_ascii() => Value::NationalStringLiteral(inner),
            _ => Value::SingleQuotedString(inner),
        })
    }
}

/// What a value is compared with.
#[derive(Debug, Clone, Copy)]
struct Place {
    column: Option<ColumnId>,
    is_limit: bool,
    is_pattern: bool,
}

/// Finds the values that are compared, with their columns.
struct Reader<'a> {
    index: &'a SchemaIndex,
    dialect: Dialect,
    /// Tables of the selects around, by the names they go by; `None` where it is no table of the catalogue.
    scopes: Vec<Vec<(String, Option<usize>)>>,
    ctes: Vec<String>,
    places: HashMap<(u64, u64), Place>,
    tables: BTreeSet<usize>,
    /// Names of columns and of what is made in the statement, in lower case.
    columns: BTreeSet<String>,
    aliases: BTreeSet<String>,
    reads: BTreeSet<ColumnId>,
    shows: BTreeSet<ColumnId>,
}

impl Reader<'_> {
    fn knows_all(&self) -> bool {
        let is_column = |name: &str| self.tables.iter().any(|table| self.index.column_named(*table, name).is_some());
        self.columns.iter().all(|name| self.aliases.contains(name) || is_column(name))
    }

    fn is_directed(&self) -> bool {
        let names: BTreeSet<_> = self.tables.iter().map(|table| &self.index.table(*table).name).collect();
        let mut pairs = BTreeSet::new();
        self.index.catalog().relationships.iter().any(|relationship| {
            let (one, two) = (&relationship.child, &relationship.parent);
            let both = names.contains(one) && names.contains(two);
            both && (one == two || !pairs.insert((one.min(two), one.max(two))))
        })
    }

    fn relation(&mut self, factor: &TableFactor, scope: &mut Vec<(String, Option<usize>)>) -> ControlFlow<()> {
        let (name, table) = match factor {
            TableFactor::Table { name, alias, .. } => {
                let parts: Vec<&str> = name.0.iter().filter_map(|part| Some(part.as_ident()?.value.as_str())).collect();
                let (Some(last), qualified) = (name.0.last().and_then(|part| part.as_ident()), parts.len() > 1) else {
                    return ControlFlow::Break(());
                };
                let is_made = !qualified && self.ctes.contains(&last.value.to_lowercase());
                let table = if is_made { None } else { self.table(&parts) };
                if table.is_none() && !is_made {
                    return ControlFlow::Break(());
                }
                self.tables.extend(table);
                (alias.as_ref().map_or(&last.value, |alias| &alias.name.value).clone(), table)
            }
            TableFactor::Derived { alias, .. } => {
                (alias.as_ref().map(|alias| alias.name.value.clone()).unwrap_or_default(), None)
            }
            TableFactor::NestedJoin { table_with_joins, .. } => return self.relations(table_with_joins, scope),
            _ => return ControlFlow::Continue(()),
        };
        scope.push((name.to_lowercase(), table));
        ControlFlow::Continue(())
    }

    fn relations(&mut self, from: &TableWithJoins, scope: &mut Vec<(String, Option<usize>)>) -> ControlFlow<()> {
        self.relation(&from.relation, scope)?;
        from.joins.iter().try_for_each(|join| self.relation(&join.relation, scope))
    }

    /// The table of this name; without a schema, the one of the default schema where there are several.
    fn table(&self, parts: &[&str]) -> Option<usize> {
        let catalog = self.index.catalog();
        let (name, rest) = parts.split_last()?;
        let is_in = |schema: &str, table: usize| {
            let own =
                catalog.tables.get(table).and_then(|table| table.name.schema.as_deref().or(catalog.default_schema.as_deref()));
            own.is_some_and(|own| own.eq_ignore_ascii_case(schema))
        };
        let called = catalog.tables.iter().enumerate().filter(|(_, table)| table.name.name.eq_ignore_ascii_case(name));
        let called: Vec<usize> = called.map(|(at, _)| at).collect();
        match (rest.last(), called.as_slice()) {
            (Some(schema), _) => called.into_iter().find(|table| is_in(schema, *table)),
            (None, [only]) => Some(*only),
            (None, _) => called.into_iter().find(|table| is_in(catalog.default_schema.as_deref().unwrap_or_default(), *table)),
        }
    }

    /// The column that `expr` is, if it is one.
    fn column(&self, expr: &Expr) -> Option<ColumnId> {
        match expr {
            Expr::Nested(inner) => self.column(inner),
            Expr::Identifier(name) => {
                for scope in self.scopes.iter().rev() {
                    let tables = scope.iter().filter_map(|(_, table)| *table);
                    let found: Vec<ColumnId> = tables.filter_map(|table| self.index.column_named(table, &name.value)).collect();
                    match found.as_slice() {
                        [] => {}
                        [only] => return Some(*only),
                        _ => return None,
                    }
                }
                None
            }
            Expr::CompoundIdentifier(parts) => {
                let [.., table, column] = parts.as_slice() else { return None };
                let qualifier = table.value.to_lowercase();
                let found = self.scopes.iter().rev().flatten().find(|(name, _)| *name == qualifier)?;
                self.index.column_named(found.1?, &column.value)
            }
            _ => None,
        }
    }

    /// Notes the values among `values`, which are compared with `other`.
    fn compared<'e>(&mut self, other: &Expr, values: impl IntoIterator<Item = &'e Expr>, is_pattern: bool) {
        let column = self.column(other);
        for value in values {
            let span = match value {
                Expr::Value(value) => value.span,
                Expr::Identifier(name) if self.is_string(name, value) => name.span,
                _ => continue,
            };
            self.places.insert(start(span), Place { column, is_limit: false, is_pattern });
        }
    }

    /// Whether SQLite takes a name in double quotes for a string: no column is called so.
    fn is_string(&self, name: &Ident, expr: &Expr) -> bool {
        self.dialect == Dialect::Sqlite && name.quote_style == Some('"') && self.column(expr).is_none()
    }
}

impl Visitor for Reader<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.ctes.push(cte.alias.name.value.to_lowercase());
            self.aliases.extend(cte.alias.columns.iter().map(|column| column.name.value.to_lowercase()));
        }
        // Set operations have no limit of their own that a question would say.
        if let Some(LimitClause::LimitOffset { limit: Some(Expr::Value(limit)), offset: None, .. }) = &query.limit_clause
            && matches!(*query.body, SetExpr::Select(_))
        {
            self.places.insert(start(limit.span), Place { column: None, is_limit: true, is_pattern: false });
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let mut scope = Vec::new();
        for from in &select.from {
            self.relations(from, &mut scope)?;
        }
        self.scopes.push(scope);
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                self.aliases.insert(alias.value.to_lowercase());
            }
            if let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }, 1) = (item, self.scopes.len()) {
                self.shows.extend(self.column(expr));
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.scopes.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
        self.reads.extend(self.column(expr));
        match expr {
            Expr::BinaryOp { left, op: Eq | NotEq | Lt | LtEq | Gt | GtEq, right } => {
                self.compared(left, [&**right], false);
                self.compared(right, [&**left], false);
            }
            Expr::InList { expr, list, .. } => self.compared(expr, list, false),
            Expr::Between { expr, low, high, .. } => self.compared(expr, [&**low, &**high], false),
            Expr::Like { expr, pattern, escape_char: None, .. } | Expr::ILike { expr, pattern, escape_char: None, .. } => {
                self.compared(expr, [&**pattern], true);
            }
            Expr::Identifier(name) if !self.is_string(name, expr) => _ = self.columns.insert(name.value.to_lowercase()),
            Expr::CompoundIdentifier(parts) => self.columns.extend(parts.last().map(|name| name.value.to_lowercase())),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn start(span: Span) -> (u64, u64) {
    (span.start.line, span.start.column)
}

/// Collects the values at known places.
struct Collector {
    places: HashMap<(u64, u64), Place>,
    dialect: Dialect,
    literals: Vec<Literal>,
}

impl Collector {
    fn text(&mut self, span: Span, text: &str, quote: &str) {
        let at = start(span);
        let Some(place) = self.places.get(&at).filter(|place| !place.is_limit) else { return };
        // An escape may be written in several ways; such values stay as they are.
        if text.contains('\\') {
            return;
        }
        let text = text.replace(&quote.repeat(2), quote);
        let inner = if place.is_pattern { text.trim_matches('%') } else { &text };
        if place.is_pattern && inner.contains(['%', '_', '*', '?', '[']) {
            return;
        }
        let before = text.len() - text.trim_start_matches('%').len();
        let wildcards = match place.is_pattern && !inner.is_empty() {
            true => ("%".repeat(before), "%".repeat(text.len() - before - inner.len())),
            false => Default::default(),
        };
        let (column, is_pattern) = (place.column, place.is_pattern);
        self.literals.push(Literal { at, written: Written::Text, text: inner.to_owned(), wildcards, is_pattern, column });
    }
}

impl Visitor for Collector {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Identifier(name) = expr
            && self.dialect == Dialect::Sqlite
        {
            self.text(name.span, &name.value, "\"");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<()> {
        match &value.value {
            Value::SingleQuotedString(text) | Value::NationalStringLiteral(text) => self.text(value.span, text, "'"),
            Value::DoubleQuotedString(text) => self.text(value.span, text, "\""),
            Value::Number(text, false) => {
                let at = start(value.span);
                if let Some(place) = self.places.get(&at) {
                    let written = if place.is_limit { Written::Limit } else { Written::Number };
                    let (text, column) = (text.clone(), place.column);
                    let wildcards = Default::default();
                    self.literals.push(Literal { at, written, text, wildcards, is_pattern: false, column });
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Puts other values in.
struct Writer {
    wanted: HashMap<(u64, u64), Value>,
    made: usize,
}

impl VisitorMut for Writer {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let span = match expr {
            Expr::Identifier(name) if name.quote_style.is_some() => name.span,
            Expr::Value(value) => value.span,
            _ => return ControlFlow::Continue(()),
        };
        if let Some(value) = self.wanted.get(&start(span)) {
            *expr = Expr::Value(value.clone().with_empty_span());
            self.made += 1;
        }
        ControlFlow::Continue(())
    }
}
