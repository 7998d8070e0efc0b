//! Declared rules: the only thing a finding can be a finding of.

use std::fmt;

use crate::{Harm, RuleId, Severity, Text, TextList};

/// The part of the estate a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Who can reach or change an asset.
    Access,
    /// Agents, their tools and prompts.
    Agent,
    /// Model files.
    Artifact,
    /// Source code that loads, trains or calls models.
    Code,
    /// Manifests, images, infrastructure code.
    Config,
    /// Data sets.
    Dataset,
    /// Third-party packages.
    Dependency,
    /// What `vauban.toml` says against what is there.
    Declaration,
    /// Logs of the running system.
    Detection,
    /// Notebooks.
    Notebook,
    /// Privacy measured by attack.
    Privacy,
    /// Where an asset came from.
    Provenance,
    /// Robustness measured by attack.
    Robustness,
    /// Credentials in the open.
    Secret,
}

impl Family {
    /// All families, in alphabetical order.
    pub const ALL: [Self; 14] = [
        Self::Access,
        Self::Agent,
        Self::Artifact,
        Self::Code,
        Self::Config,
        Self::Dataset,
        Self::Dependency,
        Self::Declaration,
        Self::Detection,
        Self::Notebook,
        Self::Privacy,
        Self::Provenance,
        Self::Robustness,
        Self::Secret,
    ];

    /// The lower-case word used in outputs and as folder name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Agent => "agent",
            Self::Artifact => "artifact",
            Self::Code => "code",
            Self::Config => "config",
            Self::Dataset => "dataset",
            Self::Dependency => "dependency",
            Self::Declaration => "declaration",
            Self::Detection => "detection",
            Self::Notebook => "notebook",
            Self::Privacy => "privacy",
            Self::Provenance => "provenance",
            Self::Robustness => "robustness",
            Self::Secret => "secret",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a rule says, why it matters and what to do: the source of the reference, the SARIF table and `explain`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Stable id, lower-case words joined by hyphens.
    pub id: RuleId,
    /// Where it belongs.
    pub family: Family,
    /// Severity of its findings unless one says otherwise.
    pub severity: Severity,
    /// One line, no full stop: what is wrong.
    pub title: Text,
    /// Why it matters, in a sentence or two.
    pub why: Text,
    /// What to do next.
    pub remedy: Text,
    /// ATLAS techniques with edition, `AML.T0018@2026.09`.
    pub techniques: TextList,
    /// ATLAS mitigations with edition, `AML.M0013@2026.09`.
    pub mitigations: TextList,
    /// CWE ids, `CWE-502`.
    pub weaknesses: TextList,
    /// OWASP entries with edition, `LLM03:2025`, `ASI04:2026`, `ML06:2023`.
    pub owasp: TextList,
    /// MAESTRO threats it is evidence for, `L1.3@2025-02`.
    pub threats: TextList,
    /// What it leads to, for rules about files that something loads.
    pub harm: Option<Harm>,
    /// Paper, specification section or page it stands on.
    pub source: Text,
}

/// Declares a `const` [`Rule`]; every field is required, so that no rule is born without its documentation. Rules about
/// files that something loads also say `effect`, `when` and `loaders`, before `source`.
///
/// ```
/// vauban_domain::rule! {
///     /// Tells that the sample is a sample.
///     pub const SAMPLE: "sample-rule" {
///         family: Artifact,
///         severity: Low,
///         title: "a sample",
///         why: "it shows how a rule is declared",
///         remedy: "nothing to do",
///         techniques: ["AML.T0018@2026.09"],
///         mitigations: [],
///         weaknesses: ["CWE-502"],
///         owasp: ["LLM03:2025"],
///         threats: [],
///         effect: CodeExecution,
///         when: Load,
///         loaders: "pickle.load",
///         source: "https://example.org",
///     }
/// }
/// assert_eq!(SAMPLE.id, "sample-rule");
/// ```
#[macro_export]
macro_rules! rule {
    (@harm) => { None };
    (@harm $effect:ident $when:ident $loaders:literal) => {
        Some($crate::Harm {
            effect: $crate::Effect::$effect,
            when: $crate::Moment::$when,
            loaders: ::std::borrow::Cow::Borrowed($loaders),
        })
    };
    (
        $(#[$meta:meta])*
        $visibility:vis const $name:ident: $id:literal {
            family: $family:ident,
            severity: $severity:ident,
            title: $title:literal,
            why: $why:literal,
            remedy: $remedy:literal,
            techniques: [$($technique:literal),* $(,)?],
            mitigations: [$($mitigation:literal),* $(,)?],
            weaknesses: [$($weakness:literal),* $(,)?],
            owasp: [$($owasp:literal),* $(,)?],
            threats: [$($threat:literal),* $(,)?],
            $(effect: $effect:ident, when: $when:ident, loaders: $loaders:literal,)?
            source: $source:literal $(,)?
        }
    ) => {
        $(#[$meta])*
        $visibility const $name: $crate::Rule = {
            use ::std::borrow::Cow::Borrowed;
            $crate::Rule {
                id: Borrowed($id),
                family: $crate::Family::$family,
                severity: $crate::Severity::$severity,
                title: Borrowed($title),
                why: Borrowed($why),
                remedy: Borrowed($remedy),
                techniques: Borrowed(&[$(Borrowed($technique)),*]),
                mitigations: Borrowed(&[$(Borrowed($mitigation)),*]),
                weaknesses: Borrowed(&[$(Borrowed($weakness)),*]),
                owasp: Borrowed(&[$(Borrowed($owasp)),*]),
                threats: Borrowed(&[$(Borrowed($threat)),*]),
                harm: $crate::rule!(@harm $($effect $when $loaders)?),
                source: Borrowed($source),
            }
        };
    };
}
