//! Labelled inputs to attack with.

/// Inputs and their true classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// All elements, row by row.
    pub inputs: Vec<f32>,
    /// Shape with the number of samples first, as in the NPY file.
    pub shape: Vec<usize>,
    /// True class of each sample.
    pub labels: Vec<i64>,
}

/// Why samples do not fit a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SamplesError {
    /// Shape and data disagree, or there are no samples.
    #[error("the inputs of shape {shape:?} hold {elements} values and {labels} labels")]
    Shape {
        /// Stated shape.
        shape: Vec<usize>,
        /// Values held.
        elements: usize,
        /// Labels held.
        labels: usize,
    },
    /// One sample is not as large as the model's input.
    #[error("a sample has {sample} values, the model takes {model}")]
    Width {
        /// Values of a sample.
        sample: usize,
        /// Values the model takes.
        model: usize,
    },
    /// A label is not a class of the model.
    #[error("the label {label} is not one of the model's {classes} classes")]
    Label {
        /// The label.
        label: i64,
        /// Number of classes.
        classes: usize,
    },
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Elements of one sample.
    pub fn width(&self) -> usize {
        self.inputs.len() / self.labels.len().max(1)
    }

    /// The elements of one sample.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.inputs[index * self.width()..(index + 1) * self.width()]
    }

    /// The first `count` samples, or all.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let count = count.min(self.len());
        let mut shape = self.shape.clone();
        if let Some(rows) = shape.first_mut() {
            *rows = count;
        }
        Self {
            inputs: self.inputs[..count * self.width()].to_vec(),
            shape,
            labels: self.labels[..count].to_vec(),
        }
    }

    /// Whether the samples fit a model with inputs of `width` elements and `classes` classes.
    ///
    /// # Errors
    /// [`SamplesError`] says which does not fit.
    pub fn check(&self, width: usize, classes: usize) -> Result<(), SamplesError> {
        let product = self.shape.iter().try_fold(1_usize, |product, extent| product.checked_mul(*extent));
        if product != Some(self.inputs.len())
            || self.shape.first() != Some(&self.labels.len())
            || self.labels.is_empty()
        {
            return Err(SamplesError::Shape {
                shape: self.shape.clone(),
                elements: self.inputs.len(),
                labels: self.labels.len(),
            });
        }
        if self.width() != width {
            return Err(SamplesError::Width { sample: self.width(), model: width });
        }
        match self.labels.iter().find(|label| usize::try_from(**label).map_or(true, |class| class >= classes))
        {
            Some(label) => Err(SamplesError::Label { label: *label, classes }),
            None => Ok(()),
        }
    }
}
