//! How weights follow their gradients: SGD with momentum or Adam, and the schedule of the rate.

/// The rule of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Optimiser {
    /// Stochastic gradient descent with this momentum, 0 to below 1.
    Sgd {
        /// Share of the last step that is kept.
        momentum: f32,
    },
    /// Kingma and Ba, Adam, ICLR 2015, with decays .9 and .999.
    Adam,
}

/// What becomes of the rate over the training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Nothing.
    Constant,
    /// Half a cosine down to 0 (Loshchilov and Hutter, SGDR, ICLR 2017, without restarts).
    Cosine,
    /// A tenth after half of the steps, a hundredth after three quarters.
    Steps,
}

impl Schedule {
    /// Factor of the rate after the share `done` of all steps.
    pub(crate) fn factor(self, done: f64) -> f32 {
        match self {
            Self::Constant => 1.0,
            Self::Cosine => (0.5 * (1.0 + (std::f64::consts::PI * done).cos())) as f32,
            Self::Steps if done < 0.5 => 1.0,
            Self::Steps if done < 0.75 => 0.1,
            Self::Steps => 0.01,
        }
    }
}

/// The running moments of all weights.
pub(crate) struct State {
    optimiser: Optimiser,
    weight_decay: f32,
    first: Vec<Vec<f32>>,
    second: Vec<Vec<f32>>,
    steps: i32,
}

impl State {
    /// Nothing moved yet; `sizes` are the numbers of values of each weight.
    pub(crate) fn new(optimiser: Optimiser, weight_decay: f32, sizes: &[usize]) -> Self {
        let zeros: Vec<Vec<f32>> = sizes.iter().map(|size| vec![0.0; *size]).collect();
        Self { optimiser, weight_decay, second: zeros.clone(), first: zeros, steps: 0 }
    }

    /// Begins a step.
    pub(crate) fn advance(&mut self) {
        self.steps = self.steps.saturating_add(1);
    }

    /// Moves weight `index` against its gradient.
    pub(crate) fn apply(&mut self, index: usize, values: &mut [f32], slopes: &[f32], rate: f32) {
        let moments = self.first[index].iter_mut().zip(&mut self.second[index]);
        let decay = self.weight_decay;
        match self.optimiser {
            Optimiser::Sgd { momentum } => {
                for ((value, slope), (first, _)) in values.iter_mut().zip(slopes).zip(moments) {
                    *first = momentum * *first + slope + decay * *value;
                    *value -= rate * *first;
                }
            }
            Optimiser::Adam => {
                let fix_first = 1.0 - 0.9_f32.powi(self.steps);
                let fix_second = 1.0 - 0.999_f32.powi(self.steps);
                for ((value, slope), (first, second)) in values.iter_mut().zip(slopes).zip(moments) {
                    *first = 0.9 * *first + 0.1 * slope;
                    *second = 0.999 * *second + 0.001 * slope * slope;
                    // Decay apart from the moments (Loshchilov and Hutter, ICLR 2019).
                    *value -=
                        rate * (*first / fix_first / ((*second / fix_second).sqrt() + 1e-8) + decay * *value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_rules_find_the_bottom_of_a_bowl() {
        for (optimiser, rate) in [(Optimiser::Sgd { momentum: 0.9 }, 0.02), (Optimiser::Adam, 0.05)] {
            let mut state = State::new(optimiser, 0.0, &[1]);
            let mut at = [3.0_f32];
            for step in 0..400 {
                state.advance();
                let slope = [2.0 * (at[0] - 1.0)];
                state.apply(0, &mut at, &slope, rate * Schedule::Cosine.factor(f64::from(step) / 400.0));
            }
            assert!((at[0] - 1.0).abs() < 0.01, "{optimiser:?} {at:?}");
        }
    }
}
