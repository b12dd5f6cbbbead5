//! A result table in a terminal: aligned columns, numbers to the right, wide cells cut, missing values as a dash.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::cells::{Cell, Columns};
use crate::chart::{ColumnHint, format};
use crate::table::Table;

/// Longest run of text read from a cell before it is cut to its column.
pub(super) const MAX_CHARS: usize = 400;
/// Narrowest a column is made to let others fit.
const MIN_WIDTH: usize = 6;

/// How a table is written.
#[derive(Debug, Clone)]
pub struct TableOptions {
    /// Columns of the terminal; `None` does not cut (a pipe).
    pub width: Option<usize>,
    /// Rows written; the rest is counted.
    pub max_rows: usize,
    /// Widest a column may be.
    pub max_cell: usize,
    /// Whether escape sequences for dim text may be used.
    pub colour: bool,
    /// Plain ASCII instead of line-drawing characters.
    pub ascii: bool,
    /// Units and labels of columns, where they are known.
    pub columns: Vec<ColumnHint>,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self { width: Some(80), max_rows: 20, max_cell: 40, colour: false, ascii: false, columns: Vec::new() }
    }
}

/// The table as lines, each ended by a line feed. Cells cannot break their line or send sequences to the terminal: what is hidden or
/// controls is replaced.
///
/// Columns that do not fit into the width are left out from the right and counted.
pub fn table(table: &Table, options: &TableOptions) -> String {
    let rows = table.num_rows().min(options.max_rows);
    let columns = Columns::of(table, options.columns.clone());
    let right: Vec<bool> = (0..table.num_columns()).map(|column| columns.is_right(column)).collect();
    let header: Vec<String> = (0..table.num_columns()).map(|column| cut(&columns.name(column), options.max_cell)).collect();
    let cell = |row, column| {
        let cell = columns.cell(row, column, options.ascii);
        Cell { text: cut(&cell.text, options.max_cell), dim: cell.dim }
    };
    let body: Vec<Vec<Cell>> = (0..rows).map(|row| (0..table.num_columns()).map(|column| cell(row, column)).collect()).collect();
    let mut widths: Vec<usize> = header
        .iter()
        .enumerate()
        .map(|(column, name)| {
            body.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.width()).chain([name.width()]).max().unwrap_or(0)
        })
        .collect();
    // A number that is cut is another number: only text gives way, and names of columns.
    let least: Vec<usize> = widths
        .iter()
        .enumerate()
        .map(|(column, &width)| {
            let numbers = right.get(column).copied().unwrap_or(false);
            let cells = body.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.width()).max().unwrap_or(0);
            if numbers { cells.max(MIN_WIDTH).min(width) } else { MIN_WIDTH.min(width) }
        })
        .collect();
    let shown = fit(&mut widths, &least, options.width);
    let mut out = String::new();
    if shown > 0 {
        write_row(&mut out, header.iter().take(shown).map(|name| (name.as_str(), false)), &widths, &right, options);
        let rule = if options.ascii { "-" } else { "─" };
        let rules: Vec<String> = widths.iter().take(shown).map(|width| rule.repeat(*width)).collect();
        out.push_str(&rules.join("  "));
        out.push('\n');
        for row in &body {
            write_row(&mut out, row.iter().take(shown).map(|cell| (cell.text.as_str(), cell.dim)), &widths, &right, options);
        }
    }
    let dots = if options.ascii { "..." } else { "…" };
    let hidden_rows = table.num_rows() - rows;
    if hidden_rows > 0 {
        out.push_str(&format!("{dots} {} more {}\n", count(hidden_rows), if hidden_rows == 1 { "row" } else { "rows" }));
    } else if table.num_rows() == 0 {
        out.push_str("(no rows)\n");
    }
    let hidden_columns = table.num_columns() - shown;
    if hidden_columns > 0 {
        let do_not_fit = if hidden_columns == 1 { "column does not fit" } else { "columns do not fit" };
        out.push_str(&format!("{dots} {hidden_columns} {do_not_fit}: {}\n", names(&header, shown)));
    }
    out
}

fn names(header: &[String], from: usize) -> String {
    let list = header.get(from..).unwrap_or_default().iter().take(6).map(String::as_str).collect::<Vec<_>>().join(", ");
    if header.len() - from > 6 { format!("{list}, …") } else { list }
}

fn count(rows: usize) -> String {
    i64::try_from(rows).map_or_else(|_| rows.to_string(), format::integer)
}

/// Shrinks the widest columns until all fit, none below its least width; returns how many columns are shown.
fn fit(widths: &mut [usize], least: &[usize], total: Option<usize>) -> usize {
    let Some(total) = total else { return widths.len() };
    let mut shown = widths.len();
    loop {
        let Some(current) = widths.get_mut(..shown) else { return shown };
        let needed = current.iter().sum::<usize>() + 2 * shown.saturating_sub(1);
        if needed <= total || shown == 0 {
            return shown;
        }
        let shrinkable =
            current.iter_mut().zip(least).filter(|(width, least)| **width > **least).max_by_key(|(width, _)| **width);
        match shrinkable {
            Some((widest, least)) => *widest -= (needed - total).min((*widest - least).div_ceil(4)),
            None if shown > 1 => shown -= 1,
            None => {
                current.iter_mut().for_each(|width| *width = total.max(1));
                return shown;
            }
        }
    }
}

fn write_row<'a>(
    out: &mut String,
    cells: impl Iterator<Item = (&'a str, bool)>,
    widths: &[usize],
    right: &[bool],
    options: &TableOptions,
) {
    let mut line = String::new();
    for (index, ((text, dim), width)) in cells.zip(widths).enumerate() {
        if index > 0 {
            line.push_str("  ");
        }
        let text = cut(text, *width);
        let padding = " ".repeat(width.saturating_sub(text.width()));
        let to_right = right.get(index).copied().unwrap_or(false);
        if to_right {
            line.push_str(&padding);
        }
        if dim && options.colour {
            line.push_str(&format!("\u{1b}[2m{text}\u{1b}[0m"));
        } else {
            line.push_str(&text);
        }
        if !to_right {
            line.push_str(&padding);
        }
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// `text` in at most `width` places, cut with an ellipsis.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut taken = 0;
    let mut fitted = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if taken + wide + 1 > width {
            break;
        }
        taken += wide;
        fitted.push(c);
    }
    if width > 0 {
        fitted.push('…');
    }
    fitted
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Value;

    fn sample() -> Table {
        let rows = vec![
            vec![1.into(), "Müller & Söhne".into(), 12_345.5.into(), Value::Null, true.into(), 2024.into()],
            vec![
                2.into(),
                "株式会社日本".into(),
                7.25.into(),
                "a very long remark that does not fit into any column of forty".into(),
                false.into(),
                2023.into(),
            ],
            vec![3.into(), "\u{1b}[31mred\nline\u{202e}".into(), (-300).into(), "".into(), Value::Null, 2022.into()],
        ];
        Table::from_rows(&["customer_id", "name", "revenue", "remark", "active", "year"], &rows).unwrap()
    }

    #[test]
    fn columns_are_aligned() {
        insta::assert_snapshot!(table(&sample(), &TableOptions { width: Some(100), ..Default::default() }));
    }

    #[test]
    fn narrow_terminals_cut_and_count() {
        insta::assert_snapshot!(table(&sample(), &TableOptions { width: Some(44), max_rows: 2, ..Default::default() }));
    }

    #[test]
    fn rows_beyond_the_limit_are_counted() {
        let rows: Vec<Vec<Value>> = (0..1_208).map(|n| vec![n.into()]).collect();
        let text = table(&Table::from_rows(&["n"], &rows).unwrap(), &TableOptions::default());
        assert!(text.ends_with("… 1,188 more rows\n"), "{text}");
        assert_eq!(table(&Table::from_rows(&["n"], &[]).unwrap(), &TableOptions::default()), "n\n─\n(no rows)\n");
    }

    #[test]
    fn only_dim_text_is_escaped() {
        let text = table(&sample(), &TableOptions { colour: true, ..Default::default() });
        assert!(text.contains("\u{1b}[2m–\u{1b}[0m"));
        assert_eq!(text.matches('\u{1b}').count() % 2, 0);
        assert!(!text.contains("\u{1b}[31m") && !text.contains('\u{202e}'));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(
            rows in prop::collection::vec(prop::collection::vec(prop_oneof![".{0,60}".prop_map(Value::from), any::<i64>().prop_map(Value::from), any::<f64>().prop_map(Value::from), Just(Value::Null)], 4), 0..30),
            names in prop::collection::vec(".{0,30}", 4), width in 1usize..120, max_rows in 0usize..20,
        ) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let result = Table::from_rows(&names, &rows).unwrap();
            let text = table(&result, &TableOptions { width: Some(width), max_rows, ..Default::default() });
            prop_assert!(text.lines().filter(|line| !line.starts_with('…') && *line != "(no rows)").all(|line| line.width() <= width.max(1)));
            prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
