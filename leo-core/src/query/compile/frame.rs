//! Tables of one SELECT and of the correlated subqueries within it: which are joined, how, and under which alias.

use std::collections::HashSet;

use sqlparser::ast::{Expr, TableWithJoins};

use super::identifier::{alias_of, ident, table_name};
use super::{Compiler, JoinKind, JoinNote, ast};
use crate::catalog::Table;
use crate::error::{Error, Result};
use crate::query::join::{Path, Paths, Step};

/// A joined table.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// From the frame's first table.
    path: Path,
    pub(super) table: &'a Table,
    pub(super) alias: String,
    pub(super) kind: JoinKind,
    parent: usize,
}

/// The tables of one SELECT.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    /// From the outermost table to this frame's first one.
    base: Path,
    /// The first one is the table the SELECT starts from.
    nodes: Vec<Node<'a>>,
    /// Whether a column of a frame further out was used within.
    pub(super) correlated: bool,
}

/// A SELECT and the subqueries open within it, innermost last.
#[derive(Debug)]
pub(super) struct Frames<'a> {
    stack: Vec<Frame<'a>>,
    aliases: HashSet<String>,
}

/// A table within [`Frames`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    frame: usize,
    node: usize,
}

impl<'a> Frames<'a> {
    /// A SELECT from `table`.
    pub(super) fn new(table: &'a Table) -> Self {
        let mut frames = Self { stack: Vec::new(), aliases: HashSet::new() };
        frames.open(Vec::new(), table);
        frames
    }

    /// Opens a subquery from `table`, which lies at the end of `base`.
    pub(super) fn open(&mut self, base: Path, table: &'a Table) {
        let alias = self.alias(table, base.last(), None);
        let first = Node { path: Vec::new(), table, alias, kind: JoinKind::Inner, parent: 0 };
        self.stack.push(Frame { base, nodes: vec![first], correlated: false });
    }

    /// Closes the innermost subquery; its aliases are free again.
    pub(super) fn close(&mut self) -> Result<Frame<'a>> {
        let frame = self.stack.pop().ok_or_else(|| Error::internal("a subquery was closed that was not open"))?;
        for node in &frame.nodes {
            self.aliases.remove(&node.alias.to_lowercase());
        }
        Ok(frame)
    }

    /// Alias of the first table of the innermost frame.
    pub(super) fn first(&self) -> &Node<'a> {
        // There is always a frame, and a frame always has its first table.
        &self.stack[self.stack.len() - 1].nodes[0]
    }

    pub(super) fn node(&self, place: Place) -> &Node<'a> {
        &self.stack[place.frame].nodes[place.node]
    }

    /// A free alias: the table's own name, the role its key names (`manager` for `manager_id`), or the name with a number.
    fn alias(&mut self, table: &Table, step: Option<&Step>, role: Option<&str>) -> String {
        let name = alias_of(&table.name.name);
        let role = step
            .filter(|step| step.to_parent)
            .and(role)
            .and_then(|column| {
                let lower = column.to_lowercase();
                lower.strip_suffix("_id").or_else(|| lower.strip_suffix("id")).map(str::to_owned)
            })
            .filter(|role| !role.is_empty() && alias_of(role) == *role);
        let candidates = std::iter::once(name.clone()).chain(role).chain((2u32..).map(|number| format!("{name}_{number}")));
        let mut chosen = name.clone();
        for candidate in candidates {
            if self.aliases.insert(candidate.to_lowercase()) {
                chosen = candidate;
                break;
            }
        }
        chosen
    }

    /// An alias that is not taken by any table of the SELECT.
    pub(super) fn free_alias(&mut self, wanted: &str) -> String {
        let candidates = std::iter::once(wanted.to_owned()).chain((2u32..).map(|number| format!("{wanted}_{number}")));
        let mut chosen = wanted.to_owned();
        for candidate in candidates {
            if self.aliases.insert(candidate.to_lowercase()) {
                chosen = candidate;
                break;
            }
        }
        chosen
    }

    /// The innermost frame whose rows `path` passes through.
    fn frame_of(&self, path: &[Step]) -> usize {
        (0..self.stack.len()).rev().find(|index| path.starts_with(&self.stack[*index].base)).unwrap_or(0)
    }

    /// How far along `path` tables are joined already: the place reached, and the steps that remain.
    fn reached<'p>(&self, path: &'p [Step]) -> (Place, &'p [Step]) {
        let frame = self.frame_of(path);
        let within = &path[self.stack[frame].base.len()..];
        for length in (1..=within.len()).rev() {
            if let Some(node) = self.stack[frame].nodes.iter().position(|node| node.path == within[..length]) {
                return (Place { frame, node }, &within[length..]);
            }
        }
        (Place { frame, node: 0 }, within)
    }

    /// The path up to and including the first step that would repeat rows and is not joined yet.
    pub(super) fn first_fan(&self, paths: &Paths<'a>, path: &[Step]) -> Option<Path> {
        let (_, missing) = self.reached(path);
        let fan = missing.iter().position(|step| paths.fans(step))?;
        Some(path[..path.len() - missing.len() + fan + 1].to_vec())
    }

    /// Whether any table joined in the outermost SELECT repeats rows of the first.
    pub(super) fn repeats_rows(&self, paths: &Paths<'a>) -> Option<&'a Table> {
        self.stack[0].nodes.iter().find(|node| paths.any_fans(&node.path)).map(|node| node.table)
    }

    /// The table at the end of `path`, joined when it is not yet. Steps that repeat rows are followed too.
    pub(super) fn join(&mut self, compiler: &mut Compiler<'a>, path: &[Step]) -> Result<Place> {
        let (mut place, missing) = {
            let (place, missing) = self.reached(path);
            (place, missing.to_vec())
        };
        if place.frame + 1 < self.stack.len() {
            for frame in &mut self.stack[place.frame + 1..] {
                frame.correlated = true;
            }
        }
        for step in missing {
            let table = compiler.paths.target(&step)?;
            let parent_left = self.node(place).kind == JoinKind::Left;
            let fans = compiler.paths.fans(&step);
            let kind = if fans && !step.to_parent {
                JoinKind::Inner
            } else if parent_left || !compiler.paths.always_finds(&step) {
                JoinKind::Left
            } else {
                JoinKind::Inner
            };
            let relationship = compiler.paths.relationship(&step);
            let role = relationship.child_columns.first().map(String::as_str);
            let alias = self.alias(table, Some(&step), role);
            let mut own = self.node(place).path.clone();
            own.push(step);
            let frame = &mut self.stack[place.frame];
            frame.nodes.push(Node { path: own, table, alias, kind, parent: place.node });
            place.node = frame.nodes.len() - 1;
        }
        Ok(place)
    }

    /// Turns the joins that lead to a table into inner ones: rows without it are dropped by a filter anyway.
    pub(super) fn require(&mut self, place: Place) {
        let Some(frame) = self.stack.get_mut(place.frame) else { return };
        let mut at = place.node;
        while at != 0 {
            frame.nodes[at].kind = JoinKind::Inner;
            at = frame.nodes[at].parent;
        }
    }

    /// `alias.column`.
    pub(super) fn column(&self, compiler: &Compiler<'a>, place: Place, column: &str) -> Expr {
        let alias = &self.node(place).alias;
        Expr::CompoundIdentifier(vec![ident(compiler.dialect, alias), ident(compiler.dialect, column)])
    }
}

impl<'a> Frame<'a> {
    pub(super) fn first(&self) -> &Node<'a> {
        &self.nodes[0]
    }

    /// The FROM clause; notes each join.
    pub(super) fn joined_tables(&self, compiler: &mut Compiler<'a>, exists: bool) -> TableWithJoins {
        let factor = |compiler: &Compiler<'a>, node: &Node<'a>| {
            let name = table_name(compiler.dialect, compiler.catalog, &node.table.name);
            let alias = (node.table.name.name != node.alias).then(|| ident(compiler.dialect, &node.alias));
            ast::table(name, alias)
        };
        let mut from = TableWithJoins { relation: factor(compiler, &self.nodes[0]), joins: Vec::new() };
        // Inner joins first would be nicer to read, but a join may only refer to tables on its left.
        for node in self.nodes.iter().skip(1) {
            let parent = &self.nodes[node.parent];
            let Some(step) = node.path.last() else { continue };
            let on = join_condition(compiler, step, &parent.alias, &node.alias);
            let relation = factor(compiler, node);
            from.joins.push(match node.kind {
                JoinKind::Left => ast::left_join(relation, on),
                _ => ast::inner_join(relation, on),
            });
            note(compiler, step, if exists { JoinKind::Exists } else { node.kind });
        }
        from
    }
}

/// Notes a join taken along `step`.
pub(super) fn note(compiler: &mut Compiler<'_>, step: &Step, kind: JoinKind) {
    let relationship = compiler.paths.relationship(step);
    let (from, to) =
        if step.to_parent { (&relationship.child, &relationship.parent) } else { (&relationship.parent, &relationship.child) };
    compiler.note_join(JoinNote { from: from.clone(), to: to.clone(), relationship: relationship.id(), kind });
}

/// `child.key = parent.key` for each column of the key; `from` is where the step starts, `to` where it leads.
pub(super) fn join_condition(compiler: &Compiler<'_>, step: &Step, from: &str, to: &str) -> Expr {
    let relationship = compiler.paths.relationship(step);
    let (child, parent) = if step.to_parent { (from, to) } else { (to, from) };
    let column =
        |alias: &str, name: &str| Expr::CompoundIdentifier(vec![ident(compiler.dialect, alias), ident(compiler.dialect, name)]);
    ast::all_of(
        relationship
            .child_columns
            .iter()
            .zip(&relationship.parent_columns)
            .map(|(own, theirs)| ast::eq(column(child, own), column(parent, theirs)))
            .collect(),
    )
}
