//! The search for the columns of an answer that are those of the reference: rows have to be equal as a bag, or as a set.

use std::collections::HashMap;

/// Whether some choice of the prediction's columns, one for each of the reference's, makes the rows equal as a bag, or with `distinct`
/// as a set.
pub(super) fn found(gold: &[Vec<u32>], prediction: &[Vec<u32>], distinct: bool) -> bool {
    let counts = |columns: &[Vec<u32>]| -> Vec<Vec<u32>> {
        columns
            .iter()
            .map(|column| {
                let mut sorted = column.clone();
                sorted.sort_unstable();
                if distinct {
                    sorted.dedup();
                }
                sorted
            })
            .collect()
    };
    let (gold_counts, prediction_counts) = (counts(gold), counts(prediction));
    let candidates: Vec<Vec<usize>> = gold_counts
        .iter()
        .map(|wanted| (0..prediction.len()).filter(|at| prediction_counts[*at] == *wanted).collect::<Vec<_>>())
        .collect();
    if candidates.iter().any(Vec::is_empty) {
        return false;
    }
    let rows = |columns: &[Vec<u32>]| vec![0; columns.first().map_or(0, Vec::len)];
    let search = Search { gold, prediction, candidates: &candidates, distinct };
    search.from(0, &mut vec![false; prediction.len()], &rows(gold), &rows(prediction))
}

/// Column by column, keeping the rows' prefixes as classes, so that a wrong column is noticed at once and not after all others were
/// tried.
struct Search<'a> {
    gold: &'a [Vec<u32>],
    prediction: &'a [Vec<u32>],
    candidates: &'a [Vec<usize>],
    distinct: bool,
}

impl Search<'_> {
    fn from(&self, at: usize, taken: &mut Vec<bool>, gold_prefix: &[u32], prediction_prefix: &[u32]) -> bool {
        let Some(wanted) = self.gold.get(at) else { return true };
        let mut tried: Vec<usize> = Vec::new();
        for candidate in &self.candidates[at] {
            // Equal columns lead to equal searches.
            if taken[*candidate] || tried.iter().any(|other| self.prediction[*other] == self.prediction[*candidate]) {
                continue;
            }
            tried.push(*candidate);
            let refined = refine((gold_prefix, wanted), (prediction_prefix, &self.prediction[*candidate]), self.distinct);
            let Some((gold_classes, prediction_classes)) = refined else { continue };
            taken[*candidate] = true;
            if self.from(at + 1, taken, &gold_classes, &prediction_classes) {
                return true;
            }
            taken[*candidate] = false;
        }
        false
    }
}

/// The rows' classes after one more column, or nothing when the two sides no longer have the same classes: equally often, or with
/// `distinct` at all. Each side is given as classes so far and the column.
fn refine(gold: (&[u32], &[u32]), prediction: (&[u32], &[u32]), distinct: bool) -> Option<(Vec<u32>, Vec<u32>)> {
    let mut classes: HashMap<(u32, u32), u32> = HashMap::new();
    // How often each class is on either side.
    let mut counts: Vec<[u64; 2]> = Vec::new();
    let mut classed = |(prefixes, column): (&[u32], &[u32]), side: usize| -> Vec<u32> {
        let class_of = |(prefix, value): (&u32, &u32)| {
            let next = classes.len() as u32;
            let class = *classes.entry((*prefix, *value)).or_insert(next);
            if class as usize == counts.len() {
                counts.push([0; 2]);
            }
            counts[class as usize][side] += 1;
            class
        };
        prefixes.iter().zip(column).map(class_of).collect()
    };
    let (gold, prediction) = (classed(gold, 0), classed(prediction, 1));
    let agree = |[gold, prediction]: &[u64; 2]| if distinct { (*gold > 0) == (*prediction > 0) } else { gold == prediction };
    counts.iter().all(agree).then_some((gold, prediction))
}
