//! How long work tells how far it is.

/// Told about the stages of a run; the command line draws bars from it.
pub trait Progress: Sync {
    /// A stage begins: its name, and how many units it has (0 if that is not known).
    fn begin(&self, stage: &str, units: u64);

    /// So many units more are done.
    fn advance(&self, units: u64);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _stage: &str, _units: u64) {}
    fn advance(&self, _units: u64) {}
}
