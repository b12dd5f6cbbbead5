//! The public surface as data: what every package must have, no more and no less. `tests/vectors/surface.json` holds it, and a test in each
//! language compares its package with that file.

use leo::ErrorKind;
use leo::ask::AnswerStatus;
use serde_json::{Map, Value as Json, json};

use crate::arguments::{Names, names};
use crate::context::ContextOptions;
use crate::options::{HandleOptions, OpenOptions};
use crate::{answer, callback, calls, events};

/// Calls with their arguments and options, the options' values where they are not given (none where settings decide), what opens a handle, parts of the host's with their methods, error kinds, statuses, events, and
/// forms of answers and rows.
pub fn surface() -> Json {
    let returns: Map<String, Json> = calls::CALLS.iter().map(|(name, returns)| ((*name).to_owned(), (*returns).into())).collect();
    let calls: Map<String, Json> = calls::arguments()
        .into_iter()
        .map(|(name, arguments)| {
            let mut call = described(&arguments);
            call["returns"] = returns.get(name).cloned().unwrap_or_default();
            (name.to_owned(), call)
        })
        .collect();
    let parts: Map<String, Json> = callback::METHODS
        .iter()
        .map(|(part, methods)| {
            let methods: Map<String, Json> =
                methods.iter().map(|(name, arguments)| ((*name).to_owned(), json!(arguments))).collect();
            ((*part).to_owned(), Json::Object(methods))
        })
        .collect();
    json!({
        "calls": calls,
        "open": described(&names::<OpenOptions>()),
        "sample": described(&names::<OpenOptions>()),
        "build": described(&names::<HandleOptions>()),
        "for_user": described(&names::<ContextOptions>()),
        "parts": parts,
        "errors": ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        "statuses": AnswerStatus::ALL.iter().map(|status| status.as_str()).collect::<Vec<_>>(),
        "events": events::EVENTS,
        "answer_forms": answer::ANSWER_FORMS,
        "table_forms": answer::TABLE_FORMS,
    })
}

fn described(names: &Names) -> Json {
    let options: Vec<&str> = names.all.iter().copied().filter(|name| !names.required.contains(name)).collect();
    json!({ "arguments": names.required, "options": options, "defaults": names.defaults })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_what_is_read() {
        let surface = surface();
        assert_eq!(surface["calls"]["ask"]["arguments"], json!(["question"]));
        assert_eq!(
            surface["calls"]["ask"]["options"],
            json!(["source", "as_of", "max_rows", "timeout_ms", "session", "settings"])
        );
        assert_eq!(surface["calls"]["ask_query"]["arguments"], json!(["query"]));
        assert_eq!(surface["calls"]["sources.update"]["arguments"], json!(["id", "place"]));
        assert_eq!(
            surface["calls"]["sql_stream"],
            json!({
                "arguments": ["text"], "options": ["params", "source", "max_rows", "timeout_ms", "settings"],
                "defaults": { "params": [], "settings": {} }, "returns": "batches",
            })
        );
        assert_eq!(surface["calls"]["close"]["options"], json!([]));
        assert_eq!(surface["for_user"]["arguments"], json!(["tenant", "user"]));
        assert_eq!(surface["calls"]["search"]["defaults"], json!({ "limit": 20 }));
        assert_eq!(surface["calls"]["ask_query"]["defaults"], json!({ "settings": {} }));
        assert_eq!(
            surface["calls"]["sync"]["defaults"],
            json!({
                "include": [], "exclude": [], "profile": true, "table_timeout_ms": 60_000, "parallel": 2, "only": [],
            })
        );
    }
}
