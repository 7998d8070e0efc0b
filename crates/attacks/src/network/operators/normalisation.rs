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

impl Batch {
    /// Gradients by scale and shift where they are wanted; the statistics are those of the file and stay.
    fn by_affine(
        &self,
        pass: &Backward<'_>,
        above: &Tensor,
        run: usize,
    ) -> Result<(Option<Tensor>, Option<Tensor>), KernelError> {
        if !pass.wants(1) && !pass.wants(2) {
            return Ok((None, None));
        }
        let (x, mean, variance) = (pass.inputs.float(0)?, pass.inputs.float(3)?, pass.inputs.float(4)?);
        let channels = mean.data.len().max(1);
        let (mut scale, mut shift) = (Tensor::filled(&mean.shape, 0.0)?, Tensor::filled(&mean.shape, 0.0)?);
        for (index, (x, above)) in x.data.chunks(run).zip(above.data.chunks(run)).enumerate() {
            let channel = index % channels;
            let inverse = 1.0 / (variance.data[channel] + self.epsilon).sqrt();
            let centred: f32 = x.iter().zip(above).map(|(x, above)| (x - mean.data[channel]) * above).sum();
            scale.data[channel] += inverse * centred;
            shift.data[channel] += above.iter().sum::<f32>();
        }
        Ok((pass.wants(1).then_some(scale), pass.wants(2).then_some(shift)))
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
        let (by_scale, by_shift) = self.by_affine(&pass, &gradient, run)?;
        for (values, (factor, _)) in gradient.data.chunks_mut(run).zip(channels.iter().cycle()) {
            values.iter_mut().for_each(|value| *value *= factor);
        }
        if pass.wants(3) || pass.wants(4) {
            return Err(KernelError("no gradient by the statistics, which are those of the file".to_owned()));
        }
        let mut gradients = vec![None; pass.wanted.len()];
        for (slot, found) in gradients.iter_mut().zip([Some(gradient), by_scale, by_shift]) {
            *slot = found;
        }
        Ok(gradients)
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
        let mut by_scale = if pass.wants(1) { Some(Tensor::filled(&scale.shape, 0.0)?) } else { None };
        let mut by_bias = match pass.inputs.optional_float(2)? {
            Some(bias) if pass.wants(2) => Some((Tensor::filled(&bias.shape, 0.0)?, self.run(x, bias)?.1)),
            _ => None,
        };
        for (run, above) in x.data.chunks(length).zip(gradient.data.chunks_mut(length)) {
            let (mean, inverse) = self.statistics(run);
            let (mut sum, mut product) = (0.0_f64, 0.0_f64);
            for (index, (x, above)) in run.iter().zip(above.iter_mut()).enumerate() {
                if let Some(by_scale) = &mut by_scale {
                    by_scale.data[scales[index]] += *above * (x - mean) * inverse;
                }
                if let Some((by_bias, table)) = &mut by_bias {
                    by_bias.data[table[index]] += *above;
                }
                *above *= scale.data[scales[index]];
                sum += f64::from(*above);
                product += f64::from(*above) * f64::from((x - mean) * inverse);
            }
            let (mean_above, mean_product) = ((sum / length as f64) as f32, (product / length as f64) as f32);
            for (x, above) in run.iter().zip(above) {
                *above = inverse * (*above - mean_above - (x - mean) * inverse * mean_product);
            }
        }
        let mut gradients = vec![None; pass.wanted.len()];
        for (slot, found) in
            gradients.iter_mut().zip([Some(gradient), by_scale, by_bias.map(|(by_bias, _)| by_bias)])
        {
            *slot = found;
        }
        Ok(gradients)
    }
}

pub(crate) fn layer(context: &Context<'_>) -> Prepared {
    Ok(Box::new(Layer { axis: context.int("axis", -1), epsilon: context.float("epsilon", 1e-5) }))
}
