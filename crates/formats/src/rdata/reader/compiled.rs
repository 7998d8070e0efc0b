//! Compiled code, whose constants are written in their own way.

use super::{Around, DEPTH, Read, Reader, Value};

impl Reader<'_, '_> {
    /// Compiled code: the instructions, then constants, among them the expression that was compiled.
    pub(super) fn compiled(&mut self, around: Around) -> Read<Value> {
        if around.depth > DEPTH {
            return self.broken("limit-r-depth", "objects are nested deeper than is looked at");
        }
        self.item(around.inner())?;
        let count = self.length()?;
        let mut first = Value::Other;
        for index in 0..count {
            let kind = self.int()? as u32;
            let value = match kind {
                21 => self.compiled(around.inner())?,
                2 | 6 | 239 | 240 | 243 | 244 => self.compiled_language(kind, around.inner())?,
                _ => self.item(Around { compiled: true, ..around.inner() })?,
            };
            if index == 0 {
                first = value;
            }
        }
        Ok(first)
    }

    /// Calls and lists among the constants of compiled code, which are written in their own way.
    fn compiled_language(&mut self, kind: u32, around: Around) -> Read<Value> {
        if around.depth > DEPTH {
            return self.broken("limit-r-depth", "objects are nested deeper than is looked at");
        }
        let mut kind = kind;
        let mut is_call = None;
        let mut parts: Vec<(Option<String>, Value)> = Vec::new();
        // The rest of a list is written behind its first element: a loop, not a recursion.
        loop {
            self.items += 1;
            if self.items.is_multiple_of(4096) && self.input.budget.is_stopped() {
                return self.broken("limit-time", "the time for the file was over");
            }
            match kind {
                243 => {
                    self.int()?;
                    break;
                }
                2 | 6 | 239 | 240 | 244 => {
                    if kind == 244 {
                        self.int()?;
                        kind = self.int()? as u32;
                    }
                    is_call = is_call.or(Some(matches!(kind, 6 | 240)));
                    if matches!(kind, 239 | 240) {
                        self.item(around.inner())?;
                    }
                    let tag = match self.item(around.inner())? {
                        Value::Symbol(name) => Some(name),
                        _ => None,
                    };
                    let first = self.int()? as u32;
                    let value = self.compiled_element(first, around)?;
                    if parts.len() < 64 {
                        parts.push((tag, value));
                    }
                    kind = self.int()? as u32;
                }
                _ => {
                    self.item(around.inner())?;
                    break;
                }
            }
        }
        match is_call {
            Some(true) => Ok(self.make_call(&parts, around)),
            _ => Ok(Value::Other),
        }
    }

    fn compiled_element(&mut self, kind: u32, around: Around) -> Read<Value> {
        match kind {
            2 | 6 | 239 | 240 | 243 | 244 => self.compiled_language(kind, around.inner()),
            _ => self.item(around.inner()),
        }
    }
}
