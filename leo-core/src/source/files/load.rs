//! One table into SQLite: look at its head, settle types, insert.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql};

use super::FilesOptions;
use super::header::{self, Layout};
use super::infer::{self, Decision, Hints, Kind, Seen};
use super::name::{Names, quoted};
use super::number::{self, Number, Style};
use super::report::{ColumnReport, FaultKind, Faults, TableReport};
use super::row::{Cell, Row, Rows, Tabular};
use super::temporal;
use crate::error::{Error, Result};

/// Columns SQLite takes, less the one for extra fields.
const MAX_COLUMNS: usize = 1_999;
/// The column for fields beyond the last one that has a name.
const EXTRA: &str = "extra_fields";

/// Where tables are kept.
pub(super) trait Target {
    /// Makes `table` anew and keeps the rows that `rows` puts into its cells. The columns are of `kinds`, and of text beyond those.
    fn fill(
        &mut self,
        table: &str,
        columns: &[ColumnReport],
        kinds: &[Kind],
        rows: &mut dyn FnMut(&mut dyn Cells) -> Result<()>,
    ) -> Result<()>;

    /// How a name is spelled here.
    fn spelled(&self, name: String) -> String {
        name
    }
}

/// The cells of one row after another.
pub(super) trait Cells {
    /// Puts a value into the cell of the column `index`.
    fn put(&mut self, index: usize, value: &Stored<'_>) -> Result<()>;

    /// Ends the row; every cell got a value.
    fn end_row(&mut self) -> Result<()>;
}

/// Reads `table` into a new table of `target`, and fills in `report`. `false` when there is nothing to read.
///
/// # Errors
/// `LimitExceeded`, `Malformed`, `Unavailable`; the table may then be there in part.
pub(super) fn load(
    target: &mut dyn Target,
    table: &dyn Tabular,
    options: &FilesOptions,
    report: &mut TableReport,
) -> Result<bool> {
    let layout = match table.names() {
        Some(names) => Layout { names: names.to_vec(), ..Layout::default() },
        None => layout(table)?,
    };
    if layout.names.is_empty() {
        return Ok(false);
    }
    if layout.names.len() > MAX_COLUMNS {
        return Err(Error::limit_exceeded(format!(
            "the table has {} columns and a table may have {MAX_COLUMNS}; put its values in rows instead of columns",
            layout.names.len()
        )));
    }
    let mut plan = Plan::make(target, table, &layout, options, options.infer_bytes)?;
    loop {
        let (rows, faults, fits) = plan.insert(target, table, &layout, &report.table)?;
        // What the first part of a large file did not show: look at all of it.
        if !fits && !plan.whole {
            plan = Plan::make(target, table, &layout, options, u64::MAX)?;
            continue;
        }
        let header = if table.names().is_some() || layout.header > 0 { "header" } else { "no header" };
        report.format = format!("{}, {header}", table.format());
        report.rows = rows;
        report.columns = plan.columns;
        report.faults = faults.finish(&report.columns);
        return Ok(true);
    }
}

fn failed(error: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DiskFull, OutOfMemory, SystemIoFailure, TooBig};
    match error.sqlite_error_code() {
        Some(DiskFull | SystemIoFailure) => {
            Error::unavailable("the disk is full; free some space or set `temp_dir` to a larger one")
        }
        Some(TooBig) => Error::limit_exceeded("a value is larger than SQLite stores; split the file's long fields"),
        Some(OutOfMemory) => Error::limit_exceeded("the files need more memory than there is; lower `memory_bytes`"),
        _ => Error::internal("the rows could not be stored"),
    }
    .with_context("engine", error.to_string())
}

impl Target for Connection {
    fn fill(
        &mut self,
        table: &str,
        columns: &[ColumnReport],
        _kinds: &[Kind],
        rows: &mut dyn FnMut(&mut dyn Cells) -> Result<()>,
    ) -> Result<()> {
        let transaction = self.transaction().map_err(|error| failed(&error))?;
        let (name, places) = (quoted(table), vec!["?"; columns.len()].join(", "));
        let list: Vec<String> = columns.iter().map(|column| format!("{} {}", quoted(&column.name), column.declared)).collect();
        let create = format!("DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({})", list.join(", "));
        transaction.execute_batch(&create).map_err(|error| failed(&error))?;
        let mut statement =
            transaction.prepare(&format!("INSERT INTO {name} VALUES ({places})")).map_err(|error| failed(&error))?;
        rows(&mut statement)?;
        drop(statement);
        transaction.commit().map_err(|error| failed(&error))
    }
}

impl Cells for Statement<'_> {
    fn put(&mut self, index: usize, value: &Stored<'_>) -> Result<()> {
        self.raw_bind_parameter(index + 1, value).map_err(|error| failed(&error))
    }

    fn end_row(&mut self) -> Result<()> {
        self.raw_execute().map(drop).map_err(|error| failed(&error))
    }
}

fn layout(table: &dyn Tabular) -> Result<Layout> {
    let mut rows = table.rows()?;
    let (mut head, mut row, mut faults) = (Vec::new(), Row::default(), Faults::default());
    while head.len() < header::ROWS && next_filled(&mut *rows, &mut row, &mut faults)? {
        head.push(row.clone());
    }
    Ok(header::find(&head, table.has_types(), table.merged()))
}

/// The next row that is not blank.
fn next_filled(rows: &mut dyn Rows, row: &mut Row, faults: &mut Faults) -> Result<bool> {
    while rows.next(row, faults)? {
        if !row.is_blank() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How the rows of a table are stored.
struct Plan {
    kinds: Vec<Kind>,
    columns: Vec<ColumnReport>,
    /// There is a column for fields beyond the last.
    extra: bool,
    /// All rows were looked at.
    whole: bool,
}

impl Plan {
    /// Looks at the rows of the first `bytes` of the file.
    fn make(target: &dyn Target, table: &dyn Tabular, layout: &Layout, options: &FilesOptions, bytes: u64) -> Result<Self> {
        let (mut rows, mut row, mut faults) = (table.rows()?, Row::default(), Faults::default());
        let mut seen = vec![Seen::default(); layout.names.len()];
        let (mut at, mut extra, mut whole) = (0, false, true);
        while next_filled(&mut *rows, &mut row, &mut faults)? {
            at += 1;
            if at <= layout.preamble + layout.header {
                continue;
            }
            for (seen, cell) in seen.iter_mut().zip(row.cells.iter().skip(layout.left)) {
                seen.add(*cell, &row);
            }
            extra |= has_extra(&row, layout);
            if row.bytes > bytes {
                whole = false;
                break;
            }
        }
        let likely = if table.comma_likely() { Style::Comma } else { Style::Point };
        let styles: Vec<Style> = seen.iter().filter_map(Seen::style).collect();
        let commas = styles.iter().filter(|style| **style == Style::Comma).count();
        let style = match (commas, styles.len() - commas) {
            (commas, points) if commas > points => Style::Comma,
            (commas, points) if commas < points => Style::Point,
            _ => likely,
        };
        let hints = Hints { has_types: table.has_types(), style, tolerance: options.tolerance.clamp(0.0, 0.5) };
        let mut names = Names::default();
        let (mut kinds, mut columns) = (Vec::new(), Vec::new());
        for (index, (written, seen)) in layout.names.iter().zip(&seen).enumerate() {
            let Decision { kind, confidence, note } = seen.decide(&hints);
            let name = target.spelled(names.unique(written, &format!("column_{}", index + 1)));
            columns.push(ColumnReport { name, declared: kind.declared().to_owned(), confidence, note });
            kinds.push(kind);
        }
        if extra {
            let name = names.unique(EXTRA, EXTRA);
            columns.push(ColumnReport { name, declared: "TEXT".into(), confidence: 1.0, note: None });
        }
        Ok(Self { kinds, columns, extra, whole })
    }

    /// Keeps all rows: how many, what was wrong, and whether the plan fits what came.
    fn insert(&self, target: &mut dyn Target, table: &dyn Tabular, layout: &Layout, name: &str) -> Result<(u64, Faults, bool)> {
        let (mut row, mut faults) = (Row::default(), Faults::default());
        let (mut count, mut fits) = (0, true);
        target.fill(name, &self.columns, &self.kinds, &mut |cells| {
            let mut rows = table.rows()?;
            let mut at = 0;
            while next_filled(&mut *rows, &mut row, &mut faults)? {
                at += 1;
                if at <= layout.preamble {
                    faults.add(FaultKind::Preamble, None, row.number);
                } else if at > layout.preamble + layout.header {
                    fits &= self.row(cells, layout, table.has_types(), &row, &mut faults)?;
                    count += 1;
                    if !fits && !self.whole {
                        break;
                    }
                }
            }
            Ok(())
        })?;
        Ok((count, faults, fits))
    }

    fn row(&self, cells: &mut dyn Cells, layout: &Layout, has_types: bool, row: &Row, faults: &mut Faults) -> Result<bool> {
        let mut fits = true;
        for (index, kind) in self.kinds.iter().enumerate() {
            let cell = row.cells.get(index + layout.left).copied().unwrap_or(Cell::Empty);
            let value = convert(cell, row, *kind).unwrap_or_else(|fault| {
                fits &= fault != FaultKind::Misfit;
                faults.add(fault, Some(index), row.number);
                Stored::Null
            });
            cells.put(index, &value)?;
        }
        if !has_types && row.cells.len() < self.kinds.len() {
            faults.add(FaultKind::ShortRow, None, row.number);
        }
        let extra = has_extra(row, layout);
        if extra {
            faults.add(FaultKind::LongRow, None, row.number);
            fits &= self.extra;
        }
        if self.extra {
            let value = if extra { Stored::Owned(extra_fields(row, layout)) } else { Stored::Null };
            cells.put(self.kinds.len(), &value)?;
        }
        cells.end_row()?;
        Ok(fits)
    }
}

/// Whether a row has something beside the named columns.
fn has_extra(row: &Row, layout: &Layout) -> bool {
    let filled = |cell: &Cell| *cell != Cell::Empty;
    row.cells.iter().take(layout.left).any(filled) || row.cells.iter().skip(layout.left + layout.names.len()).any(filled)
}

/// What a row has beside the named columns, separated by bars.
fn extra_fields(row: &Row, layout: &Layout) -> String {
    let beside = row.cells.iter().take(layout.left).chain(row.cells.iter().skip(layout.left + layout.names.len()));
    beside.filter(|cell| **cell != Cell::Empty).map(|cell| plain(*cell, row)).collect::<Vec<_>>().join(" | ")
}

fn plain(cell: Cell, row: &Row) -> String {
    match cell {
        Cell::Int(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Bool(value) => value.to_string(),
        cell => row.text_of(cell).to_owned(),
    }
}

/// A value on its way into a table: dates and times as text in ISO form, truth as 0 and 1.
pub(super) enum Stored<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'a str),
    Owned(String),
}

impl ToSql for Stored<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Real(value) => ValueRef::Real(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Owned(value) => ValueRef::Text(value.as_bytes()),
        }))
    }
}

fn convert(cell: Cell, row: &Row, kind: Kind) -> Result<Stored<'_>, FaultKind> {
    match (cell, kind) {
        (Cell::Empty, _) => return Ok(Stored::Null),
        (Cell::Error, _) => return Err(FaultKind::CellError),
        (Cell::NoResult, _) => return Err(FaultKind::NoResult),
        (Cell::Text(..) | Cell::Json(..), Kind::Text) => return Ok(Stored::Text(row.text_of(cell))),
        (_, Kind::Text) => return Ok(Stored::Owned(plain(cell, row))),
        (Cell::Json(..), Kind::Json) => return Ok(Stored::Text(row.text_of(cell))),
        (Cell::Int(value), Kind::Integer(_)) => return Ok(Stored::Int(value)),
        (Cell::Int(value), Kind::Real(_)) => return Ok(Stored::Real(value as f64)),
        (Cell::Float(value), Kind::Real(_)) => return Ok(Stored::Real(value)),
        (Cell::Bool(value), Kind::Boolean) => return Ok(Stored::Int(i64::from(value))),
        (Cell::Text(..), _) => {}
        _ => return Err(FaultKind::Misfit),
    }
    let text = row.text_of(cell).trim();
    if infer::is_marker(text) {
        return Ok(Stored::Null);
    }
    let value = match kind {
        Kind::Integer(style) => match number::parse(text, style) {
            Some(Number::Int(value)) => Some(Stored::Int(value)),
            _ => None,
        },
        Kind::Real(style) => number::parse(text, style).map(|number| match number {
            Number::Int(value) => Stored::Real(value as f64),
            Number::Real(value) => Stored::Real(value),
        }),
        Kind::Boolean => infer::boolean(text).map(|value| Stored::Int(i64::from(value))),
        Kind::Date(order) => {
            let day = temporal::parse(text).filter(|moment| !moment.has_time()).and_then(|moment| moment.date(order));
            day.map(|date| Stored::Owned(date.to_string()))
        }
        Kind::Timestamp(order) => temporal::parse(text).and_then(|moment| moment.timestamp(order)).map(Stored::Owned),
        Kind::Time => temporal::parse(text).and_then(|moment| moment.time_of_day()).map(Stored::Owned),
        Kind::Json | Kind::Text => None,
    };
    value.ok_or(FaultKind::Misfit)
}
