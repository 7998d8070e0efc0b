//! `vauban rules`.

use anyhow::bail;
use serde_json::json;
use vauban_domain::Family;
use vauban_knowledge::Knowledge;

use crate::arguments::{Plain, RulesArguments};
use crate::{Ended, delivery, text};

/// Lists the rules, all or of one family.
pub(crate) fn run(arguments: &RulesArguments) -> anyhow::Result<Ended> {
    let mut rules = vauban_engine::rules(Knowledge::builtin());
    if let Some(family) = &arguments.family {
        rules.retain(|rule| rule.family.as_str() == family);
        if rules.is_empty() {
            let families: Vec<_> = Family::ALL.into_iter().map(Family::as_str).collect();
            bail!("no rule is of family `{family}`; use one of {}", families.join(", "));
        }
    }
    match arguments.format {
        Plain::Text => {
            let table = text::table(
                ["rule", "family", "severity", "what"],
                rules.iter().map(|rule| {
                    [
                        rule.id.to_string(),
                        rule.family.to_string(),
                        rule.severity.to_string(),
                        rule.title.to_string(),
                    ]
                }),
            );
            delivery::print(table.as_bytes())?;
        }
        Plain::Json => {
            let rules: Vec<_> = rules
                .iter()
                .map(|rule| {
                    let mut value = json!({
                        "id": rule.id, "family": rule.family.as_str(), "severity": rule.severity.as_str(),
                        "title": rule.title, "why": rule.why, "remedy": rule.remedy, "techniques": rule.techniques,
                        "mitigations": rule.mitigations, "weaknesses": rule.weaknesses, "owasp": rule.owasp,
                        "threats": rule.threats, "source": rule.source,
                    });
                    if let Some(harm) = &rule.harm {
                        value["effect"] = json!(harm.effect.as_str());
                        value["when"] = json!(harm.when.as_str());
                        value["loaders"] = json!(harm.loaders);
                    }
                    value
                })
                .collect();
            let mut bytes = serde_json::to_vec_pretty(&rules)?;
            bytes.push(b'\n');
            delivery::print(&bytes)?;
        }
    }
    Ok(Ended::Clean)
}
