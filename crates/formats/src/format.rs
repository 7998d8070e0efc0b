//! The list of formats, and how content finds its parser.

use crate::{Budget, Defect, FORMATS, Facts, Parsed, payload, polyglot};

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
        budget.begin(bytes.len() as u64);
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
    let chosen = polyglot::placeholder(input).or_else(|| identify(input));
    let mut parsed = match chosen {
        Some(format) => (format.parse)(input),
        None => Parsed { format: "unknown", facts: Facts::Unknown, defects: Vec::new(), members: Vec::new() },
    };
    polyglot::read_otherwise(input, chosen, &mut parsed);
    if input.budget.limits.judged {
        payload::look(input, &mut parsed);
    }
    parsed
}
