//! What checks can look at: one variant per kind of subject.

use vauban_formats::Facts;

use crate::{Estate, Report, Subject};

/// The function of a check, typed by its subject.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Look {
    /// Any file or member, whatever its format.
    Any(fn(&Subject<'_, Facts>, &mut Report)),
    /// The whole estate.
    Estate(fn(&Estate<'_>, &mut Report)),
}

impl Look {
    /// Looks at one input if it is of the right kind; false if it is not.
    pub(crate) fn at(self, subject: &Subject<'_, Facts>, report: &mut Report) -> bool {
        /// Runs `look` on the facts inside one variant of [`Facts`].
        #[allow(unused_macros)]
        macro_rules! typed {
            ($look:expr, $variant:ident) => {{
                let Facts::$variant(facts) = subject.facts else { return false };
                $look(&subject.with(facts), report);
                true
            }};
        }
        match self {
            Self::Any(look) => {
                look(subject, report);
                true
            }
            Self::Estate(_) => false,
        }
    }
}

impl<'a, T: ?Sized> Subject<'a, T> {
    /// The same place with facts of another type.
    pub fn with<U: ?Sized>(&self, facts: &'a U) -> Subject<'a, U> {
        Subject {
            facts,
            parsed: self.parsed,
            defects: self.defects,
            locator: self.locator,
            asset: self.asset,
            assets_here: self.assets_here,
            knowledge: self.knowledge,
        }
    }
}
