//! A reading: what a question asks, in terms of tables and columns but not yet of joins.

use super::lexicon::Function;
use super::schema::ColumnId;
use super::time::TimeMention;
use crate::query::{Grain, Operator, TextMatch};
use crate::value::Value;

/// What a question asks.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// What is returned, in order.
    pub(super) asks: Vec<Ask>,
    /// The table whose rows are spoken of.
    pub(super) entity: Option<usize>,
    pub(super) groups: Vec<Group>,
    pub(super) conditions: Vec<Condition>,
    pub(super) order: Vec<Sort>,
    pub(super) extreme: Option<Extreme>,
    pub(super) distinct: bool,
    /// Conditions joined by "both": each must hold for its own row.
    pub(super) both: bool,
    /// Two windows set side by side.
    pub(super) compare: Option<Compare>,
    /// Things mentioned that the reading has no use for, in nodes.
    pub(super) unused: Vec<usize>,
    /// Tables named, in order.
    pub(super) tables: Vec<usize>,
    /// Doubts about the grammar.
    pub(super) doubts: u32,
    pub(super) assumptions: Vec<String>,
}

/// Something returned.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ask {
    Column(ColumnId),
    /// The rows of a table, by what names them.
    Rows(usize),
    /// The row a key points at, by what names it.
    RowOf(ColumnId),
    /// Every column of a table.
    Everything(usize),
    Measure(MeasureAsk),
    /// When a row of the entity happened.
    When,
    /// Where it is.
    Where,
}

/// A measure with what is done to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MeasureAsk {
    pub(super) of: MeasureOf,
    pub(super) share: bool,
    pub(super) running: bool,
}

impl MeasureAsk {
    pub(super) fn plain(of: MeasureOf) -> Self {
        Self { of, share: false, running: false }
    }
}

/// What is measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum MeasureOf {
    /// Rows of the entity, whichever it turns out to be.
    Rows,
    Count(usize),
    CountDistinct(ColumnId),
    Function(Function, ColumnId),
    Metric(usize),
    /// The mean of a metric's rows.
    MetricPart(Function, usize),
    /// Rows of one table for each row of another, on average.
    PerRow(usize, Option<usize>),
    /// Rows of a table as a share of the rows it hangs on: a return rate.
    Rate(usize),
}

/// What groups are made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Group {
    Column(ColumnId),
    /// The row a key points at.
    RowOf(ColumnId),
    /// Each row of a table.
    Table(usize),
    Time(Grain),
}

/// A condition with its sign and how it joins the one before.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) kind: ConditionKind,
    pub(super) negated: bool,
    /// Joined to the one before by "or".
    pub(super) or: bool,
    /// Stands inside an absence or existence: index into the conditions.
    pub(super) inside: Option<usize>,
    /// Said of rows left out with "except".
    pub(super) except: bool,
}

/// Kinds of conditions.
#[derive(Debug, Clone)]
pub(super) enum ConditionKind {
    Compare(ColumnId, Operator, Value),
    Between(ColumnId, Value, Value),
    Text(ColumnId, TextMatch, String),
    Null(ColumnId),
    /// A window of the column, or of the business date.
    Window(Option<ColumnId>, TimeMention),
    /// Rows of another table belong to it.
    Related(usize),
    /// So many rows of another table belong to it.
    Count(usize, Operator, f64),
    /// So many rows are in its group.
    GroupCount(Operator, f64),
    /// A measure of its group.
    Measure(MeasureOf, Operator, f64),
    /// A measure of its group against the average of all groups.
    MeasureAboveAverage(MeasureOf, Operator),
    /// Against an aggregate of the same column over all rows.
    AgainstAll(ColumnId, Operator, Function),
    Columns(ColumnId, Operator, ColumnId),
    /// Comes back within so many days.
    Repeat(Option<usize>, u32),
    /// The extreme row of another table: "in the stadium with the highest capacity".
    ExtremeOf(usize, Box<Extreme>),
}

/// A key of the order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sort {
    pub(super) by: SortBy,
    pub(super) descending: bool,
}

/// What is sorted by.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SortBy {
    Column(ColumnId),
    Measure(MeasureOf),
    /// What was asked first.
    First,
}

/// The first rows along something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Extreme {
    pub(super) by: SortBy,
    pub(super) descending: bool,
    pub(super) n: u64,
    /// In each of the groups.
    pub(super) per_group: bool,
    /// "most common": rows with the same value are counted together.
    pub(super) common: bool,
}

/// Two windows side by side.
#[derive(Debug, Clone)]
pub(super) struct Compare {
    pub(super) window: TimeMention,
    pub(super) base: CompareBase,
}

/// With what a window is compared.
#[derive(Debug, Clone)]
pub(super) enum CompareBase {
    Previous,
    PreviousYear,
    Window(TimeMention),
}
