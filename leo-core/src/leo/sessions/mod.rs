//! The conversations of a user: listed, looked at, named, pinned, exported, deleted.

mod keep;
mod talk;
#[cfg(all(test, feature = "sqlite"))]
mod tests;
#[cfg(all(test, feature = "sqlite"))]
mod tests_measure;

use jiff::tz::TimeZone;

use super::Leo;
use crate::adapter::AuditEvent;
use crate::ask::conversation::{Session, SessionFormat, SessionInfo, check_id, checked_title};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
pub(crate) use keep::SessionStore;
pub(super) use talk::Talk;

/// The conversations of the user of a handle: [`Leo::sessions`].
///
/// # Behavior
/// A session begins with the first question that names it ([`AskOptions::session`](crate::AskOptions::session)). It belongs to the user who asks: to
/// everybody else, of the same tenant too, it is not there. With a storage and a key store sessions are kept sealed; else the process
/// keeps the 1,000 that were used last. The last ten turns are kept in full, of earlier ones question and reading, and of more than 200 the
/// oldest go.
///
/// # Example
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use leo::{AskOptions, Leo};
///
/// let leo = Leo::sample()?;
/// let options = AskOptions { session: Some("monday".into()), ..AskOptions::default() };
/// leo.ask_with("Which customers are in Germany?", &options).await?;
/// let answer = leo.ask_with("How many are there?", &options).await?;
/// let kept = answer.conversation.unwrap().kept;
/// assert_eq!(kept.len(), 1);
///
/// // Without the condition again.
/// let all = leo.ask_query(kept[0].without.clone(), &options).await?;
/// assert!(all.conversation.is_none());
///
/// leo.sessions().pin("monday", true).await?;
/// assert_eq!(leo.sessions().list().await?[0].title, "Which customers are in Germany?");
/// leo.sessions().delete("monday").await?;
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Sessions {
    leo: Leo,
}

impl Leo {
    /// The user's conversations.
    pub fn sessions(&self) -> Sessions {
        Sessions { leo: self.clone() }
    }
}

impl Sessions {
    /// All sessions of the user: pinned ones first, then those asked in last.
    ///
    /// # Errors
    /// `Config` without a user, the storage's.
    pub async fn list(&self) -> Result<Vec<SessionInfo>> {
        let ctx = self.context().await?;
        let mut list: Vec<SessionInfo> = self.store().all(&ctx).await?.iter().map(|session| session.info()).collect();
        list.sort_by(|a, b| (b.pinned, b.changed_at, &b.id).cmp(&(a.pinned, a.changed_at, &a.id)));
        Ok(list)
    }

    /// A session with its turns.
    ///
    /// # Errors
    /// `NotFound` for one that the user does not have, `Malformed` for what can be no id, `Config` without a user, the storage's.
    pub async fn get(&self, id: &str) -> Result<Session> {
        check_id(id)?;
        let ctx = self.context().await?;
        self.store().get(&ctx, id).await?.0.ok_or_else(|| not_found(id))
    }

    /// Gives a session another title.
    ///
    /// # Errors
    /// As [`get`](Self::get); `Malformed` for an empty title or one of more than 200 characters; the audit sink's: nothing changed then.
    pub async fn rename(&self, id: &str, title: &str) -> Result<SessionInfo> {
        let title = checked_title(title)?;
        self.change(id, "renamed", |session| session.title.clone_from(&title)).await
    }

    /// Lists a session before others, or not any more.
    ///
    /// # Errors
    /// As [`get`](Self::get), and the audit sink's: nothing changed then.
    pub async fn pin(&self, id: &str, pinned: bool) -> Result<SessionInfo> {
        self.change(id, if pinned { "pinned" } else { "unpinned" }, |session| session.pinned = pinned).await
    }

    /// Deletes a session, with everything that was asked in it.
    ///
    /// # Errors
    /// As [`get`](Self::get), and the audit sink's: nothing was deleted then.
    pub async fn delete(&self, id: &str) -> Result<()> {
        let ctx = self.known(id, "deleted").await?;
        self.store().delete(&ctx, id).await
    }

    /// A session as text.
    ///
    /// # Errors
    /// As [`get`](Self::get), and the audit sink's.
    pub async fn export(&self, id: &str, format: SessionFormat) -> Result<String> {
        let ctx = self.known(id, "exported").await?;
        self.store().get(&ctx, id).await?.0.ok_or_else(|| not_found(id))?.export(format)
    }

    async fn change(&self, id: &str, what: &str, edit: impl Fn(&mut Session)) -> Result<SessionInfo> {
        let ctx = self.known(id, what).await?;
        let session = self.store().update(&ctx, id, |session| {
            session.map(|mut session| {
                edit(&mut session);
                session
            })
        });
        session.await?.map(|session| session.info()).ok_or_else(|| not_found(id))
    }

    /// Whose session it is, once what is done to it is in the audit.
    async fn known(&self, id: &str, what: &str) -> Result<Context> {
        self.get(id).await?;
        let mut ctx = self.context().await?;
        ctx.session = Some(id.to_owned());
        let event = AuditEvent {
            preset: Some(self.leo.shared.preset.as_str().to_owned()),
            target: Some(what.to_owned()),
            ..audit::event(&ctx, "session_changed")
        };
        self.leo.shared.audit.append(vec![event]).await?;
        Ok(ctx)
    }

    async fn context(&self) -> Result<Context> {
        self.leo.context(&TimeZone::UTC).await
    }

    fn store(&self) -> &SessionStore {
        &self.leo.shared.sessions
    }
}

fn not_found(id: &str) -> Error {
    Error::not_found(format!("you have no session `{id}`; list your sessions to see which there are"))
}
