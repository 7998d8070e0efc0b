//! Membership inference on a model that remembers, and on one that cannot.
#![allow(clippy::unwrap_used)]

mod common;

use common::numbers;
use vauban_attacks::Samples;
use vauban_attacks::membership::{
    Inference, MembershipError, Parameters, Shadows, from_confidences, measurements, run,
};
use vauban_attacks::surrogate::{Surrogate, Training};
use vauban_attacks::target::{Access, Bounds};
use vauban_domain::{AssetId, AssetKind};

/// Inputs without any pattern and labels by coin: what a model knows of them, it remembers.
fn coins(count: usize, seed: u64) -> Samples {
    let inputs = numbers(count * 8, seed).iter().map(|x| x * 0.5 + 0.5).collect();
    let labels = numbers(count, seed + 1_000).iter().map(|x| i64::from(*x > 0.0)).collect();
    Samples { inputs, shape: vec![count, 8], labels }
}

fn overfitted(samples: &Samples) -> Surrogate {
    let mut answers = vec![0.0; samples.len() * 2];
    for (row, label) in samples.labels.iter().enumerate() {
        answers[row * 2 + *label as usize] = 1.0;
    }
    let training = Training { hidden: 48, epochs: 150, seed: 5 };
    Surrogate::train(&samples.inputs, &answers, (8, 2, Bounds::default()), &training)
}

fn parameters() -> Parameters {
    let training = Training { hidden: 32, epochs: 60, seed: 2 };
    Parameters { shadows: 4, training, copies: 8, seed: 2 }
}

fn named<'a>(inferences: &'a [Inference], name: &str) -> &'a Inference {
    inferences.iter().find(|inference| inference.attack == name).unwrap()
}

#[test]
fn a_model_that_remembers_gives_its_members_away() {
    let (members, others) = (coins(100, 1), coins(100, 2));
    let model = overfitted(&members);
    let inferences = run(Access::Scores(&model), &members, &others, &parameters()).unwrap();
    assert!(inferences.is_sorted_by_key(|inference| inference.attack));
    for name in ["label-gap", "label-noise", "lira-offline", "lira-online", "rmia", "yeom-loss"] {
        let roc = &named(&inferences, name).roc;
        assert!(roc.auc_interval.low > 0.6, "{name}: {} {:?}", roc.auc, roc.auc_interval);
    }
    assert_eq!(named(&inferences, "yeom-loss").queries, 200);
    assert_eq!(named(&inferences, "label-noise").queries, 200 * 9);
    let asset = AssetId::new(AssetKind::Model, "tiny.onnx");
    let measured = measurements(&asset, "scores", &inferences, 1);
    assert!(measured.iter().all(|measured| measured.parts.len() == 2 && measured.notes.len() == 1));
}

#[test]
fn a_model_that_saw_neither_gives_nothing_away() {
    let model = overfitted(&coins(100, 9));
    let inferences = run(Access::Scores(&model), &coins(100, 1), &coins(100, 2), &parameters()).unwrap();
    for inference in &inferences {
        let auc = inference.roc.auc;
        assert!((auc - 0.5).abs() < 0.15, "{}: {auc}", inference.attack);
    }
}

#[test]
fn with_labels_only_the_attacks_on_labels_remain() {
    let (members, others) = (coins(40, 1), coins(40, 2));
    let model = overfitted(&members);
    let inferences = run(Access::Labels(&model), &members, &others, &parameters()).unwrap();
    let names: Vec<&str> = inferences.iter().map(|inference| inference.attack).collect();
    assert_eq!(names, ["label-gap", "label-noise"]);
}

#[test]
fn any_number_of_threads_trains_the_same_shadows() {
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let training = Training { hidden: 8, epochs: 3, seed: 1 };
        pool.install(|| Shadows::train(&coins(30, 1), (2, Bounds::default()), 4, &training).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn tables_that_do_not_fit_are_refused() {
    assert!(matches!(Shadows::new(3, vec![0.5; 4], vec![true; 4]), Err(MembershipError::Shape { .. })));
    assert!(matches!(Shadows::new(1, vec![f32::NAN], vec![true]), Err(MembershipError::Probability(_))));
    let shadows = Shadows::new(2, vec![0.5; 4], vec![true, false, false, true]).unwrap();
    assert!(from_confidences(&[0.5], &[true], &shadows).is_err());
    assert!(matches!(
        from_confidences(&[0.5, 0.5], &[true, true], &shadows),
        Err(MembershipError::Shape { .. } | MembershipError::TooFew(_))
    ));
}
