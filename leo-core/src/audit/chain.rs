//! The hash chain: each record names the hash of the one before it.
//!
//! A record is one line, the canonical JSON (RFC 8785) of
//! `{"event", "format", "hash", "prev", "segment", "seq"}`, where `hash` is SHA-256 over the canonical JSON of the others.
//! `docs/audit-format.md` is the description for a second implementation.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::adapter::AuditEvent;
use crate::error::{Error, Result};
use crate::value::to_hex;

/// The format's version, in every record.
pub(in crate::audit) const FORMAT: u64 = 1;

/// What the first record names as the hash before it.
pub(in crate::audit) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Bytes of the longest line, without its newline: what a reader has to hold in memory.
pub(in crate::audit) const MAX_LINE: usize = 4 << 20;

/// Where a chain stands: publish it (a signed note, another system) and records removed from the end show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Records so far; also the sequence number of the last one.
    pub count: u64,
    /// Hash of the last record.
    pub hash: String,
}

impl Head {
    /// The head of an empty chain.
    pub(in crate::audit) fn genesis() -> Self {
        Self { count: 0, hash: GENESIS.to_owned() }
    }
}

/// An event as canonical JSON, ready to be chained. The slow half of writing a record, done by the caller's task.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Encoded(String);

impl Encoded {
    pub(in crate::audit) fn len(&self) -> usize {
        self.0.len()
    }
}

/// # Errors
/// `LimitExceeded` when the event is larger than a line may be.
pub(in crate::audit) fn encode(event: &AuditEvent) -> Result<Encoded> {
    let json = serde_json_canonicalizer::to_string(event)
        .map_err(|error| Error::internal("an audit event could not be written as JSON").with_source(error))?;
    // Everything around the event fits in 512 bytes.
    if json.len() + 512 > MAX_LINE {
        return Err(Error::limit_exceeded(format!(
            "an audit event of {} bytes is longer than a record may be ({MAX_LINE} bytes)",
            json.len()
        )));
    }
    Ok(Encoded(json))
}

/// Appends the line for `event` after `head` to `out`, newline included, and moves `head` on.
///
/// The members are written in canonical order; that makes the whole line canonical, because the event already is and the rest
/// is ASCII without anything to escape.
pub(in crate::audit) fn chain(event: &Encoded, head: &mut Head, segment: &str, out: &mut Vec<u8>) {
    let count = head.count + 1;
    let before = format!("{{\"event\":{},\"format\":{FORMAT},", event.0);
    let after = format!("\"prev\":\"{}\",\"segment\":\"{segment}\",\"seq\":{count}}}", head.hash);
    let hash = to_hex(&Sha256::new().chain_update(&before).chain_update(&after).finalize());
    for part in [before.as_str(), "\"hash\":\"", &hash, "\",", &after, "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    *head = Head { count, hash };
}

/// What is wrong with a record. The names are part of the format: every verifier uses them, and checks in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Damage {
    /// Longer than a line may be, not UTF-8, not JSON, or not an object with the members of a record.
    Malformed,
    /// The text is not the canonical form of what it says.
    NotCanonical,
    /// Written in a version of the format that is not known.
    UnknownFormat,
    /// The hash is not that of the record: the record was changed.
    Hash,
    /// The sequence number is not one more than the last: records were removed, inserted or moved.
    Sequence,
    /// It does not follow the record before it.
    Previous,
}

impl Damage {
    /// `malformed`, `not_canonical`, `unknown_format`, `hash`, `sequence` or `previous`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::NotCanonical => "not_canonical",
            Self::UnknownFormat => "unknown_format",
            Self::Hash => "hash",
            Self::Sequence => "sequence",
            Self::Previous => "previous",
        }
    }

    /// The sentence for a person.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Malformed => "the line is not a record",
            Self::NotCanonical => "the line is not in canonical form: it was changed after it was written",
            Self::UnknownFormat => "the record is written in a version of the format this program does not know",
            Self::Hash => "the record does not have the hash it names: it was changed after it was written",
            Self::Sequence => "the sequence number does not follow: records were removed, inserted or moved",
            Self::Previous => "the record does not follow the one before it: records were replaced",
        }
    }
}

/// A record whose own line is sound.
#[derive(Debug)]
pub(in crate::audit) struct Link {
    pub(in crate::audit) seq: u64,
    pub(in crate::audit) hash: String,
    pub(in crate::audit) prev: String,
    pub(in crate::audit) segment: String,
    pub(in crate::audit) event: Value,
}

/// Reads a line (without its newline) and checks all that one line can tell.
pub(in crate::audit) fn read(line: &[u8]) -> Result<Link, Damage> {
    if line.len() > MAX_LINE {
        return Err(Damage::Malformed);
    }
    let value: Value = serde_json::from_slice(line).map_err(|_| Damage::Malformed)?;
    if canonical(&value)? != line {
        return Err(Damage::NotCanonical);
    }
    let Value::Object(mut members) = value else { return Err(Damage::Malformed) };
    let mut text = |name: &str| match members.get_mut(name) {
        Some(Value::String(text)) => Ok(std::mem::take(text)),
        _ => Err(Damage::Malformed),
    };
    let (hash, prev, segment) = (text("hash")?, text("prev")?, text("segment")?);
    let number = |name: &str| members.get(name).and_then(Value::as_u64).ok_or(Damage::Malformed);
    let (seq, format) = (number("seq")?, number("format")?);
    let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_name = |text: &str| {
        (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if members.len() != 6
        || !members.get("event").is_some_and(Value::is_object)
        || !(is_hash(&hash) && is_hash(&prev) && is_name(&segment))
    {
        return Err(Damage::Malformed);
    }
    if format != FORMAT {
        return Err(Damage::UnknownFormat);
    }
    // What is hashed is the line without its member "hash". In a canonical line only prev, segment and seq follow it, none of
    // which needs escapes, so its place is known from the end.
    let member = format!("\"hash\":\"{hash}\",");
    let rest = format!("\"prev\":\"{prev}\",\"segment\":\"{segment}\",\"seq\":{seq}}}");
    let start = line.len().checked_sub(member.len() + rest.len()).ok_or(Damage::Malformed)?;
    let (before, tail) = line.split_at(start);
    let after = tail.strip_prefix(member.as_bytes()).filter(|after| *after == rest.as_bytes());
    let after = after.ok_or(Damage::Malformed)?;
    if to_hex(&Sha256::new().chain_update(before).chain_update(after).finalize()) != hash {
        return Err(Damage::Hash);
    }
    let event = members.remove("event").unwrap_or_default();
    Ok(Link { seq, hash, prev, segment, event })
}

/// The canonical text of `value`. Nearly every record is plain: its members are in order already and its numbers whole and small;
/// then the plain serialiser, several times as fast, gives the same text.
fn canonical(value: &Value) -> Result<Vec<u8>, Damage> {
    if is_plain(value) { serde_json::to_vec(value) } else { serde_json_canonicalizer::to_vec(value) }
        .map_err(|_| Damage::Malformed)
}

/// Whether plain JSON text of `value` is canonical already. Text needs no look: both serialisers escape alike.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.as_i64().is_some_and(|number| number.unsigned_abs() < 1 << 53),
        Value::Array(items) => items.iter().all(is_plain),
        // ASCII names sort alike by bytes and by UTF-16 code units.
        Value::Object(members) => {
            members.keys().zip(members.keys().skip(1)).all(|(one, next)| one < next)
                && members.iter().all(|(name, value)| name.is_ascii() && is_plain(value))
        }
    }
}

/// Checks that `link` follows `head`.
pub(in crate::audit) fn follow(link: &Link, head: &Head) -> Result<Head, Damage> {
    if link.seq != head.count + 1 {
        return Err(Damage::Sequence);
    }
    if link.prev != head.hash {
        return Err(Damage::Previous);
    }
    Ok(Head { count: link.seq, hash: link.hash.clone() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn event() -> AuditEvent {
        AuditEvent { id: "1".into(), action: "é\u{1F600}\"\\\u{7}\n".into(), rows: Some(3), ..AuditEvent::default() }
    }

    #[test]
    fn a_line_is_canonical_and_reads_back() {
        let (mut head, mut out) = (Head::genesis(), Vec::new());
        chain(&encode(&event()).unwrap(), &mut head, "s", &mut out);
        let line = out.strip_suffix(b"\n").unwrap();
        let value: Value = serde_json::from_slice(line).unwrap();
        assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), line);
        let link = read(line).unwrap();
        assert_eq!(serde_json::from_value::<AuditEvent>(link.event.clone()).unwrap(), event());
        assert_eq!(follow(&link, &Head::genesis()).unwrap(), head);
        assert_eq!(follow(&link, &head).unwrap_err(), Damage::Sequence);
        let other = Head { hash: "1".repeat(64), ..Head::genesis() };
        assert_eq!(follow(&link, &other).unwrap_err(), Damage::Previous);
        // The hash as the format describes it, the long way.
        let mut members = value.as_object().unwrap().clone();
        let hash = members.remove("hash").unwrap();
        assert_eq!(to_hex(&Sha256::digest(serde_json_canonicalizer::to_vec(&members).unwrap())), hash.as_str().unwrap());
    }

    #[test]
    fn damage_has_a_name() {
        let (mut head, mut out) = (Head::genesis(), Vec::new());
        chain(&encode(&event()).unwrap(), &mut head, "s", &mut out);
        let line = String::from_utf8(out).unwrap().trim_end().to_owned();
        let damaged = |from: &str, to: &str| {
            assert!(line.contains(from), "{from} in {line}");
            read(line.replacen(from, to, 1).as_bytes()).unwrap_err()
        };
        assert_eq!(damaged("{\"event\"", "[\"event\""), Damage::Malformed);
        assert_eq!(damaged("{\"event\"", "{ \"event\""), Damage::NotCanonical);
        assert_eq!(damaged("\"rows\":3", "\"rows\":3.0"), Damage::NotCanonical);
        assert_eq!(damaged("\"rows\":3", "\"rows\":4"), Damage::Hash);
        assert_eq!(damaged("\"format\":1", "\"format\":2"), Damage::UnknownFormat);
        assert_eq!(damaged("\"seq\":1", "\"seq\":\"1\""), Damage::Malformed);
        assert_eq!(damaged("\"seq\":1}", "\"seq\":1,\"z\":0}"), Damage::Malformed);
        assert_eq!(read(b"").unwrap_err(), Damage::Malformed);
        assert_eq!(read(b"[1]").unwrap_err(), Damage::Malformed);
        assert_eq!(read(&vec![b' '; MAX_LINE + 1]).unwrap_err(), Damage::Malformed);
    }

    fn any_json() -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-3_i64..3).prop_map(Value::from),
            ((1_i64 << 53) - 2..(1_i64 << 53) + 2).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            Just(Value::from(-0.0)),
            any::<String>().prop_map(Value::from),
            "[\\x00-\\x7f]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::vec(("[\\x00-\\x7f]{0,2}|\\PC{1,2}", inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn the_fast_way_writes_the_same(value in any_json()) {
            let text = String::from_utf8(canonical(&value).unwrap()).unwrap();
            proptest::prop_assert_eq!(text, serde_json_canonicalizer::to_string(&value).unwrap());
        }
    }

    #[test]
    fn an_event_too_long_for_a_line_is_refused() {
        let event = AuditEvent { sql: Some("x".repeat(MAX_LINE)), ..event() };
        assert_eq!(encode(&event).unwrap_err().kind(), crate::error::ErrorKind::LimitExceeded);
    }
}
