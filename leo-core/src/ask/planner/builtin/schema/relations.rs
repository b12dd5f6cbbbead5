//! Relationships between tables by index, with shortest paths under the same costs as [`crate::catalog::JoinGraph`].
//!
//! A question asks for the distances of many pairs of tables, and the next question for much the same ones. So the distances
//! from a table to all others are found once, when they are first asked for, and kept: two bytes a pair. A path is read off them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::OnceLock;

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

/// How far paths are followed at most, in thousandths of a step.
const FARTHEST: u16 = 8_000;
/// The distance of what lies farther.
const BEYOND: u16 = u16::MAX;

/// Tables and the relationships that touch them.
#[derive(Debug)]
pub(in super::super) struct Relations {
    edges: Vec<Vec<(Step, u16)>>,
    /// Distances to every table, by the table they are from.
    distances: Vec<OnceLock<Box<[u16]>>>,
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
            let doubt = ((1.0 - description.confidence).clamp(0.0, 1.0) * 2_000.0) as u16;
            let down = if one { 1_000 } else { 1_600 };
            edges[child].push((Step { relationship, to: parent, single: true, to_parent: true }, 1_000 + doubt));
            if child != parent {
                edges[parent].push((Step { relationship, to: child, single: one, to_parent: false }, down + doubt));
            }
        }
        let distances = catalog.tables.iter().map(|_| OnceLock::new()).collect();
        Self { edges, distances }
    }

    /// Steps that leave a table.
    pub(in super::super) fn steps(&self, table: usize) -> impl Iterator<Item = Step> + '_ {
        self.edges.get(table).into_iter().flatten().map(|(step, _)| *step)
    }

    /// Tables within `reach` thousandths of `from`, itself included, with their distances, in order of tables.
    pub(in super::super) fn near(&self, from: usize, reach: u32) -> impl Iterator<Item = (usize, u32)> + '_ {
        let distances = self.from(from).iter().map(|distance| u32::from(*distance));
        distances.enumerate().filter(move |(_, distance)| *distance <= reach.min(u32::from(FARTHEST)))
    }

    /// Distance from one table to another, in thousandths of a step.
    pub(in super::super) fn distance(&self, from: usize, to: usize) -> Option<u32> {
        self.from(from).get(to).filter(|distance| **distance != BEYOND).map(|distance| u32::from(*distance))
    }

    /// Whether the way from one table to another is a single step.
    pub(in super::super) fn is_step(&self, from: usize, to: usize) -> bool {
        from != to && self.from(from).get(to).is_some_and(|distance| self.edge(from, to, *distance).is_some())
    }

    /// The cheapest path from one table to another; of several that cost the same, the one along earlier tables.
    pub(in super::super) fn path(&self, from: usize, to: usize) -> Option<Path> {
        let distances = self.from(from);
        let at = |table: usize| distances.get(table).copied().filter(|distance| *distance != BEYOND);
        let cost = at(to)?;
        let (mut steps, mut here, mut left) = (Vec::new(), to, cost);
        while left > 0 {
            // Every edge has its counterpart the other way, so what leads here is among what leads away.
            let (before, previous, step) = self
                .edges
                .get(here)?
                .iter()
                .filter_map(|(away, _)| {
                    let before = at(away.to).filter(|before| *before < left)?;
                    Some((before, away.to, self.edge(away.to, here, left - before)?))
                })
                .min_by_key(|(before, previous, _)| (*before, *previous))?;
            steps.push(step);
            (here, left) = (previous, before);
        }
        steps.reverse();
        Some(Path { steps, cost: u32::from(cost) })
    }

    /// The first step between neighbours that costs this much.
    fn edge(&self, from: usize, to: usize, cost: u16) -> Option<Step> {
        self.edges.get(from)?.iter().find(|(step, weight)| step.to == to && *weight == cost).map(|(step, _)| *step)
    }

    fn from(&self, from: usize) -> &[u16] {
        self.distances.get(from).map_or(&[], |row| row.get_or_init(|| self.measure(from)))
    }

    fn measure(&self, from: usize) -> Box<[u16]> {
        let mut distances = vec![BEYOND; self.edges.len()].into_boxed_slice();
        let mut queue = BinaryHeap::from([(Reverse(0u16), from)]);
        if let Some(start) = distances.get_mut(from) {
            *start = 0;
        }
        while let Some((Reverse(cost), at)) = queue.pop() {
            if distances.get(at).is_some_and(|known| *known < cost) {
                continue;
            }
            for (step, weight) in self.edges.get(at).into_iter().flatten() {
                let total = cost + weight;
                if let Some(known) = distances.get_mut(step.to)
                    && total <= FARTHEST
                    && total < *known
                {
                    *known = total;
                    queue.push((Reverse(total), step.to));
                }
            }
        }
        distances
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
            for (to, goal) in catalog.tables.iter().enumerate() {
                let own = relations.path(from, to);
                assert_eq!(relations.distance(from, to), own.as_ref().map(|path| path.cost));
                assert_eq!(relations.is_step(from, to), own.as_ref().is_some_and(|path| path.steps.len() == 1));
                let own = own.map(|path| path.steps.iter().map(|step| step.relationship).collect::<Vec<_>>());
                let theirs = graph.path(&start.name, &goal.name);
                let theirs = theirs.map(|(path, _)| path.steps.iter().map(|step| step.relationship).collect::<Vec<_>>());
                assert_eq!(own, theirs, "{} to {}", start.name, goal.name);
            }
        }
    }
}
