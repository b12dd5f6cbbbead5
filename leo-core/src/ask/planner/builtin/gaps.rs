//! Gaps: words that nothing in the data is called, standing where the question says what to measure, group, sort or filter by.
//!
//! "revenue by flurb" without its flurb is the total of all revenue: an answer, but to another question. A verb between two
//! names may be passed over ("singers who **performed** in a concert"); a name may not.

use super::lexicon::{self, Op};
use super::linking::{Node, NodeKind, Target};
use super::reading::Reading;
use super::tokens::Token;

/// Nodes that the reading must not pass over.
pub(super) fn gaps(nodes: &[Node], tokens: &[Token], reading: &Reading) -> Vec<usize> {
    let view = View { nodes, tokens };
    (0..nodes.len())
        .filter(|&at| match nodes[at].kind {
            NodeKind::Unknown => view.is_gap(at),
            // A value that is nowhere in the data and that no column took.
            NodeKind::Literal(_) => reading.unused.contains(&at),
            _ => false,
        })
        .collect()
}

struct View<'a> {
    nodes: &'a [Node],
    tokens: &'a [Token],
}

impl View<'_> {
    fn is_gap(&self, at: usize) -> bool {
        if lexicon::is_harmless(self.word(at)) || (self.word(at) == "new" && self.dated()) {
            return false;
        }
        let verb = lexicon::is_verb_form(self.word(at));
        let Some(before) = self.before(at) else { return self.names(at) };
        match &self.nodes[before].kind {
            NodeKind::Op(op) => match op {
                Op::By | Op::Each | Op::OrderBy | Op::With | Op::Without | Op::Except | Op::And | Op::Comma | Op::Possessive => {
                    true
                }
                Op::Function(_)
                | Op::Extreme(_)
                | Op::Top(_)
                | Op::Common(_)
                | Op::Share
                | Op::Running
                | Op::Versus
                | Op::Distinct => self.names(at),
                Op::HowMany | Op::HowMuch | Op::Which | Op::Ask => self.names(at) && !(verb && self.head(at)),
                // "of flurb", but not "to climb".
                Op::Preposition => self.word(before) != "to" && self.names(at) && !(verb && self.head(at)),
                Op::Pronoun => matches!(self.word(before), "their" | "its" | "his" | "her") && self.names(at),
                // "whose flurb", "where flurb is 3"; "who flurbed" and no more.
                Op::Relative => {
                    (self.word(before) == "whose" && self.names(at))
                        || matches!(self.op(at + 1), Some(Op::Be))
                        || self.stands_alone(at)
                }
                Op::Have => (!verb && self.names(at)) || self.stands_alone(at),
                Op::Who | Op::Be | Op::Not => self.stands_alone(at),
                _ => false,
            },
            NodeKind::Number(_) => self.names(at) && !lexicon::is_unit(self.word(at)),
            NodeKind::Mention(candidates) => {
                // "customers bought flurbs"; "customers flurbed".
                let done = candidates.first().is_some_and(|best| matches!(best.target, Target::Metric(_)));
                let done = done && lexicon::is_verb_form(self.word(before)) && !verb;
                done && self.names(at) || verb && self.stands_alone(at)
            }
            _ => false,
        }
    }

    /// Whether the word is a name by itself, or says which rows of a table or which measure is meant ("flurb customers"). Before
    /// a column or a value it is mostly a part of their names.
    fn names(&self, at: usize) -> bool {
        self.head(at)
            || match &self.nodes[at + 1].kind {
                NodeKind::Mention(candidates) => {
                    candidates.first().is_some_and(|best| matches!(best.target, Target::Table(_) | Target::Metric(_)))
                }
                _ => true,
            }
    }

    /// Whether the clause has nothing but this word, or only a time beside it, so that all it says is in the word. That a row came
    /// about ("orders placed") is no news.
    fn stands_alone(&self, at: usize) -> bool {
        if lexicon::begins(self.word(at)) {
            return false;
        }
        let ahead = (at + 1..self.nodes.len()).find(|&ahead| match self.nodes[ahead].kind {
            NodeKind::Skip => self.tokens.get(self.nodes[ahead].first).is_some_and(|token| token.is_word()),
            _ => true,
        });
        match ahead.map(|ahead| &self.nodes[ahead].kind) {
            None => true,
            Some(NodeKind::Time(_) | NodeKind::Op(Op::Grain(_))) => true,
            Some(_) => false,
        }
    }

    fn op(&self, at: usize) -> Option<Op> {
        match self.nodes.get(at)?.kind {
            NodeKind::Op(op) => Some(op),
            _ => None,
        }
    }

    /// Whether no name follows at once.
    fn head(&self, at: usize) -> bool {
        !matches!(self.nodes.get(at + 1).map(|node| &node.kind), Some(NodeKind::Mention(_) | NodeKind::Unknown))
    }

    /// Whether the question speaks of a time: "new customers in May" are those of May.
    fn dated(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node.kind, NodeKind::Time(_) | NodeKind::Op(Op::Grain(_))))
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(self.nodes[at].first).map_or("", |token| token.lower.as_str())
    }

    /// The node before that says something.
    fn before(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|&back| !matches!(self.nodes[back].kind, NodeKind::Skip | NodeKind::Unknown))
    }
}
