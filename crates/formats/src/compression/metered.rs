//! A decoder that pays for what comes out of it.

use std::io::Read;

use crate::{Budget, Held};

/// Bytes from which on the ratio is looked at.
const RATIO_FROM: u64 = 1 << 20;
/// Bytes after which a stream with a ratio beyond the bound is not inflated further.
const RATIO_STOP: u64 = 64 << 20;

/// A reader of inflated bytes that counts them, adds them up and stops at the bounds.
pub(crate) struct Metered<'b, R> {
    reader: R,
    budget: &'b Budget,
    packed: u64,
    crc: flate2::Crc,
    /// Bytes that came out.
    pub(crate) total: u64,
    /// Why it ended early: code and words.
    pub(crate) stopped: Option<(&'static str, String)>,
}

impl<'b, R: Read> Metered<'b, R> {
    /// Reads from `reader`, which was given `packed` bytes.
    pub(crate) fn new(reader: R, packed: usize, budget: &'b Budget) -> Self {
        Self { reader, budget, packed: packed as u64, crc: flate2::Crc::new(), total: 0, stopped: None }
    }

    /// CRC-32 of what came out.
    pub(crate) fn crc(&self) -> u32 {
        self.crc.sum()
    }

    /// Whether so much came out of so little that nobody meant it to be used.
    pub(crate) fn is_bomb(&self) -> bool {
        self.total >= RATIO_FROM && self.total > self.packed.saturating_mul(self.budget.limits.inflate_ratio)
    }

    /// The ratio, in words.
    pub(crate) fn ratio(&self) -> String {
        format!("inflates to more than {} times its size", self.budget.limits.inflate_ratio)
    }

    /// Reads to the end or to what memory may hold, behind the bytes that are there already. True if more follows.
    pub(crate) fn fill(&mut self, mut bytes: Vec<u8>, expected: u64) -> (Vec<u8>, Held, bool) {
        let most = usize::try_from(self.budget.memory_left()).unwrap_or(usize::MAX).max(1 << 20);
        let expected = usize::try_from(expected).unwrap_or(most).min(most).min(16 << 20);
        bytes.reserve(expected.saturating_sub(bytes.len()));
        let room = most.saturating_sub(bytes.len());
        let ended = self.by_ref().take(room as u64).read_to_end(&mut bytes);
        let held = self.budget.hold(bytes.capacity() as u64);
        let mut next = [0_u8; 1];
        let cut = ended.is_ok() && bytes.len() >= most && self.peek(&mut next);
        if cut {
            bytes.extend_from_slice(&next);
        }
        (bytes, held, cut)
    }

    fn peek(&mut self, next: &mut [u8; 1]) -> bool {
        self.read(next).is_ok_and(|read| read > 0)
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.stopped.is_some() {
            return Ok(0);
        }
        let read = loop {
            match self.reader.read(out) {
                Ok(read) => break read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let why = format!("does not inflate to its end: {error}");
                    self.stopped = Some(("compression-broken", why));
                    return Ok(0);
                }
            }
        };
        if self.budget.is_stopped() {
            let why = "the time for the file was over before all was inflated";
            self.stopped = Some(("limit-time", why.to_owned()));
            return Ok(0);
        }
        if !self.budget.inflate(read as u64) {
            let most = self.budget.most_inflated();
            // What is large and packed as usual is no bomb.
            let code = if most >= self.budget.limits.inflated_bytes && !self.is_dense() {
                "limit-size"
            } else {
                "limit-inflated"
            };
            self.stopped = Some((code, format!("inflates beyond the bound of {most} bytes")));
            return Ok(0);
        }
        self.total += read as u64;
        self.crc.update(out.get(..read).unwrap_or_default());
        if self.total > RATIO_STOP && self.is_bomb() {
            self.stopped = Some(("limit-ratio", self.ratio()));
        }
        Ok(read)
    }
}

impl<R> Metered<'_, R> {
    /// Whether more than a hundred bytes came out of each.
    fn is_dense(&self) -> bool {
        self.total > self.packed.saturating_mul(100)
    }
}
