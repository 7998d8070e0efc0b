//! Where things come from: the only crate that walks a disk or opens a socket. It knows no rule.

#![deny(unsafe_code)]

pub mod inventory;
