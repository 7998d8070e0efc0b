//! What is asked of a model beside evasion in a ball: who was in its data, what a row of a table can be, and what holds
//! under noise.

use std::path::Path;

use anyhow::Context;
use vauban_attacks::certify::smoothing::{Smoothing, certified_accuracy, certify};
use vauban_attacks::tabular::{self, Schema, TabularTerms};
use vauban_attacks::{Suite, attribute, extraction, inversion, membership, pick};
use vauban_domain::{Curve, Interval, Measurement};
use vauban_formats::tabular_schema::TabularSchema;

use crate::Progress;
use crate::attack::Subject;
use crate::data::{self, Place};

/// Samples that get a certificate by smoothing: each costs more than a thousand queries.
const SMOOTHED: usize = 200;

/// Samples of each side that membership is inferred on.
const MEMBERS: usize = 1_000;

/// Runs what the test asks for beside evasion.
pub(crate) fn measure(
    root: &Path,
    subject: &Subject<'_>,
    progress: &dyn Progress,
) -> anyhow::Result<Vec<Measurement>> {
    let test = subject.test;
    let mut measurements = Vec::new();
    let schema = data::schema(root, &test.schema)?;
    if let Some(schema) = &schema {
        progress.begin(&format!("attack {} within {}", test.model, test.schema), 0);
        let schema = Schema::new(schema)?;
        let terms =
            TabularTerms { eps: test.eps, queries: test.queries, seed: test.seed, ..TabularTerms::default() };
        let samples = subject.samples.first((test.samples as usize).max(1));
        measurements
            .push(tabular::caa(subject.target, &samples, &schema, &terms)?.measurement(subject.asset));
    }
    if !test.train_inputs.is_empty() {
        progress.begin(&format!("infer membership in the data of {}", test.model), 0);
        measurements.extend(members(root, subject, schema.as_ref())?);
    }
    for name in &test.hidden_columns {
        progress.begin(&format!("infer the column {name} from {}", test.model), 0);
        measurements.push(attribute(subject, schema.as_ref(), name)?);
    }
    if test.suite == Suite::Full.as_str() && test.attacks.is_empty() && test.served.is_empty() {
        progress.begin(&format!("copy {} by every strategy", test.model), 0);
        let copies = extraction::Parameters::with_budget(test.queries as usize, test.seed);
        let (target, samples) = (subject.target, subject.samples);
        measurements.push(extraction::compare(subject.asset, target, target, samples, &copies)?);
        if target.scores().is_some() {
            progress.begin(&format!("invert {}", test.model), 0);
            let queries = test.queries as usize;
            let parameters = inversion::Parameters { queries, restarts: 3, prior: 0.5, seed: test.seed };
            let found = inversion::run(target, &parameters)?;
            let quality = inversion::judge(&found, samples, target.labels().classes());
            let level = target.level();
            measurements.push(inversion::measurement(subject.asset, level, &found, &quality, &parameters));
        }
    }
    if test.smoothing > 0.0 {
        progress.begin(&format!("certify {} by smoothing", test.model), 0);
        measurements.push(smooth(subject)?);
    }
    for measurement in &mut measurements {
        measurement.reproduce = crate::attack::reproduce(test);
    }
    Ok(measurements)
}

/// How well a hidden column can be told from the others and the model's answers: of the first half of the samples, by an
/// attacker who owns the other half.
fn attribute(
    subject: &Subject<'_>,
    schema: Option<&TabularSchema>,
    name: &str,
) -> anyhow::Result<Measurement> {
    let named = schema.and_then(|schema| schema.columns.iter().position(|column| column.name == name));
    let column = named.or_else(|| name.parse().ok()).with_context(|| {
        format!("there is no column `{name}`; give a number from 0, or a name of the schema")
    })?;
    let samples = subject.samples;
    let half = samples.len() / 2;
    let known = pick(samples, &(half..samples.len()).collect::<Vec<_>>());
    let parameters = attribute::Parameters::new(vec![column], subject.test.seed);
    let inferred = attribute::run(subject.target, &samples.first(half), &known, &parameters)?;
    Ok(inferred.measurement(subject.asset))
}

/// Membership of the training data against the samples, which were not in it.
fn members(
    root: &Path,
    subject: &Subject<'_>,
    schema: Option<&TabularSchema>,
) -> anyhow::Result<Vec<Measurement>> {
    let test = subject.test;
    let place =
        Place { inputs: &test.train_inputs, labels: &test.train_labels, label_column: &test.label_column };
    let members = data::samples(root, place, schema)?.first(MEMBERS);
    let others = subject.samples.first(MEMBERS);
    let parameters = membership::Parameters::new(test.seed);
    let inferred = membership::run(subject.target, &members, &others, &parameters)?;
    Ok(membership::measurements(subject.asset, subject.target.level().as_str(), &inferred, test.seed))
}

/// Certified accuracy of the model under Gaussian noise, against the radius.
fn smooth(subject: &Subject<'_>) -> anyhow::Result<Measurement> {
    let test = subject.test;
    let samples = subject.samples.first(SMOOTHED.min((test.samples as usize).max(1)));
    let smoothing = Smoothing { sigma: test.smoothing as f32, seed: test.seed, ..Smoothing::default() };
    let certified = certify(subject.target.labels(), &samples, &smoothing)?;
    let radii: Vec<f64> = (0..=8).map(|quarter| test.smoothing * f64::from(quarter) / 4.0).collect();
    let curve = certified_accuracy(&certified, &samples.labels, &radii);
    let abstained = certified.iter().filter(|sample| sample.class.is_none()).count();
    // The share that is right at all, with any radius: at radius zero.
    let (_, value, interval) = curve.first().copied().unwrap_or((0.0, 0.0, Interval::wilson(0, 0)));
    let parameters = [
        ("abstained", abstained.to_string()),
        ("alpha", smoothing.alpha.to_string()),
        ("norm", "l2".to_owned()),
        ("sigma", smoothing.sigma.to_string()),
    ];
    Ok(Measurement {
        techniques: vec!["AML.T0015".into(), "AML.T0043".into()],
        value,
        interval,
        trials: samples.len() as u64,
        queries: certified.iter().map(|sample| u64::from(sample.queries)).sum(),
        seed: test.seed,
        parameters: parameters.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        curves: vec![Curve {
            x: "radius, L2".to_owned(),
            y: "certified accuracy of the smoothed model".to_owned(),
            points: curve.iter().map(|(radius, share, _)| (*radius, *share)).collect(),
        }],
        notes: vec![
            "the certificate is about the model with noise around it, as it would have to be deployed"
                .to_owned(),
        ],
        ..Measurement::new(subject.asset, "smoothing", "certified-accuracy-smoothed")
    })
}
