//! What people know about a source and the database does not say: words, metrics, verified queries, and what somebody decided about tables.
//!
//! [`Knowledge`] is plain data. A host hands it to the builder, or it is kept beside what syncs find out and changed at run time; as a file it
//! is `leo.yaml` ([`read_yaml`], [`write_yaml`]), which people edit and review. What is said of tables and columns is laid over the catalogue
//! after each sync ([`Knowledge::apply`]), so that it outlives them.

mod apply;
mod check;
mod formula;
mod model;
mod resolve;
mod yaml;

pub use check::Mistake;
pub use formula::{parse_formula, write_formula};
pub use model::{
    ColumnKnowledge, GlossaryTerm, Knowledge, KnownRelationship, MetricDefinition, Synonym, SynonymTarget, TableKnowledge,
    VerifiedQuery,
};
pub(crate) use yaml::check_yaml;
pub use yaml::{read_yaml, write_yaml};
