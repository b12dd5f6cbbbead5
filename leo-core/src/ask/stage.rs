//! The stages of a question, what they report, and how long they took.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::adapter::ModelPurpose;

/// A stage on the way from question to answer, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// May this user ask, and about what?
    Authorise,
    /// What of the catalogue does the user see?
    Retrieve,
    /// From words to a query.
    Plan,
    /// From the query to SQL.
    Compile,
    /// The guard.
    Vet,
    /// The attempt goes into the audit.
    Record,
    /// What would it cost?
    Price,
    /// The database.
    Run,
    /// Is the result what was asked for?
    Review,
    /// How to draw it.
    Chart,
    /// How to tell it.
    Narrate,
}

impl Stage {
    /// The stable name: `authorise`, `retrieve` …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorise => "authorise",
            Self::Retrieve => "retrieve",
            Self::Plan => "plan",
            Self::Compile => "compile",
            Self::Vet => "vet",
            Self::Record => "record",
            Self::Price => "price",
            Self::Run => "run",
            Self::Review => "review",
            Self::Chart => "chart",
            Self::Narrate => "narrate",
        }
    }
}

/// Something that happened on the way; observers get them in order.
///
/// # Order
/// A stage that began ends before the next one begins, also where the call fails, is cancelled or dropped. Stages come in the order of
/// [`Stage`]; `plan` comes again where what was planned cannot be run and something else is tried, and `compile` to `run` come again for each
/// statement that is tried. Models are asked within `plan` and `narrate`, and each that was asked answers or fails before the stage ends. Places in a line come first.
///
/// In JSON: `{"event": "started", "stage": "plan"}`, `{"event": "model_asked", "purpose": "plan"}`,
/// `{"event": "model_answered", "purpose": "plan", "ok": true, "us": 1042000}`, `{"event": "finished", "stage": "plan", "us": 1042120}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "EventForm", into = "EventForm")]
#[non_exhaustive]
pub enum AskEvent {
    /// The question waits for others of its tenant; its place in the line, from 1. Told whenever that changes.
    Queued(u64),
    /// A stage began.
    Started(Stage),
    /// A stage ended, whether well or not.
    Finished(Stage, Duration),
    /// A model is asked, or an earlier answer of it is looked for.
    ModelAsked(ModelPurpose),
    /// A model answered, or failed; and how long that took.
    ModelAnswered(ModelPurpose, bool, Duration),
}

/// Something that happened on the way from question to answer.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AskEvent"))]
#[serde(tag = "event", rename_all = "snake_case")]
enum EventForm {
    /// The question waits for others of its tenant.
    Queued {
        /// Its place in the line, from 1.
        position: u64,
    },
    /// A stage began.
    Started {
        /// Which.
        stage: Stage,
    },
    /// A stage ended, whether well or not.
    Finished {
        /// Which.
        stage: Stage,
        /// How long it took, in microseconds.
        us: u64,
    },
    /// A model is asked, or an earlier answer of it is looked for.
    ModelAsked {
        /// What for.
        purpose: ModelPurpose,
    },
    /// A model answered, or failed.
    ModelAnswered {
        /// What for.
        purpose: ModelPurpose,
        /// Whether it answered.
        ok: bool,
        /// How long it took, in microseconds.
        us: u64,
    },
}

impl From<AskEvent> for EventForm {
    fn from(event: AskEvent) -> Self {
        match event {
            AskEvent::Queued(position) => Self::Queued { position },
            AskEvent::Started(stage) => Self::Started { stage },
            AskEvent::Finished(stage, took) => Self::Finished { stage, us: micros(took) },
            AskEvent::ModelAsked(purpose) => Self::ModelAsked { purpose },
            AskEvent::ModelAnswered(purpose, ok, took) => Self::ModelAnswered { purpose, ok, us: micros(took) },
        }
    }
}

impl From<EventForm> for AskEvent {
    fn from(form: EventForm) -> Self {
        match form {
            EventForm::Queued { position } => Self::Queued(position),
            EventForm::Started { stage } => Self::Started(stage),
            EventForm::Finished { stage, us } => Self::Finished(stage, Duration::from_micros(us)),
            EventForm::ModelAsked { purpose } => Self::ModelAsked(purpose),
            EventForm::ModelAnswered { purpose, ok, us } => Self::ModelAnswered(purpose, ok, Duration::from_micros(us)),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for AskEvent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AskEvent".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        EventForm::json_schema(generator)
    }
}

/// How long an answer took, in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Timings {
    /// From the call to the answer.
    pub total_us: u64,
    /// Within that, waiting for the database.
    pub database_us: u64,
    /// Each stage that was reached, in order.
    pub stages: Vec<StageTiming>,
}

/// How long one stage took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageTiming {
    /// The stage.
    pub stage: Stage,
    /// Microseconds.
    pub us: u64,
}

/// Times the stages of one call and tells the observer.
pub(super) struct Clock<'a> {
    observer: &'a (dyn Fn(AskEvent) + Send + Sync),
    began: Instant,
    running: Option<(Stage, Instant)>,
    timings: Timings,
}

impl<'a> Clock<'a> {
    /// Of a call that began at `began`.
    pub(super) fn new(observer: &'a (dyn Fn(AskEvent) + Send + Sync), began: Instant) -> Self {
        Self { observer, began, running: None, timings: Timings::default() }
    }

    /// Ends the running stage and begins `stage`.
    pub(super) fn enter(&mut self, stage: Stage) {
        self.leave();
        (self.observer)(AskEvent::Started(stage));
        self.running = Some((stage, Instant::now()));
    }

    /// Time the engine took, within the stage of running.
    pub(super) fn database(&mut self, took: Duration) {
        self.timings.database_us += micros(took);
    }

    fn leave(&mut self) {
        if let Some((stage, since)) = self.running.take() {
            let took = since.elapsed();
            self.timings.stages.push(StageTiming { stage, us: micros(took) });
            (self.observer)(AskEvent::Finished(stage, took));
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub(super) fn finish(mut self) -> Timings {
        self.leave();
        self.timings.total_us = micros(self.began.elapsed());
        std::mem::take(&mut self.timings)
    }
}

impl Drop for Clock<'_> {
    /// Where a call is dropped on its way, the stage it was in ends too.
    fn drop(&mut self) {
        self.leave();
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
