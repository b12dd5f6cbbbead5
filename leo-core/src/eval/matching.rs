//! How two results are compared where a row of a suite says more than the default rule: as bags, sets or lists, with columns to spare.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::score::{Rows, ScoreOptions, columns, each_column_has_its_own, numbered, rows_equal, rows_equal_in_column_order};
use super::search;

/// How rows are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowMatch {
    /// As a list when the reference has `ORDER BY`, as a bag otherwise: the rule of test suites for text-to-SQL.
    #[default]
    Auto,
    /// In any order; repeated rows count.
    Bag,
    /// In any order; a repeated row is one row.
    Set,
    /// In the reference's order.
    List,
}

/// How columns are compared. Their order and names count in neither way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnMatch {
    /// The answer has as many columns as the reference.
    #[default]
    Exact,
    /// The answer may have more; the reference's must all be there.
    Subset,
}

/// In what an answer differs from its reference; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// In the number of columns.
    Columns,
    /// In the number of rows.
    RowCount,
    /// In the order of its rows alone.
    Order,
    /// In what is in the rows.
    Values,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Columns => "columns differ in number",
            Self::RowCount => "rows differ in number",
            Self::Order => "rows are in another order",
            Self::Values => "values differ",
        })
    }
}

impl RowMatch {
    /// The rule for one reference; `ordered` says whether that has an order.
    fn settled(self, ordered: bool) -> Self {
        match (self, ordered) {
            (Self::Auto, true) => Self::List,
            (Self::Auto, false) => Self::Bag,
            (own, _) => own,
        }
    }
}

/// Whether `answer` matches `gold` as `options` say; `ordered` tells whether the reference has an order.
///
/// # Behavior
/// Two empty results are equal. With `columns: exact` and rows as a bag or a list it is [`rows_equal`]. As sets, each row of the one has to be
/// among the rows of the other. With `columns: subset` some choice of the answer's columns has to match so.
pub fn results_match(gold: &Rows, answer: &Rows, ordered: bool, options: ScoreOptions) -> bool {
    let rows = options.rows.settled(ordered);
    match (rows, options.columns) {
        (RowMatch::List, ColumnMatch::Exact) => return rows_equal(gold, answer, true, options),
        (RowMatch::Auto | RowMatch::Bag, ColumnMatch::Exact) => return rows_equal(gold, answer, false, options),
        _ => {}
    }
    let (Some(gold_width), Some(answer_width)) = (width(gold), width(answer)) else {
        return gold.is_empty() && answer.is_empty();
    };
    let fits = match options.columns {
        ColumnMatch::Exact => gold_width == answer_width,
        ColumnMatch::Subset => gold_width <= answer_width,
    };
    if !fits || (rows != RowMatch::Set && gold.len() != answer.len()) {
        return false;
    }
    let (gold, answer) = numbered(gold, answer, options);
    let (gold, answer) = (columns(&gold, gold_width), columns(&answer, answer_width));
    match rows {
        RowMatch::List => each_column_has_its_own(&gold, &answer),
        _ => search::found(&gold, &answer, rows == RowMatch::Set),
    }
}

/// As [`results_match`], with the answer's columns as they stand and none to spare: the strict variant of the rule.
pub fn results_match_in_column_order(gold: &Rows, answer: &Rows, ordered: bool, options: ScoreOptions) -> bool {
    let rows = options.rows.settled(ordered);
    if rows != RowMatch::Set {
        return rows_equal_in_column_order(gold, answer, rows == RowMatch::List, options);
    }
    if width(gold) != width(answer) {
        return false;
    }
    let (mut gold, mut answer) = numbered(gold, answer, options);
    for rows in [&mut gold, &mut answer] {
        rows.sort_unstable();
        rows.dedup();
    }
    gold == answer
}

/// In what `answer` differs from `gold`, of which it is known that they do not match.
pub(super) fn mismatch(gold: &Rows, answer: &Rows, ordered: bool, options: ScoreOptions) -> Mismatch {
    let rows = options.rows.settled(ordered);
    if let (Some(gold), Some(answer)) = (width(gold), width(answer))
        && (gold > answer || (gold < answer && options.columns == ColumnMatch::Exact))
    {
        return Mismatch::Columns;
    }
    if gold.is_empty() || answer.is_empty() || (rows != RowMatch::Set && gold.len() != answer.len()) {
        return Mismatch::RowCount;
    }
    let in_any_order = ScoreOptions { rows: RowMatch::Bag, ..options };
    if rows == RowMatch::List && results_match(gold, answer, false, in_any_order) { Mismatch::Order } else { Mismatch::Values }
}

fn width(rows: &Rows) -> Option<usize> {
    rows.first().map(Vec::len)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Value;

    fn rows(cells: &[&[i64]]) -> Vec<Vec<Value>> {
        cells.iter().map(|row| row.iter().map(|cell| Value::Int(*cell)).collect()).collect()
    }

    fn options(rows: RowMatch, columns: ColumnMatch) -> ScoreOptions {
        ScoreOptions { rows, columns, ..ScoreOptions::default() }
    }

    #[test]
    fn bags_sets_and_lists_differ_as_they_should() {
        let gold = rows(&[&[1, 7], &[1, 7], &[2, 8]]);
        let other = rows(&[&[8, 2], &[7, 1], &[7, 1]]);
        let once = rows(&[&[2, 8], &[1, 7]]);
        for (kind, of_other, of_once) in [
            (RowMatch::Bag, true, false),
            (RowMatch::Set, true, true),
            (RowMatch::List, false, false),
            (RowMatch::Auto, true, false),
        ] {
            let options = options(kind, ColumnMatch::Exact);
            assert_eq!(results_match(&gold, &other, false, options), of_other, "{kind:?}");
            assert_eq!(results_match(&gold, &once, false, options), of_once, "{kind:?}");
            assert!(results_match(&gold, &gold, true, options) && results_match(&[], &[], true, options));
            assert!(!results_match(&gold, &[], false, options) && !results_match(&[], &gold, false, options));
        }
        // What the reference says counts only where the row says nothing.
        assert!(!results_match(&gold, &other, true, ScoreOptions::default()));
        assert!(results_match(&gold, &other, true, options(RowMatch::Bag, ColumnMatch::Exact)));
    }

    #[test]
    fn sets_keep_rows_together() {
        let (gold, crossed) = (rows(&[&[1, 2], &[2, 1]]), rows(&[&[1, 1], &[2, 2], &[1, 1]]));
        assert!(!results_match(&gold, &crossed, false, options(RowMatch::Set, ColumnMatch::Exact)));
    }

    #[test]
    fn columns_to_spare_are_forgiven_and_missing_ones_are_not() {
        let gold = rows(&[&[1, 5], &[2, 6]]);
        let wider = rows(&[&[9, 6, 2], &[9, 5, 1]]);
        for (kind, matches) in [(RowMatch::Bag, true), (RowMatch::Set, true), (RowMatch::List, false)] {
            assert_eq!(results_match(&gold, &wider, false, options(kind, ColumnMatch::Subset)), matches, "{kind:?}");
            assert!(!results_match(&gold, &wider, false, options(kind, ColumnMatch::Exact)));
            assert!(!results_match(&wider, &gold, false, options(kind, ColumnMatch::Subset)));
        }
        // Each of the reference's columns needs one of its own.
        assert!(!results_match(&rows(&[&[1, 1]]), &rows(&[&[1, 2]]), false, options(RowMatch::Bag, ColumnMatch::Subset)));
        // The strict variant forgives nothing.
        assert!(!results_match_in_column_order(&gold, &wider, false, options(RowMatch::Bag, ColumnMatch::Subset)));
        let again = rows(&[&[2, 6], &[1, 5], &[1, 5]]);
        assert!(results_match_in_column_order(&gold, &again, false, options(RowMatch::Set, ColumnMatch::Exact)));
        assert!(!results_match_in_column_order(&gold, &again, false, ScoreOptions::default()));
    }

    #[test]
    fn the_first_difference_is_told() {
        let gold = rows(&[&[1, 5], &[2, 6]]);
        for (answer, expected) in [
            (rows(&[&[1], &[2]]), Mismatch::Columns),
            (rows(&[&[1, 5]]), Mismatch::RowCount),
            (rows(&[]), Mismatch::RowCount),
            (rows(&[&[2, 6], &[1, 5]]), Mismatch::Order),
            (rows(&[&[1, 5], &[2, 7]]), Mismatch::Values),
        ] {
            assert_eq!(mismatch(&gold, &answer, true, ScoreOptions::default()), expected);
        }
        assert_eq!(
            mismatch(&gold, &rows(&[&[1, 5, 3], &[2, 7, 3]]), true, options(RowMatch::Auto, ColumnMatch::Subset)),
            Mismatch::Values
        );
    }

    #[test]
    fn rows_of_different_lengths_do_no_harm() {
        let (ragged, gold) = (rows(&[&[1, 2], &[3]]), rows(&[&[1, 2], &[3, 4]]));
        for kind in [RowMatch::Bag, RowMatch::Set, RowMatch::List] {
            for columns in [ColumnMatch::Exact, ColumnMatch::Subset] {
                assert!(!results_match(&gold, &ragged, false, options(kind, columns)));
                results_match(&ragged, &gold, false, options(kind, columns));
            }
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_trying_every_choice_of_columns(
            gold in prop::collection::vec(prop::collection::vec(0_i64..2, 2), 1..5),
            answer in prop::collection::vec(prop::collection::vec(0_i64..2, 3), 1..5),
            as_set in any::<bool>(),
        ) {
            let values = |cells: &[Vec<i64>]| -> Vec<Vec<Value>> {
                cells.iter().map(|row| row.iter().map(|cell| Value::Int(*cell)).collect()).collect()
            };
            let expected = [[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]].iter().any(|choice| {
                let mut a = gold.clone();
                let mut b: Vec<Vec<i64>> = answer.iter().map(|row| choice.iter().map(|at| row[*at]).collect()).collect();
                for rows in [&mut a, &mut b] {
                    rows.sort();
                    if as_set {
                        rows.dedup();
                    }
                }
                a == b
            });
            let kind = if as_set { RowMatch::Set } else { RowMatch::Bag };
            prop_assert_eq!(results_match(&values(&gold), &values(&answer), false, options(kind, ColumnMatch::Subset)), expected);
        }
    }
}
