//! Versions of Python packages, by PEP 440: spelling is normalised, order is that of the `packaging` library.

use std::cmp::Ordering;

use super::number::Number;

/// A version by PEP 440.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pep440 {
    epoch: Number,
    /// Without zeros at its end: `1.0` and `1` are one version.
    release: Vec<Number>,
    pre: Option<(Phase, Number)>,
    post: Option<Number>,
    dev: Option<Number>,
    local: Vec<Segment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Alpha,
    Beta,
    Candidate,
}

/// A part of a local label: numbers are later than words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(String),
    Number(Number),
}

impl Pep440 {
    /// Reads a version in any spelling that PEP 440 allows; `None` for what is no version.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.trim().to_ascii_lowercase();
        let mut rest = lower.strip_prefix('v').unwrap_or(&lower);
        let mut local = Vec::new();
        if let Some((public, label)) = rest.split_once('+') {
            local = label.split(['-', '_', '.']).map(segment).collect::<Option<_>>()?;
            rest = public;
        }
        let mut epoch = Number::zero();
        if let Some((number, after)) = rest.split_once('!') {
            epoch = Number::parse(number)?;
            rest = after;
        }
        let mut cursor = Cursor(rest);
        let mut release = vec![cursor.number()?];
        while let Some(number) = cursor.dotted_number() {
            release.push(number);
        }
        while release.len() > 1 && release.last().is_some_and(Number::is_zero) {
            release.pop();
        }
        let pre = cursor.tagged(&[
            ("alpha", Phase::Alpha),
            ("a", Phase::Alpha),
            ("beta", Phase::Beta),
            ("b", Phase::Beta),
            ("preview", Phase::Candidate),
            ("pre", Phase::Candidate),
            ("rc", Phase::Candidate),
            ("c", Phase::Candidate),
        ]);
        let post = cursor
            .dashed_number()
            .or_else(|| Some(cursor.tagged(&[("post", ()), ("rev", ()), ("r", ())])?.1));
        let dev = cursor.tagged(&[("dev", ())]).map(|(_, number)| number);
        cursor.0.is_empty().then_some(Self { epoch, release, pre, post, dev, local })
    }

    /// Whether it is a pre-release or a development release.
    pub fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }
}

fn segment(text: &str) -> Option<Segment> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    Some(Number::parse(text).map_or_else(|| Segment::Word(text.to_owned()), Segment::Number))
}

/// What is left to read.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn number(&mut self) -> Option<Number> {
        let end = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let number = Number::parse(self.0.get(..end)?)?;
        self.0 = self.0.get(end..)?;
        Some(number)
    }

    /// `.1`
    fn dotted_number(&mut self) -> Option<Number> {
        let mut ahead = Cursor(self.0.strip_prefix('.')?);
        let number = ahead.number()?;
        self.0 = ahead.0;
        Some(number)
    }

    /// `-1`, the short spelling of a post-release
    fn dashed_number(&mut self) -> Option<Number> {
        let mut ahead = Cursor(self.0.strip_prefix('-')?);
        let number = ahead.number()?;
        self.0 = ahead.0;
        Some(number)
    }

    /// `.rc-1`, `a`: a word with separators before and after it, and a number that is 0 unless written
    fn tagged<T: Copy>(&mut self, words: &[(&str, T)]) -> Option<(T, Number)> {
        const SEPARATORS: [char; 3] = ['-', '_', '.'];
        let start = self.0.strip_prefix(SEPARATORS).unwrap_or(self.0);
        let (rest, tag) =
            words.iter().find_map(|(word, tag)| start.strip_prefix(word).map(|rest| (rest, *tag)))?;
        let mut ahead = Cursor(rest.strip_prefix(SEPARATORS).unwrap_or(rest));
        match ahead.number() {
            Some(number) => {
                self.0 = ahead.0;
                Some((tag, number))
            }
            None => {
                self.0 = rest;
                Some((tag, Number::zero()))
            }
        }
    }
}

impl Ord for Pep440 {
    fn cmp(&self, other: &Self) -> Ordering {
        /// A development release of a release itself is before its pre-releases, which are before it.
        fn pre(version: &Pep440) -> (u8, Option<&(Phase, Number)>) {
            match &version.pre {
                Some(pre) => (1, Some(pre)),
                None if version.post.is_none() && version.dev.is_some() => (0, None),
                None => (2, None),
            }
        }
        let dev = |version: &Self| (version.dev.is_none(), version.dev.clone());
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| self.release.cmp(&other.release))
            .then_with(|| pre(self).cmp(&pre(other)))
            .then_with(|| self.post.cmp(&other.post))
            .then_with(|| dev(self).cmp(&dev(other)))
            .then_with(|| self.local.cmp(&other.local))
    }
}

impl PartialOrd for Pep440 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order of the `packaging` library's own tests, shortened.
    const RISING: &[&str] = &[
        "1.0.dev456",
        "1.0a1",
        "1.0a2.dev456",
        "1.0a12.dev456",
        "1.0a12",
        "1.0b1.dev456",
        "1.0b2",
        "1.0b2.post345.dev456",
        "1.0b2.post345",
        "1.0rc1.dev456",
        "1.0rc1",
        "1.0",
        "1.0+abc.5",
        "1.0+abc.7",
        "1.0+5",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.15",
        "1.1.dev1",
        "1.10",
        "20200101000000000000000000",
        "1!0.1.dev1",
        "1!1.0",
        "1!1.0.post1",
    ];

    #[test]
    fn versions_rise_as_pep_440_says() {
        let versions: Vec<Pep440> = RISING.iter().map(|text| Pep440::parse(text).unwrap()).collect();
        for pair in versions.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
    }

    #[test]
    fn spellings_are_one() {
        for (one, other) in [
            ("1.0", "1"),
            ("v1.0.0", "1"),
            ("1.0alpha1", "1.0a1"),
            ("1.0-preview_2", "1.0rc2"),
            ("1.0c3", "1.0RC3"),
            ("1.0.pre", "1.0rc0"),
            ("1.0-1", "1.0.post1"),
            ("1.0-r4", "1.0.post4"),
            ("1.0.REV.4", "1.0.post4"),
            ("1.0dev", "1.0.dev0"),
            ("1.0+ubuntu-1", "1.0+ubuntu.1"),
            (" 01.002 ", "1.2"),
            ("0!1.0", "1.0"),
        ] {
            assert_eq!(Pep440::parse(one), Pep440::parse(other), "{one} {other}");
            assert!(Pep440::parse(one).is_some(), "{one}");
        }
    }

    #[test]
    fn words_and_ranges_are_no_versions() {
        for text in
            ["", "latest", "1.0.x", ">=1.0", "1.0,2.0", "1..0", "1.0+", "1.0+a..b", "1!", "a1", "1.0.devx"]
        {
            assert_eq!(Pep440::parse(text), None, "{text}");
        }
    }
}
