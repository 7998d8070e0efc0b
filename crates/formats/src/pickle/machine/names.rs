//! Names that are looked up, and ids that the loader resolves.

use super::super::facts::ContainerKind;
use super::super::facts::{Import, Lookup, Value};
use super::super::slot::Slot;
use super::{Broken, Calls, Machine};

impl<'a> Machine<'a> {
    pub(super) fn import(&mut self, module: &[u8], name: &[u8], how: Lookup, at: usize) -> Slot {
        let module = String::from_utf8_lossy(module).into_owned();
        let name = String::from_utf8_lossy(name).into_owned();
        self.import_named(module, name, how, at)
    }

    pub(super) fn import_named(&mut self, module: String, name: String, how: Lookup, at: usize) -> Slot {
        if let Some(known) = self.import_at.get(&(module.clone(), name.clone())).copied() {
            if let Some(import) = self.stream.imports.get_mut(known as usize) {
                import.uses += 1;
            }
            return Slot::Import(known);
        }
        if self.stream.imports.len() >= self.budget.limits.records {
            self.limit("limit-imports", at, "more distinct imports than are kept");
            return Slot::Unknown;
        }
        let import = self.stream.imports.len() as u32;
        self.import_at.insert((module.clone(), name.clone()), import);
        self.stream.imports.push(Import { module, name, offset: at as u64, how, computed: None, uses: 1 });
        self.calls_of.push(Calls::default());
        Slot::Import(import)
    }

    pub(super) fn import_from_stack(&mut self, module: Slot, name: Slot, at: usize) -> Slot {
        if let (Some(module), Some(name)) = (self.read(module), self.read(name)) {
            let (module, name) = (module.into_owned(), name.into_owned());
            return self.import_named(module, name, Lookup::StackGlobal, at);
        }
        if self.stream.imports.len() >= self.budget.limits.records {
            self.limit("limit-imports", at, "more distinct imports than are kept");
            return Slot::Unknown;
        }
        let text = |slot: Slot| self.read(slot).map_or_else(|| "?".to_owned(), std::borrow::Cow::into_owned);
        let (module_text, name_text) = (text(module), text(name));
        self.import_computed(module, name, module_text, name_text, at)
    }

    pub(super) fn import_computed(
        &mut self,
        module: Slot,
        name: Slot,
        module_text: String,
        name_text: String,
        at: usize,
    ) -> Slot {
        let index = self.stream.imports.len() as u32;
        self.fix(ContainerKind::Tuple, &[module, name]);
        let pair = self.stack.pop();
        self.stream.imports.push(Import {
            module: module_text,
            name: name_text,
            offset: at as u64,
            how: Lookup::StackGlobal,
            computed: Some((Value::Unknown, Value::Unknown)),
            uses: 1,
        });
        self.calls_of.push(Calls { count: 0, last: None });
        if let Some(pair) = pair {
            self.computed.push((index, pair));
        }
        Slot::Import(index)
    }

    pub(super) fn extension(&mut self, width: usize, at: usize) -> Result<(), Broken> {
        let code = self.length(width)?;
        let import = self.import_named("copyreg".to_owned(), code.to_string(), Lookup::Extension, at);
        self.push(import);
        Ok(())
    }

    pub(super) fn persist(&mut self) -> Result<(), Broken> {
        let id = self.pop()?;
        if self.persistent.len() >= self.budget.limits.records {
            self.push(Slot::Elided);
        } else {
            self.persistent.push(id);
            self.push(Slot::Persistent(self.persistent.len() as u32 - 1));
        }
        Ok(())
    }
}
