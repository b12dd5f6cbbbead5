//! The built-in planner: deterministic, no model, no network.
//!
//! ```text
//! question → tokens → links (words to names, values, times, operations) → assignments (one meaning each, over the join graph)
//!          → reading (what is asked, grammar only) → semantic query → confidence → plan, question back, or refusal
//! ```
//! Each arrow is a room of its own; every weight is in `scoring`. Before all of it stands `verified`: questions that somebody answered before. After it `follow_up` looks at what a question makes of the one before it. Two rooms watch over what falls by the way: `gaps` finds names that
//! nothing has, `lost` what was understood and is not in the query.

mod build;
mod candidates;
mod decision;
mod evidence;
mod explain;
mod follow_up;
mod gaps;
mod grammar;
mod intake;
mod lexicon;
mod linking;
mod lost;
mod matching;
mod reading;
mod schema;
mod scoring;
mod time;
mod tokens;
mod verified;

#[cfg(test)]
mod tests;

pub(in crate::ask) use evidence::{linked, window};
pub(in crate::ask) use follow_up::FollowUp;
use jiff::Zoned;
pub use schema::SchemaIndex;
pub(in crate::ask) use verified::{Found, Verified};

use super::plan::Plan;
use crate::query::{Calendar, SemanticQuery};

/// The planner that works with nothing: no model, no network.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use leo::ask::planner::{BuiltinPlanner, Knowledge, Plan, SchemaIndex};
/// use leo::catalog::{Catalog, Column, LogicalType, Table, TableName};
/// use leo::query::Calendar;
///
/// let mut singers = Table::new(TableName::bare("singers"));
/// singers.columns.push(Column::new("name", "TEXT", LogicalType::Text));
/// let catalog = Catalog::new(leo::Dialect::Sqlite, None, vec![singers]);
/// let index = SchemaIndex::build(&catalog, &Knowledge::default());
/// let now = date(2024, 8, 15).at(12, 0, 0, 0).in_tz("UTC")?;
///
/// let plan = BuiltinPlanner::new(&index).plan("How many singers do we have?", &now, &Calendar::default());
/// let Plan::Query(planned) = plan else { panic!("a query") };
/// assert_eq!(planned.reading, "number of singers");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug)]
pub struct BuiltinPlanner<'a> {
    index: &'a SchemaIndex,
}

impl<'a> BuiltinPlanner<'a> {
    /// A planner over `index`.
    pub fn new(index: &'a SchemaIndex) -> Self {
        Self { index }
    }

    /// Plans `question` as asked at `now`. Never fails and never panics: what cannot be read is an abstention.
    ///
    /// # Behavior
    /// The same question over the same index at the same time gives the same plan. Only the first 4,000 characters are read.
    pub fn plan(&self, question: &str, now: &Zoned, calendar: &Calendar) -> Plan {
        decision::decide(question, self.index, now.date(), calendar)
    }

    /// What `question` makes of the query `before` it, where it continues that one and that one is known. A question that names everything itself, and of which the
    /// planner is as sure as `floor`, is a new one.
    pub(in crate::ask) fn follow_up(
        &self,
        question: &str,
        before: Option<&SemanticQuery>,
        (now, calendar): (&Zoned, &Calendar),
        floor: f64,
    ) -> FollowUp {
        follow_up::follow_up(question, before, self.index, (now.date(), calendar), floor)
    }
}
