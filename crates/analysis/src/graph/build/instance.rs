//! One threat at one asset: what speaks for it, how often it is tried, and how often that works.

use std::collections::BTreeMap;

use vauban_domain::{Asset, AssetKind, Family, Finding, Measurement, Support, TechniqueId};
use vauban_knowledge::atlas::Maturity;
use vauban_knowledge::maestro::ThreatKind;
use vauban_knowledge::priors::{AttemptPrior, Exposure};

use super::Builder;
use crate::facts::{bare, related, speaks_for};
use crate::gap::{judge, platform_mismatch, platforms};
use crate::graph::Instance;
use crate::graph::assumptions::{
    ATTEMPTS_AFTER_ALERT, ATTEMPTS_WITHOUT_PRIOR, SUCCESS_WITHOUT_EVIDENCE, success_with_finding,
};
use crate::graph::exposure::{exposure, exposure_in_front, phrase};

/// The component kind that threats of a model's queries also apply to.
const ENDPOINT: &str = "inference_endpoint";

impl<'a> Builder<'_, 'a> {
    pub(super) fn instance(&self, kind: &'a ThreatKind, position: usize, asset: &'a Asset) -> Instance<'a> {
        let platforms = platforms(asset, &self.served);
        let mut techniques: Vec<(Maturity, &str)> = kind
            .atlas
            .iter()
            .filter_map(|id| self.knowledge.atlas.technique(id))
            .filter(|technique| platform_mismatch(technique, asset, &platforms, self.knowledge).is_none())
            .map(|technique| (self.maturity(&technique.id), technique.id.as_str()))
            .collect();
        techniques.sort_by(|left, right| (right.0, left.1).cmp(&(left.0, right.1)));
        let ids: Vec<&str> = techniques.iter().map(|(_, id)| *id).collect();
        let findings: Vec<&Finding> = self
            .controls
            .findings_at(&asset.id)
            .iter()
            .copied()
            .filter(|finding| self.speaks_for(finding, kind, &ids))
            .collect();
        let measurements: Vec<&Measurement> = self
            .measurements
            .get(&asset.id)
            .into_iter()
            .flatten()
            .copied()
            .filter(|measurement| {
                measurement.techniques.iter().any(|own| ids.iter().any(|id| speaks_for(own, id)))
            })
            .collect();
        let named: Vec<&str> = findings
            .iter()
            .filter_map(|finding| self.rules.get(finding.rule.as_ref()))
            .flat_map(|rule| rule.techniques.iter())
            .chain(measurements.iter().flat_map(|measurement| &measurement.techniques))
            .map(|own| own.as_ref())
            .collect();
        let maturity = techniques.first().map_or(Maturity::Feasible, |(maturity, _)| *maturity);
        let (mut ids, unnamed): (Vec<&str>, Vec<&str>) =
            ids.into_iter().partition(|id| named.iter().any(|own| speaks_for(own, id)));
        ids.extend(unnamed);
        let queried = asset.kind == AssetKind::Model && kind.applies_to.iter().any(|to| to == ENDPOINT);
        let mut basis = Vec::new();
        let (attempts, prior, alarmed) = self.attempts(asset, maturity, queried, &findings, &mut basis);
        let success = self.success(asset, &findings, &measurements, &mut basis);
        let controls = self.controls_of(kind, position, asset, queried, &ids);
        for (_, placements) in &controls {
            let best = placements
                .iter()
                .max_by(|left, right| self.weights[**left].total_cmp(&self.weights[**right]));
            if let Some(best) = best
                && self.weights[*best] > 0.0
            {
                let placement = &self.placements[*best];
                basis.push(format!(
                    "control {}; counts for {:.0} % of its assumed effectiveness {:.2}",
                    placement.proof,
                    self.weights[*best] * 100.0,
                    self.knowledge.controls[placement.control].effectiveness.mode
                ));
            }
        }
        let observed = !findings.is_empty() || !measurements.is_empty();
        Instance {
            kind,
            asset: position,
            support: if observed { Support::Observed } else { Support::Structural },
            techniques: ids.iter().map(|id| TechniqueId::from((*id).to_owned())).collect(),
            findings: findings.iter().map(|finding| finding.fingerprint.clone()).collect(),
            measurements: measurements.iter().map(|measurement| measurement.id.clone()).collect(),
            attempts,
            prior,
            alarmed,
            success,
            basis,
            controls,
        }
    }

    /// Maturity of a technique, its parent's when it has none of its own.
    fn maturity(&self, id: &str) -> Maturity {
        let technique = self.knowledge.atlas.technique(id);
        let parent = technique.and_then(|technique| technique.parent.as_deref());
        technique
            .and_then(|technique| technique.maturity)
            .or_else(|| self.knowledge.atlas.technique(parent?)?.maturity)
            .unwrap_or(Maturity::Feasible)
    }

    fn speaks_for(&self, finding: &Finding, kind: &ThreatKind, techniques: &[&str]) -> bool {
        self.rules.get(finding.rule.as_ref()).is_some_and(|rule| {
            rule.threats.iter().any(|threat| bare(threat) == kind.id)
                || rule.techniques.iter().any(|own| techniques.iter().any(|id| speaks_for(own, id)))
        })
    }

    fn attempts(
        &self,
        asset: &Asset,
        maturity: Maturity,
        queried: bool,
        findings: &[&Finding],
        basis: &mut Vec<String>,
    ) -> (f64, Option<&'a AttemptPrior>, bool) {
        let (mut reach, mut words) = exposure(asset, &self.systems);
        if queried && let Some(front) = exposure_in_front(asset, reach, &self.served, &self.systems) {
            (reach, words) = front;
        }
        let prior = self.prior(maturity, reach);
        let mut attempts = match prior {
            Some(row) => {
                basis.push(format!(
                    "assumed: maturity {} on an asset {} -> {} attempts a year (expert prior, {} to {})",
                    maturity.as_str(),
                    phrase(reach),
                    row.mode,
                    row.low,
                    row.high
                ));
                row.mode
            }
            None => {
                basis.push(format!("assumed: {ATTEMPTS_WITHOUT_PRIOR} attempts a year, for want of a prior"));
                ATTEMPTS_WITHOUT_PRIOR
            }
        };
        basis.push(words);
        let alert = findings.iter().find(|finding| {
            self.rules.get(finding.rule.as_ref()).is_some_and(|rule| rule.family == Family::Detection)
        });
        let mut alarmed = false;
        if let Some(alert) = alert
            && attempts < ATTEMPTS_AFTER_ALERT
        {
            attempts = ATTEMPTS_AFTER_ALERT;
            alarmed = true;
            basis.push(format!(
                "observed: {} raised the alarm; assumed: at least {attempts} attempts a year",
                alert.rule
            ));
        }
        (attempts, prior, alarmed)
    }

    fn prior(&self, maturity: Maturity, exposure: Exposure) -> Option<&'a AttemptPrior> {
        let row = self.knowledge.priors.attempts(maturity, exposure)?;
        (row.mode.is_finite() && row.mode >= 0.0).then_some(row)
    }

    fn success(
        &self,
        asset: &Asset,
        findings: &[&Finding],
        measurements: &[&Measurement],
        basis: &mut Vec<String>,
    ) -> f64 {
        let measured = measurements
            .iter()
            .filter_map(|measurement| judge(measurement, asset, self.facts.declaration))
            .max_by(|left, right| left.success.total_cmp(&right.success));
        if let Some(judgement) = measured {
            basis.push(format!(
                "measured: {} -> {:.2} of attempts succeed",
                judgement.words, judgement.success
            ));
            return judgement.success;
        }
        // An alert says that somebody tried, not that it worked.
        let worst = findings
            .iter()
            .filter(|finding| {
                self.rules.get(finding.rule.as_ref()).is_none_or(|rule| rule.family != Family::Detection)
            })
            .max_by(|left, right| {
                left.severity.cmp(&right.severity).then_with(|| right.rule.cmp(&left.rule))
            });
        match worst {
            Some(finding) => {
                let success = success_with_finding(finding.severity);
                basis.push(format!(
                    "found: {} ({}); assumed: {success} of attempts succeed",
                    finding.rule, finding.severity
                ));
                success
            }
            None => {
                basis.push(format!(
                    "assumed: {SUCCESS_WITHOUT_EVIDENCE} of attempts succeed, nothing speaks for a weakness"
                ));
                SUCCESS_WITHOUT_EVIDENCE
            }
        }
    }

    /// Controls that touch the threat, at the asset or, for threats of queries, at an endpoint in front of it.
    fn controls_of(
        &self,
        kind: &ThreatKind,
        position: usize,
        asset: &Asset,
        queried: bool,
        techniques: &[&str],
    ) -> Vec<(usize, Vec<usize>)> {
        let fronts = self.served.by_model.get(&asset.id).filter(|_| queried).into_iter().flatten();
        let places = std::iter::once(position)
            .chain(fronts.filter_map(|front| self.positions.get(&front.id).copied()));
        let mut touching: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for place in places {
            for placement in self.by_asset.get(&place).into_iter().flatten() {
                let index = self.placements[*placement].control;
                let control = &self.knowledge.controls[index];
                let touches = if control.threats.is_empty() {
                    control.techniques.iter().any(|own| techniques.iter().any(|id| related(own, id)))
                } else {
                    control.threats.iter().any(|threat| bare(threat) == kind.id)
                };
                if touches {
                    touching.entry(index).or_default().push(*placement);
                }
            }
        }
        touching.into_iter().collect()
    }
}
