//! Replays attacks through detections and declared controls.
//!
//! The attacker has ten minutes and sends five requests a second; its queries become events of one more client among
//! the ordinary clients of the model's log, and the detections read the whole. Then the same with each declared
//! control that can be switched on here, and with all of them. Times are made up, nothing is sent anywhere.

mod play;
mod traffic;

use rayon::prelude::*;
use vauban_domain::{Claim, ControlSetting, Declaration, Exercise, ExerciseRun, Measurement, TestScope};
use vauban_formats::declaration::Pattern;
use vauban_knowledge::Knowledge;

use crate::Progress;
use crate::attack::Ready;
use crate::detection::{Watched, WatchedLog};
use play::{Attack, Played, play};

/// An exercise and the measurements its runs took.
#[derive(Debug)]
pub(crate) struct Exercised {
    pub(crate) exercise: Exercise,
    pub(crate) measurements: Vec<Measurement>,
}

/// Minutes that the attacker has.
const MINUTES: u32 = 10;
/// Requests that the attacker sends in a minute when nothing stops it.
const PER_MINUTE: u32 = 300;

/// A declared control that can be switched on.
#[derive(Debug, Clone)]
struct Control {
    setting: ControlSetting,
    switch: Switch,
}

/// What a control does to the attacker.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Switch {
    /// At most so many requests a minute are answered.
    RateLimit(u32),
    /// Scores have so many decimals.
    Rounding(u32),
}

/// Whether the attacks that the owner names for exercises can be replayed.
///
/// # Errors
/// What is wrong with the first that cannot.
pub(crate) fn attacks(scope: &TestScope) -> Result<(), String> {
    Attack::of(scope).map(drop)
}

/// Attacks every ready model with and without the controls declared for it.
pub(crate) fn exercise(
    ready: &[Ready],
    watched: &Watched,
    declaration: &Declaration,
    knowledge: &Knowledge,
    progress: &dyn Progress,
) -> Vec<Exercised> {
    let planned: Vec<(&Ready, Attack)> = ready
        .iter()
        .flat_map(|ready| {
            Attack::of(&ready.scope).unwrap_or_default().into_iter().map(move |attack| (ready, attack))
        })
        .collect();
    progress.begin("exercise", planned.len() as u64);
    let exercised: Vec<Option<Exercised>> = planned
        .into_par_iter()
        .map(|(ready, attack)| {
            let exercised = conduct(ready, attack, watched, declaration, knowledge);
            progress.advance(1);
            exercised
        })
        .collect();
    let mut exercised: Vec<Exercised> = exercised.into_iter().flatten().collect();
    exercised.sort_by(|one, other| one.exercise.id.cmp(&other.exercise.id));
    exercised
}

/// One attack on one model; `None` if it cannot be run.
fn conduct(
    ready: &Ready,
    attack: Attack,
    watched: &Watched,
    declaration: &Declaration,
    knowledge: &Knowledge,
) -> Option<Exercised> {
    let id = format!("{}:{}", attack.name(), ready.asset);
    let log = log_of(ready, watched);
    let controls = controls_of(ready, declaration);
    let mut transcript = vec![format!(
        "attack {} on {}: {MINUTES} minutes at {PER_MINUTE} requests a minute, seed {}",
        attack.name(),
        ready.asset,
        ready.scope.seed
    )];
    transcript.push(match log {
        Some(log) => format!(
            "its requests are put among {} of the ordinary clients in `{}`",
            log.ordinary.len(),
            log.place
        ),
        None => "no log holds requests to this model, so that no detection could read these".to_owned(),
    });
    let mut sets: Vec<Vec<&Control>> = vec![Vec::new()];
    sets.extend(controls.iter().map(|control| vec![control]));
    if controls.len() > 1 {
        sets.push(controls.iter().collect());
    }
    let (mut runs, mut measurements, mut holding) =
        (Vec::<ExerciseRun>::new(), Vec::<Measurement>::new(), Vec::new());
    for set in sets {
        let played = match play(ready, attack, &set, log, knowledge) {
            Ok(played) => played,
            Err(error) => {
                transcript.push(format!("the attack could not be run: {error}"));
                break;
            }
        };
        let measurement = played.measurement(ready, attack, &set, &id);
        let run = played.run(&set, &measurement);
        transcript.push(tell(&set, &played, &run));
        if let ([control], Some(bare)) = (set.as_slice(), measurements.first()) {
            let (holds, why) = judge(control, &measurement, bare, log);
            transcript.push(format!("{}: {why}", control.setting.control));
            if holds {
                holding.push(control.setting.control.clone());
            }
        }
        runs.push(run);
        measurements.push(measurement);
    }
    let detected = !runs.first()?.alerts.is_empty();
    holding.sort();
    let exercise = Exercise {
        id,
        asset: ready.asset.clone(),
        techniques: attack.techniques().iter().map(|id| (*id).into()).collect(),
        attack: attack.name().to_owned(),
        runs,
        detected,
        holding,
        // The traffic is made up: its alerts are in the runs, never among the findings of the estate.
        findings: Vec::new(),
        transcript,
    };
    Some(Exercised { exercise, measurements })
}

/// The log with requests as long as the model's inputs: the one about the model itself before others.
fn log_of<'a>(ready: &Ready, watched: &'a Watched) -> Option<&'a WatchedLog> {
    let width = ready.samples.width();
    let fits = |log: &&WatchedLog| {
        let input = log.ordinary.first().and_then(|event| event.numbers("ml.request.input"));
        input.is_some_and(|input| input.len() == width)
    };
    let own = watched.logs.iter().filter(fits).find(|log| log.assets.contains(&ready.asset));
    own.or_else(|| watched.logs.iter().find(fits))
}

/// The declared controls that can be switched on, one of each kind, sorted.
fn controls_of(ready: &Ready, declaration: &Declaration) -> Vec<Control> {
    let mut controls: Vec<Control> = declaration
        .claims
        .iter()
        .filter(|claim| claim.applies_to.iter().any(|applies| covers(applies, ready, declaration)))
        .filter_map(control_of)
        .collect();
    controls.sort_by(|one, other| one.setting.control.cmp(&other.setting.control));
    controls.dedup_by(|one, other| one.setting.control == other.setting.control);
    controls
}

fn control_of(claim: &Claim) -> Option<Control> {
    let whole = |key: &str| {
        claim.settings.get(key).filter(|value| (0.0..=1e6).contains(*value)).map(|value| *value as u32)
    };
    let (switch, setting) = match claim.control.as_str() {
        "rate-limit" => {
            let limit = whole("requests_per_minute")?;
            let total = limit.saturating_mul(MINUTES);
            let words = format!("at most {limit} requests a minute per client, {total} in {MINUTES} minutes");
            (Switch::RateLimit(limit), words)
        }
        "output-rounding" => {
            let decimals = whole("decimals")?;
            (Switch::Rounding(decimals), format!("scores rounded to {decimals} decimals"))
        }
        _ => return None,
    };
    Some(Control { setting: ControlSetting { control: claim.control.clone(), setting }, switch })
}

/// Whether a claim's pattern, or a system of that name, takes in the model.
fn covers(pattern: &str, ready: &Ready, declaration: &Declaration) -> bool {
    let names = |pattern: &str| match Pattern::new(pattern) {
        Pattern::Id(id) => id == ready.asset,
        Pattern::Path(_, glob) => glob.is_match(&ready.scope.model),
        Pattern::Broken => false,
    };
    let system = declaration.systems.iter().find(|system| system.name == pattern);
    system.map_or_else(|| names(pattern), |system| system.assets.iter().any(|pattern| names(pattern)))
}

/// Successes without a control from which halving them says something.
const ENOUGH: f64 = 10.0;

/// A control holds if the intervals of success without and with it do not overlap, or if it halves ten successes or
/// more; and if the log does not show that it is not on.
fn judge(
    control: &Control,
    with: &Measurement,
    bare: &Measurement,
    log: Option<&WatchedLog>,
) -> (bool, String) {
    let (before, after) = (bare.interval, with.interval);
    let apart = after.high < before.low;
    let halved = bare.value * bare.trials as f64 >= ENOUGH && with.value <= bare.value / 2.0;
    let change = format!(
        "success {:.2} ({:.2}-{:.2}) instead of {:.2} ({:.2}-{:.2}) in {MINUTES} minutes",
        with.value, after.low, after.high, bare.value, before.low, before.high
    );
    let why = match (apart, halved) {
        (true, _) => "the intervals do not overlap",
        (false, true) => "the intervals overlap, but success is halved or less",
        (false, false) => return (false, format!("changes too little to tell: {change}")),
    };
    match log.and_then(|log| traffic::contradiction(control.switch, log)) {
        Some(contradiction) => (false, format!("would hold: {change}; {why}; but {contradiction}")),
        None => (true, format!("holds: {change}; {why}")),
    }
}

fn tell(set: &[&Control], played: &Played, run: &ExerciseRun) -> String {
    let controls = match set {
        [] => "without controls".to_owned(),
        set => set.iter().map(|control| control.setting.setting.as_str()).collect::<Vec<_>>().join(" and "),
    };
    let alerts = match run.seconds_to_alert {
        Some(seconds) => format!("{} after {seconds:.0} seconds", run.alerts.join(", ")),
        None => "no alert".to_owned(),
    };
    format!(
        "{controls}: {} of {} succeed with {} requests, {} refused; {alerts}",
        played.successes, played.trials, run.requests, run.refused
    )
}
