//! Validation that refuses inputs which do not look like those the model was made for.

use super::Preprocess;
use crate::evasion::generator;
use crate::target::{Bounds, ScoreTarget, TargetError};

/// Reference rows kept at most: the distance to each is computed for every query.
const REFERENCES: usize = 1_000;

/// A check of each row.
#[derive(Debug, Clone, PartialEq)]
pub enum Validation {
    /// Every element within the bounds.
    Range,
    /// Euclidean distance to the nearest reference row of at most `most`.
    Nearest {
        /// Reference rows, one after the other.
        references: Vec<f32>,
        /// Largest distance.
        most: f32,
    },
    /// Answers with and without squeezing apart by at most `most` in the sum of changes (Xu et al., NDSS 2018).
    Squeezing {
        /// How inputs are squeezed.
        squeeze: Preprocess,
        /// Largest sum of changes.
        most: f32,
    },
}

/// Why a check could not be calibrated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidationError {
    /// Too few samples.
    #[error("a threshold needs at least 20 clean samples, {0} were given")]
    Few(usize),
    /// The model failed.
    #[error(transparent)]
    Target(#[from] TargetError),
}

impl Validation {
    /// The nearest-neighbour check, with the threshold that `share` of `clean` rows pass; the rows themselves are no
    /// references. References beyond a thousand are thinned evenly.
    ///
    /// # Errors
    /// When there are too few rows.
    pub fn nearest(
        references: &[f32],
        clean: &[f32],
        width: usize,
        share: f64,
    ) -> Result<Self, ValidationError> {
        let width = width.max(1);
        let step = (references.len() / width).div_ceil(REFERENCES).max(1);
        let references: Vec<f32> = references.chunks_exact(width).step_by(step).flatten().copied().collect();
        let distances = clean.chunks_exact(width).map(|row| nearest(&references, row)).collect();
        Ok(Self::Nearest { most: quantile(distances, share)?, references })
    }

    /// The squeezing check, with the threshold that `share` of `clean` rows pass.
    ///
    /// # Errors
    /// When there are too few rows or the model fails.
    pub fn squeezing(
        target: &dyn ScoreTarget,
        squeeze: Preprocess,
        side: (usize, usize),
        clean: &[f32],
        share: f64,
    ) -> Result<Self, ValidationError> {
        let apart = apart(target, squeeze, side, clean)?;
        Ok(Self::Squeezing { squeeze, most: quantile(apart, share)? })
    }

    /// The word for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Range => "range-validation",
            Self::Nearest { .. } => "nearest-neighbour",
            Self::Squeezing { .. } => "squeezing-detector",
        }
    }

    /// Its numbers, for the record.
    pub fn setting(&self) -> String {
        match self {
            Self::Range => "every element within the bounds".to_owned(),
            Self::Nearest { most, .. } => format!("distance at most {most:.3}"),
            Self::Squeezing { squeeze, most } => {
                format!("{} {}, answers at most {most:.4} apart", squeeze.name(), squeeze.setting())
            }
        }
    }

    /// Which rows pass.
    pub(crate) fn admits(
        &self,
        target: &dyn ScoreTarget,
        side: (usize, usize),
        bounds: Bounds,
        rows: &[f32],
    ) -> Result<Vec<bool>, TargetError> {
        let split = rows.chunks_exact(target.width().max(1));
        Ok(match self {
            Self::Range => {
                split.map(|row| row.iter().all(|x| (bounds.low..=bounds.high).contains(x))).collect()
            }
            Self::Nearest { references, most } => {
                split.map(|row| nearest(references, row) <= *most).collect()
            }
            Self::Squeezing { squeeze, most } => {
                apart(target, *squeeze, side, rows)?.into_iter().map(|apart| apart <= *most).collect()
            }
        })
    }
}

fn nearest(references: &[f32], row: &[f32]) -> f32 {
    let squared = |other: &[f32]| other.iter().zip(row).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    references.chunks_exact(row.len().max(1)).map(squared).fold(f32::INFINITY, f32::min).sqrt()
}

/// How far the answers for squeezed rows are from those for the rows themselves.
fn apart(
    target: &dyn ScoreTarget,
    squeeze: Preprocess,
    side: (usize, usize),
    rows: &[f32],
) -> Result<Vec<f32>, TargetError> {
    let (width, classes) = (target.width().max(1), target.classes().max(1));
    let mut squeezed = rows.to_vec();
    let mut random = generator(0, "squeezing", 0);
    for row in squeezed.chunks_exact_mut(width) {
        squeeze.apply(row, side, target.bounds(), &mut random);
    }
    let (mut plain, mut other) = (target.scores(rows)?, target.scores(&squeezed)?);
    super::utility::as_probabilities(&mut plain, classes);
    super::utility::as_probabilities(&mut other, classes);
    let pairs = plain.chunks_exact(classes).zip(other.chunks_exact(classes));
    Ok(pairs.map(|(a, b)| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()).collect())
}

/// The value that `share` of `values` do not exceed.
fn quantile(mut values: Vec<f32>, share: f64) -> Result<f32, ValidationError> {
    if values.len() < 20 {
        return Err(ValidationError::Few(values.len()));
    }
    values.sort_by(f32::total_cmp);
    let place = (share.clamp(0.0, 1.0) * values.len() as f64).ceil() as usize;
    Ok(values[place.clamp(1, values.len()) - 1])
}
