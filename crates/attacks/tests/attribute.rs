//! A hidden column guessed through a model that needs it, and through one that does not.
#![allow(clippy::unwrap_used)]

mod common;

use common::numbers;
use vauban_attacks::Samples;
use vauban_attacks::attribute::{AttributeError, Known, Parameters, run};
use vauban_attacks::rules::{MODEL_LEAKS_ATTRIBUTES, Thresholds, findings};
use vauban_attacks::surrogate::{Surrogate, Training};
use vauban_attacks::target::{Access, Bounds};
use vauban_domain::{AssetId, AssetKind, Locator, Measurement};

/// Whether the rule speaks.
fn is_found(measured: Measurement) -> bool {
    let asset = measured.asset.clone();
    let (found, _) = findings(&asset, &[measured], &Thresholds::new(0.5, Locator::file("tiny.onnx")));
    found.iter().any(|finding| finding.rule == MODEL_LEAKS_ATTRIBUTES.id)
}

/// Column 2 is a coin. The class says whether it agrees with column 0, or where `uses` is false, column 0 alone.
fn records(count: usize, seed: u64, uses: bool) -> Samples {
    let noise = numbers(count * 6, seed);
    let mut inputs: Vec<f32> = noise.iter().map(|x| x * 0.5 + 0.5).collect();
    let labels = inputs
        .chunks_exact_mut(6)
        .map(|row| {
            row[2] = f32::from(u8::from(row[2] > 0.5));
            i64::from(row[0] > 0.5 && !uses || uses && (row[0] > 0.5) == (row[2] > 0.5))
        })
        .collect();
    Samples { inputs, shape: vec![count, 6], labels }
}

fn model(samples: &Samples) -> Surrogate {
    let answers: Vec<f32> =
        samples.labels.iter().flat_map(|label| if *label == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect();
    let training = Training { hidden: 24, epochs: 60, seed: 3 };
    Surrogate::train(&samples.inputs, &answers, (6, 2, Bounds::default()), &training)
}

#[test]
fn a_model_that_needs_the_column_gives_it_away() {
    let (hidden, known) = (records(300, 1, true), records(40, 2, true));
    let model = model(&records(1_000, 5, true));
    for access in [Access::Scores(&model), Access::Labels(&model)] {
        let inferred = run(access, &hidden, &known, &Parameters::new(vec![2], 1)).unwrap();
        assert!(inferred.interval.low > 0.05 && inferred.lift > 0.15, "{inferred:?}");
        assert_eq!(inferred.queries, 2 * 340);
        assert_eq!(inferred, run(access, &hidden, &known, &Parameters::new(vec![2], 1)).unwrap());
        let measured = inferred.measurement(&AssetId::new(AssetKind::Model, "tiny.onnx"));
        assert_eq!(measured.parts.len(), inferred.attacks.len() + inferred.baselines.len());
        assert_eq!((measured.parameters["columns"].as_str(), measured.trials), ("2", 300));
        assert!(is_found(measured));
    }
}

#[test]
fn a_model_that_does_not_need_the_column_gives_nothing_away() {
    let (hidden, known) = (records(300, 1, false), records(80, 2, false));
    let model = model(&records(1_000, 5, false));
    for access in [Access::Scores(&model), Access::Labels(&model)] {
        let inferred = run(access, &hidden, &known, &Parameters::new(vec![2], 1)).unwrap();
        assert!(inferred.interval.low < 0.0 && inferred.lift.abs() < 0.1, "{inferred:?}");
        assert!(!is_found(inferred.measurement(&AssetId::new(AssetKind::Model, "tiny.onnx"))));
    }
}

#[test]
fn an_answer_that_was_seen_says_more_than_the_class() {
    let (hidden, known) = (records(200, 1, true), records(40, 2, true));
    let model = model(&records(1_000, 5, true));
    let parameters = Parameters { known: Known::Answer, ..Parameters::new(vec![2], 1) };
    let inferred = run(Access::Scores(&model), &hidden, &known, &parameters).unwrap();
    assert!(inferred.share(&inferred.attack) > 0.95, "{inferred:?}");
    assert_eq!(inferred.queries, 3 * 240);
}

#[test]
fn columns_and_records_that_do_not_fit_are_refused() {
    let (hidden, known) = (records(30, 1, true), records(100, 2, true));
    let model = model(&known);
    let with = |columns: &[usize], known: &Samples| {
        run(Access::Scores(&model), &hidden, known, &Parameters::new(columns.to_vec(), 1)).unwrap_err()
    };
    for columns in [&[][..], &[6], &[2, 2], &[0, 1, 2, 3, 4, 5]] {
        assert!(matches!(with(columns, &known), AttributeError::Columns { .. }), "{columns:?}");
    }
    assert_eq!(with(&[0], &known), AttributeError::Values(100));
    assert_eq!(with(&[2], &known.first(10)), AttributeError::TooFew(10));
}
