//! Looking records up in an audit file.

use std::fs::File;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::MAX_LINE;
use super::lines::BackwardLines;
use super::verify::unreadable;
use crate::adapter::AuditEvent;
use crate::error::Result;

/// Which records are wanted; a field that is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only this tenant's. A host with tenants always sets it.
    pub tenant: Option<String>,
    /// Only this user's.
    pub user: Option<String>,
    /// Only this action, for instance `statement_outcome`.
    pub action: Option<String>,
    /// Only this outcome, for instance `failed`.
    pub status: Option<String>,
    /// Only this source's.
    pub source: Option<String>,
    /// Only from this moment on.
    pub since: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
    /// At most so many, the newest. Default 100.
    pub limit: usize,
}

impl Default for AuditQuery {
    fn default() -> Self {
        Self { tenant: None, user: None, action: None, status: None, source: None, since: None, until: None, limit: 100 }
    }
}

impl AuditQuery {
    /// Whether the event is wanted.
    pub fn matches(&self, event: &AuditEvent) -> bool {
        let same = |wanted: &Option<String>, found: Option<&String>| wanted.is_none() || wanted.as_ref() == found;
        same(&self.tenant, Some(&event.tenant))
            && same(&self.user, Some(&event.user))
            && same(&self.action, Some(&event.action))
            && same(&self.status, event.status.as_ref())
            && same(&self.source, event.source.as_ref())
            && self.since.is_none_or(|since| event.at >= since)
            && self.until.is_none_or(|until| event.at < until)
    }
}

/// A record of an audit file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredRecord {
    /// Its sequence number.
    pub seq: u64,
    /// Its hash, as the file says.
    pub hash: String,
    /// What happened.
    pub event: AuditEvent,
}

/// What a look-up found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct QueryResult {
    /// The records, oldest first.
    pub records: Vec<StoredRecord>,
    /// Lines passed over because they are no records; [`verify`](super::verify()) says what is wrong with them.
    pub unreadable_lines: u64,
}

/// The newest records that match, oldest first.
///
/// Reads the file from its end and stops when it has enough. It does not check the chain: that is
/// [`verify`](super::verify())'s.
///
/// # Errors
/// `NotFound` when there is no such file; `Unavailable` when it cannot be read.
pub fn query(path: impl AsRef<Path>, query: &AuditQuery) -> Result<QueryResult> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    let mut result = QueryResult::default();
    for line in BackwardLines::new(file, MAX_LINE).map_err(|error| unreadable(path, error))? {
        if result.records.len() >= query.limit {
            break;
        }
        let line = line.map_err(|error| unreadable(path, error))?;
        match serde_json::from_slice::<StoredRecord>(&line.bytes) {
            Ok(record) if query.matches(&record.event) => result.records.push(record),
            Ok(_) => {}
            // What is being written, or was torn, is not a line yet.
            Err(_) if !line.terminated => {}
            Err(_) => result.unreadable_lines += 1,
        }
    }
    result.records.reverse();
    Ok(result)
}

/// The newest `count` records, oldest first.
///
/// # Errors
/// As [`query`].
pub fn tail(path: impl AsRef<Path>, count: usize) -> Result<QueryResult> {
    query(path, &AuditQuery { limit: count, ..AuditQuery::default() })
}
