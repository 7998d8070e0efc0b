//! Gradient attacks on a linear model, where the smallest change is known exactly.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Model, Value, numbers};
use vauban_attacks::evasion::{ATTACKS, Norm, Terms, find};
use vauban_attacks::target::{AccessLevel, LabelTarget, ScoreTarget};
use vauban_attacks::wrapper::Metered;
use vauban_attacks::{OnnxTarget, Samples};

/// Five classes by weighted sums of sixteen elements.
fn target() -> OnnxTarget {
    Model::new(13, &[-1, 16])
        .floats("w", &[5, 16], &numbers(80, 21))
        .floats("b", &[5], &[0.0; 5])
        .node("Gemm", "x w b", "y", &[("transB", Value::Int(1))])
        .target()
}

fn samples(target: &OnnxTarget, count: usize) -> Samples {
    let inputs: Vec<f32> = numbers(count * 16, 5).iter().map(|x| x * 0.25 + 0.5).collect();
    let labels = target.labels(&inputs).unwrap().into_iter().map(i64::from).collect();
    Samples { inputs, shape: vec![count, 16], labels }
}

/// Distance to the nearest boundary, without regard to the box: a lower bound with it.
fn nearest(target: &OnnxTarget, samples: &Samples, index: usize, norm: Norm) -> f32 {
    let (scores, weights) = (target.scores(samples.row(index)).unwrap(), numbers(80, 21));
    let label = usize::try_from(samples.labels[index]).unwrap();
    let row = |class: usize| &weights[class * 16..][..16];
    (0..5)
        .filter(|class| *class != label)
        .map(|class| {
            let slopes: Vec<f32> = row(class).iter().zip(row(label)).map(|(a, b)| a - b).collect();
            let dual = match norm {
                Norm::Linf => slopes.iter().map(|x| x.abs()).sum::<f32>(),
                Norm::L1 => slopes.iter().fold(0.0_f32, |most, x| most.max(x.abs())),
                _ => slopes.iter().map(|x| x * x).sum::<f32>().sqrt(),
            };
            (scores[label] - scores[class]) / dual
        })
        .fold(f32::INFINITY, f32::min)
}

#[test]
fn minimal_attacks_reach_the_known_distance() {
    let target = target();
    let samples = samples(&target, 40);
    let terms = Terms { eps: 0.1, queries: 2_000, seed: 1 };
    for (name, slack) in [
        ("deep-fool-l2", 1.05),
        ("deep-fool-linf", 1.05),
        ("fab-t-l2", 1.05),
        ("fab-t-linf", 1.05),
        ("carlini-wagner-l2", 1.25),
    ] {
        let attack = find(name).unwrap();
        let results = (attack.run)(target.access(), &samples, &terms).unwrap().unwrap();
        let mut ratios = Vec::new();
        for (index, result) in results.iter().enumerate() {
            let found = result.distance(attack.norm);
            assert!(result.success && !result.cut_short, "{name} {index} {result:?}");
            let known = nearest(&target, &samples, index, attack.norm);
            assert!(found >= known * 0.999 - 1e-6, "{name} {index}: {found} is less than possible, {known}");
            ratios.push(found / known);
        }
        ratios.sort_by(f32::total_cmp);
        assert!(ratios[20] <= slack, "{name}: {ratios:?}");
    }
}

#[test]
fn bounded_attacks_break_what_can_be_broken_and_nothing_else() {
    let target = target();
    let samples = samples(&target, 60);
    for (name, eps) in [
        ("pgd-linf", 0.06),
        ("pgd-l2", 0.2),
        ("pgd-l1", 0.4),
        ("apgd-ce-linf", 0.06),
        ("apgd-dlr-linf", 0.06),
        ("apgd-t-linf", 0.06),
        ("apgd-ce-l2", 0.2),
        ("apgd-t-l2", 0.2),
    ] {
        let attack = find(name).unwrap();
        let terms = Terms { eps, queries: 2_000, seed: 1 };
        let results = (attack.run)(target.access(), &samples, &terms).unwrap().unwrap();
        let (mut broken, mut breakable) = (0, 0);
        for (index, result) in results.iter().enumerate() {
            let known = nearest(&target, &samples, index, attack.norm);
            assert!(!result.success || known <= eps * 1.001, "{name} {index}: {known}");
            broken += u32::from(result.success);
            // The box cuts off little here; a few per cent more than the distance is enough.
            breakable += u32::from(known <= eps * 0.95);
        }
        assert!(breakable > 5, "{name}: {breakable}");
        assert!(broken + 2 >= breakable, "{name}: {broken} of {breakable}");
    }
}

#[test]
fn budgets_hold_and_every_example_is_wrong_when_asked_again() {
    let target = target();
    let samples = samples(&target, 30);
    for attack in ATTACKS.iter().filter(|attack| attack.access == AccessLevel::Gradients) {
        for queries in [0, 1, 2, 7, 40] {
            let terms = Terms { eps: 0.1, queries, seed: 2 };
            let metered = Metered::new(&target, 1_000_000);
            let access = vauban_attacks::target::Access::Gradients(&metered);
            let results = (attack.run)(access, &samples, &terms).unwrap().unwrap();
            let spent: u64 = results.iter().map(|result| u64::from(result.queries)).sum();
            assert_eq!(spent, metered.used(), "{} with {queries}", attack.name);
            for (index, result) in results.iter().enumerate() {
                assert!(result.queries <= queries, "{} with {queries}: {}", attack.name, result.queries);
                assert!(queries > 0 || result.cut_short, "{}", attack.name);
                let Some(example) = &result.adversarial else { continue };
                assert_ne!(
                    i64::from(target.labels(example).unwrap()[0]),
                    samples.labels[index],
                    "{}",
                    attack.name
                );
                assert!(example.iter().all(|x| (0.0..=1.0).contains(x)), "{}", attack.name);
            }
        }
        let stingy = Metered::new(&target, 100);
        let access = vauban_attacks::target::Access::Gradients(&stingy);
        let terms = Terms { eps: 0.1, queries: 100, seed: 2 };
        let results = (attack.run)(access, &samples, &terms).unwrap().unwrap();
        assert!(results.iter().all(|result| result.success || result.queries <= 100), "{}", attack.name);
    }
}

#[test]
fn a_surrogate_of_labels_alone_breaks_a_linear_model() {
    let target = target();
    let samples = samples(&target, 60);
    let terms = Terms { eps: 0.1, queries: 100, seed: 1 };
    let attack = find("transfer-linf").unwrap();
    let labels = vauban_attacks::target::Access::Labels(&target);
    let results = (attack.run)(labels, &samples, &terms).unwrap().unwrap();
    let broken = results.iter().filter(|result| result.success).count();
    let possible = (0..60).filter(|index| nearest(&target, &samples, *index, Norm::Linf) < 0.1).count();
    assert!(broken * 2 >= possible, "{broken} of {possible}");
    assert!(results.iter().all(|result| result.linf <= 0.1 * 1.0001 && result.queries <= 23));
}
