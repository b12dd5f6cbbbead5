//! The best assignment of one list to another: the Hungarian method.

/// For each row of `weights` the column it gets, no column twice, so that the sum of the weights is the largest there is; nothing for rows
/// that are left over.
///
/// # Behavior
/// Kuhn's and Munkres's method with potentials, in time of rows² × columns: H. W. Kuhn, "The Hungarian Method for the Assignment Problem",
/// Naval Research Logistics Quarterly 2 (1955). The same weights give the same assignment. All rows of `weights` have to be equally long.
pub(super) fn assignment(weights: &[Vec<i64>]) -> Vec<Option<usize>> {
    let (rows, columns) = (weights.len(), weights.first().map_or(0, Vec::len));
    if rows == 0 || columns == 0 {
        return vec![None; rows];
    }
    if rows > columns {
        let transposed: Vec<Vec<i64>> = (0..columns).map(|at| weights.iter().map(|row| row[at]).collect()).collect();
        let mut assigned = vec![None; rows];
        for (column, row) in assignment(&transposed).into_iter().enumerate() {
            if let Some(row) = row {
                assigned[row] = Some(column);
            }
        }
        return assigned;
    }
    // Rows and columns count from 1: column 0 holds the row that is being placed.
    let (mut of_rows, mut of_columns) = (vec![0_i64; rows + 1], vec![0_i64; columns + 1]);
    let mut row_of = vec![0_usize; columns + 1];
    for row in 1..=rows {
        let mut from = vec![0_usize; columns + 1];
        let mut least = vec![i64::MAX; columns + 1];
        let mut used = vec![false; columns + 1];
        row_of[0] = row;
        let mut at = 0;
        while row_of[at] != 0 {
            used[at] = true;
            let (current, mut delta, mut next) = (row_of[at], i64::MAX, 0);
            for column in (1..=columns).filter(|column| !used[*column]) {
                let reduced = -weights[current - 1][column - 1] - of_rows[current] - of_columns[column];
                if reduced < least[column] {
                    (least[column], from[column]) = (reduced, at);
                }
                if least[column] < delta {
                    (delta, next) = (least[column], column);
                }
            }
            for column in 0..=columns {
                if used[column] {
                    of_rows[row_of[column]] += delta;
                    of_columns[column] -= delta;
                } else if least[column] != i64::MAX {
                    least[column] -= delta;
                }
            }
            at = next;
        }
        while at != 0 {
            row_of[at] = row_of[from[at]];
            at = from[at];
        }
    }
    let mut assigned = vec![None; rows];
    for (column, row) in row_of.iter().enumerate().skip(1).filter(|(_, row)| **row > 0) {
        assigned[row - 1] = Some(column - 1);
    }
    assigned
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(weights: &[Vec<i64>], assigned: &[Option<usize>]) -> i64 {
        assigned.iter().enumerate().filter_map(|(row, column)| Some(weights[row][(*column)?])).sum()
    }

    /// The largest sum, by trying everything.
    fn best(weights: &[Vec<i64>], taken: &mut Vec<bool>) -> i64 {
        let Some((row, rest)) = weights.split_first() else { return 0 };
        let mut most = if weights.len() > taken.iter().filter(|taken| !**taken).count() { best(rest, taken) } else { i64::MIN };
        for column in 0..row.len() {
            if !taken[column] {
                taken[column] = true;
                most = most.max(row[column] + best(rest, taken));
                taken[column] = false;
            }
        }
        most
    }

    #[test]
    fn the_greedy_choice_is_not_the_best() {
        // Greedy takes 9 and 1; together 8 and 7 are more.
        assert_eq!(assignment(&[vec![9, 8], vec![7, 1]]), [Some(1), Some(0)]);
        assert_eq!(assignment(&[vec![1], vec![5], vec![2]]), [None, Some(0), None]);
        assert_eq!(assignment(&[]), [] as [Option<usize>; 0]);
        assert_eq!(assignment(&[vec![], vec![]]), [None, None]);
    }

    proptest! {
        #[test]
        fn it_finds_the_largest_sum(rows in 1_usize..5, columns in 1_usize..5, cells in prop::collection::vec(0_i64..20, 25)) {
            let weights: Vec<Vec<i64>> = (0..rows).map(|row| cells[row * 5..row * 5 + columns].to_vec()).collect();
            let assigned = assignment(&weights);
            let mut used: Vec<usize> = assigned.iter().flatten().copied().collect();
            used.sort_unstable();
            used.dedup();
            prop_assert_eq!(used.len(), rows.min(columns));
            prop_assert_eq!(sum(&weights, &assigned), best(&weights, &mut vec![false; columns]));
        }
    }
}
