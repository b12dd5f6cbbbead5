//! What is known about a source: tables, columns, keys, relationships, statistics, and the graph of joins.
//!
//! Plain data with lookups. Introspection ([`crate::source`]) and DDL text fill it, profiling adds statistics, and everything
//! above reads it.

mod ddl;
mod graph;
mod model;
mod names;
mod personal;
mod search;
mod statistics;
mod types;

pub use graph::{JoinGraph, JoinPath, JoinStep};
pub use model::{
    Cardinality, Catalog, Column, ForeignKey, LogicalType, PersonalData, PersonalTier, Relationship, RelationshipOrigin, Table,
    TableKind, TableName, TimeEncoding,
};
pub use names::{nearest, split_words};
pub use personal::{Decision, PersonalDecision, PersonalFinding, personal_review};
pub use search::{Hit, Place, search};
pub(crate) use search::{OtherWords, SearchIndex, Vocabulary};
pub use statistics::{ColumnStatistics, TableStatistics};
