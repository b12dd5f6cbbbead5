//! What the columns of a table are, and its rows as values of them.

use super::FilesOptions;
use super::header::Layout;
use super::infer::{Decision, Hints, Kind, Seen};
use super::load::next_filled;
use super::name::Names;
use super::pipe::{self, Next};
use super::report::{ColumnReport, FaultKind, Faults};
use super::row::{Cell, Row, Tabular};
use super::target::Target;
use super::value::{Stored, convert, plain};
use crate::error::Result;

/// The column for fields beyond the last one that has a name.
const EXTRA: &str = "extra_fields";
/// Bytes after which types may be settled: as every row is held against them later, more are looked at only where a doubt is left.
const GLANCE: u64 = 4 << 20;

/// How the rows of a table are stored.
pub(super) struct Plan {
    kinds: Vec<Kind>,
    pub(super) columns: Vec<ColumnReport>,
    /// There is a column for fields beyond the last.
    extra: bool,
    /// All rows were looked at.
    pub(super) whole: bool,
}

impl Plan {
    /// Looks at the rows of the first `bytes` of the file.
    pub(super) fn make(
        target: &dyn Target,
        table: &dyn Tabular,
        layout: &Layout,
        options: &FilesOptions,
        bytes: u64,
    ) -> Result<Self> {
        let (mut rows, mut row, mut faults) = (table.rows()?, Row::default(), Faults::default());
        let mut seen = vec![Seen::default(); layout.names.len()];
        let (mut at, mut extra, mut whole, mut glance) = (0, false, true, GLANCE.min(bytes));
        while next_filled(&mut *rows, &mut row, &mut faults)? {
            at += 1;
            if at <= layout.preamble + layout.header {
                continue;
            }
            for (seen, cell) in seen.iter_mut().zip(row.cells.iter().skip(layout.left)) {
                seen.add(*cell, &row);
            }
            extra |= has_extra(&row, layout);
            let enough = row.bytes > glance && row.bytes <= bytes && {
                glance = row.bytes.saturating_mul(2);
                let hints = Hints::of(table, &seen, options);
                seen.iter().all(|seen| seen.is_settled(&hints))
            };
            if enough || row.bytes > bytes {
                whole = false;
                break;
            }
        }
        let hints = Hints::of(table, &seen, options);
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
    pub(super) fn insert(
        &self,
        target: &mut dyn Target,
        table: &dyn Tabular,
        layout: &Layout,
        name: &str,
    ) -> Result<(u64, Faults, bool)> {
        let (mut count, mut at, mut fits) = (0, 0, true);
        let mut found = Faults::default();
        target.fill(name, &self.columns, &self.kinds, &mut |sink| {
            let prepare = |row: &mut Row, faults: &mut Faults| {
                at += 1;
                if at <= layout.preamble {
                    faults.add(FaultKind::Preamble, None, row.number);
                }
                if at <= layout.preamble + layout.header {
                    return Next::Skip;
                }
                fits &= self.make_out(layout, table.has_types(), row, faults);
                if fits || self.whole { Next::Keep } else { Next::Stop }
            };
            found = pipe::read(table, prepare, |row| {
                count += 1;
                sink.put(&row.values, &row.text)
            })?;
            Ok(())
        })?;
        Ok((count, found, fits))
    }

    /// Makes out what is stored of a row; whether it fits the plan.
    fn make_out(&self, layout: &Layout, has_types: bool, row: &mut Row, faults: &mut Faults) -> bool {
        let mut fits = true;
        row.values.clear();
        for (index, kind) in self.kinds.iter().enumerate() {
            let cell = row.cells.get(index + layout.left).copied().unwrap_or(Cell::Empty);
            let value = convert(cell, row, *kind).unwrap_or_else(|fault| {
                fits &= fault != FaultKind::Misfit;
                faults.add(fault, Some(index), row.number);
                Stored::Null
            });
            row.values.push(value);
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
            let beside = extra.then(|| extra_fields(row, layout));
            let value = beside.map_or(Stored::Null, |text| row.keep(&text));
            row.values.push(value);
        }
        fits
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
