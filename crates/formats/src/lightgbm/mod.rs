//! LightGBM's text models. The loader cuts the text by the sizes that the header states and follows every child
//! without a look at its bounds, so both are checked here.
//!
//! Source: LightGBM `src/boosting/gbdt_model_text.cpp`, `src/io/tree.cpp`, version 4.

mod trees;

use std::collections::BTreeMap;

use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

pub use trees::{LightgbmTrees, read_trees};

/// How LightGBM models are found and read.
pub const FORMAT: Format = Format { name: "lightgbm", extensions: &["lgb", "lgbm"], recognise, parse };

/// A boosted model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lightgbm {
    /// Version of the format, `v4`.
    pub version: String,
    /// The objective with its parameters.
    pub objective: String,
    /// Features as stated.
    pub features: u64,
    /// Classes as stated.
    pub classes: u64,
    /// Trees that are there.
    pub trees: usize,
}

/// Most classes that any data set has.
const CLASSES: u64 = 10_000_000;
/// Defects told for one file.
const MOST: usize = 16;

fn recognise(input: &Input<'_>) -> Recognised {
    let head = input.head(4 << 10).trim_ascii_start();
    let begins = [b"tree\nversion=".as_slice(), b"tree\r\nversion=", b"tree\nnum_class="];
    if begins.iter().any(|begin| head.starts_with(begin)) { Recognised::ByMagic } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (lightgbm, defects) = read(input);
    Parsed { format: FORMAT.name, facts: Facts::Lightgbm(lightgbm), defects, members: Vec::new() }
}

/// The keys of one block of lines.
type Block<'a> = BTreeMap<&'a str, &'a str>;

/// Reads a model.
pub fn read(input: &Input<'_>) -> (Lightgbm, Vec<Defect>) {
    let mut model = Lightgbm::default();
    let mut defects: Vec<Defect> = Vec::new();
    let most = input.budget.limits.text_bytes.saturating_mul(8);
    if input.bytes.len() > most {
        defects.push(Defect::whole("limit-text", format!("a model of {} bytes", input.bytes.len())));
    }
    let text = String::from_utf8_lossy(input.head(most));
    let mut at = 0_usize;
    let mut header: Block<'_> = Block::new();
    let mut block: Block<'_> = Block::new();
    let mut starts = Vec::new();
    let mut end = text.len();
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        let ends = line == "end of trees";
        if ends || line.starts_with("Tree=") {
            if starts.is_empty() {
                header = std::mem::take(&mut block);
            } else {
                tree(starts.len() - 1, &block, &header, &mut defects);
                block.clear();
            }
            if ends {
                end = start;
                break;
            }
            starts.push(start);
            if starts.len().is_multiple_of(1024) && input.budget.is_stopped() {
                defects.push(Defect::at("limit-time", start as u64, "the time for the file was over"));
                return (model, defects);
            }
        } else if let Some((key, value)) = line.split_once('=') {
            block.insert(key, value);
        }
    }
    if end == text.len() {
        let last = std::mem::take(&mut block);
        if starts.is_empty() {
            header = last;
        } else {
            tree(starts.len() - 1, &last, &header, &mut defects);
        }
    }
    let number = |key: &str| header.get(key).and_then(|value| value.trim().parse::<i64>().ok());
    model.version = header.get("version").copied().unwrap_or_default().to_owned();
    model.objective = header.get("objective").copied().unwrap_or_default().to_owned();
    model.features = number("max_feature_idx").unwrap_or(-1).saturating_add(1).max(0) as u64;
    model.classes = number("num_class").unwrap_or(1).max(0) as u64;
    model.trees = starts.len();
    for key in ["num_class", "num_tree_per_iteration", "max_feature_idx", "label_index"] {
        let sane = 0..=CLASSES.cast_signed();
        let wrong = match (header.get(key), number(key)) {
            (None, _) => false,
            (Some(_), Some(number)) => !(sane.contains(&number) || key == "max_feature_idx" && number > 0),
            (Some(_), None) => true,
        };
        if wrong {
            let value: String = header.get(key).copied().unwrap_or_default().chars().take(40).collect();
            defects.push(Defect::whole("lightgbm-parameter", format!("`{key}` is {}", value.escape_debug())));
        }
    }
    let names = header.get("feature_names").map_or(0, |names| names.split_whitespace().count()) as u64;
    if header.contains_key("feature_names") && names < model.features {
        let detail = format!("{names} names for {} features", model.features);
        defects.push(Defect::whole("lightgbm-feature-count", detail));
    }
    let plain = |char: char| char.is_ascii_alphanumeric() || " _:.,-+".contains(char);
    if !model.objective.chars().all(plain) {
        let detail = format!("the objective is called `{}`", model.objective.escape_debug());
        defects.push(Defect::whole("lightgbm-objective", detail));
    }
    sizes(&header, &starts, end, &mut defects);
    defects.truncate(MOST);
    (model, defects)
}

/// The header's sizes cut the text into trees, if there are any: they must meet where trees begin.
fn sizes(header: &Block<'_>, starts: &[usize], end: usize, defects: &mut Vec<Defect>) {
    let Some(sizes) = header.get("tree_sizes").filter(|_| !starts.is_empty()) else { return };
    let sizes: Vec<Option<usize>> = sizes.split_whitespace().map(|size| size.parse().ok()).collect();
    if sizes.len() != starts.len() {
        let detail = format!("{} sizes for {} trees", sizes.len(), starts.len());
        defects.push(Defect::whole("lightgbm-tree-sizes", detail));
        return;
    }
    let mut at = starts.first().copied();
    for (index, size) in sizes.iter().enumerate() {
        if at != starts.get(index).copied() {
            break;
        }
        at = at.zip(*size).and_then(|(at, size)| at.checked_add(size));
        let next = starts.get(index + 1).copied().unwrap_or(end);
        if at != Some(next) {
            let detail = format!("the size stated for tree {index} ends elsewhere than the tree");
            defects.push(Defect::at("lightgbm-tree-sizes", next as u64, detail));
            break;
        }
    }
}

/// Checks one tree.
fn tree(index: usize, block: &Block<'_>, header: &Block<'_>, defects: &mut Vec<Defect>) {
    if defects.len() >= MOST {
        return;
    }
    if let Err((code, detail)) = check(block, header) {
        defects.push(Defect::whole(code, format!("tree {index}: {detail}")));
    }
}

fn integers(block: &Block<'_>, key: &str) -> Vec<i64> {
    let text = block.get(key).copied().unwrap_or_default();
    text.split_whitespace().map(|word| word.parse().unwrap_or(i64::MIN)).collect()
}

fn check(block: &Block<'_>, header: &Block<'_>) -> Result<(), (&'static str, String)> {
    let stated = block.get("num_leaves").copied().unwrap_or_default();
    let Some(leaves) = stated.trim().parse::<i64>().ok().filter(|leaves| (1..=1 << 30).contains(leaves))
    else {
        let stated: String = stated.chars().take(40).collect();
        return Err(("lightgbm-leaves", format!("`num_leaves` is {}", stated.escape_debug())));
    };
    let leaves = leaves as usize;
    let values = block.get("leaf_value").map_or(0, |values| values.split_whitespace().count());
    if values != leaves {
        return Err(("lightgbm-leaves", format!("{leaves} leaves are stated, {values} values are there")));
    }
    let not_a_number = |value: &str| value.parse::<f64>().map_or(true, f64::is_nan);
    if block.get("leaf_value").is_some_and(|values| values.split_whitespace().any(not_a_number)) {
        return Err(("lightgbm-not-a-number", "a leaf's value is no number".to_owned()));
    }
    let (left, right) = (integers(block, "left_child"), integers(block, "right_child"));
    let features = integers(block, "split_feature");
    let inner = leaves - 1;
    for (key, length) in
        [("left_child", left.len()), ("right_child", right.len()), ("split_feature", features.len())]
    {
        if length != inner {
            return Err((
                "lightgbm-array-length",
                format!("`{key}` has {length} elements for {inner} splits"),
            ));
        }
    }
    if let Some(thresholds) = block.get("threshold") {
        let length = thresholds.split_whitespace().count();
        if length != inner {
            return Err((
                "lightgbm-array-length",
                format!("`threshold` has {length} elements for {inner} splits"),
            ));
        }
    }
    let most = header.get("max_feature_idx").and_then(|value| value.trim().parse::<i64>().ok());
    if let Some(feature) =
        features.iter().find(|feature| **feature < 0 || most.is_some_and(|most| **feature > most))
    {
        return Err(("lightgbm-feature", format!("a split asks for feature {feature}")));
    }
    let bounds = integers(block, "cat_boundaries");
    let words = integers(block, "cat_threshold").len() as i64;
    if bounds.windows(2).any(|pair| pair[0] > pair[1])
        || bounds.iter().any(|bound| !(0..=words).contains(bound))
    {
        return Err(("lightgbm-category", "boundaries of categories lie outside their words".to_owned()));
    }
    // From the root every split and leaf is reached at most once.
    let mut seen = vec![false; inner];
    let mut open = if inner > 0 { vec![0_i64] } else { Vec::new() };
    while let Some(node) = open.pop() {
        if node < 0 {
            // Leaves are counted from -1 downwards.
            if node < -(leaves as i64) {
                return Err(("lightgbm-child", format!("leaf {} of {leaves} is asked for", !node)));
            }
            continue;
        }
        match seen.get_mut(node as usize) {
            Some(seen) if *seen => return Err(("lightgbm-cycle", format!("two ways lead to split {node}"))),
            Some(seen) => *seen = true,
            None => return Err(("lightgbm-child", format!("split {node} of {inner} is asked for"))),
        }
        open.extend(left.get(node as usize));
        open.extend(right.get(node as usize));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn model(tree: &str) -> String {
        format!(
            "tree\nversion=v4\nnum_class=1\nmax_feature_idx=1\nobjective=binary sigmoid:1\nfeature_names=a b\n\
             tree_sizes={}\n\n{tree}end of trees\n\nparameters:\n",
            tree.len()
        )
    }

    const TREE: &str = "Tree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nthreshold=0.5 0.25\nleft_child=1 -1\n\
                        right_child=-2 -3\nleaf_value=0.1 0.2 0.3\n\n\n";

    fn codes(text: &str) -> Vec<&'static str> {
        let budget = Budget::default();
        read(&Input::new("m.txt", text.as_bytes(), &budget)).1.into_iter().map(|defect| defect.code).collect()
    }

    #[test]
    fn indices_and_sizes_are_held_to_their_bounds() {
        assert!(codes(&model(TREE)).is_empty());
        assert_eq!(codes(&model(&TREE.replace("left_child=1", "left_child=9"))), ["lightgbm-child"]);
        assert_eq!(codes(&model(&TREE.replace("left_child=1", "left_child=0"))), ["lightgbm-cycle"]);
        assert_eq!(codes(&model(&TREE.replace("-2 -3", "-2 -9"))), ["lightgbm-child"]);
        assert_eq!(
            codes(&model(&TREE.replace("split_feature=0 1", "split_feature=0 7"))),
            ["lightgbm-feature"]
        );
        assert_eq!(codes(&model(&TREE.replace("num_leaves=3", "num_leaves=4"))), ["lightgbm-leaves"]);
        let size = format!("tree_sizes={}", TREE.len());
        assert_eq!(codes(&model(TREE).replace(&size, "tree_sizes=999999")), ["lightgbm-tree-sizes"]);
    }

    #[test]
    fn broken_bytes_never_panic() {
        let good = model(TREE).into_bytes();
        let budget = Budget::default();
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0x15;
            read(&Input::new("m.txt", &bytes, &budget));
            read(&Input::new("m.txt", &good[..at], &budget));
        }
    }
}
