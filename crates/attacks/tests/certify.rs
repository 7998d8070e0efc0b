//! Certificates: no attack may contradict one.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Model, Value, numbers};
use vauban_attacks::certify::smoothing::{self, Smoothing};
use vauban_attacks::certify::{BoundedNetwork, Method};
use vauban_attacks::evasion::{Norm, Terms, find};
use vauban_attacks::target::{LabelTarget as _, ScoreTarget as _};
use vauban_attacks::{OnnxTarget, Samples};
use vauban_formats::npy;

/// Two hidden layers, as PyTorch and as scikit-learn export them.
fn dense() -> OnnxTarget {
    Model::new(17, &[-1, 6])
        .floats("w1", &[16, 6], &numbers(96, 1))
        .floats("b1", &[16], &numbers(16, 2))
        .floats("w2", &[16, 16], &numbers(256, 3))
        .floats("b2", &[16], &numbers(16, 4))
        .floats("w3", &[16, 3], &numbers(48, 5))
        .floats("b3", &[3], &[0.0, 0.1, -0.1])
        .node("Gemm", "x w1 b1", "h1", &[("transB", Value::Int(1))])
        .node("Relu", "h1", "r1", &[])
        .node("MatMul", "r1 w2", "h2", &[])
        .node("Add", "h2 b2", "h3", &[])
        .node("Relu", "h3", "r2", &[])
        .node("Gemm", "r2 w3 b3", "z", &[])
        .node("Softmax", "z", "y", &[("axis", Value::Int(1))])
        .target()
}

fn convolution() -> OnnxTarget {
    Model::new(17, &[-1, 1, 4, 4])
        .floats("k", &[3, 1, 3, 3], &numbers(27, 6))
        .floats("kb", &[3], &numbers(3, 7))
        .floats("scale", &[3], &[1.1, 0.7, -0.6])
        .floats("shift", &[3], &[0.1, 0.0, 0.2])
        .floats("mean", &[3], &[0.2, -0.3, 0.0])
        .floats("variance", &[3], &[0.5, 1.5, 1.0])
        .floats("w", &[12, 2], &numbers(24, 8))
        .floats("b", &[2], &[0.05, 0.0])
        .node("Conv", "x k kb", "c", &[("pads", Value::Ints(&[1, 1, 1, 1]))])
        .node("BatchNormalization", "c scale shift mean variance", "n", &[])
        .node("Relu", "n", "r", &[])
        .node(
            "AveragePool",
            "r",
            "p",
            &[("kernel_shape", Value::Ints(&[2, 2])), ("strides", Value::Ints(&[2, 2]))],
        )
        .node("Flatten", "p", "f", &[])
        .node("Gemm", "f w b", "y", &[])
        .target()
}

/// Windows that overlap and reach over the edge.
fn pooling() -> OnnxTarget {
    Model::new(17, &[-1, 1, 4, 4])
        .floats("k", &[2, 1, 3, 3], &numbers(18, 31))
        .floats("w", &[8, 3], &numbers(24, 32))
        .floats("v", &[3, 3], &numbers(9, 33))
        .node("Conv", "x k", "c", &[("pads", Value::Ints(&[1, 1, 1, 1]))])
        .node("Relu", "c", "r", &[])
        .node(
            "MaxPool",
            "r",
            "p",
            &[
                ("kernel_shape", Value::Ints(&[3, 3])),
                ("pads", Value::Ints(&[1, 1, 0, 0])),
                ("strides", Value::Ints(&[2, 2])),
            ],
        )
        .node("Flatten", "p", "f", &[])
        .node("MatMul", "f w", "g", &[])
        .node("Relu", "g", "h", &[])
        .node("MatMul", "h v", "y", &[])
        .target()
}

fn samples(target: &OnnxTarget, count: usize, seed: u64) -> Samples {
    let inputs: Vec<f32> =
        numbers(count * target.width(), seed).into_iter().map(|value| value * 0.5 + 0.5).collect();
    let labels = target.labels(&inputs).unwrap().into_iter().map(i64::from).collect();
    Samples { inputs, shape: [&[count], target.sample_shape()].concat(), labels }
}

/// Margin of the class over the best other, from logits.
fn margin(logits: &[f32], label: usize) -> f64 {
    let rival = logits.iter().enumerate().filter(|(class, _)| *class != label).map(|(_, logit)| *logit);
    f64::from(logits[label]) - f64::from(rival.fold(f32::NEG_INFINITY, f32::max))
}

#[test]
fn no_input_in_the_ball_beats_the_bound_and_no_attack_comes_nearer_than_the_radius() {
    for target in [dense(), convolution(), pooling()] {
        let bounded = BoundedNetwork::new(&target).unwrap();
        let samples = samples(&target, 12, 9);
        let mut certified = 0;
        for index in 0..samples.len() {
            let (row, label) = (samples.row(index), samples.labels[index] as usize);
            for eps in [0.0, 0.01, 0.05, 0.2] {
                let linear = bounded.margin(row, label, Norm::Linf, eps, Method::Linear).unwrap();
                let loose = bounded.margin(row, label, Norm::Linf, eps, Method::Intervals).unwrap();
                assert!(linear >= loose, "{linear} and {loose}");
                certified += usize::from(linear > 0.0 && eps > 0.0);
                // Corners and random points of the ball, through the model; logits come from its gradient pass.
                let noise = numbers(60 * row.len(), index as u64 + 77);
                let inputs: Vec<f32> = noise
                    .iter()
                    .enumerate()
                    .map(|(at, noise)| {
                        let noise = if at / row.len() < 30 { noise.signum() } else { *noise };
                        let eps = eps as f32 * (1.0 - 1e-6);
                        (row[at % row.len()] + eps * noise).clamp(0.0, 1.0)
                    })
                    .collect();
                let logits =
                    vauban_attacks::target::GradientTarget::gradients(&target, &inputs, &|_, _, _| ());
                for logits in logits.unwrap().logits.chunks_exact(target.classes()) {
                    assert!(margin(logits, label) >= linear, "{} is below {linear}", margin(logits, label));
                }
            }
        }
        assert!(certified > 6, "{certified}");
        let names = [("pgd-linf", Norm::Linf)];
        for (name, norm) in names {
            for eps in [0.02_f32, 0.05, 0.1, 0.3] {
                let terms = Terms { eps, queries: 400, seed: 3 };
                let found = (find(name).unwrap().run)(target.access(), &samples, &terms).unwrap().unwrap();
                for (index, found) in found.iter().enumerate() {
                    let (row, label) = (samples.row(index), samples.labels[index] as usize);
                    let radius = bounded.radius(row, label, norm, 0.5, Method::Linear, 14).unwrap();
                    assert!(radius.right);
                    assert!(!found.success || f64::from(found.distance(norm)) >= radius.radius);
                }
            }
        }
    }
}

#[test]
fn other_norms_are_bounded_too() {
    let target = dense();
    let bounded = BoundedNetwork::new(&target).unwrap();
    let samples = samples(&target, 8, 21);
    for index in 0..samples.len() {
        let (row, label) = (samples.row(index), samples.labels[index] as usize);
        let radius = |norm| bounded.radius(row, label, norm, 2.0, Method::Linear, 12).unwrap().radius;
        // Balls of the same radius lie in one another.
        assert!(radius(Norm::Linf) <= radius(Norm::L2) + 1e-3 && radius(Norm::L2) <= radius(Norm::L1) + 1e-3);
        for eps in [0.05, 0.2] {
            let bound = bounded.margin(row, label, Norm::L2, eps, Method::Linear).unwrap();
            let noise = numbers(40 * row.len(), index as u64 + 5);
            for noise in noise.chunks_exact(row.len()) {
                let size = noise.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
                let step = (eps * (1.0 - 1e-6) / size) as f32;
                let input: Vec<f32> =
                    row.iter().zip(noise).map(|(x, noise)| (x + step * noise).clamp(0.0, 1.0)).collect();
                let scores = target.scores(&input).unwrap();
                let logits: Vec<f32> = scores.iter().map(|score| score.ln()).collect();
                assert!(margin(&logits, label) >= bound - 1e-4);
            }
        }
    }
}

#[test]
fn what_has_no_bound_is_named() {
    let target = Model::new(17, &[-1, 3])
        .floats("w", &[3, 2], &numbers(6, 1))
        .node("Sigmoid", "x", "s", &[])
        .node("MatMul", "s w", "y", &[])
        .target();
    assert!(BoundedNetwork::new(&target).err().unwrap().to_string().contains("Sigmoid"));
    let target = Model::new(17, &[-1, 2]).node("Relu", "x", "s", &[]).node("Add", "s x", "y", &[]).target();
    assert!(BoundedNetwork::new(&target).err().unwrap().to_string().contains("joins several"));
}

/// A line between two classes: the smoothed radius is known to be the distance to the line.
#[test]
fn smoothing_certifies_less_than_the_distance_of_a_plane() {
    let target = Model::new(17, &[-1, 2])
        .floats("w", &[2, 2], &[-1.0, 1.0, 0.0, 0.0])
        .floats("b", &[2], &[0.5, -0.5])
        .node("Gemm", "x w b", "y", &[])
        .target();
    let inputs = vec![0.1, 0.5, 0.3, 0.2, 0.49, 0.5, 0.9, 0.9];
    let samples = Samples { inputs, shape: vec![4, 2], labels: vec![0, 0, 0, 1] };
    let terms = Smoothing { sigma: 0.25, selection: 100, estimation: 2_000, alpha: 0.001, seed: 4 };
    let smoothed = smoothing::certify(&target, &samples, &terms).unwrap();
    assert_eq!(smoothed, smoothing::certify(&target, &samples, &terms).unwrap());
    for (smoothed, distance) in smoothed.iter().zip([0.4, 0.2, 0.01, 0.4]) {
        assert!(smoothed.radius < distance && smoothed.queries == 2_100);
        assert!(distance < 0.1 || smoothed.radius > 0.7 * distance, "{smoothed:?}");
    }
    assert_eq!(smoothed[2].class, None);
    let curve = smoothing::certified_accuracy(&smoothed, &samples.labels, &[0.0, 0.25, 1.0]);
    assert_eq!(curve.iter().map(|point| point.1).collect::<Vec<_>>(), [0.75, 0.5, 0.0]);
}

/// On the reference models: no example of the strongest attacks lies inside a certified radius.
#[test]
#[allow(clippy::disallowed_methods, clippy::print_stderr)]
fn no_attack_contradicts_the_certificates_of_the_reference_models() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench/robustness");
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let values = |name: String| -> Vec<f64> {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let (header, _) = npy::read(&bytes);
        npy::values(&header, &bytes).unwrap()
    };
    for model in ["mlp8", "cnn8"] {
        let target = common::load(&std::fs::read(folder.join(format!("{model}.onnx"))).unwrap()).unwrap();
        let labels: Vec<i64> =
            values(format!("{model}_y.npy")).into_iter().map(|label| label as i64).collect();
        let inputs = values(format!("{model}_x.npy")).into_iter().map(|x| x as f32).collect();
        let shape = [&[labels.len()], target.sample_shape()].concat();
        let samples = Samples { inputs, shape, labels }.first(50);
        let bounded = BoundedNetwork::new(&target).unwrap();
        let mut radii = Vec::new();
        for method in [Method::Intervals, Method::Linear] {
            let begin = std::time::Instant::now();
            radii.push(bounded.radii(&samples, Norm::Linf, 0.5, method, 14).unwrap());
            let seconds = begin.elapsed().as_secs_f64();
            let share = |eps| bounded.certified_accuracy(&samples, Norm::Linf, eps, method).unwrap().1;
            let shares = [0.01, 0.02, 0.05].map(share);
            eprintln!("{model} {method:?}: {shares:?} certified at .01, .02, .05; radii in {seconds:.2} s");
        }
        let mut examples = 0;
        for (name, eps) in [("apgd-t-linf", 0.02), ("apgd-t-linf", 0.05), ("fab-t-linf", 0.5)] {
            let Some(attack) = find(name) else { panic!("there is no attack {name}") };
            let terms = Terms { eps, queries: 1_000, seed: 1 };
            let found = (attack.run)(target.access(), &samples, &terms).unwrap().unwrap();
            for (at, found) in found.iter().enumerate().filter(|(_, found)| !found.wrong_before) {
                let Some(example) = found.adversarial.as_ref().filter(|_| found.success) else { continue };
                examples += 1;
                assert_ne!(i64::from(target.labels(example).unwrap()[0]), samples.labels[at]);
                let pairs = samples.row(at).iter().zip(example);
                let distance =
                    pairs.fold(0.0_f64, |most, (a, b)| most.max((f64::from(*a) - f64::from(*b)).abs()));
                for radii in &radii {
                    assert!(
                        distance >= radii[at],
                        "{model} {at}: {name} at {distance}, {} certified",
                        radii[at]
                    );
                }
            }
        }
        eprintln!("{model}: {examples} examples of attacks, none inside a certified radius");
        assert!(examples > 50, "{model}: {examples} examples");
    }
}
