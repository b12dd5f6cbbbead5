//! Which of several answers is taken: the one whose rows most of them gave.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::candidate::{Candidate, Made};
use crate::ask::review::WarningCode;

/// The answer that is taken, how many gave its rows, and how many gave others.
pub(super) struct Ran {
    pub(super) taken: Candidate,
    pub(super) agreed: usize,
    pub(super) different: usize,
}

/// Takes one of `ran`; nothing where there is none.
///
/// # Behavior
/// Answers with the same rows, in whatever order, are one group; the largest group wins, and within it a query, whose joins and windows are Leo's own,
/// before a statement, and what came first before what came later. Between groups of one size, that with fewer warnings wins. An answer without rows,
/// because it waits for approval or is not run, is a group by its statement.
pub(super) fn choose(ran: Vec<Candidate>) -> Option<Ran> {
    let total = ran.len();
    let mut groups: BTreeMap<[u8; 32], Vec<(usize, Candidate)>> = BTreeMap::new();
    for (at, candidate) in ran.into_iter().enumerate() {
        groups.entry(fingerprint(&candidate)).or_default().push((at, candidate));
    }
    let rank = |group: &Vec<(usize, Candidate)>| {
        let fewest = group.iter().map(|(_, own)| doubts(own)).min().unwrap_or(usize::MAX);
        (std::cmp::Reverse(group.len()), fewest, group.iter().map(|(at, _)| *at).min())
    };
    let best = groups.into_values().min_by_key(rank)?;
    let agreed = best.len();
    let is_query = |own: &Candidate| matches!(&own.made, Made::Rows { query: Some(_), .. });
    let (_, taken) = best.into_iter().min_by_key(|(at, own)| (!is_query(own), *at))?;
    Some(Ran { taken, agreed, different: total - agreed })
}

/// Warnings that speak against an answer.
fn doubts(candidate: &Candidate) -> usize {
    let counts = |code: WarningCode| !matches!(code, WarningCode::NoEstimate);
    let empty = matches!(&candidate.made, Made::Rows { result, .. } if result.table.num_rows() == 0);
    candidate.answer.warnings.iter().filter(|warning| counts(warning.code)).count() + usize::from(empty)
}

/// The same for the same rows.
fn fingerprint(candidate: &Candidate) -> [u8; 32] {
    let mut hash = Sha256::new();
    match &candidate.made {
        Made::Rows { result, .. } => {
            let table = &result.table;
            let row = |row: usize| {
                let cells = (0..table.num_columns()).map(|column| table.value(row, column).to_string());
                // A unit separator is in no number, and texts that differ differ.
                cells.collect::<Vec<_>>().join("\u{1f}")
            };
            let mut rows: Vec<String> = (0..table.num_rows()).map(row).collect();
            rows.sort_unstable();
            rows.iter().for_each(|row| hash.update(row.as_bytes()));
            hash.update((table.num_rows() as u64).to_le_bytes());
        }
        Made::Refused(_) | Made::NotExecuted => hash.update(candidate.answer.sql.as_deref().unwrap_or_default()),
    }
    hash.finalize().into()
}
