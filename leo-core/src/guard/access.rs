//! What of the catalogue a user may see: [`Access`] made ready for looking up.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use globset::{GlobBuilder, GlobMatcher};

use super::lexer::{self, TokenKind};
use crate::adapter::{Access, TablePolicy};
use crate::catalog::{Catalog, Table, TableKind, TableName};
use crate::error::{Error, Result};

/// An [`Access`] bound to a catalogue.
#[derive(Debug)]
pub(in crate::guard) struct Visibility<'a> {
    catalog: &'a Catalog,
    allow: Option<Vec<GlobMatcher>>,
    deny: Vec<GlobMatcher>,
    policies: HashMap<u32, Restriction<'a>>,
    by_name_granted: HashSet<String>,
}

/// A policy of one table.
#[derive(Debug)]
pub(in crate::guard) struct Restriction<'a> {
    /// Places of the columns that do not exist for this user.
    pub(in crate::guard) denied: Rc<[u32]>,
    policy: &'a TablePolicy,
}

impl Restriction<'_> {
    /// Whether rows are filtered or values masked.
    pub(in crate::guard) fn changes_rows(&self) -> bool {
        self.policy.row_filter.is_some() || !self.policy.masks.is_empty()
    }
}

impl<'a> Visibility<'a> {
    /// Binds `access` to `catalog`.
    ///
    /// # Errors
    /// `Config` when a glob is not valid, or a policy names a table or column that does not exist: a typing error must not open
    /// what it meant to close.
    pub(in crate::guard) fn new(catalog: &'a Catalog, access: &'a Access) -> Result<Self> {
        let globs = |patterns: &[String]| -> Result<Vec<GlobMatcher>> { patterns.iter().map(|pattern| glob(pattern)).collect() };
        let mut policies = HashMap::new();
        for (name, policy) in &access.tables {
            let mut found = false;
            for (index, table) in (0u32..).zip(&catalog.tables).filter(|(_, table)| is_named(catalog, table, name)) {
                found = true;
                policies.insert(index, Restriction { denied: places(table, &policy.deny_columns)?, policy });
                for column in policy.masks.keys() {
                    places(table, std::slice::from_ref(column))?;
                }
            }
            if !found {
                return Err(Error::config(format!("the access policy names the table `{name}`, which the source does not have")));
            }
        }
        let allow = access.allow_tables.as_deref().map(globs).transpose()?;
        let by_name_granted = access
            .allow_tables
            .iter()
            .flatten()
            .filter(|pattern| !pattern.contains(['*', '?', '[', '{', '!']))
            .map(|pattern| pattern.rsplit('.').next().unwrap_or(pattern).to_lowercase())
            .collect();
        Ok(Self { catalog, allow, deny: globs(&access.deny_tables)?, policies, by_name_granted })
    }

    /// Places of the tables whose name is `name` but for case, visible or not.
    pub(in crate::guard) fn named(&self, name: &str) -> impl Iterator<Item = u32> + 'a {
        self.catalog.named(name).iter().filter_map(|index| u32::try_from(*index).ok())
    }

    /// Whether the table exists for this user.
    pub(in crate::guard) fn is_visible(&self, table: &Table) -> bool {
        if self.allow.is_none() && self.deny.is_empty() {
            return true;
        }
        let full = match table.name.schema.as_deref().or(self.catalog.default_schema.as_deref()) {
            Some(schema) => format!("{schema}.{}", table.name.name),
            None => table.name.name.clone(),
        };
        let matches = |globs: &[GlobMatcher]| globs.iter().any(|glob| glob.is_match(&full) || glob.is_match(&table.name.name));
        !matches(&self.deny) && self.allow.as_deref().is_none_or(matches)
    }

    /// The restricted or hidden table that `view` shows, as far as the words of its definition tell. A view that is granted by
    /// its own name, without wildcards, is the host's decision.
    pub(in crate::guard) fn hidden_behind(&self, view: &Table) -> Option<String> {
        if view.kind != TableKind::View || (self.allow.is_none() && self.deny.is_empty() && self.policies.is_empty()) {
            return None;
        }
        if self.by_name_granted.contains(&view.name.name.to_lowercase()) {
            return None;
        }
        let mut pending = vec![view];
        let mut seen: HashSet<&str> = HashSet::new();
        while let Some(view) = pending.pop() {
            if !seen.insert(&view.name.name) {
                continue;
            }
            // A definition that cannot be read may show anything.
            let Some(definition) = view.definition.as_deref() else { return Some("something".to_owned()) };
            let Ok(tokens) = lexer::lex(self.catalog.dialect, definition) else { return Some("something".to_owned()) };
            for token in tokens.iter().filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedName)) {
                let word = definition.get(token.range.clone()).unwrap_or("");
                let word = word.trim_matches(['"', '`', '[', ']']);
                for index in word.rsplit('.').next().into_iter().flat_map(|last| self.named(last)) {
                    let Some(table) = self.catalog.tables.get(index as usize) else { continue };
                    if self.policies.contains_key(&index) || !self.is_visible(table) {
                        return Some(table.name.name.clone());
                    }
                    if table.kind == TableKind::View {
                        pending.push(table);
                    }
                }
            }
        }
        None
    }

    /// The restriction of the table at `index`.
    pub(in crate::guard) fn restriction(&self, index: u32) -> Option<&Restriction<'a>> {
        self.policies.get(&index)
    }

    /// Names of the visible tables.
    pub(in crate::guard) fn names(&self) -> impl Iterator<Item = &str> {
        self.catalog.tables.iter().filter(|table| self.is_visible(table)).map(|table| table.name.name.as_str())
    }
}

fn glob(pattern: &str) -> Result<GlobMatcher> {
    GlobBuilder::new(pattern).case_insensitive(true).build().map(|glob| glob.compile_matcher()).map_err(|error| {
        Error::config(format!("`{pattern}` is not a valid pattern for table names; use `*` and `?`")).with_source(error)
    })
}

/// Whether `name`, written `table` or `schema.table`, means `table`.
fn is_named(catalog: &Catalog, table: &Table, name: &str) -> bool {
    let TableName { schema, name: own } = &table.name;
    let schema = schema.as_deref().or(catalog.default_schema.as_deref()).or(catalog.dialect.default_schema());
    own.eq_ignore_ascii_case(name) || schema.is_some_and(|schema| format!("{schema}.{own}").eq_ignore_ascii_case(name))
}

/// Places of the columns with these names; case is ignored, so that no spelling slips through.
fn places(table: &Table, columns: &[String]) -> Result<Rc<[u32]>> {
    let mut places = Vec::with_capacity(columns.len());
    for name in columns {
        let known = places.len();
        let same = |own: &str| own.eq_ignore_ascii_case(name) || own.to_lowercase() == name.to_lowercase();
        places.extend((0u32..).zip(&table.columns).filter(|(_, column)| same(&column.name)).map(|(place, _)| place));
        if places.len() == known {
            let message = format!("the access policy names the column `{name}` of `{}`, which does not exist", table.name);
            return Err(Error::config(message));
        }
    }
    Ok(places.into())
}
