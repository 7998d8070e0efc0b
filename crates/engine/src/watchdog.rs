//! Ends the parsing of a file whose time is over.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use vauban_formats::Budget;

/// Stops the budgets of files that take too long; one thread for all of them.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
    limit: Duration,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    closing: Condvar,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    closed: bool,
    watched: BTreeMap<u64, (Instant, Arc<Budget>)>,
}

/// Watches one file until it is dropped.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    shared: &'a Shared,
    ticket: u64,
}

impl Watchdog {
    /// Starts a watchdog that gives each file `limit`.
    pub(crate) fn new(limit: Duration) -> Self {
        let shared = Arc::new(Shared::default());
        let watched = Arc::clone(&shared);
        let thread = std::thread::spawn(move || watched.patrol(limit));
        Self { shared, thread: Some(thread), limit }
    }

    /// Watches the file that spends `budget` until the watch is dropped.
    pub(crate) fn watch(&self, budget: &Arc<Budget>) -> Watch<'_> {
        let mut state = self.shared.lock();
        let ticket = state.next;
        state.next += 1;
        state.watched.insert(ticket, (now() + self.limit, Arc::clone(budget)));
        Watch { shared: &self.shared, ticket }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn patrol(&self, limit: Duration) {
        let pause = (limit / 20).clamp(Duration::from_millis(5), Duration::from_millis(250));
        let mut state = self.lock();
        while !state.closed {
            state = self.closing.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner).0;
            let time = now();
            for (deadline, budget) in state.watched.values() {
                if time >= *deadline {
                    budget.stop();
                }
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the only clock of the engine: it bounds time and reaches no result"
)]
fn now() -> Instant {
    Instant::now()
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.shared.lock().watched.remove(&self.ticket);
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.closing.notify_all();
        if let Some(thread) = self.thread.take() {
            // The patrol holds nothing that a panic could break.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vauban_formats::Limits;

    #[test]
    fn only_the_file_that_takes_too_long_is_stopped() {
        let watchdog = Watchdog::new(Duration::from_millis(20));
        let quick = Arc::new(Budget::new(Limits::default()));
        drop(watchdog.watch(&quick));
        let slow = Arc::new(Budget::new(Limits::default()));
        let watch = watchdog.watch(&slow);
        std::thread::sleep(Duration::from_millis(200));
        drop(watch);
        assert!(slow.is_stopped());
        assert!(!quick.is_stopped());
    }
}
