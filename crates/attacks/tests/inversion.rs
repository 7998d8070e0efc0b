//! Inversion of a model that knows two shapes.
#![allow(clippy::unwrap_used)]

mod common;

use common::numbers;
use vauban_attacks::Samples;
use vauban_attacks::inversion::{Parameters, Quality, judge, measurement, run};
use vauban_attacks::rules::{MODEL_INVERTED, Thresholds, findings};
use vauban_attacks::surrogate::{Surrogate, Training};
use vauban_attacks::target::{Access, AccessLevel, Bounds};
use vauban_attacks::wrapper::{ControlledTarget, Controls};
use vauban_domain::{AssetId, AssetKind, Locator};

/// Class 0 is bright in the first half, class 1 in the second.
fn shapes() -> Samples {
    let noise = numbers(80 * 12, 4);
    let bright = |row: usize, column: usize| row.is_multiple_of(2) == (column < 6);
    let inputs =
        (0..80 * 12).map(|at| if bright(at / 12, at % 12) { 0.8 } else { 0.2 } + 0.1 * noise[at]).collect();
    Samples { inputs, shape: vec![80, 12], labels: (0..80).map(|row| row % 2).collect() }
}

fn model(samples: &Samples) -> Surrogate {
    let answers: Vec<f32> =
        samples.labels.iter().flat_map(|label| if *label == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect();
    let training = Training { hidden: 16, epochs: 20, seed: 3 };
    Surrogate::train(&samples.inputs, &answers, (12, 2, Bounds::default()), &training)
}

#[test]
fn gradients_and_scores_bring_the_shapes_back_and_a_limit_does_not() {
    let samples = shapes();
    let model = model(&samples);
    let parameters = Parameters { queries: 4_000, restarts: 4, prior: 0.1, seed: 1 };
    for access in [Access::Gradients(&model), Access::Scores(&model)] {
        let found = run(access, &parameters).unwrap();
        let quality = judge(&found, &samples, 2);
        assert!(quality.similarity > 0.6 && quality.similarity > quality.baseline + 0.3, "{quality:?}");
        assert_eq!((quality.matched, quality.trials), (8, 8));
        assert!(found.iter().all(|one| one.found.iter().all(|x| (0.0..=1.0).contains(x))));
        assert_eq!(found, run(access, &parameters).unwrap());
    }
    let limited = ControlledTarget::new(&model, Controls { refuse_after: Some(10), ..Controls::default() });
    let shut = run(Access::Scores(&limited), &parameters).unwrap();
    assert!(shut.iter().all(|one| one.cut_short && one.found == one.start && one.queries == 0));
}

#[test]
fn inversion_is_found_where_matches_and_similarity_are_beyond_chance() {
    let asset = AssetId::new(AssetKind::Model, "tiny.onnx");
    let thresholds = Thresholds::new(0.5, Locator::file("tiny.onnx"));
    let found = |matched: u64, similarity: f64, classes: u64| {
        let trials = 3 * classes;
        let quality =
            Quality { similarity, baseline: 0.0, matched, matched_by_chance: classes / 3, trials, classes };
        let parameters = Parameters { queries: 100, restarts: 3, prior: 0.1, seed: 1 };
        let measured = measurement(&asset, AccessLevel::Scores, &[], &quality, &parameters);
        assert_eq!(measured.trials, trials);
        let (found, _) = findings(&asset, &[measured], &thresholds);
        found.iter().any(|finding| finding.rule == MODEL_INVERTED.id)
    };
    assert!(found(24, 0.25, 10), "24 of 30 in ten classes");
    assert!(!found(24, 0.15, 10), "matches that resemble nothing");
    assert!(!found(14, 0.25, 10), "14 of 30: the interval reaches chance");
    assert!(!found(6, 0.9, 2), "six of six in two classes are two trials, which prove nothing");
    assert!(found(60, 0.9, 20), "all of twenty classes");
}
