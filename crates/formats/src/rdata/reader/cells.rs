//! Pair lists, calls, functions and promises: all are cells of attributes, tag, first and rest.

use super::calls::cut;
use super::{Around, Read, Reader, Value};
use crate::rdata::{Place, Promise};

impl Reader<'_, '_> {
    /// Pair lists, calls, functions and promises: all are cells of attributes, tag, first and rest.
    pub(super) fn pairs(&mut self, first: u32, around: Around) -> Read<Value> {
        let offset = self.source.at as u64 - 4.min(self.source.at as u64);
        match first & 0xff {
            3 => {
                let function = around.at(Place::Function);
                self.cell(first, around, around.inner(), function, function)?;
                return Ok(Value::Function);
            }
            5 => return self.promise(first, around, offset),
            _ => {}
        }
        let is_call = first & 0xff == 6;
        let mut flags = first;
        let mut parts: Vec<(Option<String>, Value)> = Vec::new();
        let mut bound_functions = Vec::new();
        // Frames of environments and the list that `save` writes may hold promises and name functions.
        let framed = around.frame || flags & 0xff == 17;
        loop {
            if flags & 0x200 != 0 {
                self.item(around.inner())?;
            }
            let tag = if flags & 0x400 != 0 {
                match self.item(around.inner())? {
                    Value::Symbol(name) => Some(name),
                    _ => None,
                }
            } else {
                None
            };
            let inside = if framed { around.with_promises() } else { around.inner() };
            let value = self.item(inside)?;
            if let (Some(tag), Value::Function) = (&tag, &value) {
                bound_functions.push(tag.clone());
            }
            if parts.len() < 64 {
                parts.push((tag, value));
            }
            flags = self.int()? as u32;
            self.items += 1;
            if !matches!(flags & 0xff, 2 | 6 | 17) {
                break;
            }
        }
        self.item_of(flags, around.inner())?;
        if self.rdata.functions.len() < 10_000 {
            self.rdata.functions.append(&mut bound_functions);
        }
        if !is_call {
            if let Some((_, Value::Text(class))) =
                parts.iter().find(|(tag, _)| tag.as_deref() == Some("class"))
                && self.rdata.classes.len() < 1000
                && !self.rdata.classes.contains(class)
            {
                self.rdata.classes.push(class.clone());
            }
            return Ok(Value::Other);
        }
        Ok(self.make_call(&parts, around))
    }

    /// Attributes, tag, first and rest of one cell.
    fn cell(
        &mut self,
        flags: u32,
        around: Around,
        tag: Around,
        first: Around,
        rest: Around,
    ) -> Read<(Value, Value, Value)> {
        if flags & 0x200 != 0 {
            self.item(around.inner())?;
        }
        let tag = if flags & 0x400 != 0 { self.item(tag)? } else { Value::Null };
        let first = self.item(first)?;
        let rest = self.item(rest)?;
        Ok((tag, first, rest))
    }

    fn promise(&mut self, flags: u32, around: Around, offset: u64) -> Read<Value> {
        let (calls_before, kept) = (self.rdata.calls.len(), around.inner());
        let place = if around.promises { Place::Promise } else { Place::LoosePromise };
        let code = Around { promises: around.promises, ..around.at(place) };
        let (_, value, code) = self.cell(flags, around, kept, kept, code)?;
        // Where R writes no promises one is told whatever value it claims to have.
        if around.promises && !matches!(value, Value::Unbound | Value::Missing) {
            // Its value is there already: the code does not run again.
            for call in self.rdata.calls.iter_mut().skip(calls_before) {
                if matches!(call.place, Place::Promise | Place::LoosePromise) {
                    call.place = around.place;
                }
            }
            return Ok(value);
        }
        let calls = matches!(code, Value::Call(_) | Value::Other);
        if self.rdata.promises.len() < 10_000 {
            let code = cut(code.text());
            self.rdata.promises.push(Promise { code, bound: around.promises, calls, offset });
        }
        Ok(Value::Promise)
    }

    /// Class and package of a computed vector.
    pub(super) fn computed(&mut self, around: Around) -> Read<()> {
        let flags = self.int()? as u32;
        let mut names = Vec::new();
        if matches!(flags & 0xff, 2 | 6) {
            // A pair list of the class's symbol, the package's symbol and a type.
            let mut flags = flags;
            while matches!(flags & 0xff, 2 | 6) {
                if flags & 0x200 != 0 {
                    self.item(around.inner())?;
                }
                if flags & 0x400 != 0 {
                    self.item(around.inner())?;
                }
                if let Value::Symbol(name) = self.item(around.inner())? {
                    names.push(name);
                }
                flags = self.int()? as u32;
            }
            self.item_of(flags, around.inner())?;
        } else {
            self.item_of(flags, around.inner())?;
        }
        let mut names = names.into_iter();
        let pair = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
        if !self.rdata.computed.contains(&pair) && self.rdata.computed.len() < 1000 {
            self.rdata.computed.push(pair);
        }
        Ok(())
    }
}
