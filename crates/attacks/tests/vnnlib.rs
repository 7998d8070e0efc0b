//! Properties in VNNLIB: what is written is read, and no verdict is contradicted by looking.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Model, Value, numbers};
use vauban_attacks::OnnxTarget;
use vauban_attacks::certify::vnnlib::{Effort, Verdict, decide, decide_within, property};
use vauban_attacks::certify::{BoundedNetwork, Method};
use vauban_attacks::evasion::Norm;
use vauban_attacks::target::{Bounds, LabelTarget as _, ScoreTarget as _};
use vauban_formats::vnnlib::{Atom, Variable, Vnnlib, read};
use vauban_formats::{Budget, Input};

/// Two inputs, so that all of them can be looked at; three logits.
fn network(seed: u64) -> OnnxTarget {
    Model::new(17, &[-1, 2])
        .floats("w1", &[10, 2], &numbers(20, seed))
        .floats("b1", &[10], &numbers(10, seed + 1))
        .floats("w2", &[10, 10], &numbers(100, seed + 2))
        .floats("w3", &[10, 3], &numbers(30, seed + 3))
        .floats("b3", &[3], &numbers(3, seed + 4))
        .node("Gemm", "x w1 b1", "h1", &[("transB", Value::Int(1))])
        .node("Relu", "h1", "r1", &[])
        .node("MatMul", "r1 w2", "h2", &[])
        .node("Relu", "h2", "r2", &[])
        .node("Gemm", "r2 w3 b3", "y", &[])
        .target()
}

/// Logits `x0` and `0.5`.
fn plane() -> OnnxTarget {
    Model::new(17, &[-1, 2])
        .floats("w", &[2, 2], &[1.0, 0.0, 0.0, 0.0])
        .floats("b", &[2], &[0.0, 0.5])
        .node("Gemm", "x w b", "y", &[])
        .target()
}

fn parse(text: &str) -> Vnnlib {
    let budget = Budget::default();
    let (property, defects) = read(&Input::new("p.vnnlib", text.as_bytes(), &budget));
    assert_eq!(defects, [], "{text}");
    property
}

/// A property over two inputs and `outputs` outputs.
fn with(outputs: usize, asserts: &str) -> Vnnlib {
    let declare = |letter: char, count: usize| {
        (0..count).map(|at| format!("(declare-const {letter}_{at} Real)")).collect::<String>()
    };
    parse(&format!("{}{}{asserts}", declare('X', 2), declare('Y', outputs)))
}

fn holds(atom: &Atom, inputs: &[f32], outputs: &[f32]) -> bool {
    let value = |variable: &Variable| match variable {
        Variable::Input(at) => f64::from(inputs[*at as usize]),
        Variable::Output(at) => f64::from(outputs[*at as usize]),
    };
    atom.terms.iter().map(|(variable, factor)| factor * value(variable)).sum::<f64>() <= atom.bound
}

fn satisfied(property: &Vnnlib, inputs: &[f32], outputs: &[f32]) -> bool {
    let all = |atoms: &[Atom]| atoms.iter().all(|atom| holds(atom, inputs, outputs));
    all(&property.common) && property.cases.iter().any(|case| all(case))
}

/// Whether any of many points of a box satisfies the property.
fn looked_for(target: &OnnxTarget, property: &Vnnlib, low: [f32; 2], high: [f32; 2]) -> bool {
    const STEPS: usize = 60;
    let at = |axis: usize, step: usize| low[axis] + (high[axis] - low[axis]) * step as f32 / STEPS as f32;
    let points: Vec<f32> =
        (0..=STEPS).flat_map(|i| (0..=STEPS).flat_map(move |j| [at(0, i), at(1, j)])).collect();
    let outputs = target.scores(&points).unwrap();
    let mut pairs = points.chunks_exact(2).zip(outputs.chunks_exact(target.classes()));
    pairs.any(|(inputs, outputs)| satisfied(property, inputs, outputs))
}

#[test]
fn the_property_of_a_sample_is_read_as_it_was_meant() {
    let bounds = Bounds { low: 0.0, high: 1.0 };
    let property = parse(&property(&[0.1, 0.95], 1, 0.1, bounds, 3).unwrap());
    let (x, y) = (Variable::Input, Variable::Output);
    let end = |at, factor, bound| Atom { terms: vec![(x(at), factor)], bound };
    let (first, second) = (f64::from(0.1_f32), f64::from(0.95_f32));
    let ends = [
        end(0, 1.0, first + 0.1),
        end(0, -1.0, -(first - 0.1)),
        end(1, 1.0, 1.0),
        end(1, -1.0, -(second - 0.1)),
    ];
    assert_eq!(property.common, ends);
    let rival = |terms: [(Variable, f64); 2]| vec![Atom { terms: terms.to_vec(), bound: 0.0 }];
    assert_eq!(property.cases, [rival([(y(0), -1.0), (y(1), 1.0)]), rival([(y(1), 1.0), (y(2), -1.0)])]);
}

#[test]
fn samples_without_a_property_are_refused() {
    let bounds = Bounds { low: 0.0, high: 1.0 };
    let error = |row: &[f32], label, eps| property(row, label, eps, bounds, 2).unwrap_err().to_string();
    assert!(error(&[0.5], 2, 0.1).contains("not one of 2 classes"));
    for (row, eps) in [([f32::NAN], 0.1), ([0.5], f64::NAN), ([0.5], -0.1), ([0.5], f64::INFINITY)] {
        assert!(error(&row, 0, eps).contains("finite"));
    }
}

#[test]
fn verdicts_agree_with_looking_everywhere_and_with_the_certificates() {
    let bounds = Bounds { low: 0.0, high: 1.0 };
    let (mut unsat, mut sat, mut beyond) = (0, 0, 0);
    for seed in [3, 40, 77] {
        let target = network(seed);
        let bounded = BoundedNetwork::new(&target).unwrap();
        for row in numbers(16, seed + 9).chunks_exact(2) {
            let row: Vec<f32> = row.iter().map(|x| x * 0.5 + 0.5).collect();
            let label = target.labels(&row).unwrap()[0] as usize;
            for eps in [0.02, 0.1, 0.3, 0.6] {
                let property = parse(&property(&row, label, eps, bounds, 3).unwrap());
                let verdict = decide(&target, &property, 5).unwrap();
                assert_eq!(verdict, decide(&target, &property, 5).unwrap());
                let reach = eps as f32 * (1.0 - 1e-6);
                let corner = |sign: f32| [0, 1].map(|at| (row[at] + sign * reach).clamp(0.0, 1.0));
                let seen = looked_for(&target, &property, corner(-1.0), corner(1.0));
                let certified = bounded.margin(&row, label, Norm::Linf, eps, Method::Linear).unwrap() > 0.0;
                match verdict {
                    Verdict::Unsat => {
                        assert!(!seen);
                        unsat += 1;
                        // What one linear bound cannot show, splitting the box does.
                        beyond += usize::from(!certified);
                    }
                    Verdict::Sat(example) => {
                        assert!(!certified);
                        assert!(satisfied(&property, &example.inputs, &example.outputs));
                        assert_eq!(target.scores(&example.inputs).unwrap(), example.outputs);
                        sat += 1;
                    }
                    Verdict::Unknown => panic!("two inputs were not decided: seed {seed}, eps {eps}"),
                }
            }
        }
    }
    assert!(unsat > 10 && sat > 10 && beyond > 0, "{unsat} unsat, {sat} sat, {beyond} by splitting");
}

#[test]
fn the_edge_of_a_plane_is_found_from_both_sides() {
    let target = plane();
    let bounds = Bounds { low: 0.0, high: 1.0 };
    let decided = |eps| {
        let text = property(&[0.25, 0.5], 1, eps, bounds, 2).unwrap();
        decide(&target, &parse(&text), 1).unwrap()
    };
    assert_eq!(decided(0.24999), Verdict::Unsat);
    // At .25 both are level, which counts.
    for eps in [0.25, 0.2501] {
        assert!(matches!(decided(eps), Verdict::Sat(_)), "{eps}");
    }
    // Within the rounding of 32 bits nothing is claimed that was not shown.
    let near = decided(0.25 - 1e-9);
    assert!(!matches!(near, Verdict::Sat(found) if found.inputs[0] >= 0.5));
}

fn example(inputs: [f32; 2], outputs: [f32; 2]) -> vauban_attacks::certify::vnnlib::Counterexample {
    vauban_attacks::certify::vnnlib::Counterexample { inputs: inputs.to_vec(), outputs: outputs.to_vec() }
}

#[test]
fn any_linear_demands_on_outputs_are_decided() {
    let target = plane();
    let region = "(assert (and (>= X_0 0) (<= X_0 1) (>= X_1 0) (<= X_1 1)))";
    let decided = |asserts: &str| decide(&target, &with(2, &format!("{region}{asserts}")), 1).unwrap();
    assert_eq!(decided("(assert (>= (+ (* 2 Y_0) Y_1) 2.6))"), Verdict::Unsat);
    assert!(matches!(decided("(assert (>= (+ (* 2 Y_0) Y_1) 2.4))"), Verdict::Sat(_)));
    // Each alone can be met, both together cannot.
    assert_eq!(decided("(assert (>= Y_0 0.7)) (assert (<= Y_0 0.6))"), Verdict::Unsat);
    assert_eq!(decided("(assert (or (<= X_0 -1) (and (<= X_0 0.3) (>= Y_0 0.4))))"), Verdict::Unsat);
    let Verdict::Sat(found) = decided("(assert (or (>= Y_1 0.6) (and (>= Y_0 0.2) (<= Y_0 0.21))))") else {
        panic!("it was not found");
    };
    assert!((0.2..=0.21).contains(&found.inputs[0]));
    assert_eq!(decided("(assert (<= 1 0))"), Verdict::Unsat);
    assert_eq!(decided("(assert (or))"), Verdict::Unsat);
    // Nothing is asked: any input will do.
    assert!(matches!(decided(""), Verdict::Sat(_)));
}

#[test]
fn without_effort_nothing_is_known() {
    let text = property(&[0.25, 0.5], 1, 0.4, Bounds { low: 0.0, high: 1.0 }, 2).unwrap();
    let effort = Effort { boxes: 0, ..Effort::default() };
    assert_eq!(decide_within(&plane(), &parse(&text), &effort, 1).unwrap(), Verdict::Unknown);
}

#[test]
fn results_are_written_as_the_competition_reads_them() {
    let verdict = Verdict::Sat(example([0.1, 1.0], [-2.5, 0.0]));
    let expected = "sat\n((X_0 0.10000000149011612)\n(X_1 1)\n(Y_0 -2.5)\n(Y_1 0))\n";
    assert_eq!(verdict.to_text(), expected);
    assert_eq!(
        (Verdict::Unsat.to_text(), Verdict::Unknown.to_text()),
        ("unsat\n".into(), "unknown\n".into())
    );
}

#[test]
fn what_cannot_be_decided_is_said() {
    let error = |target: &OnnxTarget, property: &Vnnlib| decide(target, property, 1).unwrap_err().to_string();
    let region = "(assert (and (>= X_0 0) (<= X_0 1) (>= X_1 0) (<= X_1 1)))";
    assert!(error(&plane(), &with(3, region)).contains("3 outputs"));
    assert!(error(&plane(), &with(2, "(assert (<= X_0 1))")).contains("not bounded"));
    assert!(error(&plane(), &with(2, &format!("{region}(assert (<= X_0 X_1))"))).contains("ties inputs"));
    let softmax = Model::new(17, &[-1, 2]).node("Softmax", "x", "y", &[]).target();
    assert!(error(&softmax, &with(2, region)).contains("logits"));
    // No bound is known for a sigmoid, but an attack can still win.
    let sigmoid = Model::new(17, &[-1, 2]).node("Sigmoid", "x", "y", &[]).target();
    let decided = |asserts: &str| decide(&sigmoid, &with(2, &format!("{region}{asserts}")), 1).unwrap();
    assert!(matches!(decided("(assert (>= Y_0 0.7))"), Verdict::Sat(_)));
    assert_eq!(decided("(assert (>= Y_0 0.8))"), Verdict::Unknown);
}

/// Where 32-bit arithmetic reaches infinity, bounds in 64 bits say nothing about the model.
#[test]
fn nothing_is_proven_about_numbers_past_32_bits() {
    let bounds = Bounds { low: 0.0, high: 10.0 };
    let target = Model::new(17, &[-1, 2])
        .floats("large", &[2, 2], &[1e19, 0.0, 0.0, -1e19])
        .floats("larger", &[2, 2], &[1e19, 0.0, 0.0, 1e19])
        .node("MatMul", "x large", "h", &[])
        .node("Relu", "h", "r", &[])
        .node("MatMul", "r larger", "y", &[])
        .target()
        .with_bounds(bounds);
    let bounded = BoundedNetwork::new(&target).unwrap();
    assert!(bounded.margin(&[0.05, 0.05], 0, Norm::Linf, 0.01, Method::Linear).unwrap() > 1e36);
    for method in [Method::Intervals, Method::Linear] {
        assert_eq!(bounded.margin(&[8.0, 8.0], 0, Norm::Linf, 0.01, method).unwrap(), f64::NEG_INFINITY);
    }
    let text = property(&[8.0, 8.0], 0, 0.01, bounds, 2).unwrap();
    assert_eq!(decide(&target, &parse(&text), 1).unwrap(), Verdict::Unknown);
}
