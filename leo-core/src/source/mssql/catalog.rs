//! Introspection: one statement per kind of thing, for all tables at once.
//!
//! Each statement has another behind it for servers that lack a view of `sys`, or fill it with NULL; where all fail, that kind of thing
//! stays unknown and the rest of the catalogue is read all the same. Sorted out: tables of the system, and what the globs exclude.

use std::collections::HashMap;

use tiberius::Row;

use super::session::{Session, text, whole};
use super::{keys, versions};
use crate::catalog::{Catalog, Column, LogicalType, Table, TableKind, TableName};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::gate::IntrospectOptions;
use crate::source::wanted::Wanted;

/// Tables whose rows are counted when the server does not tell how many there are, and rows counted of each at most.
const COUNTED_TABLES: usize = 200;
const COUNTED_ROWS: u64 = 100_000;

const TABLES: &[&str] = &[
    "SELECT s.name, o.name, o.type, hs.name, h.name FROM sys.objects AS o \
     INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id LEFT JOIN sys.tables AS c ON c.history_table_id = o.object_id \
     LEFT JOIN sys.objects AS h ON h.object_id = c.object_id LEFT JOIN sys.schemas AS hs ON hs.schema_id = h.schema_id \
     WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY s.name, o.name",
    "SELECT s.name, o.name, o.type, NULL, NULL FROM sys.objects AS o INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id \
     WHERE o.type IN ('U', 'V') ORDER BY s.name, o.name",
    "SELECT TABLE_SCHEMA, TABLE_NAME, CASE TABLE_TYPE WHEN 'VIEW' THEN 'V' ELSE 'U' END, NULL, NULL \
     FROM INFORMATION_SCHEMA.TABLES ORDER BY TABLE_SCHEMA, TABLE_NAME",
];

/// Schema, table, column, type, bytes, precision, scale, nullable, default, expression.
const COLUMNS: &[&str] = &[
    "SELECT s.name, o.name, c.name, COALESCE(b.name, t.name), c.max_length, c.precision, c.scale, c.is_nullable, d.definition, x.definition \
     FROM sys.columns AS c INNER JOIN sys.objects AS o ON o.object_id = c.object_id \
     INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id LEFT JOIN sys.types AS t ON t.user_type_id = c.user_type_id \
     LEFT JOIN sys.types AS b ON b.user_type_id = t.system_type_id AND t.is_user_defined = 1 \
     LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id \
     LEFT JOIN sys.computed_columns AS x ON x.object_id = c.object_id AND x.column_id = c.column_id \
     WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY s.name, o.name, c.column_id",
    "SELECT s.name, o.name, c.name, t.name, c.max_length, c.precision, c.scale, c.is_nullable, NULL, NULL \
     FROM sys.columns AS c INNER JOIN sys.objects AS o ON o.object_id = c.object_id \
     INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id INNER JOIN sys.types AS t ON t.user_type_id = c.user_type_id \
     WHERE o.type IN ('U', 'V') ORDER BY s.name, o.name, c.column_id",
];

/// The same of the standard's views: length in characters, and NULL where it does not apply.
const STANDARD_COLUMNS: &str = "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, \
     COALESCE(NUMERIC_SCALE, DATETIME_PRECISION), CASE IS_NULLABLE WHEN 'NO' THEN 0 ELSE 1 END, COLUMN_DEFAULT, NULL \
     FROM INFORMATION_SCHEMA.COLUMNS ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION";

const DEFINITIONS: &[&str] = &[
    "SELECT s.name, o.name, m.definition FROM sys.sql_modules AS m INNER JOIN sys.objects AS o ON o.object_id = m.object_id \
     INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE o.type = 'V'",
    "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM INFORMATION_SCHEMA.VIEWS",
];

const COMMENTS: &[&str] = &["SELECT s.name, o.name, c.name, CAST(p.value AS nvarchar(4000)) FROM sys.extended_properties AS p \
     INNER JOIN sys.objects AS o ON o.object_id = p.major_id INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id \
     LEFT JOIN sys.columns AS c ON c.object_id = p.major_id AND c.column_id = p.minor_id AND p.minor_id > 0 \
     WHERE p.class = 1 AND p.name = N'MS_Description'"];

/// Schema, table, rows, bytes.
const SIZES: &[&str] = &[
    "SELECT s.name, o.name, SUM(CASE WHEN p.index_id < 2 THEN p.row_count ELSE 0 END), SUM(p.reserved_page_count) * 8192 \
     FROM sys.dm_db_partition_stats AS p INNER JOIN sys.objects AS o ON o.object_id = p.object_id \
     INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE o.type = 'U' GROUP BY s.name, o.name",
    "SELECT s.name, o.name, SUM(p.rows), NULL FROM sys.partitions AS p INNER JOIN sys.objects AS o ON o.object_id = p.object_id \
     INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE o.type = 'U' AND p.index_id < 2 GROUP BY s.name, o.name",
];

const SYNONYMS: &[&str] = &["SELECT s.name, y.name, y.base_object_name, DB_NAME() FROM sys.synonyms AS y \
     INNER JOIN sys.schemas AS s ON s.schema_id = y.schema_id ORDER BY s.name, y.name"];

/// Rows of the first of `statements` that the server knows and has an answer to; none when there is none. A server that has a view for
/// the sake of its name only leaves it empty.
pub(super) async fn first_known(session: &mut Session, statements: &[&str]) -> Result<Vec<Row>> {
    for statement in statements {
        if let Some(rows) = session.rows_if_known(statement).await?.filter(|rows| !rows.is_empty()) {
            return Ok(rows);
        }
    }
    Ok(Vec::new())
}

/// A name in the first two columns.
pub(super) fn name_at(row: &Row, index: usize) -> Option<TableName> {
    Some(TableName::qualified(text(row, index)?, text(row, index + 1)?))
}

/// Reads tables, views, keys, indexes, comments, definitions, sizes, versions and synonyms.
///
/// # Errors
/// The connection's; `Unsupported` when the server tells no tables at all in any of the ways that are known.
pub(super) async fn introspect(session: &mut Session, options: &IntrospectOptions) -> Result<Catalog> {
    let schema = session.rows_if_known("SELECT SCHEMA_NAME()").await?.unwrap_or_default();
    let schema = schema.first().and_then(|row| text(row, 0)).unwrap_or_else(|| "dbo".into());
    let wanted = Wanted::new(&session.spec, options, Some(&schema))?;
    let mut tables = tables(session).await?;
    columns(session, &mut tables).await?;
    definitions(session, &mut tables).await?;
    keys::read(session, &mut tables).await?;
    comments(session, &mut tables).await?;
    sizes(session, &mut tables).await?;
    versions::read(session, &mut tables).await?;
    synonyms(session, &mut tables).await?;
    let mut tables: Vec<Table> = tables
        .list
        .into_iter()
        .filter(|table| wanted.has(table.name.schema.as_deref(), &table.name.name) && !table.columns.is_empty())
        .collect();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Catalog::new(Dialect::Tsql, Some(schema), tables))
}

/// Tables in order, found by name.
pub(super) struct Tables {
    pub(super) list: Vec<Table>,
    places: HashMap<TableName, usize>,
}

impl Tables {
    fn add(&mut self, table: Table) {
        self.places.insert(table.name.clone(), self.list.len());
        self.list.push(table);
    }

    pub(super) fn get(&mut self, name: &TableName) -> Option<&mut Table> {
        let place = *self.places.get(name)?;
        self.list.get_mut(place)
    }

    /// The table that a row is about.
    pub(super) fn of(&mut self, row: &Row) -> Option<&mut Table> {
        self.get(&name_at(row, 0)?)
    }
}

async fn tables(session: &mut Session) -> Result<Tables> {
    let mut tables = Tables { list: Vec::new(), places: HashMap::new() };
    let rows = first_known(session, TABLES).await?;
    for row in &rows {
        let Some(name) = name_at(row, 0) else { continue };
        // Some servers show their own schemas among the user's.
        if matches!(name.schema.as_deref(), Some("sys" | "INFORMATION_SCHEMA" | "information_schema")) {
            continue;
        }
        let mut table = Table::new(name);
        if text(row, 2).is_some_and(|kind| kind.trim() == "V") {
            table.kind = TableKind::View;
        }
        table.rows_of.extend(name_at(row, 3));
        tables.add(table);
    }
    Ok(tables)
}

async fn columns(session: &mut Session, tables: &mut Tables) -> Result<()> {
    let mut is_standard = false;
    let mut rows = first_known(session, COLUMNS).await?;
    // Without a type's name the rest of a column is of no use.
    if (rows.is_empty() || rows.iter().any(|row| text(row, 3).is_none()))
        && let Some(standard) = session.rows_if_known(STANDARD_COLUMNS).await?.filter(|standard| !standard.is_empty())
    {
        (rows, is_standard) = (standard, true);
    }
    for row in &rows {
        let (Some(table), Some(name)) = (tables.of(row), text(row, 2)) else { continue };
        let declared = declared(row, is_standard);
        let data_type = LogicalType::from_declared(Dialect::Tsql, &declared);
        let mut column = Column::new(name, declared, data_type);
        column.nullable = whole(row, 7) != Some(0);
        column.default = text(row, 8).or_else(|| text(row, 9));
        table.columns.push(column);
    }
    Ok(())
}

/// `nvarchar(40)`, `decimal(10,2)`, `datetime2(7)`.
fn declared(row: &Row, is_standard: bool) -> String {
    let Some(name) = text(row, 3) else { return String::new() };
    let (length, precision, scale) = (whole(row, 4), whole(row, 5), whole(row, 6));
    let arguments = match name.as_str() {
        "char" | "varchar" | "binary" | "varbinary" | "nchar" | "nvarchar" => match length {
            Some(-1) => Some("max".to_owned()),
            // Bytes, two of them for a character.
            Some(length) if !is_standard && name.starts_with('n') => Some((length / 2).to_string()),
            length => length.map(|length| length.to_string()),
        },
        "decimal" | "numeric" => precision.map(|precision| format!("{precision},{}", scale.unwrap_or(0))),
        "time" | "datetime2" | "datetimeoffset" => scale.map(|scale| scale.to_string()),
        _ => None,
    };
    arguments.map_or_else(|| name.clone(), |arguments| format!("{name}({arguments})"))
}

async fn definitions(session: &mut Session, tables: &mut Tables) -> Result<()> {
    for row in &first_known(session, DEFINITIONS).await? {
        if let Some(table) = tables.of(row) {
            table.definition = text(row, 2);
        }
    }
    Ok(())
}

async fn comments(session: &mut Session, tables: &mut Tables) -> Result<()> {
    for row in &first_known(session, COMMENTS).await? {
        let (Some(table), Some(comment)) = (tables.of(row), text(row, 3)) else { continue };
        match text(row, 2) {
            None => table.comment = Some(comment),
            Some(name) => {
                if let Some(column) = table.columns.iter_mut().find(|column| column.name == name) {
                    column.comment = Some(comment);
                }
            }
        }
    }
    Ok(())
}

async fn sizes(session: &mut Session, tables: &mut Tables) -> Result<()> {
    for statement in SIZES {
        let rows = session.rows_if_known(statement).await?.unwrap_or_default();
        // Servers that do not count fill the view with zeros.
        if rows.iter().all(|row| whole(row, 2).unwrap_or(0) <= 0) {
            continue;
        }
        for row in &rows {
            if let Some(table) = tables.of(row) {
                table.rows = whole(row, 2).and_then(|rows| u64::try_from(rows).ok());
                table.bytes = whole(row, 3).and_then(|bytes| u64::try_from(bytes).ok());
            }
        }
        return Ok(());
    }
    count(session, tables).await
}

/// Counts the rows of each table up to a limit, in one statement.
async fn count(session: &mut Session, tables: &mut Tables) -> Result<()> {
    let counted: Vec<TableName> = tables
        .list
        .iter()
        .filter(|table| table.kind == TableKind::Table && !table.columns.is_empty())
        .map(|table| table.name.clone())
        .take(COUNTED_TABLES)
        .collect();
    let parts: Vec<String> = counted
        .iter()
        .enumerate()
        .map(|(index, name)| {
            format!(
                "SELECT {index} AS n, COUNT_BIG(*) AS c FROM (SELECT TOP ({}) 1 AS one FROM {}) AS t",
                COUNTED_ROWS + 1,
                quoted(name)
            )
        })
        .collect();
    if parts.is_empty() {
        return Ok(());
    }
    for row in &session.rows_if_known(&parts.join(" UNION ALL ")).await?.unwrap_or_default() {
        let (Some(index), Some(count)) = (whole(row, 0), whole(row, 1)) else { continue };
        let name = usize::try_from(index).ok().and_then(|index| counted.get(index));
        if let (Some(table), Ok(count)) = (name.and_then(|name| tables.get(name)), u64::try_from(count)) {
            // Of a longer table only that is known: it is no small one.
            table.rows = Some(count.min(COUNTED_ROWS));
        }
    }
    Ok(())
}

fn quoted(name: &TableName) -> String {
    let quote = |part: &str| format!("[{}]", part.replace(']', "]]"));
    match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    }
}

/// A synonym is its table or view under another name, where that is in the same database.
async fn synonyms(session: &mut Session, tables: &mut Tables) -> Result<()> {
    let rows = first_known(session, SYNONYMS).await?;
    for row in &rows {
        let (Some(name), Some(base)) = (name_at(row, 0), text(row, 2)) else { continue };
        let mut parts = parts(&base);
        let (table, schema, database) = (parts.pop(), parts.pop(), parts.pop());
        if !parts.is_empty() || database.is_some_and(|database| text(row, 3).as_deref() != Some(&database)) {
            continue;
        }
        let schema = schema.filter(|schema| !schema.is_empty()).or_else(|| name.schema.clone());
        let Some(base) = table.and_then(|table| tables.get(&TableName { schema, name: table })).cloned() else { continue };
        let mut synonym = Table::new(name);
        synonym.columns = base.columns;
        synonym.primary_key = base.primary_key;
        (synonym.rows, synonym.data_version) = (base.rows, base.data_version);
        synonym.rows_of = vec![base.name];
        tables.add(synonym);
    }
    Ok(())
}

/// The parts of `[a].[b]]c].d`.
fn parts(name: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '[' if !quoted => quoted = true,
            ']' if quoted && chars.peek() == Some(&']') => {
                part.push(']');
                chars.next();
            }
            ']' if quoted => quoted = false,
            '.' if !quoted => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_synonyms_are_taken_apart() {
        assert_eq!(parts("[dbo].[Order]]s]"), ["dbo", "Order]s"]);
        assert_eq!(parts("db..t"), ["db", "", "t"]);
        assert_eq!(quoted(&TableName::qualified("dbo", "Order]s")), "[dbo].[Order]]s]");
    }
}
