//! What this build contains.

use serde_json::{Value as Json, json};

/// Version, connectors and other parts of this build: `{"version": "0.1.0", "sources": ["sqlite", …], "ssh": true}`.
pub fn features() -> Json {
    let sources = leo::source::built_in();
    json!({ "version": env!("CARGO_PKG_VERSION"), "sources": sources, "ssh": cfg!(feature = "ssh") })
}

/// The version of Leo.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
