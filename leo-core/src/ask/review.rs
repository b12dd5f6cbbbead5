//! A look at a result before it is told: is it empty, full of holes, of another shape than was asked for, multiplied, cut?

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::narrate::{Layout, NarrateInput, ordered_rows};
use crate::chart::{Intent, Role};
use crate::table::Table;

/// Share of NULLs in a measure that is worth a word.
const HEAVY: f64 = 0.5;

/// Something the reader should know about a result. Holds counts and names, never a value of the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AnswerWarning"))]
pub struct Warning {
    /// What it is.
    pub code: WarningCode,
    /// For people.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningCode {
    /// No row.
    Empty,
    /// Half or more of a measure is NULL.
    NullHeavy,
    /// A series was asked for and one value came, or the other way round.
    WrongShape,
    /// More rows than different groups: a join may have multiplied them.
    FanOut,
    /// Rows were cut off.
    Truncated,
    /// The last period is not over.
    IncompletePeriod,
    /// Price limits are set, but the database does not say what a statement costs.
    NoEstimate,
    /// A model was asked as well and wrote nothing that could be run.
    ModelNoHelp,
    /// The rows are older than they should be, because the database could not be asked.
    Stale,
    /// A model could not be asked, and what it wrote for the same question before was taken.
    EarlierReply,
    /// What was asked before could not be read, so that the question was taken as the first one.
    ConversationNotRead,
    /// The question could not be kept in its conversation.
    ConversationNotKept,
}

/// Reviews `table`; most serious first, empty when there is nothing to say.
pub fn review(table: &Table, input: &NarrateInput) -> Vec<Warning> {
    let layout = Layout::of(table, input);
    [
        empty(table, input),
        fan_out(table, input, &layout),
        wrong_shape(table, input, &layout),
        null_heavy(table, &layout),
        truncated(table, input),
        incomplete(table, input, &layout),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn warning(code: WarningCode, message: String, suggestion: &str) -> Option<Warning> {
    Some(Warning { code, message, suggestion: (!suggestion.is_empty()).then(|| suggestion.to_owned()) })
}

fn empty(table: &Table, input: &NarrateInput) -> Option<Warning> {
    // "None" is a full answer to whether there are any.
    if input.intent == Some(Intent::Existence) || !(table.num_rows() == 0 || (input.data_range.is_some() && holds_nothing(table)))
    {
        return None;
    }
    match (&input.window, &input.data_range) {
        (Some(window), Some(range)) => {
            warning(WarningCode::Empty, format!("no rows in {window}; {range}"), "ask for a period within that time")
        }
        (Some(window), None) => {
            warning(WarningCode::Empty, format!("no rows in {window}"), "ask for a longer or an earlier period")
        }
        _ => warning(WarningCode::Empty, "no rows match".into(), "take a condition away, or check how the values are spelled"),
    }
}

/// Whether the result says "nothing": no row, or one row of NULLs and zeros.
pub(super) fn holds_nothing(table: &Table) -> bool {
    match table.num_rows() {
        0 => true,
        1 => table.row(0).iter().all(|value| value.is_null() || value.as_f64() == Some(0.0)),
        _ => false,
    }
}

fn fan_out(table: &Table, input: &NarrateInput, layout: &Layout) -> Option<Warning> {
    // Only where the caller said what groups: then each combination may come once.
    let told = layout
        .dimensions
        .iter()
        .all(|&index| input.column(&layout.shape.columns[index].name).is_some_and(|column| column.role == Some(Role::Dimension)));
    if layout.measures.is_empty() || layout.dimensions.is_empty() || !told || input.hidden_keys || layout_hides_a_dimension(input)
    {
        return None;
    }
    let mut seen = HashSet::new();
    for row in 0..table.num_rows() {
        let key: Vec<String> = layout
            .dimensions
            .iter()
            .map(|&column| {
                let value = table.value(row, column);
                format!("{}{value}", value.type_name())
            })
            .collect();
        seen.insert(key);
    }
    let extra = table.num_rows().checked_sub(seen.len()).filter(|extra| *extra > 0)?;
    warning(
        WarningCode::FanOut,
        format!(
            "{} rows for {} different groups: {extra} repeat a group, so a join may have multiplied rows",
            table.num_rows(),
            seen.len()
        ),
        "look at the joins in the SQL; figures may be too high",
    )
}

fn layout_hides_a_dimension(input: &NarrateInput) -> bool {
    input.columns.iter().any(|column| column.masked && column.role.as_ref().is_none_or(|role| *role == Role::Dimension))
}

fn wrong_shape(table: &Table, input: &NarrateInput, layout: &Layout) -> Option<Warning> {
    let rows = table.num_rows();
    match input.intent? {
        Intent::Series if rows == 1 || (rows > 1 && layout.timeline().is_none()) => warning(
            WarningCode::WrongShape,
            if rows == 1 {
                "a development was asked for, but there is one row only".into()
            } else {
                "a development was asked for, but no column goes forward in time".into()
            },
            "ask for a longer period, or name the unit: per month, per week",
        ),
        Intent::Ranking | Intent::Share | Intent::Breakdown
            if rows >= 1 && layout.measures.is_empty() && !input.hidden_measures =>
        {
            warning(
                WarningCode::WrongShape,
                "groups were asked for, but the result has no measure".into(),
                "say what is to be counted or added up",
            )
        }
        Intent::Share | Intent::Breakdown if rows == 1 && layout.dimensions.is_empty() => {
            warning(WarningCode::WrongShape, "groups were asked for, but there is one value only".into(), "say what to group by")
        }
        Intent::Single if rows > 1 => warning(
            WarningCode::WrongShape,
            format!("one value was asked for, but there are {rows} rows"),
            "say which of them is meant, or ask for the total",
        ),
        _ => None,
    }
}

fn null_heavy(table: &Table, layout: &Layout) -> Option<Warning> {
    let rows = table.num_rows();
    // The worst measure speaks for all.
    let worst = layout.measures.iter().map(|measure| measure.column).max_by_key(|&column| layout.shape.columns[column].nulls)?;
    let nulls = table.column(worst).filter(|value| value.is_null()).count();
    if rows == 0 || (nulls as f64) < HEAVY * rows as f64 || nulls == 0 {
        return None;
    }
    warning(
        WarningCode::NullHeavy,
        format!("`{}` is empty in {nulls} of {rows} {}", layout.label(worst), if rows == 1 { "row" } else { "rows" }),
        "check whether the column is filled for these rows; averages leave empty values out",
    )
}

fn truncated(table: &Table, input: &NarrateInput) -> Option<Warning> {
    if !input.truncated {
        return None;
    }
    warning(
        WarningCode::Truncated,
        format!("only the first {} rows were read; totals over them are not totals of everything", table.num_rows()),
        "narrow the question, group the rows, or raise the row limit",
    )
}

fn incomplete(table: &Table, input: &NarrateInput, layout: &Layout) -> Option<Warning> {
    if !input.incomplete || table.num_rows() == 0 {
        return None;
    }
    let series = layout.timeline().is_some_and(|time| ordered_rows(table, time).len() > 1);
    let what = if series {
        "the last period is not over; its figures will still change"
    } else {
        "the period is not over; figures will still change"
    };
    warning(WarningCode::IncompletePeriod, what.into(), "ask for the last complete period to compare like with like")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::chart::{ColumnHint, Unit};
    use crate::value::Value;

    fn codes(table: &Table, input: &NarrateInput) -> Vec<WarningCode> {
        review(table, input).into_iter().map(|warning| warning.code).collect()
    }

    fn grouped() -> NarrateInput {
        let columns = vec![ColumnHint::dimension("region", None), ColumnHint::measure("n", Unit::Plain, true)];
        NarrateInput { columns, ..NarrateInput::default() }
    }

    fn regions(rows: &[(&str, Option<i64>)]) -> Table {
        let rows: Vec<Vec<Value>> =
            rows.iter().map(|(name, n)| vec![(*name).into(), n.map_or(Value::Null, Value::Int)]).collect();
        Table::from_rows(&["region", "n"], &rows).unwrap()
    }

    #[test]
    fn a_good_result_passes() {
        assert!(review(&regions(&[("a", Some(1)), ("b", Some(2))]), &grouped()).is_empty());
    }

    #[test]
    fn each_flaw_has_its_warning() {
        let good = regions(&[("a", Some(1)), ("b", Some(2))]);
        let with = |change: fn(&mut NarrateInput)| {
            let mut input = grouped();
            change(&mut input);
            input
        };
        assert_eq!(codes(&regions(&[]), &grouped()), [WarningCode::Empty]);
        assert_eq!(codes(&regions(&[("a", Some(1)), ("a", Some(2))]), &grouped()), [WarningCode::FanOut]);
        assert_eq!(codes(&regions(&[("a", None), ("b", None), ("c", Some(2))]), &grouped()), [WarningCode::NullHeavy]);
        assert_eq!(codes(&good, &with(|input| input.intent = Some(Intent::Series))), [WarningCode::WrongShape]);
        assert_eq!(codes(&good, &with(|input| input.intent = Some(Intent::Single))), [WarningCode::WrongShape]);
        assert_eq!(codes(&good, &with(|input| input.truncated = true)), [WarningCode::Truncated]);
        assert_eq!(codes(&good, &with(|input| input.incomplete = true)), [WarningCode::IncompletePeriod]);
        assert!(codes(&regions(&[]), &with(|input| input.intent = Some(Intent::Existence))).is_empty());
    }

    #[test]
    fn an_empty_window_says_where_the_data_ends() {
        let input = NarrateInput {
            window: Some("2025-01-01 to 2025-03-31".into()),
            data_range: Some("the data ends at 2024-12-31".into()),
            ..grouped()
        };
        let found = review(&regions(&[]), &input);
        assert_eq!(found[0].message, "no rows in 2025-01-01 to 2025-03-31; the data ends at 2024-12-31");
        assert!(found[0].suggestion.is_some());
    }

    #[test]
    fn warnings_quote_no_value() {
        let table = regions(&[("secret", None), ("secret", None)]);
        let input = NarrateInput { truncated: true, incomplete: true, intent: Some(Intent::Single), ..grouped() };
        assert!(!serde_json::to_string(&review(&table, &input)).unwrap().contains("secret"));
    }
}
