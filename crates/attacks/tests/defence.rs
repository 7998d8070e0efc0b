//! Controls on a tiny model: what they answer, what they cost, and what earns no credit.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Model, Value, numbers};
use vauban_attacks::defence::{
    Averaged, Credit, Defence, Defended, OutputNoise, Preprocess, Validation, candidates, trial,
};
use vauban_attacks::evasion::{Terms, pgd};
use vauban_attacks::target::{Access, GradientTarget, LabelTarget, ScoreTarget, TargetError};
use vauban_attacks::wrapper::Controls;
use vauban_attacks::{OnnxTarget, Samples};

/// Two classes by a weighted sum of sixteen elements around one half.
fn target() -> OnnxTarget {
    let weights = numbers(16, 21);
    let both: Vec<f32> = weights.iter().copied().chain(weights.iter().map(|weight| -weight)).collect();
    let bias: f32 = weights.iter().sum::<f32>() * 0.5;
    Model::new(13, &[-1, 16])
        .floats("w", &[2, 16], &both)
        .floats("b", &[2], &[-bias, bias])
        .node("Gemm", "x w b", "y", &[("transB", Value::Int(1))])
        .target()
}

fn samples(target: &OnnxTarget, count: usize, seed: u64) -> Samples {
    let inputs: Vec<f32> = numbers(count * 16, seed).iter().map(|x| x * 0.5 + 0.5).collect();
    let labels = target.labels(&inputs).unwrap().into_iter().map(i64::from).collect();
    Samples { inputs, shape: vec![count, 16], labels }
}

const TERMS: Terms = Terms { eps: 0.2, queries: 200, seed: 3 };

#[test]
fn squeezing_that_gradients_walk_around_earns_no_credit() {
    let target = target();
    let tried =
        trial(target.access(), &Defence::Preprocess(Preprocess::Bits(3)), &samples(&target, 60, 5), &TERMS)
            .unwrap();
    let through = tried.attacks.iter().find(|tried| tried.attack.contains("BPDA")).unwrap();
    assert!(through.after.value() > 0.5, "{tried:?}");
    assert!(tried.success.1.count >= through.after.count, "the worst case decides");
    assert!(matches!(tried.credit, Credit::None(_)), "{:?}", tried.credit);
}

#[test]
fn a_limit_on_queries_earns_credit_against_extraction_or_nothing_and_costs_no_accuracy() {
    let target = target();
    let limit = Defence::Output(Controls { refuse_after: Some(10), ..Controls::default() });
    let tried = trial(target.access(), &limit, &samples(&target, 60, 5), &TERMS).unwrap();
    assert_eq!(tried.utility.0.accuracy.count, tried.utility.1.accuracy.count);
    assert!(tried.success.1.value() < tried.success.0.value(), "{tried:?}");
    assert_eq!(tried.credit, Credit::Against(vec!["evasion"]));
    assert_eq!(tried.extraction.1, None, "the first batch of queries is refused");
}

#[test]
fn noise_that_ruins_the_answers_earns_nothing() {
    let target = target();
    let noise = Defence::Noise(OutputNoise::Laplace { epsilon: 0.5 });
    let tried = trial(target.access(), &noise, &samples(&target, 60, 5), &TERMS).unwrap();
    let Credit::None(why) = &tried.credit else { panic!("{tried:?}") };
    assert!(why.starts_with("accuracy falls from 1.000"), "{why}");
}

#[test]
fn a_check_of_distances_refuses_what_is_far_and_few_of_the_clean() {
    let target = target();
    let (known, clean, others) =
        (samples(&target, 200, 1), samples(&target, 100, 2), samples(&target, 40, 3));
    let check = Validation::nearest(&known.inputs, &clean.inputs, 16, 0.95).unwrap();
    let Validation::Nearest { most, .. } = &check else { panic!("{check:?}") };
    assert!(*most > 0.0);
    let tried = trial(target.access(), &Defence::Validate(check), &others, &TERMS).unwrap();
    assert!(tried.utility.1.refused.value() < 0.3, "{:?}", tried.utility);
    assert!(Validation::nearest(&known.inputs, &clean.inputs[..16], 16, 0.95).is_err());
    // A refused row answers as the sample it came from should.
    let far = Validation::Nearest { references: vec![0.0; 16], most: 0.0 };
    let behind = Defended::new(target.access(), Some(Defence::Validate(far)), &others, 1).unwrap();
    let labels = behind.labels(&others.inputs).unwrap();
    assert!(labels.iter().zip(&others.labels).all(|(own, label)| i64::from(*own) == *label));
}

#[test]
fn averaging_over_draws_finds_the_gradient_behind_noise() {
    let target = target();
    let samples = samples(&target, 30, 5);
    let noisy = || {
        let noise = Defence::Preprocess(Preprocess::Noise(0.05));
        Defended::new(target.access(), Some(noise), &samples, 1).unwrap()
    };
    let (once, again) = (noisy(), noisy());
    assert_eq!(
        once.scores(&samples.inputs),
        again.scores(&samples.inputs),
        "the same seed, the same answers"
    );
    assert_ne!(once.scores(&samples.inputs), again.scores(&samples.inputs[..16]), "drawn anew");
    let averaged = Averaged::new(&once, 4);
    let steps = pgd::Steps {
        norm: vauban_attacks::evasion::Norm::Linf,
        step: 0.05,
        steps: 10,
        restarts: 1,
        random_start: false,
    };
    let results = pgd::run(&averaged, &samples, &TERMS, &steps, "eot").unwrap();
    let broken = results.iter().filter(|result| result.success).count();
    assert!(broken > 15, "{broken}");
    // No gradient is made up for a model that grants none.
    let scores_only = Defended::new(Access::Scores(&target), None, &samples, 1).unwrap();
    let refused = scores_only.gradients(&samples.inputs, &|_, _, _| ());
    assert!(matches!(refused, Err(TargetError::Failed(_))));
}

#[test]
fn every_usual_control_can_be_tried() {
    let target = target();
    let list = candidates(target.access(), &samples(&target, 80, 7), 50).unwrap();
    let data = samples(&target, 20, 8);
    let terms = Terms { queries: 50, ..TERMS };
    for defence in &list {
        let tried = trial(target.access(), defence, &data, &terms).unwrap();
        assert!(!tried.attacks.is_empty() && tried.utility.1.accuracy.trials == 20, "{tried:?}");
        assert_eq!(tried, trial(target.access(), defence, &data, &terms).unwrap(), "the same twice");
    }
}
