//! The digest of a file, taken while other threads parse it.

use sha2::{Digest as _, Sha256};
use vauban_domain::Digest;

use crate::Progress;
use crate::request::DigestChoice;

/// Bytes between two signs of progress.
const STEP: usize = 32 << 20;

/// The digest asked for. Every byte is read for it, so it is what tells how far the reading is.
///
/// What was read is released step by step: the memory that a large file takes is that of a few steps.
pub(crate) fn digest(
    content: &[u8],
    choice: DigestChoice,
    progress: &dyn Progress,
    release: &dyn Fn(usize, usize),
) -> Option<Digest> {
    let mut done = 0;
    let mut passed = |step: &[u8]| {
        progress.advance(step.len() as u64);
        if content.len() > STEP {
            release(done, step.len());
        }
        done += step.len();
    };
    match choice {
        DigestChoice::Sha256 => {
            let mut hasher = Sha256::new();
            for step in content.chunks(STEP) {
                hasher.update(step);
                passed(step);
            }
            Some(Digest::Sha256(hasher.finalize().into()))
        }
        DigestChoice::Blake3 => {
            let mut hasher = blake3::Hasher::new();
            for step in content.chunks(STEP) {
                hasher.update_rayon(step);
                passed(step);
            }
            Some(Digest::Blake3(hasher.finalize().into()))
        }
        DigestChoice::None => {
            progress.advance(content.len() as u64);
            None
        }
    }
}
