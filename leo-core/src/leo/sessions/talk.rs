//! A question in its conversation: what was asked before is read, and what came of it is kept.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::ask::Answer;
use crate::ask::conversation::{Conversation, Session, Turn, check_id};
use crate::ask::review::{Warning, WarningCode};
use crate::context::Context;
use crate::error::Result;
use crate::leo::Leo;

/// The conversation of a call.
#[derive(Debug)]
pub(in crate::leo) struct Talk {
    ctx: Context,
    id: String,
    conversation: Arc<Conversation>,
    /// Why nothing is known of it, where it could not be read.
    warning: Option<Warning>,
}

impl Talk {
    pub(in crate::leo) fn id(&self) -> &str {
        &self.id
    }

    pub(in crate::leo) fn conversation(&self) -> Arc<Conversation> {
        Arc::clone(&self.conversation)
    }
}

impl Leo {
    /// The conversation that a call belongs to: the option's, else the context's.
    ///
    /// # Errors
    /// `Config` without a user, `Malformed` for what can be no id.
    pub(in crate::leo) async fn talk(&self, session: Option<&str>) -> Result<Option<Talk>> {
        let Some(id) = session.or(self.identity()?.session.as_deref()).map(str::to_owned) else { return Ok(None) };
        check_id(&id)?;
        let ctx = self.context(&TimeZone::UTC).await?;
        let read = ctx.unless_over(self.shared.sessions.get(&ctx, &id)).await?;
        let (conversation, warning) = match read {
            Ok((session, _)) => (session.map(|session| session.conversation()).unwrap_or_default(), None),
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "a conversation could not be read");
                (Conversation::unreadable(), Some(not_read()))
            }
        };
        Ok(Some(Talk { ctx, id, conversation: Arc::new(conversation), warning }))
    }

    /// Keeps what came of a question in its conversation. That it cannot be kept is said and takes nothing from the answer.
    pub(in crate::leo) async fn told(&self, talk: Option<Talk>, mut answer: Answer) -> Answer {
        let Some(talk) = talk else { return answer };
        answer.warnings.extend(talk.warning);
        let turn = Turn::of(&answer, Timestamp::now());
        let push = |session: Option<Session>| {
            let mut session = session.unwrap_or_else(|| Session::begin(&talk.id, turn.at));
            session.push(turn.clone());
            Some(session)
        };
        if let Err(error) = self.shared.sessions.update(&talk.ctx, &talk.id, push).await {
            tracing::warn!(kind = %error.kind(), "a question could not be kept in its conversation");
            answer.warnings.push(not_kept());
        }
        answer
    }
}

fn not_read() -> Warning {
    Warning {
        code: WarningCode::ConversationNotRead,
        message: "what was asked before could not be read, so this was taken as the first question".into(),
        suggestion: Some("say the question in full, or ask again when the storage works".into()),
    }
}

fn not_kept() -> Warning {
    Warning {
        code: WarningCode::ConversationNotKept,
        message: "this question could not be kept in its conversation, so the next one cannot build on it".into(),
        suggestion: Some("say the next question in full, or ask again when the storage works".into()),
    }
}
