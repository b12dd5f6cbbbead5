//! Equality of two results under the execution-match rule.
//!
//! Values are equal as the reference scorer's are: an integer equals a float of the same value, text never equals bytes, NULL
//! equals NULL. Values are numbered once, so that rows, columns and permutations are compared as numbers.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::matching::{ColumnMatch, RowMatch};
use super::search;
use crate::value::Value;

/// Rows of a result, in order.
pub type Rows = [Vec<Value>];

/// How results are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreOptions {
    /// Significant digits in which floats are compared; every bit unless set. Twelve forgive another order of addition.
    pub float_digits: Option<u8>,
    /// How rows are compared.
    pub rows: RowMatch,
    /// How columns are compared.
    pub columns: ColumnMatch,
}

/// A value as equality sees it.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key<'a> {
    Null,
    Int(i64),
    Float(u64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

pub(super) fn key<'a>(value: &'a Value, options: ScoreOptions) -> Key<'a> {
    match value {
        Value::Null => Key::Null,
        Value::Bool(value) => Key::Int(i64::from(*value)),
        // Integers stay exact: they are counts and ids.
        Value::Int(value) => Key::Int(*value),
        Value::Float(value) => float_key(options.float_digits.map_or(*value, |digits| rounded(*value, digits))),
        Value::Decimal(value) => match value.to_i64() {
            Some(whole) => Key::Int(whole),
            None => float_key(options.float_digits.map_or(value.to_f64(), |digits| rounded(value.to_f64(), digits))),
        },
        Value::Text(value) => Key::Text(value),
        Value::Bytes(value) => Key::Bytes(value),
    }
}

fn float_key(value: f64) -> Key<'static> {
    // 2^63 as a float is one more than the largest i64.
    if value.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value) {
        Key::Int(value as i64)
    } else {
        Key::Float(value.to_bits())
    }
}

/// `value` in so many significant digits; whole numbers stay as they are, like integers.
fn rounded(value: f64, digits: u8) -> f64 {
    if value.fract() == 0.0 {
        return value;
    }
    format!("{value:.*e}", usize::from(digits.max(1)) - 1).parse().unwrap_or(value)
}

/// Both results as numbers: one number for each different value.
pub(super) fn numbered(gold: &Rows, prediction: &Rows, options: ScoreOptions) -> (Vec<Vec<u32>>, Vec<Vec<u32>>) {
    let mut numbers: HashMap<Key<'_>, u32> = HashMap::new();
    let mut both = [gold, prediction].map(|rows| {
        rows.iter()
            .map(|row| {
                row.iter()
                    .map(|value| {
                        let next = numbers.len() as u32;
                        *numbers.entry(key(value, options)).or_insert(next)
                    })
                    .collect()
            })
            .collect::<Vec<Vec<u32>>>()
    });
    (std::mem::take(&mut both[0]), std::mem::take(&mut both[1]))
}

/// Whether `prediction` matches `gold` under some permutation of its columns; with `ordered`, row by row.
pub fn rows_equal(gold: &Rows, prediction: &Rows, ordered: bool, options: ScoreOptions) -> bool {
    let Some(width) = same_shape(gold, prediction) else { return gold.is_empty() && prediction.is_empty() };
    if width == 0 {
        return true;
    }
    let (gold_numbers, prediction_numbers) = numbered(gold, prediction, options);
    if !sorted_rows_agree((gold, prediction), (&gold_numbers, &prediction_numbers), ordered, options) {
        return false;
    }
    let (gold, prediction) = (columns(&gold_numbers, width), columns(&prediction_numbers, width));
    if ordered {
        return each_column_has_its_own(&gold, &prediction);
    }
    search::found(&gold, &prediction, false)
}

/// Whether the results are equal with their columns as they stand; with `ordered`, row by row. The strict variant of the rule.
pub fn rows_equal_in_column_order(gold: &Rows, prediction: &Rows, ordered: bool, options: ScoreOptions) -> bool {
    if same_shape(gold, prediction).is_none() {
        return gold.is_empty() && prediction.is_empty();
    }
    let (mut gold, mut prediction) = numbered(gold, prediction, options);
    if !ordered {
        gold.sort_unstable();
        prediction.sort_unstable();
    }
    gold == prediction
}

/// The common number of columns of two results with the same number of rows, at least one.
fn same_shape(gold: &Rows, prediction: &Rows) -> Option<usize> {
    let (gold_width, prediction_width) = (gold.first()?.len(), prediction.first()?.len());
    (gold.len() == prediction.len() && gold_width == prediction_width).then_some(gold_width)
}

/// The columns of `rows`; where a runner's row is too short, a value that nothing else equals.
pub(super) fn columns(rows: &[Vec<u32>], width: usize) -> Vec<Vec<u32>> {
    (0..width).map(|at| rows.iter().map(|row| row.get(at).copied().unwrap_or(u32::MAX)).collect()).collect()
}

/// With rows in order, a permutation exists when each column finds an equal one of its own; equality being transitive, the first
/// free one will do.
pub(super) fn each_column_has_its_own(gold: &[Vec<u32>], prediction: &[Vec<u32>]) -> bool {
    let mut taken = vec![false; prediction.len()];
    gold.iter().all(|wanted| {
        let found = (0..prediction.len()).find(|at| !taken[*at] && prediction[*at] == *wanted);
        found.is_some_and(|at| {
            taken[at] = true;
            true
        })
    })
}

/// The reference's quick check, kept because it can refuse what the search would accept: each row's values are sorted by their
/// text and type, and the rows must then agree, in order or as a set.
fn sorted_rows_agree(rows: (&Rows, &Rows), numbers: (&[Vec<u32>], &[Vec<u32>]), ordered: bool, options: ScoreOptions) -> bool {
    let sorted = |rows: &Rows, numbers: &[Vec<u32>]| -> Vec<Vec<u32>> {
        let mut sorted: Vec<Vec<u32>> = rows
            .iter()
            .zip(numbers)
            .map(|(row, numbers)| {
                if let [one] = numbers.as_slice() {
                    return vec![*one];
                }
                let mut keyed: Vec<(String, u32)> =
                    row.iter().zip(numbers).map(|(value, number)| (sort_text(value, options), *number)).collect();
                keyed.sort_by(|a, b| a.0.cmp(&b.0));
                keyed.into_iter().map(|(_, number)| number).collect()
            })
            .collect();
        if !ordered {
            sorted.sort_unstable();
            sorted.dedup();
        }
        sorted
    };
    sorted(rows.0, numbers.0) == sorted(rows.1, numbers.1)
}

/// `str(x) + str(type(x))` of the reference's language.
fn sort_text(value: &Value, options: ScoreOptions) -> String {
    match value {
        Value::Null => "None<class 'NoneType'>".into(),
        Value::Bool(value) => format!("{}<class 'int'>", i64::from(*value)),
        // Where floats are rounded, a number sorts the same whether it is stored as an integer or as a float.
        Value::Int(value) if options.float_digits.is_some() => format!("{}<class 'float'>", float_text(*value as f64)),
        Value::Int(value) => format!("{value}<class 'int'>"),
        Value::Float(value) => {
            let value = options.float_digits.map_or(*value, |digits| rounded(*value, digits));
            format!("{}<class 'float'>", float_text(value))
        }
        Value::Decimal(value) => sort_text(&Value::Float(value.to_f64()), options),
        Value::Text(value) => format!("{value}<class 'str'>"),
        Value::Bytes(value) => {
            use std::fmt::Write as _;
            let mut text = String::from("b'");
            for byte in value {
                let _ = match byte {
                    b'\\' => write!(text, "\\\\"),
                    b'\'' => write!(text, "\\'"),
                    b'\n' => write!(text, "\\n"),
                    b'\r' => write!(text, "\\r"),
                    b'\t' => write!(text, "\\t"),
                    0x20..=0x7e => write!(text, "{}", char::from(*byte)),
                    _ => write!(text, "\\x{byte:02x}"),
                };
            }
            text.push_str("'<class 'bytes'>");
            text
        }
    }
}

/// The shortest digits that read back as `value`, with an exponent below 1e-4 and from 1e16 on.
fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let scientific = format!("{value:e}");
    let exponent: i32 = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let digits = scientific.split_once('e').map_or("0", |(digits, _)| digits);
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXACT: ScoreOptions = ScoreOptions { float_digits: None, rows: RowMatch::Auto, columns: ColumnMatch::Exact };

    fn rows(rows: &[&[Value]]) -> Vec<Vec<Value>> {
        rows.iter().map(|row| row.to_vec()).collect()
    }

    #[test]
    fn values_are_equal_as_the_reference_has_it() {
        let equal = |a: Value, b: Value| rows_equal(&rows(&[&[a]]), &rows(&[&[b]]), false, EXACT);
        assert!(equal(1.into(), 1.0.into()) && equal(0.0.into(), (-0.0).into()) && equal(Value::Null, Value::Null));
        assert!(!equal(1.into(), "1".into()) && !equal("1".into(), Value::Bytes(b"1".to_vec())));
        assert!(!equal(Value::Null, 0.into()) && !equal(Value::Null, "".into()));
        assert!(!equal(9_007_199_254_740_993_i64.into(), 9_007_199_254_740_992.0.into()));
        assert!(!equal(0.3.into(), (0.1 + 0.2).into()));
    }

    #[test]
    fn floats_may_be_compared_in_fewer_digits() {
        let options = ScoreOptions { float_digits: Some(12), ..EXACT };
        let equal = |a: Value, b: Value| rows_equal(&rows(&[&[a]]), &rows(&[&[b]]), false, options);
        assert!(equal(0.3.into(), (0.1 + 0.2).into()) && equal(3.into(), 3.000_000_000_000_1.into()));
        assert!(!equal(0.3.into(), 0.3001.into()) && !equal(1_234_567_890_124_i64.into(), 1_234_567_890_123_i64.into()));
    }

    #[test]
    fn shapes_and_order_count() {
        let (one, two): (Vec<Vec<Value>>, Vec<Vec<Value>>) = (
            rows(&[&[1.into(), "a".into()], &[2.into(), "b".into()]]),
            rows(&[&["b".into(), 2.into()], &["a".into(), 1.into()]]),
        );
        assert!(rows_equal(&one, &two, false, EXACT) && !rows_equal(&one, &two, true, EXACT));
        assert!(!rows_equal_in_column_order(&one, &two, false, EXACT));
        let reversed: Vec<_> = one.iter().rev().cloned().collect();
        assert!(
            rows_equal_in_column_order(&one, &reversed, false, EXACT)
                && !rows_equal_in_column_order(&one, &reversed, true, EXACT)
        );
        assert!(
            rows_equal(&[], &[], true, EXACT) && !rows_equal(&one, &[], false, EXACT) && !rows_equal(&[], &one, false, EXACT)
        );
        assert!(!rows_equal(&one, &rows(&[&[1.into()], &[2.into()]]), false, EXACT));
        // Duplicates count.
        let (a, b) = (rows(&[&[1.into()], &[1.into()], &[2.into()]]), rows(&[&[1.into()], &[2.into()], &[2.into()]]));
        assert!(!rows_equal(&a, &b, false, EXACT));
    }

    #[test]
    fn columns_with_the_same_values_need_the_right_pairing() {
        // Each column of the one is, as a multiset, each column of the other; the pairs are not the same.
        let gold = rows(&[&[1.into(), 2.into()], &[2.into(), 1.into()]]);
        let same = rows(&[&[2.into(), 1.into()], &[1.into(), 2.into()]]);
        let other = rows(&[&[1.into(), 1.into()], &[2.into(), 2.into()]]);
        assert!(rows_equal(&gold, &same, false, EXACT) && !rows_equal(&gold, &other, false, EXACT));
    }

    #[test]
    fn many_equal_columns_take_no_time() {
        let gold = vec![vec![Value::Int(7); 40]; 200];
        let mut prediction = gold.clone();
        assert!(rows_equal(&gold, &prediction, false, EXACT));
        prediction[3][5] = Value::Int(8);
        assert!(!rows_equal(&gold, &prediction, false, EXACT));
    }

    #[test]
    fn floats_read_as_in_the_reference() {
        for (value, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (123_456_789.125, "123456789.125"),
            (-2.5e-7, "-2.5e-07"),
            (1e15, "1000000000000000.0"),
        ] {
            assert_eq!(float_text(value), text);
        }
    }

    proptest! {
        #[test]
        fn shuffled_rows_and_columns_still_match(
            cells in prop::collection::vec(prop::collection::vec(0_i64..3, 3), 1..12),
            permutation in Just(vec![0_usize, 1, 2]).prop_shuffle(),
            seed in any::<prop::sample::Index>(),
        ) {
            let gold: Vec<Vec<Value>> = cells.iter().map(|row| row.iter().map(|cell| Value::Int(*cell)).collect()).collect();
            let mut prediction: Vec<Vec<Value>> =
                gold.iter().map(|row| permutation.iter().map(|at| row[*at].clone()).collect()).collect();
            prop_assert!(rows_equal(&gold, &prediction, true, EXACT));
            prediction.rotate_left(seed.index(cells.len()));
            prop_assert!(rows_equal(&gold, &prediction, false, EXACT));
        }

        #[test]
        fn it_agrees_with_trying_every_permutation(
            gold in prop::collection::vec(prop::collection::vec(0_i64..2, 3), 1..5),
            prediction in prop::collection::vec(prop::collection::vec(0_i64..2, 3), 1..5),
            ordered in any::<bool>(),
        ) {
            let values = |cells: &[Vec<i64>]| -> Vec<Vec<Value>> {
                cells.iter().map(|row| row.iter().map(|cell| Value::Int(*cell)).collect()).collect()
            };
            let all = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
            let expected = all.iter().any(|permutation| {
                let mut a = gold.clone();
                let mut b: Vec<Vec<i64>> = prediction.iter().map(|row| permutation.iter().map(|at| row[*at]).collect()).collect();
                if !ordered {
                    a.sort();
                    b.sort();
                }
                a == b
            });
            prop_assert_eq!(rows_equal(&values(&gold), &values(&prediction), ordered, EXACT), expected);
        }
    }
}
