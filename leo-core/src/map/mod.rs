//! The data map: what a source holds, for people to look through.
//!
//! ```text
//! visible catalogue + what people said → overview → tables in detail → join graph → DDL, Mermaid, DOT, one page of HTML
//! ```
//! Everything is made of the catalogue that one user may see, so that no page of the map shows more than statements would. Of columns with
//! personal data no value is shown to anybody: a map is passed around more easily than a right to see.

mod detail;
mod graph;
mod html;
mod overview;
mod quality;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::catalog::{Catalog, TableName};
use crate::knowledge::{Knowledge, TableKnowledge};

pub use detail::{Sample, TableDetail};
pub use graph::{GraphNode, MapGraph};
pub(crate) use html::page;
pub use overview::{DataMap, Freshness, MetricSummary, TableSummary};
pub use quality::{QualityOverview, TableFindings};

pub(crate) use detail::detail;
pub(crate) use graph::graph;
pub(crate) use overview::{overview, starters};
pub(crate) use quality::quality;

/// A source as one user may see it.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    source: &'a str,
    /// What the user may see.
    catalog: &'a Catalog,
    /// Tables of which the user sees the structure alone.
    locked: &'a BTreeSet<TableName>,
    knowledge: &'a Knowledge,
    /// What people said of tables, by how the catalogue spells their names.
    said: HashMap<&'a TableName, &'a TableKnowledge>,
    /// When the source was looked at last.
    learned: Timestamp,
    /// The moment ages are counted to.
    now: Timestamp,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(
        source: &'a str,
        (catalog, locked): (&'a Catalog, &'a BTreeSet<TableName>),
        knowledge: &'a Knowledge,
        (learned, now): (Timestamp, Timestamp),
    ) -> Self {
        let named = |(name, known): (&String, &'a TableKnowledge)| Some((&catalog.table_called(name)?.name, known));
        let said = knowledge.tables.iter().filter_map(named).collect();
        Self { source, catalog, locked, knowledge, said, learned, now }
    }

    /// What the user may see.
    pub(crate) fn catalog(&self) -> &'a Catalog {
        self.catalog
    }
}
