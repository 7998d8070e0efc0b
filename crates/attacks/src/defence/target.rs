//! A model behind one control, as an attacker meets it.

use std::sync::atomic::{AtomicU64, Ordering};

use rand_pcg::Pcg64;

use super::{OutputNoise, Preprocess, Validation, utility};
use crate::evasion::generator;
use crate::samples::Samples;
use crate::target::{
    Access, Bounds, Cotangent, GradientTarget, Gradients, LabelTarget, ScoreTarget, TargetError, winner,
};
use crate::wrapper::{ControlledTarget, Controls};

/// One control.
#[derive(Debug, Clone, PartialEq)]
pub enum Defence {
    /// Coarser answers, or a limit on queries.
    Output(Controls),
    /// Noise on answers.
    Noise(OutputNoise),
    /// Refusal of some inputs.
    Validate(Validation),
    /// Inputs changed before the model sees them.
    Preprocess(Preprocess),
}

impl Defence {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Output(controls) if controls.refuse_after.is_some() => "rate-limit",
            Self::Output(controls) if controls.labels_only => "labels-only",
            Self::Output(controls) if controls.top_score_only => "top-score-only",
            Self::Output(_) => "rounding",
            Self::Noise(_) => "output-noise",
            Self::Validate(validation) => validation.name(),
            Self::Preprocess(preprocess) => preprocess.name(),
        }
    }

    /// Its numbers, for the record.
    pub fn setting(&self) -> String {
        match self {
            Self::Output(controls) => match (controls.refuse_after, controls.decimals) {
                (Some(most), _) => format!("{most} queries per client"),
                (None, Some(decimals)) => format!("{decimals} decimals"),
                (None, None) => String::new(),
            },
            Self::Noise(noise) => noise.setting(),
            Self::Validate(validation) => validation.setting(),
            Self::Preprocess(preprocess) => preprocess.setting(),
        }
    }

    pub(crate) fn is_random(&self) -> bool {
        match self {
            Self::Noise(_) => true,
            Self::Preprocess(preprocess) => preprocess.is_random(),
            _ => false,
        }
    }
}

/// A model behind one control, or behind none.
///
/// A refused row answers as the closest of `originals` should, so that an attack sees that it got nowhere with it.
/// Gradients pass straight through pre-processing (BPDA; Athalye et al., ICML 2018).
pub struct Defended<'a> {
    target: Access<'a>,
    inner: &'a dyn ScoreTarget,
    defence: Option<Defence>,
    originals: &'a Samples,
    side: (usize, usize),
    seed: u64,
    asked: AtomicU64,
}

impl<'a> Defended<'a> {
    /// Puts `defence` in front of `target`; `None` when it does not answer with scores.
    pub fn new(
        target: Access<'a>,
        defence: Option<Defence>,
        originals: &'a Samples,
        seed: u64,
    ) -> Option<Self> {
        let inner = target.scores()?;
        let side = side(&originals.shape, originals.width());
        Some(Self { target, inner, defence, originals, side, seed, asked: AtomicU64::new(0) })
    }

    /// Random numbers of `rows` further queries.
    fn streams(&self, rows: usize) -> impl Iterator<Item = Pcg64> + use<> {
        let first = self.asked.fetch_add(rows as u64, Ordering::Relaxed);
        let seed = self.seed;
        (first..first + rows as u64).map(move |row| generator(seed, "defence", row as usize))
    }

    /// The rows as the model sees them.
    fn seen(&self, inputs: &[f32]) -> Vec<f32> {
        let mut seen = inputs.to_vec();
        let width = self.width().max(1);
        if let Some(Defence::Preprocess(preprocess)) = &self.defence {
            let streams = self.streams(inputs.len() / width);
            for (row, mut random) in seen.chunks_exact_mut(width).zip(streams) {
                preprocess.apply(row, self.side, self.bounds(), &mut random);
            }
        }
        seen
    }

    /// Scores, and which rows were admitted; without the limit on queries.
    pub(crate) fn answers(&self, inputs: &[f32]) -> Result<(Vec<f32>, Vec<bool>), TargetError> {
        let classes = self.classes().max(1);
        let rows = inputs.len() / self.width().max(1);
        let mut admitted = vec![true; rows];
        let mut scores = self.inner.scores(&self.seen(inputs))?;
        match &self.defence {
            Some(Defence::Validate(validation)) => {
                admitted = validation.admits(self.inner, self.side, self.bounds(), inputs)?;
            }
            Some(Defence::Output(controls)) => {
                utility::as_probabilities(&mut scores, classes);
                let answered = Answered { scores, classes, width: self.width() };
                let controls = Controls { refuse_after: None, ..controls.clone() };
                scores = ControlledTarget::new(&answered, controls).scores(inputs)?;
            }
            Some(Defence::Noise(noise)) => {
                utility::as_probabilities(&mut scores, classes);
                for (row, mut random) in scores.chunks_exact_mut(classes).zip(self.streams(rows)) {
                    noise.apply(row, &mut random);
                }
            }
            _ => {}
        }
        Ok((scores, admitted))
    }

    /// Whether answers are as the model gives them, not coarsened probabilities.
    pub(crate) fn answers_logits(&self) -> bool {
        !matches!(self.defence, Some(Defence::Output(_) | Defence::Noise(_)))
    }

    /// Lets a batch through whole or not at all.
    fn limit(&self, inputs: &[f32]) -> Result<(), TargetError> {
        let Some(Defence::Output(Controls { refuse_after: Some(most), .. })) = &self.defence else {
            return Ok(());
        };
        let rows = (inputs.len() / self.width().max(1)) as u64;
        let spent = self.asked.load(Ordering::Relaxed).saturating_add(rows);
        if spent > *most {
            return Err(TargetError::Refused(format!("more than {most} queries")));
        }
        self.asked.store(spent, Ordering::Relaxed);
        Ok(())
    }
}

/// Scores that were asked for already, for [`ControlledTarget`] to coarsen.
struct Answered {
    scores: Vec<f32>,
    classes: usize,
    width: usize,
}

impl LabelTarget for Answered {
    fn width(&self) -> usize {
        self.width
    }

    fn classes(&self) -> usize {
        self.classes
    }

    fn labels(&self, _: &[f32]) -> Result<Vec<u32>, TargetError> {
        Ok(self.scores.chunks_exact(self.classes.max(1)).map(winner).collect())
    }
}

impl ScoreTarget for Answered {
    fn scores(&self, _: &[f32]) -> Result<Vec<f32>, TargetError> {
        Ok(self.scores.clone())
    }
}

/// Height and width of the planes of a sample; a plain row of a square number of elements is taken for a picture.
pub(crate) fn side(shape: &[usize], width: usize) -> (usize, usize) {
    match shape {
        [_, .., height, columns] if shape.len() > 2 => (*height, *columns),
        _ => {
            let root = width.isqrt();
            if root * root == width && root > 1 { (root, root) } else { (1, width) }
        }
    }
}

impl LabelTarget for Defended<'_> {
    fn width(&self) -> usize {
        self.inner.width()
    }

    fn classes(&self) -> usize {
        self.inner.classes()
    }

    fn bounds(&self) -> Bounds {
        self.inner.bounds()
    }

    fn in_order(&self) -> bool {
        let limited =
            matches!(&self.defence, Some(Defence::Output(controls)) if controls.refuse_after.is_some());
        limited || self.defence.as_ref().is_some_and(Defence::is_random) || self.inner.in_order()
    }

    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        Ok(self.scores(inputs)?.chunks_exact(self.classes().max(1)).map(winner).collect())
    }
}

impl ScoreTarget for Defended<'_> {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        self.limit(inputs)?;
        let (mut scores, admitted) = self.answers(inputs)?;
        let (width, classes) = (self.width().max(1), self.classes().max(1));
        let rows = inputs.chunks_exact(width).zip(scores.chunks_exact_mut(classes)).zip(admitted);
        for ((row, scores), _) in rows.filter(|(_, admitted)| !admitted) {
            let apart = |index: usize| {
                self.originals.row(index).iter().zip(row).map(|(a, b)| (a - b).powi(2)).sum::<f32>()
            };
            let closest = (0..self.originals.len())
                .map(|index| (index, apart(index)))
                .min_by(|a, b| a.1.total_cmp(&b.1));
            let label = closest.and_then(|(index, _)| usize::try_from(self.originals.labels[index]).ok());
            for (class, score) in scores.iter_mut().enumerate() {
                *score = f32::from(u8::from(Some(class) == label));
            }
        }
        Ok(scores)
    }
}

impl GradientTarget for Defended<'_> {
    fn gradients(&self, inputs: &[f32], cotangent: &Cotangent<'_>) -> Result<Gradients, TargetError> {
        let target = self
            .target
            .gradients()
            .ok_or_else(|| TargetError::Failed("the model behind the control has no gradients".to_owned()))?;
        target.gradients(&self.seen(inputs), cotangent)
    }
}

/// Expectation over the randomness of a target: gradients averaged over several draws (EOT; Athalye et al., ICML 2018).
pub struct Averaged<'a> {
    target: &'a dyn GradientTarget,
    draws: u32,
}

impl<'a> Averaged<'a> {
    /// Averages over `draws` draws, at least one.
    pub fn new(target: &'a dyn GradientTarget, draws: u32) -> Self {
        Self { target, draws: draws.max(1) }
    }
}

impl LabelTarget for Averaged<'_> {
    fn width(&self) -> usize {
        self.target.width()
    }

    fn classes(&self) -> usize {
        self.target.classes()
    }

    fn bounds(&self) -> Bounds {
        self.target.bounds()
    }

    fn in_order(&self) -> bool {
        self.target.in_order()
    }

    fn labels(&self, inputs: &[f32]) -> Result<Vec<u32>, TargetError> {
        self.target.labels(inputs)
    }
}

impl ScoreTarget for Averaged<'_> {
    fn scores(&self, inputs: &[f32]) -> Result<Vec<f32>, TargetError> {
        self.target.scores(inputs)
    }
}

impl GradientTarget for Averaged<'_> {
    fn gradients(&self, inputs: &[f32], cotangent: &Cotangent<'_>) -> Result<Gradients, TargetError> {
        let mut whole = self.target.gradients(inputs, cotangent)?;
        for _ in 1..self.draws {
            let part = self.target.gradients(inputs, cotangent)?;
            whole.logits.iter_mut().zip(part.logits).for_each(|(sum, part)| *sum += part);
            whole.inputs.iter_mut().zip(part.inputs).for_each(|(sum, part)| *sum += part);
        }
        let share = 1.0 / self.draws as f32;
        whole.logits.iter_mut().chain(&mut whole.inputs).for_each(|value| *value *= share);
        Ok(whole)
    }
}
