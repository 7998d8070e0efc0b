//! The evaluation of a model: a suite of attacks, the worst case per sample over all of them, and the looks that tell a
//! failed attack from a model that held.

mod certified;
mod curve;
mod measure;
mod plan;
mod standing;

use vauban_domain::{AssetId, Measurement};

use crate::evasion::{self, Attack, Norm, SampleResult, Summary, Terms};
use crate::extraction::{self, Extraction};
use crate::samples::{Samples, SamplesError};
use crate::sanity::{self, Inspection};
use crate::target::{Access, AccessLevel, TargetError};

pub use certified::Proof;
pub use plan::Suite;
pub use standing::pick;
pub(crate) use standing::within;
pub use standing::{Example, Standing};

/// What may be done to a model, as declared by its owner, and what the measurement is to be about.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// The norm changes are measured in.
    pub norm: Norm,
    /// Largest change, in that norm.
    pub eps: f32,
    /// Samples to attack at most.
    pub samples: usize,
    /// Queries each sample may cost in each attack, and the queries an extraction may ask in all.
    pub queries: u32,
    /// Seed.
    pub seed: u64,
    /// Which attacks.
    pub suite: Suite,
    /// Attacks asked for by name instead of a suite's.
    pub attacks: Vec<String>,
    /// Group of each sample, for a breakdown; empty for none.
    pub groups: Vec<String>,
    /// The command that does the same again; empty if there is none.
    pub reproduce: String,
}

impl Scope {
    /// The quick suite in the L-infinity ball of size `eps`.
    pub fn quick(eps: f32, samples: usize, queries: u32, seed: u64) -> Self {
        Self {
            norm: Norm::Linf,
            eps,
            samples,
            queries,
            seed,
            suite: Suite::Quick,
            attacks: Vec::new(),
            groups: Vec::new(),
            reproduce: String::new(),
        }
    }

    /// What an attack in `norm` is given; a ball of another norm is one of about the same size in `width` dimensions.
    fn terms(&self, norm: Norm, width: usize) -> Terms {
        let width = width as f32;
        // Half the diagonal's share: a ball in which attacks of the other norm have about as much room.
        let in_linf = match self.norm {
            Norm::Linf | Norm::Unbounded => self.eps,
            Norm::L2 => self.eps / width.sqrt(),
            Norm::L1 => self.eps / width,
        };
        let eps = match norm {
            _ if norm == self.norm => self.eps,
            Norm::Linf | Norm::Unbounded => in_linf,
            Norm::L2 => in_linf * width.sqrt(),
            Norm::L1 => in_linf * width,
        };
        Terms { eps, queries: self.queries, seed: self.seed }
    }
}

/// How far an evaluation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The attack that starts now.
    pub attack: &'static str,
    /// Attacks done.
    pub done: usize,
    /// Attacks in all.
    pub total: usize,
    /// Samples that still hold.
    pub held: usize,
}

/// One attack of the evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackResult {
    /// Name.
    pub attack: &'static str,
    /// The samples it was given, by row number.
    pub rows: Vec<usize>,
    /// What it did to each of them; the examples themselves are in [`SuiteResult::standing`].
    pub samples: Vec<SampleResult>,
    /// The same in numbers.
    pub summary: Summary,
    /// Samples it broke inside the ball that no attack before it had broken.
    pub first: usize,
    /// Samples that only this attack broke inside the ball, of those that every attack was given.
    pub alone: usize,
    /// Samples, of all, that hold after it.
    pub held_after: usize,
    /// Whether its gradients were those of smooth stand-ins.
    pub straight_through: bool,
}

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq)]
pub struct SuiteResult {
    /// One measurement per attack, the worst case over all, and the extraction; sorted by id.
    pub measurements: Vec<Measurement>,
    /// Each attack, in the order they ran.
    pub attacks: Vec<AttackResult>,
    /// Attacks not run, and why.
    pub skipped: Vec<(&'static str, String)>,
    /// What became of each sample, with the closest example against it.
    pub standing: Standing,
    /// The extraction, if it ran.
    pub extraction: Option<Extraction>,
}

/// Why an evaluation could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuiteError {
    /// The samples do not fit the model.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The target failed.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// No attack bears this name.
    #[error("there is no attack `{0}`; `vauban attack --list` names all")]
    UnknownAttack(String),
    /// There are not as many groups as samples.
    #[error("{groups} groups are given for {samples} samples")]
    Groups {
        /// Groups given.
        groups: usize,
        /// Samples given.
        samples: usize,
    },
}

/// [`evaluate`] without a proof.
///
/// # Errors
/// As [`evaluate`].
pub fn suite(
    asset: &AssetId,
    target: Access<'_>,
    samples: &Samples,
    scope: &Scope,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<SuiteResult, SuiteError> {
    evaluate(asset, target, Err("nothing is known about its insides"), samples, scope, progress)
}

/// Runs the suite, takes the worst case per sample over all attacks, proves what can be proven unless the suite is the
/// quick one, looks for signs of masked gradients, and, unless the suite is the standard one or attacks were named,
/// copies the model.
///
/// `proof` says how robustness can be proven, or why it cannot.
///
/// # Errors
/// [`SuiteError`] when the samples do not fit, an attack is unknown or the target fails.
pub fn evaluate(
    asset: &AssetId,
    target: Access<'_>,
    proof: Result<Proof<'_>, &str>,
    samples: &Samples,
    scope: &Scope,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<SuiteResult, SuiteError> {
    let labels = target.labels();
    samples.check(labels.width(), labels.classes())?;
    if !scope.groups.is_empty() && scope.groups.len() != samples.len() {
        return Err(SuiteError::Groups { groups: scope.groups.len(), samples: samples.len() });
    }
    let samples = samples.first(scope.samples.max(1));
    let mut run = Run::new(target, &samples, scope)?;
    let level = if run.smooth.is_some() { AccessLevel::Gradients } else { run.target.level() };
    let attacks =
        plan::plan(scope.suite, scope.norm, level, &scope.attacks).map_err(SuiteError::UnknownAttack)?;
    let copies = scope.attacks.is_empty() && scope.suite != Suite::Standard;
    let total = attacks.len() + 2 + usize::from(copies);
    let step = |attack, done, run: &Run<'_>| {
        progress(Progress { attack, done, total, held: run.standing.held_count() });
    };
    for (done, attack) in attacks.iter().enumerate() {
        step(attack.name, done, &run);
        run.attack(attack)?;
    }
    run.count_alone();

    let wanted = scope.suite.proves(&scope.attacks);
    let certified = match proof {
        Ok(proof) if wanted => {
            step(certified::NAME, attacks.len(), &run);
            certified::certify(proof, &samples, scope, &mut run.standing).map_err(|error| error.to_string())
        }
        Ok(_) => Err("is proven by the suites standard and full".to_owned()),
        Err(why) => Err(why.to_owned()),
    };

    step("accuracy-curve", attacks.len(), &run);
    let curve = curve::accuracy(&mut run)?;

    step("sanity", attacks.len() + 1, &run);
    let mut checks = sanity::inspect(&Inspection {
        target: run.target,
        smooth: run.smooth,
        samples: &samples,
        scope,
        attacks: &run.attacks,
        standing: &run.standing,
    })?;

    let mut extraction = None;
    if copies {
        step(extraction::NAME, attacks.len() + 2, &run);
        if samples.len() >= 20 {
            let parameters = extraction::Parameters::with_budget(scope.queries as usize, scope.seed);
            extraction = Some(extraction::run(target, target, &samples, &parameters)?);
        } else {
            run.skipped.push((extraction::NAME, "needs at least 20 samples".to_owned()));
        }
    }
    let mut curves = vec![curve];
    let mut proven = None;
    match certified {
        Ok(certified) => {
            let below = certified.curve(&curves[0], samples.len());
            checks.push(certified.check(&run.standing));
            proven = Some(certified.measurement(asset, &run, below.clone()));
            curves.push(below);
        }
        Err(why) if wanted => run.notes.push(format!("no robustness is proven: {why}")),
        Err(_) => {}
    }
    let mut measurements = measure::measurements(asset, &run, curves, checks, extraction.as_ref());
    measurements.extend(proven);
    measurements.sort_by(|a, b| a.id.cmp(&b.id));
    let Run { attacks, skipped, standing, .. } = run;
    Ok(SuiteResult { measurements, attacks, skipped, standing, extraction })
}

/// Queries for each sample in each attack, such that an evaluation of a service stays within `budget` rows in all. It
/// depends on what is permitted alone, not on what is left of it, so that a run that goes on asks the same.
pub fn share(
    budget: u64,
    samples: usize,
    level: AccessLevel,
    suite: Suite,
    norm: Norm,
    attacks: &[String],
) -> u32 {
    let planned = plan::plan(suite, norm, level, attacks)
        .map_or(1, |attacks| attacks.iter().filter(|attack| attack.access <= level).count().max(1));
    let curve = if level >= AccessLevel::Scores && attacks.is_empty() { curve::balls(suite) } else { 0 };
    let samples = samples.max(1) as u64;
    // The samples themselves are asked about once before and once by each attack; a copy has a share of its own.
    let left = budget.saturating_sub(sanity::most_queries(budget)).saturating_sub(samples);
    u32::try_from(left / ((planned + curve) as u64 * samples + 1)).unwrap_or(u32::MAX)
}

/// An evaluation under way.
struct Run<'a> {
    /// The target with the access that proved usable.
    target: Access<'a>,
    /// The target with stand-ins for the steps that break its gradient.
    smooth: Option<Access<'a>>,
    samples: &'a Samples,
    scope: &'a Scope,
    standing: Standing,
    attacks: Vec<AttackResult>,
    skipped: Vec<(&'static str, String)>,
    notes: Vec<String>,
}

impl<'a> Run<'a> {
    fn new(target: Access<'a>, samples: &'a Samples, scope: &'a Scope) -> Result<Self, TargetError> {
        let wrong_before = target
            .labels()
            .labels(&samples.inputs)?
            .iter()
            .zip(&samples.labels)
            .map(|(label, truth)| i64::from(*label) != *truth)
            .collect();
        let mut notes = Vec::new();
        let breaks = target.labels().gradient_breaks();
        let smooth = target.labels().straight_through().filter(|_| target.gradients().is_none());
        if !breaks.is_empty() {
            let instead = if smooth.is_some() {
                "gradient attacks look through it as if it were the identity (BPDA), beside attacks without gradients"
            } else {
                "attacks without gradients are used instead"
            };
            notes.push(format!("no gradient passes {}; {instead}", breaks.join(", ")));
        }
        let mut usable = target;
        if let Access::Gradients(bare) = target
            && let Err(why) = sanity::gradient::agrees(bare, samples)?
        {
            notes.push(format!(
                "gradients are not used, because {why}; attacks without gradients are used instead"
            ));
            usable = Access::Scores(bare);
        }
        Ok(Self {
            target: usable,
            smooth: smooth.map(Access::Gradients),
            samples,
            scope,
            standing: Standing::new(scope.norm, scope.eps, wrong_before),
            attacks: Vec::new(),
            skipped: Vec::new(),
            notes,
        })
    }

    /// The target as `attack` sees it, or why it cannot be run.
    fn view(&self, attack: &Attack) -> Result<(Access<'a>, bool), String> {
        if !attack.suits(self.samples) {
            return Err("needs pictures, the samples' shape states none".to_owned());
        }
        match (attack.access <= self.target.level(), self.smooth) {
            (true, _) => Ok((self.target, false)),
            (false, Some(smooth)) => Ok((smooth, true)),
            (false, None) => {
                Err(format!("needs {}, the target grants {}", attack.access, self.target.level()))
            }
        }
    }

    fn attack(&mut self, attack: &'static Attack) -> Result<(), TargetError> {
        let (view, straight_through) = match self.view(attack) {
            Ok(view) => view,
            Err(why) => {
                self.skipped.push((attack.name, why));
                return Ok(());
            }
        };
        let rows = self.standing.rows(self.scope.suite.stops_at_first() && self.scope.attacks.is_empty());
        if rows.is_empty() {
            self.skipped.push((attack.name, "no sample was left to attack".to_owned()));
            return Ok(());
        }
        let part = pick(self.samples, &rows);
        let terms = self.scope.terms(attack.norm, self.samples.width());
        let Some(results) = (attack.run)(view, &part, &terms) else {
            let why = format!("needs {}, the target grants {}", attack.access, view.level());
            self.skipped.push((attack.name, why));
            return Ok(());
        };
        let mut results = results?;
        let summary = Summary::new(&results);
        let first = self.standing.take(attack.name, &rows, &mut results);
        let held_after = self.standing.held_count();
        self.attacks.push(AttackResult {
            attack: attack.name,
            rows,
            samples: results,
            summary,
            first,
            alone: 0,
            held_after,
            straight_through,
        });
        Ok(())
    }

    /// Whether `result` broke its sample inside the ball.
    fn broke(&self, result: &SampleResult) -> bool {
        result.success && !result.wrong_before && within(result.distance(self.scope.norm), self.scope.eps)
    }

    fn count_alone(&mut self) {
        let mut breakers: Vec<Vec<usize>> = vec![Vec::new(); self.samples.len()];
        for (number, attack) in self.attacks.iter().enumerate() {
            for (row, result) in attack.rows.iter().zip(&attack.samples) {
                if self.broke(result)
                    && evasion::find(attack.attack).is_some_and(|a| a.norm != Norm::Unbounded)
                {
                    breakers[*row].push(number);
                }
            }
        }
        for breakers in breakers {
            if let [only] = breakers[..] {
                self.attacks[only].alone += 1;
            }
        }
    }
}
