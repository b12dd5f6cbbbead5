//! What is in scope where: relations, their columns, aliases, common table expressions.

use std::cell::Cell;
use std::rc::Rc;

use super::name::Name;
use crate::catalog::Table;

/// A column of a table of the catalogue by its place there, or a column of a recursion in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::guard) struct ColumnId {
    pub(in crate::guard) table: u32,
    pub(in crate::guard) column: u32,
    /// Whether no value shows through: it was counted, tested for NULL or compared with a value the user wrote.
    pub(in crate::guard) is_quiet: bool,
}

impl ColumnId {
    pub(in crate::guard) fn new(table: u32, column: u32) -> Self {
        Self { table, column, is_quiet: false }
    }
}

/// Tables from here on are recursions in progress, not tables of the catalogue.
pub(in crate::guard) const RECURSION: u32 = 1 << 31;
/// The column number of SQLite's row id.
pub(in crate::guard) const ROW_ID: u32 = u32::MAX;

/// Columns something derives from; may hold duplicates while it is collected.
pub(in crate::guard) type Sources = Vec<ColumnId>;

/// A column of a query's result.
#[derive(Debug, Clone)]
pub(in crate::guard) struct Output {
    /// The name the engine gives it.
    pub(in crate::guard) name: String,
    pub(in crate::guard) sources: Sources,
}

/// Columns of a relation.
#[derive(Debug, Clone)]
pub(in crate::guard) enum Columns<'a> {
    /// A table of the catalogue; the columns in `denied` do not exist for this user, and a restricted one has neither row ids
    /// nor whole rows.
    Table { index: u32, table: &'a Table, denied: Rc<[u32]>, is_restricted: bool },
    /// A subquery, common table expression or table function.
    Derived(Rc<Vec<Output>>),
}

/// One relation of a `FROM`.
#[derive(Debug, Clone)]
pub(in crate::guard) struct Relation<'a> {
    /// The name it answers to; none for a derived table without alias.
    pub(in crate::guard) name: Option<String>,
    /// Whether `schema.table` may name it as well: a table without alias.
    pub(in crate::guard) is_bare: bool,
    pub(in crate::guard) columns: Columns<'a>,
    /// Columns merged into those of an earlier relation by `USING` or `NATURAL`.
    pub(in crate::guard) merged: Vec<String>,
    /// Estimated rows.
    pub(in crate::guard) rows: Option<u64>,
}

impl<'a> Relation<'a> {
    /// A relation without a table behind it.
    pub(in crate::guard) fn derived(name: Option<String>, columns: Rc<Vec<Output>>, rows: Option<u64>) -> Self {
        Self { name, is_bare: false, columns: Columns::Derived(columns), merged: Vec::new(), rows }
    }

    /// Whether `qualifier` (outermost part first) names this relation.
    pub(in crate::guard) fn answers_to(&self, qualifier: &[Name<'_>], default_schema: Option<&str>) -> bool {
        let Some((last, schema)) = qualifier.split_last() else { return true };
        if !self.name.as_deref().is_some_and(|own| last.is(own)) {
            return false;
        }
        match (&self.columns, schema) {
            (_, []) => true,
            (Columns::Table { table, .. }, [schema]) if self.is_bare => {
                table.name.schema.as_deref().or(default_schema).is_some_and(|own| schema.is(own))
            }
            _ => false,
        }
    }

    /// Sources of the column `name`, when the relation has it. Two columns of the same name count as one that derives from both.
    pub(in crate::guard) fn column(&self, name: &Name<'_>) -> Option<Sources> {
        match &self.columns {
            Columns::Table { index, table, denied, .. } => {
                let same = table.columns.iter().position(|column| name.text == column.name);
                let column = same.or_else(|| table.columns.iter().position(|column| name.is(&column.name)))? as u32;
                (!denied.contains(&column)).then(|| vec![ColumnId::new(*index, column)])
            }
            Columns::Derived(outputs) => {
                let mut found: Option<Sources> = None;
                for output in outputs.iter().filter(|output| name.is(&output.name)) {
                    found.get_or_insert_with(Vec::new).extend_from_slice(&output.sources);
                }
                found
            }
        }
    }

    /// Whether an unqualified `name` skips this relation because an earlier one holds the merged column.
    pub(in crate::guard) fn is_merged(&self, name: &Name<'_>) -> bool {
        self.merged.iter().any(|merged| name.is(merged))
    }

    /// All columns the user may see, in order.
    pub(in crate::guard) fn outputs(&self) -> Vec<Output> {
        match &self.columns {
            Columns::Table { index, table, denied, .. } => (0u32..)
                .zip(&table.columns)
                .filter(|(at, _)| !denied.contains(at))
                .map(|(column, definition)| Output {
                    name: definition.name.clone(),
                    sources: vec![ColumnId::new(*index, column)],
                })
                .collect(),
            Columns::Derived(outputs) => outputs.as_ref().clone(),
        }
    }

    /// Names of the visible columns, for suggestions.
    pub(in crate::guard) fn column_names(&self) -> Vec<&str> {
        match &self.columns {
            Columns::Table { table, denied, .. } => (0u32..)
                .zip(&table.columns)
                .filter(|(at, _)| !denied.contains(at))
                .map(|(_, column)| column.name.as_str())
                .collect(),
            Columns::Derived(outputs) => outputs.iter().map(|output| output.name.as_str()).collect(),
        }
    }

    /// Whether `name` is a column that this user must not see.
    pub(in crate::guard) fn hides(&self, name: &Name<'_>) -> bool {
        match &self.columns {
            Columns::Table { table, denied, .. } => {
                denied.iter().any(|at| table.columns.get(*at as usize).is_some_and(|column| name.is(&column.name)))
            }
            Columns::Derived(_) => false,
        }
    }

    /// Whether something about it is kept from this user.
    pub(in crate::guard) fn is_restricted(&self) -> bool {
        matches!(&self.columns, Columns::Table { is_restricted: true, .. })
    }
}

/// Whether and when the aliases of a select list may be used in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guard) enum Aliases {
    /// Not at all.
    Hidden,
    /// After the columns.
    Last,
    /// Before the columns.
    First,
    /// Like columns: what has both meanings derives from both.
    Both,
}

/// The names an expression of one query can use; `parent` is the query around it.
#[derive(Debug)]
pub(in crate::guard) struct Scope<'a, 's> {
    pub(in crate::guard) parent: Option<&'s Scope<'a, 's>>,
    pub(in crate::guard) relations: Vec<Relation<'a>>,
    pub(in crate::guard) outputs: Rc<Vec<Output>>,
    pub(in crate::guard) aliases: Cell<Aliases>,
    /// A relation could not be resolved, which was reported: missing columns may be its.
    pub(in crate::guard) incomplete: bool,
    /// Names that the `WINDOW` clause of this query defines.
    pub(in crate::guard) windows: Vec<String>,
    /// Bit n is set when a name was found in relation n: tells which relations a condition ties together.
    pub(in crate::guard) touched: Cell<u64>,
}

impl<'a, 's> Scope<'a, 's> {
    /// An empty scope inside `parent`.
    pub(in crate::guard) fn new(parent: Option<&'s Scope<'a, 's>>) -> Self {
        Self {
            parent,
            relations: Vec::new(),
            outputs: Rc::default(),
            aliases: Cell::new(Aliases::Hidden),
            incomplete: false,
            windows: Vec::new(),
            touched: Cell::new(0),
        }
    }

    /// This scope and the ones around it, innermost first.
    pub(in crate::guard) fn chain(&self) -> impl Iterator<Item = &Scope<'a, 's>> {
        std::iter::successors(Some(self), |scope| scope.parent)
    }
}

/// Result of looking a name up.
#[derive(Debug)]
pub(in crate::guard) enum Lookup {
    Found(Sources),
    Ambiguous,
    Missing,
}

impl<'a> Scope<'a, '_> {
    /// Looks a column up, from the innermost query outwards. A column that the user must not see does not exist beside one of
    /// the same query that they may see; a query that has only the hidden one is not left for an alias or a query around it, since
    /// whoever wrote the name meant what is hidden.
    pub(in crate::guard) fn lookup(&self, qualifier: &[Name<'_>], name: &Name<'_>, default_schema: Option<&str>) -> Lookup {
        for scope in self.chain() {
            let mode = if qualifier.is_empty() { scope.aliases.get() } else { Aliases::Hidden };
            let alias = if mode == Aliases::Hidden { None } else { scope.alias(name) };
            if mode == Aliases::First
                && let Some(sources) = alias
            {
                return Lookup::Found(sources);
            }
            let mut found: Option<(usize, Sources)> = None;
            let mut is_hidden = false;
            for (at, relation) in scope.relations.iter().enumerate() {
                if !relation.answers_to(qualifier, default_schema) {
                    continue;
                }
                is_hidden |= relation.hides(name);
                let Some(sources) = relation.column(name) else { continue };
                if qualifier.is_empty() && relation.is_merged(name) {
                    // Merged columns derive from both sides.
                    if let Some((_, earlier)) = &mut found {
                        earlier.extend(sources);
                    }
                    continue;
                }
                if found.is_some() {
                    return Lookup::Ambiguous;
                }
                found = Some((at, sources));
            }
            match (found, alias) {
                (Some((at, mut sources)), alias) => {
                    scope.touched.set(scope.touched.get() | 1u64.checked_shl(at as u32).unwrap_or(0));
                    if mode == Aliases::Both {
                        sources.extend(alias.into_iter().flatten());
                    }
                    return Lookup::Found(sources);
                }
                (None, _) if is_hidden => return Lookup::Missing,
                (None, Some(sources)) => return Lookup::Found(sources),
                (None, None) => {}
            }
        }
        Lookup::Missing
    }

    /// The relation that a qualifier with a schema names, and whether its last part alone names the same one.
    pub(in crate::guard) fn named_by_schema(
        &self,
        qualifier: &[Name<'_>],
        default_schema: Option<&str>,
    ) -> Option<(&Relation<'a>, bool)> {
        let answers = |relation: &&Relation<'a>, qualifier: &[Name<'_>]| relation.answers_to(qualifier, default_schema);
        let own = self.chain().find_map(|scope| scope.relations.iter().find(|relation| answers(relation, qualifier)))?;
        let last = qualifier.get(qualifier.len().checked_sub(1)?..)?;
        let same = self.chain().find_map(|scope| {
            let mut named = scope.relations.iter().filter(|relation| answers(relation, last));
            named.next().map(|first| std::ptr::eq(first, own) && named.next().is_none())
        });
        Some((own, same == Some(true)))
    }

    /// Whether `name` is found in a table of the catalogue, not in a subquery or among the aliases of a select list.
    pub(in crate::guard) fn names_table_column(
        &self,
        qualifier: &[Name<'_>],
        name: &Name<'_>,
        default_schema: Option<&str>,
    ) -> bool {
        for scope in self.chain() {
            if qualifier.is_empty() && scope.aliases.get() != Aliases::Hidden && scope.alias(name).is_some() {
                return false;
            }
            let mut relations = scope.relations.iter().filter(|relation| relation.answers_to(qualifier, default_schema));
            if let Some(relation) = relations.find(|relation| relation.column(name).is_some()) {
                return matches!(relation.columns, Columns::Table { .. });
            }
        }
        false
    }

    /// Sources of the select list's column `name`.
    fn alias(&self, name: &Name<'_>) -> Option<Sources> {
        self.outputs.iter().find(|output| name.is(&output.name)).map(|output| output.sources.clone())
    }
}

/// A common table expression as it is seen from a query.
#[derive(Debug, Clone)]
pub(in crate::guard) enum Cte {
    /// Its columns are known.
    Ready { columns: Rc<Vec<Output>>, rows: Option<u64> },
    /// It is being defined or comes later in the same `WITH`: using it here is an error.
    NotYet,
}

/// Common table expressions in scope; `parent` holds those of the queries around.
#[derive(Debug)]
pub(in crate::guard) struct Ctes<'e> {
    pub(in crate::guard) parent: Option<&'e Ctes<'e>>,
    pub(in crate::guard) entries: Vec<(String, Cte)>,
}

impl<'e> Ctes<'e> {
    /// No common table expression at this level.
    pub(in crate::guard) fn new(parent: Option<&'e Ctes<'e>>) -> Self {
        Self { parent, entries: Vec::new() }
    }

    /// The one that `name` means, innermost first.
    pub(in crate::guard) fn find(&self, name: &Name<'_>) -> Option<&Cte> {
        std::iter::successors(Some(self), |ctes| ctes.parent)
            .find_map(|ctes| ctes.entries.iter().rev().find(|(own, _)| name.is(own)).map(|(_, cte)| cte))
    }
}
