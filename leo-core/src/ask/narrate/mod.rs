//! Prose that leads with the answer, every figure of it bound to cells.
//!
//! [`narrate`] writes sentences out of the result; a sentence carries its figures with their sources and the claims its words make.
//! [`check`] computes all of them again from a table and drops each sentence of which anything no longer holds, so that a narrative is
//! never shown beside a table it does not fit. [`narrate`] ends with that check.

mod compare;
mod figure;
mod from_query;
mod layout;
mod periods;
mod ranking;
mod sentences;
mod series;

use serde::{Deserialize, Serialize};

pub(super) use figure::Line;
pub use figure::{AggregateOp, Claim, Figure, Format, Rows, Sentence, Source};
pub(super) use layout::{Layout, MeasureColumns};
pub(super) use periods::{largest_step, missing, ordered_rows};
pub(super) use sentences::named;

use crate::chart::{ChartKind, ColumnHint, Hint, Intent, number};
use crate::table::Table;

/// What is known about a result beside its values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NarrateInput {
    /// What the question is after; without it the shape of the result decides.
    pub intent: Option<Intent>,
    /// The chart that whoever wrote the statement wishes for.
    pub chart: Option<ChartKind>,
    /// Roles, grains, units and labels of the columns; what is not told is read off the values.
    pub columns: Vec<ColumnHint>,
    /// What the rows are, in the plural: "customers".
    pub subject: Option<String>,
    /// The time window, for people: `2024-04-01 to 2024-06-30`.
    pub window: Option<String>,
    /// The window compared with.
    pub compared_with: Option<String>,
    /// The zone the window was computed in.
    pub zone: Option<String>,
    /// Whether the window reaches past the moment of asking, so that its last period is not over.
    pub incomplete: bool,
    /// Whether the query keeps only some groups (a limit, a top-N, a condition on groups): their sum is not the whole.
    pub limited: bool,
    /// Where the window lies outside the data: from when to when there is some, as one phrase: `the data goes from 2022-07-01 to
    /// 2025-06-30`.
    pub data_range: Option<String>,
    /// Whether the query also groups by something it does not return, so that rows may look alike (two customers of one name).
    pub hidden_keys: bool,
    /// Whether the query orders by a measure it does not return: "which employee has the most orders".
    pub hidden_measures: bool,
    /// Whether rows were cut off by a cap that the question did not ask for.
    pub truncated: bool,
}

impl NarrateInput {
    /// What is known of the column named `name`.
    pub fn column(&self, name: &str) -> Option<&ColumnHint> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The same knowledge for the choice of a chart.
    pub fn hint(&self, question: Option<&str>) -> Hint {
        Hint {
            question: question.map(str::to_owned),
            chart: self.chart,
            intent: self.intent,
            title: None,
            columns: self.columns.clone(),
        }
    }
}

/// The prose of an answer.
///
/// In JSON: `{"text": …, "sentences": [{"text", "figures": [{"start", "end", "value", "format", "source"}], "claims"}]}`, positions in bytes
/// of the sentence's UTF-8 text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Narrative {
    /// In reading order.
    pub sentences: Vec<Sentence>,
}

impl Narrative {
    /// The sentences as one text.
    pub fn text(&self) -> String {
        self.sentences.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.sentences.is_empty()
    }
}

impl Serialize for Narrative {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("Narrative", 2)?;
        out.serialize_field("text", &self.text())?;
        out.serialize_field("sentences", &self.sentences)?;
        out.end()
    }
}

impl<'de> Deserialize<'de> for Narrative {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Form {
            sentences: Vec<Sentence>,
        }
        Form::deserialize(deserializer).map(|form| Self { sentences: form.sentences })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Narrative {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Narrative".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let sentence = generator.subschema_for::<Sentence>();
        schemars::json_schema!({
            "description": "The prose of an answer.",
            "type": "object",
            "properties": {
                "text": { "description": "The sentences as one text.", "type": "string" },
                "sentences": { "description": "In reading order.", "type": "array", "items": sentence },
            },
            "required": ["text", "sentences"],
        })
    }
}

/// Tells what `table` says.
///
/// The first sentence is the answer. Masked columns are not quoted. Every figure and every claim was checked against the table.
pub fn narrate(table: &Table, input: &NarrateInput) -> Narrative {
    let layout = Layout::of(table, input);
    let sentences = sentences::write(table, input, &layout);
    check(&Narrative { sentences }, table)
}

/// The part of `narrative` that holds for `table`: sentences with a figure that comes out differently, a claim that is not true, or a
/// number that is bound to nothing are dropped.
pub fn check(narrative: &Narrative, table: &Table) -> Narrative {
    Narrative { sentences: narrative.sentences.iter().filter(|sentence| sentence.is_supported(table)).cloned().collect() }
}

/// Rows whose value in `column` is far from the others: modified z-score (0.6745 · distance from the median ÷ median absolute
/// deviation; Iglewicz and Hoaglin 1993) above 3.5. None below seven values, or where more than half are equal.
pub(super) fn outliers(table: &Table, column: usize) -> Vec<usize> {
    let values: Vec<(usize, f64)> = table
        .column(column)
        .enumerate()
        .filter_map(|(row, value)| Some((row, number(&value).filter(|n| n.is_finite())?)))
        .collect();
    if values.len() < 7 {
        return Vec::new();
    }
    let centre = median(values.iter().map(|(_, value)| *value).collect());
    let spread = median(values.iter().map(|(_, value)| (value - centre).abs()).collect());
    if !(spread > 0.0 && spread.is_finite()) {
        return Vec::new();
    }
    values.into_iter().filter(|(_, value)| 0.6745 * (value - centre).abs() / spread > 3.5).map(|(row, _)| row).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.saturating_sub(1)), values.get(middle)) {
        (Some(a), Some(b)) if values.len().is_multiple_of(2) => a / 2.0 + b / 2.0,
        (_, Some(b)) => *b,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests;
