//! Smallest changes of tree ensembles, proven, in numbers; and scores, to compare with the libraries that made them.
//!
//! `cargo run --release -p vauban-attacks --example tree_bench [FOLDER]`: for the two reference ensembles the time of each
//! exact L-infinity distance, the largest difference to the MILP's, and how near the attack alone comes.
//! `... tree_bench verify MODEL X.npy MARGIN`: index, class, lower, upper, seconds of each row of 32-bit inputs; the other
//! class must lead by more than the margin, 0 to count ties.
//! `... tree_bench scores MODEL X.npy`: the scores of each row. `benches/tree_ensembles/` calls these two.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

use std::path::Path;
use std::time::Instant;

use vauban_attacks::Samples;
use vauban_attacks::evasion::Norm;
use vauban_attacks::target::{LabelTarget as _, ScoreTarget as _};
use vauban_attacks::trees::{
    Question, TreeTarget, from_lightgbm, from_onnx, from_sklearn, from_xgboost, leaf_tuple, verify,
};
use vauban_formats::{Budget, Input, Limits, lightgbm, npy, onnx, sklearn_trees, xgboost};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["scores", model, inputs] => scores(Path::new(model), Path::new(inputs)),
        ["verify", model, inputs, margin] => {
            proofs(Path::new(model), Path::new(inputs), margin.parse().unwrap());
        }
        [folder] => reference(Path::new(folder)),
        _ => reference(Path::new("../shared/bench/trees")),
    }
}

fn load(path: &Path) -> TreeTarget {
    let bytes = std::fs::read(path).unwrap();
    let budget = Budget::default();
    let input = Input::new(path.to_str().unwrap(), &bytes, &budget);
    let has = |words: &[u8]| bytes.windows(words.len()).take(1 << 16).any(|window| window == words);
    if path.extension().is_some_and(|extension| extension == "onnx") {
        let (model, _) = onnx::parse(&bytes, &Limits::default());
        return from_onnx(&model, &bytes).unwrap();
    }
    if has(b"\"learner\"") || path.extension().is_some_and(|extension| extension == "ubj") {
        let (model, defects) = xgboost::read_trees(&input);
        assert!(defects.is_empty(), "{defects:?}");
        return from_xgboost(&model).unwrap();
    }
    if has(b"num_tree_per_iteration") {
        let (model, defects) = lightgbm::read_trees(&input);
        assert!(defects.is_empty(), "{defects:?}");
        return from_lightgbm(&model).unwrap();
    }
    let (model, defects) = sklearn_trees::read_trees(&input);
    assert!(defects.is_empty(), "{defects:?}");
    from_sklearn(&model).unwrap()
}

/// Rows, and how wide they are: perhaps wider than the highest feature that the trees ask for.
fn rows(path: &Path) -> (Vec<f32>, usize) {
    let bytes = std::fs::read(path).unwrap();
    let (header, _) = npy::read(&bytes);
    let values: Vec<f32> =
        npy::values(&header, &bytes).unwrap().into_iter().map(|value| value as f32).collect();
    let count = header.shape.first().map_or(0, |count| *count as usize);
    let width = values.len() / count.max(1);
    (values, width)
}

/// A model over the rows of a file.
fn both(model: &Path, inputs: &Path) -> (TreeTarget, Vec<f32>) {
    let (values, width) = rows(inputs);
    let target = load(model).with_width(width);
    assert_eq!(target.width(), width, "the model asks for more columns than the rows have");
    (target, values)
}

fn scores(model: &Path, inputs: &Path) {
    let (target, values) = both(model, inputs);
    for row in target.scores(&values).unwrap().chunks_exact(target.classes()) {
        println!("{}", row.iter().map(f32::to_string).collect::<Vec<_>>().join(","));
    }
}

fn proofs(model: &Path, inputs: &Path, margin: f64) {
    let (target, values) = both(model, inputs);
    println!("index,class,lower,upper,complete,steps,seconds,first_score_of_example");
    for (index, row) in values.chunks_exact(target.width()).enumerate() {
        let label = target.labels(row).unwrap()[0];
        let begin = Instant::now();
        let question = Question { margin, ..Question::default() };
        let verdict = verify(&target, row, label as usize, &question).unwrap();
        let seconds = begin.elapsed().as_secs_f64();
        let mut sums = vec![f64::NAN; target.ensemble().outputs()];
        if let Some(example) = &verdict.example {
            target.ensemble().score(example, &mut sums);
        }
        println!(
            "{index},{label},{},{},{},{},{seconds:.6},{:e}",
            verdict.lower, verdict.upper, verdict.complete, verdict.steps, sums[0]
        );
    }
}

fn reference(folder: &Path) {
    if !folder.exists() {
        eprintln!("{} is not there; give the folder of the reference ensembles", folder.display());
        std::process::exit(3);
    }
    let table = std::fs::read_to_string(folder.join("tree_exact.csv")).unwrap();
    println!(
        "model,points,complete,largest_difference,mean_s,max_s,mean_steps,attack_exact,attack_mean_ratio,attack_s"
    );
    for name in ["gbdt20d3", "rf20d5"] {
        let (target, inputs) = both(&folder.join(format!("{name}.json")), &folder.join("X.npy"));
        let width = target.width();
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split(',').collect())
            .filter(|line: &Vec<&str>| line[0] == name)
            .collect();
        let (mut worst, mut complete, mut steps, mut seconds) = (0.0_f64, 0, 0, Vec::new());
        let mut samples = Samples { inputs: Vec::new(), shape: vec![lines.len(), width], labels: Vec::new() };
        let mut exact = Vec::new();
        for line in &lines {
            let index: usize = line[1].parse().unwrap();
            let row = &inputs[index * width..][..width];
            let label = target.labels(row).unwrap()[0];
            let begin = Instant::now();
            // The MILP does not count ties.
            let question = Question { margin: 1e-9, ..Question::default() };
            let verdict = verify(&target, row, label as usize, &question).unwrap();
            seconds.push(begin.elapsed().as_secs_f64());
            exact.push(line[3].parse::<f64>().unwrap());
            let exact = exact[exact.len() - 1];
            worst = worst.max((verdict.lower - exact).abs()).max((verdict.upper - exact).abs());
            complete += usize::from(verdict.complete);
            steps += verdict.steps;
            samples.inputs.extend_from_slice(row);
            samples.labels.push(i64::from(label));
        }
        let begin = Instant::now();
        let found = leaf_tuple(&target, &samples, Norm::Linf, 1).unwrap();
        let attack = begin.elapsed().as_secs_f64();
        let ratios: Vec<f64> = found
            .iter()
            .zip(&exact)
            .filter(|(found, _)| found.success)
            .map(|(found, exact)| f64::from(found.linf) / exact)
            .collect();
        println!(
            "{name},{},{complete},{worst:.2e},{:.6},{:.6},{:.1},{},{:.4},{attack:.4}",
            lines.len(),
            seconds.iter().sum::<f64>() / seconds.len() as f64,
            seconds.iter().copied().fold(0.0, f64::max),
            steps as f64 / lines.len() as f64,
            ratios.iter().filter(|ratio| **ratio < 1.0 + 1e-5).count(),
            ratios.iter().sum::<f64>() / ratios.len().max(1) as f64,
        );
    }
}
