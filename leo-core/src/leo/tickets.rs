//! Questions that are answered later, because too many were asked at once or the model that they need is down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AskOptions, Leo};
use crate::adapter::{AuditEvent, KeyStore, PutOptions, Storage};
use crate::ask::{Answer, AnswerStatus, AskEvent, Refusal, Ticket, TicketReason};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::seal::Sealer;
use crate::settings::SettingsLayer;
use crate::store::{MemoryStorage, TenantStore};

/// Tickets of a tenant at most.
const MOST: u64 = 1_000;
/// How long a ticket is of use where the call has no deadline.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// What the names of tickets begin with.
const PREFIX: &str = "ticket/";

/// The questions of the user of a handle that are answered later: [`Leo::tickets`].
///
/// # Behavior
/// With `ask.on_overload` = `queue`, a question that cannot be answered at once comes back as an answer with the status `queued` and a
/// [`ticket`](Answer::ticket). Whoever asked [redeems](Self::redeem) it: with the rights that he has then. A ticket belongs to the user who asked; to everybody
/// else, of the same tenant too, it is not there. It is of use until the deadline of the call that asked, or for a day. With a storage and
/// a key store tickets are kept sealed and outlive the process.
///
/// # Example
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use leo::{AnswerStatus, AskOptions, Leo};
///
/// let leo = Leo::sample()?;
/// let answer = leo.ask("How many customers do we have?").await?;
/// if let Some(ticket) = &answer.ticket {
///     println!("place {}, in about {:?} ms", ticket.position, ticket.eta_ms);
///     let answer = leo.tickets().redeem(&ticket.id).await?;
///     assert_ne!(answer.status, AnswerStatus::Queued);
/// }
/// assert!(leo.tickets().list().await?.is_empty());
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Tickets {
    leo: Leo,
}

impl Leo {
    /// The user's questions that are answered later.
    pub fn tickets(&self) -> Tickets {
        Tickets { leo: self.clone() }
    }

    /// The answer that is given later, with a ticket by which it is.
    pub(super) async fn with_ticket(&self, mut answer: Answer, options: &AskOptions) -> Result<Answer> {
        let ctx = self.context(&TimeZone::UTC).await?;
        let kept = Kept::of(&answer, options, &ctx);
        let before = self.shared.tickets.put(&ctx, &answer.id, &kept).await?;
        let ticket = self.placed(&ctx, &answer.id, kept, before).await;
        hand_out(&mut answer, ticket);
        Ok(answer)
    }

    /// The ticket as it stands in the line, behind so many others.
    async fn placed(&self, ctx: &Context, id: &str, kept: Kept, before: u64) -> Ticket {
        let asking = &self.shared.asking;
        let position = asking.waiting(&ctx.tenant) + before + 1;
        // A source that was removed meanwhile is told when the ticket is redeemed.
        let settings = self.settings(Some(&kept.source)).await.ok();
        let most = settings.and_then(|resolved| resolved.settings.ask.max_at_once).unwrap_or(1);
        // When a model is back nobody knows.
        let eta = if kept.reason == TicketReason::Overload { asking.eta(position, most) } else { None };
        Ticket {
            id: id.to_owned(),
            question: kept.question,
            source: kept.source,
            session_id: kept.options.session,
            reason: kept.reason,
            position,
            eta_ms: eta.map(|eta| u64::try_from(eta.as_millis()).unwrap_or(u64::MAX)),
            created_at: kept.created_at,
            deadline: kept.deadline,
        }
    }
}

impl Tickets {
    /// All tickets of the user that are still of use, the oldest first.
    ///
    /// # Errors
    /// `Config` without a user, the storage's.
    pub async fn list(&self) -> Result<Vec<Ticket>> {
        let ctx = self.context().await?;
        let mut list = Vec::new();
        for (before, id, kept) in self.store().all(&ctx).await? {
            list.push(self.leo.placed(&ctx, &id, kept, before).await);
        }
        Ok(list)
    }

    /// A ticket as it stands now.
    ///
    /// # Errors
    /// `NotFound` for one that the user does not have, or whose time is over; `Config` without a user, the storage's.
    pub async fn get(&self, id: &str) -> Result<Ticket> {
        let ctx = self.context().await?;
        let kept = self.store().get(&ctx, id).await?.ok_or_else(|| not_found(id))?;
        let before = self.store().before(&ctx, id).await?;
        Ok(self.leo.placed(&ctx, id, kept, before).await)
    }

    /// Asks the question, if there is room for it and what it waits for is there again; else the answer is `queued` once more, with the same ticket.
    ///
    /// # Behavior
    /// What is answered is the question as it was asked, now: with the user's present rights, on the data as it is. The ticket is gone then. Where the call
    /// fails for a reason that may pass, it stays.
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`ask_with`](Leo::ask_with).
    pub async fn redeem(&self, id: &str) -> Result<Answer> {
        self.redeem_observed(id, &|_| {}).await
    }

    /// [`redeem`](Self::redeem), telling `observer` as each stage begins and ends.
    ///
    /// # Errors
    /// As [`redeem`](Self::redeem).
    pub async fn redeem_observed(&self, id: &str, observer: &(dyn Fn(AskEvent) + Send + Sync)) -> Result<Answer> {
        let ctx = self.context().await?;
        let kept = self.store().get(&ctx, id).await?.ok_or_else(|| not_found(id))?;
        let options = kept.options()?;
        let mut identity = self.leo.identity()?.clone();
        let left = Duration::try_from(kept.deadline.duration_since(Timestamp::now())).unwrap_or_default();
        if let Some(deadline) = Instant::now().checked_add(left) {
            identity.deadline = Some(identity.deadline.map_or(deadline, |own| own.min(deadline)));
        }
        let asked = self.leo.for_user(identity);
        let answered = asked.ask_in_turn(&kept.question, &options, observer).await;
        match answered {
            Ok((mut answer, _)) if answer.status == AnswerStatus::Queued => {
                let reason = answer.waits_for.unwrap_or(kept.reason);
                let before = self.store().before(&ctx, id).await?;
                let ticket = self.leo.placed(&ctx, id, Kept { reason, ..kept }, before).await;
                hand_out(&mut answer, ticket);
                Ok(answer)
            }
            Ok((answer, talk)) => {
                self.forget(&ctx, id).await;
                Ok(self.leo.told(talk, answer).await)
            }
            Err(error) => {
                if !may_pass(error.kind()) {
                    self.forget(&ctx, id).await;
                }
                Err(error)
            }
        }
    }

    /// Gives a ticket back: the question is not answered any more.
    ///
    /// # Errors
    /// As [`get`](Self::get), and the audit sink's: the ticket is there then.
    pub async fn cancel(&self, id: &str) -> Result<()> {
        let ctx = self.context().await?;
        let kept = self.store().get(&ctx, id).await?.ok_or_else(|| not_found(id))?;
        let event = AuditEvent {
            preset: Some(self.leo.shared.preset.as_str().to_owned()),
            source: Some(kept.source),
            target: Some("ticket".to_owned()),
            status: Some("cancelled".to_owned()),
            ..audit::event(&ctx, "workflow_state_transition")
        };
        self.leo.shared.audit.append(vec![event]).await?;
        self.store().delete(&ctx, id).await
    }

    /// A ticket that is answered is of no use any more; that it could not be deleted takes nothing from the answer.
    async fn forget(&self, ctx: &Context, id: &str) {
        if let Err(error) = self.store().delete(ctx, id).await {
            tracing::warn!(kind = %error.kind(), "a ticket that was answered could not be deleted");
        }
    }

    async fn context(&self) -> Result<Context> {
        self.leo.context(&TimeZone::UTC).await
    }

    fn store(&self) -> &TicketStore {
        &self.leo.shared.tickets
    }
}

fn not_found(id: &str) -> Error {
    let shown: String = id.chars().take(40).collect();
    Error::not_found(format!("there is no ticket `{shown}`: it was answered or given back, or its time is over"))
}

/// Whether the next try may do better.
fn may_pass(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Unavailable | ErrorKind::RateLimited | ErrorKind::Timeout | ErrorKind::Cancelled | ErrorKind::Conflict
    )
}

fn hand_out(answer: &mut Answer, ticket: Ticket) {
    let what = match ticket.reason {
        TicketReason::Overload => "others of your organisation asked before",
        TicketReason::ModelDown => "the model that it needs cannot be reached",
    };
    let when = ticket.eta_ms.map_or_else(String::new, |eta| format!(" in about {} s", eta.div_ceil(1_000).max(1)));
    let message = format!("the question waits, because {what}; it has place {}, redeem its ticket{when}", ticket.position);
    answer.refusal = Some(Refusal { message, ..Refusal::default() });
    answer.ticket = Some(ticket);
}

/// What is kept of a question.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    user: String,
    question: String,
    source: String,
    reason: TicketReason,
    created_at: Timestamp,
    deadline: Timestamp,
    options: KeptOptions,
}

/// How it is asked.
#[derive(Clone, Serialize, Deserialize)]
struct KeptOptions {
    source: Option<String>,
    as_of: Option<jiff::civil::Date>,
    max_rows: Option<u64>,
    timeout_ms: Option<u64>,
    session: Option<String>,
    settings: serde_json::Value,
}

impl Kept {
    fn of(answer: &Answer, options: &AskOptions, ctx: &Context) -> Self {
        let created_at = Timestamp::now();
        let left = ctx.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| SignedDuration::try_from(left).ok()).map_or(A_DAY, |left| left.min(A_DAY));
        let AskOptions { source, as_of, max_rows, timeout, session, settings } = options;
        let timeout_ms = timeout.map(|timeout| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        // A layer is a tree of plain values.
        let settings = serde_json::to_value(settings).unwrap_or_default();
        let session = session.clone().or_else(|| answer.session_id.clone());
        let (source, as_of, max_rows) = (source.clone(), *as_of, *max_rows);
        Self {
            user: ctx.user.clone(),
            question: answer.question.clone(),
            source: answer.source.clone(),
            reason: answer.waits_for.unwrap_or(TicketReason::Overload),
            created_at,
            deadline: created_at.checked_add(left).unwrap_or(Timestamp::MAX),
            options: KeptOptions { source, as_of, max_rows, timeout_ms, session, settings },
        }
    }

    fn options(&self) -> Result<AskOptions> {
        let KeptOptions { source, as_of, max_rows, timeout_ms, session, settings } = self.options.clone();
        let settings = SettingsLayer::from_value(settings)?;
        let timeout = timeout_ms.map(Duration::from_millis);
        Ok(AskOptions { source, as_of, max_rows, timeout, session, settings })
    }
}

/// Where tickets are kept: sealed in the host's storage, or in the process, because they hold what people wrote.
#[derive(Debug)]
pub(crate) struct TicketStore {
    storage: Arc<dyn Storage>,
    sealer: Option<Sealer>,
}

impl TicketStore {
    pub(crate) fn new(storage: Option<Arc<dyn Storage>>, keys: Option<Arc<dyn KeyStore>>) -> Self {
        match storage.zip(keys) {
            Some((storage, keys)) => Self { storage, sealer: Some(Sealer::new(keys)) },
            None => Self { storage: Arc::new(MemoryStorage::default()), sealer: None },
        }
    }

    /// Keeps a new ticket; how many of the tenant's are older.
    async fn put(&self, ctx: &Context, id: &str, kept: &Kept) -> Result<u64> {
        let store = self.store(ctx);
        let before = self.before(ctx, id).await?;
        if before >= MOST {
            return Err(Error::new(ErrorKind::RateLimited, format!("{MOST} questions wait already; ask again later"))
                .with_retry_after(Duration::from_secs(60)));
        }
        let name = name(id);
        let value =
            serde_json::to_vec(kept).map_err(|error| Error::internal("the ticket could not be written").with_source(error))?;
        let value = match &self.sealer {
            Some(sealer) => sealer.seal(&store.place(&name), &value).await?,
            None => value,
        };
        let left = Duration::try_from(kept.deadline.duration_since(kept.created_at)).unwrap_or_default();
        store.put(&name, &value, PutOptions { ttl: Some(left.max(Duration::from_millis(1))), ..PutOptions::new() }).await?;
        Ok(before)
    }

    /// The user's ticket; nothing where its time is over.
    async fn get(&self, ctx: &Context, id: &str) -> Result<Option<Kept>> {
        if uuid::Uuid::try_parse(id).is_err() {
            return Ok(None);
        }
        let (store, name) = (self.store(ctx), name(id));
        let value = match &self.sealer {
            Some(sealer) => store.get_sealed(sealer, &name).await?,
            None => store.get(&name).await?.map(|kept| kept.value),
        };
        let kept: Option<Kept> = value.and_then(|value| serde_json::from_slice(&value).ok());
        Ok(kept.filter(|kept| kept.user == ctx.user && kept.deadline > Timestamp::now()))
    }

    /// The user's tickets, the oldest first, each with how many of the tenant's are older.
    async fn all(&self, ctx: &Context) -> Result<Vec<(u64, String, Kept)>> {
        let mut all = Vec::new();
        for (before, name) in (0..).zip(self.store(ctx).names(PREFIX).await?) {
            let Some(id) = name.strip_prefix(PREFIX) else { continue };
            all.extend(self.get(ctx, id).await?.map(|kept| (before, id.to_owned(), kept)));
        }
        Ok(all)
    }

    /// How many tickets of the tenant are older. Ids begin with the time.
    async fn before(&self, ctx: &Context, id: &str) -> Result<u64> {
        let (names, own) = (self.store(ctx).names(PREFIX).await?, name(id));
        Ok(names.iter().filter(|name| **name < own).count() as u64)
    }

    async fn delete(&self, ctx: &Context, id: &str) -> Result<()> {
        self.store(ctx).delete(&name(id), None).await
    }

    fn store(&self, ctx: &Context) -> TenantStore {
        TenantStore::new(Arc::clone(&self.storage), &ctx.tenant)
    }
}

fn name(id: &str) -> String {
    format!("{PREFIX}{id}")
}
