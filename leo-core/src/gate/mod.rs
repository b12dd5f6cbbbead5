//! The gate: record → price → run, the only door to a [`Connector`].
//!
//! [`Recorded`] and [`Cleared`] are tokens: each is made here alone, from the one before it. A recorded statement carries its
//! open attempt and the sink it was recorded in; however it ends, one outcome is written there.
//!
//! ```text
//! VettedSql ──record──► Recorded ──price──► Cleared ──run──► GateStream ──collect──► RunResult
//!     guard refused: record_refusal    │
//!                                      └─look──► rows that are there or on their way
//! ```
//!
//! A model is asked here too ([`ModelCall`]), and what it costs is counted. What was run or answered already is in the [`Cache`].

mod attempt;
mod cache;
mod check;
mod connector;
mod embed;
mod flights;
mod hash;
mod introspect;
mod kept;
mod ledger;
mod model;
mod pass;
mod price;
mod record;
mod redact;
mod run;
#[cfg(test)]
mod tests;
mod tool;

pub use crate::breaker::BreakerState;
pub(crate) use cache::{Cache, Given, Looked};
pub use check::InForce;
#[cfg(feature = "sqlite")]
pub(crate) use connector::look_around;
pub use connector::{BatchStream, ConnectionReport, Connector, ConnectorInfo, Estimate, Health, IntrospectOptions, QueryOptions};
pub(crate) use embed::EmbedCall;
pub use introspect::introspect;
pub(crate) use kept::Key as CacheKey;
pub(crate) use ledger::Ledger;
pub use ledger::ModelSpending;
pub(crate) use model::{Answered, Asked, Earlier, ModelCall, Origin};
pub use pass::{Cleared, Recorded};
pub use price::{PriceLimits, Priced, price};
pub use record::{RecordMeta, record, record_refusal};
pub use redact::REDACTED;
pub use run::{GateStream, RunResult, RunSummary, collect, run};
pub(crate) use tool::tool;
