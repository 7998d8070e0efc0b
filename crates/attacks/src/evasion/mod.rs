//! Evasion: inputs close to real ones that the model gets wrong. One attack per file, and a sorted list.
pub mod apgd;
pub mod boundary;
pub mod carlini_wagner;
pub mod corruptions;
pub mod deep_fool;
pub mod fab;
pub mod fgsm;
pub mod hop_skip_jump;
pub mod nes;
pub mod noise;
pub mod patch;
pub mod pgd;
pub mod picture;
pub mod ray_s;
pub mod sim_ba;
pub mod spatial;
pub mod spsa;
pub mod square;
pub mod square_l2;
pub mod transfer;
pub mod universal;

mod ball;
mod driver;
mod loss;
mod pack;
mod plane;
mod result;
mod seeker;
mod start;

pub(crate) use ball::{Ball, sign};
pub(crate) use driver::{generator, groups, normal};
pub use loss::Loss;
pub(crate) use loss::{cross_entropy, margin};
pub use result::{SampleResult, Summary};

use crate::samples::Samples;
use crate::target::{Access, AccessLevel, TargetError};

/// What an attack is allowed to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Norm {
    /// Every element by at most eps.
    Linf,
    /// The Euclidean distance: at most eps, or as little as possible.
    L2,
    /// The sum of changes: at most eps, or as little as possible.
    L1,
    /// Not bounded by a norm: a rotation, weather, a patch.
    Unbounded,
}

impl Norm {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linf => "linf",
            Self::L2 => "l2",
            Self::L1 => "l1",
            Self::Unbounded => "unbounded",
        }
    }
}

/// What inputs an attack makes sense for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modality {
    /// Any row of numbers.
    Any,
    /// Pictures: channels, height, width.
    Pictures,
}

impl Modality {
    /// The word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Pictures => "pictures",
        }
    }
}

/// What every attack is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Largest change in the attack's own norm; attacks that look for the smallest change may use it as a start, and
    /// need not stay within.
    pub eps: f32,
    /// Queries each sample may cost.
    pub queries: u32,
    /// Seed; sample `i` draws from its own stream, so results do not depend on the order of execution.
    pub seed: u64,
}

/// Runs an attack with its usual parameters; `None` when the target does not grant the access it needs.
type Run = fn(Access<'_>, &Samples, &Terms) -> Option<Result<Vec<SampleResult>, TargetError>>;

/// An entry of the list.
pub struct Attack {
    /// Name, `pgd-linf`.
    pub name: &'static str,
    /// What it does, for people.
    pub title: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
    /// What it needs to see.
    pub access: AccessLevel,
    /// What it changes.
    pub norm: Norm,
    /// Whether it looks for the smallest change instead of any inside the ball.
    pub minimal: bool,
    /// What inputs it makes sense for.
    pub modality: Modality,
    /// ATLAS techniques it exercises, with edition.
    pub techniques: &'static [&'static str],
    /// Its parameters when run from the list, for the record.
    pub parameters: &'static [(&'static str, &'static str)],
    /// Runs it.
    pub run: Run,
}

impl Attack {
    /// Whether the attack makes sense for such samples.
    pub fn suits(&self, samples: &Samples) -> bool {
        self.modality == Modality::Any || picture::Picture::stated(&samples.shape).is_some()
    }
}

/// Every evasion attack, sorted by name.
pub const ATTACKS: &[Attack] = &[
    apgd::CE_L2,
    apgd::CE_LINF,
    apgd::DLR_LINF,
    apgd::T_L2,
    apgd::T_LINF,
    boundary::ATTACK,
    carlini_wagner::ATTACK,
    corruptions::ATTACK,
    deep_fool::L2,
    deep_fool::LINF,
    fab::L2,
    fab::LINF,
    fgsm::ATTACK,
    hop_skip_jump::ATTACK,
    hop_skip_jump::LINF,
    nes::ATTACK,
    noise::ATTACK,
    patch::ATTACK,
    pgd::L1,
    pgd::L2,
    pgd::ATTACK,
    ray_s::ATTACK,
    sim_ba::DCT,
    sim_ba::PIXEL,
    spatial::ATTACK,
    spsa::ATTACK,
    square_l2::ATTACK,
    square::ATTACK,
    transfer::ATTACK,
    universal::ATTACK,
];

/// The attack of this name.
pub fn find(name: &str) -> Option<&'static Attack> {
    ATTACKS.iter().find(|attack| attack.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_names_techniques_with_their_edition() {
        assert!(ATTACKS.is_sorted_by_key(|attack| attack.name));
        for attack in ATTACKS {
            assert!(attack.techniques.iter().all(|id| id.ends_with("@2026.09")), "{}", attack.name);
        }
    }
}
