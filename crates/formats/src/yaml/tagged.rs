//! Nodes with a tag outside the core schema: what a loader with constructors of its own would build.

use granit_parser::Tag;

/// Tags kept per file.
const TAGS: usize = 10_000;
/// Scalars kept below a tag.
const SCALARS: usize = 8;
/// Characters kept of a scalar.
const CHARACTERS: usize = 200;

/// A node whose tag asks the loader for more than plain data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The resolved tag, `tag:yaml.org,2002:python/object/apply:os.system`.
    pub tag: String,
    /// One-based line.
    pub line: u32,
    /// The first scalars at or below the node, shortened.
    pub scalars: Vec<String>,
}

/// Collects tagged nodes from events.
#[derive(Debug, Default)]
pub(super) struct Tags {
    found: Vec<Tagged>,
    /// Index into `found` and depth of the nodes that are still open.
    open: Vec<(usize, usize)>,
    depth: usize,
}

impl Tags {
    pub(super) fn scalar(&mut self, line: u32, text: &str, tag: Option<&Tag>) {
        if let Some(at) = self.tagged(line, tag) {
            self.keep(at, text);
        }
        for index in 0..self.open.len() {
            self.keep(self.open[index].0, text);
        }
    }

    pub(super) fn start(&mut self, line: u32, tag: Option<&Tag>) {
        self.depth += 1;
        if let Some(at) = self.tagged(line, tag)
            && self.open.len() < super::DEPTH
        {
            self.open.push((at, self.depth));
        }
    }

    pub(super) fn end(&mut self) {
        self.open.retain(|(_, depth)| *depth < self.depth);
        self.depth = self.depth.saturating_sub(1);
    }

    /// Forgets what is open, where a document ends or breaks.
    pub(super) fn close(&mut self) {
        self.open.clear();
        self.depth = 0;
    }

    pub(super) fn finish(self) -> Vec<Tagged> {
        self.found
    }

    fn tagged(&mut self, line: u32, tag: Option<&Tag>) -> Option<usize> {
        let tag = tag.filter(|tag| tag.is_custom())?;
        if self.found.len() >= TAGS {
            return None;
        }
        self.found.push(Tagged { tag: tag.to_string(), line, scalars: Vec::new() });
        Some(self.found.len() - 1)
    }

    fn keep(&mut self, at: usize, text: &str) {
        if let Some(tagged) = self.found.get_mut(at)
            && tagged.scalars.len() < SCALARS
        {
            tagged.scalars.push(text.chars().take(CHARACTERS).collect());
        }
    }
}
