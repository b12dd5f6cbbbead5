//! What the planner knows about a result that its values do not tell.

use serde::{Deserialize, Serialize};

use super::spec::ChartKind;
use crate::query::Grain;

/// What is known beside the table. Everything is optional: with nothing, the choice rests on the data's shape.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hint {
    /// The question; words in it that name a chart or a purpose ("trend", "share of", "as a pie") are used.
    pub question: Option<String>,
    /// The kind that whoever wrote the statement wishes for; one that the question names wins.
    pub chart: Option<ChartKind>,
    /// What is being asked for.
    pub intent: Option<Intent>,
    /// A title; made from the columns when absent.
    pub title: Option<String>,
    /// What is known of single columns.
    pub columns: Vec<ColumnHint>,
}

impl Hint {
    /// What is known of the column named `name`.
    pub fn column(&self, name: &str) -> Option<&ColumnHint> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Names the shape only: questions do not belong in logs.
impl std::fmt::Debug for Hint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hint").field("intent", &self.intent).field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// What a question is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// One value: "how many orders".
    Single,
    /// A development in time: "monthly sales".
    Series,
    /// An order among things: "top 5 customers".
    Ranking,
    /// Parts of a whole: "share of revenue by category".
    Share,
    /// One period against another.
    Comparison,
    /// A measure for each of some groups, in no particular order.
    Breakdown,
    /// How two measures go together.
    Relationship,
    /// Rows as they are: "which products were never ordered".
    List,
    /// Yes or no.
    Existence,
}

/// What is known of a column of the result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnHint {
    /// Its name in the result.
    pub name: String,
    /// Name for people, where it differs: "order date" for `order_date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it is there for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// For time dimensions: the grain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// What its numbers count.
    #[serde(default, skip_serializing_if = "Unit::is_plain")]
    pub unit: Unit,
    /// Whether adding the values of different rows makes sense (sums and counts yes, averages and ratios no).
    #[serde(default)]
    pub additive: bool,
    /// Values are redacted or masked and are never quoted.
    #[serde(default)]
    pub masked: bool,
}

impl ColumnHint {
    /// Knows the name only.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), label: None, role: None, grain: None, unit: Unit::Plain, additive: false, masked: false }
    }

    /// A grouping or listed column, with its grain if it is a time dimension.
    pub fn dimension(name: impl Into<String>, grain: Option<Grain>) -> Self {
        Self { role: Some(Role::Dimension), grain, ..Self::new(name) }
    }

    /// A measure.
    pub fn measure(name: impl Into<String>, unit: Unit, additive: bool) -> Self {
        Self { role: Some(Role::Measure), unit, additive, ..Self::new(name) }
    }

    /// A column that belongs to the measure in column `of`.
    pub fn derived(name: impl Into<String>, role: Role, unit: Unit) -> Self {
        Self { role: Some(role), unit, ..Self::new(name) }
    }

    /// Sets the name for people.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

/// What a column is there for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Groups or lists.
    Dimension,
    /// Holds an aggregate or another figure.
    Measure,
    /// The measure `of` in the period compared with.
    Previous {
        /// Column of the measure.
        of: String,
    },
    /// The difference from the period compared with.
    Change {
        /// Column of the measure.
        of: String,
    },
    /// The relative difference, as a fraction.
    ChangePct {
        /// Column of the measure.
        of: String,
    },
}

/// What numbers count, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChartUnit"))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Nothing is known.
    #[default]
    Plain,
    /// A fraction of 1, shown as a percentage.
    Fraction,
    /// Already in percent: 12.5 means 12.5 %.
    Percent,
    /// Money; an ISO 4217 code or a symbol.
    Currency(String),
    /// Anything else, written after the number: "days".
    Named(String),
}

impl Unit {
    /// Whether nothing is known.
    pub fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}
