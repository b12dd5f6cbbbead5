//! What of a result a model is shown: cells where they may be told, and tokens for those that identify somebody.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rows::Rows;
use crate::audit::personal_spans;
use crate::catalog::{Catalog, TableKind, TableName};
use crate::guard::{OutputColumn, SourceColumn};
use crate::settings::Disclosure;

/// Rows that are shown.
const ROWS: usize = 50;
/// What is not a personal column's and looks as if it identified somebody.
const PRIVATE: &str = "private";

/// What a model sees of a column's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing.
    No,
    /// The values.
    Values,
    /// A token for each, after what kind of personal data it is.
    Tokens(String),
}

/// Tells of which columns the host lets values be told.
pub(super) type IsMarked<'a> = dyn Fn(&SourceColumn) -> bool + 'a;

/// What it sees of each column that the statement gives, by what its values derive from.
///
/// # Behavior
/// Of tables in `locked`, whose rows this user sees in part or masked, nothing is told, and nothing beside them. Columns of views derive from columns that are
/// not named here, so that nothing of them is told where the source has personal data.
pub(super) fn seen(
    (disclosure, is_marked, catalog): (Disclosure, &IsMarked<'_>, &Catalog),
    (lineage, tables): (&[OutputColumn], &[String]),
    locked: &BTreeSet<TableName>,
    columns: usize,
) -> Vec<Seen> {
    let is_locked = locked.iter().any(|own| tables.contains(&own.to_string()))
        || lineage.iter().flat_map(|column| &column.sources).any(|source| locked.contains(&source.table));
    if disclosure == Disclosure::None || is_locked || lineage.len() != columns {
        return vec![Seen::No; columns];
    }
    let has_personal = catalog.tables.iter().flat_map(|table| &table.columns).any(|column| column.personal.is_some());
    let is_known = |source: &SourceColumn| {
        let found = catalog.table(&source.table).filter(|table| table.column(&source.column).is_some());
        found.is_some_and(|table| table.kind == TableKind::Table || !has_personal)
    };
    let kind =
        |source: &SourceColumn| catalog.table(&source.table)?.column(&source.column)?.personal.as_ref().map(|own| &own.kind);
    let of = |column: &OutputColumn| {
        if !column.sources.iter().all(is_known) {
            return Seen::No;
        }
        let personal = column.redacted.as_ref().or_else(|| column.sources.iter().find_map(kind));
        match (disclosure, personal) {
            (Disclosure::Rows, Some(kind)) => Seen::Tokens(token_kind(kind)),
            (Disclosure::Rows, None) => Seen::Values,
            (_, Some(_)) => Seen::No,
            // A figure that derives from no column, such as a count, is nothing that the host marked.
            _ if column.sources.is_empty() => Seen::No,
            _ if column.sources.iter().all(is_marked) => Seen::Values,
            _ => Seen::No,
        }
    };
    lineage.iter().map(of).collect()
}

/// A kind as a token has it: letters of ASCII and underscores.
fn token_kind(kind: &str) -> String {
    let kind: String = kind.chars().map(|c| if c.is_ascii_lowercase() { c } else { '_' }).take(20).collect();
    if kind.trim_matches('_').is_empty() { PRIVATE.to_owned() } else { kind }
}

/// The cells of a row that are shown: column, and the value or its token as it is to be written.
pub(super) type ShownRow = Vec<(usize, String)>;

/// Tokens, and the cells that they stand for.
#[derive(Debug, Default)]
pub(super) struct Tokens(BTreeMap<String, (usize, usize)>);

impl Tokens {
    /// The cell behind a token: row and column.
    pub(super) fn cell(&self, token: &str) -> Option<(usize, usize)> {
        self.0.get(token).copied()
    }
}

/// The first rows as they are shown. Equal values of a column have one token.
pub(super) fn shown(rows: &Rows<'_>, seen: &[Seen]) -> (Vec<ShownRow>, Tokens) {
    let (mut tokens, mut known, mut many) = (Tokens::default(), HashMap::new(), HashMap::<String, usize>::new());
    if seen.iter().all(|own| *own == Seen::No) {
        return (Vec::new(), tokens);
    }
    let mut written = Vec::new();
    for row in 0..rows.table.num_rows().min(ROWS) {
        let mut cells = ShownRow::new();
        for (column, own) in seen.iter().enumerate() {
            let Some(format) = rows.format(column) else { continue };
            let value = rows.table.value(row, column);
            let Some(text) = format.write(&value) else { continue };
            let kind = match own {
                Seen::No => continue,
                Seen::Tokens(kind) => kind,
                // What is cut would not be recognised any more.
                Seen::Values if is_private(&text) || is_private(&value.to_string()) && rows.is_name(column) => PRIVATE,
                Seen::Values => {
                    cells.push((column, text));
                    continue;
                }
            };
            let token = known.entry((column, value.to_string())).or_insert_with(|| {
                let number = many.entry(kind.to_owned()).or_default();
                *number += 1;
                let token = format!("[{kind}:{number}]");
                tokens.0.insert(token.clone(), (row, column));
                token
            });
            cells.push((column, token.clone()));
        }
        written.push(cells);
    }
    (written, tokens)
}

fn is_private(text: &str) -> bool {
    !personal_spans(text).is_empty()
}
