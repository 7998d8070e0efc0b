//! What is signed: an in-toto statement about one document.

use serde::{Deserialize, Serialize};

use super::{PREDICATE_TYPE, STATEMENT_TYPE};

/// Roles that sign off, as `[[reviewer]]` names them, sorted.
pub const ROLES: &[&str] = &["data-science", "owner", "security"];

/// What a reviewer makes of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// They stand by it.
    Approve,
    /// They do not.
    Reject,
    /// They say something and decide nothing.
    Comment,
}

impl Decision {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::Comment];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Comment => "comment",
        }
    }
}

/// One sign-off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Id of the review.
    pub review: String,
    /// SHA-256 of the exact bytes of the document, hexadecimal.
    pub document: String,
    /// Place in the chain, from 1.
    pub sequence: u64,
    /// SHA-256 of the exact bytes of the statement before, hexadecimal; `None` where the chain begins.
    pub previous: Option<String>,
    /// Name of who signs.
    pub signer: String,
    /// One of [`ROLES`].
    pub role: String,
    /// Id of the key that signs, so that the chain binds it too.
    pub key: String,
    /// The system it is about; `None` for every system that the signer answers for.
    pub system: Option<String>,
    /// What they decide.
    pub decision: Decision,
    /// What they say.
    pub comment: String,
    /// When, RFC 3339 in UTC: the word of the signer, no proof of a time.
    pub signed_at: String,
}

#[derive(Serialize, Deserialize)]
struct InToto {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Serialize, Deserialize)]
struct Subject {
    name: String,
    digest: Sha256,
}

#[derive(Serialize, Deserialize)]
struct Sha256 {
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    review: String,
    sequence: u64,
    previous: Option<Sha256>,
    signer: String,
    role: String,
    key: String,
    system: Option<String>,
    decision: Decision,
    comment: String,
    signed_at: String,
}

impl Statement {
    /// The bytes to sign: compact JSON in UTF-8, keys in one fixed order, nothing after it.
    ///
    /// # Errors
    /// Never for these types; the signature is `serde_json`'s.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&InToto {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![Subject {
                name: self.review.clone(),
                digest: Sha256 { sha256: self.document.clone() },
            }],
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: Predicate {
                review: self.review.clone(),
                sequence: self.sequence,
                previous: self.previous.clone().map(|sha256| Sha256 { sha256 }),
                signer: self.signer.clone(),
                role: self.role.clone(),
                key: self.key.clone(),
                system: self.system.clone(),
                decision: self.decision,
                comment: self.comment.clone(),
                signed_at: self.signed_at.clone(),
            },
        })
    }

    /// Reads the bytes that were signed; what other writers add is ignored.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let read: InToto =
            serde_json::from_slice(bytes).map_err(|error| format!("no statement of a sign-off: {error}"))?;
        if read.kind != STATEMENT_TYPE || read.predicate_type != PREDICATE_TYPE {
            return Err(format!("a statement of another type, `{}`", read.predicate_type));
        }
        let count = read.subject.len();
        let Ok([subject]) = <[Subject; 1]>::try_from(read.subject) else {
            return Err(format!("it is about {count} documents and not about one"));
        };
        let predicate = read.predicate;
        if subject.name != predicate.review {
            return Err(format!("it names two reviews, `{}` and `{}`", subject.name, predicate.review));
        }
        Ok(Self {
            review: predicate.review,
            document: subject.digest.sha256,
            sequence: predicate.sequence,
            previous: predicate.previous.map(|previous| previous.sha256),
            signer: predicate.signer,
            role: predicate.role,
            key: predicate.key,
            system: predicate.system,
            decision: predicate.decision,
            comment: predicate.comment,
            signed_at: predicate.signed_at,
        })
    }
}
