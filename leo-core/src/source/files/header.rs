//! Where a table begins and what its columns are called.

use std::collections::{HashMap, HashSet};

use super::infer;
use super::number::{self, Style};
use super::row::{Cell, Row};
use super::temporal;

/// Rows looked at.
pub(super) const ROWS: usize = 200;
/// Rows of text that may stand before a table.
const PREAMBLE: usize = 20;

/// The shape of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Rows before the header.
    pub(super) preamble: usize,
    /// Rows of the header: 0, 1 or 2.
    pub(super) header: usize,
    /// Columns left of the table.
    pub(super) left: usize,
    /// Names as written; empty where there is none.
    pub(super) names: Vec<String>,
}

/// Finds the table in its first rows, none of which is blank. `merged` are ranges of merged cells.
pub(super) fn find(rows: &[Row], has_types: bool, merged: &[(u32, u32, u32, u32)]) -> Layout {
    let left = if has_types { rows.iter().filter_map(first_filled).min().unwrap_or(0) } else { 0 };
    let width = if has_types { rows.iter().map(filled_to).max().unwrap_or(0) } else { usual_width(rows) };
    let mut preamble = 0;
    while preamble < PREAMBLE
        && preamble + 2 < rows.len()
        && rows.get(preamble).is_some_and(|row| is_preamble(row, width - left.min(width)))
    {
        preamble += 1;
    }
    let body = rows.get(preamble..).unwrap_or_default();
    let Some((first, rest)) = body.split_first() else { return Layout::default() };
    if !is_header(first, rest) {
        return Layout { preamble, header: 0, left, names: vec![String::new(); width.saturating_sub(left)] };
    }
    let mut names: Vec<String> = first.cells.iter().map(|cell| written(*cell, first)).collect();
    let mut header = 1;
    let row_index = u32::try_from(first.number.saturating_sub(1)).unwrap_or(u32::MAX);
    let spans: Vec<_> =
        merged.iter().filter(|(top, from, _, to)| *top == row_index && to > from && (*to as usize) < width.max(1)).collect();
    if let (false, Some(second)) =
        (spans.is_empty(), rest.first().filter(|second| !second.cells.iter().any(|cell| is_data(*cell, second))))
    {
        header = 2;
        names.resize(width, String::new());
        for (_, from, _, to) in spans {
            let group = names.get(*from as usize).cloned().unwrap_or_default();
            for name in names.iter_mut().take(*to as usize + 1).skip(*from as usize) {
                name.clone_from(&group);
            }
        }
        for (name, cell) in names.iter_mut().zip(&second.cells) {
            *name = format!("{name} {}", written(*cell, second)).trim().to_owned();
        }
    }
    if has_types || names.len() < width {
        names.resize(width, String::new());
    }
    // A delimiter at the end of each line makes no column.
    if !has_types && names.len() > 1 && names.last().is_some_and(String::is_empty) && column_is_empty(rest, names.len() - 1) {
        names.pop();
    }
    Layout { preamble, header, left, names: names.split_off(left.min(names.len())) }
}

fn column_is_empty(rows: &[Row], at: usize) -> bool {
    rows.iter().all(|row| row.cells.get(at).is_none_or(|cell| *cell == Cell::Empty))
}

fn first_filled(row: &Row) -> Option<usize> {
    row.cells.iter().position(|cell| *cell != Cell::Empty)
}

fn filled_to(row: &Row) -> usize {
    row.cells.iter().rposition(|cell| *cell != Cell::Empty).map_or(0, |last| last + 1)
}

/// The number of fields most rows have.
fn usual_width(rows: &[Row]) -> usize {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for row in rows {
        *counts.entry(row.cells.len()).or_default() += 1;
    }
    // Where two are as frequent, the first row knows.
    let first = rows.first().map_or(0, |row| row.cells.len());
    counts.into_iter().max_by_key(|(width, count)| (*count, *width == first, *width)).map_or(0, |(width, _)| width)
}

/// A title or a remark: one cell alone where the table has several.
fn is_preamble(row: &Row, width: usize) -> bool {
    let filled = row.cells.iter().filter(|cell| **cell != Cell::Empty).count();
    filled <= 1 && (width > 2 || (width == 2 && row.cells.len() == 1))
}

/// Whether `first` names columns: it holds no data, and the rows below do or at least do not repeat it.
fn is_header(first: &Row, rest: &[Row]) -> bool {
    let data: Vec<usize> =
        (0..first.cells.len()).filter(|at| first.cells.get(*at).is_some_and(|cell| is_data(*cell, first))).collect();
    if !data.is_empty() {
        return years_above_values(first, rest, &data);
    }
    let below = |at: usize| rest.iter().filter_map(move |row| row.cells.get(at).map(|cell| (*cell, row)));
    let typed = (0..first.cells.len()).any(|at| {
        let filled = below(at).filter(|(cell, _)| *cell != Cell::Empty).count();
        filled > 0 && below(at).filter(|(cell, row)| is_data(*cell, row)).count() * 2 > filled
    });
    typed
        || !first.cells.iter().enumerate().any(|(at, cell)| {
            let name = written(*cell, first);
            !name.is_empty() && below(at).any(|(cell, row)| written(cell, row) == name)
        })
}

/// Years as names of columns: `region, 2023, 2024` above other numbers.
fn years_above_values(first: &Row, rest: &[Row], data: &[usize]) -> bool {
    let year = |cell: Cell, row: &Row| {
        match cell {
            Cell::Int(value) => Some(value),
            cell => row.text_of(cell).trim().parse().ok(),
        }
        .filter(|value: &i64| (1900..=2100).contains(value))
    };
    let of = |row: &Row, at: usize| row.cells.get(at).and_then(|cell| year(*cell, row));
    let years: HashSet<i64> = data.iter().filter_map(|at| of(first, *at)).collect();
    let named = data.len() < first.cells.len();
    named && years.len() == data.len() && !rest.is_empty() && !rest.iter().any(|row| data.iter().all(|at| of(row, *at).is_some()))
}

/// Whether a cell holds a number, a date or a boolean.
fn is_data(cell: Cell, row: &Row) -> bool {
    match cell {
        Cell::Empty => false,
        Cell::Text(..) => {
            let text = row.text_of(cell).trim();
            number::parse(text, Style::Point).is_some()
                || number::parse(text, Style::Comma).is_some()
                || temporal::parse(text).is_some()
                || infer::boolean(text).is_some()
        }
        _ => true,
    }
}

/// A cell of a header as text, without blanks and line ends in it.
fn written(cell: Cell, row: &Row) -> String {
    match cell {
        Cell::Int(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Bool(value) => value.to_string(),
        cell => row.text_of(cell).split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<Row> {
        let row = |(at, line): (usize, &&str)| {
            let mut row = Row { number: at as u64 + 1, ..Row::default() };
            line.split(',').for_each(|field| row.push_text(field));
            row
        };
        lines.iter().enumerate().map(row).collect()
    }

    fn names(lines: &[&str]) -> Option<String> {
        let layout = find(&rows(lines), false, &[]);
        (layout.header > 0).then(|| layout.names.join("|"))
    }

    #[test]
    fn headers_are_told_from_data() {
        assert_eq!(names(&["id,name", "1,x"]), Some("id|name".into()));
        assert_eq!(names(&["1,x", "2,y"]), None);
        assert_eq!(names(&["name,city", "ann,rome", "bob,oslo"]), Some("name|city".into()));
        assert_eq!(names(&["ann,rome", "bob,rome"]), None);
        assert_eq!(names(&["region,2023,2024", "north,5,7"]), Some("region|2023|2024".into()));
        assert_eq!(names(&["north,2023,2024", "south,2021,2022"]), None);
        assert_eq!(names(&["a,b"]), Some("a|b".into()));
        assert_eq!(names(&["id,name,", "1,x,", "2,y,"]), Some("id|name".into()));
        assert_eq!(names(&["My report", "id,a,b", "1,2,3", "4,5,6"]), Some("id|a|b".into()));
        assert_eq!(names(&["a,,b", "1,2,3"]), Some("a||b".into()));
    }

    #[test]
    fn groups_above_names_are_put_before_them() {
        let layout = find(&rows(&["region,sales,,cost", ",q1,q2,", "north,1,2,3"]), true, &[(0, 1, 0, 2), (0, 0, 1, 0)]);
        assert_eq!((layout.header, layout.names.join("|")), (2, "region|sales q1|sales q2|cost".to_owned()));
    }
}
