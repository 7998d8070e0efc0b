//! The battery on tiny models whose weakness is known, and on the reference models when they are there.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Model, numbers};
use vauban_attacks::evasion::{self, Terms, find, square};
use vauban_attacks::rules::{RULES, Thresholds, findings};
use vauban_attacks::target::{AccessLevel, GradientTarget, LabelTarget, ScoreTarget};
use vauban_attacks::wrapper::{Answer, ControlledTarget, Controls, Metered, RecordingTarget};
use vauban_attacks::{OnnxTarget, Samples, Scope, SuiteResult, suite};
use vauban_domain::{AssetId, AssetKind, Locator, Verdict};

/// Two classes by the sign of a weighted sum of sixteen elements around one half.
fn linear() -> Model {
    let weights = numbers(16, 21);
    let both: Vec<f32> = weights.iter().copied().chain(weights.iter().map(|weight| -weight)).collect();
    let bias: f32 = weights.iter().sum::<f32>() * 0.5;
    Model::new(13, &[-1, 16]).floats("w", &[2, 16], &both).floats("b", &[2], &[-bias, bias])
}

fn target() -> OnnxTarget {
    linear().node("Gemm", "x w b", "y", &[("transB", common::Value::Int(1))]).target()
}

/// The same model behind a grid of 20 levels, through which no gradient passes.
fn quantised() -> OnnxTarget {
    linear()
        .floats("step", &[], &[0.05])
        .bytes("zero", 2, &[], &[0])
        .node("QuantizeLinear", "x step zero", "q", &[])
        .node("DequantizeLinear", "q step zero", "d", &[])
        .node("Gemm", "d w b", "y", &[("transB", common::Value::Int(1))])
        .target()
}

fn samples(target: &OnnxTarget, count: usize) -> Samples {
    let inputs: Vec<f32> = numbers(count * 16, 5).iter().map(|x| x * 0.5 + 0.5).collect();
    let labels = target.labels(&inputs).unwrap().into_iter().map(i64::from).collect();
    Samples { inputs, shape: vec![count, 16], labels }
}

fn run(target: &OnnxTarget, eps: f32) -> SuiteResult {
    let scope = Scope { eps, samples: 60, queries: 300, seed: 3 };
    let asset = AssetId::new(AssetKind::Model, "tiny.onnx");
    suite(&asset, target.access(), &samples(target, 60), &scope, &|_| ()).unwrap()
}

#[test]
fn a_linear_model_breaks_exactly_where_its_margin_says() {
    let (target, eps) = (target(), 0.1);
    let samples = samples(&target, 60);
    let norm: f32 = numbers(16, 21).iter().map(|weight| weight.abs()).sum();
    let inside = samples.inputs.iter().all(|x| (eps..=1.0 - eps).contains(x));
    let result = run(&target, eps);
    let worst = result.measurements.iter().find(|measured| measured.attack == "worst-case").unwrap();
    let scores = target.scores(&samples.inputs).unwrap();
    // Away from the edges of the box a sample holds exactly when its margin exceeds eps times the 1-norm.
    let certain = scores.chunks_exact(2).filter(|row| row[0].abs() > eps * norm).count();
    assert!(worst.value * 60.0 >= certain as f64 && (!inside || worst.value * 60.0 == certain as f64));
    assert!(worst.value < 0.9, "{worst:?}");
    for attack in &result.attacks {
        for (index, sample) in attack.samples.iter().enumerate() {
            let Some(adversarial) = &sample.adversarial else { continue };
            assert_ne!(
                i64::from(target.labels(adversarial).unwrap()[0]),
                samples.labels[index],
                "{}",
                attack.attack
            );
            assert!(adversarial.iter().all(|x| (0.0..=1.0).contains(x)));
            let entry = evasion::find(attack.attack).unwrap();
            let bounded = entry.norm == evasion::Norm::Linf && !entry.minimal;
            assert!(!bounded || sample.linf <= eps * 1.0001, "{}", attack.attack);
            assert!(sample.queries <= 300);
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_result() {
    let with = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| run(&target(), 0.1))
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn without_gradients_the_battery_says_so_and_goes_on() {
    let result = run(&quantised(), 0.1);
    let skipped: Vec<&str> = result.skipped.iter().map(|(attack, _)| *attack).collect();
    let blind: Vec<&str> = evasion::ATTACKS
        .iter()
        .filter(|attack| attack.access == AccessLevel::Gradients)
        .map(|attack| attack.name)
        .collect();
    assert_eq!(skipped, blind);
    let worst = result.measurements.iter().find(|measured| measured.attack == "worst-case").unwrap();
    assert!(worst.notes.iter().any(|note| note.contains("needs gradients, the target grants scores")));
    assert!(worst.value < 0.9);
}

#[test]
fn measurements_become_findings_and_every_rule_leaves_an_outcome() {
    let result = run(&target(), 0.1);
    let asset = AssetId::new(AssetKind::Model, "tiny.onnx");
    let thresholds = Thresholds::new(0.99, Locator::file("tiny.onnx"));
    let (found, outcomes) = findings(&asset, &result.measurements, &thresholds);
    let rules: Vec<&str> = found.iter().map(|finding| &*finding.rule).collect();
    assert!(rules.contains(&"model-weak-to-evasion"), "{rules:?}");
    assert!(!rules.contains(&"model-looks-robust-by-masking"), "{found:?}");
    assert_eq!(outcomes.len(), RULES.len());
    let (found, outcomes) = findings(&asset, &[], &thresholds);
    assert!(
        found.is_empty() && outcomes.iter().all(|outcome| matches!(outcome.verdict, Verdict::Skipped(_)))
    );
    assert!(RULES.is_sorted_by_key(|rule| rule.id.clone()));
}

#[test]
fn a_copy_comes_close_and_a_query_limit_keeps_it_away() {
    use vauban_attacks::extraction::{Parameters, run};
    use vauban_attacks::target::Access;
    let target = target();
    let samples = samples(&target, 200);
    let parameters = Parameters::with_budget(400, 1);
    let open = run(target.access(), target.access(), &samples, &parameters).unwrap();
    assert_eq!(open.queries, 400);
    assert!(open.fidelity.last().unwrap().share() > 0.85, "{open:?}");
    let limited = ControlledTarget::new(&target, Controls { refuse_after: Some(10), ..Controls::default() });
    let shut = run(Access::Scores(&limited), target.access(), &samples, &parameters).unwrap();
    assert!(shut.cut_short && shut.queries <= 10 && limited.refused() > 0);
}

#[test]
fn budgets_stop_attacks_and_records_show_every_query() {
    let target = target();
    let samples = samples(&target, 10);
    let terms = Terms { eps: 0.02, queries: 50, seed: 1 };
    let metered = Metered::new(&target, 120);
    let recorder = RecordingTarget::new(&metered);
    let results = square::run(&recorder, &samples, &terms, 1_000).unwrap();
    let spent: u64 = results.iter().map(|result| u64::from(result.queries)).sum();
    assert!(spent <= 120 && results.iter().any(|result| result.cut_short));
    let queries = recorder.into_queries();
    assert_eq!(queries.len() as u64, spent);
    assert_eq!(metered.used(), spent);
    assert_eq!(queries[0].input, samples.row(0));
    assert!(matches!(&queries[0].answer, Answer::Scores(scores) if scores.len() == 2));
}

#[test]
fn controls_change_what_is_answered() {
    let target = target();
    let row = samples(&target, 1).inputs;
    let see = |controls| ControlledTarget::new(&target, controls).scores(&row).unwrap();
    let rounded = see(Controls { decimals: Some(1), ..Controls::default() });
    assert!(rounded.iter().all(|score| (score * 10.0 - (score * 10.0).round()).abs() < 1e-4));
    let labels = see(Controls { labels_only: true, ..Controls::default() });
    assert!(labels.iter().all(|score| *score == 0.0 || *score == 1.0));
}

#[test]
fn samples_that_do_not_fit_are_refused() {
    let target = target();
    let mut wrong = samples(&target, 5);
    wrong.labels[2] = 7;
    let asset = AssetId::new(AssetKind::Model, "tiny.onnx");
    let scope = Scope { eps: 0.1, samples: 5, queries: 10, seed: 0 };
    let error = suite(&asset, target.access(), &wrong, &scope, &|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "the label 7 is not one of the model's 2 classes");
}

/// Gradients, and PGD, on the reference models.
#[test]
#[allow(clippy::disallowed_methods, clippy::print_stderr)]
fn reference_models_agree() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench/robustness");
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let data = |name: String| -> Vec<u8> {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        bytes[header..].to_vec()
    };
    let floats = |name: String| -> Vec<f32> {
        data(name).as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
    };
    for (model, most) in [("mlp8", 0.479), ("cnn8", 0.551)] {
        let target = common::load(&std::fs::read(folder.join(format!("{model}.onnx"))).unwrap()).unwrap();
        let labels = data(format!("{model}_y.npy"));
        let labels: Vec<i64> =
            labels.as_chunks::<8>().0.iter().map(|eight| i64::from_le_bytes(*eight)).collect();
        let (inputs, expected) = (floats(format!("{model}_x.npy")), floats(format!("{model}_grad64.npy")));
        let samples = Samples { inputs, shape: vec![labels.len(), target.width()], labels };
        let cross_entropy = |row: usize, logits: &[f32], gradient: &mut [f32]| {
            let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = logits.iter().map(|logit| (logit - top).exp()).sum();
            for (class, (logit, gradient)) in logits.iter().zip(gradient).enumerate() {
                let own = f32::from(u8::from(class as i64 == samples.labels[row]));
                *gradient = (logit - top).exp() / sum - own;
            }
        };
        let own = target.gradients(&samples.inputs[..expected.len()], &cross_entropy).unwrap().inputs;
        let largest = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        for (own, expected) in own.iter().zip(&expected) {
            assert!((own - expected).abs() <= 1e-4 * largest, "{model}: {own} and {expected}");
        }
        let terms = Terms { eps: 0.1, queries: 100, seed: 1 };
        let results = (find("pgd-linf").unwrap().run)(target.access(), &samples, &terms).unwrap().unwrap();
        let robust = results.iter().filter(|result| !result.success).count();
        assert!((robust as f64) < most * results.len() as f64, "{model}: {robust} robust");
    }
}
