//! Query strategies of extraction on `mlp8` of `../shared/bench/robustness`: agreement with the model and accuracy of
//! the copy at 250, 500, 1,000 and 2,000 queries, by an attacker with the whole first half of the samples, and with 20.
//!
//! `cargo run --release -p vauban-attacks --example extraction_bench [FOLDER]`
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

use std::path::Path;

use vauban_attacks::Samples;
use vauban_attacks::extraction::{Parameters, Strategy, run};
use vauban_attacks::target::{Access, LabelTarget};
use vauban_formats::{Limits, onnx};

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
    let model = vauban_attacks::load(&onnx::parse(&bytes, &Limits::default()).0, &bytes).unwrap();
    let inputs = data("mlp8_x.npy").as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x)).collect();
    let labels: Vec<i64> =
        data("mlp8_y.npy").as_chunks::<8>().0.iter().map(|x| i64::from_le_bytes(*x)).collect();
    let samples = Samples { inputs, shape: vec![labels.len(), model.width()], labels };

    println!("answers,own,strategy,queries,fidelity,low,high,accuracy,low,high");
    for (answers, access) in [("scores", Access::Scores(&model)), ("labels", Access::Labels(&model))] {
        for own in [usize::MAX, 20] {
            for strategy in Strategy::ALL {
                let checkpoints = vec![250, 500, 1_000, 2_000];
                let parameters =
                    Parameters { checkpoints, strategy, own, ..Parameters::with_budget(2_000, 1) };
                let copied = run(access, access, &samples, &parameters).unwrap();
                for step in copied.fidelity {
                    let (agreed, right) = (step.interval(), step.accuracy_interval());
                    println!(
                        "{answers},{},{strategy},{},{:.3},{:.3},{:.3},{:.3},{:.3},{:.3}",
                        own.min(samples.len().div_ceil(2)),
                        step.queries,
                        step.share(),
                        agreed.low,
                        agreed.high,
                        step.accuracy(),
                        right.low,
                        right.high,
                    );
                }
            }
        }
    }
}
