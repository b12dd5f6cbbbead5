//! The gate: record → price → run, the only door to a [`Connector`].
//!
//! [`Recorded`] and [`Cleared`] are tokens: each is made here alone, from the one before it. A recorded statement carries its
//! open attempt and the sink it was recorded in; however it ends, one outcome is written there.
//!
//! ```text
//! VettedSql ──record──► Recorded ──price──► Cleared ──run──► GateStream ──collect──► RunResult
//!     guard refused: record_refusal
//! ```

mod attempt;
mod check;
mod connector;
mod hash;
mod introspect;
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
pub use check::InForce;
#[cfg(feature = "sqlite")]
pub(crate) use connector::look_around;
pub use connector::{BatchStream, ConnectionReport, Connector, ConnectorInfo, Estimate, Health, IntrospectOptions, QueryOptions};
pub use introspect::introspect;
pub(crate) use ledger::Ledger;
pub use ledger::ModelSpending;
pub(crate) use model::{Asked, ModelCall};
pub use pass::{Cleared, Recorded};
pub use price::{PriceLimits, Priced, price};
pub use record::{RecordMeta, record, record_refusal};
pub use redact::REDACTED;
pub use run::{GateStream, RunResult, RunSummary, collect, run};
pub(crate) use tool::tool;
