//! How tables are joined, as data and as pictures of other programs.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::Seen;
use crate::catalog::{Cardinality, Relationship, RelationshipOrigin, RoleKind, TableName};

/// The join graph of a source, as far as a user may see it: [`Leo::map_graph`](crate::Leo::map_graph).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MapGraph {
    /// Tables, by name.
    pub nodes: Vec<GraphNode>,
    /// Ways to join two of them, each from the table that points to the table pointed at.
    pub edges: Vec<Relationship>,
}

/// A table of the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GraphNode {
    /// The table.
    pub table: TableName,
    /// What part it plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleKind>,
    /// Rows, perhaps estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Whether the user sees its structure alone.
    pub locked: bool,
}

/// The graph of all tables.
pub(crate) fn graph(seen: &Seen<'_>) -> MapGraph {
    let node = |table: &crate::catalog::Table| GraphNode {
        table: table.name.clone(),
        role: table.part(),
        rows: table.rows,
        locked: seen.locked.contains(&table.name),
    };
    MapGraph { nodes: seen.catalog.tables.iter().map(node).collect(), edges: seen.catalog.relationships.clone() }
}

impl MapGraph {
    /// The tables that are at most `joins` joins away from `table`, with the ways between them.
    #[must_use]
    pub fn around(&self, table: &TableName, joins: usize) -> Self {
        let mut neighbours: HashMap<&TableName, Vec<&TableName>> = HashMap::new();
        for edge in &self.edges {
            neighbours.entry(&edge.child).or_default().push(&edge.parent);
            neighbours.entry(&edge.parent).or_default().push(&edge.child);
        }
        let mut near: HashSet<&TableName> = HashSet::from([table]);
        let mut last = vec![table];
        for _ in 0..joins {
            let next = last.iter().flat_map(|name| neighbours.get(*name).into_iter().flatten());
            last = next.copied().collect::<Vec<_>>().into_iter().filter(|name| near.insert(*name)).collect();
            if last.is_empty() {
                break;
            }
        }
        Self {
            nodes: self.nodes.iter().filter(|node| near.contains(&node.table)).cloned().collect(),
            edges: self.edges.iter().filter(|edge| near.contains(&edge.child) && near.contains(&edge.parent)).cloned().collect(),
        }
    }

    /// The graph as a Mermaid entity-relationship diagram.
    ///
    /// # Behavior
    /// Tables are numbered and named by an alias, so that any name can be shown. Joins that were inferred are drawn with dots.
    ///
    /// # Example
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let graph = leo::Leo::sample()?.map_graph(&leo::MapOptions::default()).await?;
    /// assert!(graph.to_mermaid().starts_with("erDiagram\n"));
    /// # Ok::<(), leo::Error>(()) }).unwrap();
    /// ```
    pub fn to_mermaid(&self) -> String {
        let numbers = self.numbers();
        let mut text = String::from("erDiagram\n");
        for (at, node) in self.nodes.iter().enumerate() {
            text.push_str(&format!("  t{at}[\"{}\"]\n", mermaid(&node.table.to_string())));
        }
        for edge in &self.edges {
            let (Some(child), Some(parent)) = (numbers.get(&edge.child), numbers.get(&edge.parent)) else { continue };
            let line = if edge.origin == RelationshipOrigin::Inferred { ".." } else { "--" };
            let many = if edge.cardinality == Cardinality::OneToOne { "o|" } else { "o{" };
            text.push_str(&format!("  t{parent} ||{line}{many} t{child} : \"{}\"\n", mermaid(&edge.child_columns.join(", "))));
        }
        text
    }

    /// The graph in Graphviz's language.
    ///
    /// # Behavior
    /// An arrow goes from the table that points to the table pointed at and carries the columns that point; joins that were inferred are
    /// dashed, with their confidence.
    pub fn to_dot(&self) -> String {
        let numbers = self.numbers();
        let mut text = String::from("digraph joins {\n  rankdir=LR;\n  node [shape=box];\n");
        for (at, node) in self.nodes.iter().enumerate() {
            text.push_str(&format!("  t{at} [label=\"{}\"];\n", dot(&node.table.to_string())));
        }
        for edge in &self.edges {
            let (Some(child), Some(parent)) = (numbers.get(&edge.child), numbers.get(&edge.parent)) else { continue };
            let columns = dot(&edge.child_columns.join(", "));
            let look = match edge.origin {
                RelationshipOrigin::Inferred => format!("label=\"{columns} ({:.2})\", style=dashed", edge.confidence),
                _ => format!("label=\"{columns}\""),
            };
            text.push_str(&format!("  t{child} -> t{parent} [{look}];\n"));
        }
        text.push_str("}\n");
        text
    }

    fn numbers(&self) -> HashMap<&TableName, usize> {
        self.nodes.iter().enumerate().map(|(at, node)| (&node.table, at)).collect()
    }
}

/// A name between quotes of Mermaid, which knows entities by number and no escapes.
fn mermaid(name: &str) -> String {
    let shown = |part: char| match part {
        '"' | '#' | ';' | '<' | '>' | '&' | '`' | '\\' | '%' | '{' | '}' => format!("#{};", u32::from(part)),
        part if part.is_control() => " ".into(),
        part => part.into(),
    };
    name.chars().map(shown).collect()
}

/// A name between quotes of DOT.
fn dot(name: &str) -> String {
    let shown = |part: char| match part {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        part if part.is_control() => " ".into(),
        part => String::from(part),
    };
    name.chars().map(shown).collect()
}
