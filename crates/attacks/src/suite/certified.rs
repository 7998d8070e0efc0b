//! What no attack can change, beside what the attacks changed: certified radii of the samples.

use vauban_domain::{AssetId, Curve, Measurement, SanityCheck, SanityVerdict};

use super::{Run, Scope, Standing};
use crate::certify::{BoundedNetwork, CertifyError, Method};
use crate::evasion::SampleResult;
use crate::samples::Samples;
use crate::trees::{Question, TreeTarget, VerifyError, verify_all};

/// Name in measurements.
pub(super) const NAME: &str = "certificate";

/// Name under which the verifier's examples are counted.
const VERIFIER: &str = "tree-verification";

/// Samples of a network that get bounds: each costs as much as thousands of queries.
const NETWORK_SAMPLES: usize = 200;

/// Halvings of the search for a network's radius.
const HALVINGS: u32 = 7;

/// Radii are looked for up to this many times eps.
const REACH: f64 = 2.0;

/// How robustness of a model can be proven.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// Linear bounds carried backwards through a network (CROWN; Zhang et al., NeurIPS 2018).
    Network(&'a BoundedNetwork),
    /// Branch and bound over the boxes of an ensemble of trees: sound, and complete where it ends within its steps.
    Trees(&'a TreeTarget),
}

impl Proof<'_> {
    const fn method(self) -> &'static str {
        match self {
            Self::Network(_) => "linear bounds (CROWN)",
            Self::Trees(_) => "branch and bound over the boxes of the trees",
        }
    }
}

/// Why nothing was proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ProofError {
    /// The network cannot be bounded.
    #[error(transparent)]
    Network(#[from] CertifyError),
    /// The trees cannot be verified.
    #[error(transparent)]
    Trees(#[from] VerifyError),
}

/// The radii proven for the first samples.
pub(super) struct Certified {
    method: &'static str,
    /// No input nearer than this gets another label; 0 where the model is wrong or nothing is proven.
    radii: Vec<f64>,
    /// Samples on which the smallest change is known exactly; `None` for methods that never know.
    exact: Option<usize>,
}

/// Proves radii, and takes in the examples that a complete method finds on the way.
pub(super) fn certify(
    proof: Proof<'_>,
    samples: &Samples,
    scope: &Scope,
    standing: &mut Standing,
) -> Result<Certified, ProofError> {
    let reach = f64::from(scope.eps) * REACH;
    match proof {
        Proof::Network(network) => {
            let radii = network.radii(
                &samples.first(NETWORK_SAMPLES),
                scope.norm,
                reach,
                Method::Linear,
                HALVINGS,
            )?;
            Ok(Certified { method: proof.method(), radii, exact: None })
        }
        Proof::Trees(trees) => {
            let question =
                Question { norm: scope.norm, radius: reach, seed: scope.seed, ..Question::default() };
            let verdicts = verify_all(trees, samples, &question)?;
            let mut found: Vec<SampleResult> = Vec::new();
            let mut rows = Vec::new();
            for (row, verdict) in verdicts.iter().enumerate() {
                if standing.wrong_before[row] {
                    continue;
                }
                if let Some(example) = &verdict.example {
                    let mut result = SampleResult::untouched();
                    result.succeed(samples.row(row), example);
                    found.push(result);
                    rows.push(row);
                }
            }
            standing.take(VERIFIER, &rows, &mut found);
            let exact = verdicts.iter().filter(|verdict| verdict.complete).count();
            let radii = verdicts.iter().map(|verdict| verdict.lower).collect();
            Ok(Certified { method: proof.method(), radii, exact: Some(exact) })
        }
    }
}

impl Certified {
    /// Share of samples that are right and certified at `eps`.
    fn share_at(&self, eps: f64) -> (u64, u64) {
        let certified = self.radii.iter().filter(|radius| **radius > 0.0 && **radius >= eps).count();
        (certified as u64, self.radii.len() as u64)
    }

    /// The curve to draw under the attacks', at the same sizes of the ball.
    pub(super) fn curve(&self, attacked: &Curve, samples: usize) -> Curve {
        let points = attacked.points.iter().map(|(eps, _)| {
            let (certified, all) = self.share_at(*eps);
            (*eps, certified as f64 / all.max(1) as f64)
        });
        let y = if self.radii.len() < samples {
            format!("certified accuracy, first {} samples", self.radii.len())
        } else {
            "certified accuracy".to_owned()
        };
        Curve { x: attacked.x.clone(), y, points: points.collect() }
    }

    /// No example may lie nearer than a certified radius.
    pub(super) fn check(&self, standing: &Standing) -> SanityCheck {
        let contradicted = self.radii.iter().enumerate().filter(|(row, radius)| {
            let nearest = standing.closest[*row].as_ref();
            nearest.is_some_and(|nearest| f64::from(nearest.distance) < **radius * (1.0 - 1e-5) - 1e-7)
        });
        let contradicted = contradicted.count();
        let verdict = if contradicted == 0 { SanityVerdict::Passed } else { SanityVerdict::Failed };
        let detail = format!(
            "{contradicted} of {} certified radii are contradicted by an example that is nearer",
            self.radii.iter().filter(|radius| **radius > 0.0).count()
        );
        SanityCheck { name: "certificates-not-contradicted".into(), verdict, detail }
    }

    /// Certified accuracy at eps.
    pub(super) fn measurement(&self, asset: &AssetId, run: &Run<'_>, curve: Curve) -> Measurement {
        let scope = run.scope;
        let (certified, trials) = self.share_at(f64::from(scope.eps));
        let mut parameters = vec![
            ("eps", scope.eps.to_string()),
            ("method", self.method.to_owned()),
            ("norm", scope.norm.as_str().to_owned()),
        ];
        parameters.extend(self.exact.map(|exact| ("exactly-known", format!("{exact} of {trials}"))));
        Measurement {
            techniques: vec!["AML.T0015".into(), "AML.T0043".into()],
            seed: scope.seed,
            parameters: parameters.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            curves: vec![curve],
            reproduce: scope.reproduce.clone(),
            ..Measurement::new(asset, NAME, "certified-accuracy")
        }
        .share(certified, trials)
    }
}
