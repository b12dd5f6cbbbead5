//! At most so many syncs, or questions, of a tenant at a time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::context::Context;
use crate::error::Result;

/// Of how long turns take, what the last one decides.
const LATEST: f64 = 0.2;

/// Who is at it and who waits, by tenant; first come, first served.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    tenants: Arc<Mutex<HashMap<String, Line>>>,
    /// How long a turn takes, of all tenants, in seconds; nothing before the first has ended.
    pace: Arc<Mutex<Option<f64>>>,
    /// Told of every change.
    moved: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Line {
    running: u64,
    waiting: VecDeque<u64>,
    last: u64,
}

impl Default for Queue {
    fn default() -> Self {
        Self { tenants: Arc::default(), pace: Arc::default(), moved: watch::Sender::new(()) }
    }
}

impl Queue {
    /// A turn at once, if fewer than `most` are under way and nobody waits.
    pub(crate) fn turn_now(&self, ctx: &Context, most: u64) -> Option<Turn> {
        let mut tenants = self.tenants();
        let line = tenants.entry(ctx.tenant.clone()).or_default();
        if line.running.saturating_add(line.waiting.len() as u64) >= most.max(1) {
            return None;
        }
        line.running += 1;
        Some(Turn { queue: self.clone(), tenant: ctx.tenant.clone(), waits: None, since: Instant::now() })
    }

    /// How many of the tenant's wait.
    pub(crate) fn waiting(&self, tenant: &str) -> u64 {
        self.tenants().get(tenant).map_or(0, |line| line.waiting.len() as u64)
    }

    /// About when it is the turn of who has this place (from 1) in the line, where `most` go at a time; nothing before any has ended.
    pub(crate) fn eta(&self, position: u64, most: u64) -> Option<Duration> {
        let pace = (*self.pace.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(Duration::from_secs_f64((pace * position.div_ceil(most.max(1)) as f64).clamp(0.0, 86_400.0)))
    }

    /// A turn for one of the context's tenant, once fewer than `most` are under way. `wait` is told how many begin before it, and it,
    /// whenever that changes; never where there is no wait.
    ///
    /// # Errors
    /// `Cancelled`, `Timeout`.
    ///
    /// # Cancellation
    /// Whoever stops waiting leaves the line.
    pub(crate) async fn turn(&self, ctx: &Context, most: u64, wait: &(dyn Fn(usize) + Send + Sync)) -> Result<Turn> {
        let mut moved = self.moved.subscribe();
        let number = {
            let mut tenants = self.tenants();
            let line = tenants.entry(ctx.tenant.clone()).or_default();
            line.last += 1;
            line.waiting.push_back(line.last);
            line.last
        };
        let mut turn = Turn { queue: self.clone(), tenant: ctx.tenant.clone(), waits: Some(number), since: Instant::now() };
        let mut told = None;
        loop {
            match self.advance(&ctx.tenant, number, most) {
                None => {
                    turn.waits = None;
                    turn.since = Instant::now();
                    return Ok(turn);
                }
                position if position == told => {}
                position => {
                    told = position;
                    wait(position.unwrap_or_default());
                }
            }
            // The sender is in `self`, and outlives this.
            let _ = ctx.unless_over(moved.changed()).await?;
        }
    }

    /// Begins where it is this one's turn; its position otherwise.
    fn advance(&self, tenant: &str, number: u64, most: u64) -> Option<usize> {
        let mut tenants = self.tenants();
        let line = tenants.get_mut(tenant)?;
        let position = line.waiting.iter().position(|other| *other == number)?;
        if line.running.saturating_add(position as u64) >= most.max(1) {
            return Some(position + 1);
        }
        line.waiting.remove(position);
        line.running += 1;
        self.moved.send_replace(());
        None
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<String, Line>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the line, and then a turn; dropped, others move up.
#[derive(Debug)]
pub(crate) struct Turn {
    queue: Queue,
    tenant: String,
    /// Its number while it waits.
    waits: Option<u64>,
    /// When its turn began.
    since: Instant,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.waits.is_none() {
            let took = self.since.elapsed().as_secs_f64();
            let mut pace = self.queue.pace.lock().unwrap_or_else(PoisonError::into_inner);
            *pace = Some(pace.map_or(took, |before| before + LATEST * (took - before)));
        }
        {
            let mut tenants = self.queue.tenants();
            if let Some(line) = tenants.get_mut(&self.tenant) {
                match self.waits {
                    Some(number) => line.waiting.retain(|other| *other != number),
                    None => line.running = line.running.saturating_sub(1),
                }
                if line.running == 0 && line.waiting.is_empty() {
                    tenants.remove(&self.tenant);
                }
            }
        }
        self.queue.moved.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tenant: &str) -> Context {
        Context::new(tenant, "ada").unwrap()
    }

    #[tokio::test]
    async fn syncs_of_a_tenant_wait_in_line_and_those_of_others_do_not() {
        let queue = Queue::default();
        let none = |position: usize| panic!("nobody was there before, not {position}");
        let first = queue.turn(&of("acme"), 2, &none).await.unwrap();
        let second = queue.turn(&of("acme"), 2, &none).await.unwrap();
        let _other = queue.turn(&of("globex"), 2, &none).await.unwrap();
        let waiting = |queue: Queue| {
            let told = Arc::new(Mutex::new(Vec::new()));
            let tell = Arc::clone(&told);
            let turn = async move { queue.turn(&of("acme"), 2, &|position| tell.lock().unwrap().push(position)).await };
            (tokio::spawn(turn), told)
        };
        let (third, third_told) = waiting(queue.clone());
        tokio::task::yield_now().await;
        let (gone, _) = waiting(queue.clone());
        tokio::task::yield_now().await;
        let (fourth, fourth_told) = waiting(queue.clone());
        tokio::task::yield_now().await;
        assert_eq!((third_told.lock().unwrap().clone(), fourth_told.lock().unwrap().clone()), (vec![1], vec![3]));
        gone.abort();
        let _ = gone.await;
        tokio::task::yield_now().await;
        drop(first);
        let third = third.await.unwrap().unwrap();
        tokio::task::yield_now().await;
        assert_eq!(*fourth_told.lock().unwrap(), [3, 2, 1]);
        drop((second, third));
        drop(fourth.await.unwrap().unwrap());
        let line = queue.tenants();
        assert!(line.contains_key("globex") && !line.contains_key("acme"));
    }

    #[tokio::test]
    async fn who_does_not_wait_gets_a_turn_at_once_or_none() {
        let (queue, ctx) = (Queue::default(), of("acme"));
        assert_eq!(queue.eta(1, 2), None);
        let (first, second) = (queue.turn_now(&ctx, 2), queue.turn_now(&ctx, 2));
        assert!(first.is_some() && second.is_some() && queue.turn_now(&ctx, 2).is_none());
        assert!(queue.turn_now(&of("globex"), 2).is_some());
        drop(first);
        assert!(queue.turn_now(&ctx, 2).is_some());
        *queue.pace.lock().unwrap() = Some(2.0);
        assert_eq!(queue.eta(1, 2), Some(Duration::from_secs(2)));
        assert_eq!(queue.eta(5, 2), Some(Duration::from_secs(6)), "two at a time, two seconds each");
    }

    #[tokio::test]
    async fn a_cancelled_call_leaves_the_line() {
        let (queue, ctx) = (Queue::default(), of("acme"));
        let first = queue.turn(&ctx, 1, &|_| {}).await.unwrap();
        let impatient = of("acme");
        let cancel = impatient.cancel.clone();
        assert!(queue.turn(&impatient, 1, &move |_| cancel.cancel()).await.is_err());
        drop(first);
        assert!(queue.tenants().is_empty());
    }
}
