//! The arguments of a call as the bridge reads them.

use ::leo::Result;
use leo_bridge::arguments::{parse, place, suite};
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// Options of a call: a record of the host's.
pub(crate) trait Options: Serialize {
    /// Names of the fields that hold JSON text.
    const JSON: &'static [&'static str] = &[];
}

/// Arguments while they are put together; the first mistake is kept until they are used.
pub(crate) struct Arguments {
    call: &'static str,
    given: Result<Map<String, Json>>,
}

impl Arguments {
    /// None yet, for the call called `call`.
    pub(crate) fn new(call: &'static str) -> Self {
        Self { call, given: Ok(Map::new()) }
    }

    /// With a value.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        if let Ok(given) = &mut self.given {
            given.insert(name.to_owned(), value.into());
        }
        self
    }

    /// With what a text of JSON says.
    pub(crate) fn with_json(self, name: &str, text: &str) -> Self {
        let value = parse(&self.named(name), text);
        self.with_part(name, value)
    }

    /// With a place.
    pub(crate) fn with_place(self, name: &str, text: &str) -> Self {
        let value = place(&self.named(name), text);
        self.with_part(name, value)
    }

    /// With a suite of questions, or where it is.
    pub(crate) fn with_suite(self, name: &str, text: &str) -> Self {
        self.with(name, suite(text))
    }

    /// An argument's name with its call's, as messages say it.
    fn named(&self, name: &str) -> String {
        format!("{name}` of `{}", self.call)
    }

    /// With options.
    pub(crate) fn with_options<O: Options>(mut self, options: Option<O>) -> Self {
        let fields = options.map_or(Ok(Json::Null), |options| serde_json::to_value(options));
        let Ok(Json::Object(fields)) = fields else { return self };
        for (name, value) in fields {
            self = match value {
                Json::Null => self,
                Json::String(text) if O::JSON.contains(&name.as_str()) => self.with_json(&name, &text),
                Json::String(text) if name == "place" => self.with_place(&name, &text),
                Json::String(text) if name == "suite" => self.with_suite(&name, &text),
                value => self.with(&name, value),
            };
        }
        self
    }

    /// With what was put together for a part of it.
    pub(crate) fn with_part(self, name: &str, part: Result<Json>) -> Self {
        match part {
            Ok(part) => self.with(name, part),
            Err(mistake) => Self { given: self.given.and(Err(mistake)), ..self },
        }
    }

    /// The name of the call, and its arguments.
    pub(crate) fn into_call(self) -> (&'static str, Result<Json>) {
        (self.call, self.given.map(Json::Object))
    }
}

/// Options alone, for what is not a call.
pub(crate) fn options<O: Options>(call: &'static str, options: Option<O>) -> Result<Json> {
    Arguments::new(call).with_options(options).into_call().1
}
