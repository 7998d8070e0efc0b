//! Common corruptions of pictures: noise, blur, light, weather and storage, in five severities.
//!
//! Strengths are those of CIFAR-10-C up to 32 pixels a side; blurs, waves and tiles grow with larger pictures. The
//! kinds are those of the paper that need no photograph; snow, frost, rain and zoom are left out.

mod blur;
mod light;
mod noise;
mod storage;

use rand_pcg::Pcg64;

use super::picture::Picture;
use super::seeker::{Answer, Goal, Oracle, Seeker, most_rows, seek};
use super::{Attack, Modality, Norm, SampleResult, Terms, generator};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, LabelTarget, TargetError};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "common-corruptions",
    title: "noise, blur, light, weather and storage at severity 3; a sample is broken if any of them breaks it",
    paper: "Hendrycks, Dietterich, Benchmarking Neural Network Robustness to Common Corruptions, ICLR 2019, arXiv:1903.12261",
    access: AccessLevel::Labels,
    norm: Norm::Unbounded,
    minimal: false,
    modality: Modality::Pictures,
    techniques: &["AML.T0043@2026.09"],
    parameters: &[("corruptions", "all that suit the picture"), ("severity", "3")],
    run: |access, samples, terms| Some(run(access.labels(), samples, terms, 3)),
};

/// A picture in \[0, 1\] and what its corruption needs to know.
struct Canvas<'a> {
    values: Vec<f32>,
    picture: Picture,
    /// 0 to 4.
    level: usize,
    random: &'a mut Pcg64,
}

impl Canvas<'_> {
    /// How much larger than 32 pixels a side the picture is; at least 1.
    fn scale(&self) -> f32 {
        (self.picture.side() as f32 / 32.0).max(1.0)
    }

    /// Calls `change` with each channel as a plane of rows, and takes it back.
    fn planes(&mut self, mut change: impl FnMut(&mut Vec<f32>, Picture, &mut Pcg64)) {
        let picture = self.picture;
        for channel in 0..picture.channels {
            let places = move || {
                (0..picture.height).flat_map(move |row| {
                    (0..picture.width).map(move |column| picture.at(channel, row, column))
                })
            };
            let mut plane: Vec<f32> = places().map(|at| self.values[at]).collect();
            change(&mut plane, Picture { channels: 1, channels_last: false, ..picture }, self.random);
            places().zip(plane).for_each(|(at, value)| self.values[at] = value);
        }
    }
}

/// One kind of corruption.
#[derive(Clone, Copy)]
pub struct Corruption {
    /// Name, `gaussian-noise`.
    pub name: &'static str,
    /// Channels it needs, if it does.
    channels: Option<usize>,
    apply: fn(&mut Canvas<'_>),
}

const fn any(name: &'static str, apply: fn(&mut Canvas<'_>)) -> Corruption {
    Corruption { name, channels: None, apply }
}

/// Every corruption, sorted by name.
pub const CORRUPTIONS: &[Corruption] = &[
    any("brightness", light::brightness),
    any("contrast", light::contrast),
    any("defocus-blur", blur::defocus),
    any("elastic", storage::elastic),
    any("fog", light::fog),
    any("gaussian-blur", blur::gaussian),
    any("gaussian-noise", noise::gaussian),
    any("impulse-noise", noise::impulse),
    any("jpeg", storage::jpeg),
    any("motion-blur", blur::motion),
    any("pixelate", storage::pixelate),
    Corruption { name: "saturate", channels: Some(3), apply: light::saturate },
    any("shot-noise", noise::shot),
    any("speckle-noise", noise::speckle),
];

impl Corruption {
    /// Whether it can be done to such a picture.
    pub fn suits(&self, picture: Picture) -> bool {
        self.channels.is_none_or(|channels| channels == picture.channels)
    }

    /// `original` corrupted at `severity`, 1 to 5; values stay in `bounds`.
    pub fn apply(
        &self,
        original: &[f32],
        picture: Picture,
        bounds: Bounds,
        severity: u8,
        random: &mut Pcg64,
    ) -> Vec<f32> {
        let range = (bounds.high - bounds.low).max(f32::MIN_POSITIVE);
        let values = original.iter().map(|x| ((x - bounds.low) / range).clamp(0.0, 1.0)).collect();
        let level = usize::from(severity.clamp(1, 5) - 1);
        let mut canvas = Canvas { values, picture, level, random };
        (self.apply)(&mut canvas);
        canvas.values.iter().map(|x| bounds.clamp(bounds.low + range * x.clamp(0.0, 1.0))).collect()
    }
}

/// The corruptions of one sample, each drawn from its own stream.
struct Corrupter<'a> {
    original: &'a [f32],
    picture: Picture,
    bounds: Bounds,
    severity: u8,
    seed: u64,
    sample: usize,
    next: usize,
}

fn corrupted(
    corruption: &Corruption,
    original: &[f32],
    picture: Picture,
    bounds: Bounds,
    severity: u8,
    (seed, sample): (u64, usize),
) -> Vec<f32> {
    let mut random = generator(seed, corruption.name, sample * 8 + usize::from(severity));
    corruption.apply(original, picture, bounds, severity, &mut random)
}

impl Seeker for Corrupter<'_> {
    fn ask(&mut self, left: u32, points: &mut Vec<f32>) {
        let most = (left as usize).min(most_rows(self.original.len())).max(1);
        let mut asked = 0;
        while self.next < CORRUPTIONS.len() && asked < most {
            let corruption = &CORRUPTIONS[self.next];
            self.next += 1;
            if corruption.suits(self.picture) {
                let stream = (self.seed, self.sample);
                points.extend(corrupted(
                    corruption,
                    self.original,
                    self.picture,
                    self.bounds,
                    self.severity,
                    stream,
                ));
                asked += 1;
            }
        }
    }

    fn tell(&mut self, _: &[f32], _: &[Answer]) {}
}

/// Asks about every corruption of each sample at `severity`, 1 to 5.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn LabelTarget,
    samples: &Samples,
    terms: &Terms,
    severity: u8,
) -> Result<Vec<SampleResult>, TargetError> {
    let picture = Picture::guess(&samples.shape, samples.width());
    seek(Oracle::Labels(target), samples, terms, Goal::Within(Norm::Unbounded), |sample, _| Corrupter {
        original: samples.row(sample),
        picture,
        bounds: target.bounds(),
        severity,
        seed: terms.seed,
        sample,
        next: 0,
    })
}

/// How many samples a model gets right under one corruption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorruptionAccuracy {
    /// Name of the corruption.
    pub corruption: &'static str,
    /// Severity, 1 to 5.
    pub severity: u8,
    /// Samples the model gets right.
    pub right: u64,
    /// Samples asked about.
    pub trials: u64,
}

impl CorruptionAccuracy {
    /// Share of samples the model gets right.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.trials.max(1) as f64
    }
}

/// Accuracy under each corruption that suits the pictures, at each severity; the mean over all is the paper's mean
/// corruption accuracy. Costs one query per sample, corruption and severity.
///
/// # Errors
/// When the target fails, refuses, or its budget is spent.
pub fn accuracies(
    target: &dyn LabelTarget,
    samples: &Samples,
    seed: u64,
) -> Result<Vec<CorruptionAccuracy>, TargetError> {
    let (picture, bounds) = (Picture::guess(&samples.shape, samples.width()), target.bounds());
    let batch = most_rows(samples.width()).min(128);
    let mut accuracies = Vec::new();
    for corruption in CORRUPTIONS.iter().filter(|corruption| corruption.suits(picture)) {
        for severity in 1..=5 {
            let mut right = 0;
            for start in (0..samples.len()).step_by(batch) {
                let range = start..(start + batch).min(samples.len());
                let points: Vec<f32> = range
                    .clone()
                    .flat_map(|sample| {
                        let row = samples.row(sample);
                        corrupted(corruption, row, picture, bounds, severity, (seed, sample))
                    })
                    .collect();
                let labels = target.labels(&points)?;
                let agree = labels.iter().zip(&samples.labels[range]);
                right += agree.filter(|(label, truth)| i64::from(**label) == **truth).count() as u64;
            }
            let trials = samples.len() as u64;
            accuracies.push(CorruptionAccuracy { corruption: corruption.name, severity, right, trials });
        }
    }
    Ok(accuracies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> (Vec<f32>, Picture) {
        let picture = Picture::guess(&[1, 3, 16, 12], 576);
        ((0..576).map(|at| ((at * 37) % 101) as f32 / 100.0).collect(), picture)
    }

    #[test]
    fn every_corruption_changes_a_picture_stays_in_the_box_and_repeats() {
        let (original, picture) = picture();
        let bounds = Bounds { low: -1.0, high: 1.0 };
        assert!(CORRUPTIONS.is_sorted_by_key(|corruption| corruption.name));
        for corruption in CORRUPTIONS {
            for severity in 1..=5 {
                let make = || corrupted(corruption, &original, picture, bounds, severity, (1, 2));
                let out = make();
                assert_eq!(out, make(), "{}", corruption.name);
                assert!(out.iter().all(|x| (-1.0..=1.0).contains(x)), "{}", corruption.name);
                assert_ne!(out, original, "{} {severity}", corruption.name);
            }
        }
    }

    #[test]
    fn severe_is_further_away_than_mild() {
        let (original, picture) = picture();
        // Saturation first falls and then rises: its severities are not in order of distance in the paper either.
        for corruption in CORRUPTIONS.iter().filter(|corruption| corruption.name != "saturate") {
            let away = |severity| {
                let out = corrupted(corruption, &original, picture, Bounds::default(), severity, (1, 2));
                super::super::result::l2(&original, &out)
            };
            assert!(away(5) > away(1), "{}: {} and {}", corruption.name, away(1), away(5));
        }
    }

    #[test]
    fn thin_and_tiny_pictures_do_no_harm() {
        for shape in [[1, 1, 1, 1], [1, 1, 1, 7], [1, 3, 2, 1], [1, 4, 2, 3]] {
            let elements: usize = shape.iter().product();
            let picture = Picture::guess(&shape, elements);
            let original = vec![0.3; elements];
            for corruption in CORRUPTIONS.iter().filter(|corruption| corruption.suits(picture)) {
                let out = corrupted(corruption, &original, picture, Bounds::default(), 5, (1, 2));
                assert!(out.len() == elements && out.iter().all(|x| x.is_finite()), "{}", corruption.name);
            }
        }
    }
}
