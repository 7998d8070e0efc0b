//! What people state about a requirement, and whether it is recent enough to count.

use vauban_domain::{RequirementEvidence, RequirementStatement, RequirementStatus, Rung};

use super::indicator::short;
use super::scope::Scope;
use crate::Facts;
use crate::gap::aged;

/// What is stated about a requirement in a scope.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// Nothing.
    Nothing,
    /// Something that does not count, and why not.
    Void(String),
    /// Something that counts.
    Stated {
        /// What it says, no better than `partly` where it is about a part of the scope.
        status: RequirementStatus,
        /// Who says what, and why.
        words: String,
        /// The statement as evidence.
        evidence: RequirementEvidence,
    },
}

/// The last statement about `id` in the scope; one about the system itself comes before one about all.
pub(super) fn said(id: &str, scope: &Scope<'_>, facts: &Facts<'_>) -> Said {
    let about = |statement: &&RequirementStatement| {
        statement.requirement == id
            && scope
                .system
                .is_none_or(|system| statement.system.is_empty() || statement.system == system.name)
    };
    // For a system, its own statement counts more; for the organisation, one about the whole does.
    let close = |statement: &RequirementStatement| statement.system.is_empty() != scope.system.is_some();
    let last = facts.declaration.requirements.iter().filter(about).max_by(|one, other| {
        (close(one), one.date, &other.locator).cmp(&(close(other), other.date, &one.locator))
    });
    let Some(statement) = last else { return Said::Nothing };
    let when = statement.date.day();
    let words =
        short(&format!("{} stated {} on {when}: {}", statement.owner, statement.status, statement.reason));
    if statement.date > facts.now {
        return Said::Void(format!("{words}; that day has not come"));
    }
    let Some(status) = RequirementStatus::parse(&statement.status) else {
        return Said::Void(format!("{words}; `{}` is no status", statement.status));
    };
    if aged(Rung::Claimed, statement.date, facts.now, facts.half_life_days()) < Rung::Claimed {
        let days = facts.now.days_since(statement.date);
        return Said::Void(format!("{words}; that is {days} days old, have it stated again"));
    }
    let part = scope.system.is_none() && !statement.system.is_empty() && scope.systems.len() > 1;
    let status = match status {
        RequirementStatus::Satisfied | RequirementStatus::NotApplicable if part => RequirementStatus::Partly,
        status => status,
    };
    let mut what = words.clone();
    if !statement.evidence.is_empty() {
        what = short(&format!("{what} ({})", statement.evidence.join(", ")));
    }
    let evidence = RequirementEvidence {
        kind: "statement".to_owned(),
        id: statement.locator.to_string(),
        what,
        supports: status != RequirementStatus::NotSatisfied,
        asset: None,
        as_of: statement.date,
    };
    Said::Stated { status, words, evidence }
}
