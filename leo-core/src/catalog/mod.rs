//! What is known about a source: tables, columns, keys, relationships, statistics, and the graph of joins.
//!
//! Plain data with lookups. Introspection ([`crate::source`]) and DDL text fill it, profiling adds statistics, and everything
//! above reads it.

mod abbreviations;
mod ddl;
mod drift;
mod graph;
mod hit;
mod meaning;
mod model;
mod names;
mod personal;
mod quality;
mod relationship;
mod statistics;
mod types;

pub(crate) use abbreviations::{expand, split_glued};
pub use drift::{ChangedTable, Drift};
pub use graph::{JoinGraph, JoinPath, JoinStep};
pub use hit::{Hit, HitKind, Place};
pub use meaning::{Description, DescriptionOrigin, RoleKind, TableRole, Term, TermOrigin};
pub use model::{Catalog, Column, LogicalType, PersonalData, PersonalTier, Table, TableKind, TableName, TimeEncoding};
pub use names::{nearest, split_words};
pub(crate) use personal::NOT_PERSONAL;
pub use personal::{Decision, PersonalDecision, PersonalFinding, personal_review};
pub use quality::{CheckKind, QualityCheck, QualityPoint, Severity, TableQuality};
pub use relationship::{Cardinality, ForeignKey, Relationship, RelationshipOrigin};
pub use statistics::{ColumnStatistics, TableStatistics};
