//! Paths of joins: from the row a query is about to the table of a field, and what following them does to the number of rows.

use std::collections::HashMap;

use crate::catalog::{Cardinality, Catalog, Column, JoinGraph, Relationship, RelationshipOrigin, Table, TableName};
use crate::error::{Error, Result};

/// One step along a relationship.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    /// Index into [`Catalog::relationships`].
    pub(crate) relationship: usize,
    /// From child to parent, or from parent to children.
    pub(crate) to_parent: bool,
    /// Tells apart separate visits of the same table: each `Exists` looks at rows of its own.
    pub(crate) instance: u32,
}

/// Steps in order.
pub(crate) type Path = Vec<Step>;

/// Finds paths in one catalogue, remembering what it found.
#[derive(Debug)]
pub(crate) struct Paths<'a> {
    graph: &'a JoinGraph<'a>,
    known: HashMap<(&'a TableName, &'a TableName), Option<Path>>,
}

impl<'a> Paths<'a> {
    pub(crate) fn new(graph: &'a JoinGraph<'a>) -> Self {
        Self { graph, known: HashMap::new() }
    }

    pub(crate) fn catalog(&self) -> &'a Catalog {
        self.graph.catalog()
    }

    pub(crate) fn relationship(&self, step: &Step) -> &'a Relationship {
        &self.catalog().relationships[step.relationship]
    }

    /// The preferred path between two tables.
    pub(crate) fn between(&mut self, from: &'a Table, to: &'a Table) -> Option<Path> {
        let graph = self.graph;
        self.known
            .entry((&from.name, &to.name))
            .or_insert_with(|| {
                let (path, _) = graph.path(&from.name, &to.name)?;
                let step = |step: &crate::catalog::JoinStep| Step {
                    relationship: step.relationship,
                    to_parent: step.to_parent,
                    instance: 0,
                };
                Some(path.steps.iter().map(step).collect())
            })
            .clone()
    }

    /// The preferred path, or an error that says what is missing.
    pub(crate) fn require(&mut self, from: &'a Table, to: &'a Table) -> Result<Path> {
        self.between(from, to).ok_or_else(|| {
            Error::not_found(format!(
                "no relationship leads from `{}` to `{}`; declare a foreign key, add a relationship to the catalogue, or ask about \
                 one of them at a time",
                from.name, to.name
            ))
        })
    }

    /// The path along the relationships with these ids. A relationship of a table with itself is followed to its parent.
    pub(crate) fn walk(&self, start: &'a Table, via: &[String], goal: &'a Table) -> Result<Path> {
        let catalog = self.catalog();
        let mut at = start;
        let mut path = Vec::with_capacity(via.len());
        for id in via {
            let touching = |relationship: &&Relationship| {
                (relationship.child == at.name || relationship.parent == at.name) && relationship.id() == *id
            };
            let index = catalog.relationships.iter().position(|relationship| touching(&relationship)).ok_or_else(|| {
                Error::not_found(format!("no relationship `{id}` at `{}`; use an id of a relationship of that table", at.name))
            })?;
            let relationship = &catalog.relationships[index];
            let to_parent = relationship.child == at.name;
            path.push(Step { relationship: index, to_parent, instance: 0 });
            at = catalog.require_table(if to_parent { &relationship.parent } else { &relationship.child })?;
        }
        if at.name != goal.name {
            return Err(Error::malformed(format!(
                "the relationships given for a column of `{}` lead to `{}`; give the ids that lead to its table",
                goal.name, at.name
            )));
        }
        Ok(path)
    }

    /// The table a step leads to.
    pub(crate) fn target(&self, step: &Step) -> Result<&'a Table> {
        let relationship = self.relationship(step);
        self.catalog().require_table(if step.to_parent { &relationship.parent } else { &relationship.child })
    }

    /// Whether a step may turn one row into several. A step to a parent does when its key was seen not to be unique.
    pub(crate) fn fans(&self, step: &Step) -> bool {
        let relationship = self.relationship(step);
        if !step.to_parent {
            return relationship.cardinality == Cardinality::ManyToOne;
        }
        let Some(parent) = self.catalog().table(&relationship.parent) else { return true };
        let key: Vec<&str> = relationship.parent_columns.iter().map(String::as_str).collect();
        let seen_repeated = || match key.as_slice() {
            [column] => {
                let rows = parent.statistics.as_ref().map(|statistics| statistics.rows).or(parent.rows).unwrap_or(0);
                parent.column(column).and_then(|column| column.statistics.as_ref()).is_some_and(|statistics| {
                    !statistics.is_unique && (statistics.distinct as f64) < (rows as f64) * (1.0 - statistics.null_share) - 0.5
                })
            }
            _ => false,
        };
        !parent.is_unique(&key) && seen_repeated()
    }

    /// Whether any step of a path may turn one row into several.
    pub(crate) fn any_fans(&self, path: &[Step]) -> bool {
        path.iter().any(|step| self.fans(step))
    }

    /// Whether every child row is known to have its parent: the key is declared and none of its columns may be NULL.
    pub(crate) fn always_finds(&self, step: &Step) -> bool {
        let relationship = self.relationship(step);
        let required = |column: &Column, table: &Table| !column.nullable || table.primary_key.contains(&column.name);
        step.to_parent
            && relationship.origin == RelationshipOrigin::Declared
            && relationship.confidence >= 1.0
            && self.catalog().table(&relationship.child).is_some_and(|child| {
                relationship.child_columns.iter().all(|name| child.column(name).is_some_and(|column| required(column, child)))
            })
    }

    /// Drops pairs of steps that lead to children and straight back: they end at the same row.
    pub(crate) fn normalised(&self, path: Path) -> Path {
        let mut kept: Path = Vec::with_capacity(path.len());
        for step in path {
            let returns = kept.last().is_some_and(|last| {
                last.relationship == step.relationship
                    && last.to_parent != step.to_parent
                    && (!last.to_parent || !self.fans(&step))
            });
            if returns {
                kept.pop();
            } else {
                kept.push(step);
            }
        }
        kept
    }
}

/// The path back.
pub(crate) fn reversed(path: &[Step]) -> Path {
    path.iter().rev().map(|step| Step { to_parent: !step.to_parent, ..step.clone() }).collect()
}

/// What a column of a filter or dimension is relative to.
#[derive(Debug, Clone)]
pub(crate) enum Row<'a> {
    /// A row of the query's `from`, seen from the table whose rows are aggregated.
    Query {
        from: &'a Table,
        grain: &'a Table,
        /// From `from` to `grain`; `None` when nothing connects them.
        lead: Option<Path>,
    },
    /// A row of the table an `Exists` looks at.
    Inner {
        table: &'a Table,
        /// Path to it from the outermost table.
        at: Path,
        /// What `Exists` was asked of.
        outer: Box<Row<'a>>,
    },
}

impl<'a> Row<'a> {
    /// A row of `from` itself.
    pub(crate) fn of(from: &'a Table) -> Self {
        Self::Query { from, grain: from, lead: Some(Vec::new()) }
    }

    /// The table of this row.
    pub(crate) fn table(&self) -> &'a Table {
        match self {
            Self::Query { from, .. } => from,
            Self::Inner { table, .. } => table,
        }
    }

    /// Path from the outermost table to this row.
    pub(crate) fn path(&self, paths: &mut Paths<'a>) -> Result<Path> {
        match self {
            Self::Query { lead: Some(lead), .. } => Ok(reversed(lead)),
            Self::Query { from, grain, lead: None } => paths.require(grain, from),
            Self::Inner { at, .. } => Ok(at.clone()),
        }
    }

    /// Path from the outermost table to `table`, along `via` when given.
    ///
    /// A path starts at the row's own table. Seen from a more detailed table the part they share is dropped: the order of an
    /// order line is its own order, not any order of the same customer. Where that would still repeat rows and a direct path
    /// from the detailed table would not, the direct one is taken.
    pub(crate) fn field(&self, paths: &mut Paths<'a>, table: &'a Table, via: &[String]) -> Result<Path> {
        match self {
            Self::Query { from, grain, lead } => {
                let Some(lead) = lead else {
                    return if via.is_empty() { paths.require(grain, table) } else { paths.walk(grain, via, table) };
                };
                if !via.is_empty() {
                    let path = paths.walk(from, via, table).or_else(|error| {
                        if lead.is_empty() { Err(error) } else { paths.walk(grain, via, table).map(|path| concat(lead, &path)) }
                    })?;
                    return Ok(rerooted(paths, lead, path));
                }
                let own = match paths.between(from, table) {
                    Some(path) => rerooted(paths, lead, path),
                    None => return paths.require(from, table),
                };
                if lead.is_empty() || !paths.any_fans(&own) {
                    return Ok(own);
                }
                Ok(match paths.between(grain, table) {
                    Some(direct) if !paths.any_fans(&direct) => direct,
                    _ => own,
                })
            }
            Self::Inner { table: own, at, outer } => {
                let path = if via.is_empty() {
                    if own.name == table.name { Vec::new() } else { paths.require(own, table)? }
                } else {
                    match paths.walk(own, via, table) {
                        Ok(path) => path,
                        Err(_) => return outer.field(paths, table, via),
                    }
                };
                Ok(paths.normalised(concat(at, &path)))
            }
        }
    }
}

fn concat(first: &[Step], second: &[Step]) -> Path {
    first.iter().chain(second).cloned().collect()
}

/// A path from `from`, seen from the end of `lead`: both lie in one tree of joins, so what they share is not walked twice.
fn rerooted<'a>(paths: &Paths<'a>, lead: &[Step], path: Path) -> Path {
    let shared = lead.iter().zip(&path).take_while(|(a, b)| a == b).count();
    let back = reversed(lead.get(shared..).unwrap_or_default());
    paths.normalised(concat(&back, path.get(shared..).unwrap_or_default()))
}

/// Columns that tell rows of a table apart: its primary key, else a unique key without NULLs, else a column seen to be unique.
pub(crate) fn row_key(table: &Table) -> Option<Vec<&str>> {
    if !table.primary_key.is_empty() {
        return Some(table.primary_key.iter().map(String::as_str).collect());
    }
    let required = |name: &String| table.column(name).is_some_and(|column| !column.nullable);
    if let Some(key) = table.unique_keys.iter().find(|key| !key.is_empty() && key.iter().all(required)) {
        return Some(key.iter().map(String::as_str).collect());
    }
    let unique = |column: &&Column| {
        column.statistics.as_ref().is_some_and(|statistics| statistics.is_unique && statistics.null_share == 0.0)
    };
    table.columns.iter().find(unique).map(|column| vec![column.name.as_str()])
}
