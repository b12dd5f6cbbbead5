//! Arguments from other languages, read so that a mistake is told by its name and never by its value.

mod names;
mod reader;

use leo::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use reader::Problem;
pub use reader::suggestion;

pub(crate) use names::{Names, names};

/// Reads the arguments of `what`. Those that are `null` count as not given.
///
/// # Errors
/// `Config` for an unknown name, with the nearest one; for one that is missing; and for a value of another kind than is wanted. Values
/// are in no message, since nobody knows what they hold.
pub fn read<T: DeserializeOwned>(what: &str, arguments: Json) -> Result<T> {
    let arguments = match arguments {
        Json::Null => Map::new(),
        Json::Object(given) => given.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => return Err(Error::config(format!("the arguments of `{what}` are an object of names and values"))),
    };
    from_json(Json::Object(arguments)).map_err(|(path, problem)| Error::config(problem.in_call(what, &path)))
}

/// Reads an argument that comes as text in JSON.
///
/// # Errors
/// `Config`, saying where it is none, and nothing of what it says.
pub fn parse(name: &str, text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::config(format!("`{name}` is no JSON; look at line {line}, column {column} of it"))
    })
}

/// Reads a place that comes as text: a JSON object of fields, or else a path, a URL or an ADO string as it stands.
///
/// # Errors
/// As [`parse`], for what begins as an object and is none.
pub fn place(name: &str, text: &str) -> Result<Json> {
    if text.trim_start().starts_with('{') { parse(name, text) } else { Ok(text.into()) }
}

/// Reads a suite of questions that comes as text: a JSON object whose only field is `path`, or else the suite itself as it stands.
pub fn suite(text: &str) -> Json {
    let file =
        serde_json::from_str::<Map<String, Json>>(text).ok().filter(|fields| fields.len() == 1 && fields.contains_key("path"));
    file.map_or_else(|| text.into(), Json::Object)
}

/// Reads what a host's code returned from `method`.
///
/// # Errors
/// `Adapter`, saying where it is not what was wanted.
pub fn read_returned<T: DeserializeOwned>(method: &str, returned: Json) -> Result<T> {
    from_json(returned).map_err(|(path, problem)| Error::new(ErrorKind::Adapter, problem.in_return(method, &path)))
}

fn from_json<T: DeserializeOwned>(json: Json) -> Result<T, (String, Problem)> {
    serde_path_to_error::deserialize(reader::Reader(json)).map_err(|error| {
        let path = error.path().to_string();
        (if path == "." { String::new() } else { path }, error.into_inner())
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Call {
        #[allow(dead_code)]
        question: String,
        #[allow(dead_code)]
        max_rows: Option<u64>,
        #[serde(default)]
        #[allow(dead_code)]
        policy: Vec<leo::adapter::TablePolicy>,
        #[allow(dead_code)]
        engine: Option<leo::source::Engine>,
    }

    fn message(arguments: Json) -> String {
        read::<Call>("ask", arguments).unwrap_err().message().to_owned()
    }

    #[test]
    fn mistakes_are_told_by_name_and_not_by_value() {
        assert_eq!(message(json!({"question": "q", "maxrows": 1})), "`ask` has no option `maxrows`; did you mean `max_rows`?");
        assert_eq!(
            message(json!({"question": "q", "x": 1})),
            "`ask` has no option `x`; it has `question`, `max_rows`, `policy`, `engine`"
        );
        assert_eq!(message(json!({})), "`ask` needs `question`");
        assert_eq!(message(json!({"question": 7})), "`question` of `ask` is text, not a whole number");
        assert_eq!(
            message(json!({"question": "q", "max_rows": "s3cret"})),
            "`max_rows` of `ask` is a whole number from 0 to 18446744073709551615, not text"
        );
        assert_eq!(
            message(json!({"question": "q", "max_rows": -5})),
            "`max_rows` of `ask` is a whole number from 0 to 18446744073709551615, not a whole number below zero"
        );
        assert_eq!(
            message(json!({"question": "q", "max_rows": 1.5})),
            "`max_rows` of `ask` is a whole number from 0 to 18446744073709551615, not a number with a fraction"
        );
        assert_eq!(
            message(json!({"question": "q", "policy": [{"row_fliter": "x"}]})),
            "`policy[0]` of `ask` has no field `row_fliter`; did you mean `row_filter`?"
        );
        assert_eq!(
            message(json!({"question": "q", "engine": "postgre"})),
            "`engine` of `ask` cannot be that; did you mean `postgres`?"
        );
        assert_eq!(message(json!([])), "the arguments of `ask` are an object of names and values");
    }

    #[test]
    fn null_is_not_given() {
        assert!(read::<Call>("ask", json!({"question": "q", "max_rows": null, "policy": null})).is_ok());
        assert_eq!(message(json!({"question": null})), "`ask` needs `question`");
    }
}
