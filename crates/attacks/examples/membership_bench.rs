//! Membership inference on the supplied confidences of `../shared/bench/privacy`, in numbers.
//!
//! `cargo run --release -p vauban-attacks --example membership_bench [FOLDER]`: model 0 is attacked, the other 32 are
//! its shadows, as in `mia.json`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

use std::path::Path;

use vauban_attacks::membership::{Shadows, from_confidences};
use vauban_formats::{Budget, Limits, npy, zip};

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "../shared/bench/privacy".to_owned());
    if !Path::new(&folder).exists() {
        eprintln!("{folder} is not there; give the folder of the confidences");
        std::process::exit(3);
    }
    println!("family,attack,auc,auc_low,auc_high,tpr_at_1pct,low,high,tpr_at_0_1pct");
    for family in ["logreg", "rf"] {
        let bytes = std::fs::read(Path::new(&folder).join(format!("{family}.npz"))).unwrap();
        let member = |name: &str| {
            let (directory, _) = zip::directory(&bytes, &Limits::default());
            let entry = directory.entry(name).unwrap();
            let limits = Limits::default();
            let content = zip::content(&bytes, entry, &Budget::new(limits)).unwrap();
            let (header, _) = npy::read(content.bytes());
            let from = header.data_offset as usize;
            (header.shape.clone(), content.bytes()[from..].to_vec())
        };
        let (shape, data) = member("P.npy");
        let confidences: Vec<f32> =
            data.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
        let inside: Vec<bool> = member("IN.npy").1.iter().map(|byte| *byte != 0).collect();
        let samples = shape[1] as usize;
        let shadows =
            Shadows::new(samples, confidences[samples..].to_vec(), inside[samples..].to_vec()).unwrap();
        for inference in from_confidences(&confidences[..samples], &inside[..samples], &shadows).unwrap() {
            let (roc, auc) = (&inference.roc, inference.roc.auc_interval);
            let interval = roc.true_positives_interval(0.01, 1);
            println!(
                "{family},{},{:.4},{:.4},{:.4},{:.4},{:.4},{:.4},{:.4}",
                inference.attack,
                roc.auc,
                auc.low,
                auc.high,
                roc.true_positives_at(0.01),
                interval.low,
                interval.high,
                roc.true_positives_at(0.001),
            );
        }
    }
}
