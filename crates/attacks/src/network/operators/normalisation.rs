//! `BatchNormalization` (inference) and `LayerNormalization`.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Tensor, Value, axis, broadcast_index};
use super::Prepared;

struct Batch {
    epsilon: f32,
}

impl Batch {
    /// Factor and shift of each channel, and the length of a channel's run.
    fn channels(&self, inputs: &Inputs<'_>) -> Result<(Vec<(f32, f32)>, usize), KernelError> {
        let x = inputs.float(0)?;
        let channels = *x.shape.get(1).ok_or_else(|| KernelError("there is no channel axis".to_owned()))?;
        let (scale, shift, mean, variance) =
            (inputs.float(1)?, inputs.float(2)?, inputs.float(3)?, inputs.float(4)?);
        if [scale, shift, mean, variance].iter().any(|values| values.data.len() != channels) {
            return Err(KernelError(format!("there is not one statistic for each of {channels} channels")));
        }
        let affine = |index: usize| {
            let factor = scale.data[index] / (variance.data[index] + self.epsilon).sqrt();
            (factor, shift.data[index] - mean.data[index] * factor)
        };
        Ok(((0..channels).map(affine).collect(), x.shape[2..].iter().product::<usize>().max(1)))
    }
}

impl Kernel for Batch {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (channels, run) = self.channels(inputs)?;
        let mut y = inputs.float(0)?.clone();
        for (values, (factor, shift)) in y.data.chunks_mut(run).zip(channels.iter().cycle()) {
            values.iter_mut().for_each(|value| *value = *value * factor + shift);
        }
        Ok(vec![Value::Float(y)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = pass.gradient()?;
        let (channels, run) = self.channels(&pass.inputs)?;
        for (values, (factor, _)) in gradient.data.chunks_mut(run).zip(channels.iter().cycle()) {
            values.iter_mut().for_each(|value| *value *= factor);
        }
        pass.only_first(gradient)
    }
}

pub(crate) fn batch(context: &Context<'_>) -> Prepared {
    if context.int("training_mode", 0) != 0 {
        return Err(KernelError("training mode is not supported; export the model for inference".to_owned()));
    }
    Ok(Box::new(Batch { epsilon: context.float("epsilon", 1e-5) }))
}

struct Layer {
    axis: i64,
    epsilon: f32,
}

impl Layer {
    /// Length of a normalised run, and where its scale and bias come from.
    fn run(&self, x: &Tensor, weights: &Tensor) -> Result<(usize, Vec<usize>), KernelError> {
        let own = &x.shape[axis(self.axis, x.shape.len())?..];
        if weights.shape.len() > own.len() {
            return Err(KernelError(format!("the scale {:?} does not fit {own:?}", weights.shape)));
        }
        let together = super::super::tensor::broadcast(&weights.shape, own)?;
        if together != own {
            return Err(KernelError(format!("the scale {:?} does not fit {own:?}", weights.shape)));
        }
        Ok((own.iter().product::<usize>().max(1), broadcast_index(&weights.shape, own)?))
    }

    /// Mean and reciprocal standard deviation, summed in double precision.
    fn statistics(&self, run: &[f32]) -> (f32, f32) {
        let count = run.len() as f64;
        let mean = run.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
        let variance = run.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / count;
        (mean as f32, (1.0 / (variance + f64::from(self.epsilon)).sqrt()) as f32)
    }
}

impl Kernel for Layer {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (x, scale, bias) = (inputs.float(0)?, inputs.float(1)?, inputs.optional_float(2)?);
        let (length, scales) = self.run(x, scale)?;
        let biases = bias.map(|bias| self.run(x, bias)).transpose()?.map(|(_, table)| table);
        let mut y = x.clone();
        for run in y.data.chunks_mut(length) {
            let (mean, inverse) = self.statistics(run);
            for (index, value) in run.iter_mut().enumerate() {
                let shift = bias.zip(biases.as_ref()).map_or(0.0, |(bias, table)| bias.data[table[index]]);
                *value = (*value - mean) * inverse * scale.data[scales[index]] + shift;
            }
        }
        Ok(vec![Value::Float(y)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let mut gradient = pass.gradient()?;
        let (x, scale) = (pass.inputs.float(0)?, pass.inputs.float(1)?);
        let (length, scales) = self.run(x, scale)?;
        for (run, above) in x.data.chunks(length).zip(gradient.data.chunks_mut(length)) {
            let (mean, inverse) = self.statistics(run);
            let (mut sum, mut product) = (0.0_f64, 0.0_f64);
            for (index, (x, above)) in run.iter().zip(above.iter_mut()).enumerate() {
                *above *= scale.data[scales[index]];
                sum += f64::from(*above);
                product += f64::from(*above) * f64::from((x - mean) * inverse);
            }
            let (mean_above, mean_product) = ((sum / length as f64) as f32, (product / length as f64) as f32);
            for (x, above) in run.iter().zip(above) {
                *above = inverse * (*above - mean_above - (x - mean) * inverse * mean_product);
            }
        }
        pass.only_first(gradient)
    }
}

pub(crate) fn layer(context: &Context<'_>) -> Prepared {
    Ok(Box::new(Layer { axis: context.int("axis", -1), epsilon: context.float("epsilon", 1e-5) }))
}
