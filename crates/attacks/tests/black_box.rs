//! Attacks that see no gradients: what they claim is true, they keep to their terms, and masks do not stop them.
#![allow(clippy::unwrap_used)]

mod common;

use common::masked::{Rounding, edit, quantised, scaled};
use common::{Model, Value, numbers};
use vauban_attacks::evasion::{ATTACKS, Attack, Modality, Norm, SampleResult, Terms, corruptions, find};
use vauban_attacks::target::Access;
use vauban_attacks::target::{AccessLevel, GradientTarget, LabelTarget, ScoreTarget};
use vauban_attacks::wrapper::{Answer, Metered, RecordingTarget};
use vauban_attacks::{OnnxTarget, Samples};

/// A small convolutional network on pictures of 8 by 8: four filters, pooled, five classes.
fn network() -> Vec<u8> {
    // Over the places of a filter the weights sum to nothing: no class wins by brightness alone.
    let mut weights = numbers(320, 8);
    for filter in weights.chunks_exact_mut(80) {
        for class in 0..5 {
            let mean = filter.iter().skip(class).step_by(5).sum::<f32>() / 16.0;
            filter.iter_mut().skip(class).step_by(5).for_each(|weight| *weight -= mean);
        }
    }
    Model::new(13, &[-1, 1, 8, 8])
        .floats("filters", &[4, 1, 3, 3], &numbers(36, 3))
        .floats("weights", &[64, 5], &weights)
        .node("Conv", "x filters", "c", &[("pads", Value::Ints(&[1, 1, 1, 1]))])
        .node("Relu", "c", "r", &[])
        .node(
            "AveragePool",
            "r",
            "p",
            &[("kernel_shape", Value::Ints(&[2, 2])), ("strides", Value::Ints(&[2, 2]))],
        )
        .node("Flatten", "p", "f", &[])
        .node("MatMul", "f weights", "y", &[])
        .finish()
}

fn samples(target: &OnnxTarget, count: usize) -> Samples {
    let inputs: Vec<f32> = numbers(count * 64, 5).iter().map(|x| x * 0.5 + 0.5).collect();
    let labels = target.labels(&inputs).unwrap().into_iter().map(i64::from).collect();
    Samples { inputs, shape: vec![count, 1, 8, 8], labels }
}

fn blind() -> impl Iterator<Item = &'static Attack> {
    ATTACKS.iter().filter(|attack| attack.access != AccessLevel::Gradients)
}

/// Euclidean changes are larger numbers than those of one element.
fn eps(attack: &Attack) -> f32 {
    if attack.norm == Norm::L2 { 0.5 } else { 0.1 }
}

fn run(attack: &Attack, access: Access<'_>, samples: &Samples, queries: u32) -> Vec<SampleResult> {
    (attack.run)(access, samples, &Terms { eps: eps(attack), queries, seed: 4 }).unwrap().unwrap()
}

fn robust(results: &[SampleResult]) -> usize {
    results.iter().filter(|result| !result.success).count()
}

#[test]
fn every_claim_was_asked_about_and_holds() {
    let target = common::load(&network()).unwrap();
    let samples = samples(&target, 6);
    for attack in blind() {
        let recorder = RecordingTarget::new(&target);
        let access = match attack.access {
            AccessLevel::Labels => Access::Labels(&recorder),
            _ => Access::Scores(&recorder),
        };
        let results = run(attack, access, &samples, 300);
        let spent: u64 = results.iter().map(|result| u64::from(result.queries)).sum();
        let asked = recorder.into_queries();
        assert_eq!(asked.len() as u64, spent, "{}", attack.name);
        for (index, result) in results.iter().enumerate() {
            assert!(result.queries <= 300, "{}", attack.name);
            let Some(point) = &result.adversarial else { continue };
            let wrong = |answer: &Answer| match answer {
                Answer::Label(label) => i64::from(*label) != samples.labels[index],
                Answer::Scores(_) => true,
                Answer::Refused => false,
            };
            assert!(
                asked.iter().any(|query| query.input == *point && wrong(&query.answer)),
                "{} claims a point it never asked about",
                attack.name
            );
            assert_ne!(i64::from(target.labels(point).unwrap()[0]), samples.labels[index], "{}", attack.name);
            assert!(point.iter().all(|x| (0.0..=1.0).contains(x)), "{} leaves the box", attack.name);
            if !attack.minimal && attack.norm != Norm::Unbounded {
                assert!(
                    result.distance(attack.norm) <= eps(attack) * 1.0001,
                    "{} leaves the ball",
                    attack.name
                );
            }
        }
    }
}

#[test]
fn budgets_hold_whatever_they_are() {
    let target = common::load(&network()).unwrap();
    let samples = samples(&target, 5);
    for attack in blind() {
        for queries in [0, 1, 2, 7, 60] {
            let results = run(attack, Access::Scores(&target), &samples, queries);
            assert!(results.iter().all(|result| result.queries <= queries), "{} {queries}", attack.name);
        }
        // A target that stops answering half way ends the attack, not the program.
        let metered = Metered::new(&target, 30);
        let results = run(attack, Access::Scores(&metered), &samples, 300);
        assert_eq!(results.len(), 5);
        assert!(metered.used() <= 30);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let target = common::load(&network()).unwrap();
    let samples = samples(&target, 70);
    for attack in blind() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(attack, Access::Scores(&target), &samples, 60))
        };
        assert_eq!(with(1), with(3), "{}", attack.name);
    }
}

#[test]
fn minimal_attacks_come_near_the_boundary_of_a_linear_model() {
    // Two classes by the sign of a weighted sum: the distances are known.
    let weights = numbers(16, 21);
    let both: Vec<f32> = weights.iter().copied().chain(weights.iter().map(|weight| -weight)).collect();
    let bias: f32 = weights.iter().sum::<f32>() * 0.5;
    let target = Model::new(13, &[-1, 16])
        .floats("w", &[2, 16], &both)
        .floats("b", &[2], &[-bias, bias])
        .node("Gemm", "x w b", "y", &[("transB", Value::Int(1))])
        .target();
    // Near the middle of the box, which then is in nobody's way.
    let inputs: Vec<f32> = numbers(20 * 16, 5).iter().map(|x| x * 0.1 + 0.5).collect();
    let labels = target.labels(&inputs).unwrap().into_iter().map(i64::from).collect();
    let samples = Samples { inputs, shape: vec![20, 4, 4], labels };
    let scores = target.scores(&samples.inputs).unwrap();
    let one: f32 = weights.iter().map(|weight| weight.abs()).sum();
    let two: f32 = weights.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
    for attack in blind().filter(|attack| attack.minimal) {
        let results = run(attack, Access::Scores(&target), &samples, 5_000);
        let mut ratios: Vec<f32> = results
            .iter()
            .zip(scores.chunks_exact(2))
            .map(|(result, scores)| {
                let exact = scores[0].abs() / if attack.norm == Norm::Linf { one } else { two };
                assert!(result.success, "{}", attack.name);
                assert!(
                    result.distance(attack.norm) >= exact * 0.999,
                    "{}: nearer than possible",
                    attack.name
                );
                result.distance(attack.norm) / exact
            })
            .collect();
        ratios.sort_by(f32::total_cmp);
        // One coordinate at a time cannot come as near as a direction.
        let most = if attack.name.starts_with("sim-ba") { 4.0 } else { 1.5 };
        assert!(ratios[10] < most, "{}: {ratios:?}", attack.name);
    }
}

#[test]
fn corruptions_are_counted_by_kind_and_severity() {
    let target = common::load(&network()).unwrap();
    let samples = samples(&target, 20);
    let accuracies = corruptions::accuracies(&target, &samples, 1).unwrap();
    // Pictures in one channel have no colour to lose.
    assert_eq!(accuracies.len(), (corruptions::CORRUPTIONS.len() - 1) * 5);
    assert!(accuracies.iter().all(|accuracy| accuracy.trials == 20 && accuracy.corruption != "saturate"));
    let mean = |severity| {
        let these: Vec<f64> = accuracies
            .iter()
            .filter(|it| it.severity == severity)
            .map(corruptions::CorruptionAccuracy::accuracy)
            .collect();
        these.iter().sum::<f64>() / these.len() as f64
    };
    assert!(mean(5) < mean(1), "{} and {}", mean(5), mean(1));
}

#[test]
fn attacks_on_pictures_say_so() {
    let rows = Samples { inputs: vec![0.0; 12], shape: vec![2, 6], labels: vec![0, 0] };
    let pictures = ATTACKS.iter().filter(|attack| attack.modality == Modality::Pictures);
    assert!(pictures.clone().count() >= 3);
    assert!(pictures.clone().all(|attack| !attack.suits(&rows)));
}

/// Attacks without gradients break a model behind rounding, through which no gradient passes.
#[test]
fn rounding_stops_gradients_and_not_queries() {
    let plain = common::load(&network()).unwrap();
    let samples = samples(&plain, 40);
    for rounding in [Rounding::Linear, Rounding::Floor] {
        let target = common::load(&quantised(&network(), 16, rounding)).unwrap();
        assert!(!target.gradient_breaks().is_empty());
        assert!(target.access().gradients().is_none());
        let (clean, broken) = masked_results(&target, &samples);
        for (attack, robust) in broken {
            assert!(robust * 2 < clean, "{attack} leaves {robust} of {clean}");
        }
    }
}

/// Where logits are so large that the softmax says 1 and 0, the gradient of what it says is zero.
#[test]
fn saturated_scores_stop_gradients_and_not_queries() {
    let plain = common::load(&network()).unwrap();
    let samples = samples(&plain, 40);
    let target = common::load(&scaled(&network(), 1e4)).unwrap();
    assert!(target.gradient_breaks().is_empty());
    let flat = target
        .gradients(&samples.inputs, &|row, _, gradient| gradient[samples.labels[row] as usize] = -1.0)
        .unwrap();
    let zero = flat.inputs.chunks_exact(64).filter(|row| row.iter().all(|x| *x == 0.0)).count();
    assert!(zero > 35, "{zero} of 40 gradients are zero");
    let gradient = run(find("pgd-linf").unwrap(), target.access(), &samples, 5_000);
    let (clean, broken) = masked_results(&target, &samples);
    assert!(robust(&gradient) * 2 > clean, "pgd leaves {} of {clean}", robust(&gradient));
    // Labels do not saturate, and the square attack goes on where scores are equal.
    for (attack, left) in broken {
        assert!(left * 2 < clean, "{attack} leaves {left} of {clean}");
    }
}

/// Samples right before, and those that each attack leaves right in the ball of .1.
fn masked_results(target: &OnnxTarget, samples: &Samples) -> (usize, Vec<(&'static str, usize)>) {
    let labels = target.labels(&samples.inputs).unwrap();
    let clean =
        labels.iter().zip(&samples.labels).filter(|(label, truth)| i64::from(**label) == **truth).count();
    let names = ["hop-skip-jump-linf", "nes-linf", "ray-s-linf", "spsa-linf", "square-linf"];
    let left = |name: &'static str| {
        let results = run(find(name).unwrap(), Access::Scores(target), samples, 5_000);
        let holds = |result: &&SampleResult| !result.success || result.linf > 0.1 * 1.0001;
        (name, results.iter().filter(holds).count())
    };
    (clean, names.into_iter().map(left).collect())
}

#[test]
fn masks_change_the_gradient_and_not_the_labels() {
    let plain = common::load(&network()).unwrap();
    let samples = samples(&plain, 40);
    let scaled = common::load(&scaled(&network(), 50.0)).unwrap();
    assert_eq!(scaled.labels(&samples.inputs).unwrap(), plain.labels(&samples.inputs).unwrap());
    let fine = common::load(&quantised(&network(), 255, Rounding::Linear)).unwrap();
    let same = fine.labels(&samples.inputs).unwrap();
    let agree = same.iter().zip(&samples.labels).filter(|(a, b)| i64::from(**a) == **b).count();
    assert!(agree >= 38, "{agree} of 40");
    assert!(edit::Graph::read(b"no model").is_none());
}

/// A gradient that passes and misleads: at the levels of a wavy staircase it points nowhere.
#[test]
fn a_wavy_staircase_lets_gradients_through_and_misleads_them() {
    let plain = common::load(&network()).unwrap();
    let samples = samples(&plain, 40);
    let target = common::load(&quantised(&network(), 16, Rounding::Wave)).unwrap();
    assert!(target.gradient_breaks().is_empty());
    let pgd = robust(&run(find("pgd-linf").unwrap(), target.access(), &samples, 5_000));
    let (clean, left) = masked_results(&target, &samples);
    let best = left.iter().map(|(_, left)| *left).min().unwrap();
    assert!(best * 2 < clean && best <= pgd, "pgd leaves {pgd} of {clean}, without gradients {left:?}");
}
