//! What time it is.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::error::Result;

/// Tells the time: for hosts whose business has a day of its own, and for tests.
///
/// # Behavior
/// Asked once for each call, unless the context was given a moment ([`Context::with_now`](crate::Context::with_now)). Relative windows such as
/// "last month" count from what it says, and so do adapters, who find it in their [`HostContext`](crate::context::HostContext). Deadlines and the
/// times of audit records are the machine's, whatever it says. It has 5 seconds; the call then fails with `Timeout`.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use jiff::Timestamp;
/// use leo::adapter::Clock;
///
/// #[derive(Debug)]
/// struct Stopped(Timestamp);
///
/// #[async_trait::async_trait]
/// impl Clock for Stopped {
///     async fn now(&self) -> leo::Result<Timestamp> {
///         Ok(self.0)
///     }
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let clock = Arc::new(Stopped("2024-06-30T12:00:00Z".parse().unwrap()));
/// let shop = leo::source::sqlite::SqliteSource::from_sql("shop", "CREATE TABLE orders (id INTEGER PRIMARY KEY, placed DATE)")?;
/// let source = leo::builder::Source::new(shop);
/// let leo = leo::Leo::builder().preset(leo::settings::Preset::Local).source(source).clock(clock).build()?;
/// assert_eq!(leo.ask("How many orders are there?").await?.explain.now, "2024-06-30 12:00");
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[async_trait]
pub trait Clock: std::fmt::Debug + Send + Sync + 'static {
    /// Now.
    ///
    /// # Errors
    /// The host's own; the call fails with `Adapter`, this one attached.
    async fn now(&self) -> Result<Timestamp>;
}
