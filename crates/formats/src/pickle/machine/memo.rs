//! The memo: dense as every pickler writes it, sparse for the rest.

use super::super::slot::Slot;
use super::{Broken, Machine, SLOTS};

impl<'a> Machine<'a> {
    pub(super) fn put(&mut self, key: u64, at: usize) -> Result<(), Broken> {
        let value = self.top()?;
        let next = self.memo.len() as u64;
        self.stream.memo_top = self.stream.memo_top.max(key);
        if key == next && self.memo.len() < SLOTS {
            self.memo.push(value);
            self.sparse_memo.remove(&key);
        } else if let Some(place) = usize::try_from(key).ok().and_then(|key| self.memo.get_mut(key)) {
            *place = value;
        } else if self.sparse_memo.len() < SLOTS / 8 {
            self.sparse_memo.insert(key, value);
        } else {
            self.limit("limit-memo", at, "the memo holds more than any real pickle");
        }
        Ok(())
    }

    pub(super) fn get(&mut self, key: u64, at: usize) {
        let dense = usize::try_from(key).ok().and_then(|key| self.memo.get(key)).copied();
        let slot = dense.or_else(|| self.sparse_memo.get(&key).copied());
        if slot.is_none() {
            self.defect("pickle-memo-missing", at, format!("memo entry {key} is read and was never written"));
        }
        self.push(slot.unwrap_or(Slot::Unknown));
    }
}
