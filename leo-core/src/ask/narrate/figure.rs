//! Figures, and what they rest on. A figure can be computed again from the table at any time, and so can every claim around it.

use serde::{Deserialize, Serialize};

use super::periods;
use crate::chart::{Unit, format, number};
use crate::query::Grain;
use crate::table::Table;
use crate::value::Value;

/// Longest quoted label, in characters.
const LABEL: usize = 60;

/// A sentence whose figures are bound.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sentence {
    /// The sentence.
    pub text: String,
    /// The figures in it, in order.
    pub figures: Vec<Figure>,
    /// What it says without a figure: "leads", "rose".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
}

/// Shows the shape only: sentences quote values.
impl std::fmt::Debug for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sentence({} bytes, {} figures, {} claims)", self.text.len(), self.figures.len(), self.claims.len())
    }
}

/// A number or label in a sentence, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figure {
    /// First byte in the sentence's text (UTF-8).
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The value before it was formatted.
    pub value: Value,
    /// How it is written.
    pub format: Format,
    /// What it is computed from.
    pub source: Source,
}

/// How a figure is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FigureFormat"))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// As a number in a unit.
    Number(Unit),
    /// As a number in a unit without its sign; the words say the direction.
    Magnitude(Unit),
    /// As a number in a unit, with a sign even where it is positive: a change.
    Signed(Unit),
    /// As a name, a date or a year: no thousands separators, long text cut.
    Label,
    /// As a part of the calendar: 1 is Monday.
    Calendar(Grain),
}

impl Format {
    /// The value as the sentence writes it; `None` where it cannot be written so (NULL, text as a number).
    pub fn write(&self, value: &Value) -> Option<String> {
        match self {
            Self::Calendar(grain) => format::calendar_part(value, Some(*grain), true).or_else(|| Self::Label.write(value)),
            Self::Label => match value {
                Value::Null => None,
                Value::Int(value) => Some(value.to_string()),
                other => Some(format::cell(other, &Unit::Plain, LABEL)).filter(|text| !text.is_empty()),
            },
            Self::Signed(unit) => {
                let text = Self::Number(unit.clone()).write(value)?;
                Some(if number(value)? > 0.0 { format!("+{text}") } else { text })
            }
            Self::Number(unit) | Self::Magnitude(unit) => {
                let absolute = matches!(self, Self::Magnitude(_));
                if let (Value::Int(value), true) = (value, unit.is_plain()) {
                    return Some(format::integer(if absolute { value.saturating_abs() } else { *value }));
                }
                let value = number(value).filter(|value| value.is_finite())?;
                Some(format::in_unit(if absolute { value.abs() } else { value }, unit))
            }
        }
    }
}

/// What a figure is computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FigureSource"))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// One cell, both counted from 0.
    Cell {
        /// Row.
        row: usize,
        /// Column.
        column: usize,
    },
    /// An aggregate of a column's cells.
    Aggregate {
        /// Which.
        op: AggregateOp,
        /// Column, from 0.
        column: usize,
        /// Which rows.
        rows: Rows,
    },
    /// Number of rows, less `beyond`: "and 12 more".
    RowCount {
        /// Rows already named.
        beyond: usize,
    },
    /// Number of different values in a column.
    Distinct {
        /// Column, from 0.
        column: usize,
    },
    /// `to − from`.
    Difference {
        /// What is taken away.
        from: Box<Source>,
        /// What it is taken from.
        to: Box<Source>,
    },
    /// `part ÷ whole`.
    Ratio {
        /// Above the line.
        part: Box<Source>,
        /// Below the line.
        whole: Box<Source>,
    },
    /// `(to − from) ÷ |from|`.
    Change {
        /// Before.
        from: Box<Source>,
        /// After.
        to: Box<Source>,
    },
    /// Periods that a time column leaves out between its first and last: how many, or the one at a position.
    MissingPeriods {
        /// Column, from 0.
        column: usize,
        /// Which of them; `None` is how many.
        at: Option<usize>,
    },
    /// Said by the caller and not computed: a window, a name.
    Given(String),
}

/// An aggregate over cells; NULL is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum AggregateOp {
    Sum,
    Mean,
    Min,
    Max,
    Median,
    Count,
}

/// Rows an aggregate runs over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FigureRows"))]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// All.
    All,
    /// These.
    List(Vec<usize>),
    /// Those whose cell in `column` equals that of `row`.
    Like {
        /// Column, from 0.
        column: usize,
        /// Row, from 0.
        row: usize,
    },
}

/// Something a sentence says without a figure; true or not in a given table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The table has so many rows.
    Rows(usize),
    /// The cell is the greatest (or least) of its column, and no other row has the same.
    Extreme {
        /// Row.
        row: usize,
        /// Column.
        column: usize,
        /// Greatest or least.
        least: bool,
    },
    /// So many rows share the greatest (or least) value, that of `row`.
    Tie {
        /// One of the rows.
        row: usize,
        /// Column.
        column: usize,
        /// Greatest or least.
        least: bool,
        /// How many.
        rows: usize,
    },
    /// The rows' values are the greatest (or least) of the column, in this order.
    Leading {
        /// Rows, first the leading one.
        rows: Vec<usize>,
        /// Column.
        column: usize,
        /// Greatest or least.
        least: bool,
    },
    /// The sum over the rows like `row` is the greatest among the groups of that column.
    LargestGroup {
        /// Column of the groups.
        by: usize,
        /// A row of the group.
        row: usize,
        /// Column that is summed.
        column: usize,
    },
    /// `right` is greater than, less than or equal to `left`.
    Direction {
        /// Before.
        left: Source,
        /// After.
        right: Source,
        /// The sign of `right − left`.
        sign: i8,
    },
    /// The change from the row before is the largest of the column, by amount.
    LargestStep {
        /// Row of the later value.
        row: usize,
        /// Row of the earlier value.
        before: usize,
        /// Column.
        column: usize,
        /// Column that orders the rows.
        along: usize,
    },
    /// The cell is an outlier of its column: modified z-score above 3.5.
    Outlier {
        /// Row.
        row: usize,
        /// Column.
        column: usize,
    },
    /// The cell is NULL.
    Missing {
        /// Row.
        row: usize,
        /// Column.
        column: usize,
    },
    /// The cell (a count or a truth value) says yes, or no.
    Truth {
        /// Row.
        row: usize,
        /// Column.
        column: usize,
        /// Yes or no.
        holds: bool,
    },
}

impl Source {
    /// The cell at `row`, `column`.
    pub(in crate::ask) fn cell(row: usize, column: usize) -> Self {
        Self::Cell { row, column }
    }

    /// The sum of a column.
    pub(in crate::ask) fn sum(column: usize) -> Self {
        Self::Aggregate { op: AggregateOp::Sum, column, rows: Rows::All }
    }

    /// The value in `table`; `None` where there is none (a NULL, a division by zero, a cell that is not there).
    pub fn evaluate(&self, table: &Table) -> Option<Value> {
        match self {
            Self::Cell { row, column } => Some(table.value(*row, *column)).filter(|value| !value.is_null()),
            Self::Aggregate { op, column, rows } => aggregate(table, *op, *column, rows),
            Self::RowCount { beyond } => {
                table.num_rows().checked_sub(*beyond).and_then(|rows| i64::try_from(rows).ok()).map(Value::Int)
            }
            Self::Distinct { column } => {
                let distinct: std::collections::HashSet<String> =
                    table.column(*column).filter(|value| !value.is_null()).map(|value| value.to_string()).collect();
                i64::try_from(distinct.len()).ok().map(Value::Int)
            }
            Self::Difference { from, to } => match (from.evaluate(table)?, to.evaluate(table)?) {
                (Value::Int(from), Value::Int(to)) => to.checked_sub(from).map(Value::Int),
                (from, to) => finite(number(&to)? - number(&from)?),
            },
            Self::Ratio { part, whole } => finite(number(&part.evaluate(table)?)? / number(&whole.evaluate(table)?)?),
            Self::Change { from, to } => {
                let (from, to) = (number(&from.evaluate(table)?)?, number(&to.evaluate(table)?)?);
                finite((to - from) / from.abs())
            }
            Self::MissingPeriods { column, at } => {
                let missing = periods::missing(table, *column)?;
                match at {
                    None => i64::try_from(missing.len()).ok().map(Value::Int),
                    Some(at) => missing.into_iter().nth(*at).map(Value::Text),
                }
            }
            Self::Given(text) => Some(Value::Text(text.clone())),
        }
    }

    fn number(&self, table: &Table) -> Option<f64> {
        number(&self.evaluate(table)?)
    }
}

fn finite(value: f64) -> Option<Value> {
    value.is_finite().then_some(Value::Float(value))
}

fn aggregate(table: &Table, op: AggregateOp, column: usize, rows: &Rows) -> Option<Value> {
    if column >= table.num_columns() {
        return None;
    }
    let cells: Vec<Value> = match rows {
        Rows::All => table.column(column).collect(),
        Rows::List(rows) => rows.iter().map(|row| table.value(*row, column)).collect(),
        Rows::Like { column: by, row } => {
            let wanted = table.value(*row, *by);
            (0..table.num_rows()).filter(|row| table.value(*row, *by) == wanted).map(|row| table.value(row, column)).collect()
        }
    };
    let cells: Vec<Value> = cells.into_iter().filter(|value| !value.is_null()).collect();
    if op == AggregateOp::Count {
        return i64::try_from(cells.len()).ok().map(Value::Int);
    }
    if cells.is_empty() {
        return None;
    }
    // Whole numbers stay whole; beyond 64 bits there is no figure rather than a wrong one.
    let whole: Option<Vec<i64>> =
        cells.iter().map(|value| if let Value::Int(value) = value { Some(*value) } else { None }).collect();
    if let (Some(whole), false) = (&whole, matches!(op, AggregateOp::Mean | AggregateOp::Median)) {
        return match op {
            AggregateOp::Sum => whole.iter().try_fold(0i64, |sum, value| sum.checked_add(*value)),
            AggregateOp::Min => whole.iter().min().copied(),
            _ => whole.iter().max().copied(),
        }
        .map(Value::Int);
    }
    let numbers: Option<Vec<f64>> = cells.iter().map(|value| number(value).filter(|number| number.is_finite())).collect();
    let numbers = numbers?;
    finite(match op {
        AggregateOp::Sum => numbers.iter().sum(),
        AggregateOp::Mean => numbers.iter().sum::<f64>() / numbers.len() as f64,
        AggregateOp::Median => super::median(numbers),
        AggregateOp::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        _ => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
}

impl Claim {
    /// Whether it is true of `table`.
    pub fn holds(&self, table: &Table) -> bool {
        let cell = |row: usize, column: usize| number(&table.value(row, column));
        match self {
            Self::Rows(rows) => table.num_rows() == *rows,
            Self::Extreme { row, column, least } => tied(table, *row, *column, *least) == Some(1),
            Self::Tie { row, column, least, rows } => tied(table, *row, *column, *least) == Some(*rows),
            Self::Leading { rows, column, least } => {
                let ahead = |a: f64, b: f64| if *least { a <= b } else { a >= b };
                let Some(values) = rows.iter().map(|row| cell(*row, *column)).collect::<Option<Vec<f64>>>() else { return false };
                let Some(last) = values.last() else { return false };
                values.windows(2).all(|pair| ahead(pair[0], pair[1]))
                    && (0..table.num_rows())
                        .filter(|row| !rows.contains(row))
                        .all(|row| cell(row, *column).is_none_or(|value| ahead(*last, value)))
            }
            Self::LargestGroup { by, row, column } => {
                let sum = |row: usize| {
                    Source::Aggregate { op: AggregateOp::Sum, column: *column, rows: Rows::Like { column: *by, row } }
                        .number(table)
                };
                let Some(largest) = sum(*row) else { return false };
                let wanted = table.value(*row, *by);
                let mut seen = vec![wanted];
                (0..table.num_rows()).all(|other| {
                    let value = table.value(other, *by);
                    if seen.contains(&value) {
                        return true;
                    }
                    seen.push(value);
                    sum(other).is_none_or(|sum| sum < largest)
                })
            }
            Self::Direction { left, right, sign } => match (left.number(table), right.number(table)) {
                (Some(left), Some(right)) => match right.total_cmp(&left) {
                    std::cmp::Ordering::Greater => *sign > 0,
                    std::cmp::Ordering::Less => *sign < 0,
                    std::cmp::Ordering::Equal => *sign == 0,
                },
                _ => false,
            },
            Self::LargestStep { row, before, column, along } => {
                periods::largest_step(table, *along, *column) == Some((*before, *row))
            }
            Self::Outlier { row, column } => super::outliers(table, *column).contains(row),
            Self::Missing { row, column } => *row < table.num_rows() && table.value(*row, *column).is_null(),
            Self::Truth { row, column, holds } => match table.value(*row, *column) {
                Value::Bool(value) => value == *holds,
                other => number(&other).is_some_and(|value| (value != 0.0) == *holds),
            },
        }
    }
}

/// How many rows share the value of `row`, if that is the greatest (least) of its column.
pub(super) fn tied(table: &Table, row: usize, column: usize, least: bool) -> Option<usize> {
    let extreme = number(&table.value(row, column))?;
    let mut count = 0;
    for value in table.column(column).filter_map(|value| number(&value)) {
        let beyond = if least { value < extreme } else { value > extreme };
        if beyond || value.is_nan() {
            return None;
        }
        count += usize::from(value == extreme);
    }
    Some(count)
}

/// Builds a sentence; a figure that has no value makes the whole sentence fall away.
pub(in crate::ask) struct Line<'a> {
    table: &'a Table,
    text: String,
    figures: Vec<Figure>,
    claims: Vec<Claim>,
    sound: bool,
}

impl<'a> Line<'a> {
    pub(in crate::ask) fn new(table: &'a Table) -> Self {
        Self { table, text: String::new(), figures: Vec::new(), claims: Vec::new(), sound: true }
    }

    /// Words without figures.
    pub(in crate::ask) fn say(mut self, words: &str) -> Self {
        self.text.push_str(words);
        self
    }

    /// A name or other text from the caller, which may hold digits of its own.
    pub(in crate::ask) fn given(self, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        self.figure(Source::Given(text.to_owned()), Format::Label)
    }

    /// The same with an upper-case first letter, to start a sentence.
    pub(in crate::ask) fn given_first(self, text: &str) -> Self {
        let mut chars = text.chars();
        let text: String = chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
        self.given(&text)
    }

    /// A figure.
    pub(in crate::ask) fn figure(mut self, source: Source, format: Format) -> Self {
        let Some(value) = source.evaluate(self.table) else {
            self.sound = false;
            return self;
        };
        let Some(text) = format.write(&value) else {
            self.sound = false;
            return self;
        };
        let start = self.text.len();
        self.text.push_str(&text);
        self.figures.push(Figure { start, end: self.text.len(), value, format, source });
        self
    }

    /// What the words say.
    pub(in crate::ask) fn claim(mut self, claim: Claim) -> Self {
        self.claims.push(claim);
        self
    }

    /// The sentence; nothing if a figure has no value or anything in it is not so.
    pub(in crate::ask) fn end(self) -> Option<Sentence> {
        let sentence = Sentence { text: self.text, figures: self.figures, claims: self.claims };
        (self.sound && sentence.is_supported(self.table)).then_some(sentence)
    }
}

impl Sentence {
    /// Whether every figure is still what the table says, every claim still true, and no digit stands outside a figure.
    pub fn is_supported(&self, table: &Table) -> bool {
        let mut at = 0;
        for figure in &self.figures {
            let (Some(words), Some(text)) = (self.text.get(at..figure.start), self.text.get(figure.start..figure.end)) else {
                return false;
            };
            if words.contains(char::is_numeric) {
                return false;
            }
            let now = figure.source.evaluate(table);
            let Some(written) = now.as_ref().and_then(|value| figure.format.write(value)) else { return false };
            if written != text {
                return false;
            }
            at = figure.end;
        }
        let rest_is_words = self.text.get(at..).is_some_and(|words| !words.contains(char::is_numeric));
        rest_is_words && self.claims.iter().all(|claim| claim.holds(table))
    }
}
