//! Relationships between tables by index, with shortest paths under the same costs as [`crate::catalog::JoinGraph`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use crate::catalog::{Cardinality, Catalog};

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Step {
    /// Index into [`Catalog::relationships`].
    pub(in super::super) relationship: usize,
    /// The table it leads to.
    pub(in super::super) to: usize,
    /// Whether rows are never multiplied.
    pub(in super::super) single: bool,
    /// Whether it leads to the table pointed at.
    pub(in super::super) to_parent: bool,
}

/// A path with its cost in thousandths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in super::super) struct Path {
    pub(in super::super) steps: Vec<Step>,
    pub(in super::super) cost: u32,
}

impl Path {
    /// Whether no step multiplies rows.
    pub(in super::super) fn is_single(&self) -> bool {
        self.steps.iter().all(|step| step.single)
    }
}

/// Tables and the relationships that touch them.
#[derive(Debug)]
pub(in super::super) struct Relations {
    edges: Vec<Vec<(Step, u32)>>,
}

impl Relations {
    pub(super) fn build(catalog: &Catalog) -> Self {
        let index: HashMap<_, _> = catalog.tables.iter().enumerate().map(|(at, table)| (&table.name, at)).collect();
        let mut edges = vec![Vec::new(); catalog.tables.len()];
        for (relationship, description) in catalog.relationships.iter().enumerate() {
            let (Some(&child), Some(&parent)) = (index.get(&description.child), index.get(&description.parent)) else {
                continue;
            };
            let one = description.cardinality == Cardinality::OneToOne;
            let doubt = ((1.0 - description.confidence).clamp(0.0, 1.0) * 2_000.0) as u32;
            let down = if one { 1_000 } else { 1_600 };
            edges[child].push((Step { relationship, to: parent, single: true, to_parent: true }, 1_000 + doubt));
            if child != parent {
                edges[parent].push((Step { relationship, to: child, single: one, to_parent: false }, down + doubt));
            }
        }
        Self { edges }
    }

    /// Steps that leave a table.
    pub(in super::super) fn steps(&self, table: usize) -> impl Iterator<Item = Step> + '_ {
        self.edges.get(table).into_iter().flatten().map(|(step, _)| *step)
    }

    /// Cheapest paths from `from` to every table within `reach` thousandths.
    pub(in super::super) fn paths(&self, from: usize, reach: u32) -> BTreeMap<usize, Path> {
        let mut best: BTreeMap<usize, (u32, Option<(usize, Step)>)> = BTreeMap::new();
        let mut queue = BinaryHeap::from([(Reverse(0u32), Reverse(from))]);
        best.insert(from, (0, None));
        while let Some((Reverse(cost), Reverse(at))) = queue.pop() {
            if best.get(&at).is_some_and(|(known, _)| *known < cost) {
                continue;
            }
            for (step, weight) in self.edges.get(at).into_iter().flatten() {
                let total = cost.saturating_add(*weight);
                if total <= reach && best.get(&step.to).is_none_or(|(known, _)| total < *known) {
                    best.insert(step.to, (total, Some((at, *step))));
                    queue.push((Reverse(total), Reverse(step.to)));
                }
            }
        }
        best.iter()
            .map(|(&table, (cost, _))| {
                let mut steps = Vec::new();
                let mut at = table;
                while let Some((_, Some((previous, step)))) = best.get(&at) {
                    steps.push(*step);
                    at = *previous;
                }
                steps.reverse();
                (table, Path { steps, cost: *cost })
            })
            .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::{Column, ForeignKey, JoinGraph, LogicalType, Table, TableName};
    use crate::dialect::Dialect;

    fn table(name: &str, parents: &[&str]) -> Table {
        let mut table = Table::new(TableName::bare(name));
        table.columns.push(Column::new("id", "INTEGER", LogicalType::Integer));
        table.primary_key = vec!["id".into()];
        for parent in parents {
            let column = format!("{parent}_id");
            table.columns.push(Column::new(&column, "INTEGER", LogicalType::Integer));
            let key = ForeignKey { columns: vec![column], references: TableName::bare(*parent), referenced_columns: vec![] };
            table.foreign_keys.push(key);
        }
        table
    }

    #[test]
    fn paths_are_those_of_the_join_graph() {
        let catalog = Catalog::new(
            Dialect::Sqlite,
            None,
            vec![
                table("a", &[]),
                table("b", &["a"]),
                table("c", &["a", "b"]),
                table("d", &["b", "c"]),
                table("e", &["d", "a"]),
                table("f", &["f"]),
            ],
        );
        let (relations, graph) = (Relations::build(&catalog), JoinGraph::new(&catalog));
        for (from, start) in catalog.tables.iter().enumerate() {
            let paths = relations.paths(from, 100_000);
            for (to, goal) in catalog.tables.iter().enumerate() {
                let own = paths.get(&to).map(|path| path.steps.iter().map(|step| step.relationship).collect::<Vec<_>>());
                let theirs = graph.path(&start.name, &goal.name);
                let theirs = theirs.map(|(path, _)| path.steps.iter().map(|step| step.relationship).collect::<Vec<_>>());
                assert_eq!(own, theirs, "{} to {}", start.name, goal.name);
            }
        }
    }
}
