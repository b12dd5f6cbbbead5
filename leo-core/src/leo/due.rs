//! What is to be done by the clock, when the host says that it is time to look.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Leo;
use super::learned::Due;
use crate::adapter::Action;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::registry::Entry;
use crate::sync::{SyncOptions, SyncStatus};

/// A source whose sync was due.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DueSync {
    /// The source.
    pub source: String,
    /// When the sync was due; none where the source was never synced.
    pub due: Option<Timestamp>,
    /// How it went; none where it could not begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<SyncStatus>,
    /// Why it failed, with what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl Leo {
    /// Does what is due by the moment of the call: syncs each source with the setting `sync.interval_minutes` whose last sync, in whichever process,
    /// ended that long ago, failed, or was never made. Call it from a timer; it starts none of its own.
    ///
    /// # Behavior
    /// Sources where the user may not manage sources are left alone, and those whose sync is under way. One after the other; what fails at
    /// one source is told and keeps no other from its turn. Several processes that share a [`storage`](crate::LeoBuilder::storage) with
    /// [`keys`](crate::LeoBuilder::keys) may call it at once: each sync is made once. A sync that failed is due again after a tenth of the
    /// interval, and a minute at the least.
    ///
    /// # Errors
    /// `Config` without a user; `Cancelled` and `Timeout` of the call, the audit sink's.
    pub async fn run_due(&self) -> Result<Vec<DueSync>> {
        let mut done = Vec::new();
        for entry in self.shared.registry.of_tenant(&self.identity()?.tenant) {
            let (ctx, entry) = self.who_and_what(Some(entry.id())).await?;
            ctx.check()?;
            let Some(minutes) = self.settings(Some(entry.id())).await?.settings.sync.interval_minutes else { continue };
            match self.authorise(&ctx, Action::ManageSources, entry.id()).await {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Denied => continue,
                Err(error) => return Err(error),
            }
            let Due::Mine(lease) = self.shared.learned.due(&ctx, &entry).await? else { continue };
            let sync = self.sync_when_due(&ctx, &entry, minutes).await;
            if let Some(lease) = lease {
                lease.give_back().await;
            }
            ctx.check()?;
            done.extend(sync?);
        }
        Ok(done)
    }

    /// Syncs a source, unless it is too early or a sync is under way.
    async fn sync_when_due(&self, ctx: &Context, entry: &Arc<Entry>, minutes: u64) -> Result<Option<DueSync>> {
        if self.status_of(entry).await?.is_under_way() {
            return Ok(None);
        }
        // Another process may have ended one since this one looked.
        let last = match self.shared.learned.status(entry).await? {
            Some(kept) => kept,
            None => self.status_of(entry).await?,
        };
        let due = next(&last, minutes);
        if due.is_some_and(|due| due > ctx.now && !was_put_back(ctx.now, &last, due)) {
            return Ok(None);
        }
        let mut sync = DueSync { source: entry.id().to_owned(), due, status: None, error: None };
        sync.error = self.sync_entry(ctx.clone(), entry, &SyncOptions::default(), &|_| {}).await.err();
        sync.status = Some(self.status_of(entry).await?);
        Ok(Some(sync))
    }
}

/// When the sync after `last` is due; none for at once.
fn next(last: &SyncStatus, minutes: u64) -> Option<Timestamp> {
    let minutes = if last.error.is_some() { (minutes / 10).max(1) } else { minutes };
    let wait = SignedDuration::from_mins(i64::try_from(minutes).ok()?);
    // A moment too far away to count to never comes.
    Some(last.ended?.checked_add(wait).unwrap_or(Timestamp::MAX))
}

/// Whether the clock was put back since: the `last` sync ended later than it could have. The source need not wait until the time is what it was.
fn was_put_back(now: Timestamp, last: &SyncStatus, due: Timestamp) -> bool {
    // Processes' clocks differ, and a call's time stands still.
    last.ended.is_some_and(|ended| ended.duration_since(now) > due.duration_since(ended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_is_due_an_interval_after_the_last_one_ended() {
        let mut last = SyncStatus::default();
        assert_eq!(next(&last, 60), None);
        last.ended = Some("2026-01-01T12:00:00Z".parse().unwrap());
        assert_eq!(next(&last, 60).unwrap().to_string(), "2026-01-01T13:00:00Z");
        last.error = Some("the server is down".into());
        assert_eq!(next(&last, 60).unwrap().to_string(), "2026-01-01T12:06:00Z");
        assert_eq!(next(&last, 1).unwrap().to_string(), "2026-01-01T12:01:00Z");
        assert_eq!(next(&SyncStatus { error: None, ..last }, u64::MAX), None);
    }
}
