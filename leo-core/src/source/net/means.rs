//! What a source gets from around it.

use std::sync::Arc;

use super::credentials::Credentials;
use super::slots::Slots;
use crate::breaker::Breaker;

/// What a source gets from around it. The default is for a source by itself: as many connections as its spec says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Means {
    /// The connections it shares with others.
    pub(crate) slots: Slots,
    /// Its failures, which outlive a pool that is closed and opened again.
    pub(crate) breaker: Arc<Breaker>,
    /// Where its login comes from, when the spec does not say.
    pub(crate) credentials: Option<Arc<Credentials>>,
}
