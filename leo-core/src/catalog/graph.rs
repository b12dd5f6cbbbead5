//! The join graph: how to get from one table to another.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::model::{Catalog, Table, TableName};
use super::relationship::{Cardinality, Relationship};

/// One step along a relationship.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinStep {
    /// Index into [`Catalog::relationships`].
    pub relationship: usize,
    /// From child to parent (never multiplies rows) or from parent to child (does, unless one-to-one).
    pub to_parent: bool,
}

/// A way from one table to another, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JoinPath {
    /// The steps; empty when both tables are the same.
    pub steps: Vec<JoinStep>,
}

impl JoinPath {
    /// Whether following the path may turn one row into several.
    pub fn fans_out(&self, catalog: &Catalog) -> bool {
        self.steps
            .iter()
            .any(|step| !step.to_parent && catalog.relationships[step.relationship].cardinality == Cardinality::ManyToOne)
    }
}

/// Tables as nodes, relationships as edges, cheapest paths preferred.
///
/// A step towards a parent costs 1, one towards children 1.6 (it multiplies rows), and doubt is added: `2 × (1 − confidence)`.
/// Among paths of equal cost the one whose relationships come first in the catalogue wins, so that the choice is stable.
#[derive(Debug)]
pub struct JoinGraph<'a> {
    catalog: &'a Catalog,
    index: HashMap<&'a TableName, usize>,
    edges: Vec<Vec<(usize, JoinStep, u32)>>,
}

impl<'a> JoinGraph<'a> {
    /// The graph of `catalog`; linear in tables and relationships.
    pub fn new(catalog: &'a Catalog) -> Self {
        let index: HashMap<_, _> = catalog.tables.iter().enumerate().map(|(at, table)| (&table.name, at)).collect();
        let mut edges = vec![Vec::new(); catalog.tables.len()];
        for (at, relationship) in catalog.relationships.iter().enumerate() {
            let (Some(&child), Some(&parent)) = (index.get(&relationship.child), index.get(&relationship.parent)) else {
                continue;
            };
            let doubt = ((1.0 - relationship.confidence).clamp(0.0, 1.0) * 2_000.0) as u32;
            let down = if relationship.cardinality == Cardinality::OneToOne { 1_000 } else { 1_600 };
            edges[child].push((parent, JoinStep { relationship: at, to_parent: true }, 1_000 + doubt));
            if child != parent {
                edges[parent].push((child, JoinStep { relationship: at, to_parent: false }, down + doubt));
            }
        }
        Self { catalog, index, edges }
    }

    /// The catalogue the graph was made of.
    pub fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    /// The cheapest path between two tables and its cost, or `None` when they are not connected.
    /// Dijkstra: O((tables + relationships) log tables).
    pub fn path(&self, from: &TableName, to: &TableName) -> Option<(JoinPath, f64)> {
        let (&start, &goal) = (self.index.get(from)?, self.index.get(to)?);
        let mut best: Vec<u32> = vec![u32::MAX; self.edges.len()];
        let mut came: Vec<Option<(usize, JoinStep)>> = vec![None; self.edges.len()];
        let mut queue = BinaryHeap::from([(Reverse(0u32), Reverse(start))]);
        best[start] = 0;
        while let Some((Reverse(cost), Reverse(at))) = queue.pop() {
            if at == goal {
                break;
            }
            if cost > best[at] {
                continue;
            }
            for (next, step, weight) in &self.edges[at] {
                let total = cost.saturating_add(*weight);
                if total < best[*next] {
                    best[*next] = total;
                    came[*next] = Some((at, step.clone()));
                    queue.push((Reverse(total), Reverse(*next)));
                }
            }
        }
        if best[goal] == u32::MAX {
            return None;
        }
        let mut steps = Vec::new();
        let mut at = goal;
        while let Some((previous, step)) = came[at].clone() {
            steps.push(step);
            at = previous;
        }
        steps.reverse();
        Some((JoinPath { steps }, f64::from(best[goal]) / 1_000.0))
    }

    /// Tables that give each row of `from` at most one row, with the fewest joins to them: `from` itself with none, then its
    /// parents, their parents, up to `joins` away. Nearest first; linear in what is reached, not in the catalogue.
    pub fn parents_within(&self, from: &TableName, joins: usize) -> Vec<(&'a Table, usize)> {
        let Some(&start) = self.index.get(from) else { return Vec::new() };
        let mut found = vec![(start, 0)];
        let mut next = 0;
        while let Some(&(at, away)) = found.get(next) {
            next += 1;
            if away == joins {
                continue;
            }
            for (other, step, _) in &self.edges[at] {
                let single = step.to_parent || self.catalog.relationships[step.relationship].cardinality == Cardinality::OneToOne;
                if single && found.iter().all(|(known, _)| known != other) {
                    found.push((*other, away + 1));
                }
            }
        }
        found.into_iter().map(|(at, away)| (&self.catalog.tables[at], away)).collect()
    }

    /// Relationships that touch `table`, with whether it is the child.
    pub fn relationships_of(&self, table: &TableName) -> Vec<(&'a Relationship, bool)> {
        self.catalog
            .relationships
            .iter()
            .filter_map(|relationship| {
                (&relationship.child == table)
                    .then_some((relationship, true))
                    .or_else(|| (&relationship.parent == table).then_some((relationship, false)))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{Column, LogicalType, Table};
    use super::super::relationship::ForeignKey;
    use super::*;
    use crate::dialect::Dialect;

    fn table(name: &str, keys: &[(&str, &str)]) -> Table {
        let mut table = Table::new(TableName::bare(name));
        table.columns.push(Column::new("id", "INTEGER", LogicalType::Integer));
        table.primary_key = vec!["id".into()];
        for (column, parent) in keys {
            table.columns.push(Column::new(*column, "INTEGER", LogicalType::Integer));
            table.foreign_keys.push(ForeignKey {
                columns: vec![(*column).into()],
                references: TableName::bare(*parent),
                referenced_columns: vec![],
            });
        }
        table
    }

    #[test]
    fn paths_prefer_parents_and_know_fan_out() {
        let catalog = Catalog::new(
            Dialect::Sqlite,
            None,
            vec![
                table("regions", &[]),
                table("customers", &[("region_id", "regions")]),
                table("orders", &[("customer_id", "customers")]),
                table("lines", &[("order_id", "orders"), ("product_id", "products")]),
                table("products", &[]),
                table("island", &[]),
            ],
        );
        let graph = JoinGraph::new(&catalog);
        let name = TableName::bare;
        let (up, cost) = graph.path(&name("lines"), &name("regions")).unwrap();
        assert_eq!((up.steps.len(), cost, up.fans_out(&catalog)), (3, 3.0, false));
        let (down, _) = graph.path(&name("regions"), &name("orders")).unwrap();
        assert!(down.fans_out(&catalog));
        assert!(graph.path(&name("lines"), &name("island")).is_none());
        assert!(graph.path(&name("lines"), &name("lines")).unwrap().0.steps.is_empty());
    }
}
