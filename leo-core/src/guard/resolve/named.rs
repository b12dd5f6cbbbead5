//! Tables, views and common table expressions by name.

use std::ops::Range;
use std::rc::Rc;

use sqlparser::ast::{Ident, ObjectName, TableAlias};

use super::name::{Name, identifiers};
use super::past;
use super::scope::{Columns, Cte, Ctes, Relation};
use super::{Reference, Resolver, ident_position, position, rules};
use crate::dialect::Dialect;
use crate::guard::lexer::TokenKind;

/// What a name in `FROM` means; `table` is its place in the catalogue when it is one of there.
pub(super) struct Named<'a> {
    pub(super) relation: Relation<'a>,
    pub(super) table: Option<u32>,
}

/// What stands beside a table's name and its alias.
#[derive(Clone, Copy)]
pub(super) struct Beside {
    /// `WITH (…)`
    pub(super) has_hints: bool,
    /// `FOR SYSTEM_TIME …`
    pub(super) has_version: bool,
    /// Whether that is all.
    pub(super) is_plain: bool,
}

/// Where a table's name and what belongs to it stand.
struct Place {
    name: Range<usize>,
    hints: Option<Range<usize>>,
    version: Option<Range<usize>>,
    /// Whether that is all: no choice of an index follows, and no moment that is not understood.
    is_bare: bool,
}

impl<'a> Resolver<'a> {
    /// A table, view or common table expression by name; what is wrong with it is reported.
    pub(super) fn named_relation(&mut self, name: &ObjectName, alias: Option<&TableAlias>, ctes: &Ctes<'_>) -> Option<Named<'a>> {
        if let Some(alias) = alias {
            self.check_alias(alias);
        }
        let Some(parts) = identifiers(name) else {
            self.refuse_at("a function call as a table name", name);
            return None;
        };
        let parts = self.split_quoted(&parts);
        let parts: Vec<Name<'_>> = parts.iter().map(|ident| Name::of(self.dialect, ident)).collect();
        let (last, qualifier) = parts.split_last()?;
        let own = alias.map(|alias| self.own_text(&alias.name));
        if qualifier.is_empty()
            && let Some(cte) = ctes.find(last)
        {
            return match cte {
                Cte::Ready { columns, rows } => {
                    let columns = self.renamed(columns, alias);
                    let name = own.unwrap_or_else(|| last.text.to_string());
                    Some(Named { relation: Relation::derived(Some(name), columns, *rows), table: None })
                }
                Cte::NotYet => {
                    self.report(rules::known_table::unknown(&last.text, &[], position(name)));
                    None
                }
            };
        }
        let is_ours = self.is_ours(position(name));
        let Some(index) = self.table_index(qualifier, last, is_ours) else {
            if self.dialect == Dialect::Mysql && qualifier.is_empty() && last.is("dual") {
                // No table at all: `SELECT 1 FROM dual`.
                return Some(Named { relation: Relation::derived(None, Rc::default(), Some(1)), table: None });
            }
            self.unknown_table(name, qualifier, last);
            return None;
        };
        let table = self.against.catalog.tables.get(index as usize)?;
        let visibility = self.against.visibility;
        let is_restricted = !is_ours && visibility.is_restricted(index);
        let mut denied: Rc<[u32]> = Rc::new([]);
        if !is_ours {
            if let Some(why) = visibility.refuses(index) {
                self.report(rules::policy::unsupported(&table.name.name, why, position(name)));
                return None;
            }
            if let Some(restriction) = visibility.restriction(index) {
                denied = Rc::clone(&restriction.denied);
            }
        }
        let relation = Relation {
            is_bare: own.is_none(),
            name: Some(own.unwrap_or_else(|| table.name.name.clone())),
            columns: Columns::Table { index, table, denied, is_restricted },
            merged: Vec::new(),
            rows: table.rows,
        };
        let relation = match alias {
            Some(alias) if !alias.columns.is_empty() => {
                let columns = Rc::new(relation.outputs());
                self.read(&columns.iter().flat_map(|column| column.sources.iter().copied()).collect::<Vec<_>>());
                Relation::derived(relation.name, self.renamed(&columns, Some(alias)), table.rows)
            }
            _ => relation,
        };
        Some(Named { relation, table: Some(index) })
    }

    /// Notes that the statement names a table.
    pub(super) fn reference(&mut self, index: u32, name: &ObjectName, alias: Option<&TableAlias>, beside: Beside) {
        let at = position(name);
        if self.is_ours(at) {
            return;
        }
        let visibility = self.against.visibility;
        let is_restricted = visibility.is_restricted(index);
        if is_restricted && beside.has_version && !visibility.shows_past(index) {
            let why = "past versions of it are not granted";
            self.report(rules::policy::unsupported(&name.to_string(), why, at));
            return;
        }
        let place = self.place_of(name, alias, beside);
        if let (Some(at), Some(Place { name: range, hints, version, is_bare })) = (at, place)
            && (beside.is_plain && is_bare || !is_restricted)
        {
            let written: Vec<String> = identifiers(name)
                .map(|parts| self.split_quoted(&parts).iter().map(|ident| self.own_text(ident)).collect())
                .unwrap_or_default();
            let has_alias = alias.is_some();
            self.found.references.push(Reference { index, at, name: range, written, has_alias, hints, version });
        } else if is_restricted {
            let why = "samples, partitions, index hints and this form of past versions cannot be asked of it";
            self.report(rules::policy::unsupported(&name.to_string(), why, at));
        }
    }

    /// Finds a table's name among the tokens, and the hints and the moment that belong to it.
    fn place_of(&self, name: &ObjectName, alias: Option<&TableAlias>, beside: Beside) -> Option<Place> {
        let parts = identifiers(name)?;
        let (_, first) = self.token_at(ident_position(parts.first()?)?)?;
        let (mut last, token) = self.token_at(ident_position(parts.last()?)?)?;
        let range = first.range.start..token.range.end;
        let clause = past::clause(self.against.text, self.against.tokens, last + 1).filter(|_| beside.has_version);
        let is_known = clause.is_some() == beside.has_version;
        let version = clause.map(|(tokens, end)| {
            last = end - 1;
            tokens
        });
        if let Some(alias) = alias {
            (last, _) = self.token_at(ident_position(alias.columns.last().map_or(&alias.name, |column| &column.name))?)?;
            last += usize::from(!alias.columns.is_empty());
        }
        let mut next =
            (last + 1..).filter(|at| self.against.tokens.get(*at).is_none_or(|token| token.kind != TokenKind::Comment));
        let word = |at: Option<usize>| {
            let token = at.and_then(|at| self.against.tokens.get(at));
            token.filter(|token| token.kind == TokenKind::Word).map_or("", |token| self.text_of(token))
        };
        let after = next.next();
        let index_choice = word(after).eq_ignore_ascii_case("indexed")
            || (word(after).eq_ignore_ascii_case("not") && word(next.next()).eq_ignore_ascii_case("indexed"));
        let mut hints = None;
        if beside.has_hints {
            if !word(after).eq_ignore_ascii_case("with") {
                return None;
            }
            let mut depth = 0usize;
            let close = self.against.tokens.get(after? + 1..)?.iter().find(|token| {
                depth = match token.kind {
                    TokenKind::Open => depth + 1,
                    TokenKind::Close => depth.saturating_sub(1),
                    _ => depth,
                };
                depth == 0
            })?;
            hints = Some(self.against.tokens.get(after?)?.range.start..close.range.end);
        }
        Some(Place { name: range, hints, version, is_bare: !index_choice && is_known })
    }

    /// BigQuery lets one pair of quotes go around a whole path.
    fn split_quoted(&self, parts: &[&Ident]) -> Vec<Ident> {
        let split = self.dialect == Dialect::Bigquery;
        parts
            .iter()
            .flat_map(|ident| match ident.quote_style {
                Some(_) if split => {
                    ident.value.split('.').map(|part| Ident { value: part.to_owned(), ..(*ident).clone() }).collect()
                }
                _ => vec![(*ident).clone()],
            })
            .collect()
    }

    /// The table of the catalogue that a name means, when this user may see it.
    fn table_index(&self, qualifier: &[Name<'_>], last: &Name<'_>, is_ours: bool) -> Option<u32> {
        let catalog = self.against.catalog;
        let default = self.default_schema();
        let mut candidates: Vec<(u32, &crate::catalog::Table)> = self
            .against
            .visibility
            .named(&last.text)
            .filter_map(|index| Some((index, catalog.tables.get(index as usize)?)))
            .filter(|(_, table)| last.is(&table.name.name))
            .collect();
        let schema_of = |table: &'a crate::catalog::Table| table.name.schema.as_deref().or(default);
        match qualifier {
            [] => {
                // A bare name means the default schema; without one, the only table of that name.
                if default.is_some() && candidates.iter().any(|(_, table)| schema_of(table) == default) {
                    candidates.retain(|(_, table)| schema_of(table) == default);
                } else if default.is_some() {
                    return None;
                }
            }
            [schema] if self.dialect == Dialect::Bigquery => candidates.retain(|(_, table)| {
                schema_of(table)
                    .is_some_and(|own| schema.is(own) || own.rsplit_once('.').is_some_and(|(_, dataset)| schema.is(dataset)))
            }),
            [schema] => candidates.retain(|(_, table)| schema_of(table).is_some_and(|own| schema.is(own))),
            [project, dataset] if self.dialect == Dialect::Bigquery => candidates.retain(|(_, table)| {
                schema_of(table).and_then(|own| own.rsplit_once('.')).is_some_and(|(own, set)| project.is(own) && dataset.is(set))
            }),
            _ => return None,
        }
        if candidates.len() > 1 {
            candidates.retain(|(_, table)| table.name.name == *last.text);
        }
        match candidates.as_slice() {
            [(index, table)] if is_ours || self.against.in_view || self.against.visibility.is_visible(table) => Some(*index),
            _ => None,
        }
    }

    fn unknown_table(&mut self, name: &ObjectName, qualifier: &[Name<'_>], last: &Name<'_>) {
        let place = position(name);
        let lower = last.text.to_lowercase();
        let internal =
            ["sqlite_", "pragma_", "pg_", "information_schema", "sys", "#"].iter().any(|start| lower.starts_with(start));
        let known_schema = match qualifier {
            [] => true,
            [schema] => self.default_schema().is_some_and(|own| schema.is(own)),
            _ => false,
        };
        if internal || !known_schema {
            self.report(rules::known_table::outside(&name.to_string(), place));
            return;
        }
        let near = crate::catalog::nearest(&last.text, self.against.visibility.names(), 3);
        let near: Vec<String> = near.iter().map(|near| self.found_as(near)).collect();
        self.report(rules::known_table::unknown(&name.to_string(), &near, place));
    }

    /// The name by which a visible table is found: with its schema where that is not the one a bare name means.
    fn found_as(&self, name: &str) -> String {
        let visible = |table: &&crate::catalog::Table| table.name.name == name && self.against.visibility.is_visible(table);
        let default = self.against.catalog.default_schema();
        match self.against.catalog.tables.iter().find(visible) {
            Some(table) if table.name.schema.is_some() && table.name.schema.as_deref() != default => table.name.to_string(),
            _ => name.to_owned(),
        }
    }
}
