//! One ranking of two whose scores have nothing in common, by the places in them: reciprocal rank fusion.

use crate::catalog::Hit;

/// What ranks are counted from: the usual 60, which lets no single first place decide.
const FUSION: f64 = 60.0;

/// The hits of both rankings, at most `limit`; the score is 1 for what is first in both. What is in the first says so.
pub(crate) fn fused(first: Vec<Hit>, second: Vec<Hit>, limit: usize) -> Vec<Hit> {
    let mut fused: Vec<Hit> = Vec::new();
    for ranking in [first, second] {
        for (rank, hit) in (1_u32..).zip(ranking) {
            let score = (FUSION + 1.0) / (FUSION + f64::from(rank)) / 2.0;
            match fused.iter_mut().find(|known| known.is_same(&hit)) {
                Some(known) => known.score += score,
                None => fused.push(Hit { score, ..hit }),
            }
        }
    }
    fused.sort_by(|a, b| b.score.total_cmp(&a.score));
    fused.truncate(limit);
    for hit in &mut fused {
        hit.score = (hit.score * 1_000.0).round() / 1_000.0;
    }
    fused
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::{Place, TableName};

    #[test]
    fn what_is_in_both_comes_before_what_is_first_in_one() {
        let hit = |name: &str, place| Hit::of(TableName::bare(name), None, 0.3, place);
        let letters = vec![hit("a", Place::Name), hit("b", Place::Name)];
        let meaning = vec![hit("c", Place::Meaning), hit("b", Place::Meaning)];
        let names = |hits: &[Hit]| hits.iter().map(|hit| hit.table.as_ref().unwrap().name.clone()).collect::<Vec<_>>();
        let both = fused(letters.clone(), meaning, 10);
        assert_eq!((names(&both), both[0].place), (vec!["b".into(), "a".into(), "c".into()], Place::Name));
        assert!(both[0].score < 1.0 && fused(letters.clone(), letters, 1)[0].score == 1.0);
    }
}
