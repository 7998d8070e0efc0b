//! Where things come from: the only crate that walks a disk or opens a socket. It knows no rule.

#![deny(unsafe_code)]

mod content;
pub mod inventory;
pub mod live;
pub mod serve;
mod walk;

pub use content::{Content, Stamp, stamp};
pub use walk::{Entry, Skipped, WalkError, WalkOptions, Walked, walk};
