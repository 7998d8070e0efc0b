//! What one file may still cost: inflated bytes, bytes in memory, time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::Limits;

/// Bytes that may be inflated out of any file, however small.
const INFLATED_FLOOR: u64 = 64 << 20;

/// Bounds of one file, shared by everything inside it, with a running count of what was spent.
#[derive(Debug, Default)]
pub struct Budget {
    /// The bounds.
    pub limits: Limits,
    file_bytes: AtomicU64,
    inflated: AtomicU64,
    held: Arc<AtomicU64>,
    reread: AtomicU64,
    sampled: AtomicU64,
    stopped: AtomicBool,
}

/// Inflated bytes that are in memory; given back when it is dropped.
#[derive(Debug, Default)]
pub struct Held {
    held: Arc<AtomicU64>,
    bytes: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Budget {
    /// A fresh budget.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// A new file of so many bytes is looked at.
    pub(crate) fn begin(&self, bytes: u64) {
        self.file_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Takes `bytes` from the inflation budget; false once it is overdrawn.
    pub fn inflate(&self, bytes: u64) -> bool {
        let before = self.inflated.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= self.most_inflated()
    }

    /// Bytes that may be inflated out of this file in all.
    pub fn most_inflated(&self) -> u64 {
        let file = self.file_bytes.load(Ordering::Relaxed);
        let by_ratio = file.saturating_mul(self.limits.inflate_ratio).max(INFLATED_FLOOR);
        by_ratio.min(self.limits.inflated_bytes)
    }

    /// Takes `bytes` that are looked at once more from the budget; false once it is overdrawn.
    pub fn reread(&self, bytes: u64) -> bool {
        let before = self.reread.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= self.limits.reread_bytes
    }

    /// Takes `bytes` of tensors or padding that are searched; false once it is overdrawn.
    pub fn sample(&self, bytes: u64) -> bool {
        let before = self.sampled.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= self.limits.sampled_bytes
    }

    /// Asks every parser of this file to stop; called by a watchdog when the file's time is over.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether to stop now. Loops over hostile lengths ask every few thousand rounds and leave a `limit-time` defect.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Bytes that may still be inflated.
    pub fn inflation_left(&self) -> u64 {
        self.most_inflated().saturating_sub(self.inflated.load(Ordering::Relaxed))
    }

    /// Inflated bytes that may still be kept in memory at once.
    pub fn memory_left(&self) -> u64 {
        self.limits.held_bytes.saturating_sub(self.held.load(Ordering::Relaxed))
    }

    /// Says that so many inflated bytes are in memory until the answer is dropped.
    pub fn hold(&self, bytes: u64) -> Held {
        self.held.fetch_add(bytes, Ordering::Relaxed);
        Held { held: Arc::clone(&self.held), bytes }
    }
}
