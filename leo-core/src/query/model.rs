//! The parts of a semantic query, as plain data.

use serde::{Deserialize, Serialize};

use super::time::TimeWindow;
use crate::catalog::TableName;
use crate::value::Value;

/// A question in the terms of the catalogue.
///
/// With measures, `dimensions` group and each result row is one group. Without measures, `dimensions` are the columns listed,
/// one result row for each row of `from` (or each distinct combination, with `distinct`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SemanticQuery {
    /// The table whose rows are meant. Joins start here; a measure may bring its own table.
    pub from: TableName,
    /// Grouping or listed columns, in output order.
    #[serde(default)]
    pub dimensions: Vec<Dimension>,
    /// Aggregates, in output order after the dimensions.
    #[serde(default)]
    pub measures: Vec<Measure>,
    /// Which rows count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Which groups count; all must hold.
    #[serde(default)]
    pub having: Vec<Having>,
    /// Order of the result.
    #[serde(default)]
    pub order: Vec<Order>,
    /// Most rows to return. Rows that the order leaves equal are ordered by the dimensions, or by the key of `from`, so that the
    /// same rows are returned each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The first rows of each group only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_per: Option<TopPer>,
    /// Sets each measure beside its value in another period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Comparison>,
    /// Without measures: each combination once.
    #[serde(default)]
    pub distinct: bool,
    /// Combines this result with another's, of the same number of columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<(SetOperator, Box<SemanticQuery>)>,
}

impl SemanticQuery {
    /// A query over `from` that asks for nothing yet.
    pub fn new(from: TableName) -> Self {
        Self {
            from,
            dimensions: Vec::new(),
            measures: Vec::new(),
            filter: None,
            having: Vec::new(),
            order: Vec::new(),
            limit: None,
            top_per: None,
            compare: None,
            distinct: false,
            set: None,
        }
    }

    /// Adds a condition that must hold beside those there are.
    #[must_use]
    pub fn and(mut self, filter: Filter) -> Self {
        self.filter = Some(match self.filter.take() {
            None => filter,
            Some(Filter::And(mut all)) => {
                all.push(filter);
                Filter::And(all)
            }
            Some(one) => Filter::And(vec![one, filter]),
        });
        self
    }
}

/// A column, reached from `from` along relationships.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "QueryField"))]
pub struct Field {
    /// Table of the column.
    pub table: TableName,
    /// Its name.
    pub column: String,
    /// Relationship ids ([`crate::catalog::Relationship::id`]) from the query's `from` to `table`, for role-playing dimensions
    /// and self joins; empty means the preferred path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<String>,
}

impl Field {
    /// A column reached by the preferred path.
    pub fn new(table: TableName, column: impl Into<String>) -> Self {
        Self { table, column: column.into(), via: Vec::new() }
    }
}

/// A value computed for each row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scalar {
    /// A column.
    Field(Field),
    /// A constant; bound as a parameter. Numbers within arithmetic are part of the formula and written out.
    Literal(Value),
    /// Arithmetic; division is never integer division, and by zero gives NULL.
    Arithmetic {
        /// The operator.
        op: Arithmetic,
        /// Left operand.
        left: Box<Scalar>,
        /// Right operand.
        right: Box<Scalar>,
    },
    /// Days from one point in time to another, with fractions where times of day are stored.
    DaysBetween {
        /// Earlier.
        from: Box<Scalar>,
        /// Later.
        to: Box<Scalar>,
    },
    /// The first operand that is not NULL.
    Coalesce(Vec<Scalar>),
}

/// `+ − × ÷`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Arithmetic {
    /// Sum.
    Add,
    /// Difference.
    Subtract,
    /// Product.
    Multiply,
    /// Quotient.
    Divide,
}

/// A grouping or listed column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dimension {
    /// Name in the output; unique in the query.
    pub name: String,
    /// What is grouped by.
    pub value: Scalar,
    /// For points in time: truncated to this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// Grouped by and there to order by, but not returned: the key behind two customers of one name, the age behind "youngest".
    #[serde(default)]
    pub hidden: bool,
}

impl Dimension {
    /// A dimension that is returned, not truncated.
    pub fn new(name: impl Into<String>, value: Scalar) -> Self {
        Self { name: name.into(), value, grain: None, hidden: false }
    }
}

/// To what a point in time is truncated, or which part of it is taken.
///
/// Output form: `Hour` `2024-03-31 14:00` · `Day` `2024-03-31` · `Week` (ISO, its Monday) `2024-03-25` · `Month` `2024-03` · `Quarter` `2024-Q1` · `Year` 2024
/// (integer) · `FiscalYear` 2024 (the calendar year it ends in) · `FiscalQuarter` `FY2024-Q1` · `IsoWeek` `2024-W13` ·
/// `HourOfDay` 0–23 · `DayOfWeek` 1–7 (Monday is 1) · `MonthOfYear` 1–12 · `QuarterOfYear` 1–4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Grain {
    Hour,
    Day,
    Week,
    IsoWeek,
    Month,
    Quarter,
    Year,
    FiscalQuarter,
    FiscalYear,
    HourOfDay,
    DayOfWeek,
    MonthOfYear,
    QuarterOfYear,
}

impl Grain {
    /// Every grain.
    pub const ALL: &'static [Self] = &[
        Self::Hour,
        Self::Day,
        Self::Week,
        Self::IsoWeek,
        Self::Month,
        Self::Quarter,
        Self::Year,
        Self::FiscalQuarter,
        Self::FiscalYear,
        Self::HourOfDay,
        Self::DayOfWeek,
        Self::MonthOfYear,
        Self::QuarterOfYear,
    ];
}

/// An aggregate with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measure {
    /// Name in the output; unique in the query.
    pub name: String,
    /// What is computed.
    pub aggregate: Aggregate,
    /// Only rows that meet this count for this measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// What is done to the aggregated values.
    #[serde(default)]
    pub transform: Transform,
    /// Computed for `having` or `order` but not returned.
    #[serde(default)]
    pub hidden: bool,
}

impl Measure {
    /// A measure without filter or transform.
    pub fn new(name: impl Into<String>, aggregate: Aggregate) -> Self {
        Self { name: name.into(), aggregate, filter: None, transform: Transform::None, hidden: false }
    }
}

/// What a measure computes. The table whose rows are aggregated is the one named, or the most detailed one among the fields of
/// the scalar; a join that would repeat its rows is never taken. Aggregates that do not mind repeated rows (different values,
/// smallest, largest) are taken over the rows of `from` when each of these leads to one row of every field's table: "in how many
/// countries were orders placed" counts the countries of orders, not of all customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Number of rows of a table.
    CountRows(TableName),
    /// Number of values that are not NULL.
    Count(Scalar),
    /// Number of different values.
    CountDistinct(Scalar),
    /// Sum.
    Sum(Scalar),
    /// Mean.
    Avg(Scalar),
    /// Smallest value.
    Min(Scalar),
    /// Largest value.
    Max(Scalar),
    /// One measure divided by another, each aggregated first; NULL when the denominator is 0.
    Ratio {
        /// Above the line.
        numerator: Box<Measure>,
        /// Below the line.
        denominator: Box<Measure>,
    },
    /// A governed metric of the source, by its name or another one of it: what it computes and the rows that count for it are as people
    /// [defined](crate::knowledge::MetricDefinition) them. Of the query's own measures only; [`Knowledge::resolve`](crate::knowledge::Knowledge::resolve)
    /// puts the definition in its place.
    Metric(String),
}

/// What is done to aggregated values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Nothing.
    #[default]
    None,
    /// Divided by the total over all groups (or over the groups that agree in the named dimensions): 0–1. The total is taken
    /// before `having` and `limit`.
    ShareOfTotal {
        /// Names of dimensions; empty means everything.
        within: Vec<String>,
    },
    /// Summed up along the time dimension, restarting for each combination of the other dimensions.
    RunningTotal,
}

/// Which rows count.
///
/// A condition on a column of a table that has several rows for one row asked about holds when one of those rows meets it;
/// conditions on the same such table within one `And` are asked of the same row, and `Not` around them asks for absence.
/// A day beside a column that stores times stands for all times of that day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// All hold.
    And(Vec<Filter>),
    /// At least one holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A comparison of two values.
    Compare {
        /// Left.
        left: Scalar,
        /// Operator.
        op: Operator,
        /// Right.
        right: Scalar,
    },
    /// Membership in a list.
    In {
        /// The value.
        value: Scalar,
        /// The list; an empty one matches nothing.
        set: Vec<Value>,
    },
    /// `low ≤ value ≤ high`.
    Between {
        /// The value.
        value: Scalar,
        /// Lower end, included.
        low: Value,
        /// Upper end, included.
        high: Value,
    },
    /// A text match without regard to case.
    Text {
        /// The value.
        value: Scalar,
        /// How it is matched.
        kind: TextMatch,
        /// The text sought, taken literally (`%` and `_` are escaped).
        text: String,
    },
    /// The value is NULL.
    IsNull(Scalar),
    /// A point in time within a window.
    During {
        /// The point in time.
        value: Field,
        /// The window.
        window: TimeWindow,
    },
    /// At least `at_least` rows of another table belong to this row; `Not` around it asks for absence. Naming the row's own table
    /// asks for its children along a key of the table to itself.
    Exists {
        /// The other table.
        table: TableName,
        /// Conditions on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filter: Option<Box<Filter>>,
        /// Least number of rows; 1 unless set.
        #[serde(default = "one")]
        at_least: u64,
    },
    /// Membership in the single column of another query.
    InQuery {
        /// The value.
        value: Scalar,
        /// The other query.
        query: Box<SemanticQuery>,
    },
    /// A comparison with the single value of another query ("above the average").
    CompareQuery {
        /// Left.
        left: Scalar,
        /// Operator.
        op: Operator,
        /// The other query.
        query: Box<SemanticQuery>,
    },
    /// The row's first event is followed by a later one within so many days, counted by dates ("came back within 90 days").
    FollowedBy {
        /// Table of the events; a child of `from`.
        event: TableName,
        /// When an event happened; a column of `event`.
        time: Field,
        /// Days after the first event, included.
        within_days: u32,
    },
}

fn one() -> u64 {
    1
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FilterOperator"))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How text is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum TextMatch {
    Equals,
    Contains,
    StartsWith,
    EndsWith,
}

/// A condition on a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Having {
    /// Name of a measure, hidden or not.
    pub measure: String,
    /// Operator.
    pub op: Operator,
    /// What it is compared with.
    pub value: HavingValue,
}

/// The right side of a condition on a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HavingValue {
    /// A constant.
    Value(Value),
    /// The average of the measure over all groups.
    AverageOfGroups,
}

/// One key of the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "QueryOrder"))]
pub struct Order {
    /// Name of a dimension or measure, hidden or not.
    pub by: String,
    /// Largest first; NULLs come last either way.
    #[serde(default)]
    pub descending: bool,
}

/// The first `n` rows of each group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TopPer {
    /// Names of the dimensions that make a group.
    pub within: Vec<String>,
    /// Rows kept for each; ties broken by the query's order, then by the dimensions.
    pub n: u64,
    /// What ranks them: a measure or dimension.
    pub by: Order,
}

/// Sets each measure beside another period's: adds `<name>_previous`, `<name>_change` and `<name>_change_pct` (a fraction; NULL when
/// the previous value is 0 or missing).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// The time column.
    pub time: Field,
    /// The window asked about.
    pub window: TimeWindow,
    /// With what.
    pub base: ComparisonBase,
}

/// The other period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ComparisonBase {
    /// The period of equal length just before; whole units for calendar windows (the quarter before).
    PreviousPeriod,
    /// The same dates one year earlier; a window that is not over yet is compared with as much of the year before.
    PreviousYear,
    /// A window of its own.
    Window(TimeWindow),
}

/// How results are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SetOperator {
    /// In either.
    Union,
    /// In both.
    Intersect,
    /// In the first but not the second.
    Except,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_grain_is_listed() {
        // The reader of JSON knows every variant, and names them all when it gets something else.
        let refused = serde_json::from_str::<Grain>("\"fortnight\"").unwrap_err().to_string();
        let known: Vec<&str> = refused.split('`').skip(1).step_by(2).skip(1).collect();
        let listed: Vec<_> = Grain::ALL.iter().map(|grain| serde_json::to_value(grain).unwrap()).collect();
        assert_eq!(listed, known);
    }
}
