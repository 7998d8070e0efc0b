//! Graphs that are none: values computed from themselves.

use std::collections::BTreeMap;

use super::facts::Graph;

/// A value that depends on itself: nodes are stored in order, so most graphs need one look at each.
pub(super) fn cycle(graph: &Graph) -> Option<String> {
    let makers: BTreeMap<&str, usize> = graph
        .nodes
        .iter()
        .enumerate()
        .flat_map(|(index, node)| node.outputs.iter().map(move |name| (name.as_str(), index)))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    let before = |index: usize| {
        let inputs = graph.nodes.get(index).map(|node| node.inputs.as_slice()).unwrap_or_default();
        inputs.iter().filter_map(|name| makers.get(name.as_str()).copied())
    };
    let ordered = (0..graph.nodes.len()).all(|index| before(index).all(|maker| maker < index));
    if ordered {
        return None;
    }
    // Nodes whose inputs are all there are taken away until none is left, or only cycles.
    let mut missing: Vec<usize> = (0..graph.nodes.len()).map(|index| before(index).count()).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for index in 0..graph.nodes.len() {
        for maker in before(index) {
            if let Some(list) = users.get_mut(maker) {
                list.push(index);
            }
        }
    }
    let mut ready: Vec<usize> = (0..missing.len()).filter(|index| missing.get(*index) == Some(&0)).collect();
    let mut done = 0;
    while let Some(index) = ready.pop() {
        done += 1;
        for user in users.get(index).into_iter().flatten() {
            if let Some(left) = missing.get_mut(*user) {
                *left -= 1;
                if *left == 0 {
                    ready.push(*user);
                }
            }
        }
    }
    let stuck = missing.iter().position(|left| *left > 0).filter(|_| done < graph.nodes.len())?;
    Some(graph.nodes.get(stuck)?.outputs.first().cloned().unwrap_or_default())
}
