//! From alerts to findings about the asset that a log is about.

use vauban_domain::{AssetId, Evidence, Finding, Locator, Rule};

use crate::Alert;

/// One finding per rule and client, sorted; alerts whose rule is not in `rules` are dropped.
///
/// The client is the evidence's key, so that a client that goes on tomorrow is the same finding.
pub fn findings(alerts: &[Alert], rules: &[Rule], asset: &AssetId, log: &Locator) -> Vec<Finding> {
    let mut findings: Vec<Finding> = alerts
        .iter()
        .filter_map(|alert| {
            let rule = rules.iter().find(|rule| rule.id == alert.rule)?;
            let about = if alert.about.is_empty() { String::new() } else { format!(" ({})", alert.about) };
            let evidence = Evidence {
                locator: log.clone().at_key(alert.client.clone()),
                key: alert.client.clone(),
                excerpt: format!(
                    "{} to {}: {}",
                    alert.began_at(),
                    alert.observed_at(),
                    alert.numbers_in_words()
                ),
                observed_at: Some(alert.observed_at()),
            };
            let message = format!("{}: client `{}`{about}", rule.title, alert.client);
            Some(Finding::new(rule, asset, message, vec![evidence]))
        })
        .collect();
    findings.sort_by(|one, other| (&one.rule, &one.fingerprint).cmp(&(&other.rule, &other.fingerprint)));
    findings.dedup_by(|one, other| one.fingerprint == other.fingerprint);
    findings
}
