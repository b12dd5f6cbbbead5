//! Layers: what a process, source, tenant or call changes, and what comes out.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::schema::{self, SPECS};
use super::tree::{Preset, Settings};
use crate::error::{Error, Result};

/// Where a setting comes from; later ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SettingsLevel"))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The preset's default.
    Preset,
    /// Set for the process, at start.
    Process,
    /// Set for a source.
    Source,
    /// Set for a tenant, for instance by its plan.
    Tenant,
    /// Set for one call.
    Call,
}

impl Level {
    /// `preset`, `process`, `source`, `tenant` or `call`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preset => "preset",
            Self::Process => "process",
            Self::Source => "source",
            Self::Tenant => "tenant",
            Self::Call => "call",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A partial tree of settings; every name and value in it was checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SettingsLayer {
    values: BTreeMap<String, Value>,
}

impl SettingsLayer {
    /// Reads a layer from JSON text: `{"guard": {"row_cap": 1000}}`, or with dotted names, `{"guard.row_cap": 1000}`.
    ///
    /// # Errors
    /// `Config` for text that is not a JSON object, unknown names (with the nearest one) and values of the wrong type or range.
    pub fn parse(json: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(json)
            .map_err(|error| Error::config(format!("the settings are not JSON: {error}")).with_source(error))?;
        Self::from_value(value)
    }

    /// Reads a layer from any tree that serialises like JSON, TOML and YAML included.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_value(value: impl Serialize) -> Result<Self> {
        let value = serde_json::to_value(value)
            .map_err(|error| Error::config("the settings are not a tree of names").with_source(error))?;
        let Value::Object(tree) = value else {
            return Err(Error::config(format!("settings are a tree of names and values, not {}", describe(&value))));
        };
        let mut layer = Self::default();
        layer.read("", tree)?;
        Ok(layer)
    }

    /// Sets the one setting at the dotted `path`.
    ///
    /// # Errors
    /// `Config` for an unknown path (with the nearest one) and a value of the wrong type or range.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) -> Result<()> {
        let value = value.into();
        let Some(spec) = schema::find(path) else { return Err(unknown(path)) };
        if let Some(expected) = spec.kind.expected(&value) {
            return Err(Error::config(format!("the setting `{path}` is {expected}, not {}", describe(&value))));
        }
        self.values.insert(path.to_owned(), value);
        Ok(())
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Dotted paths of what it sets, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    fn read(&mut self, prefix: &str, tree: Map<String, Value>) -> Result<()> {
        for (name, value) in tree {
            let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            match value {
                Value::Object(tree) if schema::is_group(&path) => self.read(&path, tree)?,
                other if schema::is_group(&path) => {
                    return Err(Error::config(format!("the setting `{path}` is a group of settings, not {}", describe(&other))));
                }
                other => self.set(&path, other)?,
            }
        }
        Ok(())
    }
}

/// Settings and where each comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// What is in force.
    pub settings: Settings,
    origins: BTreeMap<&'static str, Level>,
}

/// One setting as [`Resolved::explain`] shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ExplainedSetting"))]
pub struct Explained {
    /// Dotted path.
    pub path: &'static str,
    /// Value in force.
    pub value: Value,
    /// The level that set it.
    pub set_by: Level,
    /// What it means.
    pub doc: &'static str,
}

/// `ask.max_rows = 5000  (preset) rows of an answer …`
impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}  ({}) {}", self.path, self.value, self.set_by, self.doc)
    }
}

impl Settings {
    /// Lays `layers` over the defaults of `preset`; nearer levels win, of two layers of one level the later.
    ///
    /// # Errors
    /// `Config` when a layer sets what its level may not set: `audit.durability` belongs to the process, limits that protect the
    /// source to the tenant and above.
    pub fn resolve(preset: Preset, layers: &[(Level, &SettingsLayer)]) -> Result<Resolved> {
        let mut tree = to_tree(&Self::preset(preset))?;
        let mut origins: BTreeMap<&'static str, Level> = SPECS.iter().map(|spec| (spec.path, Level::Preset)).collect();
        let mut ordered: Vec<_> = layers.iter().collect();
        ordered.sort_by_key(|(level, _)| *level);
        for (level, layer) in ordered {
            for (path, value) in &layer.values {
                let spec = schema::find(path).ok_or_else(|| unknown(path))?;
                if *level > spec.nearest {
                    // What a call may say about rows has an option of its own.
                    let instead = match (*level, spec.path) {
                        (Level::Call, "ask.row_ceiling" | "guard.row_cap") => "; `max_rows` limits the rows of one call",
                        _ => "",
                    };
                    return Err(Error::config(format!(
                        "the setting `{path}` cannot be set for a {level}; set it for the {}{instead}",
                        spec.nearest
                    )));
                }
                put(&mut tree, path, value.clone());
                origins.insert(spec.path, *level);
            }
        }
        let settings = serde_json::from_value(tree)
            .map_err(|error| Error::internal("checked settings do not fit their tree").with_source(error))?;
        Ok(Resolved { settings, origins })
    }
}

impl Resolved {
    /// The level that set the setting at `path`.
    pub fn origin(&self, path: &str) -> Option<Level> {
        self.origins.get(path).copied()
    }

    /// Every setting with its value and the level that set it, the preset first.
    pub fn explain(&self) -> Vec<Explained> {
        let preset = Explained {
            path: "preset",
            value: self.settings.preset.as_str().into(),
            set_by: Level::Process,
            doc: "the defaults underneath",
        };
        let tree = to_tree(&self.settings).unwrap_or_default();
        let settings = SPECS.iter().map(|spec| Explained {
            path: spec.path,
            value: get(&tree, spec.path).cloned().unwrap_or_default(),
            set_by: self.origins.get(spec.path).copied().unwrap_or(Level::Preset),
            doc: spec.doc,
        });
        std::iter::once(preset).chain(settings).collect()
    }
}

impl Default for Resolved {
    /// The preset `local` with nothing over it.
    fn default() -> Self {
        let origins = SPECS.iter().map(|spec| (spec.path, Level::Preset)).collect();
        Self { settings: Settings::default(), origins }
    }
}

fn unknown(path: &str) -> Error {
    let hint = match schema::nearest(path) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the documentation of the settings lists them all".to_owned(),
    };
    Error::config(format!("unknown setting `{path}`; {hint}"))
}

/// A value by its type, and by itself where it is short and cannot be a secret.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(_) => "this text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a tree".to_owned(),
    }
}

fn to_tree(settings: &Settings) -> Result<Value> {
    serde_json::to_value(settings).map_err(|error| Error::internal("settings do not serialise").with_source(error))
}

fn get<'a>(tree: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(tree, |tree, name| tree.get(name))
}

fn put(tree: &mut Value, path: &str, value: Value) {
    let mut place = tree;
    for name in path.split('.') {
        let Some(next) = place.get_mut(name) else { return };
        place = next;
    }
    *place = value;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;
    use crate::settings::Durability;

    fn layer(value: Value) -> SettingsLayer {
        SettingsLayer::from_value(value).unwrap()
    }

    fn refused(value: Value) -> String {
        let error = SettingsLayer::from_value(value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.message().to_owned()
    }

    #[test]
    fn the_schema_lists_exactly_the_tree() {
        fn leaves(prefix: &str, tree: &Value, out: &mut Vec<String>) {
            match tree {
                Value::Object(map) => {
                    for (name, value) in map {
                        leaves(&if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") }, value, out);
                    }
                }
                _ => out.push(prefix.to_owned()),
            }
        }
        let mut paths = Vec::new();
        leaves("", &to_tree(&Settings::default()).unwrap(), &mut paths);
        paths.retain(|path| path != "preset");
        assert_eq!(paths, SPECS.iter().map(|spec| spec.path).collect::<Vec<_>>());
        // Every default is a value its own setting accepts.
        for preset in [Preset::Local, Preset::Embedded] {
            let tree = to_tree(&Settings::preset(preset)).unwrap();
            for spec in SPECS {
                assert_eq!(spec.kind.expected(get(&tree, spec.path).unwrap()), None, "{}", spec.path);
            }
        }
    }

    #[test]
    fn presets_differ_where_they_should() {
        let (local, embedded) = (Settings::preset(Preset::Local), Settings::preset(Preset::Embedded));
        assert_eq!((local.ask.row_ceiling, embedded.ask.row_ceiling), (None, Some(5_000)));
        assert_eq!((local.privacy.show_pii, embedded.privacy.show_pii), (true, false));
        assert_ne!(local.hash(), embedded.hash());
        assert_eq!(local.hash(), Settings::default().hash());
        assert_eq!(local.guard_for(Some(1_000_000)).unwrap().row_cap, 1_000_000);
        assert_eq!(embedded.guard_for(None).unwrap().row_cap, 5_000);
        assert_eq!(embedded.guard_for(Some(5_001)).unwrap_err().kind(), ErrorKind::LimitExceeded);
    }

    #[test]
    fn nearer_levels_win_and_say_so() {
        let process = layer(json!({"ask": {"max_rows": 10, "timeout_ms": 1}, "audit": {"durability": "fsync"}}));
        let source = layer(json!({"ask.max_rows": 20}));
        let tenant = layer(json!({"ask": {"max_rows": 30, "row_ceiling": 100}}));
        let call = layer(json!({"ask": {"max_rows": 40}}));
        let resolved = Settings::resolve(
            Preset::Embedded,
            &[(Level::Call, &call), (Level::Process, &process), (Level::Tenant, &tenant), (Level::Source, &source)],
        )
        .unwrap();
        assert_eq!((resolved.settings.ask.max_rows, resolved.settings.ask.timeout_ms), (40, 1));
        assert_eq!(resolved.settings.audit.durability, Durability::Fsync);
        assert_eq!(resolved.settings.ask.row_ceiling, Some(100));
        let explained: Vec<_> = resolved.explain().iter().map(ToString::to_string).collect();
        assert_eq!(explained[0], "preset = \"embedded\"  (process) the defaults underneath");
        assert!(explained.iter().any(|line| line.starts_with("ask.max_rows = 40  (call)")), "{explained:#?}");
        assert!(explained.iter().any(|line| line.starts_with("ask.timeout_ms = 1  (process)")));
        assert!(explained.iter().any(|line| line.starts_with("ask.preview_rows = 200  (preset)")));
        let none = layer(json!({"ask": {"row_ceiling": null}}));
        let resolved = Settings::resolve(Preset::Embedded, &[(Level::Source, &none)]).unwrap();
        assert_eq!(resolved.settings.ask.row_ceiling, None);
    }

    #[test]
    fn unknown_names_come_with_the_nearest() {
        assert_eq!(refused(json!({"guard": {"row_cpa": 1}})), "unknown setting `guard.row_cpa`; did you mean `guard.row_cap`?");
        assert_eq!(refused(json!({"gaurd": {"row_cap": 1}})), "unknown setting `gaurd`; did you mean `guard`?");
        assert_eq!(refused(json!({"timeout_ms": 1})), "unknown setting `timeout_ms`; did you mean `ask.timeout_ms`?");
        assert_eq!(refused(json!({"ask": {"timeout": 1}})), "unknown setting `ask.timeout`; did you mean `ask.timeout_ms`?");
        assert_eq!(refused(json!({"zzzzzz": 1})), "unknown setting `zzzzzz`; the documentation of the settings lists them all");
        assert!(refused(json!({"preset": "local"})).starts_with("unknown setting `preset`"));
    }

    #[test]
    fn values_are_checked_with_their_path() {
        for (value, message) in [
            (json!({"ask": {"max_rows": "ten"}}), "the setting `ask.max_rows` is a whole number of at least 1, not this text"),
            (json!({"ask": {"max_rows": 0}}), "the setting `ask.max_rows` is a whole number of at least 1, not 0"),
            (json!({"ask": {"max_rows": 1.5}}), "the setting `ask.max_rows` is a whole number of at least 1, not 1.5"),
            (json!({"ask": {"confidence_floor": 2}}), "the setting `ask.confidence_floor` is a number from 0 to 1, not 2"),
            (json!({"ask": 3}), "the setting `ask` is a group of settings, not 3"),
            (json!({"ask": {"max_rows": {"x": 1}}}), "the setting `ask.max_rows` is a whole number of at least 1, not a tree"),
            (
                json!({"calendar": {"fiscal_year_start": 13}}),
                "the setting `calendar.fiscal_year_start` is a whole number from 1 to 12, not 13",
            ),
            (json!({"time_zone": "Mars"}), "the setting `time_zone` is an IANA time zone such as Europe/Berlin, not this text"),
            (json!({"audit.durability": "both"}), "the setting `audit.durability` is one of os, fsync, not this text"),
            (json!({"privacy": {"show_pii": null}}), "the setting `privacy.show_pii` is true or false, not null"),
            (
                json!({"index": {"embedder_folder": " "}}),
                "the setting `index.embedder_folder` is a text that is not empty, or null, not this text",
            ),
            (json!({"guard": {"functions": [1]}}), "the setting `guard.functions` is a list of texts, not a list"),
            (json!([]), "settings are a tree of names and values, not a list"),
        ] {
            assert_eq!(refused(value), message);
        }
        assert_eq!(SettingsLayer::parse("{").unwrap_err().kind(), ErrorKind::Config);
    }

    #[test]
    fn a_call_cannot_lift_what_protects_the_source() {
        let rows = "; `max_rows` limits the rows of one call";
        for (path, instead) in [("ask.row_ceiling", rows), ("guard.max_joins", ""), ("guard.row_cap", rows)] {
            let mut call = SettingsLayer::default();
            call.set(path, 7).unwrap();
            let error = Settings::resolve(Preset::Local, &[(Level::Call, &call)]).unwrap_err();
            assert_eq!(error.message(), format!("the setting `{path}` cannot be set for a call; set it for the tenant{instead}"));
        }
    }

    #[test]
    fn only_the_process_names_a_folder() {
        let folder = layer(json!({"index.embedder_folder": "/etc"}));
        for level in [Level::Source, Level::Tenant, Level::Call] {
            let error = Settings::resolve(Preset::Local, &[(level, &folder)]).unwrap_err();
            assert!(error.message().ends_with("set it for the process"), "{error}");
        }
        let resolved = Settings::resolve(Preset::Local, &[(Level::Process, &folder)]).unwrap();
        assert_eq!(resolved.settings.index.embedder_folder.as_deref(), Some("/etc"));
    }

    #[test]
    fn the_hash_follows_the_values() {
        let call = layer(json!({"ask": {"timeout_ms": 9}}));
        let changed = Settings::resolve(Preset::Local, &[(Level::Call, &call)]).unwrap();
        assert_ne!(changed.settings.hash(), Settings::default().hash());
        assert_eq!(Resolved::default(), Settings::resolve(Preset::Local, &[]).unwrap());
    }
}
