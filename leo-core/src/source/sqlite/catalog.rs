//! Introspection: fixed statements over SQLite's own catalogue, none of which takes text from users.
//!
//! Left out: `sqlite_*` tables, virtual tables (FTS, R-tree …) and their shadow tables, temporary tables, views that do not
//! compile, and names that are not UTF-8.

use std::collections::HashMap;
use std::time::UNIX_EPOCH;

use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};

use super::{comments, errors};
use crate::catalog::{Catalog, Column, ForeignKey, LogicalType, Table, TableKind, TableName};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::gate::IntrospectOptions;
use crate::source::wanted::Wanted;
use crate::value::to_hex;

/// What SQLite calls the file that was opened.
const SCHEMA: &str = "main";

/// Reads tables, views, keys, indexes, comments and row estimates.
pub(super) fn introspect(connection: &Connection, options: &IntrospectOptions) -> Result<Catalog> {
    let wanted = Wanted::of([&options.include, &[]], [&options.exclude, &[]], Some(SCHEMA))?;
    let sql = definitions(connection)?;
    let estimates = estimates(connection)?;
    let data_version = data_version(connection);
    let mut tables = Vec::new();
    for (name, kind) in names(connection)?.into_iter().filter(|(name, _)| wanted.has(Some(SCHEMA), name)) {
        match table(connection, &name, kind, sql.get(&name).map(String::as_str)) {
            Ok(mut table) => {
                table.rows = estimates.get(&name).copied();
                table.data_version.clone_from(&data_version);
                tables.push(table);
            }
            // A broken view must not hide the rest of the database.
            Err(error) if kind == TableKind::View => tracing::warn!(view = %name, kind = %error.kind(), "a view was left out"),
            Err(error) => return Err(error.with_context("table", name)),
        }
    }
    spell_references(&mut tables);
    Ok(Catalog::new(Dialect::Sqlite, Some(SCHEMA.into()), tables))
}

/// Runs a fixed statement; rows whose text is not UTF-8 are left out.
fn rows<T>(
    connection: &Connection,
    sql: &'static str,
    parameter: Option<&str>,
    mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let failed = |error: rusqlite::Error| errors::running(&error);
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut found = Vec::new();
    let mut rows = match parameter {
        Some(parameter) => statement.query([parameter]),
        None => statement.query([]),
    }
    .map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        match read(row) {
            Ok(value) => found.push(value),
            Err(rusqlite::Error::Utf8Error(..) | rusqlite::Error::FromSqlConversionFailure(..)) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(found)
}

fn names(connection: &Connection) -> Result<Vec<(String, TableKind)>> {
    rows(
        connection,
        "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view') \
         AND substr(lower(name), 1, 7) <> 'sqlite_' ORDER BY name",
        None,
        |row| Ok((row.get(0)?, if row.get_ref(1)?.as_str()? == "view" { TableKind::View } else { TableKind::Table })),
    )
}

fn definitions(connection: &Connection) -> Result<HashMap<String, String>> {
    let found = rows(
        connection,
        "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view') AND sql IS NOT NULL",
        None,
        |row| Ok((row.get(0)?, String::from_utf8_lossy(row.get_ref(1)?.as_bytes()?).into_owned())),
    )?;
    Ok(found.into_iter().collect())
}

/// Sizes and times of the file and of what was not yet written into it; none in memory. A file says nothing of its tables, so that they
/// all have this one.
fn data_version(connection: &Connection) -> Option<String> {
    let path = connection.path().filter(|path| !path.is_empty())?;
    let mut hash = Sha256::new();
    for part in [path.to_owned(), format!("{path}-wal")] {
        let known = std::fs::metadata(&part).ok();
        let changed = known.as_ref().and_then(|known| known.modified().ok()?.duration_since(UNIX_EPOCH).ok());
        hash.update(format!("{part}\0{:?}\0{changed:?}\0", known.map(|known| known.len())));
    }
    Some(to_hex(&hash.finalize()[..16]))
}

/// Row counts as of the last `ANALYZE`: the first number of each entry of `sqlite_stat1`.
fn estimates(connection: &Connection) -> Result<HashMap<String, u64>> {
    let analysed = connection
        .query_row("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'", [], |_| Ok(()))
        .optional()
        .map_err(|error| errors::running(&error))?;
    if analysed.is_none() {
        return Ok(HashMap::new());
    }
    let found = rows(connection, "SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl", None, |row| {
        Ok((row.get::<_, String>(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0)))
    })?;
    Ok(found.into_iter().collect())
}

fn table(connection: &Connection, name: &str, kind: TableKind, sql: Option<&str>) -> Result<Table> {
    let mut table = Table::new(TableName::bare(name));
    table.kind = kind;
    let mut key: Vec<(i64, String)> = Vec::new();
    // `hidden` is 1 for hidden columns of virtual tables; 2 and 3 are generated columns, which can be read.
    let columns = rows(
        connection,
        "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid",
        Some(name),
        |row| {
            let (column, declared): (String, String) = (row.get(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default());
            let (not_null, default, position): (bool, Option<String>, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((column, declared, not_null, default, position))
        },
    )?;
    for (column, declared, not_null, default, position) in columns {
        let data_type = LogicalType::from_declared(Dialect::Sqlite, &declared);
        if position > 0 {
            key.push((position, column.clone()));
        }
        let mut column = Column::new(column, declared, data_type);
        column.nullable = !not_null;
        column.default = default;
        table.columns.push(column);
    }
    if kind == TableKind::View {
        table.definition = sql.map(str::to_owned);
        return Ok(table);
    }
    key.sort();
    table.primary_key = key.into_iter().map(|(_, column)| column).collect();
    // The row id under another name: never NULL, although nothing says so.
    if let [only] = table.primary_key.as_slice()
        && let Some(column) = table.columns.iter_mut().find(|column| column.name == *only)
        && column.declared_type.eq_ignore_ascii_case("integer")
    {
        column.nullable = false;
    }
    for (index, unique, origin, partial) in rows(
        connection,
        "SELECT name, \"unique\", origin, partial FROM pragma_index_list(?1) ORDER BY seq DESC",
        Some(name),
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, row.get::<_, String>(2)?, row.get::<_, bool>(3)?)),
    )? {
        let parts = rows(connection, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", Some(&index), |row| {
            row.get::<_, Option<String>>(0)
        })?;
        // Indexes on expressions have parts without a column.
        let Some(parts) = parts.into_iter().collect::<Option<Vec<String>>>() else { continue };
        if unique && !partial && origin != "pk" && !table.unique_keys.contains(&parts) {
            table.unique_keys.push(parts.clone());
        }
        if !table.indexes.contains(&parts) {
            table.indexes.push(parts);
        }
    }
    table.foreign_keys = foreign_keys(connection, name)?;
    if let Some(sql) = sql {
        let found = comments::of_table(sql, &table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>());
        table.comment = found.table;
        for (column, comment) in table.columns.iter_mut().zip(found.columns) {
            column.comment = comment;
        }
    }
    Ok(table)
}

fn foreign_keys(connection: &Connection, name: &str) -> Result<Vec<ForeignKey>> {
    let parts = rows(
        connection,
        // SQLite numbers keys from the last one declared.
        "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id DESC, seq",
        Some(name),
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, Option<String>>(3)?)),
    )?;
    let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
    for (id, parent, from, to) in parts {
        if keys.last().is_none_or(|(last, _)| *last != id) {
            keys.push((id, ForeignKey { columns: vec![], references: TableName::bare(parent), referenced_columns: vec![] }));
        }
        if let Some((_, key)) = keys.last_mut() {
            key.columns.push(from);
            key.referenced_columns.extend(to);
        }
    }
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// Writes the names in foreign keys as the tables themselves spell them, and fills in an omitted key: the primary key.
fn spell_references(tables: &mut [Table]) {
    let known: HashMap<String, (TableName, Vec<String>, Vec<String>)> = tables
        .iter()
        .map(|table| {
            let columns = table.columns.iter().map(|column| column.name.clone()).collect();
            (table.name.name.to_ascii_lowercase(), (table.name.clone(), columns, table.primary_key.clone()))
        })
        .collect();
    let spell = |names: &mut Vec<String>, columns: &[String]| {
        for name in names {
            if let Some(column) = columns.iter().find(|column| column.eq_ignore_ascii_case(name)) {
                name.clone_from(column);
            }
        }
    };
    for table in tables {
        let own: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        for key in &mut table.foreign_keys {
            spell(&mut key.columns, &own);
            let Some((name, columns, primary)) = known.get(&key.references.name.to_ascii_lowercase()) else { continue };
            key.references = name.clone();
            if key.referenced_columns.len() != key.columns.len() && primary.len() == key.columns.len() {
                key.referenced_columns.clone_from(primary);
            }
            spell(&mut key.referenced_columns, columns);
        }
    }
}
