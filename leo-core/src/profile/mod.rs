//! Profiling: statistics and personal data in one scan per table, relationships from names, types and values.
//!
//! Pure: it builds the statement of a scan ([`ScanPlan`]), reduces the Arrow batches that come back ([`TableProfiler`]) and infers
//! relationships from what all tables showed ([`infer_relationships`]). What is known then tells what part each table plays
//! ([`classify_tables`]) and what people call what ([`find_terms`]), what it holds in a sentence ([`find_descriptions`]), and what is to be counted to know how good the rows are ([`QualityPlanner`]). Running the statements is the sync job's business.

mod column;
mod describe;
mod distinct;
mod outline;
mod personal;
mod quality;
mod relate;
mod reservoir;
mod role;
mod scan;
mod table;
mod terms;
mod time;
mod top;

pub use describe::{TableDescriptions, assign_descriptions, find_descriptions};
pub use distinct::ValueSet;
pub use personal::mark_by_names;
pub use quality::{QualityOptions, QualityPlan, QualityPlanner, merge_history};
pub use relate::{RelateOptions, infer_relationships, key_tuples, settle_keys};
pub use role::{Starter, assign_roles, classify_tables, starter_tables};
pub use scan::{ScanPlan, ScanSettings};
pub use table::{TableProfile, TableProfiler, TableValues};
pub use terms::{TableTerms, assign_terms, find_terms};
