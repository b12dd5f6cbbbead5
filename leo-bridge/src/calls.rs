//! Every call of a handle, declared once.
//!
//! A call is a struct of its arguments with the name it has in every language, what it gives, and what it does. The ones without
//! `Option` or default are given by position where a language has positions, the others by name.

mod admin;
mod ask;
mod evaluation;
mod knowledge;
mod map;
mod sessions;
mod sources;
mod tickets;

use std::future::Future;

use leo::{Answer, Error, Leo, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::arguments;
use crate::arrow::Batches;
use crate::events::Events;
use crate::plain;

/// What a call gives.
#[derive(Debug)]
pub enum Reply {
    /// Nothing but that it was done.
    Nothing,
    /// Plain data.
    Json(Json),
    /// An answer, rows included.
    Answer(Box<Answer>),
    /// What happens on the way, and then what comes of it.
    Events(Events),
    /// Rows as they come.
    Batches(Batches),
}

impl Reply {
    fn json(value: &impl serde::Serialize) -> Result<Self> {
        plain(value).map(Self::Json)
    }
}

/// One call.
trait Call: DeserializeOwned + Serialize + Send {
    const NAME: &'static str;
    /// `nothing`, `answer`, `events`, `batches`, or the name of the schema of what comes as JSON.
    const RETURNS: &'static str;

    fn run(self, leo: &Leo) -> impl Future<Output = Result<Reply>> + Send;
}

macro_rules! calls {
    ($($call:ty),* $(,)?) => {
        /// Makes the call called `name`.
        pub(crate) async fn dispatch(leo: &Leo, name: &str, arguments: Json) -> Result<Reply> {
            match name {
                $(<$call>::NAME => arguments::read::<$call>(name, arguments)?.run(leo).await,)*
                _ => Err(unknown(name)),
            }
        }

        /// Names of all calls, and what they give.
        pub const CALLS: &[(&str, &str)] = &[$((<$call>::NAME, <$call>::RETURNS)),*];

        /// Names of the arguments of each call, in order, which of them must be given, and what the others are otherwise.
        pub(crate) fn arguments() -> Vec<(&'static str, arguments::Names)> {
            vec![$((<$call>::NAME, arguments::names::<$call>())),*]
        }
    };
}

calls![
    ask::Ask,
    ask::AskQuery,
    ask::AskStream,
    ask::Sql,
    ask::SqlStream,
    ask::Vet,
    ask::Lineage,
    admin::Catalog,
    admin::Search,
    map::Map,
    map::MapTable,
    map::MapGraph,
    map::MapQuality,
    map::ExportMap,
    admin::Sync,
    admin::SyncStream,
    admin::SyncStatus,
    admin::ResolveFailed,
    admin::RunDue,
    knowledge::Knowledge,
    knowledge::KnowledgeAt,
    knowledge::SetKnowledge,
    knowledge::ImportKnowledge,
    knowledge::CheckKnowledge,
    knowledge::ExportKnowledge,
    knowledge::PersonalReview,
    knowledge::DecidePersonal,
    evaluation::Evaluate,
    evaluation::CompareEvaluations,
    evaluation::EvaluationHtml,
    admin::SetExecution,
    admin::Settings,
    admin::SetTenantSettings,
    admin::RecentAudit,
    admin::AuditNotice,
    admin::ModelSpending,
    admin::ModelStatistics,
    sources::Add,
    sources::List,
    sources::Status,
    sources::Test,
    sources::Update,
    sources::Disconnect,
    sources::Remove,
    sessions::List,
    sessions::Get,
    sessions::Rename,
    sessions::Pin,
    sessions::Delete,
    sessions::Export,
    tickets::List,
    tickets::Get,
    tickets::Redeem,
    tickets::Cancel,
    admin::Close,
];

fn unknown(name: &str) -> Error {
    let names: Vec<&str> = CALLS.iter().map(|(name, _)| *name).collect();
    Error::config(format!("there is no call `{name}`; {}", arguments::suggestion(name, &names)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> = CALLS.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), CALLS.len());
        assert!(unknown("ask_qurey").message().ends_with("did you mean `ask_query`?"));
    }
}
