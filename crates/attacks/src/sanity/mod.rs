//! Signs that an attack failed rather than the model held (Carlini et al., On Evaluating Adversarial Robustness,
//! arXiv:1902.06705; Athalye, Carlini, Wagner, Obfuscated Gradients, ICML 2018).
//!
//! Every check looks at the model anew, on at most a hundred samples that it reads right, and says what it saw.

mod again;
pub(crate) mod gradient;
mod naive;
mod order;

use std::cell::RefCell;
use std::collections::BTreeMap;

use vauban_domain::{SanityCheck, SanityVerdict};

use crate::evasion::{self, Norm, Terms};
use crate::samples::Samples;
use crate::suite::{AttackResult, Scope, Standing, pick};
use crate::target::{Access, TargetError};

pub use again::through_endpoint;

/// Prefix of notes that speak for masked gradients; rules look for it.
pub const MASKING: &str = "masking: ";

/// Points of robust accuracy by which a weaker attack must beat a stronger one to be called out.
pub(crate) const MARGIN: f64 = 0.05;

/// Samples looked at where the model is at hand, and where every query goes to a service.
const LOCAL: usize = 100;
const REMOTE: usize = 10;

/// Queries per sample that an attack of a check may spend, at hand and at a service.
const QUERIES: u32 = 300;
const REMOTE_QUERIES: u32 = 30;

/// Queries that all checks of a service cost at most, out of a budget.
pub(crate) const fn most_queries(budget: u64) -> u64 {
    // Ten runs of an attack, and the single questions.
    let most = 10 * REMOTE as u64 * REMOTE_QUERIES as u64 + 200;
    if most < budget / 4 { most } else { budget / 4 }
}

/// What there is to look at.
pub struct Inspection<'a> {
    /// The target.
    pub target: Access<'a>,
    /// The target with stand-ins for the steps that break its gradient.
    pub smooth: Option<Access<'a>>,
    /// The samples.
    pub samples: &'a Samples,
    /// Threat model, budget and seed.
    pub scope: &'a Scope,
    /// What the attacks did.
    pub attacks: &'a [AttackResult],
    /// What became of each sample.
    pub standing: &'a Standing,
}

/// What one look gives.
pub(crate) type Look = Result<(SanityVerdict, String), TargetError>;

/// A check: its name, whether its failure means that robustness is only apparent, and how it looks.
struct Check {
    name: &'static str,
    masking: bool,
    look: fn(&Probe<'_>) -> Look,
}

const fn check(name: &'static str, masking: bool, look: fn(&Probe<'_>) -> Look) -> Check {
    Check { name, masking, look }
}

/// Every check, sorted by name.
const CHECKS: &[Check] = &[
    check("alone-as-in-a-batch", false, again::alone),
    check("black-box-never-beats-white-box", true, order::black_box),
    check("clean-accuracy-beats-chance", false, order::chance),
    check("converged", false, order::converged),
    check("examples-inside-the-ball", false, again::inside),
    check("examples-still-misread", false, again::still_misread),
    check("examples-survive-rounding", false, again::survive_rounding),
    check("gradient-agrees-with-differences", true, gradient::differences),
    check("gradient-step-helps", true, gradient::step_helps),
    check("gradients-pass-rounding", true, order::rounding),
    check("iterations-beat-one-step", true, order::one_step),
    check("larger-eps-never-helps", true, order::larger_eps),
    check("naive-gradients-suffice", true, naive::suffice),
    check("noise-never-beats-gradients", true, order::noise),
    check("outputs-not-saturated", false, naive::saturated),
    check("same-answer-twice", true, again::same_answer),
    check("same-attack-twice", false, again::same_attack),
    check("seeds-agree", false, order::seeds),
    check("transfer-never-beats-white-box", true, order::transfer),
    check("unlimited-change-breaks-all", true, order::unlimited),
    check("zero-gradients-are-rare", true, gradient::zero),
];

/// Whether a failure of the check of this name means that robustness is only apparent.
pub fn is_masking(name: &str) -> bool {
    CHECKS.iter().any(|check| check.name == name && check.masking)
}

/// Looks at everything; a check that runs out of budget says so.
///
/// # Errors
/// When the target fails.
pub fn inspect(inspection: &Inspection<'_>) -> Result<Vec<SanityCheck>, TargetError> {
    let probe = Probe::new(inspection);
    CHECKS
        .iter()
        .map(|check| {
            let (verdict, detail) = match (check.look)(&probe) {
                Ok(seen) => seen,
                Err(TargetError::Failed(why)) => return Err(TargetError::Failed(why)),
                Err(stopped) => (SanityVerdict::NotRun, stopped.to_string()),
            };
            Ok(SanityCheck { name: check.name.into(), verdict, detail })
        })
        .collect()
}

/// The samples that checks look at: such that the model reads right.
pub(crate) struct Probe<'a> {
    pub(crate) all: &'a Inspection<'a>,
    pub(crate) rows: Vec<usize>,
    pub(crate) samples: Samples,
    /// Share that holds, by kind of attack, factor of eps and seed: several checks compare with the same run.
    known: RefCell<BTreeMap<(String, u32, u64), Option<f64>>>,
}

impl<'a> Probe<'a> {
    fn new(all: &'a Inspection<'a>) -> Self {
        let most = if all.target.labels().in_order() { REMOTE } else { LOCAL };
        let rows: Vec<usize> = all.standing.rows(false).into_iter().take(most).collect();
        Self { all, samples: pick(all.samples, &rows), rows, known: RefCell::default() }
    }

    /// The target as gradient attacks see it, if they can.
    pub(crate) fn differentiable(&self) -> Option<Access<'a>> {
        let own = Some(self.all.target).filter(|target| target.gradients().is_some());
        own.or(self.all.smooth)
    }

    /// The attack `kind-norm` in the norm of the evaluation, with eps times `factor`, on the probe: which samples it
    /// breaks. `None` when there is no such attack, or the target does not grant what it needs.
    pub(crate) fn broken(
        &self,
        kind: &str,
        factor: f32,
        seed: u64,
    ) -> Result<Option<Vec<bool>>, TargetError> {
        let norm = self.all.scope.norm;
        let Some(attack) = evasion::find(&format!("{kind}-{}", norm.as_str())) else { return Ok(None) };
        let view = match (attack.access <= self.all.target.level(), self.all.smooth) {
            (true, _) => self.all.target,
            (false, Some(smooth)) => smooth,
            (false, None) => return Ok(None),
        };
        if self.rows.is_empty() {
            return Ok(None);
        }
        let eps = self.all.scope.eps * factor;
        let most = if self.all.target.labels().in_order() { REMOTE_QUERIES } else { QUERIES };
        let terms = Terms { eps, queries: self.all.scope.queries.min(most), seed };
        let Some(results) = (attack.run)(view, &self.samples, &terms) else { return Ok(None) };
        Ok(Some(
            results?
                .iter()
                .map(|result| result.success && crate::suite::within(result.distance(norm), eps))
                .collect(),
        ))
    }

    /// Share of the probe that holds under [`Probe::broken`].
    pub(crate) fn robust(&self, kind: &str, factor: f32, seed: u64) -> Result<Option<f64>, TargetError> {
        let run = (kind.to_owned(), factor.to_bits(), seed);
        if !self.known.borrow().contains_key(&run) {
            let robust = self.broken(kind, factor, seed)?.map(|broken| share(&broken, false));
            self.known.borrow_mut().insert(run.clone(), robust);
        }
        Ok(self.known.borrow().get(&run).copied().flatten())
    }

    /// Share of the probe that held in the evaluation.
    pub(crate) fn worst(&self) -> f64 {
        let held: Vec<bool> = self.rows.iter().map(|row| self.all.standing.held(*row)).collect();
        share(&held, true)
    }

    /// Smallest and largest input value, as a length.
    pub(crate) fn range(&self) -> f32 {
        let bounds = self.all.target.labels().bounds();
        bounds.high - bounds.low
    }

    /// The factor of eps at which everything may change.
    pub(crate) fn everything(&self) -> f32 {
        let width = self.samples.width() as f32;
        let most = match self.all.scope.norm {
            Norm::L2 => self.range() * width.sqrt(),
            Norm::L1 => self.range() * width,
            Norm::Linf | Norm::Unbounded => self.range(),
        };
        most / self.all.scope.eps.max(f32::MIN_POSITIVE)
    }
}

/// Share of `values` that are `wanted`; 0 for none.
pub(crate) fn share(values: &[bool], wanted: bool) -> f64 {
    values.iter().filter(|value| **value == wanted).count() as f64 / values.len().max(1) as f64
}

/// `Passed` if `holds`.
pub(crate) fn verdict(holds: bool) -> SanityVerdict {
    if holds { SanityVerdict::Passed } else { SanityVerdict::Failed }
}

pub(crate) fn not_run(why: &str) -> Look {
    Ok((SanityVerdict::NotRun, why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::CHECKS;

    #[test]
    fn the_list_is_sorted_and_long_enough() {
        assert!(CHECKS.is_sorted_by_key(|check| check.name));
        assert!(CHECKS.len() >= 15);
    }
}
