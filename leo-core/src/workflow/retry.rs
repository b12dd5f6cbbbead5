//! Trying again.

use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};

/// How long is waited before each further attempt.
const WAITS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(16)];

/// What kind of failure ended a step: what a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureClass {
    /// It took longer than it may: give it more time, or less to do.
    Timeout,
    /// A limit of the other side was reached: wait, or raise it.
    QuotaExceeded,
    /// The login may not do it: grant it.
    PermissionDenied,
    /// The other side could not be reached: it may be there again later.
    TransientNetwork,
    /// What came back cannot be read.
    MalformedResponse,
    /// The statement or the settings are refused, and will be again.
    ValidationFailed,
    /// Anything else.
    Other,
}

impl FailureClass {
    /// The class of an error.
    pub(crate) fn of(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::RateLimited | ErrorKind::OverBudget | ErrorKind::LimitExceeded => Self::QuotaExceeded,
            ErrorKind::Denied => Self::PermissionDenied,
            ErrorKind::Unavailable => Self::TransientNetwork,
            ErrorKind::Malformed => Self::MalformedResponse,
            ErrorKind::Config | ErrorKind::Rejected | ErrorKind::NeedsApproval | ErrorKind::NotFound | ErrorKind::Unsupported => {
                Self::ValidationFailed
            }
            _ => Self::Other,
        }
    }
}

/// Does `work`, again after 1, 4 and 16 seconds while it fails with `Unavailable` or `RateLimited`. How often it was tried, and what came of it.
///
/// # Errors
/// The last one; `Cancelled` and `Timeout` of `ctx` while it waits.
pub(crate) async fn retrying<'a, T>(
    ctx: &Context,
    mut work: impl FnMut() -> BoxFuture<'a, Result<T>> + Send,
) -> (u32, Result<T>) {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let outcome = work().await;
        let passes = matches!(&outcome, Err(error) if matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::RateLimited));
        let Some(wait) = WAITS.get(attempts as usize - 1).filter(|_| passes) else { return (attempts, outcome) };
        if let Err(over) = ctx.unless_over(tokio::time::sleep(*wait)).await {
            return (attempts, Err(over));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::ready;
    use tokio::time::Instant;

    use super::*;

    async fn tried(errors: Vec<Error>) -> (u32, Result<u32>, u64) {
        let (ctx, begun) = (Context::new("acme", "ada").unwrap(), Instant::now());
        let mut errors = errors.into_iter();
        let (attempts, outcome) = retrying(&ctx, || ready(errors.next().map_or(Ok(7), Err)).boxed()).await;
        (attempts, outcome, begun.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_waited_for() {
        let down = || Error::unavailable("the server is restarting");
        assert!(matches!(tried(vec![]).await, (1, Ok(7), 0)));
        assert!(matches!(tried(vec![down(), down()]).await, (3, Ok(7), 5)));
        assert!(matches!(tried(vec![down(), down(), down(), down()]).await, (4, Err(_), 21)));
        assert!(matches!(tried(vec![Error::denied("no")]).await, (1, Err(_), 0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_call_does_not_wait() {
        let ctx = Context::new("acme", "ada").unwrap();
        ctx.cancel.cancel();
        let (attempts, outcome) = retrying(&ctx, || ready(Err::<(), _>(Error::unavailable("down"))).boxed()).await;
        assert_eq!((attempts, outcome.unwrap_err().kind()), (1, ErrorKind::Cancelled));
    }
}
