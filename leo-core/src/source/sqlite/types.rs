//! SQLite values as Arrow.
//!
//! SQLite types values, not columns. A result column gets the widest of: its declared type, its expression's type, and the types
//! of the values in the first 8,192 rows, where null < integer < float < text; bytes stand apart.
//!
//! | declared type, or values seen | Arrow | field metadata |
//! |---|---|---|
//! | INTEGER, BOOLEAN … | Int64 | |
//! | REAL, DOUBLE, FLOAT, DECIMAL(p, s) with s > 0 | Float64 | |
//! | DECIMAL, NUMERIC, NUMBER without scale | Int64 or Float64 by the values; Float64 when there are more rows than were looked at | |
//! | TEXT, VARCHAR, JSON, UUID … | Utf8 | |
//! | DATE; DATETIME, TIMESTAMP; TIME, holding text | Utf8 | `leo.type` = `date`; `timestamp`; `time` |
//! | BLOB, or all values bytes | Binary | |
//! | integers beyond ±2^53 together with floats | Utf8, both written out exactly | |
//! | numbers together with text | Utf8 | |
//! | bytes together with anything else | `Malformed` | |
//! | nothing but NULL, type unknown | Null | |
//!
//! A later value that does not fit ends the stream with `Malformed`, which names the column and the CAST to write. It never
//! becomes NULL and never loses digits.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, Float64Builder, Int64Builder, NullBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use rusqlite::types::ValueRef;
use sqlparser::ast::{BinaryOperator, Expr, SelectItem, SetExpr, Statement, Value as SqlValue};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

use super::config::InvalidUtf8;
use super::functions;
use crate::catalog::LogicalType;
use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// Rows looked at before the types are settled.
pub(super) const WINDOW_ROWS: usize = 8_192;
/// Integers up to this size are exact as floats.
const EXACT: u64 = 1 << 53;

/// Kinds of columns, narrow to wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Null,
    Int,
    Float,
    Text,
    Bytes,
}

/// A column of a prepared statement.
#[derive(Debug, Clone)]
pub(super) struct ResultColumn {
    /// Its name.
    pub name: String,
    /// The declared type, when it is a column of a table.
    pub declared: Option<String>,
}

/// The first rows, kept as they came until the types are known.
#[derive(Debug)]
pub(super) struct Window {
    columns: Vec<ResultColumn>,
    cells: Vec<Cells>,
    rows: usize,
}

#[derive(Debug, Default)]
struct Cells {
    cells: Vec<Cell>,
    arena: Vec<u8>,
    int: bool,
    big_int: bool,
    float: bool,
    text: bool,
    bytes: bool,
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    Null,
    Int(i64),
    Float(f64),
    Text(usize, usize),
    Bytes(usize, usize),
}

impl Window {
    /// An empty window over `columns`.
    pub(super) fn new(columns: Vec<ResultColumn>) -> Self {
        let cells = columns.iter().map(|_| Cells::default()).collect();
        Self { columns, cells, rows: 0 }
    }

    /// Rows taken in.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Takes in one cell of the current row.
    pub(super) fn push(&mut self, column: usize, value: ValueRef<'_>) {
        let Some(cells) = self.cells.get_mut(column) else { return };
        let mut keep = |bytes: &[u8]| {
            let start = cells.arena.len();
            cells.arena.extend_from_slice(bytes);
            (start, cells.arena.len())
        };
        let cell = match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(value) => {
                cells.int = true;
                cells.big_int |= value.unsigned_abs() > EXACT;
                Cell::Int(value)
            }
            ValueRef::Real(value) => {
                cells.float = true;
                Cell::Float(value)
            }
            ValueRef::Text(value) => {
                let (start, end) = keep(value);
                cells.text = true;
                Cell::Text(start, end)
            }
            ValueRef::Blob(value) => {
                let (start, end) = keep(value);
                cells.bytes = true;
                Cell::Bytes(start, end)
            }
        };
        cells.cells.push(cell);
    }

    /// Ends the current row.
    pub(super) fn end_row(&mut self) {
        self.rows += 1;
    }

    /// Settles the types and hands the rows over to `Batches`. `complete` says that no row follows; `sql` is asked for the
    /// types of expressions when that matters.
    pub(super) fn settle(self, sql: &str, complete: bool, invalid_utf8: InvalidUtf8) -> Result<(Batches, Replay)> {
        let unknown = |cells: &Cells, column: &ResultColumn| {
            column.declared.is_none() && !(cells.int || cells.float || cells.text || cells.bytes)
        };
        let any_unknown = !complete && self.cells.iter().zip(&self.columns).any(|(cells, column)| unknown(cells, column));
        let expressions = if any_unknown { expression_kinds(sql, self.columns.len()) } else { Vec::new() };
        let mut kinds = Vec::with_capacity(self.columns.len());
        let mut fields = Vec::with_capacity(self.columns.len());
        for (index, (column, cells)) in self.columns.iter().zip(&self.cells).enumerate() {
            let kind = decide(column, cells, complete, expressions.get(index).copied().flatten())?;
            let data_type = match kind {
                Kind::Null => DataType::Null,
                Kind::Int => DataType::Int64,
                Kind::Float => DataType::Float64,
                Kind::Text => DataType::Utf8,
                Kind::Bytes => DataType::Binary,
            };
            let mut field = Field::new(&column.name, data_type, true);
            if kind == Kind::Text
                && let Some(name) = column.declared.as_deref().and_then(temporal_name)
            {
                field = field.with_metadata(HashMap::from([("leo.type".to_owned(), name.to_owned())]));
            }
            fields.push(field);
            kinds.push(kind);
        }
        let names = self.columns.into_iter().map(|column| column.name).collect();
        let batches = Batches {
            schema: Arc::new(Schema::new(fields)),
            names,
            columns: kinds.into_iter().map(Builder::new).collect(),
            rows: 0,
            bytes: 0,
            invalid_utf8,
        };
        Ok((batches, Replay { cells: self.cells, rows: self.rows }))
    }
}

/// The rows of a settled window.
#[derive(Debug)]
pub(super) struct Replay {
    cells: Vec<Cells>,
    rows: usize,
}

impl Replay {
    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Puts one row into `batches`.
    pub(super) fn row(&self, row: usize, batches: &mut Batches) -> Result<()> {
        for (index, cells) in self.cells.iter().enumerate() {
            let value = match cells.cells.get(row).copied().unwrap_or(Cell::Null) {
                Cell::Null => ValueRef::Null,
                Cell::Int(value) => ValueRef::Integer(value),
                Cell::Float(value) => ValueRef::Real(value),
                Cell::Text(start, end) => ValueRef::Text(cells.arena.get(start..end).unwrap_or_default()),
                Cell::Bytes(start, end) => ValueRef::Blob(cells.arena.get(start..end).unwrap_or_default()),
            };
            batches.push(index, value)?;
        }
        batches.end_row();
        Ok(())
    }
}

fn decide(column: &ResultColumn, cells: &Cells, complete: bool, expression: Option<Kind>) -> Result<Kind> {
    if cells.bytes && (cells.int || cells.float || cells.text) {
        return Err(Error::malformed(format!(
            "column `{0}` mixes bytes with other values; write CAST({1} AS TEXT) or hex({1}) to read it",
            column.name,
            Dialect::Sqlite.quote(&column.name)
        ))
        .with_context("column", &column.name));
    }
    if cells.bytes {
        return Ok(Kind::Bytes);
    }
    let seen = match cells {
        Cells { text: true, .. } => Kind::Text,
        Cells { float: true, .. } => Kind::Float,
        Cells { int: true, .. } => Kind::Int,
        _ => Kind::Null,
    };
    let (declared, firm) = match &column.declared {
        Some(declared) => declared_kind(declared, seen),
        None => (expression.unwrap_or(Kind::Null), true),
    };
    let declared = if !firm && (complete || cells.big_int) { Kind::Null } else { declared };
    Ok(match declared.max(seen) {
        // Neither type holds both exactly.
        Kind::Float if cells.big_int => Kind::Text,
        // Declared as bytes, but the values are not.
        Kind::Bytes if seen != Kind::Null => seen,
        kind => kind,
    })
}

/// The narrowest kind of a declared type, and whether it holds whatever the values are.
fn declared_kind(declared: &str, seen: Kind) -> (Kind, bool) {
    match LogicalType::from_declared(Dialect::Sqlite, declared) {
        LogicalType::Boolean | LogicalType::Integer => (Kind::Int, true),
        LogicalType::Float => (Kind::Float, true),
        LogicalType::Decimal => (Kind::Float, has_scale(declared)),
        LogicalType::Text | LogicalType::Json | LogicalType::Uuid => (Kind::Text, true),
        LogicalType::Date | LogicalType::Time | LogicalType::Timestamp if seen == Kind::Null => (Kind::Text, true),
        LogicalType::Binary => (Kind::Bytes, true),
        _ => (Kind::Null, true),
    }
}

/// Whether `DECIMAL(10, 2)` and the like say that there are digits behind the point.
fn has_scale(declared: &str) -> bool {
    declared
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(arguments, _)| arguments.split_once(','))
        .and_then(|(_, scale)| scale.trim().parse::<u32>().ok())
        .is_some_and(|scale| scale > 0)
}

fn temporal_name(declared: &str) -> Option<&'static str> {
    match LogicalType::from_declared(Dialect::Sqlite, declared) {
        LogicalType::Date => Some("date"),
        LogicalType::Timestamp => Some("timestamp"),
        LogicalType::Time => Some("time"),
        _ => None,
    }
}

/// Builds record batches of settled types.
#[derive(Debug)]
pub(super) struct Batches {
    schema: SchemaRef,
    names: Vec<String>,
    columns: Vec<Builder>,
    rows: usize,
    bytes: u64,
    invalid_utf8: InvalidUtf8,
}

#[derive(Debug)]
enum Builder {
    Null(NullBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Null => Self::Null(NullBuilder::new()),
            Kind::Int => Self::Int(Int64Builder::new()),
            Kind::Float => Self::Float(Float64Builder::new()),
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Bytes => Self::Bytes(BinaryBuilder::new()),
        }
    }
}

impl Batches {
    /// Names and types of the columns.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows since the last batch.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of values since the last batch.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes in one cell of the current row; every column gets one per row, in any order.
    pub(super) fn push(&mut self, column: usize, value: ValueRef<'_>) -> Result<()> {
        let Some(builder) = self.columns.get_mut(column) else { return Ok(()) };
        self.bytes += 8;
        match (builder, value) {
            (Builder::Null(builder), ValueRef::Null) => builder.append_null(),
            (Builder::Int(builder), ValueRef::Null) => builder.append_null(),
            (Builder::Float(builder), ValueRef::Null) => builder.append_null(),
            (Builder::Text(builder), ValueRef::Null) => builder.append_null(),
            (Builder::Bytes(builder), ValueRef::Null) => builder.append_null(),
            (Builder::Int(builder), ValueRef::Integer(value)) => builder.append_value(value),
            (Builder::Float(builder), ValueRef::Real(value)) => builder.append_value(value),
            (Builder::Float(builder), ValueRef::Integer(value)) if value.unsigned_abs() <= EXACT => {
                builder.append_value(value as f64);
            }
            (Builder::Text(builder), ValueRef::Text(value)) => {
                self.bytes += value.len() as u64;
                match std::str::from_utf8(value) {
                    Ok(text) => builder.append_value(text),
                    Err(_) if self.invalid_utf8 == InvalidUtf8::Replace => builder.append_value(String::from_utf8_lossy(value)),
                    Err(_) => {
                        let name = self.names.get(column).map_or("", String::as_str);
                        return Err(Error::malformed(format!(
                            "column `{name}` holds text that is not UTF-8; write CAST({} AS BLOB) to read its bytes, or set `invalid_utf8` to `replace` for this source",
                            Dialect::Sqlite.quote(name)
                        ))
                        .with_context("column", name));
                    }
                }
            }
            // The same digits SQLite would print, or more: the shortest text that reads back as the same number.
            (Builder::Text(builder), ValueRef::Integer(value)) => builder.append_value(value.to_string()),
            (Builder::Text(builder), ValueRef::Real(value)) => builder.append_value(format!("{value:?}")),
            (Builder::Bytes(builder), ValueRef::Blob(value)) => {
                self.bytes += value.len() as u64;
                builder.append_value(value);
            }
            (builder, value) => return Err(misfit(self.names.get(column).map_or("", String::as_str), builder, value)),
        }
        Ok(())
    }

    /// Ends the current row.
    pub(super) fn end_row(&mut self) {
        self.rows += 1;
    }

    /// The rows since the last batch, as a batch.
    pub(super) fn finish(&mut self) -> Result<RecordBatch> {
        let arrays: Vec<ArrayRef> = self
            .columns
            .iter_mut()
            .map(|builder| match builder {
                Builder::Null(builder) => Arc::new(builder.finish()) as ArrayRef,
                Builder::Int(builder) => Arc::new(builder.finish()),
                Builder::Float(builder) => Arc::new(builder.finish()),
                Builder::Text(builder) => Arc::new(builder.finish()),
                Builder::Bytes(builder) => Arc::new(builder.finish()),
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(std::mem::take(&mut self.rows)));
        self.bytes = 0;
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .map_err(|error| Error::internal("could not build a record batch").with_source(error))
    }
}

fn misfit(name: &str, builder: &Builder, value: ValueRef<'_>) -> Error {
    let holds = match builder {
        Builder::Null(_) => "only NULL",
        Builder::Int(_) => "integers",
        Builder::Float(_) => "floats",
        Builder::Text(_) => "text",
        Builder::Bytes(_) => "bytes",
    };
    let (found, cast) = match value {
        ValueRef::Null => ("NULL", "TEXT"),
        ValueRef::Integer(_) if matches!(builder, Builder::Float(_)) => ("an integer too large to be exact as a float", "TEXT"),
        ValueRef::Integer(_) => ("an integer", if matches!(builder, Builder::Null(_)) { "INTEGER" } else { "BLOB" }),
        ValueRef::Real(_) => ("a float", if matches!(builder, Builder::Bytes(_)) { "BLOB" } else { "REAL" }),
        ValueRef::Text(_) => ("text", if matches!(builder, Builder::Bytes(_)) { "BLOB" } else { "TEXT" }),
        ValueRef::Blob(_) => ("bytes", if matches!(builder, Builder::Null(_)) { "BLOB" } else { "TEXT" }),
    };
    Error::malformed(format!(
        "column `{name}` holds {holds} in its first {WINDOW_ROWS} rows and {found} later; write CAST({} AS {cast}) to read it",
        Dialect::Sqlite.quote(name)
    ))
    .with_context("column", name)
}

/// Kinds of the result's expressions as far as their form tells, for columns whose first rows are all NULL.
fn expression_kinds(sql: &str, columns: usize) -> Vec<Option<Kind>> {
    let unknown = vec![None; columns];
    let Ok(statements) = Parser::parse_sql(&SQLiteDialect {}, sql) else { return unknown };
    let [Statement::Query(query)] = statements.as_slice() else { return unknown };
    body_kinds(&query.body).filter(|kinds| kinds.len() == columns).unwrap_or(unknown)
}

fn body_kinds(body: &SetExpr) -> Option<Vec<Option<Kind>>> {
    match body {
        SetExpr::Select(select) => select
            .projection
            .iter()
            .map(|item| match item {
                SelectItem::UnnamedExpr(expression) | SelectItem::ExprWithAlias { expr: expression, .. } => {
                    Some(expression_kind(expression))
                }
                _ => None,
            })
            .collect(),
        SetExpr::Query(query) => body_kinds(&query.body),
        SetExpr::SetOperation { left, right, .. } => {
            let (left, right) = (body_kinds(left)?, body_kinds(right)?);
            Some(left.into_iter().zip(right).map(|(left, right)| Some(left?.max(right?))).collect())
        }
        _ => None,
    }
}

fn expression_kind(expression: &Expr) -> Option<Kind> {
    match expression {
        Expr::Nested(inner) => expression_kind(inner),
        Expr::Cast { data_type, .. } => match LogicalType::from_declared(Dialect::Sqlite, &data_type.to_string()) {
            LogicalType::Boolean | LogicalType::Integer => Some(Kind::Int),
            LogicalType::Float | LogicalType::Decimal => Some(Kind::Float),
            LogicalType::Text | LogicalType::Json | LogicalType::Uuid => Some(Kind::Text),
            LogicalType::Binary => Some(Kind::Bytes),
            _ => None,
        },
        Expr::Value(value) => match &value.value {
            SqlValue::Number(digits, _) => Some(if digits.contains(['.', 'e', 'E']) { Kind::Float } else { Kind::Int }),
            SqlValue::SingleQuotedString(_) => Some(Kind::Text),
            SqlValue::Null => Some(Kind::Null),
            SqlValue::Boolean(_) => Some(Kind::Int),
            _ => None,
        },
        Expr::BinaryOp { op, left, right } => match op {
            BinaryOperator::StringConcat => Some(Kind::Text),
            BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide => Some(
                expression_kind(left).unwrap_or(Kind::Float).max(expression_kind(right).unwrap_or(Kind::Float)).min(Kind::Float),
            ),
            _ => Some(Kind::Int),
        },
        Expr::Case { conditions, else_result, .. } => conditions
            .iter()
            .map(|when| &when.result)
            .chain(else_result.as_deref())
            .map(expression_kind)
            .try_fold(Kind::Null, |widest, kind| Some(widest.max(kind?))),
        Expr::Function(function) => match function.name.to_string().to_lowercase().as_str() {
            "count" | "length" | "instr" | "unicode" | "sign" | "row_number" | "rank" | "dense_rank" | "ntile" => Some(Kind::Int),
            "avg" | "total" | "round" | "julianday" | "percent_rank" | "cume_dist" | "sum" => Some(Kind::Float),
            "lower" | "upper" | "substr" | "substring" | "trim" | "ltrim" | "rtrim" | "replace" | "printf" | "format"
            | "strftime" | "date" | "datetime" | "time" | "group_concat" | "hex" | "typeof" | "concat" => Some(Kind::Text),
            name if functions::is_real(name) => Some(Kind::Float),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn settle(declared: Option<&str>, values: &[ValueRef<'_>], complete: bool) -> Result<DataType> {
        let mut window = Window::new(vec![ResultColumn { name: "c".into(), declared: declared.map(str::to_owned) }]);
        for value in values {
            window.push(0, *value);
            window.end_row();
        }
        let (batches, _) = window.settle("SELECT c FROM t", complete, InvalidUtf8::Error)?;
        Ok(batches.schema().field(0).data_type().clone())
    }

    #[test]
    fn the_wider_of_declared_and_seen_wins() {
        let int = ValueRef::Integer(1);
        let big = ValueRef::Integer((1 << 53) + 1);
        let (float, text, bytes, null) = (ValueRef::Real(0.5), ValueRef::Text(b"x"), ValueRef::Blob(b"x"), ValueRef::Null);
        for (declared, values, complete, expected) in [
            (Some("INTEGER"), &[int][..], true, DataType::Int64),
            (Some("INTEGER"), &[null], true, DataType::Int64),
            (Some("INTEGER"), &[int, text], true, DataType::Utf8),
            (Some("REAL"), &[null], true, DataType::Float64),
            (Some("DECIMAL(10,2)"), &[int], true, DataType::Float64),
            (Some("DECIMAL(10,2)"), &[big], true, DataType::Utf8),
            (Some("NUMERIC"), &[int], true, DataType::Int64),
            (Some("NUMERIC"), &[int], false, DataType::Float64),
            (Some("NUMERIC"), &[big], false, DataType::Int64),
            (Some("TEXT"), &[null], true, DataType::Utf8),
            (Some("DATE"), &[int], true, DataType::Int64),
            (Some("BLOB"), &[text], true, DataType::Utf8),
            (Some("BLOB"), &[null], true, DataType::Binary),
            (Some("TEXT"), &[bytes], true, DataType::Binary),
            (None, &[int, float], true, DataType::Float64),
            (None, &[big, float], true, DataType::Utf8),
            (None, &[null], true, DataType::Null),
        ] {
            assert_eq!(settle(declared, values, complete).unwrap(), expected, "{declared:?} {values:?} {complete}");
        }
        let error = settle(Some("TEXT"), &[text, bytes], true).unwrap_err();
        assert!(error.message().contains("CAST(\"c\" AS TEXT)"), "{error}");
    }

    #[test]
    fn forms_tell_types() {
        let kinds = expression_kinds(
            "SELECT CAST(a AS TEXT), CAST(a AS REAL), a || b, CASE WHEN a THEN 1 ELSE 2.5 END, sqrt(a), a FROM t",
            6,
        );
        assert_eq!(kinds, [Some(Kind::Text), Some(Kind::Float), Some(Kind::Text), Some(Kind::Float), Some(Kind::Float), None]);
        assert_eq!(expression_kinds("SELECT * FROM t", 1), [None]);
    }
}
