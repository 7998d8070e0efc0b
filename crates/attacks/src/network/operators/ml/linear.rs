//! `LinearClassifier` and `LinearRegressor`.

use super::super::super::kernel::{Context, Flow, Inputs, Kernel, KernelError};
use super::super::super::tensor::{Tensor, Value};
use super::super::super::{Matrix, multiply};
use super::{PostTransform, Prepared, class_labels, classified, features};

/// One row of coefficients and one intercept per score.
struct Linear {
    coefficients: Vec<f32>,
    intercepts: Vec<f32>,
    scores: usize,
    post_transform: PostTransform,
    /// Labels of a classifier; `None` for a regressor.
    labels: Option<Vec<i64>>,
}

impl Kernel for Linear {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (x, rows, columns) = features(inputs)?;
        if self.scores.checked_mul(columns) != Some(self.coefficients.len()) {
            return Err(KernelError(format!(
                "{} coefficients do not make {} scores of {columns} features",
                self.coefficients.len(),
                self.scores
            )));
        }
        let mut scores = Tensor::filled(&[rows, self.scores], 0.0)?.data;
        let weights = Matrix::new(&self.coefficients, self.scores, columns).transposed();
        multiply(1.0, Matrix::new(&x.data, rows, columns), weights, 0.0, &mut scores);
        for row in scores.chunks_exact_mut(self.scores.max(1)) {
            row.iter_mut().zip(&self.intercepts).for_each(|(score, intercept)| *score += intercept);
        }
        let Some(labels) = &self.labels else {
            scores.chunks_exact_mut(self.scores.max(1)).for_each(|row| self.post_transform.apply(row));
            return Ok(vec![Value::Float(Tensor::new(vec![rows, self.scores], scores)?)]);
        };
        if self.scores == 1 && labels.len() == 2 {
            // The one score speaks for the second class.
            let both = |score: &f32| match self.post_transform {
                PostTransform::None => [-score, *score],
                _ => {
                    let likely = super::logistic(*score);
                    [1.0 - likely, likely]
                }
            };
            scores = scores.iter().flat_map(both).collect();
        } else {
            scores.chunks_exact_mut(self.scores.max(1)).for_each(|row| self.post_transform.apply(row));
        }
        classified(labels, scores, rows)
    }

    fn flow(&self) -> Flow {
        Flow::Broken
    }
}

pub(crate) fn classifier(context: &Context<'_>) -> Prepared {
    let (coefficients, intercepts) = (context.floats("coefficients")?, context.floats("intercepts")?);
    let labels = class_labels(context, "classlabels_ints", "classlabels_strings");
    let scores = intercepts.len();
    if scores == 0 || (scores != labels.len() && !(scores == 1 && labels.len() == 2)) {
        return Err(KernelError(format!("{scores} intercepts do not fit {} classes", labels.len())));
    }
    let post_transform = PostTransform::new(context)?;
    Ok(Box::new(Linear { coefficients, intercepts, scores, post_transform, labels: Some(labels) }))
}

pub(crate) fn regressor(context: &Context<'_>) -> Prepared {
    let (coefficients, intercepts) = (context.floats("coefficients")?, context.floats("intercepts")?);
    let scores = usize::try_from(context.int("targets", 1)).unwrap_or(0);
    if scores == 0 || coefficients.len() % scores != 0 {
        return Err(KernelError("`targets` does not divide the coefficients".to_owned()));
    }
    let post_transform = PostTransform::new(context)?;
    Ok(Box::new(Linear { coefficients, intercepts, scores, post_transform, labels: None }))
}
