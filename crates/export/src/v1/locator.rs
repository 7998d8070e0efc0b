//! Where something was seen.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

/// A place: a file, a member inside it, and a line, key or offset inside that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Locator {
    /// Path below the reviewed root with `/` between parts, or an address for what is no file.
    pub path: String,
    /// Member inside a container; nested ones are joined by `!`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// One-based line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Key or object path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Byte offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl From<&domain::Locator> for Locator {
    fn from(locator: &domain::Locator) -> Self {
        Self {
            path: locator.path.clone(),
            member: locator.member.clone(),
            line: locator.line,
            key: locator.key.clone(),
            offset: locator.offset,
        }
    }
}

/// `path!member:line#key+offset`, as everywhere in Vauban.
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
