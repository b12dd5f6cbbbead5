//! How far a sync is.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize, Serializer};

use crate::catalog::TableName;
use crate::error::Error;

/// Where a sync is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SyncStage {
    /// Waiting until fewer sources of the tenant are synced.
    Queue,
    /// Reading the structure.
    Introspect,
    /// Reading tables.
    Profile,
    /// Inferring relationships.
    Relate,
    /// Counting rows that are not as they should be.
    Check,
    /// Waiting for the host's model to describe tables.
    Describe,
}

/// One step of a sync.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncProgress<'a> {
    /// The stage.
    pub stage: SyncStage,
    /// Tables done in this stage.
    pub done: usize,
    /// Tables of this stage.
    pub total: usize,
    /// The table that was just done.
    pub table: Option<&'a TableName>,
    /// Why that table has no statistics.
    pub problem: Option<&'a Error>,
    /// In the stage `queue`: how many syncs begin before this one, and this one; none while another process holds the places.
    pub position: Option<usize>,
    /// What is left of the stage by what was done of it, counted in rows as far as the database tells them; in milliseconds where it is written.
    #[serde(rename = "eta_ms", serialize_with = "millis")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub eta: Option<Duration>,
}

fn millis<S: Serializer>(eta: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    eta.map(|eta| u64::try_from(eta.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
}

impl SyncProgress<'_> {
    /// A stage in which `done` of `total` are done.
    pub(crate) fn at(stage: SyncStage, done: usize, total: usize) -> Self {
        Self { stage, done, total, table: None, problem: None, position: None, eta: None }
    }
}

/// Says how long the rest will take, by the work that was done.
#[derive(Debug)]
pub(super) struct Pace {
    began: Instant,
    done: u64,
    total: u64,
}

impl Pace {
    /// For work of this size in all.
    pub(super) fn new(total: u64) -> Self {
        Self { began: Instant::now(), done: 0, total }
    }

    /// Counts work as done, and says what is left.
    pub(super) fn after(&mut self, work: u64) -> Option<Duration> {
        self.done = self.done.saturating_add(work);
        let left = self.total.saturating_sub(self.done) as f64;
        Duration::try_from_secs_f64(self.began.elapsed().as_secs_f64() * left / self.done.max(1) as f64).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_told_by_what_was_done() {
        let mut pace = Pace { began: Instant::now() - Duration::from_secs(10), done: 0, total: 400 };
        assert!(pace.after(100).is_some_and(|left| (29..=31).contains(&left.as_secs())));
        assert_eq!(pace.after(300), Some(Duration::ZERO));
        assert_eq!(Pace::new(0).after(0), Some(Duration::ZERO));
    }
}
