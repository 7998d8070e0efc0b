//! Inversion against controls on `mlp8` of `../shared/bench/robustness`: what each control takes from the attacker.
//!
//! `cargo run --release -p vauban-attacks --example inversion_case [FOLDER]`; `docs/guides/stopping-inversion.md`
//! quotes its output.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

use std::path::Path;

use vauban_attacks::Samples;
use vauban_attacks::inversion::{Parameters, judge, run};
use vauban_attacks::target::{Access, LabelTarget, ScoreTarget, TargetError, winner};
use vauban_attacks::wrapper::{ControlledTarget, Controls};
use vauban_formats::{Limits, onnx};

/// The model as it is served: probabilities.
struct Served(vauban_attacks::OnnxTarget);

impl LabelTarget for Served {
    fn width(&self) -> usize {
        self.0.width()
    }
    fn classes(&self) -> usize {
        self.0.classes()
    }
    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        self.0.labels(inputs)
    }
}

impl ScoreTarget for Served {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        let mut rows = self.0.scores(inputs)?;
        for row in rows.chunks_exact_mut(self.classes()) {
            let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            row.iter_mut().for_each(|x| *x = (*x - top).exp());
            let sum: f32 = row.iter().sum();
            row.iter_mut().for_each(|x| *x /= sum);
        }
        Ok(rows)
    }
}

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "../shared/bench/robustness".to_owned());
    let folder = Path::new(&folder);
    if !folder.exists() {
        eprintln!("{} is not there; give the folder of the reference models", folder.display());
        std::process::exit(3);
    }
    let data = |name: &str| -> Vec<u8> {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        bytes[10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]))..].to_vec()
    };
    let bytes = std::fs::read(folder.join("mlp8.onnx")).unwrap();
    let model = Served(vauban_attacks::load(&onnx::parse(&bytes, &Limits::default()).0, &bytes).unwrap());
    let inputs = data("mlp8_x.npy").as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x)).collect();
    let labels: Vec<i64> =
        data("mlp8_y.npy").as_chunks::<8>().0.iter().map(|x| i64::from_le_bytes(*x)).collect();
    let samples = Samples { inputs, shape: vec![labels.len(), model.width()], labels };

    println!("control,queries_per_reconstruction,similarity,start,matched,by_chance,trials,accuracy,ece");
    let rounded = |decimals| Controls { decimals: Some(decimals), ..Controls::default() };
    let top = Controls { top_score_only: true, ..Controls::default() };
    let labels_only = Controls { labels_only: true, ..Controls::default() };
    let rows: [(&str, Controls, usize); 8] = [
        ("none", Controls::default(), 8_000),
        ("2 decimals", rounded(2), 8_000),
        ("1 decimal", rounded(1), 8_000),
        ("top score only", top, 8_000),
        ("labels only", labels_only.clone(), 8_000),
        ("rate limit", Controls::default(), 200),
        ("1 decimal + rate limit", rounded(1), 200),
        ("labels only + rate limit", labels_only, 200),
    ];
    for (name, controls, queries) in rows {
        let target = ControlledTarget::new(&model, controls);
        let parameters = Parameters { queries, restarts: 3, prior: 0.5, seed: 1 };
        let found = run(Access::Scores(&target), &parameters).unwrap();
        let quality = judge(&found, &samples, model.classes());
        let (accuracy, error) = utility(&target, &samples);
        println!(
            "{name},{queries},{:.3},{:.3},{},{},{},{accuracy:.3},{error:.3}",
            quality.similarity, quality.baseline, quality.matched, quality.matched_by_chance, quality.trials,
        );
    }
}

/// Accuracy, and expected calibration error over ten bins of the largest score.
fn utility(target: &dyn ScoreTarget, samples: &Samples) -> (f64, f64) {
    let scores = target.scores(&samples.inputs).unwrap();
    let (mut bins, mut right) = ([(0.0_f64, 0.0_f64); 10], 0.0);
    for (row, label) in scores.chunks_exact(target.classes()).zip(&samples.labels) {
        let class = winner(row);
        let (sure, hit) = (f64::from(row[class as usize]), f64::from(u8::from(i64::from(class) == *label)));
        let bin = &mut bins[((sure * 10.0) as usize).min(9)];
        bin.0 += sure;
        bin.1 += hit;
        right += hit;
    }
    let count = samples.len() as f64;
    (right / count, bins.iter().map(|(sure, hit)| (sure - hit).abs()).sum::<f64>() / count)
}
