//! What was understood and still is not in the query: a window that filters nothing, a "per month" without months. The words were
//! linked, so nothing is missing in the data; the reading went past them.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::candidates::Assignment;
use super::lexicon::Op;
use super::linking::{Node, NodeKind, Target};
use super::schema::SchemaIndex;
use super::tokens::{Token, TokenKind};
use crate::query::SemanticQuery;

/// Nodes whose meaning the query does not hold.
pub(super) fn lost(
    nodes: &[Node],
    tokens: &[Token],
    assignment: &Assignment,
    index: &SchemaIndex,
    query: &SemanticQuery,
) -> Vec<usize> {
    let held = Held::of(query);
    let lacks = |at: &usize| held.lacks(&nodes[*at], assignment.target(nodes, *at).map(|found| &found.target), index);
    // "across all shops" groups by nothing.
    let across = |at: &usize| tokens.get(nodes[*at].first).is_some_and(|token| token.lower == "across");
    // "revenue by" and nothing that could be grouped by.
    let dangling = |at: &usize| {
        let next = nodes.iter().skip(at + 1).find(|node| !matches!(node.kind, NodeKind::Skip));
        let named = next.is_some_and(|next| matches!(next.kind, NodeKind::Mention(_) | NodeKind::Literal(_) | NodeKind::Unknown));
        matches!(nodes[*at].kind, NodeKind::Op(Op::By)) && !held.grouped && !named
    };
    // "05/02": a day, or a share, of which the query knows nothing.
    let slashed = |at: &usize| {
        let follows = |offset: usize| tokens.get(nodes[*at].last + offset);
        matches!(nodes[*at].kind, NodeKind::Number(_))
            && follows(0).is_some_and(|token| token.lower == "/")
            && follows(1).is_some_and(|token| matches!(token.kind, TokenKind::Number(_)))
    };
    (0..nodes.len()).filter(|at| (lacks(at) && !across(at)) || dangling(at) || slashed(at)).collect()
}

/// What a query holds, at any depth.
#[derive(Debug, Default)]
struct Held {
    /// Members of its JSON.
    members: BTreeSet<String>,
    /// `table.column`.
    columns: BTreeSet<String>,
    /// Texts and numbers.
    values: BTreeSet<String>,
    limited: bool,
    measured: bool,
    grouped: bool,
    compared: bool,
    ordered: bool,
}

impl Held {
    fn of(query: &SemanticQuery) -> Self {
        let mut held = Self::default();
        held.read(&serde_json::to_value(query).unwrap_or_default());
        let mut all = vec![query];
        while let Some(query) = all.pop() {
            held.limited |= query.limit.is_some() || query.top_per.is_some();
            held.measured |= !query.measures.is_empty();
            held.grouped |= !query.dimensions.is_empty();
            held.compared |= query.compare.is_some();
            held.ordered |= !query.order.is_empty();
            all.extend(query.set.iter().map(|(_, other)| &**other));
        }
        held
    }

    fn read(&mut self, json: &Json) {
        match json {
            Json::Object(members) => {
                if let (Some(table), Some(Json::String(column))) =
                    (members.get("table").and_then(|table| table.get("name")), members.get("column"))
                {
                    self.columns.insert(format!("{}.{column}", table.as_str().unwrap_or_default()));
                }
                for (name, value) in members {
                    if !value.is_null() {
                        self.members.insert(name.clone());
                    }
                    self.read(value);
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.read(item)),
            Json::String(text) => _ = self.values.insert(text.clone()),
            Json::Number(number) => _ = self.values.insert(number.to_string()),
            _ => {}
        }
    }

    fn has(&self, members: &[&str]) -> bool {
        members.iter().any(|member| self.members.contains(*member) || self.values.contains(*member))
    }

    fn lacks(&self, node: &Node, target: Option<&Target>, index: &SchemaIndex) -> bool {
        match (&node.kind, target) {
            (NodeKind::Mention(_), Some(Target::Column(column))) => {
                let name = format!("{}.{}", index.table(column.table).name.name, index.column(*column).name);
                !self.columns.contains(&name) && !index.info(*column).roles.key
            }
            (NodeKind::Mention(_), Some(Target::Value(_, value))) => !self.values.contains(value),
            (NodeKind::Mention(_), Some(Target::Metric(_))) => !self.measured,
            (NodeKind::Time(_), _) => !self.compared && !self.has(&["during", "compare"]),
            (NodeKind::Op(op), _) => match op {
                Op::Versus => !self.compared,
                Op::Rate => !self.has(&["ratio"]),
                Op::Share => !self.has(&["share_of_total", "ratio"]),
                Op::Running => !self.has(&["running_total"]),
                Op::Extreme(_) | Op::Top(_) | Op::Common(_) | Op::Superlative => {
                    !self.limited && !self.has(&["in_query", "min", "max", "limit"])
                }
                // "with the maximum distance" may be the first along it.
                Op::Function(_) => !self.measured && !self.limited && !self.has(&["avg", "sum", "min", "max"]),
                Op::Each | Op::Grain(_) => !self.grouped && !self.compared && !self.has(&["ratio", "followed_by"]),
                Op::OrderBy => !self.ordered,
                Op::Not | Op::Without | Op::Except => !self.has(&[
                    "not",
                    "not_equal",
                    "set",
                    "less",
                    "less_or_equal",
                    "greater",
                    "greater_or_equal",
                    "is_null",
                    "in_query",
                ]),
                _ => false,
            },
            _ => false,
        }
    }
}
