//! The stack, and the containers on it: equal structures stay shared, only their first items are kept.

use super::super::facts::{ContainerKind, Way};
use super::super::slot::{Node, Slot};
use super::{Broken, Machine};
use crate::Defect;

/// Items kept of a tuple.
const TUPLE_KEPT: usize = 64;
/// Items kept of a list, dict or set.
const ITEMS_KEPT: usize = 64;
/// Slots in all containers together; beyond it containers only count (64 MiB).
const POOL: usize = 4 << 20;
/// Containers; beyond it they are unknown values (64 MiB).
pub(super) const NODES: usize = 4 << 20;

impl<'a> Machine<'a> {
    pub(super) fn push(&mut self, slot: Slot) {
        self.stack.push(slot);
    }

    /// Items above the last mark.
    pub(super) fn available(&self) -> usize {
        self.stack.len() - self.marks.last().copied().unwrap_or(0).min(self.stack.len())
    }

    pub(super) fn pop(&mut self) -> Result<Slot, Broken> {
        if self.available() == 0 {
            return Err(Broken::Stack);
        }
        self.stack.pop().ok_or(Broken::Stack)
    }

    pub(super) fn top(&self) -> Result<Slot, Broken> {
        if self.available() == 0 {
            return Err(Broken::Stack);
        }
        self.stack.last().copied().ok_or(Broken::Stack)
    }

    pub(super) fn pop_mark(&mut self) -> Result<Vec<Slot>, Broken> {
        let floor = self.marks.pop().ok_or(Broken::Stack)?;
        Ok(self.stack.split_off(floor.min(self.stack.len())))
    }

    /// Pushes a tuple or frozenset of `items`.
    pub(super) fn fix(&mut self, kind: ContainerKind, items: &[Slot]) {
        let floor = self.stack.len();
        self.stack.extend_from_slice(items);
        self.fold(kind, floor);
    }

    /// Replaces everything from `floor` up by a tuple or frozenset of it.
    pub(super) fn fold(&mut self, kind: ContainerKind, floor: usize) {
        let floor = floor.min(self.stack.len());
        let length = self.stack.len() - floor;
        let kept = length.min(TUPLE_KEPT);
        let (spread, depth) = self.extent(self.stack.get(floor..).unwrap_or_default());
        let mut node = Node {
            kind,
            start: u32::MAX,
            kept: 0,
            length: length as u32,
            spread: spread + 1.0,
            depth: depth + 1,
        };
        if kept > 0 && self.pool.len() + kept <= POOL {
            node.start = self.pool.len() as u32;
            node.kept = kept as u32;
            self.pool.extend_from_slice(self.stack.get(floor..floor + kept).unwrap_or_default());
        }
        self.note_extent(&node);
        if kind == ContainerKind::FrozenSet {
            self.stream.hashed_spread = self.stream.hashed_spread.max(spread);
        }
        self.stack.truncate(floor);
        self.push_node(node);
    }

    /// Pushes a list, dict or set of `items`.
    pub(super) fn grow(&mut self, kind: ContainerKind, items: &[Slot]) {
        self.push_node(Node { kind, start: u32::MAX, kept: 0, length: 0, spread: 1.0, depth: 1 });
        if let Some(Slot::Container(at)) = self.stack.last().copied() {
            self.extend(at, items);
        }
    }

    pub(super) fn push_node(&mut self, node: Node) {
        if self.nodes.len() >= NODES {
            if self.nodes.len() == NODES
                && !self.defects.iter().any(|defect| defect.code == "limit-containers")
            {
                self.defects.push(Defect::whole("limit-containers", format!("more than {NODES} containers")));
            }
            self.push(Slot::Elided);
            return;
        }
        self.nodes.push(node);
        self.push(Slot::Container(self.nodes.len() as u32 - 1));
    }

    /// Size as a tree, and depth, of items together.
    fn extent(&self, items: &[Slot]) -> (f32, u32) {
        let mut whole = (0.0, 0);
        for item in items {
            let node = if let Slot::Container(at) = item { self.nodes.get(*at as usize) } else { None };
            let (spread, depth) = node.map_or((1.0, 0), |node| (node.spread, node.depth));
            whole = (whole.0 + spread, whole.1.max(depth));
        }
        whole
    }

    fn note_extent(&mut self, node: &Node) {
        self.stream.spread = self.stream.spread.max(node.spread);
        self.stream.depth = self.stream.depth.max(node.depth);
    }

    pub(super) fn extend(&mut self, at: u32, items: &[Slot]) {
        let (spread, depth) = self.extent(items);
        let Some(node) = self.nodes.get_mut(at as usize) else { return };
        node.spread += spread;
        node.depth = node.depth.max(depth + 1);
        self.stream.spread = self.stream.spread.max(node.spread);
        self.stream.depth = self.stream.depth.max(node.depth);
        if node.kind == ContainerKind::Set {
            self.stream.hashed_spread = self.stream.hashed_spread.max(spread);
        }
        node.length = node.length.saturating_add(u32::try_from(items.len()).unwrap_or(u32::MAX));
        // Whatever was looked up or called has its own record; of plain data the first items are enough.
        let room = ITEMS_KEPT.saturating_sub(node.kept as usize).min(POOL.saturating_sub(self.grown));
        let keep = items.get(..room.min(items.len())).unwrap_or_default();
        if keep.is_empty() {
            return;
        }
        if node.start == u32::MAX {
            node.start = self.growing.len() as u32;
            self.growing.push(Vec::with_capacity(keep.len()));
        }
        if let Some(list) = self.growing.get_mut(node.start as usize) {
            list.extend_from_slice(keep);
            node.kept += keep.len() as u32;
            self.grown += keep.len();
        }
    }

    /// `APPEND(S)`, `SETITEM(S)`, `ADDITEMS`: plain containers grow, anything else has a method called.
    pub(super) fn fill(&mut self, items: &[Slot], how: Way, at: usize) -> Result<(), Broken> {
        let target = self.top()?;
        let kind = match how {
            Way::Append => ContainerKind::List,
            Way::SetItem => ContainerKind::Dict,
            _ => ContainerKind::Set,
        };
        match target {
            Slot::Container(node) if self.nodes.get(node as usize).is_some_and(|node| node.kind == kind) => {
                self.extend(node, items);
                if kind == ContainerKind::Dict {
                    for key in items.iter().step_by(2).filter(|key| matches!(key, Slot::Container(_))) {
                        let (spread, _) = self.extent(std::slice::from_ref(key));
                        self.stream.hashed_spread = self.stream.hashed_spread.max(spread);
                    }
                }
                Ok(())
            }
            Slot::Elided => Ok(()),
            target => {
                self.fix(ContainerKind::Tuple, items);
                let arguments = self.pop()?;
                self.effect(target, arguments, how, at)
            }
        }
    }

    /// Items kept of a container.
    pub(in crate::pickle) fn items(&self, slot: Slot) -> &[Slot] {
        let Slot::Container(at) = slot else { return &[] };
        let Some(node) = self.nodes.get(at as usize).filter(|node| node.kept > 0) else { return &[] };
        let (start, kept) = (node.start as usize, node.kept as usize);
        match node.kind {
            ContainerKind::Tuple | ContainerKind::FrozenSet => {
                self.pool.get(start..start + kept).unwrap_or_default()
            }
            _ => self.growing.get(start).map_or(&[], Vec::as_slice),
        }
    }

    /// The value under the text `key` of a dict.
    pub(in crate::pickle) fn entry(&self, dict: Slot, key: &str) -> Option<Slot> {
        self.items(dict).chunks_exact(2).find_map(|pair| match pair {
            [name, value] if self.read(*name).is_some_and(|name| name == key) => Some(*value),
            _ => None,
        })
    }
}
