//! Building audit events: identity, time, origin, masking.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::adapter::AuditEvent;
use crate::context::Context;
use crate::settings::{Level, Settings, SettingsLayer};
use crate::value::{Value, to_hex};

/// A new event of `action` under `ctx`: a fresh id, the time, tenant, user, session, trace and origin.
///
/// The time is the clock's, never `ctx.now`: an as-of date moves a question's windows, not the record of when it was asked.
pub fn event(ctx: &Context, action: &str) -> AuditEvent {
    AuditEvent {
        id: new_id(),
        at: Timestamp::now(),
        action: action.to_owned(),
        tenant: ctx.tenant.clone(),
        user: ctx.user.clone(),
        session: ctx.session.clone(),
        trace_id: ctx.trace_parent.as_deref().and_then(trace_id).map(str::to_owned),
        address: ctx.client.address.clone(),
        agent: ctx.client.agent.clone(),
        leo_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..AuditEvent::default()
    }
}

/// A UUIDv7: sorts by time of creation.
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// SHA-256 over the canonical JSON of `[text, [[type, value], …]]`, values as text, as hexadecimal digits: tells whether two
/// statements were the same without recording the parameters.
pub fn sql_hash(sql: &str, params: &[Value]) -> String {
    // As text, because canonical JSON has one kind of number and would round a large integer.
    let params: Vec<(&str, String)> = params
        .iter()
        .map(|value| match value {
            Value::Bytes(bytes) => ("bytes", to_hex(bytes)),
            other => (other.type_name(), other.to_string()),
        })
        .collect();
    // Serialising text cannot fail; should it, the hash of the text alone still identifies the statement.
    let canonical = serde_json_canonicalizer::to_vec(&(sql, params)).unwrap_or_else(|_| sql.as_bytes().to_vec());
    to_hex(&Sha256::digest(canonical))
}

/// The event for a change of settings at run time: which settings, at which level, for which source; not their values.
pub fn settings_changed(ctx: &Context, level: Level, source: Option<&str>, layer: &SettingsLayer, now: &Settings) -> AuditEvent {
    AuditEvent {
        source: source.map(str::to_owned),
        target: Some(format!("{level}: {}", layer.paths().collect::<Vec<_>>().join(", "))),
        preset: Some(now.preset.as_str().to_owned()),
        settings_hash: Some(now.hash()),
        ..event(ctx, "settings_changed")
    }
}

/// The trace id of a W3C `traceparent` (`00-<32 hex>-<16 hex>-<2 hex>`).
fn trace_id(parent: &str) -> Option<&str> {
    let id = parent.split('-').nth(1)?;
    (id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) && id.bytes().any(|b| b != b'0')).then_some(id)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_event_carries_its_origin_and_the_clock() {
        let mut ctx = Context::new("acme", "ada").unwrap().with_session("s1").with_now("2020-01-01T00:00:00Z".parse().unwrap());
        ctx.trace_parent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
        let event = event(&ctx, "question");
        assert_eq!((event.tenant.as_str(), event.user.as_str(), event.session.as_deref()), ("acme", "ada", Some("s1")));
        assert_eq!(event.trace_id.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
        assert!(event.at > ctx.now);
        assert!(new_id() < new_id());
    }

    #[test]
    fn the_hash_of_a_statement_covers_its_parameters() {
        let hash = sql_hash("SELECT ?", &[1.into()]);
        assert_eq!(hash.len(), 64);
        assert_ne!(hash, sql_hash("SELECT ?", &[2.into()]));
        assert_ne!(hash, sql_hash("SELECT ?", &["1".into()]));
        assert_ne!(sql_hash("", &[(1_i64 << 53).into()]), sql_hash("", &[((1_i64 << 53) + 1).into()]));
    }

    #[test]
    fn bad_trace_parents_are_ignored() {
        for parent in ["", "00", "00-zz", "00-00000000000000000000000000000000-b7ad6b7169203331-01"] {
            assert_eq!(trace_id(parent), None);
        }
    }
}
