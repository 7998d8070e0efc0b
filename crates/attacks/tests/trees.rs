//! Ensembles of trees: each library's comparisons, and proofs against every cell there is.
#![allow(clippy::unwrap_used)]

use vauban_attacks::Samples;
use vauban_attacks::evasion::Norm;
use vauban_attacks::target::{Bounds, LabelTarget as _, ScoreTarget as _};
use vauban_attacks::trees::{
    Question, TreeTarget, from_lightgbm, from_sklearn, from_xgboost, leaf_tuple, verify, verify_all,
};
use vauban_formats::sklearn_trees::SklearnTrees;
use vauban_formats::tree_nodes::TreeNodes;
use vauban_formats::{Budget, Input, lightgbm, npy, sklearn_trees, xgboost};

/// Numbers between 0 and 1 that repeat for a seed.
struct Draw(u64);

impl Draw {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1_u64 << 24) as f64
    }

    fn below(&mut self, most: usize) -> usize {
        (self.share() * most as f64) as usize
    }
}

const GRID: usize = 7;

/// A complete tree of two levels over `features` features, thresholds on a grid so that trees share some.
fn tree(draw: &mut Draw, features: usize, outputs: usize, whole: bool) -> TreeNodes {
    let mut nodes = TreeNodes {
        left: vec![1, 3, 5, -1, -1, -1, -1],
        right: vec![2, 4, 6, -1, -1, -1, -1],
        outputs,
        ..TreeNodes::default()
    };
    for node in 0..7 {
        nodes.feature.push(if node < 3 { draw.below(features) as i64 } else { -2 });
        nodes.threshold.push((1 + draw.below(GRID)) as f64 / (GRID + 1) as f64);
        for _ in 0..outputs {
            // Whole numbers make ties, which is where proofs go wrong.
            let value = draw.share() * 4.0 - 2.0;
            nodes.value.push(if whole { value.round() } else { value });
        }
    }
    nodes
}

fn ensemble(draw: &mut Draw, trees: usize, features: usize, outputs: usize, whole: bool) -> TreeTarget {
    let trees: Vec<TreeNodes> = (0..trees).map(|_| tree(draw, features, outputs, whole)).collect();
    let outputs_of_trees = vec![0; trees.len()];
    let model = SklearnTrees { base: vec![0.0; outputs], trees, outputs: outputs_of_trees, features: 0 };
    let target = from_sklearn(&model).unwrap();
    TreeTarget::new(target.ensemble().clone().with_width(features), vauban_attacks::trees::Link::Identity)
}

fn distance(row: &[f32], other: &[f32], norm: Norm) -> f64 {
    let parts = row.iter().zip(other).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
    match norm {
        Norm::L1 => parts.sum(),
        Norm::L2 => parts.map(|part| part * part).sum::<f64>().sqrt(),
        _ => parts.fold(0.0, f64::max),
    }
}

/// The smallest change by looking into every cell of the grid, and the example.
fn by_hand(target: &TreeTarget, row: &[f32], label: u32, norm: Norm) -> f64 {
    let edges: Vec<f32> = (0..=GRID + 1).map(|at| at as f32 / (GRID + 1) as f32).collect();
    let values: Vec<Vec<f32>> = row
        .iter()
        .map(|value| {
            (0..=GRID)
                .map(|cell| {
                    // The cell is open below (except at the bound) and closed above.
                    let low = if cell == 0 { 0.0 } else { edges[cell].next_up() };
                    value.clamp(low, edges[cell + 1])
                })
                .collect()
        })
        .collect();
    let mut best = f64::INFINITY;
    for code in 0..(GRID + 1).pow(row.len() as u32) {
        let mut rest = code;
        let other: Vec<f32> = values
            .iter()
            .map(|values| {
                let value = values[rest % (GRID + 1)];
                rest /= GRID + 1;
                value
            })
            .collect();
        if target.labels(&other).unwrap()[0] != label {
            best = best.min(distance(row, &other, norm));
        }
    }
    best
}

/// Verdicts against every cell: random ensembles, two and more classes, with and without ties.
#[test]
fn verdicts_equal_looking_into_every_cell() {
    let mut draw = Draw(7);
    let mut proven = 0;
    for round in 0..60 {
        let (outputs, whole) = ([1, 3][round % 2], round % 3 == 0);
        let target = ensemble(&mut draw, 3 + round % 5, 3, outputs, whole);
        let row: Vec<f32> = (0..3).map(|_| draw.share() as f32).collect();
        let label = target.labels(&row).unwrap()[0];
        for norm in [Norm::Linf, Norm::L2, Norm::L1] {
            let question = Question { norm, ..Question::default() };
            let verdict = verify(&target, &row, label as usize, &question).unwrap();
            let true_distance = by_hand(&target, &row, label, norm);
            assert!(verdict.complete);
            assert!(
                verdict.lower <= true_distance,
                "round {round} {norm:?}: {verdict:?}, is {true_distance}"
            );
            assert!(
                verdict.upper == true_distance || (verdict.upper - true_distance).abs() < 1e-6,
                "round {round} {norm:?}: {verdict:?}, is {true_distance}"
            );
            if let Some(example) = &verdict.example {
                assert_ne!(target.labels(example).unwrap()[0], label);
                assert!((distance(&row, example, norm) - verdict.upper).abs() < 1e-12);
                proven += 1;
            }
            if !whole {
                assert!(verdict.upper - verdict.lower < 1e-6 || verdict.example.is_none(), "{verdict:?}");
            }
        }
    }
    assert!(proven > 90, "{proven}");
}

#[test]
fn a_search_that_is_cut_short_still_bounds_from_both_sides() {
    let mut draw = Draw(11);
    for round in 0..30 {
        let target = ensemble(&mut draw, 12, 3, 1, false);
        let row: Vec<f32> = (0..3).map(|_| draw.share() as f32).collect();
        let label = target.labels(&row).unwrap()[0];
        let true_distance = by_hand(&target, &row, label, Norm::Linf);
        for steps in [0, 1, 2, 5, 20] {
            let question = Question { steps, ..Question::default() };
            let verdict = verify(&target, &row, label as usize, &question).unwrap();
            assert!(
                verdict.lower <= true_distance,
                "round {round}, {steps} steps: {verdict:?}, is {true_distance}"
            );
            assert!(verdict.upper >= true_distance - 1e-12, "round {round}, {steps} steps: {verdict:?}");
        }
    }
}

#[test]
fn the_attack_never_beats_the_proof_and_the_radius_ends_the_search() {
    let mut draw = Draw(3);
    let target = ensemble(&mut draw, 9, 4, 1, false);
    let inputs: Vec<f32> = (0..80).map(|_| draw.share() as f32).collect();
    let labels: Vec<i64> = target.labels(&inputs).unwrap().into_iter().map(i64::from).collect();
    let samples = Samples { inputs, shape: vec![20, 4], labels };
    let found = leaf_tuple(&target, &samples, Norm::Linf, 1).unwrap();
    let proven = verify_all(&target, &samples, &Question::default()).unwrap();
    assert_eq!(proven, verify_all(&target, &samples, &Question::default()).unwrap());
    assert!(found.iter().any(|result| result.success));
    for (found, proven) in found.iter().zip(&proven) {
        assert!(!found.success || f64::from(found.linf) >= proven.lower - 1e-6);
    }
    let near = Question { radius: 0.01, ..Question::default() };
    for (proven, near) in proven.iter().zip(verify_all(&target, &samples, &near).unwrap()) {
        assert!(near.lower <= 0.01 && near.lower <= proven.upper);
        assert_eq!(near.example.is_some(), proven.upper < 0.01);
    }
}

const SKLEARN: &str = r#"{"base": 0.0, "trees": [{"left": [1, -1, -1], "right": [2, -1, -1],
    "feature": [0, -2, -2], "threshold": [0.3, -2.0, -2.0], "value": [0.0, -1.0, 1.0]}]}"#;

const XGBOOST: &str = r#"{"learner":{"attributes":{},"gradient_booster":{"model":{
    "gbtree_model_param":{"num_trees":"1"},"tree_info":[0],"trees":[{"left_children":[1,-1,-1],
    "right_children":[2,-1,-1],"parents":[2147483647,0,0],"split_indices":[0,0,0],"split_conditions":[0.5,-1.0,1.0],
    "base_weights":[0,-1,1],"default_left":[1,0,0],"split_type":[0,0,0],
    "tree_param":{"num_nodes":"3","num_feature":"1","size_leaf_vector":"1"}}]},"name":"gbtree"},
    "learner_model_param":{"base_score":"[5E-1]","num_class":"0","num_feature":"1","num_target":"1"},
    "objective":{"name":"binary:logistic"}},"version":[3,2,0]}"#;

const LIGHTGBM: &str = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\n\
    objective=binary sigmoid:1\nfeature_names=a\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\n\
    threshold=0.5\ndecision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=-1 1\nis_linear=0\n\nend of trees\n";

#[test]
fn each_library_compares_in_its_own_way() {
    let budget = Budget::default();
    let (model, defects) = sklearn_trees::read_trees(&Input::new("m.json", SKLEARN.as_bytes(), &budget));
    assert_eq!(defects, []);
    let trees = from_sklearn(&model).unwrap();
    // The 32-bit number next to .3 is larger than the 64-bit threshold.
    assert_eq!(trees.labels(&[0.3, 0.3_f32.next_down()]).unwrap(), [1, 0]);

    let (model, defects) = xgboost::read_trees(&Input::new("m.json", XGBOOST.as_bytes(), &budget));
    assert_eq!(defects, []);
    let trees = from_xgboost(&model).unwrap();
    // Less than; and NaN goes to the default side.
    assert_eq!(trees.labels(&[0.5, 0.5_f32.next_down(), f32::NAN]).unwrap(), [1, 0, 0]);
    assert!((trees.scores(&[0.9]).unwrap()[1] - 0.731_058_6).abs() < 1e-6);

    let (model, defects) = lightgbm::read_trees(&Input::new("m.txt", LIGHTGBM.as_bytes(), &budget));
    assert_eq!(defects, []);
    let trees = from_lightgbm(&model).unwrap();
    // At most; and NaN is zero where nothing is said about missing values.
    assert_eq!(trees.labels(&[0.5, 0.5_f32.next_up(), f32::NAN]).unwrap(), [0, 1, 0]);
}

/// A column that no split asks for must neither shift the rows after the first nor count in a distance.
#[test]
fn rows_may_be_wider_than_the_features_that_splits_use() {
    let budget = Budget::default();
    let read = |text: &str| sklearn_trees::read_trees(&Input::new("m.json", text.as_bytes(), &budget)).0;
    let narrow = from_sklearn(&read(SKLEARN)).unwrap();
    let stated = SKLEARN.replacen('{', "{\"features\": 3, ", 1);
    let wide = from_sklearn(&read(&stated)).unwrap();
    assert_eq!((narrow.width(), wide.width(), narrow.clone().with_width(3).width()), (1, 3, 3));
    assert_eq!(wide.clone().with_width(2).width(), 3);
    // Only the first column matters: the same labels and proofs as for the first columns alone.
    let inputs = [0.1, 0.9, 0.8, 0.7, 0.0, 0.2, 0.25, 1.0, 1.0];
    assert_eq!(wide.labels(&inputs).unwrap(), narrow.labels(&[0.1, 0.7, 0.25]).unwrap());
    assert!(narrow.labels(&inputs[..2]).is_ok() && wide.labels(&inputs[..2]).is_err());
    for row in inputs.chunks_exact(3) {
        let label = wide.labels(row).unwrap()[0] as usize;
        let verdict = verify(&wide, row, label, &Question::default()).unwrap();
        let alone = verify(&narrow, &row[..1], label, &Question::default()).unwrap();
        assert_eq!((verdict.lower, verdict.upper, true), (alone.lower, alone.upper, verdict.complete));
        let example = verdict.example.unwrap();
        assert_eq!(example[1..], row[1..]);
        assert_ne!(wide.labels(&example).unwrap()[0] as usize, label);
    }
    let few =
        read(&SKLEARN.replacen('{', "{\"features\": 1, ", 1).replace("\"feature\": [0", "\"feature\": [4"));
    assert!(from_sklearn(&few).unwrap_err().to_string().contains("feature 4"));
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    let budget = Budget::default();
    let xgboost = |text: &str| {
        let (model, defects) = xgboost::read_trees(&Input::new("m.json", text.as_bytes(), &budget));
        assert_eq!(defects, []);
        from_xgboost(&model).map(|_| ()).unwrap_err().to_string()
    };
    assert!(
        xgboost(&XGBOOST.replace("[0,0,0],\n    \"tree_param", "[1,0,0],\n    \"tree_param"))
            .contains("categorical")
    );
    assert!(xgboost(&XGBOOST.replace("binary:logistic", "rank:ndcg")).contains("rank:ndcg"));
    let text = LIGHTGBM.replace("decision_type=2", "decision_type=6");
    let (model, _) = lightgbm::read_trees(&Input::new("m.txt", text.as_bytes(), &budget));
    assert!(from_lightgbm(&model).unwrap_err().to_string().contains("zero for a missing value"));
    let text = SKLEARN.replace("[1, -1, -1]", "[0, -1, -1]");
    let (model, _) = sklearn_trees::read_trees(&Input::new("m.json", text.as_bytes(), &budget));
    assert!(from_sklearn(&model).unwrap_err().to_string().contains("lead to each other"));
    let (model, _) = sklearn_trees::read_trees(&Input::new("m.json", SKLEARN.as_bytes(), &budget));
    let target = from_sklearn(&model).unwrap().with_bounds(Bounds { low: 0.0, high: 0.5 });
    let error = |row: &[f32]| verify(&target, row, 0, &Question::default()).unwrap_err().to_string();
    assert!(error(&[f32::NAN]).contains("missing"));
    assert!(error(&[0.7]).contains("outside the bounds"));
    assert!(error(&[0.7, 0.1]).contains("2 values"));
}

/// The reference ensembles: the exact distances that a MILP found.
#[test]
#[allow(clippy::disallowed_methods, clippy::print_stderr)]
fn verdicts_equal_the_reference_milp() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench/trees");
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let budget = Budget::default();
    let bytes = std::fs::read(folder.join("X.npy")).unwrap();
    let (header, _) = npy::read(&bytes);
    let values = npy::values(&header, &bytes).unwrap();
    let table = std::fs::read_to_string(folder.join("tree_exact.csv")).unwrap();
    for name in ["gbdt20d3", "rf20d5"] {
        let bytes = std::fs::read(folder.join(format!("{name}.json"))).unwrap();
        let (model, defects) = sklearn_trees::read_trees(&Input::new("m.json", &bytes, &budget));
        assert_eq!(defects, []);
        let target = from_sklearn(&model).unwrap();
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split(',').collect())
            .filter(|line: &Vec<&str>| line[0] == name)
            .collect();
        assert_eq!(lines.len(), 39);
        for line in lines {
            let index: usize = line[1].parse().unwrap();
            let (margin, exact): (f64, f64) = (line[2].parse().unwrap(), line[3].parse().unwrap());
            let row: Vec<f32> =
                values[index * 30..(index + 1) * 30].iter().map(|value| *value as f32).collect();
            let mut sum = [0.0];
            target.ensemble().score(&row, &mut sum);
            assert!((sum[0] - margin).abs() < 1e-9, "{name} {index}: {} and {margin}", sum[0]);
            // The MILP does not count ties, of which votes in a forest have some.
            let past_ties = Question { margin: 1e-9, ..Question::default() };
            let label = usize::from(margin > 0.0);
            let verdict = verify(&target, &row, label, &past_ties).unwrap();
            assert!(verdict.complete, "{name} {index}: {verdict:?}");
            assert!((verdict.lower - exact).abs() < 1e-6, "{name} {index}: {verdict:?} and {exact}");
            assert!((verdict.upper - exact).abs() < 1e-6, "{name} {index}: {verdict:?} and {exact}");
            let with_ties = verify(&target, &row, label, &Question::default()).unwrap();
            assert!(with_ties.lower <= exact + 1e-6, "{name} {index}: {with_ties:?} and {exact}");
        }
    }
}
