//! Gradients and attacks on the reference models in `../shared/bench/robustness`, in numbers.
//!
//! `cargo run --release -p vauban-attacks --example attack_bench [FOLDER] [ATTACK]...`: robust accuracy, distance,
//! queries and CPU seconds of each attack at eps .1. `docs/measurements.md` quotes its output.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

use std::path::Path;

use vauban_attacks::evasion::{
    Norm, SampleResult, Summary, Terms, corruptions, fgsm, find, hop_skip_jump, noise, pgd, square,
};
use vauban_attacks::target::{GradientTarget, LabelTarget, ScoreTarget};
use vauban_attacks::{OnnxTarget, Samples};
use vauban_formats::{Limits, onnx};

/// In the order of the output; the first five as the peers run them.
const BENCHED: [&str; 15] = [
    "noise",
    "fgsm",
    "pgd40",
    "square",
    "hopskipjump",
    "square-linf",
    "square-l2",
    "nes-linf",
    "spsa-linf",
    "sim-ba-pixel-l2",
    "sim-ba-dct-l2",
    "boundary-l2",
    "hop-skip-jump-linf",
    "ray-s-linf",
    "spatial",
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "../shared/bench/robustness".to_owned());
    // A number among the names of attacks is how many samples to take.
    let (counts, wanted): (Vec<String>, Vec<String>) =
        arguments.partition(|word| word.parse::<usize>().is_ok());
    let count = counts.first().and_then(|word| word.parse().ok()).unwrap_or(usize::MAX);
    let folder = Path::new(&folder);
    if !folder.exists() {
        eprintln!("{} is not there; give the folder of the reference models", folder.display());
        std::process::exit(3);
    }
    for model in ["mlp8", "cnn8"] {
        gradients(folder, model);
    }
    for model in ["skl_gb", "skl_lr", "skl_pipe", "skl_svc"] {
        probabilities(folder, model);
    }
    println!("model,attack,robust_acc,mean_l2,median_l2,median_linf,queries_per_input,cpu_s,wall_s");
    for model in ["mlp8", "cnn8"] {
        let target = target(folder, model);
        let samples = samples(folder, model).first(count);
        let terms = Terms { eps: 0.1, queries: 100_000, seed: 1 };
        let (one, forty) = (
            pgd::Steps { norm: Norm::Linf, step: 0.1, steps: 1, restarts: 1, random_start: false },
            pgd::Steps { norm: Norm::Linf, step: 0.01, steps: 40, restarts: 1, random_start: true },
        );
        let run = |name: &str| match name {
            "noise" => noise::run(&target, &samples, &terms),
            "fgsm" => pgd::run(&target, &samples, &terms, &one, fgsm::ATTACK.name),
            "pgd40" => pgd::run(&target, &samples, &terms, &forty, pgd::ATTACK.name),
            "square" => square::run(&target, &samples, &terms, 1_000),
            "hopskipjump" => hop_skip_jump::run(&target, &samples, &terms, &hop_skip_jump::Hops::default()),
            // From the list, as the battery runs it; Euclidean balls are of .5.
            _ => {
                let attack = find(name).unwrap();
                let eps = ball(attack.norm);
                (attack.run)(target.access(), &samples, &Terms { eps, queries: 5_000, seed: 1 }).unwrap()
            }
        };
        if wanted.iter().any(|wanted| wanted == "corruptions") {
            for it in corruptions::accuracies(&target, &samples, 1).unwrap() {
                println!("{model},{},{},{:.3}", it.corruption, it.severity, it.accuracy());
            }
        }
        let asked = wanted.iter().map(String::as_str).filter(|name| *name != "corruptions");
        let names: Vec<&str> = if wanted.is_empty() { BENCHED.to_vec() } else { asked.collect() };
        for name in names {
            let (start, cpu) = (std::time::Instant::now(), cpu_seconds());
            let results = run(name).unwrap();
            let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
            let summary = Summary::new(&results);
            let mut linf: Vec<f32> =
                results.iter().filter(|it| it.adversarial.is_some()).map(|it| it.linf).collect();
            linf.sort_by(f32::total_cmp);
            // Attacks of least distance are asked what they found inside the ball.
            let norm = find(name).map_or(Norm::Linf, |attack| attack.norm);
            let inside = |it: &&SampleResult| {
                it.wrong_before || (it.success && it.distance(norm) <= ball(norm) * 1.0001 + 1e-6)
            };
            let robust = 1.0 - results.iter().filter(inside).count() as f64 / results.len() as f64;
            println!(
                "{model},{name},{:.3},{:.4},{:.4},{:.4},{:.1},{cpu:.3},{wall:.3}",
                robust,
                summary.mean_l2.unwrap_or(f64::NAN),
                summary.median_l2.unwrap_or(f64::NAN),
                linf.get(linf.len() / 2).copied().unwrap_or(f32::NAN),
                summary.queries as f64 / results.len() as f64,
            );
        }
    }
}

/// Size of the ball that is counted, by norm.
fn ball(norm: Norm) -> f32 {
    match norm {
        Norm::L2 => 0.5,
        Norm::L1 => 2.0,
        Norm::Linf | Norm::Unbounded => 0.1,
    }
}

/// CPU seconds of all threads of this process so far.
fn cpu_seconds() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let nanoseconds = |task: std::fs::DirEntry| -> f64 {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0.0)
    };
    tasks.flatten().map(nanoseconds).sum::<f64>() / 1e9
}

fn target(folder: &Path, model: &str) -> OnnxTarget {
    let bytes = std::fs::read(folder.join(format!("{model}.onnx"))).unwrap();
    let (onnx, defects) = onnx::parse(&bytes, &Limits::default());
    assert!(defects.is_empty(), "{defects:?}");
    vauban_attacks::load(&onnx, &bytes).unwrap()
}

/// The shape and raw elements of an NPY file of version 1.
fn npy(path: &Path) -> (Vec<usize>, Vec<u8>) {
    let bytes = std::fs::read(path).unwrap();
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
    let shape = header.split("'shape': (").nth(1).unwrap().split(')').next().unwrap();
    let shape = shape.split(',').filter_map(|extent| extent.trim().parse().ok()).collect();
    (shape, bytes[10 + length..].to_vec())
}

fn floats(path: &Path) -> (Vec<usize>, Vec<f32>) {
    let (shape, data) = npy(path);
    (shape, data.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect())
}

fn samples(folder: &Path, model: &str) -> Samples {
    let (shape, inputs) = floats(&folder.join(format!("{model}_x.npy")));
    let (_, labels) = npy(&folder.join(format!("{model}_y.npy")));
    let labels = labels.as_chunks::<8>().0.iter().map(|eight| i64::from_le_bytes(*eight)).collect();
    Samples { inputs, shape, labels }
}

fn gradients(folder: &Path, model: &str) {
    let target = target(folder, model);
    let samples = samples(folder, model);
    let (_, logits) = floats(&folder.join(format!("{model}_logits.npy")));
    let own = target.scores(&samples.inputs).unwrap();
    let worst = own.iter().zip(&logits).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
    let (shape, expected) = floats(&folder.join(format!("{model}_grad64.npy")));
    let first = samples.first(shape[0]);
    let descend = |row: usize, logits: &[f32], gradient: &mut [f32]| {
        let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = logits.iter().map(|logit| (logit - top).exp()).sum();
        for (class, (logit, gradient)) in logits.iter().zip(gradient).enumerate() {
            let own = f32::from(u8::from(class as i64 == first.labels[row]));
            *gradient = (logit - top).exp() / sum - own;
        }
    };
    let own = target.gradients(&first.inputs, &descend).unwrap().inputs;
    let largest = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    let scale = own.iter().zip(&expected).map(|(a, b)| a * b).sum::<f32>()
        / expected.iter().map(|x| x * x).sum::<f32>();
    let apart = own.iter().zip(&expected).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
    println!(
        "{model}: logits within {worst:e}; gradient shape {shape:?}, scale {scale}, within {apart:e} of {largest}"
    );
}

fn probabilities(folder: &Path, model: &str) {
    let target = target(folder, model);
    let samples = samples(folder, "mlp8");
    let (_, expected) = floats(&folder.join(format!("{model}_probs.npy")));
    let own = target.scores(&samples.inputs).unwrap();
    let apart = own.iter().zip(&expected).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
    println!(
        "{model}: {} classes, probabilities within {apart:e} of {} truths",
        target.classes(),
        expected.len()
    );
}
