//! What every storage must do, as checks that a host runs against its own.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use std::sync::Arc;
//! use leo::adapter::Storage;
//! use leo::store::{MemoryStorage, contract};
//!
//! let report = contract::check(async || Arc::new(MemoryStorage::default()) as Arc<dyn Storage>).await;
//! assert!(report.is_met(), "{report}");
//! # });
//! ```

mod checks;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::adapter::Storage;

/// What came of the checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StorageContractReport"))]
pub struct ContractReport {
    /// In the order they were made.
    pub checks: Vec<ContractCheck>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StorageContractCheck"))]
pub struct ContractCheck {
    /// What was checked, such as `expected_versions`.
    pub name: String,
    /// What came of it.
    pub outcome: CheckOutcome,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// The storage does it.
    Passed,
    /// It does not; what it did instead.
    Failed(String),
}

impl ContractReport {
    /// Whether every check passed, and there were some.
    pub fn is_met(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.outcome == CheckOutcome::Passed)
    }

    /// Names of the checks that failed.
    pub fn failed(&self) -> Vec<&str> {
        self.checks.iter().filter(|check| check.outcome != CheckOutcome::Passed).map(|check| check.name.as_str()).collect()
    }
}

/// A line for each check.
impl fmt::Display for ContractReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            match &check.outcome {
                CheckOutcome::Passed => writeln!(f, "passed  {}", check.name)?,
                CheckOutcome::Failed(why) => writeln!(f, "FAILED  {}: {why}", check.name)?,
            }
        }
        Ok(())
    }
}

/// Checks the storages that `make` gives: a new one for each check, or the same again.
///
/// # Behavior
/// The storage need not be empty: all keys begin with `leo-contract/` and a number of their own, and are deleted at the end. It takes
/// some three seconds, because values have to expire. It is run inside a tokio runtime.
pub async fn check(make: impl AsyncFn() -> Arc<dyn Storage>) -> ContractReport {
    let mut checks = Vec::new();
    for name in checks::NAMES {
        checks.push(run(name, make().await).await);
    }
    ContractReport { checks }
}

/// [`check`] with one storage for all checks, to be run in a task of its own.
pub async fn check_storage(storage: Arc<dyn Storage>) -> ContractReport {
    let mut checks = Vec::new();
    for name in checks::NAMES {
        checks.push(run(name, Arc::clone(&storage)).await);
    }
    ContractReport { checks }
}

async fn run(name: &'static str, storage: Arc<dyn Storage>) -> ContractCheck {
    let room = checks::Room::new(storage);
    let outcome = room.check(name).await.map_or_else(CheckOutcome::Failed, |()| CheckOutcome::Passed);
    room.clear().await;
    ContractCheck { name: name.to_owned(), outcome }
}
