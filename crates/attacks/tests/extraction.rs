//! Query strategies of extraction on a model of three blobs.
#![allow(clippy::unwrap_used)]

mod common;

use common::numbers;
use vauban_attacks::Samples;
use vauban_attacks::extraction::{COMPARISON, Parameters, Strategy, compare, run};
use vauban_attacks::surrogate::{Surrogate, Training};
use vauban_attacks::target::{Access, Bounds};
use vauban_attacks::wrapper::{ControlledTarget, Controls, RecordingTarget};
use vauban_domain::{AssetId, AssetKind};

/// Class `c` is bright in elements `2c` and `2c + 1`, with much noise.
fn blobs(count: usize) -> Samples {
    let noise = numbers(count * 6, 8);
    let bright = |at: usize| (at % 6) / 2 == (at / 6) % 3;
    let inputs = (0..count * 6).map(|at| if bright(at) { 0.6 } else { 0.4 } + 0.35 * noise[at]).collect();
    Samples { inputs, shape: vec![count, 6], labels: (0..count as i64).map(|row| row % 3).collect() }
}

fn model() -> Surrogate {
    let samples = blobs(300);
    let answers: Vec<f32> = samples
        .labels
        .iter()
        .flat_map(|label| [0, 1, 2].map(|class| if class == *label { 1.0 } else { 0.0 }))
        .collect();
    let training = Training { hidden: 16, epochs: 30, seed: 3 };
    Surrogate::train(&samples.inputs, &answers, (6, 3, Bounds::default()), &training)
}

fn parameters(strategy: Strategy) -> Parameters {
    Parameters {
        checkpoints: vec![50, 300],
        strategy,
        own: 20,
        hidden: 16,
        epochs: 30,
        ..Parameters::with_budget(300, 1)
    }
}

#[test]
fn every_strategy_copies_the_model_with_queries_inside_the_box() {
    let (model, samples) = (model(), blobs(400));
    for strategy in Strategy::ALL {
        let recorder = RecordingTarget::new(&model);
        let copied =
            run(Access::Scores(&recorder), Access::Scores(&model), &samples, &parameters(strategy)).unwrap();
        let [early, late] = copied.fidelity[..] else { panic!("{strategy}: {copied:?}") };
        assert_eq!((early.queries, late.queries, late.trials), (50, 300, 200), "{strategy}");
        assert!(late.interval().low > 0.75, "{strategy}: {late:?}");
        assert!(late.accuracy() > 0.5 && late.right <= late.trials, "{strategy}: {late:?}");
        let queries = recorder.into_queries();
        assert_eq!(queries.len(), 300);
        assert!(queries.iter().all(|query| query.input.iter().all(|x| (0.0..=1.0).contains(x))));
    }
}

#[test]
fn strategies_that_look_at_the_copy_ask_nothing_twice() {
    let (model, samples) = (model(), blobs(400));
    for strategy in [Strategy::Active, Strategy::Jacobian, Strategy::Natural] {
        let recorder = RecordingTarget::new(&model);
        run(Access::Scores(&recorder), Access::Scores(&model), &samples, &parameters(strategy)).unwrap();
        let mut inputs: Vec<Vec<u32>> = recorder
            .into_queries()
            .iter()
            .map(|query| query.input.iter().map(|x| x.to_bits()).collect())
            .collect();
        inputs.sort();
        inputs.dedup();
        assert!(inputs.len() >= 290, "{strategy}: {} different queries of 300", inputs.len());
    }
}

#[test]
fn the_comparison_has_a_curve_per_strategy_and_is_the_same_for_any_number_of_threads() {
    let (model, samples) = (model(), blobs(200));
    let asset = AssetId::new(AssetKind::Model, "tiny.onnx");
    let target = Access::Labels(&model);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let parameters = parameters(Strategy::default());
        pool.install(|| compare(&asset, target, target, &samples, &parameters).unwrap())
    };
    let measured = with(1);
    assert_eq!(measured, with(3));
    assert_eq!((&*measured.attack, measured.queries, measured.trials), (COMPARISON, 5 * 300, 100));
    assert_eq!((measured.curves.len(), measured.parts.len()), (5, 10));
    let best = measured.parts.iter().filter(|part| &*part.by == "strategy").map(|part| part.value);
    assert_eq!(best.fold(0.0, f64::max).to_bits(), measured.value.to_bits());
    assert_eq!(measured.parameters["answers"], "labels");
}

#[test]
fn a_refusal_is_noted_and_samples_that_do_not_fit_are_refused() {
    let (model, samples) = (model(), blobs(200));
    let asset = AssetId::new(AssetKind::Model, "tiny.onnx");
    let limited = ControlledTarget::new(&model, Controls { refuse_after: Some(100), ..Controls::default() });
    let parameters = parameters(Strategy::default());
    let shut = compare(&asset, Access::Scores(&limited), Access::Scores(&model), &samples, &parameters);
    let shut = shut.unwrap();
    assert!(shut.queries <= 100 && shut.notes.iter().any(|note| note.contains("refused")), "{shut:?}");
    let narrow = Samples { inputs: vec![0.5; 20], shape: vec![10, 2], labels: vec![0; 10] };
    assert!(run(Access::Scores(&model), Access::Scores(&model), &narrow, &parameters).is_err());
}
