//! Text that is either compiled in or read from a pack at run time.

use std::borrow::Cow;

/// A piece of text, borrowed when it is compiled in.
pub type Text = Cow<'static, str>;

/// A list of such pieces, usable in a `const`.
pub type TextList = Cow<'static, [Text]>;
