//! Hardening of tiny models whose answers are known.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Model, Value, numbers};
use vauban_attacks::Samples;
use vauban_attacks::evasion::Terms;
use vauban_attacks::harden::{
    Card, HardenError, Hardened, Method, Optimiser, Rated, Recipe, Version, evaluate, harden,
};
use vauban_attacks::target::{LabelTarget, ScoreTarget};
use vauban_formats::onnx::Onnx;
use vauban_formats::{Limits, onnx};

/// Sixteen elements, eight hidden units, two classes.
fn network() -> Vec<u8> {
    Model::new(13, &[-1, 16])
        .floats("w1", &[8, 16], &numbers(128, 1))
        .floats("b1", &[8], &numbers(8, 2))
        .floats("w2", &[2, 8], &numbers(16, 3))
        .floats("b2", &[2], &numbers(2, 4))
        .node("Gemm", "x w1 b1", "h", &[("transB", Value::Int(1))])
        .node("Relu", "h", "r", &[])
        .node("Gemm", "r w2 b2", "y", &[("transB", Value::Int(1))])
        .finish()
}

/// A convolution, batch normalisation and pooling on 4x4 pictures.
fn convolutional() -> Vec<u8> {
    Model::new(13, &[-1, 1, 4, 4])
        .floats("w1", &[4, 1, 3, 3], &numbers(36, 1))
        .floats("b1", &[4], &numbers(4, 2))
        .floats("scale", &[4], &[1.0; 4])
        .floats("shift", &[4], &[0.0; 4])
        .floats("mean", &[4], &[0.1; 4])
        .floats("variance", &[4], &[1.0; 4])
        .floats("w2", &[2, 16], &numbers(32, 3))
        .floats("b2", &[2], &numbers(2, 4))
        .node("Conv", "x w1 b1", "c", &[("pads", Value::Ints(&[1, 1, 1, 1]))])
        .node("BatchNormalization", "c scale shift mean variance", "n", &[])
        .node("Relu", "n", "r", &[])
        .node(
            "MaxPool",
            "r",
            "p",
            &[("kernel_shape", Value::Ints(&[2, 2])), ("strides", Value::Ints(&[2, 2]))],
        )
        .node("Flatten", "p", "f", &[])
        .node("Gemm", "f w2 b2", "y", &[("transB", Value::Int(1))])
        .finish()
}

/// Two classes told apart by a strong first half or a strong second half, and by nothing else.
fn samples(count: usize, shape: &[usize]) -> Samples {
    let noise = numbers(count * 16, 9);
    let labels: Vec<i64> = (0..count as i64).map(|row| row % 2).collect();
    let inputs = noise
        .chunks_exact(16)
        .zip(&labels)
        .flat_map(|(row, label)| {
            row.iter().enumerate().map(move |(index, noise)| {
                let strong = (index < 8) == (*label == 0);
                (if strong { 0.75 } else { 0.25 }) + 0.2 * noise
            })
        })
        .collect();
    Samples { inputs, shape: [&[count], shape].concat(), labels }
}

fn parsed(bytes: &[u8]) -> Onnx {
    onnx::parse(bytes, &Limits::default()).0
}

fn hardened(bytes: &[u8], samples: &Samples, recipe: &Recipe) -> Result<Hardened, HardenError> {
    harden(&parsed(bytes), bytes, samples, recipe, &mut |_| true)
}

fn recipe(method: Method) -> Recipe {
    Recipe { rate: 0.01, batch: 16, ..Recipe::new(method, 30, 7) }
}

const METHODS: [Method; 6] = [
    Method::Standard,
    Method::Pgd { eps: 0.1, steps: 5, step: 0.03 },
    Method::Trades { eps: 0.1, steps: 5, step: 0.03, beta: 6.0 },
    Method::Fast { eps: 0.1, step: 0.125 },
    Method::Noise { sigma: 0.1 },
    Method::Ibp { eps: 0.1 },
];

#[test]
fn every_method_teaches_the_classes_and_those_with_a_ball_hold_in_it() {
    let (bytes, data, unseen) = (network(), samples(200, &[16]), samples(60, &[16]));
    let terms = Terms { eps: 0.1, queries: 300, seed: 2 };
    for method in METHODS {
        let result = hardened(&bytes, &data, &recipe(method)).unwrap();
        let after = evaluate(&parsed(&result.model), &result.model, &unseen, &terms, method).unwrap();
        assert!(after.clean.value() > 0.95, "{method:?} {after:?}");
        assert_eq!(result.trained, ["w1", "b1", "w2", "b2"]);
        assert_eq!(result.model.len(), bytes.len());
        if method.eps() > 0.0 {
            assert!(after.worst.value() > 0.9, "{method:?} {after:?}");
        }
        // What is proven cannot be broken.
        assert!(after.certified.unwrap().count <= after.worst.count);
        if matches!(method, Method::Ibp { .. }) {
            assert!(after.certified.unwrap().value() > 0.9, "{after:?}");
        }
    }
}

#[test]
fn statistics_stay_and_scale_and_shift_learn() {
    let (bytes, data) = (convolutional(), samples(100, &[1, 4, 4]));
    let method = Method::Pgd { eps: 0.05, steps: 3, step: 0.02 };
    let result = hardened(&bytes, &data, &recipe(method)).unwrap();
    assert_eq!(result.trained, ["w1", "b1", "scale", "shift", "w2", "b2"]);
    assert_eq!(
        result.frozen.iter().map(|frozen| frozen.name.as_str()).collect::<Vec<_>>(),
        ["mean", "variance"]
    );
    assert!(result.notes.iter().any(|note| note.starts_with("batch normalisation kept")));
    let held = result.epochs.iter().find(|epoch| epoch.number == result.kept).unwrap();
    assert!(held.robust.unwrap() > 0.8, "{held:?}");
    let refused = hardened(&bytes, &data, &recipe(Method::Ibp { eps: 0.05 })).unwrap_err();
    assert_eq!(refused.to_string(), "interval bounds do not know BatchNormalization (n); use another method");
}

#[test]
fn one_plain_step_moves_weights_along_the_slope_that_differences_show() {
    let data = samples(8, &[1, 4, 4]);
    let bytes = convolutional();
    let method = Method::Standard;
    let recipe = Recipe {
        optimiser: Optimiser::Sgd { momentum: 0.0 },
        rate: 0.5,
        batch: 8,
        held_out: 0.0,
        ..Recipe::new(method, 1, 1)
    };
    let result = hardened(&bytes, &data, &recipe).unwrap();
    let loss = |bytes: &[u8]| -> f64 {
        let scores = common::load(bytes).unwrap().scores(&data.inputs).unwrap();
        let rows = scores.chunks_exact(2).zip(&data.labels);
        let each = rows.map(|(row, label)| {
            let own = f64::from(row[*label as usize]);
            row.iter().map(|score| (f64::from(*score) - own).exp()).sum::<f64>().ln()
        });
        each.sum::<f64>() / 8.0
    };
    let (before, after) = (parsed(&bytes), parsed(&result.model));
    for (old, new) in
        before.graph.as_ref().unwrap().initialisers.iter().zip(&after.graph.as_ref().unwrap().initialisers)
    {
        if !result.trained.contains(&old.name) {
            continue;
        }
        let values = onnx::tensor::to_f32(old, &bytes).unwrap();
        let moved = onnx::tensor::to_f32(new, &result.model).unwrap();
        for index in 0..values.len().min(4) {
            let at = |by: f32| {
                let mut values = values.clone();
                values[index] += by;
                let weights = [(old.name.clone(), values)].into();
                loss(&onnx::write::replace_weights(&before, &bytes, &weights).unwrap())
            };
            let slope = (at(0.005) - at(-0.005)) / 0.01;
            let step = f64::from(values[index] - moved[index]) / 0.5;
            assert!((slope - step).abs() < 5e-3, "{} {index}: {slope} {step}", old.name);
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let (bytes, data) = (network(), samples(150, &[16]));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let recipe = Recipe { epochs: 2, ..recipe(METHODS[1]) };
        pool.install(|| hardened(&bytes, &data, &recipe).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn a_fixed_batch_trains_like_an_open_one() {
    let fixed = Model::new(13, &[3, 16])
        .floats("w", &[2, 16], &numbers(32, 1))
        .floats("b", &[2], &[0.0, 0.0])
        .node("Gemm", "x w b", "y", &[("transB", Value::Int(1))])
        .finish();
    let result = hardened(&fixed, &samples(50, &[16]), &recipe(METHODS[1])).unwrap();
    let unseen = samples(30, &[16]);
    let target = common::load(&result.model).unwrap();
    let right = target.labels(&unseen.inputs).unwrap();
    assert!(right.iter().zip(&unseen.labels).all(|(own, label)| i64::from(*own) == *label));
}

#[test]
fn the_caller_stops_the_training_and_keeps_the_best() {
    let (bytes, data) = (network(), samples(60, &[16]));
    let mut seen = 0;
    let result = harden(&parsed(&bytes), &bytes, &data, &recipe(METHODS[1]), &mut |_| {
        seen += 1;
        seen < 2
    })
    .unwrap();
    assert_eq!((result.epochs.len(), result.notes.len()), (2, 1));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let (bytes, data) = (network(), samples(20, &[16]));
    let refused = |recipe: &Recipe| hardened(&bytes, &data, recipe).unwrap_err().to_string();
    let bad = recipe(Method::Noise { sigma: f32::NAN });
    assert_eq!(refused(&bad), "the recipe makes no sense: sigma must be a number above 0");
    assert!(refused(&Recipe { epochs: 0, ..recipe(Method::Standard) }).contains("at least 1"));
    let fast = Recipe { rate: 1e30, optimiser: Optimiser::Sgd { momentum: 0.9 }, ..recipe(Method::Standard) };
    assert!(refused(&fast).starts_with("training diverged"), "{}", refused(&fast));
    let nothing = Model::new(13, &[-1, 16]).node("Relu", "x", "y", &[]).finish();
    assert!(matches!(hardened(&nothing, &data, &bad), Err(HardenError::Recipe(_))));
    let error = hardened(&nothing, &data, &recipe(Method::Standard)).unwrap_err();
    assert_eq!(error.to_string(), "the model holds no weights that can be trained");
}

#[test]
fn the_card_says_what_helped_and_what_it_cost() {
    let (bytes, data, unseen) = (network(), samples(200, &[16]), samples(60, &[16]));
    let (terms, method) = (Terms { eps: 0.1, queries: 100, seed: 2 }, METHODS[1]);
    let result = hardened(&bytes, &data, &recipe(method)).unwrap();
    let rate = |bytes: &[u8]| Version {
        digest: "00".to_owned(),
        evaluation: evaluate(&parsed(bytes), bytes, &unseen, &terms, method).unwrap(),
    };
    let card = Card {
        recipe: recipe(method),
        training_data: "11".to_owned(),
        samples: result.samples,
        rated: Rated { eps: terms.eps, queries: terms.queries, data: "22".to_owned() },
        before: rate(&bytes),
        after: rate(&result.model),
        epochs: result.epochs,
        kept: result.kept,
        seconds: 0.0,
        trained: result.trained,
        notes: result.notes,
    };
    assert!(card.helped() && card.accuracy_lost() < 0.0, "the untrained model knows nothing");
    let text = card.markdown();
    assert!(text.contains("| robust, pgd-linf (kind used in training) |"), "{text}");
    assert!(text.contains("| robust, square-linf |") && !text.contains("Not shown to help"), "{text}");
    let same = Card { after: card.before.clone(), ..card };
    assert!(same.markdown().contains("**Not shown to help**"));
}
