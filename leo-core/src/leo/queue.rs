//! At most so many syncs of a tenant at a time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::context::Context;
use crate::error::Result;

/// Who syncs and who waits for it, by tenant; first come, first served.
#[derive(Debug, Clone)]
pub(crate) struct SyncQueue {
    tenants: Arc<Mutex<HashMap<String, Line>>>,
    /// Told of every change.
    moved: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Line {
    running: u64,
    waiting: VecDeque<u64>,
    last: u64,
}

impl Default for SyncQueue {
    fn default() -> Self {
        Self { tenants: Arc::default(), moved: watch::Sender::new(()) }
    }
}

impl SyncQueue {
    /// A turn for one sync of the context's tenant, once fewer than `most` are under way. `wait` is told how many begin before it, and it,
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
        let mut turn = Turn { queue: self.clone(), tenant: ctx.tenant.clone(), waits: Some(number) };
        let mut told = None;
        loop {
            match self.advance(&ctx.tenant, number, most) {
                None => {
                    turn.waits = None;
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

/// A place in the line, and then a sync under way; dropped, others move up.
#[derive(Debug)]
pub(crate) struct Turn {
    queue: SyncQueue,
    tenant: String,
    /// Its number while it waits.
    waits: Option<u64>,
}

impl Drop for Turn {
    fn drop(&mut self) {
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
        let queue = SyncQueue::default();
        let none = |position: usize| panic!("nobody was there before, not {position}");
        let first = queue.turn(&of("acme"), 2, &none).await.unwrap();
        let second = queue.turn(&of("acme"), 2, &none).await.unwrap();
        let _other = queue.turn(&of("globex"), 2, &none).await.unwrap();
        let waiting = |queue: SyncQueue| {
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
    async fn a_cancelled_call_leaves_the_line() {
        let (queue, ctx) = (SyncQueue::default(), of("acme"));
        let first = queue.turn(&ctx, 1, &|_| {}).await.unwrap();
        let impatient = of("acme");
        let cancel = impatient.cancel.clone();
        assert!(queue.turn(&impatient, 1, &move |_| cancel.cancel()).await.is_err());
        drop(first);
        assert!(queue.tenants().is_empty());
    }
}
