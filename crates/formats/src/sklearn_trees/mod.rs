//! Forests and boosted trees of scikit-learn as JSON: scikit-learn has no exchange format of its own, so that its
//! arrays (`tree_.children_left` and so on) are written out as they are.
//!
//! `{"base": number or numbers, "trees": [{"left": [..], "right": [..], "feature": [..], "threshold": [..],
//! "value": [..], "output": n}]}`; the score of a row is `base` plus the sum of the leaves it falls in. `value` holds a
//! number for each node, or a list of one for each class. `"features": n` says how many columns a row has, which splits
//! need not name all. `benches/tree_ensembles/export.py` writes it.
//!
//! Source: scikit-learn 1.9, `sklearn/tree/_tree.pyx`: a row is cast to 32 bits and goes left where it is at most the
//! threshold, which has 64.

use crate::tree_nodes::TreeNodes;
use crate::xgboost::tree::{Reader, Tree};
use crate::{Defect, Input};

/// A model as its arrays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SklearnTrees {
    /// Score before the first tree: one value, or one an output.
    pub base: Vec<f64>,
    /// The trees.
    pub trees: Vec<TreeNodes>,
    /// Output that each tree with one value to a leaf adds to.
    pub outputs: Vec<i64>,
    /// Columns of a row, if the file says so; 0 if not.
    pub features: usize,
}

/// Most trees of one model.
const TREES: usize = 100_000;
/// Most columns of a row.
const FEATURES: f64 = (1 << 24) as f64;

/// Reads a model with its trees.
pub fn read_trees(input: &Input<'_>) -> (SklearnTrees, Vec<Defect>) {
    let mut read = SklearnTrees::default();
    let tree = match Reader::new(input.bytes, input.budget).json(0) {
        Ok(tree) => tree,
        Err(defect) => return (read, vec![defect]),
    };
    let base = tree.get("base");
    read.base = match base.numbers() {
        Some(numbers) => numbers.to_vec(),
        None => base.number().into_iter().collect(),
    };
    match tree.get("features").number() {
        Some(number) if number.fract() == 0.0 && (1.0..=FEATURES).contains(&number) => {
            read.features = number as usize;
        }
        Some(number) => {
            let detail = format!("`features` is {number}, and not a number of columns from 1 to {FEATURES}");
            return (read, vec![Defect::whole("sklearn-trees", detail)]);
        }
        None => {}
    }
    let trees = tree.get("trees").items();
    if trees.is_empty() {
        return (read, vec![Defect::whole("sklearn-trees", "there is no list `trees` of objects")]);
    }
    if trees.len() > TREES {
        return (read, vec![Defect::whole("limit-records", format!("{} trees", trees.len()))]);
    }
    for (index, tree) in trees.iter().enumerate() {
        match one(tree) {
            Ok(nodes) => read.trees.push(nodes),
            Err(detail) => {
                let defect = Defect::whole("sklearn-tree", format!("tree {index}: {detail}"));
                return (read, vec![defect]);
            }
        }
        read.outputs.push(tree.get("output").number().unwrap_or(0.0) as i64);
    }
    (read, Vec::new())
}

fn one(tree: &Tree) -> Result<TreeNodes, String> {
    let numbers = |key: &str| tree.get(key).numbers().ok_or_else(|| format!("`{key}` is no list of numbers"));
    let integers =
        |key: &str| Ok::<_, String>(numbers(key)?.iter().map(|number| *number as i64).collect::<Vec<i64>>());
    let left = integers("left")?;
    let value = tree.get("value");
    let (value, outputs) = match value.numbers() {
        Some(numbers) => (numbers.to_vec(), 1),
        None => {
            let rows: Option<Vec<&[f64]>> = value.items().iter().map(Tree::numbers).collect();
            let rows = rows.filter(|rows| !rows.is_empty());
            let rows = rows.ok_or("`value` holds neither numbers nor lists of numbers")?;
            let outputs = rows[0].len();
            if rows.iter().any(|row| row.len() != outputs) {
                return Err("lists in `value` are not equally long".to_owned());
            }
            (rows.concat(), outputs)
        }
    };
    Ok(TreeNodes {
        left,
        right: integers("right")?,
        feature: integers("feature")?,
        threshold: numbers("threshold")?.to_vec(),
        default_left: match tree.get("missing_left").numbers() {
            Some(numbers) => numbers.iter().map(|truth| *truth != 0.0).collect(),
            None => Vec::new(),
        },
        value,
        outputs,
        unusual: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    const MODEL: &str = r#"{"base": 0.5, "trees": [{"left": [1, -1, -1], "right": [2, -1, -1],
        "feature": [3, -2, -2], "threshold": [0.25, -2.0, -2.0], "value": [0.0, -1.5, 2.0]}]}"#;

    fn read(text: &str) -> (SklearnTrees, Vec<Defect>) {
        let budget = Budget::default();
        read_trees(&Input::new("m.json", text.as_bytes(), &budget))
    }

    #[test]
    fn arrays_are_kept_as_they_are() {
        let (model, defects) = read(MODEL);
        assert_eq!((defects.len(), model.base, model.trees[0].outputs), (0, vec![0.5], 1));
        assert_eq!(model.trees[0].left, [1, -1, -1]);
        assert_eq!(model.trees[0].value, [0.0, -1.5, 2.0]);
        let (model, _) = read(&MODEL.replace("[0.0, -1.5, 2.0]", "[[0, 0], [1, 0], [0, 1]]"));
        assert_eq!((model.trees[0].outputs, model.trees[0].value.len()), (2, 6));
    }

    #[test]
    fn the_number_of_columns_is_optional() {
        assert_eq!(read(MODEL).0.features, 0);
        let with =
            |number: &str| read(&MODEL.replace("{\"base\"", &format!("{{\"features\": {number}, \"base\"")));
        assert_eq!((with("7").0.features, with("7").1), (7, vec![]));
        for wrong in ["0", "-1", "2.5", "1e300"] {
            assert_eq!(with(wrong).1[0].code, "sklearn-trees");
        }
    }

    #[test]
    fn what_is_no_model_is_said() {
        assert_eq!(read("[]").1[0].code, "sklearn-trees");
        assert_eq!(read(&MODEL.replace("[1, -1, -1]", "3")).1[0].code, "sklearn-tree");
        for at in 0..MODEL.len() {
            read(&MODEL[..at]);
        }
    }
}
