//! Cells as people read them, with what is known of their columns; the same in a terminal and on a page.

use super::table::MAX_CHARS;
use crate::chart::{ColumnHint, ColumnKind, Hint, Shape, Unit, format};
use crate::query::Grain;
use crate::table::Table;
use crate::value::Value;

/// A cell as text; dim when the text only stands for something.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) dim: bool,
}

/// A table and what is known of its columns.
pub(super) struct Columns<'a> {
    table: &'a Table,
    hint: Hint,
    shape: Shape,
}

impl<'a> Columns<'a> {
    pub(super) fn of(table: &'a Table, columns: Vec<ColumnHint>) -> Self {
        let hint = Hint { columns, ..Hint::default() };
        let shape = Shape::of(table, &hint);
        Self { table, hint, shape }
    }

    /// Whether a column holds numbers, which stand at its right.
    pub(super) fn is_right(&self, column: usize) -> bool {
        self.shape.columns.get(column).is_some_and(|column| column.kind == ColumnKind::Number)
    }

    pub(super) fn name(&self, column: usize) -> String {
        format::label(self.table.column_name(column), MAX_CHARS)
    }

    /// The cell; plain ASCII stands for what is missing where it has to.
    pub(super) fn cell(&self, row: usize, column: usize, ascii: bool) -> Cell {
        let value = self.table.value(row, column);
        let known = self.hint.column(self.table.column_name(column));
        let unit = known.map_or(&Unit::Plain, |known| &known.unit);
        let grain = known.and_then(|known| known.grain);
        if let Some(name) = format::calendar_part(&value, grain, false) {
            return Cell { text: name, dim: false };
        }
        let counts = self.shape.columns.get(column).is_some_and(|column| column.kind == ColumnKind::Number && !column.identifier);
        let text = match &value {
            Value::Null => return Cell { text: if ascii { "-".into() } else { "–".into() }, dim: true },
            // Years, weekdays and keys are names made of digits.
            Value::Int(value) if !counts || grain.is_some_and(|grain| grain != Grain::Hour) => value.to_string(),
            Value::Text(text) if text.trim().is_empty() => return Cell { text: "(blank)".into(), dim: true },
            other => format::cell(other, unit, MAX_CHARS),
        };
        Cell { text, dim: false }
    }
}
