//! Running the guard in tests.

use std::path::{Path, PathBuf};

use leo::adapter::Access;
use leo::catalog::Catalog;
use leo::guard::{Purpose, Request, Vetting, vet};
use leo::settings::GuardLimits;
use leo::{Context, Value};

/// A file of the shared data, or nothing (and a line that says so) when it is not there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = root.join(path);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

/// Vets `sql` for a user with full access under the default settings.
///
/// # Panics
/// Never: the context's names are valid.
pub fn check(catalog: &Catalog, sql: &str) -> Vetting {
    check_with(catalog, sql, &Access::full(), &[])
}

/// Vets `sql` under `access`.
///
/// # Panics
/// Never: the context's names are valid.
#[allow(clippy::expect_used)]
pub fn check_with(catalog: &Catalog, sql: &str, access: &Access, params: &[Value]) -> Vetting {
    let ctx = Context::new("tenant", "user").expect("valid names");
    let settings = GuardLimits::default();
    vet(&Request { ctx: &ctx, source: "source", catalog, access, settings: &settings, sql, params, purpose: Purpose::Sql })
}

/// Vets a statement that the query compiler wrote for a question, for a user with full access.
///
/// # Panics
/// Never: the context's names are valid.
#[allow(clippy::expect_used)]
pub fn check_compiled(catalog: &Catalog, sql: &str, params: &[Value], settings: &GuardLimits) -> Vetting {
    let ctx = Context::new("tenant", "user").expect("valid names");
    let access = Access::full();
    vet(&Request { ctx: &ctx, source: "source", catalog, access: &access, settings, sql, params, purpose: Purpose::Ask })
}

/// Rule ids of the findings, for messages.
pub fn rules(vetting: &Vetting) -> Vec<String> {
    vetting.findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect()
}
