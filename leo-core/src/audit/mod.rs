//! Audit: what happened, written so that later changes show.
//!
//! Events are plain data ([`AuditEvent`](crate::adapter::AuditEvent)); sinks take them. [`JsonLinesSink`] chains them in a file,
//! [`MemorySink`] keeps the newest, [`Fanout`] hands them to several. [`verify`](verify()) checks a file, [`query`](query()) and
//! [`tail`] read it. The format is described in `docs/audit-format.md`, with a second verifier beside it.

mod chain;
mod fanout;
mod json_lines;
mod lines;
mod log_file;
mod mask;
mod memory;
mod query;
mod record;
#[cfg(test)]
mod tests;
mod tracing_sink;
mod verify;

pub use chain::{Damage, Head};
pub use fanout::Fanout;
pub use json_lines::{JsonLinesOptions, JsonLinesSink};
pub use mask::{mask_sql, mask_text};
pub(crate) use mask::{personal_spans, quoted, run};
pub use memory::MemorySink;
pub use query::{AuditQuery, QueryResult, StoredRecord, query, tail};
pub use record::{event, new_id, settings_changed, sql_hash};
pub use tracing_sink::TracingSink;
pub use verify::{BadRecord, OpenAttempt, VerifyOptions, VerifyReport, verify};
