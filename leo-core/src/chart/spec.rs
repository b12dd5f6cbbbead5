//! A chart as plain data: which columns go where.

use serde::{Deserialize, Serialize};

use super::hint::Unit;
use crate::query::Grain;

/// A chart of a result. Columns are named; values stay in the result.
///
/// What the channels mean: bars, lines and areas have `x` (categories or time), `y` (one measure, or several beside each other) and
/// `series` (splits the one measure). A horizontal bar keeps that meaning and is only drawn sideways. A pie has its slices in `x` and
/// their size in `y`. A scatter has measures in both, `series` colours the points. A heatmap has categories in `x` and `series` and
/// its one measure in `y`. A KPI has the measure in `y`, and the value it is compared with as a second one. A table has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChartSpec {
    /// What is drawn.
    pub kind: ChartKind,
    /// Categories, time, or the first measure of a scatter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<Encoding>,
    /// Measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub y: Vec<Encoding>,
    /// Splits the measure into one series per value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Encoding>,
    /// How several bars or areas at one place are arranged.
    #[serde(default, skip_serializing_if = "Arrangement::is_single")]
    pub arrangement: Arrangement,
    /// Order of the categories; the result's own order when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// Title.
    #[serde(default)]
    pub title: String,
    /// What the chart shows, for people who do not see it. Holds no value of the result.
    #[serde(default)]
    pub alt_text: String,
    /// Why this chart, in a few words.
    #[serde(default)]
    pub reason: String,
}

impl ChartSpec {
    /// A chart without channels.
    pub fn new(kind: ChartKind) -> Self {
        Self {
            kind,
            x: None,
            y: Vec::new(),
            series: None,
            arrangement: Arrangement::Single,
            sort: None,
            title: String::new(),
            alt_text: String::new(),
            reason: String::new(),
        }
    }
}

/// The kinds of chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ChartKind {
    Bar,
    HorizontalBar,
    Line,
    Area,
    Pie,
    Scatter,
    Heatmap,
    Kpi,
    Sparkline,
    Table,
}

impl ChartKind {
    /// Every kind.
    pub const ALL: &'static [ChartKind] = &[
        Self::Bar,
        Self::HorizontalBar,
        Self::Line,
        Self::Area,
        Self::Pie,
        Self::Scatter,
        Self::Heatmap,
        Self::Kpi,
        Self::Sparkline,
        Self::Table,
    ];

    /// For people: "horizontal bar chart".
    pub fn label(self) -> &'static str {
        match self {
            Self::Bar => "bar chart",
            Self::HorizontalBar => "horizontal bar chart",
            Self::Line => "line chart",
            Self::Area => "area chart",
            Self::Pie => "pie chart",
            Self::Scatter => "scatter plot",
            Self::Heatmap => "heatmap",
            Self::Kpi => "single figure",
            Self::Sparkline => "sparkline",
            Self::Table => "table",
        }
    }
}

/// A column on a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChartEncoding"))]
pub struct Encoding {
    /// Name of the column.
    pub column: String,
    /// Label of the axis or legend.
    pub title: String,
    /// How its values are laid out.
    pub scale: Scale,
    /// What its numbers count.
    #[serde(default, skip_serializing_if = "Unit::is_plain")]
    pub unit: Unit,
    /// For time dimensions: the grain, where it is known; 1–7 of a weekday are shown as names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
}

impl Encoding {
    /// A column labelled with its own name.
    pub fn new(column: impl Into<String>, scale: Scale) -> Self {
        let column = column.into();
        Self { title: column.clone(), column, scale, unit: Unit::Plain, grain: None }
    }
}

/// How values are laid out along a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChartScale"))]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Names without an order.
    Nominal,
    /// Names with an order: months, weekdays, quarters.
    Ordinal,
    /// Calendar dates and times.
    Temporal,
    /// Numbers.
    Quantitative,
}

/// How several bars or areas at one place are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChartArrangement"))]
#[serde(rename_all = "snake_case")]
pub enum Arrangement {
    /// There is only one.
    #[default]
    Single,
    /// On top of each other: parts that add up.
    Stacked,
    /// Beside each other: values that are compared.
    Grouped,
}

impl Arrangement {
    /// Whether there is only one.
    pub fn is_single(&self) -> bool {
        *self == Self::Single
    }
}

/// Order of the categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChartSort"))]
pub struct Sort {
    /// What is ordered by.
    pub by: SortBy,
    /// Largest or last first.
    #[serde(default)]
    pub descending: bool,
}

/// What categories are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChartSortBy"))]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// The category itself.
    X,
    /// The total of the measure there.
    Y,
}
