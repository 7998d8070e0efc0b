//! Replays attacks through detections and declared controls.

use vauban_domain::{Declaration, Exercise, Measurement};
use vauban_knowledge::Knowledge;

use crate::Progress;
use crate::attack::Ready;
use crate::detection::Watched;

/// An exercise and the measurements its runs took.
#[derive(Debug)]
pub(crate) struct Exercised {
    pub(crate) exercise: Exercise,
    pub(crate) measurements: Vec<Measurement>,
}

/// Attacks every ready model with and without the controls declared for it.
pub(crate) fn exercise(
    ready: &[Ready],
    watched: &Watched,
    declaration: &Declaration,
    knowledge: &Knowledge,
    progress: &dyn Progress,
) -> Vec<Exercised> {
    let _ = (ready, watched, declaration, knowledge, progress);
    Vec::new()
}
