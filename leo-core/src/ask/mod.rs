//! Question to answer: the pipeline, the planner, and everything that is told about a result.

mod answer;
mod by_model;
pub mod callouts;
pub mod conversation;
mod draft;
mod execute;
mod explain;
pub mod follow_ups;
pub(crate) mod meaning;
pub mod narrate;
pub(crate) mod pipeline;
pub mod planner;
mod prose;
pub mod render;
pub mod review;
mod stage;
mod suggest;
pub(crate) mod target;
mod verified;
mod wording;

pub use answer::{
    Answer, AnswerStatus, ApprovalRequest, ClarificationRequest, Freshness, NarrativeProvenance, Provenance, Refusal, Ticket,
    TicketReason, Usage,
};
pub use explain::Explain;
pub use stage::{AskEvent, Stage, StageTiming, Timings};
pub(crate) use suggest::suggestions;
