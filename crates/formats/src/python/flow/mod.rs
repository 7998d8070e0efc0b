//! What source does, call by call: names followed through aliases, look-ups by computed names and built texts.
//!
//! A forward pass over the tree that runs nothing. Every value is known as far as it can be told: its text, the
//! dotted name it stands for, and the callables it came out of. Branches are all taken, in reading order.

mod calls;
mod deeds;
mod expressions;
mod folding;
mod lookups;
mod names;
mod scopes;
mod statements;
mod value;

use std::collections::BTreeMap;

use rustpython_ruff_python_ast::Mod;
use rustpython_ruff_text_size::TextRange;

pub use deeds::{Deed, Flow, Operand, Scope, ScopeKind};
pub(super) use value::Held;

use crate::{Budget, Defect};

/// Longest text that is put together, in bytes.
pub(super) const LONGEST: usize = 256 << 10;
/// Bytes of texts kept in all, of variables and of calls each.
const TEXTS: usize = 64 << 20;

/// Reads the flow off a tree.
pub(super) fn flow(tree: &Mod, source: &str, budget: &Budget, defects: &mut Vec<Defect>) -> Flow {
    let starts = std::iter::once(0)
        .chain(source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
        .collect();
    let mut reader = Reader {
        starts,
        flow: Flow { deeds: Vec::new(), scopes: vec![Scope::default()] },
        names: vec![BTreeMap::new()],
        scope: 0,
        depth: 0,
        rounds: 0,
        texts_left: TEXTS,
        deeds_left: TEXTS,
        stars: Vec::new(),
        limit: None,
        budget,
    };
    match tree {
        Mod::Module(module) => reader.body(&module.body),
        Mod::Expression(expression) => {
            reader.value(&expression.body);
        }
    }
    defects.extend(reader.limit);
    reader.flow
}

/// Where the pass stands.
struct Reader<'b> {
    starts: Vec<usize>,
    flow: Flow,
    /// Variables, by scope.
    names: Vec<BTreeMap<String, Held>>,
    scope: usize,
    depth: usize,
    rounds: usize,
    texts_left: usize,
    deeds_left: usize,
    /// Modules all of whose names were imported.
    stars: Vec<String>,
    limit: Option<Defect>,
    budget: &'b Budget,
}

impl Reader<'_> {
    fn line(&self, range: TextRange) -> u32 {
        let offset = usize::from(range.start());
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// Counts one step; false once a bound was hit.
    fn goes_on(&mut self) -> bool {
        self.rounds += 1;
        if self.rounds.is_multiple_of(4096) && self.budget.is_stopped() {
            self.limit
                .get_or_insert_with(|| Defect::whole("limit-time", "the time was over inside the source"));
        }
        if self.rounds > self.budget.limits.nodes.saturating_mul(4) {
            self.limit
                .get_or_insert_with(|| Defect::whole("limit-nodes", "more expressions than are followed"));
        }
        self.limit.is_none()
    }
}
