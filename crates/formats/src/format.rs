//! The list of formats, and how content finds its parser.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::{Defect, FORMATS, Facts, Limits, Parsed};

/// One format: a line in [`FORMATS`], a folder with its parser.
#[derive(Debug)]
pub struct Format {
    /// Stable lower-case name, `pickle`, `onnx`, `kubernetes`.
    pub name: &'static str,
    /// Usual extensions, without the dot.
    pub extensions: &'static [&'static str],
    /// How sure the format is that this input is its own, from name and content.
    pub recognise: fn(&Input<'_>) -> Recognised,
    /// Reads the facts. Never fails: what is wrong becomes a [`Defect`].
    pub parse: fn(&Input<'_>) -> Parsed,
}

/// How sure a format is that an input is its own, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recognised {
    /// Not this format.
    No,
    /// The name says so, the content does not speak against it.
    ByName,
    /// The content has the shape of the format.
    ByShape,
    /// The content carries the format's magic.
    ByMagic,
}

/// What a parser is given: bytes, a name to go by, and what it may still spend.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Path or member name with `/` between parts.
    pub name: &'a str,
    /// The content.
    pub bytes: &'a [u8],
    /// Containers around this input.
    pub depth: u32,
    /// Bounds, and what is left of them.
    pub budget: &'a Budget,
}

impl<'a> Input<'a> {
    /// A file of its own. Its size bounds what may be inflated out of it, however often it is compressed.
    pub fn new(name: &'a str, bytes: &'a [u8], budget: &'a Budget) -> Self {
        budget.file_bytes.store(bytes.len() as u64, Ordering::Relaxed);
        Self { name, bytes, depth: 0, budget }
    }

    /// A member of the container that `self` is.
    pub fn member<'b>(&self, name: &'b str, bytes: &'b [u8]) -> Input<'b>
    where
        'a: 'b,
    {
        Input { name, bytes, depth: self.depth + 1, budget: self.budget }
    }

    /// Last part of the name.
    pub fn file_name(&self) -> &'a str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(self.name)
    }

    /// Lower-case extension without the dot; empty if there is none.
    pub fn extension(&self) -> String {
        self.file_name().rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_lowercase())
    }

    /// The first `length` bytes, or all there are.
    pub fn head(&self, length: usize) -> &'a [u8] {
        self.bytes.get(..length).unwrap_or(self.bytes)
    }
}

/// Bytes that may be inflated out of any file, however small.
const INFLATED_FLOOR: u64 = 64 << 20;

/// Bounds of one file, shared by everything inside it, with a running count of inflated bytes.
#[derive(Debug, Default)]
pub struct Budget {
    /// The bounds.
    pub limits: Limits,
    file_bytes: AtomicU64,
    inflated: AtomicU64,
    reread: AtomicU64,
    stopped: AtomicBool,
}

impl Budget {
    /// A fresh budget.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes `bytes` from the inflation budget; false once it is overdrawn.
    pub fn inflate(&self, bytes: u64) -> bool {
        let before = self.inflated.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= self.most_inflated()
    }

    /// Bytes that may be inflated out of this file in all.
    pub fn most_inflated(&self) -> u64 {
        let file = self.file_bytes.load(Ordering::Relaxed);
        let by_ratio = file.saturating_mul(self.limits.inflate_ratio).max(INFLATED_FLOOR);
        by_ratio.min(self.limits.inflated_bytes)
    }

    /// Takes `bytes` that are looked at once more from the budget; false once it is overdrawn.
    pub fn reread(&self, bytes: u64) -> bool {
        let before = self.reread.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= self.limits.reread_bytes
    }

    /// Asks every parser of this file to stop; called by a watchdog when the file's time is over.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether to stop now. Loops over hostile lengths ask every few thousand rounds and leave a `limit-time` defect.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Bytes that may still be inflated.
    pub fn inflation_left(&self) -> u64 {
        self.most_inflated().saturating_sub(self.inflated.load(Ordering::Relaxed))
    }
}

/// The format that is surest of the input; the earlier in the list where two are equally sure.
pub fn identify(input: &Input<'_>) -> Option<&'static Format> {
    let mut best: Option<(&'static Format, Recognised)> = None;
    for format in FORMATS {
        let sure = (format.recognise)(input);
        if sure > best.map_or(Recognised::No, |(_, best)| best) {
            best = Some((format, sure));
        }
    }
    best.map(|(format, _)| format)
}

/// Identifies and parses an input; members of containers come back inside.
///
/// Content that no format recognises gives [`Facts::Unknown`] and no defect: not knowing is not an offence.
pub fn parse(input: &Input<'_>) -> Parsed {
    let unread = |code, detail: String| Parsed {
        format: "unread",
        facts: Facts::Unknown,
        defects: vec![Defect::whole(code, detail)],
        members: Vec::new(),
    };
    if input.depth > input.budget.limits.depth {
        let detail = format!("more than {} containers inside one another", input.budget.limits.depth);
        return unread("limit-depth", detail);
    }
    if input.budget.is_stopped() {
        return unread("limit-time", "the time for the file was over before this was looked at".to_owned());
    }
    match identify(input) {
        Some(format) => (format.parse)(input),
        None => Parsed { format: "unknown", facts: Facts::Unknown, defects: Vec::new(), members: Vec::new() },
    }
}
