//! Attacks models behind endpoints: those that the user named, and those that the declaration permits where the user
//! says `--live`. The rows of every attack go through a journal, so a run that was stopped goes on where it was.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use vauban_attacks::sanity::through_endpoint;
use vauban_attacks::{Samples, Suite, share};
use vauban_connect::serve::{Header, Sample, Scope, ServedModel, WallClock};
use vauban_domain::{
    Asset, AssetKind, Confidence, Declaration, DeclaredTarget, Layer, Limit, Outcome, SanityCheck, TestScope,
    Verdict,
};

use crate::attack::{Attacked, Examples, Subject, measure, norm};
use crate::data::{self, Place};
use crate::discover::{Discovered, find};
use crate::{Progress, Request};

/// Runs the standard attacks on every served model that has a test.
///
/// A model that may not be asked, or does not answer, leaves a limit that says why; one that was asked and failed leaves
/// failed outcomes, too.
pub(crate) fn attack(
    request: &Request,
    discovered: &Discovered,
    declaration: &Declaration,
    progress: &dyn Progress,
    attacked: &mut Attacked,
) {
    for test in declaration.tests.iter().filter(|test| !test.served.is_empty()) {
        let named = request.served.as_ref().filter(|target| target.name == test.served);
        let declared = declaration.targets.iter().find(|target| target.name == test.served);
        let Some(target) = named.or(declared) else { continue };
        let mut limit = |what: String| attacked.limits.push(Limit { place: target.url.clone(), what });
        if request.live.offline {
            limit("was not attacked, because --offline forbids it".to_owned());
            continue;
        }
        if named.is_none() && !request.live.declared {
            limit("is declared as a target and was not attacked; add --live to attack it".to_owned());
            continue;
        }
        let asset = asset_of(discovered, target);
        if let Err(error) = run(request, target, test, &asset, progress, attacked) {
            let why = format!("{error:#}");
            for rule in vauban_attacks::rules::RULES {
                let (rule, verdict) = (rule.id.clone(), Verdict::Failed(why.clone()));
                attacked.outcomes.push(Outcome { rule, asset: asset.id.clone(), verdict });
            }
            attacked
                .limits
                .push(Limit { place: target.url.clone(), what: format!("was not attacked: {why}") });
        }
        if find(&discovered.assets, &asset.id).is_none() {
            attacked.assets.push(asset);
        }
    }
}

/// Sends the examples found on models in files to where these models are deployed, if the user says `--live`: an example
/// counts for little if the service answers it rightly.
pub(crate) fn confirm(
    request: &Request,
    declaration: &Declaration,
    progress: &dyn Progress,
    attacked: &mut Attacked,
) {
    for test in declaration.tests.iter().filter(|test| test.served.is_empty() && !test.endpoint.is_empty()) {
        let Some(target) = declaration.targets.iter().find(|target| target.name == test.endpoint) else {
            attacked.limits.push(Limit {
                place: test.model.clone(),
                what: format!(
                    "no [[target]] is called `{}`; the examples were not sent there",
                    test.endpoint
                ),
            });
            continue;
        };
        if request.live.offline || !request.live.declared {
            let what = "was not asked about the examples found; add --live to ask it".to_owned();
            attacked.limits.push(Limit { place: target.url.clone(), what });
            continue;
        }
        let Some(found) = attacked.examples.iter().find(|found| found.model == test.model) else { continue };
        progress.begin(&format!("ask {} about {} examples", target.url, found.rows.len()), 0);
        match ask(request, target, found) {
            Ok(check) => {
                let worst = attacked
                    .measurements
                    .iter_mut()
                    .find(|measured| measured.attack == "worst-case" && measured.asset == found.asset);
                worst.into_iter().for_each(|worst| worst.sanity.push(check.clone()));
            }
            Err(error) => attacked.limits.push(Limit {
                place: target.url.clone(),
                what: format!("was not asked about the examples found: {error:#}"),
            }),
        }
    }
}

fn ask(request: &Request, target: &DeclaredTarget, found: &Examples) -> anyhow::Result<SanityCheck> {
    Scope::new(target)?;
    let headers = headers(target, request.live.environment)?;
    let width = found.shape.iter().product::<usize>();
    let Some(row) = found.elements.get(..width).filter(|row| !row.is_empty()) else {
        bail!("no example was found");
    };
    let classes = found.labels.iter().copied().max().map_or(2, |most| usize::try_from(most).unwrap_or(1) + 1);
    let sample = Sample { row, shape: &found.shape, classes: classes.max(2) };
    let journal = journal(&request.root, target);
    let model = ServedModel::connect(target, headers, &journal, sample, Box::new(WallClock::default()))?;
    Ok(through_endpoint(model.access().labels(), &found.elements, &found.labels)?)
}

/// The endpoint that was found at the address, or one made for it.
fn asset_of(discovered: &Discovered, target: &DeclaredTarget) -> Asset {
    let below = |name: &str| {
        let rest = target.url.strip_prefix(name.trim_end_matches('/'));
        name.contains("://") && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let known = discovered.assets.iter().filter(|asset| asset.kind == AssetKind::Endpoint);
    let known = known.filter(|asset| below(&asset.name)).max_by_key(|asset| asset.name.len());
    known.cloned().unwrap_or_else(|| {
        Asset::new(
            AssetKind::Endpoint,
            "inference_endpoint",
            Layer::FoundationModels,
            &target.url,
            Confidence::Verified,
            target.locator.clone(),
        )
    })
}

fn run(
    request: &Request,
    target: &DeclaredTarget,
    test: &TestScope,
    asset: &Asset,
    progress: &dyn Progress,
    attacked: &mut Attacked,
) -> anyhow::Result<()> {
    // Before anything is read: what is not permitted needs no data.
    Scope::new(target)?;
    let headers = headers(target, request.live.environment)?;
    let samples =
        data::samples(&request.root, Place::of(test), data::schema(&request.root, &test.schema)?.as_ref())?;
    let seen = check(&samples, target)?;
    let journal = journal(&request.root, target);
    progress.begin(&format!("ask {}", target.url), 0);
    let sample =
        Sample { row: samples.row(0), shape: samples.shape.get(1..).unwrap_or_default(), classes: seen };
    let model = ServedModel::connect(target, headers, &journal, sample, Box::new(WallClock::default()))?;
    let level = model.access().level();
    let count = (test.samples as usize).min(samples.len());
    let suite = Suite::named(&test.suite).unwrap_or_default();
    let norm = norm(&test.norm);
    let queries = share(target.budget, count, level, suite, norm, &test.attacks).min(test.queries);
    ensure!(
        queries > 0,
        "a budget of {} queries is less than one for each sample and attack; raise it, or lower the samples",
        target.budget
    );
    let test = TestScope { queries, ..test.clone() };
    let before = attacked.measurements.len();
    let subject = Subject {
        asset: &asset.id,
        target: model.access(),
        proof: Err("the model is behind an endpoint"),
        samples: &samples,
        test: &test,
    };
    measure(&request.root, &subject, &request.previous, progress, attacked).with_context(|| {
        format!("what was answered is kept in `{}`; the same command goes on from there", journal.display())
    })?;
    let mut notes = vec![format!(
        "{} of {} permitted queries were sent to {}; they are in `{}`",
        model.sent(),
        model.budget(),
        model.address(),
        journal.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    )];
    notes.extend(model.closed().map(|why| format!("nothing more was sent: {why}")));
    for measurement in &mut attacked.measurements[before..] {
        measurement.parameters.insert("served".to_owned(), model.address());
        if measurement.attack == "worst-case" {
            measurement.notes.append(&mut notes);
        }
    }
    Ok(())
}

/// Where the journal of a target is.
fn journal(root: &Path, target: &DeclaredTarget) -> PathBuf {
    if !target.journal.is_empty() {
        return root.join(&target.journal);
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: String = target.name.chars().map(plain).collect();
    root.join("vauban-journal").join(format!("{}.jsonl", name.trim_matches('.')))
}

/// Samples must be such that the declared bounds hold for them; returns the classes that their labels show.
fn check(samples: &Samples, target: &DeclaredTarget) -> anyhow::Result<usize> {
    ensure!(!samples.is_empty(), "there are no samples");
    ensure!(
        samples.shape.first() == Some(&samples.len())
            && samples.len() * samples.width() == samples.inputs.len(),
        "inputs of shape {:?} do not go with {} labels",
        samples.shape,
        samples.len()
    );
    let (low, high) = samples
        .inputs
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    if low < target.low as f32 || high > target.high as f32 {
        bail!(
            "the inputs reach from {low} to {high}, outside the bounds {} to {}; state `low` and `high`",
            target.low,
            target.high
        );
    }
    let largest = samples.labels.iter().copied().max().unwrap_or(0);
    Ok(usize::try_from(largest).unwrap_or(0).saturating_add(1).max(2))
}

/// Headers with the values that the environment holds. Without one of them nothing is sent: an endpoint that wants a
/// token is not to be asked without.
fn headers(target: &DeclaredTarget, environment: fn(&str) -> Option<String>) -> anyhow::Result<Vec<Header>> {
    let secret = |variable: &str| {
        environment(variable)
            .filter(|value| !value.is_empty())
            .with_context(|| format!("the environment has no `{variable}`; nothing was sent"))
    };
    let header = |name: &str, value: String| Header { name: name.to_lowercase(), value };
    let mut headers: Vec<Header> =
        target.headers.iter().map(|(name, value)| header(name, value.clone())).collect();
    for (name, variable) in &target.headers_env {
        headers.push(header(name, secret(variable)?));
    }
    if !target.token_env.is_empty() {
        headers.push(header("authorization", format!("Bearer {}", secret(&target.token_env)?)));
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_its_token_nothing_is_sent() {
        let target = DeclaredTarget { token_env: "TOKEN".to_owned(), ..DeclaredTarget::default() };
        assert!(headers(&target, |_| None).is_err());
        let sent = headers(&target, |name| (name == "TOKEN").then(|| "abc".to_owned())).unwrap();
        assert_eq!(sent, [Header { name: "authorization".to_owned(), value: "Bearer abc".to_owned() }]);
    }
}
