//! Calls, and the raw arrays that joblib reads after some of them.

use super::super::facts::{Import, Way};
use super::super::slot::{Made, Slot};
use super::{Broken, Machine};

/// Calls of one import after which those that look like the last one are no longer recorded.
const ALIKE: u64 = 4096;
/// Pickles inside the pickle, as joblib writes arrays of objects.
const NESTED: u32 = 4;

impl<'a> Machine<'a> {
    /// Whether anything that was looked up is called.
    pub(in crate::pickle) fn calls_a_name(&self) -> bool {
        self.made.iter().any(|made| made.how.makes_value() && matches!(made.callee, Slot::Import(_)))
    }

    /// Records a call and pushes its result.
    pub(super) fn call(
        &mut self,
        callee: Slot,
        arguments: Slot,
        keywords: Slot,
        how: Way,
        at: usize,
    ) -> Result<(), Broken> {
        if self.alike(callee, arguments, keywords, how) {
            self.push(Slot::Elided);
            return Ok(());
        }
        let made = Made { callee, arguments, keywords, offset: at as u64, how };
        let result = self.record(made, at).map_or(Slot::Unknown, Slot::Call);
        self.push(result);
        Ok(())
    }

    /// Records a call on an object that keeps its place on the stack.
    pub(super) fn effect(
        &mut self,
        target: Slot,
        arguments: Slot,
        how: Way,
        at: usize,
    ) -> Result<(), Broken> {
        if target != Slot::Elided {
            self.record(Made { callee: target, arguments, keywords: Slot::None, offset: at as u64, how }, at);
        }
        Ok(())
    }

    pub(super) fn record(&mut self, made: Made, at: usize) -> Option<u32> {
        if self.made.len() >= self.budget.limits.records {
            self.limit("limit-calls", at, "more calls than are kept");
            return None;
        }
        let index = self.made.len() as u32;
        self.made.push(made);
        if let (Slot::Import(import), true) = (made.callee, made.how.makes_value())
            && let Some(calls) = self.calls_of.get_mut(import as usize)
        {
            calls.count += 1;
            calls.last = Some(index);
        }
        Some(index)
    }

    /// Whether this is one of thousands of calls that differ in plain data only (dates, decimals, array scalars).
    pub(super) fn alike(&self, callee: Slot, arguments: Slot, keywords: Slot, how: Way) -> bool {
        let Slot::Import(import) = callee else { return false };
        let Some(calls) = self.calls_of.get(import as usize).filter(|calls| calls.count >= ALIKE) else {
            return false;
        };
        let Some(last) = calls.last.and_then(|last| self.made.get(last as usize)) else { return false };
        if last.how != how || keywords != Slot::None {
            return false;
        }
        let (before, now) = (self.items(last.arguments), self.items(arguments));
        before.len() == now.len()
            && before
                .iter()
                .zip(now)
                .all(|(before, now)| before == now || before.is_inert() && now.is_inert())
    }

    /// Module and name of the callable that made a value.
    pub(in crate::pickle) fn maker(&self, slot: Slot) -> Option<(&Made, &Import)> {
        let Slot::Call(call) = slot else { return None };
        let made = self.made.get(call as usize)?;
        let Slot::Import(import) = made.callee else { return None };
        self.stream.imports.get(import as usize).map(|import| (made, import))
    }

    /// Reads past the raw array that joblib writes after its wrapper object.
    pub(super) fn raw_array(&mut self, target: Slot, state: Slot) -> Result<(), Broken> {
        let Some(array) = crate::pickle::array::described(self, target, state) else { return Ok(()) };
        if array.objects {
            if self.depth >= NESTED {
                return Err(Broken::Limit("limit-depth"));
            }
            let left = self.budget.limits.opcodes.saturating_sub(self.stream.opcodes);
            let mut inner = Machine::new(self.cursor.bytes, self.cursor.at, self.budget, self.depth + 1);
            let ended = inner.run(left);
            self.cursor.at = inner.cursor.at;
            let (streams, defects) = crate::pickle::keep::finish(inner, ended);
            self.nested.extend(streams);
            self.defects.extend(defects.into_iter().filter(|defect| defect.code != "pickle-broken"));
            return ended.map(|_| ()).map_err(|(broken, _)| broken);
        }
        if array.aligned {
            let padding = self.need_byte()?;
            self.cursor.take(usize::from(padding)).ok_or(Broken::Truncated)?;
        }
        let length = usize::try_from(array.bytes).map_err(|_| Broken::Truncated)?;
        self.cursor.take(length).ok_or(Broken::Truncated)?;
        self.stream.raw_bytes += array.bytes;
        Ok(())
    }
}
