//! The circuit breaker: a server or model that failed several times in a row is left alone for a while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::error::{Error, Result};

/// Failures in a row after which nothing is tried.
const FAILURES: u32 = 5;
/// How long nothing is tried; then one attempt decides.
const PAUSE: Duration = Duration::from_secs(60);

/// What the circuit breaker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Lets everything through.
    #[default]
    Closed,
    /// Lets one attempt through, which decides.
    HalfOpen,
    /// Refuses.
    Open,
}

/// Counts failures to connect, wrong logins among them: trying on would lock the account.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    failures: u32,
    opened: Option<Instant>,
    /// The attempt that decides is under way since then.
    probing: Option<Instant>,
    last: Option<Error>,
}

impl Breaker {
    /// Lets an attempt through, or says when to come back.
    ///
    /// # Errors
    /// `Unavailable` with the last error's message while it is open.
    pub(crate) fn admit(&self) -> Result<()> {
        let mut inner = self.lock();
        let Some(opened) = inner.opened else { return Ok(()) };
        let left = PAUSE.saturating_sub(opened.elapsed());
        // A caller who gave up in the middle of the deciding attempt must not keep it closed to others for ever.
        let busy = inner.probing.is_some_and(|since| since.elapsed() < PAUSE);
        if left.is_zero() && !busy {
            inner.probing = Some(Instant::now());
            return Ok(());
        }
        let seconds = left.as_secs().max(1);
        let why = inner.last.as_ref().map_or_else(String::new, |error| format!("; the last failure: {}", error.message()));
        let message =
            format!("the server failed {} times in a row and is left alone; try again in {seconds} s{why}", inner.failures);
        Err(Error::unavailable(message).with_retry_after(Duration::from_secs(seconds)))
    }

    pub(crate) fn succeeded(&self) {
        *self.lock() = Inner::default();
    }

    pub(crate) fn failed(&self, error: &Error) {
        let mut inner = self.lock();
        inner.failures = inner.failures.saturating_add(1);
        inner.probing = None;
        inner.last = Some(error.clone());
        if inner.failures >= FAILURES {
            inner.opened = Some(Instant::now());
        }
    }

    /// The attempt failed for a reason of this side, which says nothing about the server.
    pub(crate) fn withdrawn(&self) {
        self.lock().probing = None;
    }

    /// Forgets everything, for instance after the login was changed.
    #[cfg(feature = "net")]
    pub(crate) fn reset(&self) {
        self.succeeded();
    }

    pub(crate) fn state(&self) -> BreakerState {
        match self.lock().opened {
            None => BreakerState::Closed,
            Some(opened) if opened.elapsed() >= PAUSE => BreakerState::HalfOpen,
            Some(_) => BreakerState::Open,
        }
    }

    #[cfg(any(test, feature = "net"))]
    pub(crate) fn last_error(&self) -> Option<Error> {
        self.lock().last.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down() -> Error {
        Error::unavailable("the server at db:5432 refuses connections")
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_open_it_and_one_attempt_after_a_minute_decides() {
        let breaker = Breaker::default();
        for _ in 0..5 {
            assert!(breaker.admit().is_ok());
            breaker.failed(&down());
        }
        assert_eq!(breaker.state(), BreakerState::Open);
        let error = breaker.admit().unwrap_err();
        assert!(error.message().contains("60 s") && error.message().contains("refuses connections"), "{error}");
        tokio::time::advance(PAUSE).await;
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(breaker.admit().is_ok());
        assert!(breaker.admit().is_err(), "only one attempt at a time");
        breaker.failed(&down());
        assert_eq!(breaker.state(), BreakerState::Open);
        tokio::time::advance(PAUSE).await;
        assert!(breaker.admit().is_ok());
        breaker.succeeded();
        assert_eq!((breaker.state(), breaker.last_error().is_none()), (BreakerState::Closed, true));
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_between_failures_starts_the_count_again() {
        let breaker = Breaker::default();
        for _ in 0..20 {
            (0..4).for_each(|_| breaker.failed(&down()));
            breaker.succeeded();
        }
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deciding_attempt_that_was_given_up_is_replaced() {
        let breaker = Breaker::default();
        (0..5).for_each(|_| breaker.failed(&down()));
        tokio::time::advance(PAUSE).await;
        assert!(breaker.admit().is_ok());
        tokio::time::advance(PAUSE).await;
        assert!(breaker.admit().is_ok());
    }
}
