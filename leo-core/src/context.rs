//! Who asks, on whose behalf, when, and until when: the first argument of every call.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::value::Value;

/// The context of a call. `leo.for_user(ctx)` binds it; every key, cache entry, record and statement made under it carries
/// its tenant, so nothing made for one tenant can be used for another.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context {
    /// The tenant; never empty.
    pub tenant: String,
    /// The user within the tenant; never empty.
    pub user: String,
    /// Roles the host gave the user, for instance `owner`, `admin`, `member`, `viewer`.
    pub roles: Vec<String>,
    /// Attributes for row filters.
    pub attributes: BTreeMap<String, Attribute>,
    /// The zone in which relative windows are computed.
    pub time_zone: TimeZone,
    /// BCP 47 tag, `en` unless set.
    pub locale: String,
    /// The moment the question is asked; read once, so that one call sees one time.
    pub now: Timestamp,
    /// When the call must be over.
    pub deadline: Option<Instant>,
    /// Cancels the call, also on the database's side.
    pub cancel: CancellationToken,
    /// Conversation this call belongs to.
    pub session: Option<String>,
    /// Where the call comes from.
    pub client: Client,
    /// W3C `traceparent` of the caller.
    pub trace_parent: Option<String>,
    /// When the context was made; `now` is the clock's until it differs from this.
    made: Timestamp,
    has_zone: bool,
}

/// A context attribute: a scalar or a list of scalars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Attribute {
    /// One value.
    One(Value),
    /// Several values, for `IN`.
    Many(Vec<Value>),
}

/// The caller's address and program, for the audit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ClientInfo"))]
pub struct Client {
    /// Network address, when there is one.
    pub address: Option<String>,
    /// User agent or program.
    pub agent: Option<String>,
}

impl Context {
    /// A context for `user` of `tenant`: now, UTC, no roles, no deadline.
    ///
    /// # Errors
    /// `Config` when either name is empty or longer than 256 bytes, or holds a control character.
    pub fn new(tenant: impl Into<String>, user: impl Into<String>) -> Result<Self> {
        let (tenant, user) = (tenant.into(), user.into());
        for (what, name) in [("tenant", &tenant), ("user", &user)] {
            if name.is_empty() || name.len() > 256 || name.chars().any(char::is_control) {
                return Err(Error::config(format!("the {what} of a context is 1 to 256 bytes without control characters")));
            }
        }
        let made = Timestamp::now();
        Ok(Self {
            tenant,
            user,
            roles: Vec::new(),
            attributes: BTreeMap::new(),
            time_zone: TimeZone::UTC,
            locale: "en".into(),
            now: made,
            deadline: None,
            cancel: CancellationToken::new(),
            session: None,
            client: Client::default(),
            trace_parent: None,
            made,
            has_zone: false,
        })
    }

    /// Sets the roles.
    #[must_use]
    pub fn with_roles<S: Into<String>>(mut self, roles: impl IntoIterator<Item = S>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Adds an attribute for row filters.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<String>, value: Attribute) -> Self {
        self.attributes.insert(name.into(), value);
        self
    }

    /// Sets the moment the question is asked, for instance the as-of date of a frozen database.
    #[must_use]
    pub fn with_now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Sets the user's time zone by IANA name.
    ///
    /// # Errors
    /// `Config` when no such zone is known.
    pub fn with_time_zone(mut self, name: &str) -> Result<Self> {
        self.time_zone = TimeZone::get(name).map_err(|error| {
            Error::config(format!("unknown time zone `{name}`; use an IANA name such as `Europe/Berlin`")).with_source(error)
        })?;
        self.has_zone = true;
        Ok(self)
    }

    /// Sets the deadline to `timeout` from now; an earlier deadline stays.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        let deadline = Instant::now() + timeout;
        self.deadline = Some(self.deadline.map_or(deadline, |earlier| earlier.min(deadline)));
        self
    }

    /// Binds the call to a conversation.
    #[must_use]
    pub fn with_session(mut self, session: impl Into<String>) -> Self {
        self.session = Some(session.into());
        self
    }

    /// The context of one call made under this one at `now`, which does not count where the context was given a moment; `zone` is
    /// the user's unless the context names one.
    pub(crate) fn for_call(&self, now: Timestamp, zone: &TimeZone) -> Self {
        let mut call = self.clone();
        if !self.has_now() {
            call.made = now;
            call.now = now;
        }
        if !self.has_zone && self.time_zone == TimeZone::UTC {
            call.time_zone = zone.clone();
        }
        call
    }

    /// Whether `now` was set and is not the clock's.
    pub(crate) fn has_now(&self) -> bool {
        self.now != self.made
    }

    /// `now` in the user's zone.
    pub fn local_now(&self) -> Zoned {
        self.now.to_zoned(self.time_zone.clone())
    }

    /// Fails when the call was cancelled or its deadline has passed; cheap enough for every stage.
    ///
    /// # Errors
    /// `Cancelled` or `Timeout`.
    pub fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::cancelled("the call was cancelled"));
        }
        match self.deadline {
            Some(deadline) if deadline <= Instant::now() => Err(Error::timeout("the deadline of the call has passed")),
            _ => Ok(()),
        }
    }

    /// `work`, unless the call is cancelled or its deadline passes before it is done.
    ///
    /// # Errors
    /// `Cancelled` or `Timeout`.
    pub(crate) async fn unless_over<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        let over = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::cancelled("the call was cancelled")),
            () = over => Err(Error::timeout("the deadline of the call has passed")),
            done = work => Ok(done),
        }
    }

    /// What a host's adapter gets to see: plain data, without the cancel token.
    pub fn to_host(&self) -> HostContext {
        HostContext {
            tenant: self.tenant.clone(),
            user: self.user.clone(),
            roles: self.roles.clone(),
            attributes: self.attributes.clone(),
            time_zone: self.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            locale: self.locale.clone(),
            now: self.now,
            session: self.session.clone(),
            client: self.client.clone(),
            trace_parent: self.trace_parent.clone(),
        }
    }
}

/// The context as plain data, handed to adapters in any language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostContext {
    /// The tenant.
    pub tenant: String,
    /// The user.
    pub user: String,
    /// The user's roles.
    pub roles: Vec<String>,
    /// The user's attributes.
    pub attributes: BTreeMap<String, Attribute>,
    /// IANA name of the user's zone.
    pub time_zone: String,
    /// BCP 47 tag.
    pub locale: String,
    /// The moment the question is asked.
    pub now: Timestamp,
    /// Conversation.
    pub session: Option<String>,
    /// Where the call comes from.
    pub client: Client,
    /// W3C `traceparent`.
    pub trace_parent: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn names_are_required() {
        assert_eq!(Context::new("", "u").unwrap_err().kind(), ErrorKind::Config);
        assert_eq!(Context::new("t", "u\n").unwrap_err().kind(), ErrorKind::Config);
    }

    #[test]
    fn check_reports_cancellation_before_timeout() {
        let ctx = Context::new("t", "u").unwrap().with_timeout(Duration::ZERO);
        assert_eq!(ctx.check().unwrap_err().kind(), ErrorKind::Timeout);
        ctx.cancel.cancel();
        assert_eq!(ctx.check().unwrap_err().kind(), ErrorKind::Cancelled);
    }

    #[test]
    fn debug_shows_no_attribute_values() {
        let ctx = Context::new("t", "u").unwrap().with_attribute("region", Attribute::One("north-secret".into()));
        assert!(!format!("{ctx:?}").contains("north-secret"));
    }
}
