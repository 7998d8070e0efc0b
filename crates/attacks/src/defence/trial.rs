//! One control tried: attacks before and after, utility before and after, and whether it earns credit.

use super::{Averaged, Defence, Defended, OutputNoise, Preprocess, Utility, Validation, ValidationError};
use crate::evasion::{Norm, SampleResult, Terms, hop_skip_jump, pgd, square};
use crate::extraction;
use crate::harden::Share;
use crate::samples::Samples;
use crate::target::{Access, LabelTarget as _, TargetError};
use crate::wrapper::Controls;

/// Draws that an attack on a random control averages over.
const DRAWS: u32 = 8;

/// Share of clean samples that a calibrated check lets pass.
const PASS: f64 = 0.95;

/// One attack, without and with the control.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Its name.
    pub attack: &'static str,
    /// Samples broken inside the ball, of those that were right, without the control; `None` if it makes no sense there.
    pub before: Option<Share>,
    /// The same with it.
    pub after: Share,
}

/// What a control was worth.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlTrial {
    /// The control.
    pub control: &'static str,
    /// Its numbers.
    pub setting: String,
    /// Each attack.
    pub attacks: Vec<Tried>,
    /// Samples broken by any of the attacks, before and after.
    pub success: (Share, Share),
    /// Agreement of a copy made from the answers with the model, before and after; `None` when nothing was answered.
    pub extraction: (Option<Share>, Option<Share>),
    /// Utility, before and after.
    pub utility: (Utility, Utility),
    /// What it earns.
    pub credit: Credit,
}

/// What a control earns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credit {
    /// Nothing, and why.
    None(String),
    /// It lowers the worst of these beyond the intervals: `evasion`, `extraction`.
    Against(Vec<&'static str>),
}

impl Credit {
    /// One line, `none: ...` or the words.
    pub fn text(&self) -> String {
        match self {
            Self::None(why) => format!("none: {why}"),
            Self::Against(what) => what.join(", "),
        }
    }
}

/// The usual controls for a model, with thresholds calibrated on `clean` samples apart from those attacked.
///
/// # Errors
/// When the model fails, or there are too few clean samples for a threshold.
pub fn candidates(
    target: Access<'_>,
    clean: &Samples,
    queries: u32,
) -> Result<Vec<Defence>, ValidationError> {
    let output = |controls: Controls| Defence::Output(controls);
    let mut list = vec![
        output(Controls { decimals: Some(1), ..Controls::default() }),
        output(Controls { top_score_only: true, ..Controls::default() }),
        output(Controls { labels_only: true, ..Controls::default() }),
        output(Controls { refuse_after: Some(u64::from(queries)), ..Controls::default() }),
        Defence::Noise(OutputNoise::Laplace { epsilon: 20.0 }),
        Defence::Noise(OutputNoise::Gaussian { epsilon: 0.9, delta: 1e-5 }),
        Defence::Validate(Validation::Range),
    ];
    let (width, half) = (clean.width(), clean.len() / 2 * clean.width());
    let (references, held) = clean.inputs.split_at(half);
    list.push(Defence::Validate(Validation::nearest(references, held, width, PASS)?));
    if let Some(scores) = target.scores() {
        let side = super::target::side(&clean.shape, width);
        let squeezing = Validation::squeezing(scores, Preprocess::Bits(3), side, &clean.inputs, PASS)?;
        list.push(Defence::Validate(squeezing));
    }
    list.extend(
        [Preprocess::Bits(2), Preprocess::Median(3), Preprocess::BlockCosine(0.25), Preprocess::Noise(0.1)]
            .map(Defence::Preprocess),
    );
    Ok(list)
}

/// The broken samples of an attack, of those that were right; `None` for those that were not.
type Broken = Vec<Option<bool>>;

fn broken(results: &[SampleResult], eps: f32, admitted: impl Fn(&[f32]) -> bool) -> Broken {
    results
        .iter()
        .map(|result| {
            let inside = result.linf <= eps * (1.0 + 1e-4) + 1e-6;
            let counts = result.adversarial.as_deref().is_some_and(&admitted);
            (!result.wrong_before).then_some(result.success && inside && counts)
        })
        .collect()
}

fn share(broken: &Broken) -> Share {
    let known = broken.iter().flatten();
    Share::of(known.clone().filter(|broken| **broken).count(), known.count())
}

fn union(all: &[&Broken]) -> Broken {
    let rows = all.first().map_or(0, |broken| broken.len());
    let row = |index: usize| {
        let known: Vec<bool> = all.iter().filter_map(|broken| broken[index]).collect();
        (!known.is_empty()).then(|| known.contains(&true))
    };
    (0..rows).map(row).collect()
}

/// Tries `defence` in front of `target` with `samples` that no threshold was calibrated on.
///
/// Square and HopSkipJump see the answers of the control; pre-processing and validation are also given to an attacker
/// who owns the model: examples for the bare model carried over, and gradients passed straight through (BPDA),
/// averaged where the control is random (EOT). The worst case per sample decides.
///
/// # Errors
/// When the model fails for another reason than a refusal, or gives no scores.
pub fn trial(
    target: Access<'_>,
    defence: &Defence,
    samples: &Samples,
    terms: &Terms,
) -> Result<ControlTrial, TargetError> {
    let no_scores = || TargetError::Failed("controls are tried on models that answer with scores".to_owned());
    let behind = |defence| Defended::new(target, defence, samples, terms.seed).ok_or_else(no_scores);
    let bare = behind(None)?;
    let fresh = || behind(Some(defence.clone()));
    let judge = fresh()?;
    let eps = terms.eps;
    let admitted = |row: &[f32]| match defence {
        Defence::Validate(_) => judge.answers(row).is_ok_and(|(_, admitted)| admitted == [true]),
        _ => true,
    };
    let anything = |_: &[f32]| true;
    let jump =
        |target: &Defended<'_>| hop_skip_jump::run(target, samples, terms, &hop_skip_jump::Hops::default());

    let mut tried: Vec<(&'static str, Option<Broken>, Broken)> = Vec::new();
    let most = terms.queries;
    let before = broken(&square::run(&bare, samples, terms, most)?, eps, anything);
    let after = broken(&square::run(&fresh()?, samples, terms, most)?, eps, admitted);
    tried.push((square::ATTACK.name, Some(before), after));
    let before = broken(&jump(&bare)?, eps, anything);
    let after = broken(&jump(&fresh()?)?, eps, admitted);
    tried.push((hop_skip_jump::ATTACK.name, Some(before), after));

    let on_input = matches!(defence, Defence::Validate(_) | Defence::Preprocess(_));
    if let (true, Some(owned)) = (on_input, target.gradients()) {
        let steps =
            pgd::Steps { norm: Norm::Linf, step: eps / 10.0, steps: 40, restarts: 2, random_start: true };
        let plain = pgd::run(owned, samples, terms, &steps, pgd::ATTACK.name)?;
        let carried = carry(&fresh()?, samples, &plain, &admitted)?;
        tried.push(("pgd-linf", Some(broken(&plain, eps, anything)), carried));
        if matches!(defence, Defence::Preprocess(_)) {
            let through = fresh()?;
            let (name, results) = if defence.is_random() {
                let averaged = Averaged::new(&through, DRAWS);
                (
                    "pgd-linf through the control (BPDA, EOT)",
                    pgd::run(&averaged, samples, terms, &steps, "eot")?,
                )
            } else {
                ("pgd-linf through the control (BPDA)", pgd::run(&through, samples, terms, &steps, "bpda")?)
            };
            tried.push((name, None, broken(&results, eps, anything)));
        }
    }
    let befores: Vec<&Broken> = tried.iter().filter_map(|(_, before, _)| before.as_ref()).collect();
    let afters: Vec<&Broken> = tried.iter().map(|(.., after)| after).collect();
    let success = (share(&union(&befores)), share(&union(&afters)));

    let copied = (copy(&bare, target, samples, terms)?, copy(&fresh()?, target, samples, terms)?);
    let utility = (Utility::of(&bare, samples)?, Utility::of(&fresh()?, samples)?);
    Ok(ControlTrial {
        control: defence.name(),
        setting: defence.setting(),
        credit: credit(success, copied, &utility, &tried),
        attacks: tried
            .iter()
            .map(|(attack, before, after)| Tried {
                attack,
                before: before.as_ref().map(share),
                after: share(after),
            })
            .collect(),
        success,
        extraction: copied,
        utility,
    })
}

/// Examples for the bare model, put to the control.
fn carry(
    defended: &Defended<'_>,
    samples: &Samples,
    plain: &[SampleResult],
    admitted: &impl Fn(&[f32]) -> bool,
) -> Result<Broken, TargetError> {
    let clean = defended.answers(&samples.inputs)?.0;
    let classes = defended.classes().max(1);
    let mut carried = Vec::with_capacity(plain.len());
    for ((result, scores), label) in plain.iter().zip(clean.chunks_exact(classes)).zip(&samples.labels) {
        if i64::from(crate::target::winner(scores)) != *label {
            carried.push(None);
            continue;
        }
        carried.push(Some(match &result.adversarial {
            Some(example) if admitted(example) => {
                i64::from(crate::target::winner(&defended.answers(example)?.0)) != *label
            }
            _ => false,
        }));
    }
    Ok(carried)
}

/// Agreement of a copy made from the answers of `defended` with the bare model.
fn copy(
    defended: &Defended<'_>,
    judge: Access<'_>,
    samples: &Samples,
    terms: &Terms,
) -> Result<Option<Share>, TargetError> {
    let budget = (terms.queries as usize).clamp(100, 2_000);
    let parameters = extraction::Parameters {
        checkpoints: vec![budget],
        ..extraction::Parameters::with_budget(budget, terms.seed)
    };
    let extraction = extraction::run(Access::Scores(defended), judge, samples, &parameters)?;
    let last = extraction.fidelity.last();
    Ok(last.map(|last| Share::of(last.agreed as usize, last.trials as usize)))
}

/// Credit only for what the worst case and the intervals leave standing, and what honest users can live with.
fn credit(
    success: (Share, Share),
    copied: (Option<Share>, Option<Share>),
    utility: &(Utility, Utility),
    tried: &[(&'static str, Option<Broken>, Broken)],
) -> Credit {
    if utility.1.accuracy.interval.high < utility.0.accuracy.interval.low {
        return Credit::None(format!(
            "accuracy falls from {:.3} to {:.3}, beyond the intervals",
            utility.0.accuracy.value(),
            utility.1.accuracy.value()
        ));
    }
    let mut against = Vec::new();
    if success.1.interval.high < success.0.interval.low {
        against.push("evasion");
    }
    if let (Some(before), Some(after)) = copied
        && after.interval.high < before.interval.low
    {
        against.push("extraction");
    }
    if !against.is_empty() {
        return Credit::Against(against);
    }
    let worst = tried.iter().map(|(name, _, after)| (*name, share(after).value()));
    let worst = worst.max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |(name, _)| name);
    Credit::None(format!(
        "attacks succeed on {:.3} before and {:.3} after, most by {worst}; a copy agrees {} before and {} after",
        success.0.value(),
        success.1.value(),
        copied.0.map_or_else(|| "unknown".to_owned(), |share| format!("{:.3}", share.value())),
        copied.1.map_or_else(|| "unknown".to_owned(), |share| format!("{:.3}", share.value())),
    ))
}
