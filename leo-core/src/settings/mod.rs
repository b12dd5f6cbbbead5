//! Settings: one typed tree of plain data, laid together from layers.
//!
//! A call's settings win over its tenant's, those over the source's, the process's and the preset's defaults. A layer names only
//! what it changes:
//!
//! ```
//! use leo::settings::{Level, Preset, Settings, SettingsLayer};
//!
//! let process = SettingsLayer::parse(r#"{"calendar": {"fiscal_year_start": 4}}"#)?;
//! let call = SettingsLayer::parse(r#"{"ask": {"timeout_ms": 2000}}"#)?;
//! let resolved = Settings::resolve(Preset::Local, &[(Level::Process, &process), (Level::Call, &call)])?;
//! assert_eq!(resolved.settings.ask.timeout_ms, 2_000);
//! assert_eq!(resolved.origin("calendar.fiscal_year_start"), Some(Level::Process));
//!
//! let error = SettingsLayer::parse(r#"{"guard": {"row_cpa": 10}}"#).unwrap_err();
//! assert_eq!(error.message(), "unknown setting `guard.row_cpa`; did you mean `guard.row_cap`?");
//! # Ok::<(), leo::Error>(())
//! ```

#[cfg(feature = "schema")]
mod json_schema;
mod layers;
mod schema;
mod tree;

pub use layers::{Explained, Level, Resolved, SettingsLayer};
pub use tree::{
    AskSettings, AuditSettings, CacheSettings, CalendarSettings, Disclosure, Durability, GuardLimits, IndexSettings,
    ModelSettings, NetworkMode, NetworkSettings, OnOverload, Preset, PrivacySettings, Settings, SourcesSettings, SyncSettings,
};
