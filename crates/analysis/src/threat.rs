//! Threats: every MAESTRO threat at every asset whose component it applies to.

use vauban_domain::{Text, Threat};

use crate::factor::Factors;
use crate::graph::{Evaluation, ThreatGraph};

/// All threat instances under the controls that hold today, most likely first.
pub fn threats(graph: &ThreatGraph<'_>) -> Vec<Threat> {
    let evaluation = graph.evaluate();
    let factors = Factors::new(&graph.facts);
    let mut threats: Vec<Threat> =
        (0..graph.instances.len()).map(|index| threat(graph, &evaluation, &factors, index)).collect();
    threats.sort_by(|left, right| {
        right.likelihood.total_cmp(&left.likelihood).then_with(|| left.id.cmp(&right.id))
    });
    threats
}

fn threat(graph: &ThreatGraph<'_>, evaluation: &Evaluation, factors: &Factors<'_>, index: usize) -> Threat {
    let instance = &graph.instances[index];
    let mut basis = instance.basis.clone();
    let through = evaluation.through[index];
    if through < 1.0 {
        basis.push(format!("controls let {:.0} % through", through * 100.0));
    }
    let strongest = graph
        .edges_into(index)
        .iter()
        .map(|edge| (edge, graph.passage(evaluation, edge) * evaluation.likelihood[edge.from]))
        .max_by(|left, right| left.1.total_cmp(&right.1).then_with(|| right.0.from.cmp(&left.0.from)));
    if let Some((edge, cause)) = strongest
        && cause > 0.0
    {
        basis.push(format!(
            "assumed: {} leads here with probability {:.2} ({})",
            graph.id_of(edge.from),
            graph.passage(evaluation, edge),
            graph.via(edge)
        ));
    }
    Threat {
        id: graph.id_of(index),
        kind: Text::from(instance.kind.id.clone()),
        name: Text::from(instance.kind.name.clone()),
        layer: instance.kind.layer,
        asset: graph.asset_of(index).id.clone(),
        techniques: instance.techniques.clone(),
        factors: factors.of(graph.asset_of(index)),
        support: instance.support,
        findings: instance.findings.clone(),
        measurements: instance.measurements.clone(),
        frequency: evaluation.frequency[index],
        basis,
        likelihood: evaluation.likelihood[index],
    }
}
