//! Bounds on what parsing may cost, whatever the input says.

/// Bounds on one file. Every bound that is hit leaves a `limit-…` defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes inflated out of all archives in one file.
    pub inflated_bytes: u64,
    /// Inflated bytes per compressed byte in one member, looked at from a mebibyte on.
    pub inflate_ratio: u64,
    /// Inflated bytes of one file that are in memory at once; of what is larger the beginning is parsed and the rest
    /// searched window by window.
    pub held_bytes: u64,
    /// Bytes of archives that are looked at again because members overlap.
    pub reread_bytes: u64,
    /// Bytes of tensors and padding that are searched for what does not belong there.
    pub sampled_bytes: u64,
    /// Containers inside containers.
    pub depth: u32,
    /// Members of one container.
    pub members: usize,
    /// Opcodes of one pickle stream.
    pub opcodes: u64,
    /// Nodes of one tree (JSON, YAML, HCL, protobuf messages ...).
    pub nodes: usize,
    /// Bytes of a text file that is parsed as a whole.
    pub text_bytes: usize,
    /// Facts kept per file (records of a log, rows of a table, calls of a pickle).
    pub records: usize,
    /// Whether the facts will be judged. Otherwise what only judges ask for is left out: what code does step by step, and
    /// what hides in values and behind ends.
    pub judged: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inflated_bytes: 4 << 30,
            inflate_ratio: 1_000,
            held_bytes: 40 << 20,
            reread_bytes: 8 << 20,
            sampled_bytes: 12 << 20,
            depth: 8,
            members: 100_000,
            opcodes: 200_000_000,
            nodes: 2_000_000,
            text_bytes: 64 << 20,
            records: 2_000_000,
            judged: true,
        }
    }
}
