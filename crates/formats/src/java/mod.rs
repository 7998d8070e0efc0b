//! Java object serialisation: which classes a stream makes, and what it carries for them.
//!
//! Source: Java Object Serialization Specification, section 6 (stream protocol, version 5).

mod stream;
#[cfg(test)]
mod tests;

use crate::{Facts, Format, Input, Parsed, Recognised};

/// How serialised Java objects are found and read.
pub const FORMAT: Format = Format { name: "java", extensions: &["ser"], recognise, parse };

/// A stream of serialised objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Java {
    /// Classes that the stream describes, in stored order, each once.
    pub classes: Vec<Class>,
    /// Interfaces of proxies, which hand every call to a handler of the stream's choice.
    pub proxies: Vec<String>,
    /// Texts, cut, in stored order.
    pub texts: Vec<String>,
    /// Whether an object of a hash table has an internet address among its keys.
    pub hashed_address: bool,
    /// Offsets of byte arrays that hold compiled classes.
    pub bytecode: Vec<u64>,
}

/// A class that the stream describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Full name; arrays by the name of what they hold.
    pub name: String,
    /// Whether the class writes, and so reads, with code of its own.
    pub own_code: bool,
    /// Whether the stream refers to the class itself and not to an object of it.
    pub referred: bool,
    /// Names of the fields.
    pub fields: Vec<String>,
    /// Offset of its description.
    pub offset: u64,
}

fn recognise(input: &Input<'_>) -> Recognised {
    match input.bytes {
        // Magic, version, and a first element that the protocol knows.
        [0xac, 0xed, 0, 5, 0x70..=0x7e, ..] => Recognised::ByMagic,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (facts, defects, members) = stream::read(input);
    Parsed { format: FORMAT.name, facts: Facts::Java(facts), defects, members }
}
