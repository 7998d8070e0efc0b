//! An epoch of PGD-7 adversarial training, for comparison with `benches/peers/adversarial_training.py`, which makes
//! the model cnn28.
//!
//! `cargo run --release -p vauban-attacks --example harden_bench -- ../shared/bench/robustness FOLDER [THREADS]`
//!
//! Prints wall and CPU seconds of the second epoch and its loss as CSV, then what each method makes of mlp8 and cnn8
//! (20 epochs, eps .1), judged on the first 200 reference samples, and what each control is worth in front of them.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stdout)]

use std::path::Path;
use std::time::Instant;

use vauban_attacks::Samples;
use vauban_attacks::defence::{candidates, trial};
use vauban_attacks::evasion::Terms;
use vauban_attacks::harden::{Method, Optimiser, Recipe, Schedule, evaluate, harden};
use vauban_formats::{Limits, npy, onnx};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (bench, folder) = (Path::new(&arguments[1]), Path::new(&arguments[2]));
    let threads = arguments.get(3).map_or(1, |threads| threads.parse().unwrap());
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().unwrap();
    println!("model,threads,wall_s,cpu_s,loss");
    for (name, home) in [("cnn28", folder), ("cnn8", bench), ("mlp8", bench)] {
        if !home.join(format!("{name}.onnx")).is_file() {
            println!("# {name} is not there");
            continue;
        }
        let bytes = std::fs::read(home.join(format!("{name}.onnx"))).unwrap();
        let (facts, _) = onnx::parse(&bytes, &Limits::default());
        let samples = samples(home, name, "train");
        let recipe = Recipe {
            optimiser: Optimiser::Sgd { momentum: 0.9 },
            rate: 0.01,
            schedule: Schedule::Constant,
            batch: 128,
            held_out: 0.0,
            ..Recipe::new(Method::Pgd { eps: 0.1, steps: 7, step: 0.025 }, 2, 1)
        };
        let (mut start, mut cpu) = (Instant::now(), cpu_seconds());
        let mut last = (0.0, 0.0, 0.0);
        harden(&facts, &bytes, &samples, &recipe, &mut |epoch| {
            last = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu, epoch.loss);
            (start, cpu) = (Instant::now(), cpu_seconds());
            true
        })
        .unwrap();
        println!("{name},{threads},{:.3},{:.3},{:.4}", last.0, last.1, last.2);
    }
    for name in ["mlp8", "cnn8"] {
        if bench.join(format!("{name}.onnx")).is_file() {
            worth(bench, name);
        }
    }
}

fn worth(bench: &Path, name: &str) {
    let bytes = std::fs::read(bench.join(format!("{name}.onnx"))).unwrap();
    let (facts, _) = onnx::parse(&bytes, &Limits::default());
    let (train, judged) = (samples(bench, name, "train"), samples(bench, name, "").first(200));
    let terms = Terms { eps: 0.1, queries: 1_000, seed: 1 };
    println!("model,method,seconds,kept,clean,worst,unseen,certified");
    for method in [
        None,
        Some(Method::Standard),
        Some(Method::Pgd { eps: 0.1, steps: 7, step: 0.025 }),
        Some(Method::Trades { eps: 0.1, steps: 7, step: 0.025, beta: 6.0 }),
        Some(Method::Fast { eps: 0.1, step: 0.125 }),
        Some(Method::Noise { sigma: 0.25 }),
        Some(Method::Ibp { eps: 0.1 }),
    ] {
        let start = Instant::now();
        let (model, kept) = method.map_or((bytes.clone(), 0), |method| {
            let made = harden(&facts, &bytes, &train, &Recipe::new(method, 20, 1), &mut |_| true).unwrap();
            (made.model, made.kept)
        });
        let seconds = start.elapsed().as_secs_f64();
        let (facts, _) = onnx::parse(&model, &Limits::default());
        let found = evaluate(&facts, &model, &judged, &terms, method.unwrap_or(Method::Standard)).unwrap();
        println!(
            "{name},{},{seconds:.1},{kept},{:.3},{:.3},{:.3},{}",
            method.map_or("as it came", Method::name),
            found.clean.value(),
            found.worst.value(),
            found.unseen.value(),
            found.certified.map_or_else(|| "unknown".to_owned(), |share| format!("{:.3}", share.value())),
        );
    }
    let target = vauban_attacks::load(&facts, &bytes).unwrap();
    println!(
        "model,control,setting,success before,after,copy before,after,accuracy,refused,ece before,after,credit"
    );
    let judged = judged.first(100);
    for defence in candidates(target.access(), &train, terms.queries).unwrap() {
        let tried = trial(target.access(), &defence, &judged, &Terms { queries: 500, ..terms }).unwrap();
        let copied = |share: Option<vauban_attacks::harden::Share>| {
            share.map_or_else(|| "none".to_owned(), |share| format!("{:.3}", share.value()))
        };
        println!(
            "{name},{},{},{:.3},{:.3},{},{},{:.3},{:.3},{:.3},{:.3},{}",
            tried.control,
            tried.setting,
            tried.success.0.value(),
            tried.success.1.value(),
            copied(tried.extraction.0),
            copied(tried.extraction.1),
            tried.utility.1.accuracy.value(),
            tried.utility.1.refused.value(),
            tried.utility.0.calibration.unwrap_or(f64::NAN),
            tried.utility.1.calibration.unwrap_or(f64::NAN),
            tried.credit.text(),
        );
    }
}

/// Inputs and labels of a model: `train`, or those it is judged on.
fn samples(home: &Path, name: &str, part: &str) -> Samples {
    let inputs = std::fs::read(home.join(format!("{name}_x{part}.npy"))).unwrap();
    let labels = std::fs::read(home.join(format!("{name}_y{part}.npy"))).unwrap();
    let (x, y) = (npy::read(&inputs).0, npy::read(&labels).0);
    Samples {
        inputs: npy::values_f32(&x, &inputs).unwrap(),
        shape: x.shape.iter().map(|extent| *extent as usize).collect(),
        labels: npy::values(&y, &labels).unwrap().into_iter().map(|label| label as i64).collect(),
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
