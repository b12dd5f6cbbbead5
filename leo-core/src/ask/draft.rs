//! An answer in the making.

use super::answer::{Answer, AnswerStatus, Provenance, Refusal, TicketReason, Usage};
use super::explain::Explain;
use super::narrate::{NarrateInput, Narrative};
use super::pipeline::Call;
use super::stage::{Clock, Timings};
use crate::audit;

/// The answer as far as it is known, and the clock of its stages.
pub(super) struct Draft<'a> {
    pub(super) answer: Answer,
    /// What was known of the rows beside their values when they were told.
    pub(super) told: Option<NarrateInput>,
    pub(super) clock: Clock<'a>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(call: &Call<'a>, question: &str) -> Self {
        let answer = Answer {
            id: audit::new_id(),
            session_id: call.ctx.session.clone(),
            question: question.to_owned(),
            source: call.target.id().to_owned(),
            // Until a stage says otherwise.
            status: AnswerStatus::Declined,
            narrative: Narrative::default(),
            callouts: Vec::new(),
            table: None,
            row_count: 0,
            truncated: false,
            chart: None,
            sql: None,
            params: Vec::new(),
            sql_with_values: None,
            explain: Explain::at(&call.ctx.local_now(), call.as_of),
            conversation: None,
            clarification: None,
            approval: None,
            refusal: None,
            ticket: None,
            follow_ups: Vec::new(),
            confidence: None,
            provenance: Provenance {
                leo_version: env!("CARGO_PKG_VERSION").to_owned(),
                planner: "host".into(),
                model: None,
                prompt_version: None,
                prompt_hash: None,
                narrative: None,
                preset: call.settings.preset,
                query: None,
                catalog_hash: call.known.catalog.version().to_owned(),
                policy_hash: None,
                settings_hash: call.settings_hash.to_owned(),
                sql_hash: None,
                result_hash: None,
                statement_audit_id: None,
            },
            freshness: Vec::new(),
            from_cache: false,
            ran_at: None,
            warnings: Vec::new(),
            usage: Usage::default(),
            timings: Timings::default(),
            audit_id: None,
            trace_id: call.ctx.trace_parent.clone(),
            waits_for: None,
            seen: String::new(),
        };
        Self { answer, told: None, clock: Clock::new(call.observer, call.began) }
    }

    pub(super) fn refuse(&mut self, status: AnswerStatus, refusal: Refusal) {
        self.answer.status = status;
        self.answer.refusal = Some(refusal);
    }

    /// To be answered later.
    pub(super) fn queued(&mut self, reason: TicketReason) {
        self.answer.waits_for = Some(reason);
        let message = "it is answered later; redeem the ticket".to_owned();
        self.refuse(AnswerStatus::Queued, Refusal { message, ..Refusal::default() });
    }

    pub(super) fn not_executed(&mut self) {
        let message = "execution is off for this source, so the statement was checked but not run; \
                       the host turns it on with `set_execution`"
            .to_owned();
        self.refuse(AnswerStatus::NotExecuted, Refusal { message, ..Refusal::default() });
    }

    pub(super) fn finish(self) -> Answer {
        let Self { mut answer, clock, .. } = self;
        answer.timings = clock.finish();
        answer
    }
}
