//! Calls: each is kept with what is known of its arguments, and its result followed as far as the callee is known.

use rustpython_ruff_text_size::TextRange;

use super::lookups::one_variable;
use super::value::Held;
use super::{Deed, LONGEST, Reader};
use crate::Defect;
use crate::python::constant;

impl Reader<'_> {
    /// Keeps a call, and tells what is known of its result.
    pub(super) fn call(
        &mut self,
        callee: &Held,
        arguments: &[Held],
        keywords: &[(String, Held)],
        line: u32,
    ) -> Held {
        let name = callee.name.clone().unwrap_or_else(|| "?".to_owned());
        self.deed(Deed {
            callee: name.clone(),
            computed: callee.computed,
            origins: callee.origins.clone(),
            arguments: arguments.iter().map(Held::operand).collect(),
            keywords: keywords.iter().map(|(name, held)| (name.clone(), held.operand())).collect(),
            line,
            ..Deed::default()
        });
        if matches!(
            name.as_str(),
            "os.environ.get" | "os.getenv" | "os.environ.pop" | "os.environ.setdefault"
        ) {
            return arguments.first().map_or_else(Held::default, one_variable);
        }
        let mut held = Held::default();
        for value in std::iter::once(callee).chain(arguments).chain(keywords.iter().map(|(_, value)| value)) {
            held.take_from(value);
        }
        held.comes_from(&name);
        let first = arguments.first();
        // `operator.attrgetter("name")(object)` and `operator.methodcaller("name", …)(object)`.
        if let Some(attribute) = callee.text.clone().filter(|_| name.starts_with("operator."))
            && let Some(base) = arguments.first()
        {
            let mut reached = base.attribute(&attribute);
            reached.computed = true;
            if name == "operator.methodcaller()" {
                let given = callee.items.clone().unwrap_or_default();
                self.deed(Deed {
                    callee: reached.name.clone().unwrap_or_default(),
                    computed: true,
                    arguments: given.iter().skip(1).map(|(_, item)| item.operand()).collect(),
                    line,
                    ..Deed::default()
                });
            }
            return reached;
        }
        if matches!(name.as_str(), "operator.attrgetter" | "operator.methodcaller") {
            let items = arguments.iter().map(|argument| (None, argument.clone())).collect();
            let text = first.and_then(|first| first.text.clone());
            return Held { name: Some(format!("{name}()")), text, items: Some(items), ..held };
        }
        if let ("getattr" | "object.__getattribute__", [base, attribute, ..]) = (name.as_str(), arguments) {
            let mut reached = base.attribute(attribute.text.as_deref().unwrap_or("?"));
            reached.text = None;
            reached.items = None;
            reached.computed = true;
            reached.take_from(attribute);
            return reached;
        }
        match name.as_str() {
            "__import__" | "importlib.import_module" | "importlib.__import__" => {
                let module = first.and_then(|first| first.text.clone());
                held.name = Some(module.unwrap_or_else(|| "import(?)".to_owned()));
                held.computed = true;
                return held;
            }
            "eval" => {
                // A name as text is that name.
                if let Some(text) = first.and_then(|first| first.text.as_deref())
                    && text.starts_with(|c: char| c.is_alphabetic() || c == '_')
                    && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
                {
                    let known = self.look_up(text).and_then(|held| held.name.clone());
                    held.name = Some(known.unwrap_or_else(|| text.to_owned()));
                    held.computed = true;
                    return held;
                }
            }
            "functools.partial" => {
                if let Some(first) = first {
                    return Held { computed: first.computed, name: first.name.clone(), ..held };
                }
            }
            "vars" => {
                held.name =
                    first.and_then(|first| first.name.as_ref()).map(|name| format!("{name}.__dict__"));
                if held.name.is_none() {
                    held.name = Some("vars()".to_owned());
                }
                return held;
            }
            _ => {}
        }
        if let Some(value) = constant::call(&name, callee, arguments) {
            held.text = value.text;
            held.items = value.items;
            held.number = value.number;
            if held.text.as_ref().is_some_and(|text| text.len() > LONGEST) {
                held.text = None;
            }
        }
        let shown: String = name.chars().take(200).collect();
        held.name = Some(format!("{shown}()"));
        held
    }

    /// `return (callable, (arguments))` of a `__reduce__`, which is a call once the object is unpickled.
    pub(super) fn reduced(&mut self, held: &Held, range: TextRange) {
        let Some(items) = &held.items else { return };
        let Some((_, callee)) = items.first() else { return };
        let arguments = items.get(1).and_then(|(_, item)| item.items.clone()).unwrap_or_default();
        self.deed(Deed {
            callee: callee.name.clone().unwrap_or_default(),
            computed: callee.computed,
            arguments: arguments.iter().map(|(_, item)| item.operand()).collect(),
            line: self.line(range),
            ..Deed::default()
        });
    }

    /// Adds a call to the flow, in the scope at hand and within the bounds.
    pub(super) fn deed(&mut self, mut deed: Deed) {
        let operands = deed.arguments.iter().chain(deed.keywords.iter().map(|(_, value)| value));
        let texts = operands.flat_map(|operand| operand.text.iter().chain(&operand.pieces));
        let weight: usize = texts.map(String::len).sum();
        if weight > self.deeds_left {
            let operands = deed.arguments.iter_mut().chain(deed.keywords.iter_mut().map(|(_, value)| value));
            operands.for_each(|operand| (operand.text, operand.pieces) = (None, Vec::new()));
            self.limit.get_or_insert_with(|| Defect::whole("limit-text", "more text than is followed"));
        } else {
            self.deeds_left -= weight;
        }
        if self.flow.deeds.len() >= self.budget.limits.records {
            self.limit.get_or_insert_with(|| Defect::whole("limit-records", "more calls than are kept"));
            return;
        }
        self.flow.deeds.push(Deed { scope: self.scope, ..deed });
    }
}
