//! Which attacks a suite runs, in which order.

use crate::evasion::{self, ATTACKS, Attack, Norm};
use crate::target::AccessLevel;

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Suite {
    /// A few attacks of every kind, each on all samples, and a copy of the model: what a review on every change affords.
    #[default]
    Quick,
    /// The evaluation to quote: strong attacks without parameters to choose, one after the other on what still stands
    /// (after AutoAttack; Croce and Hein, ICML 2020).
    Standard,
    /// Every attack there is, each on all samples.
    Full,
}

impl Suite {
    /// Every suite.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Standard, Self::Full];

    /// The word used in declarations and outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }

    /// The suite of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.as_str() == name)
    }

    /// Whether robustness is proven, too, where it can be: not where attacks are `asked` for by name, nor in the quick suite,
    /// whose attacks cost less than bounds.
    pub fn proves(self, asked: &[String]) -> bool {
        self != Self::Quick && asked.is_empty()
    }

    /// Whether a sample that is broken is left out of the attacks that follow.
    pub const fn stops_at_first(self) -> bool {
        matches!(self, Self::Standard)
    }
}

/// Attacks of the quick suite; those of another norm count by what they find inside the ball.
const QUICK: &[(Norm, &[&str])] = &[
    (Norm::Linf, &["fgsm-linf", "hop-skip-jump-l2", "noise-linf", "pgd-linf", "square-linf"]),
    (Norm::L2, &["pgd-l2", "square-l2", "hop-skip-jump-l2"]),
    (Norm::L1, &["pgd-l1", "hop-skip-jump-l2"]),
];

/// Attacks of the standard suite, by what the target shows: the cheapest that breaks most comes first.
const STANDARD: &[(Norm, AccessLevel, &[&str])] = &[
    (Norm::Linf, AccessLevel::Gradients, &["apgd-ce-linf", "apgd-t-linf", "fab-t-linf", "square-linf"]),
    (Norm::Linf, AccessLevel::Scores, &["square-linf", "nes-linf"]),
    (Norm::Linf, AccessLevel::Labels, &["noise-linf", "transfer-linf", "ray-s-linf", "hop-skip-jump-linf"]),
    (Norm::L2, AccessLevel::Gradients, &["apgd-ce-l2", "apgd-t-l2", "fab-t-l2", "square-l2"]),
    (Norm::L2, AccessLevel::Scores, &["square-l2", "sim-ba-pixel-l2"]),
    (Norm::L2, AccessLevel::Labels, &["hop-skip-jump-l2", "boundary-l2"]),
    (Norm::L1, AccessLevel::Gradients, &["pgd-l1", "hop-skip-jump-l2"]),
    (Norm::L1, AccessLevel::Scores, &["sim-ba-pixel-l2", "hop-skip-jump-l2"]),
    (Norm::L1, AccessLevel::Labels, &["hop-skip-jump-l2"]),
];

/// The attacks to run, in order: the ones asked for by name, or those of the suite.
///
/// # Errors
/// The first name that no attack bears.
pub(crate) fn plan(
    suite: Suite,
    norm: Norm,
    access: AccessLevel,
    asked: &[String],
) -> Result<Vec<&'static Attack>, String> {
    let by_name = |name: &str| evasion::find(name).ok_or_else(|| name.to_owned());
    if !asked.is_empty() {
        return asked.iter().map(|name| by_name(name)).collect();
    }
    let names = match suite {
        Suite::Full => return Ok(ATTACKS.iter().filter(|attack| fits(attack, norm)).collect()),
        Suite::Quick => QUICK.iter().find(|(of, _)| *of == norm).map(|(_, names)| *names),
        Suite::Standard => {
            STANDARD.iter().find(|(of, level, _)| *of == norm && *level == access).map(|(.., names)| *names)
        }
    };
    names.unwrap_or_default().iter().map(|name| by_name(name)).collect()
}

/// Whether an attack says something about a ball of `norm`: it works in that norm, looks for the smallest change, or is
/// another threat that stands for itself.
fn fits(attack: &Attack, norm: Norm) -> bool {
    attack.norm == norm || attack.minimal || attack.norm == Norm::Unbounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_planned_attack_exists_and_asks_for_no_more_than_is_granted() {
        for (norm, names) in QUICK {
            assert!(plan(Suite::Quick, *norm, AccessLevel::Gradients, &[]).is_ok(), "{names:?}");
        }
        for (norm, level, names) in STANDARD {
            let attacks =
                plan(Suite::Standard, *norm, *level, &[]).unwrap_or_else(|name| panic!("no {name}"));
            assert_eq!(attacks.len(), names.len());
            assert!(attacks.iter().all(|attack| attack.access <= *level), "{names:?}");
        }
        assert_eq!(
            plan(Suite::Full, Norm::Linf, AccessLevel::Labels, &["none".to_owned()]).err().as_deref(),
            Some("none")
        );
    }
}
