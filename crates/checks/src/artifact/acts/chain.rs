//! The lines of a listing that lead to a value.

use std::collections::BTreeSet;

use vauban_formats::pickle::{Stream, Value};

/// Lines of a chain.
const CHAIN: usize = 8;

/// The lines that lead to a value, in order.
pub(super) fn chain(stream: &Stream, value: Value) -> String {
    let mut lines = BTreeSet::new();
    let mut waiting = vec![value];
    let mut looked = 0;
    while let Some(value) = waiting.pop() {
        looked += 1;
        if looked > 200 || lines.len() >= CHAIN {
            break;
        }
        match value {
            Value::Call(at) => {
                if lines.insert(at)
                    && let Some(call) = stream.calls.get(at as usize)
                {
                    waiting.extend([call.arguments, call.callee]);
                }
            }
            Value::Import(at) => {
                let computed = stream.imports.get(at as usize).and_then(|import| import.computed);
                waiting.extend(computed.into_iter().flat_map(|(module, name)| [module, name]));
            }
            Value::Container(_) => {
                waiting.extend(stream.container(value).iter().flat_map(|container| &container.items));
            }
            _ => {}
        }
    }
    if lines.is_empty()
        && let Some(import) = stream.import(value)
    {
        return format!("from {} import {}", import.module, import.name);
    }
    lines.into_iter().map(|at| stream.render_call(at as usize)).collect::<Vec<_>>().join("\n")
}
