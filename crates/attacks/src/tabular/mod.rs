//! Attacks on models of tables: only rows that the system could really see count.
//!
//! A success is a row that was rounded, projected into the attacker's reach, repaired along the relations of the
//! [`Schema`], checked against all of it again, and put to the model again. Simonetto et al., Constrained Adaptive Attack:
//! Effective Adversarial Attack Against Deep Neural Networks for Tabular Data, NeurIPS 2024; and TabularBench, NeurIPS 2024.

mod capgd;
mod compile;
mod expression;
mod judge;
mod moeva;
mod repair;
mod result;
mod schema;

pub use expression::ExpressionError;
pub use result::{TabularResult, TabularSample, Unconstrained};
pub use schema::{Schema, SchemaError};
pub use vauban_formats::tabular_schema::{Column, Cost, Direction, Kind, Relation, TabularSchema};

use crate::samples::{Samples, SamplesError};
use crate::target::{Access, TargetError};
use judge::Judge;

/// What a tabular attack may do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TabularTerms {
    /// How far a numeric column may move, as a share of its range; 1 for anywhere in it.
    pub eps: f64,
    /// Columns (a one-hot group counts as one) that may change.
    pub columns: Option<usize>,
    /// What the change may cost, in the unit of the schema's costs.
    pub cost: Option<f64>,
    /// Queries each sample may cost in each attack.
    pub queries: u32,
    /// Seed; sample `i` draws from its own stream.
    pub seed: u64,
}

impl Default for TabularTerms {
    fn default() -> Self {
        Self { eps: 0.5, columns: None, cost: None, queries: 2_000, seed: 0 }
    }
}

/// Why a tabular attack could not be run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TabularError {
    /// The schema is for another model.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The samples do not fit the model.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The target failed.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The attack needs gradients, and the target gives none.
    #[error("`capgd` needs gradients and the target gives none; use `moeva`")]
    NoGradients,
}

/// Constrained adaptive gradient attack: needs gradients.
///
/// # Errors
/// [`TabularError`] when schema, samples and model do not fit, the target gives no gradients or fails.
pub fn capgd(
    target: Access<'_>,
    samples: &Samples,
    schema: &Schema,
    terms: &TabularTerms,
) -> Result<TabularResult, TabularError> {
    let gradients = target.gradients().ok_or(TabularError::NoGradients)?;
    let judge = Judge { target, samples, schema, terms };
    let mut result = judge.begin("capgd")?;
    judge.unconstrained(gradients, &mut result)?;
    capgd::search(&judge, gradients, &mut result)?;
    Ok(result)
}

/// Constrained multi-objective evolutionary attack: needs scores, and makes do with labels.
///
/// # Errors
/// [`TabularError`] when schema, samples and model do not fit, or the target fails.
pub fn moeva(
    target: Access<'_>,
    samples: &Samples,
    schema: &Schema,
    terms: &TabularTerms,
) -> Result<TabularResult, TabularError> {
    let judge = Judge { target, samples, schema, terms };
    let mut result = judge.begin("moeva")?;
    if let Some(gradients) = target.gradients() {
        judge.unconstrained(gradients, &mut result)?;
    }
    moeva::search(&judge, &mut result)?;
    Ok(result)
}

/// [`capgd`] where there are gradients, and [`moeva`] on what survives.
///
/// # Errors
/// [`TabularError`] when schema, samples and model do not fit, or the target fails.
pub fn caa(
    target: Access<'_>,
    samples: &Samples,
    schema: &Schema,
    terms: &TabularTerms,
) -> Result<TabularResult, TabularError> {
    let judge = Judge { target, samples, schema, terms };
    let mut result = judge.begin("caa")?;
    if let Some(gradients) = target.gradients() {
        judge.unconstrained(gradients, &mut result)?;
        capgd::search(&judge, gradients, &mut result)?;
    }
    moeva::search(&judge, &mut result)?;
    Ok(result)
}
