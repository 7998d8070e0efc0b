//! The numbers that nobody has measured: expert priors, each marked `assumed` wherever it is used.
//!
//! They are here in one place so that a reader can disagree with them.

use vauban_domain::{Rung, Severity};

/// Share of a control's effectiveness that counts when it stands on this rung: a claim is worth a quarter.
pub const fn weight(rung: Rung) -> f64 {
    match rung {
        Rung::NotApplicable | Rung::Blind => 0.0,
        Rung::Claimed => 0.25,
        Rung::Configured => 0.7,
        Rung::Exercised => 1.0,
    }
}

/// Probability that an attempt succeeds when a finding of this severity is open.
pub const fn success_with_finding(severity: Severity) -> f64 {
    match severity {
        Severity::Info => 0.06,
        Severity::Low => 0.12,
        Severity::Medium => 0.25,
        Severity::High => 0.5,
        Severity::Critical => 0.8,
    }
}

/// Probability that an attempt succeeds where nothing speaks for a weakness.
pub const SUCCESS_WITHOUT_EVIDENCE: f64 = 0.05;
/// Attempts a year for a technique the priors say nothing about.
pub const ATTEMPTS_WITHOUT_PRIOR: f64 = 0.5;
/// Attempts a year, at least, where a detection has raised the alarm.
pub const ATTEMPTS_AFTER_ALERT: f64 = 12.0;
/// Share of attempts that gets through whatever controls are in place.
pub const RESIDUAL: f64 = 0.05;
/// Highest probability of any single cascade.
pub const MOST_CASCADE: f64 = 0.7;
/// Weight of each further cause of the same event, after the strongest: causes share their attacker.
pub const FURTHER_CAUSE: f64 = 0.25;
/// Weight of each further asset with the same threat in one system, after the worst.
pub const FURTHER_ASSET: f64 = 0.5;
/// Weight of each further kind of threat behind one kind of loss of a system, after the worst: many are steps of the
/// same attack.
pub const FURTHER_THREAT: f64 = 0.75;
/// Factor on a cascade along a relation that was only inferred.
pub const INFERRED_RELATION: f64 = 0.7;
/// Factor on a cascade along a relation that a person has to approve.
pub const HUMAN_GATE: f64 = 0.5;

/// Years of record that the graph's own frequency counts like, against the owner's incidents.
pub const PRIOR_YEARS: f64 = 2.0;

/// Losses on record that the owner's range of a loss per event counts like, against recorded losses.
pub const PRIOR_LOSSES: f64 = 4.0;
/// Attempts a year after an alarm, from an attacker who gives up to one who comes back every week.
pub const ATTEMPTS_AFTER_ALERT_RANGE: (f64, f64) = (4.0, 52.0);

/// Kinds of impact, as in `[system.losses]`.
pub const IMPACTS: [&str; 5] = ["availability", "compliance", "confidentiality", "integrity", "safety"];

/// For each MAESTRO threat (2025-02), the probability that its event becomes a loss event of a kind of impact.
pub const LOSSES: &[(&str, &[(&str, f64)])] = &[
    ("L1.1", &[("integrity", 0.3), ("safety", 0.1)]),
    ("L1.2", &[("confidentiality", 0.3)]),
    ("L1.3", &[("integrity", 0.3), ("safety", 0.15)]),
    ("L1.4", &[("compliance", 0.15), ("confidentiality", 0.3)]),
    ("L1.5", &[("integrity", 0.2), ("safety", 0.05)]),
    ("L1.6", &[("availability", 0.1), ("integrity", 0.1)]),
    ("L1.7", &[("availability", 0.5)]),
    ("L2.1", &[("integrity", 0.2)]),
    ("L2.2", &[("compliance", 0.2), ("confidentiality", 0.5)]),
    ("L2.3", &[("availability", 0.5)]),
    ("L2.4", &[("integrity", 0.3), ("safety", 0.1)]),
    ("L2.5", &[("confidentiality", 0.1), ("integrity", 0.2)]),
    ("L3.1", &[("confidentiality", 0.2), ("integrity", 0.2)]),
    ("L3.2", &[("confidentiality", 0.2), ("integrity", 0.2)]),
    ("L3.3", &[("confidentiality", 0.1), ("integrity", 0.2)]),
    ("L3.4", &[("availability", 0.05), ("confidentiality", 0.1), ("integrity", 0.1)]),
    ("L3.5", &[("availability", 0.5)]),
    ("L3.6", &[("integrity", 0.1), ("safety", 0.05)]),
    ("L4.1", &[("availability", 0.1), ("confidentiality", 0.2), ("integrity", 0.2)]),
    ("L4.2", &[("availability", 0.3), ("confidentiality", 0.1)]),
    ("L4.3", &[("availability", 0.1), ("confidentiality", 0.1), ("integrity", 0.1)]),
    ("L4.4", &[("availability", 0.5)]),
    ("L4.5", &[("availability", 0.2)]),
    ("L4.6", &[("availability", 0.1), ("confidentiality", 0.2)]),
    ("L5.1", &[("compliance", 0.05), ("integrity", 0.1), ("safety", 0.05)]),
    ("L5.2", &[("compliance", 0.1), ("integrity", 0.05)]),
    ("L5.3", &[("availability", 0.05)]),
    ("L5.4", &[("integrity", 0.1)]),
    ("L5.5", &[("compliance", 0.1), ("confidentiality", 0.4)]),
    ("L5.6", &[("integrity", 0.05)]),
    ("L6.1", &[("integrity", 0.1)]),
    ("L6.2", &[("confidentiality", 0.05), ("integrity", 0.1)]),
    ("L6.3", &[("availability", 0.1), ("confidentiality", 0.2), ("integrity", 0.2)]),
    ("L6.4", &[("compliance", 0.4)]),
    ("L6.5", &[("compliance", 0.2)]),
    ("L6.6", &[("compliance", 0.1)]),
    ("L6.7", &[("confidentiality", 0.2)]),
    ("L7.1", &[("confidentiality", 0.2), ("integrity", 0.3), ("safety", 0.1)]),
    ("L7.10", &[("confidentiality", 0.05), ("integrity", 0.1)]),
    ("L7.11", &[("integrity", 0.1)]),
    ("L7.12", &[("availability", 0.1)]),
    ("L7.13", &[("integrity", 0.1)]),
    ("L7.2", &[("confidentiality", 0.2), ("integrity", 0.2)]),
    ("L7.3", &[("confidentiality", 0.2), ("integrity", 0.2)]),
    ("L7.4", &[("availability", 0.1), ("confidentiality", 0.2), ("integrity", 0.3), ("safety", 0.1)]),
    ("L7.5", &[("integrity", 0.2), ("safety", 0.1)]),
    ("L7.6", &[("integrity", 0.1)]),
    ("L7.7", &[("availability", 0.1), ("confidentiality", 0.1), ("integrity", 0.1)]),
    ("L7.8", &[("confidentiality", 0.1), ("integrity", 0.1), ("safety", 0.05)]),
    ("L7.9", &[("compliance", 0.2)]),
    ("X.1", &[("availability", 0.05), ("confidentiality", 0.1), ("integrity", 0.2)]),
    ("X.2", &[("confidentiality", 0.2)]),
    ("X.3", &[("confidentiality", 0.2), ("integrity", 0.2)]),
    ("X.4", &[("compliance", 0.3), ("confidentiality", 0.6)]),
    ("X.5", &[("availability", 0.2), ("integrity", 0.2), ("safety", 0.1)]),
];

/// Probability that an event of this MAESTRO threat becomes a loss event, by kind of impact.
pub fn losses(threat: &str) -> &'static [(&'static str, f64)] {
    LOSSES.binary_search_by(|(id, _)| (*id).cmp(threat)).map_or(&[], |at| LOSSES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vauban_knowledge::Knowledge;

    #[test]
    fn every_maestro_threat_has_its_losses_and_no_other_has() {
        let mut known: Vec<&str> =
            Knowledge::builtin().maestro.threats.iter().map(|threat| threat.id.as_str()).collect();
        known.sort_unstable();
        let listed: Vec<&str> = LOSSES.iter().map(|(id, _)| *id).collect();
        assert_eq!(listed, known);
        for (id, losses) in LOSSES {
            assert!(!losses.is_empty() && losses.is_sorted(), "{id}");
            for (impact, share) in *losses {
                assert!(IMPACTS.contains(impact) && *share > 0.0 && *share < 1.0, "{id} {impact}");
            }
        }
    }
}
