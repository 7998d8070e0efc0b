//! The binary format that XGBoost wrote until 2.0 and read until 3.0: structures as they lay in memory.

use super::Xgboost;
use crate::{Defect, Input};

/// Bytes of the learner's parameters.
const LEARNER: usize = 136;
/// Bytes of the booster's parameters.
const BOOSTER: usize = 160;
/// Bytes of a tree's parameters, of a node, of a node's statistics.
const TREE: usize = 148;
const NODE: usize = 20;
const STATISTIC: usize = 16;
/// Longest name of an objective or booster.
const NAME: usize = 64;

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes)
}

/// A name with its length in front, and where it ends.
fn name(bytes: &[u8], at: usize) -> Option<(&str, usize)> {
    let length = usize::try_from(u64_at(bytes, at)?).ok().filter(|length| (1..=NAME).contains(length))?;
    let text = std::str::from_utf8(bytes.get(at + 8..at + 8 + length)?).ok()?;
    let plain = text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, ':' | '_' | '-'));
    plain.then_some((text, at + 8 + length))
}

/// Whether the parameters are followed by the names of an objective and a booster.
pub(super) fn begins(bytes: &[u8]) -> bool {
    let start = if bytes.starts_with(b"binf") { 4 } else { 0 };
    let Some((_, next)) = name(bytes, start + LEARNER) else { return false };
    matches!(name(bytes, next), Some(("gbtree" | "gblinear" | "dart", _)))
}

/// Reads the parameters and every tree.
pub(super) fn read(input: &Input<'_>, xgboost: &mut Xgboost, defects: &mut Vec<Defect>) {
    let bytes = input.bytes;
    let start = if bytes.starts_with(b"binf") { 4 } else { 0 };
    xgboost.features = u32_at(bytes, start + 4).unwrap_or_default().into();
    xgboost.classes = u32_at(bytes, start + 8).unwrap_or_default().into();
    let names =
        name(bytes, start + LEARNER).and_then(|objective| Some((objective.0, name(bytes, objective.1)?)));
    let Some((objective, (booster, at))) = names else {
        let detail = "the parameters are not followed by an objective and a booster";
        defects.push(Defect::at("xgboost-parameter", (start + LEARNER) as u64, detail));
        return;
    };
    objective.clone_into(&mut xgboost.objective);
    booster.clone_into(&mut xgboost.booster);
    if xgboost.classes > 10_000_000 {
        defects.push(Defect::at(
            "xgboost-parameter",
            start as u64 + 8,
            format!("{} classes", xgboost.classes),
        ));
    }
    if booster == "gblinear" {
        return;
    }
    let trees = u32_at(bytes, at).unwrap_or_default();
    let at = at + BOOSTER;
    if let Err(defect) = trees_at(input, trees, at, xgboost) {
        defects.push(defect);
    }
}

fn trees_at(input: &Input<'_>, trees: u32, mut at: usize, xgboost: &mut Xgboost) -> Result<(), Defect> {
    let bytes = input.bytes;
    for index in 0..trees {
        if input.budget.is_stopped() {
            return Err(Defect::at("limit-time", at as u64, "the time for the file was over"));
        }
        let wrong =
            |code, detail: String| Err(Defect::at(code, at as u64, format!("tree {index}: {detail}")));
        let (Some(nodes), Some(vector)) = (u32_at(bytes, at + 4), u32_at(bytes, at + 20)) else {
            return wrong("xgboost-tree-count", format!("{trees} trees are stated, the file ends before"));
        };
        let nodes = nodes as usize;
        let size = nodes.checked_mul(NODE + STATISTIC);
        let body = at.checked_add(TREE);
        let end = body.zip(size).and_then(|(body, size)| body.checked_add(size));
        let Some((body, mut end)) = body.zip(end.filter(|end| *end <= bytes.len())) else {
            return wrong("xgboost-node-count", format!("{nodes} nodes end after the file"));
        };
        if nodes == 0 {
            return wrong("xgboost-node-count", "a tree without nodes".to_owned());
        }
        if let Some((code, detail)) = nodes_wrong(bytes, body, nodes, xgboost.features) {
            return wrong(code, detail);
        }
        if vector > 0 {
            let length = u64_at(bytes, end).unwrap_or_default();
            let left = bytes.len().saturating_sub(end + 8) as u64 / 4;
            if length > left {
                return wrong("xgboost-array-length", format!("{length} values of leaves, {left} fit"));
            }
            end += 8 + length as usize * 4;
        }
        at = end;
        xgboost.trees += 1;
    }
    Ok(())
}

fn nodes_wrong(bytes: &[u8], body: usize, nodes: usize, features: u64) -> Option<(&'static str, String)> {
    let mut seen = vec![false; nodes];
    let mut open = vec![0_usize];
    while let Some(node) = open.pop() {
        let place = body + node * NODE;
        let field = |index: usize| u32_at(bytes, place + index * 4).unwrap_or_default();
        match seen.get_mut(node) {
            Some(seen) if *seen => {
                return Some(("xgboost-cycle", format!("two ways lead to node {node}")));
            }
            Some(seen) => *seen = true,
            None => return Some(("xgboost-child", format!("node {node} of {nodes} is asked for"))),
        }
        let (left, right, split) = (field(1) as i32, field(2) as i32, field(3) & 0x7fff_ffff);
        if left == -1 {
            continue;
        }
        if features > 0 && u64::from(split) >= features {
            return Some(("xgboost-feature", format!("node {node} asks for feature {split} of {features}")));
        }
        for child in [left, right] {
            match usize::try_from(child).ok().filter(|child| *child < nodes) {
                Some(child) => open.push(child),
                None => return Some(("xgboost-child", format!("node {node} has child {child} of {nodes}"))),
            }
        }
    }
    None
}
