//! One table into a target: look at its head, settle types, keep the rows.

use super::FilesOptions;
use super::header::{self, Layout};
use super::plan::Plan;
use super::report::{Faults, TableReport};
use super::row::{Row, Rows, Tabular};
use super::target::Target;
use crate::error::{Error, Result};

/// Columns SQLite takes, less the one for extra fields.
const MAX_COLUMNS: usize = 1_999;

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

fn layout(table: &dyn Tabular) -> Result<Layout> {
    let mut rows = table.rows()?;
    let (mut head, mut row, mut faults) = (Vec::new(), Row::default(), Faults::default());
    while head.len() < header::ROWS && next_filled(&mut *rows, &mut row, &mut faults)? {
        head.push(row.clone());
    }
    Ok(header::find(&head, table.has_types(), table.merged()))
}

/// The next row that is not blank.
pub(super) fn next_filled(rows: &mut dyn Rows, row: &mut Row, faults: &mut Faults) -> Result<bool> {
    while rows.next(row, faults)? {
        if !row.is_blank() {
            return Ok(true);
        }
    }
    Ok(false)
}
