//! What every call is made with: the user's context, the settings in force, and a hold on a source that is open and known.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use futures::FutureExt as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Leo;
use super::options::Limits;
use super::sessions::Talk;
use crate::adapter::Action;
use crate::ask::AskEvent;
use crate::ask::meaning::Kept;
use crate::ask::pipeline::Call;
use crate::ask::target::{Known, Target};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::registry::{Entry, Lease};
use crate::settings::{Level, Settings, SettingsLayer};
use crate::sync::SyncOptions;

impl Leo {
    /// Makes what a stage needs to know of the call, and makes it.
    pub(super) async fn call<T>(
        &self,
        action: Action,
        limits: Limits<'_>,
        observer: &(dyn Fn(AskEvent) + Send + Sync),
        make: impl AsyncFnOnce(&Call<'_>) -> Result<T>,
    ) -> Result<T> {
        self.call_holding(action, limits, observer, make).await.map(|(made, _)| made)
    }

    /// [`call`](Self::call), with the hold on the source for what outlives it.
    pub(super) async fn call_holding<T>(
        &self,
        action: Action,
        limits: Limits<'_>,
        observer: &(dyn Fn(AskEvent) + Send + Sync),
        make: impl AsyncFnOnce(&Call<'_>) -> Result<T>,
    ) -> Result<(T, Lease)> {
        let began = Instant::now();
        let (mut ctx, entry) = self.who_and_what(limits.source).await?;
        let tenant = self.shared.tenants.of(&ctx).await?;
        let own = limits.settings.filter(|layer| !layer.is_empty());
        let resolved = match (&tenant, own) {
            (None, None) => None,
            (tenant, own) => {
                let resolved = self.resolve(&entry, tenant.as_deref(), own.unwrap_or(&SettingsLayer::default()))?;
                let hash = resolved.settings.hash();
                Some((resolved, hash))
            }
        };
        let (settings, settings_hash) = resolved
            .as_ref()
            .map_or((entry.settings.settings(), entry.settings.hash.as_str()), |(resolved, hash)| (&resolved.settings, hash));
        if resolved.is_some() {
            ctx = self.identity()?.for_call(ctx.now, &zone(settings));
        }
        if let Some(talk) = limits.talk {
            ctx.session = Some(talk.id().to_owned());
        }
        // The states of both are large; on the heap they are made once, wherever the caller puts this one.
        let (lease, known) = self.ready(&mut ctx, action, &entry).boxed().await?;
        let origin = resolved.as_ref().and_then(|(resolved, _)| resolved.origin(FISCAL));
        let adjusted = with_calendar(settings, origin, &known);
        let adjusted = adjusted.as_ref().map(|settings| (settings, settings.hash()));
        let (settings, settings_hash) = adjusted.as_ref().map_or((settings, settings_hash), |(settings, hash)| (*settings, hash));
        let as_of = as_of(&mut ctx, limits.as_of, self.identity.as_ref(), lease.target())?;
        let call = Call {
            began,
            ctx: &ctx,
            as_of,
            target: lease.target(),
            connector: lease.connector(),
            known,
            audit: &self.shared.audit,
            authorizer: &*self.shared.authorizer,
            model: self.shared.models.as_deref(),
            ledger: &self.shared.ledger,
            cache: &self.shared.cache,
            conversation: limits.talk.map(Talk::conversation),
            kept: self.vectors_kept(&ctx, action, &entry),
            twins: &self.shared.twins,
            settings,
            settings_hash,
            max_rows: limits.max_rows,
            timeout: limits.timeout,
            observer,
            unreached: OnceLock::new(),
        };
        let made = Box::pin(make(&call)).await;
        match call.unreached.into_inner() {
            Some(error) => lease.entry().note::<()>(&Err(error)),
            None => lease.entry().note(&made),
        }
        Ok((lease.told(made)?, lease))
    }

    /// Where vectors of the source's names outlive the process; of use to those alone who look for names.
    fn vectors_kept(&self, ctx: &Context, action: Action, entry: &Entry) -> Option<Kept> {
        self.shared.embedder.as_ref().filter(|_| action == Action::Browse)?;
        self.shared.learned.meanings(&ctx.tenant, entry)
    }

    /// A hold on the source, open and known, under which `ctx` is cancelled too when the source is disconnected. Where it has to be
    /// opened or learned first, that is done for those alone who may do `action` there; the pipeline asks again, and for more.
    async fn ready(&self, ctx: &mut Context, action: Action, entry: &Arc<Entry>) -> Result<(Lease, Arc<Known>)> {
        if let Some(lease) = entry.lease(ctx)?
            && let Some(known) = lease.target().known()
        {
            ctx.cancel = lease.cancel().clone();
            return Ok((lease, known));
        }
        self.authorise(ctx, action, entry.id()).await?;
        let lease = match self.shared.registry.acquire(&self.by(ctx, entry), entry).await {
            Ok(lease) => lease,
            // What is known of it can be told all the same, and perhaps what was read of it before.
            Err(error) => entry.unreachable(ctx, error)?,
        };
        ctx.cancel = lease.cancel().clone();
        if let Some(known) = lease.target().known() {
            return Ok((lease, known));
        }
        let known = async {
            let _alone = ctx.unless_over(lease.target().syncing.lock()).await?;
            match lease.target().known() {
                Some(known) => Ok(known),
                None => self.learn(ctx, &lease, &SyncOptions::default(), &|_| {}).await,
            }
        };
        let known = lease.told(known.await)?;
        Ok((lease, known))
    }
}

const FISCAL: &str = "calendar.fiscal_year_start";

/// The settings with the fiscal year that is known of the source, unless the tenant or the call has one.
fn with_calendar(settings: &Settings, origin: Option<Level>, known: &Known) -> Option<Settings> {
    let month = known.knowledge.fiscal_year_start?;
    if matches!(origin, Some(Level::Tenant | Level::Call)) || settings.calendar.fiscal_year_start == month {
        return None;
    }
    let mut settings = settings.clone();
    settings.calendar.fiscal_year_start = month;
    Some(settings)
}

/// The zone of a source's calls where their context has none.
pub(super) fn zone(settings: &Settings) -> TimeZone {
    TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC)
}

/// The moment the call counts from: the call's as-of date, the context's own moment, the source's as-of date, the clock.
fn as_of(ctx: &mut Context, call: Option<Date>, identity: Option<&Context>, target: &Target) -> Result<bool> {
    let set = identity.is_some_and(Context::has_now);
    let Some(day) = call.or(target.as_of.filter(|_| !set)) else { return Ok(set) };
    let noon = day.at(12, 0, 0, 0).to_zoned(ctx.time_zone.clone());
    ctx.now =
        noon.map_err(|error| Error::new(ErrorKind::Malformed, "the as-of date is out of range").with_source(error))?.timestamp();
    Ok(true)
}
