//! Time windows: what "last quarter" means at a given moment, in a given zone, in a given calendar.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Names of the months, January first.
pub(crate) const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
/// Names of the days of a week, Monday first.
pub(crate) const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The month that a word names in full, by three letters, or as `Sept`: 1 for January.
pub(crate) fn month_named(word: &str) -> Option<i8> {
    let names = |name: &&str| {
        let fits = word.len() == 3 || word.len() == name.len() || word.eq_ignore_ascii_case("sept");
        fits && begins(name, word)
    };
    i8::try_from(MONTHS.iter().position(names)? + 1).ok()
}

/// Whether `name` begins with `word`, in capitals or not.
pub(crate) fn begins(name: &str, word: &str) -> bool {
    name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// A calendar unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum TimeUnit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalQuarter,
    FiscalYear,
}

/// A stretch of time, absolute or relative to the moment of asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimeWindow {
    /// From `start` (included) to `end` (excluded); either may be open.
    Absolute {
        /// First day.
        start: Option<Date>,
        /// Day after the last.
        end: Option<Date>,
    },
    /// The unit that is running: "this month". Ends at the end of the unit; flagged as incomplete.
    Current(TimeUnit),
    /// The last `count` complete units before the running one: "last quarter", "last 3 months".
    Last {
        /// Unit.
        unit: TimeUnit,
        /// How many.
        count: u32,
    },
    /// The `count` units that end today, today included: "last 14 days", "the past 12 months up to today".
    Rolling {
        /// Unit.
        unit: TimeUnit,
        /// How many.
        count: u32,
    },
    /// From the start of the unit to today, included: "year to date".
    ToDate(TimeUnit),
    /// The `count` complete units after the running one: "next month".
    Next {
        /// Unit.
        unit: TimeUnit,
        /// How many.
        count: u32,
    },
}

/// The calendar windows are computed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// Month the fiscal year starts in, 1–12.
    pub fiscal_year_start: i8,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { fiscal_year_start: 1 }
    }
}

/// A window with its dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResolvedWindow {
    /// First day, included; `None` is open.
    pub start: Option<Date>,
    /// Day after the last; `None` is open.
    pub end: Option<Date>,
    /// Whether the window reaches past the moment of asking, so that its figures may still change.
    pub incomplete: bool,
    /// For people: `2024-04-01 to 2024-06-30`.
    pub label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_by_their_names() {
        let found = ["May", "march", "MAR", "sept", "Sep", "december"].map(month_named);
        assert_eq!(found, [Some(5), Some(3), Some(3), Some(9), Some(9), Some(12)]);
        assert!(["", "ma", "marc", "septe", "é", "monday", "mayor"].iter().all(|word| month_named(word).is_none()));
    }
}
