//! Introspection: eight fixed queries over `information_schema`, however many tables there are.
//!
//! A schema is a database. Only the connected one is read, unless patterns of what to include say otherwise or none is connected.
//! Left out: the server's own databases, sequences, temporary tables, and `MERGE` tables, which show rows of tables that nothing names.

use std::collections::HashMap;

use mysql_async::Row;
use mysql_async::prelude::Queryable;

use super::errors;
use super::session::{Family, Session};
use crate::catalog::{Catalog, Column, ForeignKey, LogicalType, Table, TableKind, TableName};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::gate::IntrospectOptions;
use crate::source::SourceSpec;
use crate::source::wanted::Wanted;

/// Characters of a comment that are kept.
const LONGEST_COMMENT: usize = 300;

/// Reads tables, views, keys, indexes, comments and row estimates.
pub(super) async fn introspect(session: &mut Session, spec: &SourceSpec, options: &IntrospectOptions) -> Result<Catalog> {
    let wanted = Wanted::new(spec, options, spec.database.as_deref())?;
    let everywhere = spec.database.is_none() || wanted.names_some();
    let mut reader = Reader { session, spec, everywhere };
    let mut tables = Tables::default();
    for row in reader.read(TABLES).await? {
        let (schema, name, kind) = (text(&row, 0), text(&row, 1), text(&row, 2));
        let engine = text(&row, 3);
        if kind == "SEQUENCE"
            || kind.contains("TEMPORARY")
            || engine.eq_ignore_ascii_case("MRG_MYISAM")
            || !wanted.has(Some(&schema), &name)
        {
            continue;
        }
        let mut table = Table::new(TableName::qualified(schema, name));
        if kind.ends_with("VIEW") {
            table.kind = TableKind::View;
        } else {
            (table.rows, table.bytes) = (number(&row, 4), number(&row, 5));
            table.comment = comment(&text(&row, 6));
        }
        tables.add(table);
    }
    for row in reader.read(COLUMNS).await? {
        let Some(table) = tables.of(&row) else { continue };
        let declared = text(&row, 3);
        let mut column = Column::new(text(&row, 2), declared.clone(), LogicalType::from_declared(Dialect::Mysql, &declared));
        column.nullable = text(&row, 4) != "NO";
        let generated = text(&row, 6);
        let default = optional(&row, 5).filter(|default| !default.eq_ignore_ascii_case("NULL"));
        column.default = if generated.is_empty() { default } else { Some(generated) };
        column.comment = comment(&text(&row, 7));
        table.columns.push(column);
    }
    indexes(&mut tables, reader.optional(INDEXES).await);
    foreign_keys(&mut tables, reader.optional(FOREIGN_KEYS).await);
    for row in reader.optional(VIEWS).await {
        if let Some(table) = tables.of(&row) {
            table.definition = optional(&row, 2).filter(|definition| !definition.is_empty());
        }
    }
    if reader.session.family == Family::Mariadb {
        for row in reader.optional(VERSIONS).await {
            if let Some(table) = tables.of(&row) {
                table.data_version = optional(&row, 2);
            }
        }
        // MariaDB's `json` is text with a check.
        for row in reader.optional(CHECKS).await {
            let Some(table) = tables.of(&row) else { continue };
            let clause = text(&row, 2);
            for column in &mut table.columns {
                if clause.eq_ignore_ascii_case(&format!("json_valid({})", Dialect::Mysql.quote(&column.name))) {
                    column.data_type = LogicalType::Json;
                }
            }
        }
    }
    Ok(Catalog::new(Dialect::Mysql, spec.database.clone(), tables.list))
}

/// What `information_schema` says a table is.
const TABLES: &str = "SELECT table_schema, table_name, table_type, coalesce(engine, ''), table_rows, data_length + index_length, table_comment \
    FROM information_schema.tables";
const COLUMNS: &str = "SELECT table_schema, table_name, column_name, column_type, is_nullable, column_default, generation_expression, \
    column_comment FROM information_schema.columns";
const INDEXES: &str =
    "SELECT table_schema, table_name, index_name, non_unique, column_name, sub_part FROM information_schema.statistics";
const FOREIGN_KEYS: &str = "SELECT table_schema, table_name, constraint_name, column_name, referenced_table_schema, \
    referenced_table_name, referenced_column_name FROM information_schema.key_column_usage";
const VIEWS: &str = "SELECT table_schema, table_name, view_definition FROM information_schema.views";
const CHECKS: &str = "SELECT constraint_schema, table_name, check_clause FROM information_schema.check_constraints";

/// When rows of a table changed last, of those changes that are some seconds old: within one second there may be two. InnoDB forgets it when the
/// server stops, and then there is none until the next change. MySQL's would come from a cache that may be a day old.
const VERSIONS: &str = "SELECT table_schema, table_name, concat(unix_timestamp(create_time), '.', unix_timestamp(update_time)) \
    FROM information_schema.tables";

/// The order of the rows that matters.
fn order(query: &str) -> &'static str {
    match query {
        TABLES => " ORDER BY table_schema, table_name",
        VERSIONS => " AND engine = 'InnoDB' AND update_time < now() - INTERVAL 3 SECOND",
        COLUMNS => " ORDER BY table_schema, table_name, ordinal_position",
        INDEXES => " ORDER BY table_schema, table_name, index_name, seq_in_index",
        FOREIGN_KEYS => {
            " AND referenced_table_name IS NOT NULL ORDER BY table_schema, table_name, constraint_name, ordinal_position"
        }
        _ => "",
    }
}

struct Reader<'a> {
    session: &'a mut Session,
    spec: &'a SourceSpec,
    everywhere: bool,
}

impl Reader<'_> {
    async fn read(&mut self, query: &'static str) -> Result<Vec<Row>> {
        let schema = if query == CHECKS { "constraint_schema" } else { "table_schema" };
        let place = if self.everywhere {
            format!("{schema} NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')")
        } else {
            format!("{schema} = DATABASE()")
        };
        let sql = format!("{query} WHERE {place}{}", order(query));
        self.session.connection()?.query(sql).await.map_err(|error| errors::running(&error, self.spec))
    }

    /// What can be done without: a server or a login may lack it.
    async fn optional(&mut self, query: &'static str) -> Vec<Row> {
        self.read(query).await.unwrap_or_else(|error| {
            tracing::warn!(kind = %error.kind(), "a part of the catalogue could not be read and is left out");
            Vec::new()
        })
    }
}

/// The tables found so far, by their names.
#[derive(Default)]
struct Tables {
    list: Vec<Table>,
    by_name: HashMap<(String, String), usize>,
}

impl Tables {
    fn add(&mut self, table: Table) {
        let key = (table.name.schema.clone().unwrap_or_default(), table.name.name.clone());
        self.by_name.insert(key, self.list.len());
        self.list.push(table);
    }

    /// The table that the first two cells of a row name.
    fn of(&mut self, row: &Row) -> Option<&mut Table> {
        let index = self.by_name.get(&(text(row, 0), text(row, 1)))?;
        self.list.get_mut(*index)
    }

    /// The table by a name that another table uses, in its own spelling: some file systems ignore case.
    fn spelled(&self, schema: &str, name: &str) -> Option<&Table> {
        let exact = self.by_name.get(&(schema.to_owned(), name.to_owned())).and_then(|index| self.list.get(*index));
        exact.or_else(|| {
            self.list.iter().find(|table| {
                table.name.name.eq_ignore_ascii_case(name)
                    && table.name.schema.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(schema))
            })
        })
    }
}

fn indexes(tables: &mut Tables, rows: Vec<Row>) {
    struct Index {
        table: usize,
        name: String,
        unique: bool,
        /// Whether each part is a whole column.
        whole: bool,
        columns: Vec<String>,
    }
    let mut found: Vec<Index> = Vec::new();
    for row in rows {
        let Some(table) = tables.by_name.get(&(text(&row, 0), text(&row, 1))).copied() else { continue };
        let name = text(&row, 2);
        if found.last().is_none_or(|last| last.table != table || last.name != name) {
            let unique = number(&row, 3) == Some(0);
            found.push(Index { table, name, unique, whole: true, columns: Vec::new() });
        }
        let Some(index) = found.last_mut() else { continue };
        let column = optional(&row, 4);
        // Parts of values, and expressions, are no keys.
        index.whole &= column.is_some() && optional(&row, 5).is_none();
        index.columns.extend(column);
    }
    for index in found {
        let Some(table) = tables.list.get_mut(index.table) else { continue };
        if index.columns.is_empty() {
            continue;
        }
        if index.whole && index.name == "PRIMARY" {
            table.primary_key.clone_from(&index.columns);
        } else if index.whole && index.unique && !table.unique_keys.contains(&index.columns) {
            table.unique_keys.push(index.columns.clone());
        }
        if !table.indexes.contains(&index.columns) {
            table.indexes.push(index.columns);
        }
    }
}

fn foreign_keys(tables: &mut Tables, rows: Vec<Row>) {
    let mut last: Option<(usize, String)> = None;
    for row in rows {
        let Some(child) = tables.by_name.get(&(text(&row, 0), text(&row, 1))).copied() else { continue };
        let (name, column) = (text(&row, 2), text(&row, 3));
        let (schema, parent, parent_column) = (text(&row, 4), text(&row, 5), text(&row, 6));
        let (references, parent_column) = match tables.spelled(&schema, &parent) {
            Some(table) => {
                (table.name.clone(), table.column(&parent_column).map_or(parent_column.clone(), |column| column.name.clone()))
            }
            None => (TableName::qualified(schema, parent), parent_column),
        };
        let Some(table) = tables.list.get_mut(child) else { continue };
        let this = Some((child, name));
        if last != this {
            table.foreign_keys.push(ForeignKey { columns: vec![], references, referenced_columns: vec![] });
            last = this;
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.push(column);
            key.referenced_columns.push(parent_column);
        }
    }
}

fn optional(row: &Row, index: usize) -> Option<String> {
    match row.as_ref(index)? {
        mysql_async::Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        mysql_async::Value::NULL => None,
        other => Some(other.as_sql(true).trim_matches('\'').to_owned()),
    }
}

fn text(row: &Row, index: usize) -> String {
    optional(row, index).unwrap_or_default()
}

fn number(row: &Row, index: usize) -> Option<u64> {
    optional(row, index)?.parse().ok()
}

/// A comment without control characters, cut; it is as untrusted as a row.
fn comment(text: &str) -> Option<String> {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean: String = clean.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_COMMENT).collect();
    (!clean.is_empty() && clean != "VIEW").then_some(clean)
}
