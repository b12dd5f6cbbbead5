//! A catalogue from DDL text and back, any dialect: so that guard and planner work without a database.
//!
//! The text is read the way people's dumps are written, not the way a grammar would like them: only `CREATE TABLE`,
//! `CREATE VIEW`, `CREATE INDEX`, `ALTER TABLE … ADD` and `COMMENT` are looked at, everything else is passed over.

mod reader;
mod table;
mod view;
mod write;

use sqlparser::tokenizer::Token;

use super::model::{Catalog, Table, TableKind, TableName};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use reader::Source;

impl Catalog {
    /// Reads the tables, views, keys, indexes and comments that `text` defines.
    ///
    /// # Behavior
    /// Names are kept as the engine would keep them (PostgreSQL and DataFusion fold bare names to lower case); a name without
    /// schema is given the dialect's default schema, except in SQLite. Statements that define nothing, `GO` and `BEGIN TRANSACTION` included, are
    /// passed over. Views get their columns from their query as far as names tell; the type of a computed column is `Other`.
    ///
    /// # Errors
    /// `Malformed` when the text cannot be split into tokens, when a `CREATE TABLE` has no columns that can be read, or when it
    /// defines no table at all; the message names the statement or the line.
    ///
    /// # Example
    /// ```
    /// use leo::catalog::{Catalog, TableName};
    /// use leo::Dialect;
    ///
    /// let catalog = Catalog::from_ddl(Dialect::Postgres, "CREATE TABLE Orders (id bigint PRIMARY KEY, total numeric(12,2));")?;
    /// let orders = catalog.require_table(&TableName::bare("orders"))?;
    /// assert_eq!(orders.primary_key, ["id"]);
    /// # Ok::<(), leo::Error>(())
    /// ```
    pub fn from_ddl(dialect: Dialect, text: &str) -> Result<Catalog> {
        let source = Source::new(dialect, text)?;
        let mut tables: Vec<Table> = Vec::new();
        let mut at = 0;
        while at < source.tokens.len() {
            at = statement(&source, at, &mut tables)?;
        }
        if tables.is_empty() {
            return Err(Error::malformed("the schema text defines no table; give it the CREATE TABLE statements of the source"));
        }
        view::complete(dialect, &mut tables);
        let default_schema = match dialect.default_schema() {
            Some(schema) => Some(schema.to_owned()),
            // Without a default of its own, the only schema there is may be left out.
            None => tables
                .iter()
                .all(|table| table.name.schema == tables.first().and_then(|first| first.name.schema.clone()))
                .then(|| tables.first().and_then(|first| first.name.schema.clone()))
                .flatten(),
        };
        Ok(Catalog::new(dialect, default_schema, tables))
    }
}

/// Reads what starts at `at`, when it is of interest, and returns where to go on.
fn statement(source: &Source<'_>, at: usize, tables: &mut Vec<Table>) -> Result<usize> {
    if source.is(at, "CREATE") {
        let mut next = at + 1;
        let (mut unique, mut materialized) = (false, false);
        while source.is_any(
            next,
            &[
                "OR",
                "REPLACE",
                "ALTER",
                "GLOBAL",
                "LOCAL",
                "TEMP",
                "TEMPORARY",
                "UNLOGGED",
                "EXTERNAL",
                "UNIQUE",
                "CLUSTERED",
                "NONCLUSTERED",
                "MATERIALIZED",
                "RECURSIVE",
                "VIRTUAL",
                "FOREIGN",
                "FULLTEXT",
                "ALGORITHM",
                "DEFINER",
                "SQL",
                "SECURITY",
            ],
        ) {
            unique |= source.is(next, "UNIQUE");
            materialized |= source.is(next, "MATERIALIZED");
            next += 1;
        }
        if source.is(next, "TABLE") {
            return create_table(source, at, skip_if_not_exists(source, next + 1), tables);
        }
        if source.is(next, "VIEW") {
            let kind = if materialized { TableKind::MaterializedView } else { TableKind::View };
            return Ok(create_view(source, at, skip_if_not_exists(source, next + 1), kind, tables));
        }
        if source.is(next, "SYNONYM") {
            return Ok(create_synonym(source, next + 1, tables));
        }
        if source.is(next, "INDEX") {
            return Ok(create_index(source, next + 1, unique, tables));
        }
        if source.is_any(next, &["PROCEDURE", "PROC", "FUNCTION", "TRIGGER"]) {
            return Ok(end_of_body(source, next));
        }
        return Ok(at + 1);
    }
    if source.is(at, "ALTER") && source.is(at + 1, "TABLE") {
        return Ok(table::alter(source, at + 2, tables));
    }
    if source.is(at, "COMMENT") && source.is(at + 1, "ON") {
        return Ok(comment(source, at + 2, tables));
    }
    Ok(at + 1)
}

fn skip_if_not_exists(source: &Source<'_>, at: usize) -> usize {
    if source.is(at, "IF") && source.is(at + 1, "NOT") && source.is(at + 2, "EXISTS") { at + 3 } else { at }
}

/// Where the body of a procedure ends: what it creates is not part of the schema.
fn end_of_body(source: &Source<'_>, from: usize) -> usize {
    let end = |at: usize| match source.dialect {
        Dialect::Tsql => source.is_batch_end(at),
        Dialect::Sqlite => source.is(at, "END"),
        _ => source.token(at) == Some(&Token::SemiColon),
    };
    (from..source.tokens.len()).find(|at| end(*at)).map_or(source.tokens.len(), |at| at + 1)
}

fn create_table(source: &Source<'_>, start: usize, at: usize, tables: &mut Vec<Table>) -> Result<usize> {
    let unreadable = || {
        let line = source.line(start);
        let text: String = source.slice(start, (start + 12).min(source.tokens.len())).chars().take(80).collect();
        Error::malformed(format!("the columns of `{}` at line {line} cannot be read", text.replace(['\n', '\r'], " ")))
    };
    let (name, next) = source.table_name(at).ok_or_else(unreadable)?;
    if name.name.starts_with('#') || tables.iter().any(|table| table.name == name) {
        return Ok(next);
    }
    let mut table = Table::new(name);
    let end = if source.is(next, "PARTITION") && source.is(next + 1, "OF") {
        let (parent, end) = source.table_name(next + 2).ok_or_else(unreadable)?;
        let columns = find(tables, &parent).map(|parent| parent.columns.clone()).unwrap_or_default();
        table.columns = columns;
        table.rows_of.push(parent);
        end
    } else if source.token(next) == Some(&Token::LParen) {
        let end = table::elements(source, next, &mut table);
        other_names(source, end, &mut table, tables)
    } else if source.is(next, "AS") {
        let end = view::end(source, next + 1);
        table.columns = view::columns(source.dialect, source.slice(next + 1, end), tables);
        end
    } else {
        next
    };
    if table.columns.is_empty() {
        return Err(unreadable());
    }
    tables.push(table);
    Ok(end)
}

/// What follows the columns of a table and says that its rows have another name too: `INHERITS (parent)`, and the history of a
/// T-SQL table, which is a table of its own.
fn other_names(source: &Source<'_>, from: usize, table: &mut Table, tables: &mut Vec<Table>) -> usize {
    if source.is(from, "INHERITS") && source.token(from + 1) == Some(&Token::LParen) {
        let mut at = from + 2;
        while let Some((parent, next)) = source.table_name(at) {
            if let Some(parent) = find(tables, &parent) {
                let inherited = parent.columns.iter().filter(|column| table.column(&column.name).is_none()).cloned();
                let inherited: Vec<_> = inherited.collect();
                table.columns.splice(0..0, inherited);
            }
            table.rows_of.push(parent);
            at = next + 1;
            if source.token(next) != Some(&Token::Comma) {
                break;
            }
        }
        return at;
    }
    let end = (from..source.tokens.len()).find(|&at| source.token(at) == Some(&Token::SemiColon) || source.is(at, "CREATE"));
    let end = end.unwrap_or(source.tokens.len());
    if let Some(at) = (from..end).find(|&at| source.is(at, "HISTORY_TABLE"))
        && let Some((name, _)) = source.table_name(at + 2)
        && !tables.iter().any(|other| other.name == name)
    {
        let mut history = Table::new(name);
        history.columns.clone_from(&table.columns);
        history.rows_of.push(table.name.clone());
        tables.push(history);
    }
    from
}

/// `CREATE SYNONYM s FOR t`: the same rows under another name.
fn create_synonym(source: &Source<'_>, at: usize, tables: &mut Vec<Table>) -> usize {
    let Some((name, next)) = source.table_name(at) else { return at };
    let (true, Some((target, end))) = (source.is(next, "FOR"), source.table_name(next + 1)) else { return next };
    let Some(columns) = find(tables, &target).map(|target| target.columns.clone()) else { return end };
    if !tables.iter().any(|table| table.name == name) {
        let mut synonym = Table::new(name);
        synonym.columns = columns;
        synonym.rows_of.push(target);
        tables.push(synonym);
    }
    end
}

fn create_view(source: &Source<'_>, start: usize, at: usize, kind: TableKind, tables: &mut Vec<Table>) -> usize {
    let Some((name, mut next)) = source.table_name(at) else { return at };
    let mut names = Vec::new();
    if source.token(next) == Some(&Token::LParen) {
        (names, next) = source.column_list(next);
    }
    while next < source.tokens.len() && !source.is(next, "AS") && source.token(next) != Some(&Token::SemiColon) {
        next += 1;
    }
    let end = view::end(source, next + 1);
    if tables.iter().any(|table| table.name == name) {
        return end;
    }
    let mut view = Table::new(name);
    view.kind = kind;
    view.definition = Some(source.slice(start, end).trim_end_matches(';').trim_end().to_owned());
    view.columns = names.into_iter().map(|name| super::Column::new(name, "", super::LogicalType::Other)).collect();
    // The columns themselves need all tables: they follow at the end.
    view.comment = None;
    tables.push(view);
    end
}

fn create_index(source: &Source<'_>, at: usize, unique: bool, tables: &mut [Table]) -> usize {
    let Some(on) = (at..(at + 12).min(source.tokens.len())).find(|place| source.is(*place, "ON")) else { return at };
    let Some((name, mut next)) = source.table_name(on + 1) else { return on };
    if source.is(next, "USING") {
        next += 2;
    }
    if source.token(next) != Some(&Token::LParen) {
        return next;
    }
    let (columns, end) = source.column_list(next);
    // A condition makes a unique index say nothing about the whole table.
    let partial = source.is(end, "WHERE");
    if let Some(table) = find(tables, &name) {
        let known = columns.iter().all(|column| table.column(column).is_some());
        if known && unique && !partial {
            table.unique_keys.push(columns.clone());
        }
        if known {
            table.indexes.push(columns);
        }
    }
    end
}

/// `COMMENT ON TABLE t IS '…'`, `COMMENT ON COLUMN t.c IS '…'`.
fn comment(source: &Source<'_>, at: usize, tables: &mut [Table]) -> usize {
    let column = source.is(at, "COLUMN");
    let start = if source.is(at, "MATERIALIZED") { at + 2 } else { at + 1 };
    let Some((mut parts, next)) = source.dotted(start) else { return at };
    let (true, Some(Token::SingleQuotedString(text))) = (source.is(next, "IS"), source.token(next + 1)) else { return next };
    let column = if column { parts.pop() } else { None };
    let Some(name) = parts.pop() else { return next };
    let schema = parts.pop().or_else(|| source.dialect.default_schema().map(str::to_owned));
    let schema = schema.filter(|_| source.dialect != Dialect::Sqlite);
    if let Some(table) = find(tables, &TableName { schema, name }) {
        match column {
            None => table.comment = Some(text.clone()),
            Some(column) => {
                if let Some(column) = table.columns.iter_mut().find(|own| own.name == column) {
                    column.comment = Some(text.clone());
                }
            }
        }
    }
    next + 2
}

/// The table named `name`, compared without regard to case when nothing matches exactly.
fn find<'t>(tables: &'t mut [Table], name: &TableName) -> Option<&'t mut Table> {
    let at = tables.iter().position(|table| table.name == *name).or_else(|| {
        tables.iter().position(|table| {
            table.name.name.eq_ignore_ascii_case(&name.name)
                && table.name.schema.as_deref().map(str::to_lowercase) == name.schema.as_deref().map(str::to_lowercase)
        })
    })?;
    tables.get_mut(at)
}

#[cfg(test)]
mod tests;
