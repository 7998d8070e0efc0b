//! What holds of a chain of signatures, and what is broken where.

use std::collections::BTreeSet;

use super::envelope::Envelope;
use super::sign_off::{SystemSignOff, sign_offs};
use super::{Chain, Decision, PublicKey, ROLES, Statement, sha256};
use crate::v1::Document;

/// A person whose word is asked for, as the one who verifies knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedReviewer {
    /// Name, as a signature gives it.
    pub name: String,
    /// One of [`ROLES`].
    pub role: String,
    /// Systems they answer for; empty for all.
    pub systems: Vec<String>,
    /// Their key; `None` when none is declared.
    pub key: Option<PublicKey>,
}

impl TrustedReviewer {
    pub(super) fn answers_for(&self, system: &str) -> bool {
        self.systems.is_empty() || self.systems.iter().any(|own| own == system)
    }
}

/// What is broken about one signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The line is no signed statement of ours.
    #[error("broken line: {0}")]
    Unreadable(String),
    /// The document has other bytes now.
    #[error("changed document: sha256 {signed} was signed, and the document has {now}")]
    ChangedDocument {
        /// Digest in the statement.
        signed: String,
        /// Digest of the document.
        now: String,
    },
    /// The statement is about another review.
    #[error("other review: `{0}` was signed")]
    OtherReview(String),
    /// The chain does not hold here.
    #[error("broken link: it names {found} as the statement before, and that is {expected}")]
    BrokenLink {
        /// Digest of the statement before, or `none`.
        expected: String,
        /// What the statement names, or `none`.
        found: String,
    },
    /// It stands at another place than it says.
    #[error("broken link: it is number {says} of the chain, and stands on line {line}")]
    WrongPlace {
        /// Place in the statement.
        says: u64,
        /// Line of the file, from 1.
        line: usize,
    },
    /// Nobody is known to have that key.
    #[error("unknown key: {0} is no key of a declared reviewer; declare it, or give it with --key")]
    UnknownKey(String),
    /// The signature is not that of the key it names.
    #[error("bad signature: it is not that of the key {0}")]
    BadSignature(String),
    /// The envelope calls the key otherwise than the statement.
    #[error("bad signature: the statement names the key {statement}, the envelope {envelope}")]
    TwoKeys {
        /// Id in the statement.
        statement: String,
        /// Id in the envelope.
        envelope: String,
    },
    /// The signer has another key.
    #[error("other key: {signer} is declared with {declared}, and {used} was used")]
    OtherKey {
        /// Who is said to have signed.
        signer: String,
        /// Id of their key.
        declared: String,
        /// Id of the key that was used.
        used: String,
    },
    /// The key belongs to somebody else.
    #[error("other signer: the key is that of {owner}, and the statement names {signer}")]
    OtherSigner {
        /// Whose key it is.
        owner: String,
        /// Who is said to have signed.
        signer: String,
    },
    /// The signer has no such role.
    #[error("wrong role: {signer} signs as {role}, and is declared as {declared}")]
    WrongRole {
        /// Who signed.
        signer: String,
        /// In which role.
        role: String,
        /// Roles they have, or `no reviewer`.
        declared: String,
    },
    /// The signer does not answer for that system, or there is none.
    #[error("wrong system: {signer} does not answer for `{system}` as {role}")]
    WrongSystem {
        /// Who signed.
        signer: String,
        /// In which role.
        role: String,
        /// For what.
        system: String,
    },
}

/// One line of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Line of the file, from 1.
    pub line: usize,
    /// SHA-256 of the statement's exact bytes; `None` when the line is no envelope.
    pub digest: Option<String>,
    /// What was signed; `None` when it cannot be read.
    pub statement: Option<Statement>,
    /// What is broken about it; it counts only if nothing is.
    pub problems: Vec<Problem>,
}

/// What holds of the signatures of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// SHA-256 of the document.
    pub document: String,
    /// Every line, in order.
    pub entries: Vec<Entry>,
    /// SHA-256 of the last statement; `None` without one.
    pub head: Option<String>,
    /// Who has signed off what, by system.
    pub systems: Vec<SystemSignOff>,
}

impl Verification {
    /// Whether every signature holds.
    pub fn is_sound(&self) -> bool {
        self.entries.iter().all(|entry| entry.problems.is_empty())
    }

    /// Whether the statement with this SHA-256, as somebody kept it, still stands in the chain and holds.
    pub fn has(&self, digest: &str) -> bool {
        self.entries.iter().any(|entry| entry.problems.is_empty() && entry.digest.as_deref() == Some(digest))
    }

    /// Whether every signature holds and every system has every role's approval.
    pub fn is_complete(&self) -> bool {
        self.is_sound() && self.systems.iter().all(SystemSignOff::is_approved)
    }
}

/// Judges `chain` about a document of these exact `bytes`: `reviewers` as the verifier knows them, `keys` that are
/// trusted for reviewers who are declared without one, `earlier` the head of the chain that this one continues.
pub fn verify(
    document: &Document,
    bytes: &[u8],
    chain: &Chain,
    reviewers: &[TrustedReviewer],
    keys: &[PublicKey],
    earlier: Option<&str>,
) -> Verification {
    let now = sha256(bytes);
    let mut systems: BTreeSet<&str> =
        document.review.declaration.systems.iter().map(|system| system.name.as_str()).collect();
    let mut expected = earlier.map(str::to_owned);
    let mut entries = Vec::with_capacity(chain.lines().len());
    for (index, line) in chain.lines().iter().enumerate() {
        let line_number = index + 1;
        let envelope = match Envelope::read(line) {
            Ok(envelope) => envelope,
            Err(cause) => {
                let problems = vec![Problem::Unreadable(cause)];
                entries.push(Entry { line: line_number, digest: None, statement: None, problems });
                // What stood here cannot be linked to; the next line says which link is broken.
                expected = None;
                continue;
            }
        };
        let digest = Some(sha256(&envelope.payload));
        let link = std::mem::replace(&mut expected, digest.clone());
        let statement = match Statement::read(&envelope.payload) {
            Ok(statement) => statement,
            Err(cause) => {
                let problems = vec![Problem::Unreadable(cause)];
                entries.push(Entry { line: line_number, digest, statement: None, problems });
                continue;
            }
        };
        let mut problems = Vec::new();
        if statement.review != document.review.id {
            problems.push(Problem::OtherReview(statement.review.clone()));
        }
        if statement.document != now {
            problems.push(Problem::ChangedDocument { signed: statement.document.clone(), now: now.clone() });
        }
        if statement.previous != link {
            let shown = |digest: &Option<String>| digest.clone().unwrap_or_else(|| "none".to_owned());
            problems.push(Problem::BrokenLink { expected: shown(&link), found: shown(&statement.previous) });
        }
        if statement.sequence != line_number as u64 {
            problems.push(Problem::WrongPlace { says: statement.sequence, line: line_number });
        }
        problems.extend(judge_key(&envelope, &statement, reviewers, keys));
        problems.extend(judge_role(&statement, reviewers, &systems));
        entries.push(Entry { line: line_number, digest, statement: Some(statement), problems });
    }
    if systems.is_empty() {
        // Nothing is declared: the review as a whole is what there is to sign.
        systems.insert("");
    }
    let sound: Vec<&Statement> = entries
        .iter()
        .filter(|entry| entry.problems.is_empty())
        .filter_map(|entry| entry.statement.as_ref())
        .filter(|statement| statement.decision != Decision::Comment)
        .collect();
    let systems = sign_offs(&systems, &sound, reviewers);
    let head = chain.head().ok().flatten();
    Verification { document: now, entries, head, systems }
}

/// Whether the signature is that of a key which the signer is known to have.
fn judge_key(
    envelope: &Envelope,
    statement: &Statement,
    reviewers: &[TrustedReviewer],
    keys: &[PublicKey],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    if envelope.key != statement.key {
        problems.push(Problem::TwoKeys { statement: statement.key.clone(), envelope: envelope.key.clone() });
    }
    let owners: Vec<&TrustedReviewer> = reviewers
        .iter()
        .filter(|one| one.key.as_ref().is_some_and(|key| key.id() == statement.key))
        .collect();
    let owned = owners.iter().find_map(|owner| owner.key.as_ref());
    let given = keys.iter().find(|key| key.id() == statement.key);
    match owned.or(given) {
        None => problems.push(Problem::UnknownKey(statement.key.clone())),
        Some(key) if !envelope.verifies(key) => {
            problems.push(Problem::BadSignature(statement.key.clone()));
        }
        Some(_) => {}
    }
    let as_declared =
        reviewers.iter().filter(|one| one.name == statement.signer && one.role == statement.role);
    let declared: Vec<String> = as_declared.filter_map(|one| one.key.as_ref()).map(PublicKey::id).collect();
    if !declared.is_empty() && !declared.contains(&statement.key) {
        problems.push(Problem::OtherKey {
            signer: statement.signer.clone(),
            declared: declared.join(", "),
            used: statement.key.clone(),
        });
    } else if let Some(owner) = owners.first()
        && owners.iter().all(|owner| owner.name != statement.signer)
    {
        problems.push(Problem::OtherSigner { owner: owner.name.clone(), signer: statement.signer.clone() });
    }
    problems
}

/// Whether the signer may speak in that role for that system.
fn judge_role(
    statement: &Statement,
    reviewers: &[TrustedReviewer],
    systems: &BTreeSet<&str>,
) -> Option<Problem> {
    let (signer, role) = (statement.signer.clone(), statement.role.clone());
    let declared: Vec<&TrustedReviewer> = reviewers.iter().filter(|one| one.name == signer).collect();
    let in_role: Vec<&&TrustedReviewer> = declared.iter().filter(|one| one.role == role).collect();
    // Where nobody is declared, anybody may sign in any role that there is.
    if (in_role.is_empty() && !reviewers.is_empty()) || !ROLES.contains(&role.as_str()) {
        let roles: BTreeSet<&str> = declared.iter().map(|one| one.role.as_str()).collect();
        let declared = if roles.is_empty() {
            "no reviewer".to_owned()
        } else {
            roles.into_iter().collect::<Vec<_>>().join(", ")
        };
        return Some(Problem::WrongRole { signer, role, declared });
    }
    let system = statement.system.clone()?;
    let answers = reviewers.is_empty() || in_role.iter().any(|one| one.answers_for(&system));
    (!answers || !systems.contains(system.as_str())).then_some(Problem::WrongSystem { signer, role, system })
}
