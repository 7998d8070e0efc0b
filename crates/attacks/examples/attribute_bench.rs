//! Attribute inference on `mlp8` of `../shared/bench/robustness`: a pixel, of up to 17 values, guessed from all others.
//!
//! `cargo run --release -p vauban-attacks --example attribute_bench [FOLDER]`: the last 500 samples are known, the
//! pixel of the first 500 is hidden.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

use std::path::Path;

use vauban_attacks::Samples;
use vauban_attacks::attribute::{Known, Parameters, run};
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
    let inputs: Vec<f32> =
        data("mlp8_x.npy").as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x)).collect();
    let labels: Vec<i64> =
        data("mlp8_y.npy").as_chunks::<8>().0.iter().map(|x| i64::from_le_bytes(*x)).collect();
    let (width, half) = (model.width(), labels.len() / 2);
    let part = |from: usize, to: usize| Samples {
        inputs: inputs[from * width..to * width].to_vec(),
        shape: vec![to - from, width],
        labels: labels[from..to].to_vec(),
    };
    let (hidden, known) = (part(0, half), part(half, labels.len()));

    println!("pixel,known,answers,values,attack,accuracy,baseline,accuracy,lift,low,high,queries");
    for pixel in [20, 28, 36, 43] {
        for known_of in [Known::Label, Known::Answer] {
            for (answers, access) in [("scores", Access::Scores(&model)), ("labels", Access::Labels(&model))]
            {
                let parameters = Parameters { known: known_of, ..Parameters::new(vec![pixel], 1) };
                let inferred = match run(access, &hidden, &known, &parameters) {
                    Ok(inferred) => inferred,
                    Err(error) => {
                        println!("{pixel},{},{answers},{error}", known_of.as_str());
                        continue;
                    }
                };
                println!(
                    "{pixel},{},{answers},{},{},{:.3},{},{:.3},{:.3},{:.3},{:.3},{}",
                    known_of.as_str(),
                    inferred.values,
                    inferred.attack.name,
                    inferred.share(&inferred.attack),
                    inferred.baseline.name,
                    inferred.share(&inferred.baseline),
                    inferred.lift,
                    inferred.interval.low,
                    inferred.interval.high,
                    inferred.queries,
                );
            }
        }
    }
}
