//! Members of one archive on several threads, with the same outcome as on one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Entry, member};
use crate::{Defect, Input, Member};

/// Bytes from which on threads pay.
const WORTH: u64 = 2 << 20;
/// Threads for one archive; files are parsed side by side as well.
const THREADS: usize = 4;

/// What became of one member.
type Outcome = (Option<Member>, Vec<Defect>);

/// Parses the entries in order; side by side if all of them together stay within what may be inflated and held, so
/// that no bound depends on which comes first.
pub(super) fn parse(input: &Input<'_>, entries: &[&Entry]) -> Vec<Outcome> {
    let one = |entry: &&Entry| {
        let mut defects = Vec::new();
        let member = member::parsed(input, entry, &mut defects);
        (member, defects)
    };
    let bytes =
        |entry: &&Entry| if entry.method == 0 { entry.compressed } else { entry.size.max(entry.compressed) };
    let total = entries.iter().map(bytes).fold(0, u64::saturating_add);
    let inflated = entries.iter().filter(|entry| entry.method != 0).map(bytes).fold(0, u64::saturating_add);
    let room = input.budget.memory_left().min(input.budget.inflation_left()) / 2;
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS).min(entries.len());
    if threads < 2 || total < WORTH || inflated > room || input.depth > 0 {
        return entries.iter().map(one).collect();
    }
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<(usize, Outcome)>> = Mutex::new(Vec::with_capacity(entries.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, entry)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    entries.get(index).map(|entry| (index, entry))
                } {
                    let outcome = one(entry);
                    outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
