//! Primary, unique and foreign keys, and indexes.

use tiberius::Row;

use super::catalog::{Tables, first_known, name_at};
use super::session::{Session, text, whole};
use crate::catalog::{ForeignKey, TableName};
use crate::error::Result;

/// Schema, table, index, primary, unique, filtered, column.
const INDEXES: &[&str] = &[
    "SELECT s.name, o.name, i.name, i.is_primary_key, i.is_unique, i.has_filter, c.name FROM sys.indexes AS i \
     INNER JOIN sys.objects AS o ON o.object_id = i.object_id INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id \
     INNER JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id \
     INNER JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id \
     WHERE o.type IN ('U', 'V') AND i.type IN (1, 2) AND i.is_disabled = 0 AND i.is_hypothetical = 0 AND k.is_included_column = 0 \
     ORDER BY s.name, o.name, i.index_id, k.key_ordinal",
];

/// The same of the standard's views; keys only.
const CONSTRAINTS: &[&str] = &[
    "SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.CONSTRAINT_NAME, CASE c.CONSTRAINT_TYPE WHEN 'PRIMARY KEY' THEN 1 ELSE 0 END, 1, 0, k.COLUMN_NAME \
     FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS AS c INNER JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE AS k \
     ON k.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND k.TABLE_NAME = c.TABLE_NAME \
     WHERE c.CONSTRAINT_TYPE IN ('PRIMARY KEY', 'UNIQUE') ORDER BY c.TABLE_SCHEMA, c.TABLE_NAME, c.CONSTRAINT_NAME, k.ORDINAL_POSITION",
];

/// Schema, table, key, column, referenced schema, table and column.
const FOREIGN_KEYS: &[&str] = &[
    "SELECT s.name, o.name, f.name, c.name, rs.name, r.name, rc.name FROM sys.foreign_keys AS f \
     INNER JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id \
     INNER JOIN sys.objects AS o ON o.object_id = f.parent_object_id INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id \
     INNER JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id \
     INNER JOIN sys.objects AS r ON r.object_id = f.referenced_object_id INNER JOIN sys.schemas AS rs ON rs.schema_id = r.schema_id \
     INNER JOIN sys.columns AS rc ON rc.object_id = k.referenced_object_id AND rc.column_id = k.referenced_column_id \
     ORDER BY s.name, o.name, f.name, k.constraint_column_id",
    "SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, p.TABLE_SCHEMA, p.TABLE_NAME, p.COLUMN_NAME \
     FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS AS f INNER JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE AS k \
     ON k.CONSTRAINT_SCHEMA = f.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = f.CONSTRAINT_NAME \
     INNER JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE AS p ON p.CONSTRAINT_SCHEMA = f.UNIQUE_CONSTRAINT_SCHEMA \
     AND p.CONSTRAINT_NAME = f.UNIQUE_CONSTRAINT_NAME AND p.ORDINAL_POSITION = k.ORDINAL_POSITION \
     ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION",
];

pub(super) async fn read(session: &mut Session, tables: &mut Tables) -> Result<()> {
    let mut rows = first_known(session, INDEXES).await?;
    if !rows.iter().any(|row| whole(row, 3) == Some(1)) {
        // A server whose indexes do not tell of primary keys may tell of constraints.
        rows.extend(first_known(session, CONSTRAINTS).await?);
    }
    indexes(&rows, tables);
    for statement in FOREIGN_KEYS {
        let rows = session.rows_if_known(statement).await?.unwrap_or_default();
        if !rows.is_empty() {
            foreign_keys(&rows, tables);
            break;
        }
    }
    Ok(())
}

/// Rows of one key after the other: runs of rows that agree in schema, table and name.
fn runs(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    let key = |row: &Row| (text(row, 0), text(row, 1), text(row, 2));
    rows.chunk_by(move |a, b| key(a) == key(b))
}

fn indexes(rows: &[Row], tables: &mut Tables) {
    for run in runs(rows) {
        let Some(first) = run.first() else { continue };
        let is = |index| whole(first, index) == Some(1);
        let columns: Vec<String> = run.iter().filter_map(|row| text(row, 6)).collect();
        let Some(table) = tables.of(first) else { continue };
        if is(3) && table.primary_key.is_empty() {
            table.primary_key.clone_from(&columns);
            for column in &mut table.columns {
                column.nullable &= !columns.contains(&column.name);
            }
        } else if is(4) && !is(5) && !is(3) && !table.unique_keys.contains(&columns) {
            table.unique_keys.push(columns.clone());
        }
        if !table.indexes.contains(&columns) {
            table.indexes.push(columns);
        }
    }
}

fn foreign_keys(rows: &[Row], tables: &mut Tables) {
    for run in runs(rows) {
        let Some(first) = run.first() else { continue };
        let Some(references): Option<TableName> = name_at(first, 4) else { continue };
        let columns = |index| run.iter().filter_map(|row| text(row, index)).collect::<Vec<String>>();
        let key = ForeignKey { columns: columns(3), references, referenced_columns: columns(6) };
        if let Some(table) = tables.of(first)
            && !table.foreign_keys.contains(&key)
        {
            table.foreign_keys.push(key);
        }
    }
}
