//! Planners: from a question to a plan.
//!
//! A plan is a [`SemanticQuery`](crate::query::SemanticQuery) with the reading it rests on, a question back to the user, or a
//! refusal with its reason. The built-in planner and a model fill the same types.

pub mod builtin;
pub(in crate::ask) mod model;
mod plan;

pub use crate::knowledge::{Knowledge, MetricDefinition, Synonym, SynonymTarget};
pub use builtin::{BuiltinPlanner, SchemaIndex};
pub(in crate::ask) use builtin::{FollowUp, Found, Verified, linked, window};
pub use plan::{
    Abstention, AbstentionKind, Alternative, Clarification, ClarifyOption, Evidence, Intent, Link, LinkTarget, Plan, PlannedQuery,
};
