//! Who has signed off what: for every system, every role that reviewers are declared for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Decision, Statement, TrustedReviewer};

/// How a role stands for a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Approved, by these, sorted.
    Approved(Vec<String>),
    /// Rejected, by these, sorted: one rejection outweighs approvals of others in the role.
    Rejected(Vec<String>),
    /// Nobody of the role has decided.
    Missing,
}

impl Standing {
    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Approved(_) => "approved",
            Self::Rejected(_) => "rejected",
            Self::Missing => "missing",
        }
    }

    /// Who it was; nobody when it is missing.
    pub fn by(&self) -> &[String] {
        match self {
            Self::Approved(by) | Self::Rejected(by) => by,
            Self::Missing => &[],
        }
    }
}

/// One role at one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSignOff {
    /// `data-science`, `owner` or `security`.
    pub role: String,
    /// How it stands.
    pub standing: Standing,
    /// Who could decide, sorted.
    pub reviewers: Vec<String>,
}

/// Every role at one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemSignOff {
    /// Name of the system; empty for the review as a whole, where no system is declared.
    pub system: String,
    /// By role; empty when no reviewer answers for it.
    pub roles: Vec<RoleSignOff>,
}

impl SystemSignOff {
    /// Whether every role has approved. Without a role nobody was asked for anything.
    pub fn is_approved(&self) -> bool {
        self.roles.iter().all(|role| matches!(role.standing, Standing::Approved(_)))
    }
}

/// How every role stands for every one of `systems`, from decisions that hold, oldest first.
pub(super) fn sign_offs(
    systems: &BTreeSet<&str>,
    decisions: &[&Statement],
    reviewers: &[TrustedReviewer],
) -> Vec<SystemSignOff> {
    let of_system = |system: &&str| {
        let mut roles: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for reviewer in reviewers.iter().filter(|reviewer| reviewer.answers_for(system)) {
            roles.entry(&reviewer.role).or_default().insert(&reviewer.name);
        }
        let roles = roles.into_iter().map(|(role, names)| RoleSignOff {
            role: role.to_owned(),
            standing: standing(system, role, &names, decisions),
            reviewers: names.into_iter().map(str::to_owned).collect(),
        });
        SystemSignOff { system: (*system).to_owned(), roles: roles.collect() }
    };
    systems.iter().map(of_system).collect()
}

/// The last decision of everybody in the role counts.
fn standing(system: &str, role: &str, names: &BTreeSet<&str>, decisions: &[&Statement]) -> Standing {
    let last: BTreeMap<&str, Decision> = decisions
        .iter()
        .filter(|one| one.role == role && names.contains(one.signer.as_str()))
        .filter(|one| one.system.as_deref().is_none_or(|own| own == system))
        .map(|one| (one.signer.as_str(), one.decision))
        .collect();
    let by = |decision: Decision| -> Vec<String> {
        last.iter().filter(|(_, own)| **own == decision).map(|(name, _)| (*name).to_owned()).collect()
    };
    let (rejected, approved) = (by(Decision::Reject), by(Decision::Approve));
    match (rejected.is_empty(), approved.is_empty()) {
        (false, _) => Standing::Rejected(rejected),
        (true, false) => Standing::Approved(approved),
        (true, true) => Standing::Missing,
    }
}
