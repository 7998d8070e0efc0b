//! Properties of samples in VNNLIB, decided: counts and seconds.
//!
//! `cargo run --release -p vauban-attacks --example vnnlib_bench MODEL.onnx X.npy Y.npy EPS COUNT [FOLDER]`. Samples that the
//! model gets wrong are left out. With a folder, properties and results are written there, `12.vnnlib` and `12.txt`;
//! `benches/vnnlib/check.py` looks at them with another runtime.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

use std::path::Path;
use std::time::Instant;

use vauban_attacks::certify::vnnlib::{Verdict, decide, property};
use vauban_attacks::target::LabelTarget as _;
use vauban_formats::{Budget, Input, Limits, npy, onnx, vnnlib};

fn values(path: &str) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    let (header, _) = npy::read(&bytes);
    npy::values(&header, &bytes).unwrap()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, inputs, labels, eps, count, folder @ ..] = &arguments[..] else {
        eprintln!("give a model, its inputs, their labels, eps and how many samples");
        std::process::exit(2);
    };
    let bytes = std::fs::read(model).unwrap();
    let (onnx, _) = onnx::parse(&bytes, &Limits::default());
    let target = vauban_attacks::load(&onnx, &bytes).unwrap();
    let rows: Vec<f32> = values(inputs).into_iter().map(|value| value as f32).collect();
    let (eps, count): (f64, usize) = (eps.parse().unwrap(), count.parse().unwrap());
    let (mut wrong, mut words, mut seconds) = (0, [0; 3], Vec::new());
    for (at, (row, label)) in rows.chunks_exact(target.width()).zip(values(labels)).take(count).enumerate() {
        let label = label as usize;
        if target.labels(row).unwrap()[0] as usize != label {
            wrong += 1;
            continue;
        }
        let text = property(row, label, eps, target.bounds(), target.classes()).unwrap();
        let budget = Budget::default();
        let (read, defects) = vnnlib::read(&Input::new("sample.vnnlib", text.as_bytes(), &budget));
        assert!(defects.is_empty(), "{defects:?}");
        let begin = Instant::now();
        let verdict = decide(&target, &read, 1).unwrap();
        seconds.push(begin.elapsed().as_secs_f64());
        words[match verdict {
            Verdict::Unsat => 0,
            Verdict::Sat(_) => 1,
            Verdict::Unknown => 2,
        }] += 1;
        if let Some(folder) = folder.first() {
            std::fs::write(Path::new(folder).join(format!("{at}.vnnlib")), text).unwrap();
            std::fs::write(Path::new(folder).join(format!("{at}.txt")), verdict.to_text()).unwrap();
        }
    }
    println!("model,eps,samples,wrong,unsat,sat,unknown,mean_s,max_s");
    println!(
        "{model},{eps},{},{wrong},{},{},{},{:.3},{:.3}",
        seconds.len() + wrong,
        words[0],
        words[1],
        words[2],
        seconds.iter().sum::<f64>() / seconds.len().max(1) as f64,
        seconds.iter().copied().fold(0.0, f64::max)
    );
}
