//! The file of envelopes, one to a line, and how another is added.

use super::envelope::Envelope;
use super::{SigningKey, Statement, sha256};

/// Bytes of a chain, at most.
pub const MAXIMUM_BYTES: usize = 16 * 1024 * 1024;
/// Sign-offs of a chain, at most.
const MAXIMUM_LINES: usize = 10_000;

/// Why a chain cannot be read or added to.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// More than any review gets.
    #[error(
        "the signatures take more than {MAXIMUM_BYTES} bytes or {MAXIMUM_LINES} lines; they are not ours"
    )]
    TooLarge,
    /// Lines are UTF-8 and end in a line feed.
    #[error("the signatures are no text in UTF-8 whose last line ends in a line feed; restore a copy")]
    NoLines,
    /// The last line cannot be linked to.
    #[error("line {line} of the signatures is broken: {cause}; see `vauban verify`")]
    Broken {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        cause: String,
    },
    /// The writer of JSON gave up.
    #[error("could not write JSON: {0}; this is a defect, please report it")]
    Json(#[from] serde_json::Error),
}

/// The envelopes of one document, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain(Vec<String>);

impl Chain {
    /// Splits a file into its lines; what they hold is for [`super::verify`] to judge.
    ///
    /// # Errors
    /// [`ChainError`] when it is no text or larger than any chain.
    pub fn read(bytes: &[u8]) -> Result<Self, ChainError> {
        if bytes.len() > MAXIMUM_BYTES {
            return Err(ChainError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ChainError::NoLines)?;
        if text.is_empty() {
            return Ok(Self::default());
        }
        let lines = text.strip_suffix('\n').ok_or(ChainError::NoLines)?;
        Self::of(lines.split('\n').map(str::to_owned))
    }

    /// A chain of lines that stand somewhere else than in a file.
    ///
    /// # Errors
    /// [`ChainError::TooLarge`] when there are more than any review gets.
    pub fn of(lines: impl IntoIterator<Item = String>) -> Result<Self, ChainError> {
        let lines: Vec<_> = lines.into_iter().take(MAXIMUM_LINES + 1).collect();
        if lines.len() > MAXIMUM_LINES { Err(ChainError::TooLarge) } else { Ok(Self(lines)) }
    }

    /// The lines, oldest first, without their line feeds.
    pub fn lines(&self) -> &[String] {
        &self.0
    }

    /// SHA-256 of the last statement: what the next one names, and what to keep elsewhere so that nobody can cut the
    /// chain unseen.
    ///
    /// # Errors
    /// [`ChainError::Broken`] when the last line is no envelope.
    pub fn head(&self) -> Result<Option<String>, ChainError> {
        let Some(last) = self.0.last() else { return Ok(None) };
        match Envelope::read(last) {
            Ok(envelope) => Ok(Some(sha256(&envelope.payload))),
            Err(cause) => Err(ChainError::Broken { line: self.0.len(), cause }),
        }
    }

    /// The line that `key` signs `statement` with. Place, link and key of the statement are filled in: it comes after
    /// the last line, and where there is none after `earlier`, the head of the chain of the review before, if given.
    ///
    /// # Errors
    /// [`ChainError`] when the chain is broken or full.
    pub fn next(
        &self,
        statement: &Statement,
        earlier: Option<&str>,
        key: &SigningKey,
    ) -> Result<String, ChainError> {
        if self.0.len() >= MAXIMUM_LINES {
            return Err(ChainError::TooLarge);
        }
        let mut statement = statement.clone();
        statement.sequence = self.0.len() as u64 + 1;
        statement.previous = self.head()?.or_else(|| earlier.map(str::to_owned));
        statement.key = key.public().id();
        Ok(Envelope::seal(statement.to_bytes()?, key).to_line()?)
    }
}
