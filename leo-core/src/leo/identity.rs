//! Who calls, what about, and whether they may.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::time::timeout;

use super::Leo;
use super::call::zone;
use crate::adapter::{AccessRequest, Action, AuditEvent, Clock, caught};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::gate::RecordMeta;
use crate::registry::{By, Entry, SourceSettings};
use crate::settings::Preset;

/// Time a host's clock has to say what time it is.
const CLOCK_TIMEOUT: Duration = Duration::from_secs(5);

impl Leo {
    /// Who is asking.
    ///
    /// # Errors
    /// `Config` when nobody is.
    pub(crate) fn identity(&self) -> Result<&Context> {
        self.identity.as_ref().ok_or_else(|| Error::config("nobody is asking: bind a user with `for_user(ctx)` first"))
    }

    /// The context of a call made now, in `zone` unless whoever asks has one of their own.
    pub(crate) async fn context(&self, zone: &TimeZone) -> Result<Context> {
        let identity = self.identity()?;
        let now = match &self.shared.clock {
            Some(clock) if !identity.has_now() => identity.unless_over(read(&**clock)).await??,
            _ => Timestamp::now(),
        };
        Ok(identity.for_call(now, zone))
    }

    /// The context of this call and the source it is about.
    pub(crate) async fn who_and_what(&self, source: Option<&str>) -> Result<(Context, Arc<Entry>)> {
        let entry = self.what(source)?;
        Ok((self.context(&zone(entry.settings.settings())).await?, entry))
    }

    /// The source that a call is about.
    pub(super) fn what(&self, source: Option<&str>) -> Result<Arc<Entry>> {
        self.shared.registry.find(&self.identity()?.tenant, source)
    }

    /// [`who_and_what`](Self::who_and_what), when the user may do `action` there.
    pub(super) async fn allowed(&self, action: Action, source: Option<&str>) -> Result<(Context, Arc<Entry>)> {
        let (ctx, entry) = self.who_and_what(source).await?;
        self.authorise(&ctx, action, entry.id()).await?;
        Ok((ctx, entry))
    }

    /// The source, when the user may change it: what all tenants share, the host alone changes.
    pub(crate) async fn may_change(&self, source: Option<&str>) -> Result<(Context, Arc<Entry>)> {
        let (ctx, entry) = self.allowed(Action::ManageSources, source).await?;
        self.may_decide(&ctx, &entry).await?;
        Ok((ctx, entry))
    }

    /// Whether somebody who may manage the source may also settle something about it that lasts.
    pub(super) async fn may_decide(&self, ctx: &Context, entry: &Entry) -> Result<()> {
        if entry.key.tenant.is_none() && self.shared.preset != Preset::Local {
            let id = entry.id();
            let error = Error::denied(format!("the source `{id}` is there for all tenants; the host alone can change it"));
            self.record_denial(ctx, Action::ManageSources, id, &error).await?;
            return Err(error);
        }
        Ok(())
    }

    /// The context of a call that is about no source in particular, when the user may do `action` at the first one, or at `*` where
    /// there is none.
    pub(super) async fn allowed_in_general(&self, action: Action) -> Result<Context> {
        let identity = self.identity()?;
        let first = self.shared.registry.of_tenant(&identity.tenant).into_iter().next();
        let ctx = self.context(&TimeZone::UTC).await?;
        self.authorise(&ctx, action, first.as_ref().map_or("*", |entry| entry.id())).await?;
        Ok(ctx)
    }

    /// Asks whether the user may do `action` at `source`; a denial is in the audit before it is told.
    pub(crate) async fn authorise(&self, ctx: &Context, action: Action, source: &str) -> Result<()> {
        let request = AccessRequest { action, source: source.to_owned() };
        let Err(error) = self.shared.authorizer.authorize(ctx.to_host(), request).await else { return Ok(()) };
        self.record_denial(ctx, action, source, &error).await?;
        Err(error)
    }

    /// Writes into the audit that the user may not do `action` at `source`.
    pub(crate) async fn record_denial(&self, ctx: &Context, action: Action, source: &str, error: &Error) -> Result<()> {
        let event = AuditEvent {
            source: Some(source.to_owned()),
            preset: Some(self.shared.preset.as_str().to_owned()),
            target: Some(action.as_str().to_owned()),
            status: Some("refused".into()),
            error: Some(error.kind().as_str().to_owned()),
            ..audit::event(ctx, "security_gate_decision")
        };
        self.shared.audit.append(vec![event]).await
    }

    /// Who uses a source in this call, and where that is recorded.
    pub(crate) fn by<'a>(&'a self, ctx: &'a Context, entry: &Entry) -> By<'a> {
        By { ctx, audit: &self.shared.audit, meta: self.meta(&entry.settings) }
    }

    pub(crate) fn meta(&self, settings: &SourceSettings) -> RecordMeta {
        RecordMeta { question: None, preset: self.shared.preset, settings_hash: settings.hash.clone() }
    }
}

/// What the host's clock says.
async fn read(clock: &dyn Clock) -> Result<Timestamp> {
    let asked = caught("the host's clock failed", async || clock.now().await);
    timeout(CLOCK_TIMEOUT, asked).await.map_err(|_| {
        let limit = CLOCK_TIMEOUT.as_secs();
        Error::timeout(format!("the host's clock did not say within {limit} s what time it is; try again, and look after it"))
    })?
}
