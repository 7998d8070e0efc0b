//! What was wrong with the bytes: a fact, not an opinion.

/// Something about the bytes that the format does not allow, or a bound that parsing hit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// Stable code, lower-case words joined by hyphens: `header-past-end`, `limit-members`.
    pub code: &'static str,
    /// Where in the bytes, if there is one place.
    pub offset: Option<u64>,
    /// What exactly, for people.
    pub detail: String,
}

impl Defect {
    /// A defect at a byte offset.
    pub fn at(code: &'static str, offset: u64, detail: impl Into<String>) -> Self {
        Self { code, offset: Some(offset), detail: detail.into() }
    }

    /// A defect of the whole input.
    pub fn whole(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, offset: None, detail: detail.into() }
    }

    /// Whether it says that a bound was hit, so that part of the input was not looked at.
    pub fn is_limit(&self) -> bool {
        self.code.starts_with("limit-")
    }
}
