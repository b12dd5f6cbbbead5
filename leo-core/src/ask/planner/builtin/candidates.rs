//! Candidates: the few most coherent ways to give every mention one meaning.
//!
//! A beam search over the mentions, tables first. A meaning is worth its link plus how well its table goes with the tables the
//! question speaks of; distances are those of the join graph.

use std::collections::BTreeMap;

use super::lexicon::Op;
use super::linking::{Candidate, Node, NodeKind, Target};
use super::schema::SchemaIndex;
use super::scoring::weights;

/// Readings kept while searching, and returned.
const BEAM: usize = 24;
const RETURNED: usize = 6;
/// How far the join graph is followed, in thousandths of a step.
const REACH: u32 = 5_400;

/// One meaning for every mention: indexes into the nodes' candidates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assignment {
    pub(super) chosen: BTreeMap<usize, usize>,
    pub(super) score: f64,
}

impl Assignment {
    /// The meaning of node `at`.
    pub(super) fn target<'a>(&self, nodes: &'a [Node], at: usize) -> Option<&'a Candidate> {
        let NodeKind::Mention(candidates) = &nodes.get(at)?.kind else { return None };
        candidates.get(*self.chosen.get(&at)?)
    }
}

/// The most coherent assignments, best first; at least one.
pub(super) fn assign(nodes: &[Node], index: &SchemaIndex) -> Vec<Assignment> {
    let search = Search { nodes, index };
    let mut beam = vec![Assignment { chosen: BTreeMap::new(), score: 0.0 }];
    for at in search.order() {
        let NodeKind::Mention(candidates) = &nodes[at].kind else { continue };
        let words = (nodes[at].last - nodes[at].first) as f64;
        let mut next = Vec::with_capacity(beam.len() * candidates.len());
        for partial in &beam {
            for (choice, candidate) in candidates.iter().enumerate() {
                let mut grown = partial.clone();
                grown.score += candidate.score * words.max(1.0).sqrt() + search.coherence(at, candidate, partial);
                grown.chosen.insert(at, choice);
                next.push(grown);
            }
        }
        // Stable: of equal scores the one with the earlier candidate stays first.
        next.sort_by(|a, b| b.score.total_cmp(&a.score));
        next.truncate(BEAM);
        beam = next;
    }
    beam.truncate(RETURNED);
    beam
}

struct Search<'a> {
    nodes: &'a [Node],
    index: &'a SchemaIndex,
}

impl Search<'_> {
    /// Mentions in the order they are decided: those that can be tables, then columns and metrics, then values.
    fn order(&self) -> Vec<usize> {
        let mut ranked: Vec<(u8, usize)> = Vec::new();
        for (at, node) in self.nodes.iter().enumerate() {
            let NodeKind::Mention(candidates) = &node.kind else { continue };
            let Some(best) = candidates.first() else { continue };
            let table = candidates.iter().any(|c| matches!(c.target, Target::Table(_)) && c.score > best.score - 0.15);
            let rank = if table {
                0
            } else if matches!(best.target, Target::Value(..)) {
                2
            } else {
                1
            };
            ranked.push((rank, at));
        }
        ranked.sort();
        ranked.into_iter().map(|(_, at)| at).collect()
    }

    fn coherence(&self, at: usize, candidate: &Candidate, partial: &Assignment) -> f64 {
        let own = candidate.target.table(self.index);
        let mut score = 0.0;
        if matches!(candidate.target, Target::Table(_)) {
            score += self.rows_meant(at);
        }
        if let Target::Value(column, _) = &candidate.target
            && let Some(before) = self.column_before(at)
            && let Some(named) = partial.target(self.nodes, before)
        {
            match &named.target {
                Target::Column(named) if named == column => score += weights::COLUMN_NAMED,
                Target::Column(named) if named.table == column.table => score += 0.05,
                Target::Table(table) if self.index.tables[*table].display.contains(&column.column) && *table == column.table => {
                    score += weights::COLUMN_NAMED * 0.7;
                }
                _ => {}
            }
        }
        let governors = [(self.governor_right(at), weights::GOVERNED_BY), (self.governor_left(at), weights::FOLLOWS)];
        for (governor, weight) in governors {
            let Some(target) = governor.and_then(|governor| partial.target(self.nodes, governor)) else { continue };
            if matches!(candidate.target, Target::Table(_) | Target::Metric(_)) {
                break;
            }
            let table = target.target.table(self.index);
            if table == own {
                score += weight;
                break;
            }
            if self.index.relations.is_step(table, own) {
                score += weight * 0.2;
                break;
            }
        }
        // Sales are told by who bought, not by who delivered, where both have the column.
        let sold = partial
            .chosen
            .keys()
            .any(|other| partial.target(self.nodes, *other).is_some_and(|target| matches!(target.target, Target::Metric(_))));
        let buyer = |table: usize| {
            let words = &self.index.tables[table].words;
            words.iter().any(|word| {
                matches!(word.stem.as_str(), "custom" | "client" | "buyer" | "consum" | "member" | "user" | "account")
            })
        };
        if sold && matches!(candidate.target, Target::Column(_) | Target::Value(..)) && buyer(own) {
            score += weights::BUYER;
        }
        // The nearest table decided so far.
        let mut nearest: Option<u32> = None;
        let mut any = false;
        for &other in partial.chosen.keys() {
            let Some(target) = partial.target(self.nodes, other) else { continue };
            any = true;
            let table = target.target.table(self.index);
            if let Some(cost) = self.index.relations.distance(table, own).filter(|cost| *cost <= REACH) {
                nearest = Some(nearest.map_or(cost, |known| known.min(cost)));
            }
        }
        score
            + match nearest {
                Some(0) => weights::SAME_TABLE,
                Some(1..=1_700) => weights::NEAR,
                Some(1_701..=3_300) => 0.0,
                Some(_) => weights::FAR / 3.0,
                None if any => weights::FAR,
                None => 0.0,
            }
    }

    /// Whether the words before ask for rows: "how many", "all", "each", or it opens the question.
    fn rows_meant(&self, at: usize) -> f64 {
        let mut back = at;
        while back > 0 {
            back -= 1;
            match &self.nodes[back].kind {
                NodeKind::Skip => continue,
                NodeKind::Op(Op::HowMany) => return weights::ROWS_COUNTED,
                NodeKind::Op(Op::Each | Op::Distinct | Op::Preposition) => return weights::ROWS_MEANT,
                _ => return 0.0,
            }
        }
        0.0
    }

    /// The column mention a value stands behind: "city is Paris", "status = open".
    fn column_before(&self, at: usize) -> Option<usize> {
        let mut back = at;
        for _ in 0..4 {
            back = back.checked_sub(1)?;
            match &self.nodes[back].kind {
                NodeKind::Skip
                | NodeKind::Op(
                    Op::Be
                    | Op::Compare(_)
                    | Op::Named
                    | Op::Preposition
                    | Op::Not
                    | Op::Both
                    | Op::Contains
                    | Op::StartsWith
                    | Op::EndsWith,
                ) => {}
                NodeKind::Mention(_) => return Some(back),
                _ => return None,
            }
        }
        None
    }

    /// The table a column is said to be of: "name and age **of** the singers", "singer 's name" has it on the left.
    fn governor_right(&self, at: usize) -> Option<usize> {
        let mut led = false;
        for ahead in at + 1..self.nodes.len().min(at + 14) {
            match &self.nodes[ahead].kind {
                NodeKind::Skip
                | NodeKind::Op(
                    Op::And
                    | Op::Comma
                    | Op::Function(_)
                    | Op::Distinct
                    | Op::Pronoun
                    | Op::Superlative
                    | Op::Extreme(_)
                    | Op::Or,
                ) => {}
                NodeKind::Op(Op::Preposition | Op::Each) => led = true,
                NodeKind::Mention(candidates) => {
                    let table = candidates.iter().any(|c| matches!(c.target, Target::Table(_)) && c.score >= 0.75);
                    let best_is_table = candidates.first().is_some_and(|c| matches!(c.target, Target::Table(_)));
                    if (led && table) || (best_is_table && ahead == at + 1) {
                        return Some(ahead);
                    }
                    if led && !candidates.iter().any(|c| matches!(c.target, Target::Value(..))) {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        None
    }

    /// The nearest table named before; after "their" the first one.
    fn governor_left(&self, at: usize) -> Option<usize> {
        let table_at = |back: &usize| match &self.nodes[*back].kind {
            NodeKind::Mention(candidates) => candidates.iter().any(|c| matches!(c.target, Target::Table(_)) && c.score >= 0.75),
            _ => false,
        };
        if at.checked_sub(1).is_some_and(|before| matches!(self.nodes[before].kind, NodeKind::Op(Op::Pronoun))) {
            return (0..at).find(table_at);
        }
        (at.saturating_sub(12)..at).rev().find(|&back| match &self.nodes[back].kind {
            NodeKind::Mention(candidates) => candidates.iter().any(|c| matches!(c.target, Target::Table(_)) && c.score >= 0.75),
            _ => false,
        })
    }
}
