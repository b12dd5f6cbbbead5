//! Checking an audit file: is it as it was written, and was every attempt closed?

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::chain::{self, Damage, Head, MAX_LINE};
use crate::error::{Error, Result};

/// What is known about the file from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// A published hash: some record must have it, the one at `expect_count` where that is given too.
    pub expect_head: Option<String>,
    /// A published number of records: there must be at least as many.
    pub expect_count: Option<u64>,
}

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct VerifyReport {
    /// Sound records, up to the first bad one.
    pub records: u64,
    /// The first bad record. What follows it is not judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<BadRecord>,
    /// Bytes after the last newline: a record that was being written when the process ended. Opening the file for writing moves
    /// them aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub torn_bytes: Option<u64>,
    /// Statements and tool calls announced but never closed, in order of announcement: the process ended in between, or they
    /// are still running.
    pub attempts_without_outcome: Vec<OpenAttempt>,
    /// Where the sound part of the chain ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// How many times the file was opened for writing.
    pub segments: u64,
    /// Why the file does not match the published head or count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unexpected: Option<String>,
}

impl VerifyReport {
    /// Whether nothing is wrong: no bad record, and the published head and count, where given, are met. A torn last line and open
    /// attempts are no damage.
    pub fn is_intact(&self) -> bool {
        self.first_bad.is_none() && self.unexpected.is_none()
    }
}

/// A record that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadRecord {
    /// Its line, from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: Damage,
    /// The same, for a person.
    pub message: String,
}

/// An attempt without an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenAttempt {
    /// Sequence number of its record.
    pub seq: u64,
    /// The event's id.
    pub id: String,
    /// `statement` or `tool_invocation`.
    pub action: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The tenant.
    pub tenant: String,
    /// The user.
    pub user: String,
    /// The source's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Checks the file from its first record to its end, in memory bounded by the longest line and the attempts open at a time.
///
/// Removing whole records from the end leaves a sound file: only a head or count published elsewhere shows it
/// ([`VerifyOptions`]).
///
/// # Errors
/// `NotFound` when there is no such file; `Unavailable` when it cannot be read. Damage is no error but in the report.
pub fn verify(path: impl AsRef<Path>, options: &VerifyOptions) -> Result<VerifyReport> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    verify_reader(BufReader::with_capacity(256 << 10, file), options).map_err(|error| unreadable(path, error))
}

pub(in crate::audit) fn verify_reader(mut file: impl BufRead, options: &VerifyOptions) -> io::Result<VerifyReport> {
    let mut report = VerifyReport::default();
    let mut head = Head::genesis();
    let mut segment = String::new();
    let mut open: HashMap<String, OpenAttempt> = HashMap::new();
    let mut head_seen = false;
    let mut hash_at_count = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        // One byte more than the longest line and its newline tells that a line is too long.
        let read = io::Read::take(&mut file, MAX_LINE as u64 + 2).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() <= MAX_LINE {
            report.torn_bytes = Some(line.len() as u64);
            break;
        }
        let checked = chain::read(&line).and_then(|link| chain::follow(&link, &head).map(|next| (link, next)));
        let (link, next) = match checked {
            Ok(checked) => checked,
            Err(reason) => {
                report.first_bad = Some(BadRecord { line: report.records + 1, reason, message: reason.explain().to_owned() });
                break;
            }
        };
        head = next;
        report.records += 1;
        if link.segment != segment {
            report.segments += 1;
            segment = link.segment;
        }
        note_attempt(&link.event, link.seq, &mut open);
        head_seen |= options.expect_head.as_ref() == Some(&head.hash);
        if options.expect_count == Some(head.count) {
            hash_at_count = Some(head.hash.clone());
        }
    }
    report.attempts_without_outcome = open.into_values().collect();
    report.attempts_without_outcome.sort_by_key(|attempt| attempt.seq);
    report.unexpected = unexpected(options, &report, head_seen, hash_at_count.as_deref());
    report.head = (report.records > 0).then_some(head);
    Ok(report)
}

fn unexpected(options: &VerifyOptions, report: &VerifyReport, head_seen: bool, hash_at_count: Option<&str>) -> Option<String> {
    if let Some(count) = options.expect_count
        && count > report.records
    {
        return Some(format!(
            "{} sound records, but {count} were published: records were removed from the end, or are damaged",
            report.records
        ));
    }
    match (&options.expect_head, options.expect_count) {
        (Some(head), Some(count)) if count > 0 && hash_at_count != Some(head.as_str()) => {
            Some(format!("record {count} does not have the published hash: the file is another one or was rewritten"))
        }
        (Some(_), None) if !head_seen => {
            Some("no record has the published hash: records were removed from the end, or the file was rewritten".to_owned())
        }
        _ => None,
    }
}

/// An event `statement` or `tool_invocation` without a status announces; an event with `attempt` closes.
fn note_attempt(event: &Value, seq: u64, open: &mut HashMap<String, OpenAttempt>) {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let owned = |name: &str| text(name).unwrap_or_default().to_owned();
    if let Some(attempt) = text("attempt") {
        open.remove(attempt);
        return;
    }
    if let (Some(action @ ("statement" | "tool_invocation")), None, Some(id)) = (text("action"), text("status"), text("id")) {
        let attempt = OpenAttempt {
            seq,
            id: id.to_owned(),
            action: action.to_owned(),
            at: text("at").and_then(|at| at.parse().ok()),
            tenant: owned("tenant"),
            user: owned("user"),
            source: text("source").map(str::to_owned),
        };
        open.insert(attempt.id.clone(), attempt);
    }
}

pub(in crate::audit) fn unreadable(path: &Path, error: io::Error) -> Error {
    let error = match error.kind() {
        io::ErrorKind::NotFound => Error::not_found("there is no such audit file; check the path").with_source(error),
        io::ErrorKind::PermissionDenied => Error::denied("no permission to read the audit file").with_source(error),
        _ => Error::unavailable("the audit file cannot be read; check the path and its disk").with_source(error),
    };
    error.with_context("file", path.display().to_string())
}
