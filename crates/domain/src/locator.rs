//! Where something was seen.

use std::fmt;

/// A place: a file, a member inside it, and a line, key or offset inside that.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locator {
    /// Path below the reviewed root with `/` between parts, or an address for what is no file.
    pub path: String,
    /// Member inside a container, nested ones joined by `!`.
    pub member: Option<String>,
    /// One-based line.
    pub line: Option<u32>,
    /// Key or object path, `spec.template.spec.containers[0]`.
    pub key: Option<String>,
    /// Byte offset.
    pub offset: Option<u64>,
}

impl Locator {
    /// The whole file at `path`.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// The same place, narrowed to a one-based line.
    #[must_use]
    pub fn at_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// The same place, narrowed to a key.
    #[must_use]
    pub fn at_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The same place, narrowed to a byte offset.
    #[must_use]
    pub fn at_offset(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The same place, narrowed to a container's member.
    #[must_use]
    pub fn in_member(mut self, member: impl Into<String>) -> Self {
        self.member = Some(member.into());
        self
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(member) = &self.member {
            write!(f, "!{member}")?;
        }
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(key) = &self.key {
            write!(f, "#{key}")?;
        }
        if let Some(offset) = self.offset {
            write!(f, "+{offset}")?;
        }
        Ok(())
    }
}
