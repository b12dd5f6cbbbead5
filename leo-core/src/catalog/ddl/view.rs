//! Columns of views, as far as the names in their query tell.

use sqlparser::ast::{Expr, Ident, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Statement, TableFactor};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use super::super::model::{Column, LogicalType, Table, TableKind};
use super::reader::{Source, grammar};
use crate::dialect::Dialect;

/// Subqueries deeper than this are not followed.
const DEPTH: usize = 8;

/// Where the query of a view ends.
pub(super) fn end(source: &Source<'_>, from: usize) -> usize {
    let next_statement = |place: usize| {
        source.is_any(place, &["CREATE", "ALTER", "INSERT", "DROP"]) && source.line(place) > source.line(place.saturating_sub(1))
    };
    (from..source.tokens.len())
        .find(|&place| source.token(place) == Some(&Token::SemiColon) || source.is_batch_end(place) || next_statement(place))
        .unwrap_or(source.tokens.len())
}

/// Gives every view its columns, now that all tables are known. Views of views come right whatever their order.
pub(super) fn complete(dialect: Dialect, tables: &mut [Table]) {
    for _ in 0..4 {
        let mut open = false;
        for at in 0..tables.len() {
            let Some(view) = tables.get(at).filter(|table| table.kind != TableKind::Table) else { continue };
            if view.columns.iter().any(|column| column.data_type != LogicalType::Other) {
                continue;
            }
            let definition = view.definition.clone().unwrap_or_default();
            let Some(query) = query_text(&definition) else { continue };
            let mut found = columns(dialect, query, tables);
            let Some(view) = tables.get_mut(at) else { continue };
            for (column, named) in found.iter_mut().zip(&view.columns) {
                if view.columns.len() == column_count(&definition) {
                    column.name.clone_from(&named.name);
                }
            }
            if found.is_empty() {
                open = true;
            } else {
                view.columns = found;
            }
        }
        if !open {
            break;
        }
    }
}

/// The text behind the first `AS` that starts a query.
fn query_text(definition: &str) -> Option<&str> {
    let lower = definition.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..)?.find("as").map(|at| at + from) {
        let rest = lower.get(at + 2..)?.trim_start();
        let bounded = lower.get(..at)?.ends_with(|c: char| !c.is_alphanumeric() && c != '_');
        if bounded && (rest.starts_with("select") || rest.starts_with("with") || rest.starts_with('(') || rest.starts_with("--"))
        {
            return definition.get(at + 2..);
        }
        from = at + 2;
    }
    None
}

/// Number of names in `CREATE VIEW v (a, b) AS`; 0 when there are none.
fn column_count(definition: &str) -> usize {
    let Some(query) = query_text(definition) else { return 0 };
    let head = definition.get(..definition.len() - query.len()).unwrap_or("");
    match (head.find('('), head.rfind(')')) {
        (Some(open), Some(close)) if open < close => head.get(open..close).unwrap_or("").matches(',').count() + 1,
        _ => 0,
    }
}

/// Columns of the query `text`; empty when it cannot be read.
pub(super) fn columns(dialect: Dialect, text: &str, tables: &[Table]) -> Vec<Column> {
    let Ok(statements) = Parser::parse_sql(grammar(dialect), text) else { return Vec::new() };
    match statements.into_iter().next() {
        Some(Statement::Query(query)) => Names { dialect, tables, local: Vec::new() }.query(&query, 0).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What names mean while a view's query is read.
#[derive(Clone)]
struct Names<'t> {
    dialect: Dialect,
    tables: &'t [Table],
    local: Vec<(String, Vec<Column>)>,
}

impl Names<'_> {
    fn query(&self, query: &Query, depth: usize) -> Option<Vec<Column>> {
        if depth > DEPTH {
            return None;
        }
        let mut names = self.clone();
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let mut columns = names.query(&cte.query, depth + 1)?;
            rename(&mut columns, cte.alias.columns.iter().map(|column| &column.name));
            names.local.push((cte.alias.name.value.clone(), columns));
        }
        let mut body = query.body.as_ref();
        loop {
            match body {
                SetExpr::SetOperation { left, .. } => body = left,
                SetExpr::Select(select) => return names.select(select, depth),
                SetExpr::Query(query) => return names.query(query, depth + 1),
                _ => return None,
            }
        }
    }

    fn select(&self, select: &Select, depth: usize) -> Option<Vec<Column>> {
        let mut relations: Vec<(String, Vec<Column>)> = Vec::new();
        for item in &select.from {
            self.relation(&item.relation, depth, &mut relations)?;
            for join in &item.joins {
                self.relation(&join.relation, depth, &mut relations)?;
            }
        }
        let mut columns = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::Wildcard(_) => columns.extend(relations.iter().flat_map(|(_, columns)| columns.clone())),
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let last = name.0.last()?.as_ident()?;
                    let (_, own) = relations.iter().find(|(relation, _)| relation.eq_ignore_ascii_case(&last.value))?;
                    columns.extend(own.iter().cloned());
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    let mut column = typed(expr, &relations);
                    column.name = self.own_name(alias);
                    columns.push(column);
                }
                SelectItem::UnnamedExpr(expr) => columns.push(typed(expr, &relations)),
                _ => return None,
            }
        }
        Some(columns)
    }

    fn relation(&self, factor: &TableFactor, depth: usize, relations: &mut Vec<(String, Vec<Column>)>) -> Option<()> {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let last = name.0.last()?.as_ident()?;
                let local = self
                    .local
                    .iter()
                    .rev()
                    .find(|(own, _)| own.eq_ignore_ascii_case(&last.value))
                    .map(|(_, columns)| columns.clone());
                let bare = last.value.rsplit('.').next().unwrap_or(&last.value).to_owned();
                let columns = local.or_else(|| {
                    self.tables
                        .iter()
                        .find(|table| table.name.name.eq_ignore_ascii_case(&bare))
                        .map(|table| table.columns.clone())
                })?;
                if columns.is_empty() {
                    return None;
                }
                relations.push((alias.as_ref().map_or(bare, |alias| alias.name.value.clone()), columns));
            }
            TableFactor::Derived { subquery, alias, .. } => {
                let mut columns = self.query(subquery, depth + 1)?;
                rename(&mut columns, alias.iter().flat_map(|alias| alias.columns.iter().map(|column| &column.name)));
                relations.push((alias.as_ref().map_or(String::new(), |alias| alias.name.value.clone()), columns));
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                self.relation(&table_with_joins.relation, depth, relations)?;
                for join in &table_with_joins.joins {
                    self.relation(&join.relation, depth, relations)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn own_name(&self, ident: &Ident) -> String {
        match (ident.quote_style, self.dialect) {
            (None, Dialect::Postgres | Dialect::Datafusion) => ident.value.to_lowercase(),
            _ => ident.value.clone(),
        }
    }
}

fn rename<'n>(columns: &mut [Column], names: impl Iterator<Item = &'n Ident>) {
    for (column, name) in columns.iter_mut().zip(names) {
        column.name.clone_from(&name.value);
    }
}

/// A column for an expression: the column it names, else one without a type.
fn typed(expr: &Expr, relations: &[(String, Vec<Column>)]) -> Column {
    let find = |qualifier: Option<&str>, name: &str| {
        relations
            .iter()
            .filter(|(own, _)| qualifier.is_none_or(|qualifier| own.eq_ignore_ascii_case(qualifier)))
            .flat_map(|(_, columns)| columns)
            .find(|column| column.name.eq_ignore_ascii_case(name))
            .cloned()
    };
    let found = match expr {
        Expr::Identifier(ident) => find(None, &ident.value),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [.., qualifier, name] => find(Some(&qualifier.value), &name.value),
            _ => None,
        },
        _ => None,
    };
    let mut column = found.unwrap_or_else(|| Column::new(expr.to_string(), "", LogicalType::Other));
    // What holds for the table's column need not hold for the view's.
    column.nullable = true;
    column.default = None;
    column.statistics = None;
    column
}
