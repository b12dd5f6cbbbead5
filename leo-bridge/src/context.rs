//! Who asks, as plain data.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use leo::context::{Attribute, Client};
use leo::{Context, Error, Result};
use serde::{Deserialize, Serialize};

/// The arguments of `for_user`; see [`Context`] for what each means.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ContextOptions {
    /// The tenant.
    pub tenant: String,
    /// The user.
    pub user: String,
    /// The user's roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Attributes for row filters.
    #[serde(default)]
    pub attributes: BTreeMap<String, Attribute>,
    /// IANA name of the user's zone.
    pub time_zone: Option<String>,
    /// BCP 47 tag.
    pub locale: Option<String>,
    /// The moment the question is asked, in ISO form with an offset; the clock's unless given.
    pub now: Option<String>,
    /// Conversation.
    pub session: Option<String>,
    /// Where the call comes from.
    pub client: Option<Client>,
    /// W3C `traceparent`.
    pub trace_parent: Option<String>,
    /// Milliseconds that all calls of the handle have together, from now.
    pub timeout_ms: Option<u64>,
}

impl ContextOptions {
    /// The context.
    ///
    /// # Errors
    /// `Config` for names that are none, an unknown zone, and a moment that is none.
    pub fn into_context(self) -> Result<Context> {
        let mut ctx = Context::new(self.tenant, self.user)?.with_roles(self.roles);
        ctx.attributes = self.attributes;
        if let Some(zone) = &self.time_zone {
            ctx = ctx.with_time_zone(zone)?;
        }
        if let Some(locale) = self.locale {
            ctx.locale = locale;
        }
        if let Some(now) = self.now {
            let moment: Timestamp = now
                .parse()
                .map_err(|_| Error::config("`now` is a moment in ISO form with its offset, such as `2024-06-30T12:00:00Z`"))?;
            ctx = ctx.with_now(moment);
        }
        if let Some(timeout) = self.timeout_ms {
            ctx = ctx.with_timeout(millis(timeout));
        }
        ctx.session = self.session;
        ctx.client = self.client.unwrap_or_default();
        ctx.trace_parent = self.trace_parent;
        Ok(ctx)
    }
}

/// Milliseconds as a duration that a clock can still be moved by; a hundred years are for ever.
pub(crate) fn millis(value: u64) -> Duration {
    Duration::from_millis(value.min(100 * 365 * 24 * 3_600 * 1_000))
}
