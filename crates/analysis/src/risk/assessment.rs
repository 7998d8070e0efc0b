//! From threats to money: one scenario for each system and kind of impact that the owner put a price on.

use std::collections::BTreeMap;

use vauban_domain::{LossCurve, LossPoint, Risk, Scenario, words::amount};

use super::simulation::{LossInput, Simulation, simulate};
use super::uncertainty::{Draw, count, draws, middle};
use super::{appetite, tornado};
use crate::graph::assumptions::{
    FURTHER_ASSET, FURTHER_CAUSE, FURTHER_THREAT, PRIOR_LOSSES, PRIOR_YEARS, RESIDUAL, losses,
};
use crate::graph::{Evaluation, LossKind, LossRate, ThreatGraph};

/// Simulated years of a review, unless the caller says otherwise: the 1 % tail then has two thousand of them.
pub const TRIALS: u64 = 200_000;
/// Threats named per scenario.
const THREATS: usize = 20;
/// Threats whose part is told in the basis.
const PARTS: usize = 3;

/// Simulates `trials` years of all declared losses; `after` is the same graph with the weights of the plan's controls, for
/// the second curve. What waiting costs and how forecasts fared is left for [`super::returns`] and
/// [`crate::forecast::score`] to fill in.
///
/// A system without a declared loss is said to be unknown in [`Risk::assumptions`] and never counts as nothing.
pub fn assess(graph: &ThreatGraph<'_>, after: Option<&ThreatGraph<'_>>, trials: u64, seed: u64) -> Risk {
    let declaration = graph.facts.declaration;
    let evaluation = graph.evaluate();
    let rates = graph.loss_rates(&evaluation);
    let inputs = inputs(graph, &rates);
    let simulation = simulate(&inputs, trials, seed);
    let mut states = vec![graph.weights.as_slice()];
    states.extend(after.map(|after| after.weights.as_slice()));
    let draws = draws(graph, &states, count(graph, trials), seed);
    let mut scenarios: Vec<Scenario> = graph
        .losses
        .iter()
        .zip(&rates)
        .zip(inputs.iter().zip(&simulation.by_input))
        .enumerate()
        .filter(|(_, ((_, rate), _))| rate.frequency > 0.0)
        .map(|(position, ((loss, rate), (input, annual)))| Scenario {
            id: input.id.clone(),
            system: loss.system.name.clone(),
            title: title(loss.impact, &loss.system.name),
            threats: rate.parts.iter().take(THREATS).map(|(index, _)| graph.id_of(*index)).collect(),
            frequency: rate.frequency,
            loss_low: if as_declared(loss) { loss.range.low } else { loss.loss.quantile(0.05) },
            loss_high: if as_declared(loss) { loss.range.high } else { loss.loss.quantile(0.95) },
            annual_loss: annual.mean,
            simulation_error: annual.mean_interval,
            expected_range: middle(draws.iter().map(|draw| draw.expected_of(graph, position)).collect()),
            annual_range: annual.range,
            basis: basis(graph, &evaluation, loss, rate),
        })
        .collect();
    scenarios.sort_by(|left, right| {
        right.annual_loss.total_cmp(&left.annual_loss).then_with(|| left.id.cmp(&right.id))
    });
    let appetite: Vec<LossPoint> = declaration
        .appetite
        .iter()
        .map(|point| LossPoint { loss: point.loss, probability: point.probability })
        .collect();
    Risk {
        currency: declaration.currency.clone(),
        scenarios,
        total: curve(&simulation, graph, &draws, 0),
        after_plan: after.map(|after| {
            let rates = after.loss_rates(&after.evaluate());
            curve(&simulate(&self::inputs(after, &rates), trials, seed), graph, &draws, 1)
        }),
        exceeded: simulation.exceeded(&appetite),
        verdicts: appetite::verdicts(&appetite, &simulation, &inputs, &draws, seed),
        appetite,
        drivers: tornado::drivers(graph),
        cost_of_delay: None,
        draws: u32::try_from(draws.len()).unwrap_or(u32::MAX),
        forecasts: crate::forecast::forecasts(graph, &rates),
        forecast_score: None,
        assumptions: assumptions(graph, &rates),
    }
}

/// The curve of the simulated years, with the interval of its mean that comes from the inputs.
fn curve(simulation: &Simulation, graph: &ThreatGraph<'_>, draws: &[Draw], state: usize) -> LossCurve {
    let expected = draws.iter().map(|draw| draw.expected(graph, state)).collect();
    LossCurve { expected_range: middle(expected), ..simulation.curve() }
}

/// Whether the loss per event is the declared 90 % range as it stands.
fn as_declared(loss: &LossKind<'_>) -> bool {
    loss.range.likely.is_none() && loss.record.events == 0
}

fn inputs(graph: &ThreatGraph<'_>, rates: &[LossRate]) -> Vec<LossInput> {
    graph
        .losses
        .iter()
        .zip(rates)
        .map(|(loss, rate)| LossInput {
            id: format!("{}/{}", loss.system.name, loss.impact),
            frequency: rate.frequency,
            loss: loss.loss.clone(),
        })
        .collect()
}

/// What happens, in business words.
fn title(impact: &str, system: &str) -> String {
    match impact {
        "availability" => format!("{system} is not there when it is needed"),
        "compliance" => format!("{system} breaks a duty to a regulator or partner"),
        "confidentiality" => format!("data or a model of {system} reaches outsiders"),
        "integrity" => format!("somebody acts on a manipulated result of {system}"),
        "safety" => format!("a person is harmed by what {system} does"),
        other => format!("{other} loss at {system}"),
    }
}

fn basis(
    graph: &ThreatGraph<'_>,
    evaluation: &Evaluation,
    loss: &LossKind<'_>,
    rate: &LossRate,
) -> Vec<String> {
    let currency = &graph.facts.declaration.currency;
    let (low, high) = (amount(loss.range.low, currency), amount(loss.range.high, ""));
    let range = match loss.range.likely {
        None => format!("{low} to {high} per event, 90 % sure"),
        Some(likely) => {
            format!("{low} at least, {} most likely, {high} at most per event (PERT)", amount(likely, ""))
        }
    };
    let mut basis = vec![format!("declared: {} loss {range} ({})", loss.impact, loss.system.locator)];
    if loss.record.events > 0 {
        basis.push(format!(
            "declared: {} recorded losses move the mean loss per event from {} to {} (assumed: the range counts like \
             {PRIOR_LOSSES} recorded losses; its spread stays the owner's)",
            loss.record.events,
            amount(loss.record.declared_mean, currency),
            amount(loss.loss.mean(), "")
        ));
    }
    basis.push(format!(
        "{:.3} loss events a year from {} threat instances",
        rate.frequency,
        rate.parts.len()
    ));
    let experience = &loss.experience;
    if experience.years > 0.0 {
        basis.push(format!(
            "declared: {} such events in {:.1} years turn the prior of {:.3} a year into {:.3} (assumed: the prior counts like \
             {PRIOR_YEARS} years of record)",
            experience.events,
            experience.years,
            experience.prior,
            experience.prior * experience.factor
        ));
    }
    for (index, part) in rate.parts.iter().take(PARTS) {
        let instance = &graph.instances[*index];
        let share = losses(&instance.kind.id)
            .iter()
            .find(|(impact, _)| *impact == loss.impact)
            .map_or(0.0, |(_, share)| *share);
        basis.push(format!(
            "{}: {:.3} events a year ({}), assumed: {share} of them become this loss; counts {part:.3}",
            graph.id_of(*index),
            evaluation.rate[*index],
            instance.support.as_str()
        ));
    }
    basis
}

/// What the numbers stand on, and what is not in them.
fn assumptions(graph: &ThreatGraph<'_>, rates: &[LossRate]) -> Vec<String> {
    let mut said = vec![
        "assumed: attempts a year by maturity of the technique and exposure of the asset (expert priors)".to_owned(),
        "assumed: success of attempts by severity of open findings, unless an attack was measured".to_owned(),
        "assumed: a claimed control is worth a quarter of its effectiveness, a configured one 70 %, an exercised one all"
            .to_owned(),
        format!("assumed: {:.0} % of attempts get through any set of controls", RESIDUAL * 100.0),
        format!(
            "assumed: each further cause of one event counts {FURTHER_CAUSE} of the one before, each further asset with the \
             same threat {FURTHER_ASSET}, each further threat behind one loss {FURTHER_THREAT}, because they share their \
             attackers"
        ),
        "assumed: each threat's share of events that become a loss, by kind of impact (table in the analysis crate)"
            .to_owned(),
        "assumed: losses per event are lognormal over the declared 90 % range, or PERT where a most likely loss is declared; scenarios are independent given their frequencies"
            .to_owned(),
        format!(
            "assumed: the frequency that the graph gives is a weak prior that counts like {PRIOR_YEARS} years of record (gamma), \
             a declared range of loss like {PRIOR_LOSSES} recorded losses; intervals from inputs come from these and from \
             the effectiveness of controls"
        ),
    ];
    said.extend(graph.unusable_losses.iter().cloned());
    for system in &graph.facts.declaration.systems {
        if system.losses.is_empty() {
            said.push(format!(
                "unknown: no loss declared for system `{}`; it is not in the total ({})",
                system.name, system.locator
            ));
        }
    }
    for (loss, rate) in graph.losses.iter().zip(rates) {
        if rate.frequency <= 0.0 {
            said.push(format!(
                "unknown: no threat found that leads to the {} loss of system `{}`; it is not in the total ({})",
                loss.impact, loss.system.name, loss.system.locator
            ));
        }
    }
    let mut homeless: BTreeMap<&str, usize> = BTreeMap::new();
    for asset in graph.assets.iter().filter(|asset| asset.system.is_none()) {
        *homeless.entry(asset.kind.as_str()).or_default() += 1;
    }
    if !homeless.is_empty() {
        let counts: Vec<String> = homeless.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        said.push(format!(
            "unknown: assets of no declared system ({}) cost nothing by themselves here; they count where harm travels on",
            counts.join(", ")
        ));
    }
    said
}
