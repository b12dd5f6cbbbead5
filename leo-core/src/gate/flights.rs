//! Work that several calls want at the same time is done by one of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::kept::Key;
use crate::context::Context;
use crate::error::Result;

/// Who is at what. Who comes while others are at it waits for what comes of it.
#[derive(Debug)]
pub(in crate::gate) struct Flights<V>(Arc<Mutex<HashMap<Key, Place<V>>>>);

/// Locked by whoever does the work; what came of it, for those who wait.
type Place<V> = Arc<AsyncMutex<Option<V>>>;

/// What there is to do.
pub(in crate::gate) enum Joined<V> {
    /// Nothing: another did it while this one waited.
    Landed(V),
    /// The work.
    Lead(Flight<V>),
}

impl<V> Default for Flights<V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<V: Clone> Flights<V> {
    /// Waits for whoever is at the same work; without them it is this one's to do.
    ///
    /// # Errors
    /// `Cancelled`, `Timeout` of the call that waits.
    pub(in crate::gate) async fn join(&self, ctx: &Context, key: &Key) -> Result<Joined<V>> {
        let place = Arc::clone(places(&self.0).entry(key.clone()).or_default());
        let seat = Seat { flights: Arc::clone(&self.0), key: key.clone(), place };
        let held = ctx.unless_over(Arc::clone(&seat.place).lock_owned()).await?;
        Ok(match &*held {
            Some(value) => Joined::Landed(value.clone()),
            None => Joined::Lead(Flight { held, seat }),
        })
    }
}

fn places<V>(flights: &Mutex<HashMap<Key, Place<V>>>) -> MutexGuard<'_, HashMap<Key, Place<V>>> {
    flights.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Work under way. Dropped before it has landed, the next of those who wait does it.
#[derive(Debug)]
pub(in crate::gate) struct Flight<V> {
    // Dropped in this order: the place is free before it is looked whether anybody else is there.
    held: OwnedMutexGuard<Option<V>>,
    seat: Seat<V>,
}

impl<V> Flight<V> {
    /// Gives what came of it to all who wait. Who comes after this begins anew.
    pub(in crate::gate) fn land(mut self, value: V) {
        self.seat.leave();
        *self.held = Some(value);
    }
}

/// A call at a place, waiting or working.
#[derive(Debug)]
struct Seat<V> {
    flights: Arc<Mutex<HashMap<Key, Place<V>>>>,
    key: Key,
    place: Place<V>,
}

impl<V> Seat<V> {
    /// Lets nobody else come to this place.
    fn leave(&self) {
        let mut places = places(&self.flights);
        if places.get(&self.key).is_some_and(|place| Arc::ptr_eq(place, &self.place)) {
            places.remove(&self.key);
        }
    }
}

impl<V> Drop for Seat<V> {
    fn drop(&mut self) {
        // Counted under the lock under which others come: the map's and this one's are left, so nobody else is there.
        let mut places = places(&self.flights);
        let is_last = Arc::strong_count(&self.place) <= 2;
        if is_last && places.get(&self.key).is_some_and(|place| Arc::ptr_eq(place, &self.place)) {
            places.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn key() -> Key {
        Key { tenant: "acme".into(), source: 1, digest: [7; 32] }
    }

    fn ctx() -> Context {
        Context::new("acme", "ada").unwrap()
    }

    async fn work(flights: &Flights<usize>, runs: &AtomicUsize, ctx: &Context) -> Result<usize> {
        match flights.join(ctx, &key()).await? {
            Joined::Landed(value) => Ok(value),
            Joined::Lead(flight) => {
                let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
                ctx.unless_over(tokio::time::sleep(Duration::from_millis(20))).await?;
                flight.land(run);
                Ok(run)
            }
        }
    }

    #[tokio::test]
    async fn those_at_the_same_time_share_and_those_after_do_not() {
        let (flights, runs, ctx) = (Flights::default(), AtomicUsize::new(0), ctx());
        let all = futures::future::join_all((0..50).map(|_| work(&flights, &runs, &ctx))).await;
        assert!(all.into_iter().all(|value| value.unwrap() == 1));
        assert_eq!(work(&flights, &runs, &ctx).await.unwrap(), 2);
        assert!(places(&flights.0).is_empty());
    }

    #[tokio::test]
    async fn when_the_one_at_work_goes_the_next_does_it_and_nobody_stays() {
        let (flights, runs, others) = (Arc::new(Flights::default()), Arc::new(AtomicUsize::new(0)), ctx());
        let first = ctx();
        let cancel = first.cancel.clone();
        let (gone, stay, leaves) = (Arc::clone(&flights), Arc::clone(&flights), ctx());
        let end = leaves.cancel.clone();
        let led = {
            let runs = Arc::clone(&runs);
            tokio::spawn(async move { work(&gone, &runs, &first).await })
        };
        tokio::task::yield_now().await;
        let waits = {
            let runs = Arc::clone(&runs);
            tokio::spawn(async move { work(&stay, &runs, &others).await })
        };
        let impatient = {
            let (flights, runs) = (Arc::clone(&flights), Arc::clone(&runs));
            tokio::spawn(async move { work(&flights, &runs, &leaves).await })
        };
        tokio::task::yield_now().await;
        end.cancel();
        assert!(impatient.await.unwrap().is_err(), "who waits may go");
        cancel.cancel();
        assert!(led.await.unwrap().is_err());
        assert_eq!(waits.await.unwrap().unwrap(), 2);
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        assert!(places(&flights.0).is_empty());
    }
}
