//! The contract of storages, for implementations in any language.

use std::sync::Arc;
use std::time::Duration;

use leo::Result;
use leo::adapter::Storage;
use leo::store::contract;
use serde_json::Value as Json;

use crate::callback::Callback;
use crate::plain;
use crate::remote::Remote;

/// Time for one call of the storage.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Checks a storage against the contract: a list of checks with `name` and `outcome`. Takes some three seconds; its keys are its own, and
/// gone afterwards.
///
/// # Errors
/// `Internal` when the report has no JSON form.
pub async fn check_storage(storage: Arc<dyn Callback>) -> Result<Json> {
    let storage: Arc<dyn Storage> = Arc::new(Remote::new(storage, TIMEOUT));
    plain(&contract::check_storage(storage).await.checks)
}
