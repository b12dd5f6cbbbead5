//! How much of an answer is right: a graded figure beside right or wrong.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::assignment::assignment;
use super::score::{Key, Rows, ScoreOptions, key, rows_equal};

/// Columns of a result that are looked at.
const COLUMNS: usize = 32;
/// Rows without an equal one that are paired with rows that are like them, on either side.
const UNEQUAL_ROWS: usize = 500;
/// What a result that does not match reaches at most.
const MOST: f64 = 0.999;

/// How much of `answer` agrees with `gold`, cell by cell: 1 exactly where they match as bags of rows ([`rows_equal`] without an order).
///
/// # Behavior
/// F1 over cells, 2·a / (cells of the reference + cells of the answer), where a counts the cells that agree: each of the reference's columns
/// is assigned one of the answer's at most, so that the values which assigned columns have in common are the most there are (Kuhn–Munkres);
/// then each row is paired with an equal one, and what remains with those that agree in the most cells, the best pair first. After the
/// soft F1 of BIRD's mini-dev set (Li et al., "Can LLM Already Serve as a Database Interface?", 2023), which compares rows by their
/// position and cells without regard to columns.
///
/// Columns beyond 32 count as missing, and so do rows without an equal one beyond 500 on either side. The order of columns does not
/// matter; values compare as in [`rows_equal`]. What does not match has 0.999 at most.
pub fn soft_score(gold: &Rows, answer: &Rows, options: ScoreOptions) -> f64 {
    if rows_equal(gold, answer, false, options) {
        return 1.0;
    }
    let cells = |rows: &Rows| rows.iter().map(Vec::len).sum::<usize>();
    let cells = cells(gold) + cells(answer);
    if gold.is_empty() || answer.is_empty() || cells == 0 {
        return 0.0;
    }
    let (gold, answer) = canonical(gold, answer, options);
    let weights: Vec<Vec<i64>> =
        gold.iter().map(|wanted| answer.iter().map(|column| common(&wanted.sorted, &column.sorted)).collect()).collect();
    let assigned = assignment(&weights).into_iter().enumerate();
    let pairs: Vec<(&[u32], &[u32])> = assigned
        .filter_map(|(own, other)| Some((own, other?)))
        .filter(|(own, other)| weights[*own][*other] > 0)
        .map(|(own, other)| (gold[own].cells.as_slice(), answer[other].cells.as_slice()))
        .collect();
    let (gold, answer): (Vec<&[u32]>, Vec<&[u32]>) = pairs.into_iter().unzip();
    (2.0 * agreeing(&rows(&gold), &rows(&answer)) as f64 / cells as f64).min(MOST)
}

/// A column as numbers: in the rows' order, and sorted.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    sorted: Vec<u32>,
    cells: Vec<u32>,
}

/// The columns of both results in an order that depends on what is in them alone, so that equal sums are broken alike however the
/// columns stand.
fn canonical(gold: &Rows, answer: &Rows, options: ScoreOptions) -> (Vec<Column>, Vec<Column>) {
    let mut keys: Vec<Key<'_>> = gold.iter().chain(answer).flatten().map(|value| key(value, options)).collect();
    keys.sort_unstable();
    keys.dedup();
    let numbers: HashMap<Key<'_>, u32> = keys.into_iter().zip(0..).collect();
    let columns = |rows: &Rows| -> Vec<Column> {
        let width = rows.first().map_or(0, Vec::len);
        let number = |row: &Vec<_>, at: usize| row.get(at).and_then(|value| numbers.get(&key(value, options)).copied());
        let column = |at: usize| {
            let cells: Vec<u32> = rows.iter().map(|row| number(row, at).unwrap_or(u32::MAX)).collect();
            let mut sorted = cells.clone();
            sorted.sort_unstable();
            Column { sorted, cells }
        };
        let mut columns: Vec<Column> = (0..width).map(column).collect();
        columns.sort_unstable();
        columns.truncate(COLUMNS);
        columns
    };
    (columns(gold), columns(answer))
}

/// How many values two sorted columns have in common, repeated ones as often as both have them.
fn common(one: &[u32], other: &[u32]) -> i64 {
    let (mut at, mut found) = (0, 0);
    for value in one {
        while other.get(at).is_some_and(|candidate| candidate < value) {
            at += 1;
        }
        if other.get(at) == Some(value) {
            at += 1;
            found += 1;
        }
    }
    found
}

fn rows(columns: &[&[u32]]) -> Vec<Vec<u32>> {
    let count = columns.first().map_or(0, |column| column.len());
    (0..count).map(|at| columns.iter().map(|column| column[at]).collect()).collect()
}

/// Cells that agree once the rows are paired.
fn agreeing(gold: &[Vec<u32>], answer: &[Vec<u32>]) -> usize {
    let mut free: HashMap<&[u32], usize> = HashMap::new();
    for row in answer {
        *free.entry(row).or_default() += 1;
    }
    let mut agreeing = 0;
    let mut left = Vec::new();
    for row in gold {
        match free.get_mut(row.as_slice()).filter(|count| **count > 0) {
            Some(count) => {
                *count -= 1;
                agreeing += row.len();
            }
            None => left.push(row),
        }
    }
    let mut over: Vec<&Vec<u32>> = Vec::new();
    for row in answer {
        if let Some(count) = free.get_mut(row.as_slice()).filter(|count| **count > 0) {
            *count -= 1;
            over.push(row);
        }
    }
    left.truncate(UNEQUAL_ROWS);
    over.truncate(UNEQUAL_ROWS);
    let same = |own: &[u32], other: &[u32]| own.iter().zip(other).filter(|(own, other)| own == other).count();
    let mut pairs: Vec<(Reverse<usize>, usize, usize)> = Vec::new();
    for (at, own) in left.iter().enumerate() {
        pairs.extend(over.iter().enumerate().map(|(to, other)| (Reverse(same(own, other)), at, to)).filter(|pair| pair.0.0 > 0));
    }
    pairs.sort_unstable();
    let (mut paired, mut taken) = (vec![false; left.len()], vec![false; over.len()]);
    for (Reverse(count), at, to) in pairs {
        if !paired[at] && !taken[to] {
            (paired[at], taken[to]) = (true, true);
            agreeing += count;
        }
    }
    agreeing
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Value;

    fn score(gold: &[Vec<Value>], answer: &[Vec<Value>]) -> f64 {
        soft_score(gold, answer, ScoreOptions::default())
    }

    fn rows(cells: &[&[i64]]) -> Vec<Vec<Value>> {
        cells.iter().map(|row| row.iter().map(|cell| Value::Int(*cell)).collect()).collect()
    }

    #[test]
    fn it_is_the_share_of_cells_that_agree() {
        let gold: Vec<Vec<Value>> = vec![vec!["north".into(), 10.into()], vec!["south".into(), 20.into()]];
        // One figure of four cells is wrong: 2 · 3 / 8.
        assert_eq!(score(&gold, &[vec!["north".into(), 10.into()], vec!["south".into(), 21.into()]]), 0.75);
        // A column too many: 2 · 4 / 10. One too few: 2 · 2 / 6.
        assert_eq!(score(&gold, &[vec![10.into(), "north".into(), 1.into()], vec![20.into(), "south".into(), 2.into()]]), 0.8);
        assert_eq!(score(&gold, &[vec!["north".into()], vec!["south".into()]]), 2.0 / 3.0);
        // A row too many: 2 · 4 / 6 of rows, the same of cells.
        assert_eq!(score(&gold, &[gold.clone(), vec![vec!["east".into(), 5.into()]]].concat()), 0.8);
        // Figures at the wrong names are not right because they occur: the names agree, the figures do not.
        assert_eq!(score(&gold, &[vec!["north".into(), 20.into()], vec!["south".into(), 10.into()]]), 0.5);
        assert_eq!((score(&gold, &[]), score(&[], &gold), score(&[], &[])), (0.0, 0.0, 1.0));
        assert_eq!(score(&gold, &[vec!["west".into(), 7.into()]]), 0.0);
        // Order does not count.
        assert_eq!(score(&gold, &gold.iter().rev().cloned().collect::<Vec<_>>()), 1.0);
    }

    #[test]
    fn columns_are_assigned_for_the_most_in_common() {
        // The first column of the reference is like both; the second like the first alone.
        let (gold, answer) = (rows(&[&[1, 1], &[2, 1], &[3, 9]]), rows(&[&[1, 1], &[1, 2], &[9, 4]]));
        assert_eq!(score(&gold, &answer), 2.0 * 5.0 / 12.0);
    }

    #[test]
    fn large_results_take_no_time() {
        let gold: Vec<Vec<Value>> = (0..20_000).map(|at| vec![Value::Int(at), Value::Int(at % 7), Value::Int(1)]).collect();
        let mut answer = gold.clone();
        answer[5][1] = Value::Int(9);
        let near = score(&gold, &answer);
        assert!(near > 0.99 && near < 1.0, "{near}");
        let wide = vec![vec![Value::Int(1); 80]; 30];
        let narrow = vec![vec![Value::Int(1); 79]; 30];
        assert_eq!(score(&wide, &narrow), 2.0 * 32.0 / 159.0);
    }

    fn table(columns: usize) -> impl Strategy<Value = Vec<Vec<i64>>> {
        prop::collection::vec(prop::collection::vec(0_i64..3, columns), 0..6)
    }

    proptest! {
        #[test]
        fn one_is_a_match_and_the_order_of_columns_is_nothing(
            gold in table(3),
            answer in (1_usize..4).prop_flat_map(table),
            own in Just(vec![0_usize, 1, 2]).prop_shuffle(),
            seed in Just(vec![0_usize, 1, 2]).prop_shuffle(),
        ) {
            let values = |cells: &[Vec<i64>], order: &[usize]| -> Vec<Vec<Value>> {
                cells.iter().map(|row| order.iter().filter_map(|at| row.get(*at)).map(|cell| Value::Int(*cell)).collect()).collect()
            };
            let (a, b) = (values(&gold, &[0, 1, 2]), values(&answer, &[0, 1, 2]));
            let soft = score(&a, &b);
            prop_assert!((0.0..=1.0).contains(&soft));
            prop_assert_eq!(soft == 1.0, rows_equal(&a, &b, false, ScoreOptions::default()));
            prop_assert_eq!(score(&a, &values(&answer, &seed)), soft);
            prop_assert_eq!(score(&values(&gold, &own), &b), soft);
        }
    }
}
