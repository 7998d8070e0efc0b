//! The fast gradient sign method.

use super::pgd::{self, Steps};
use super::{Attack, Modality, Norm};
use crate::target::AccessLevel;

/// Entry of the list: one step of [`pgd`] of size eps, from the sample itself.
pub const ATTACK: Attack = Attack {
    name: "fgsm-linf",
    title: "one step along the sign of the gradient",
    paper: "Goodfellow, Shlens, Szegedy, Explaining and Harnessing Adversarial Examples, ICLR 2015",
    access: AccessLevel::Gradients,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0043.000@2026.09"],
    parameters: &[("steps", "1"), ("random-start", "no")],
    run: |access, samples, terms| {
        let steps = Steps { norm: Norm::Linf, step: terms.eps, steps: 1, restarts: 1, random_start: false };
        Some(pgd::run(access.gradients()?, samples, terms, &steps, ATTACK.name))
    },
};
