//! The facts of one file, with those of what is inside it.

use crate::{Defect, Facts};

/// One parsed input and, for containers, its members.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// Name of the format that the content is, whatever its name says; `unknown` if none.
    pub format: &'static str,
    /// What the parser of that format saw.
    pub facts: Facts,
    /// What was wrong with the bytes.
    pub defects: Vec<Defect>,
    /// What is inside, in stored order.
    pub members: Vec<Member>,
}

/// A member of a container.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Name as stored, lossily as UTF-8.
    pub name: String,
    /// Size in bytes when inflated.
    pub size: u64,
    /// Its facts.
    pub parsed: Parsed,
}

impl Parsed {
    /// Visits this input and every member below it; `path` is the members' names joined by `!`, empty for itself.
    pub fn visit<'a>(&'a self, mut see: impl FnMut(&str, &'a Self)) {
        self.visit_below("", &mut see);
    }

    fn visit_below<'a>(&'a self, path: &str, see: &mut impl FnMut(&str, &'a Self)) {
        see(path, self);
        for member in &self.members {
            let below = if path.is_empty() { member.name.clone() } else { format!("{path}!{}", member.name) };
            member.parsed.visit_below(&below, see);
        }
    }
}
