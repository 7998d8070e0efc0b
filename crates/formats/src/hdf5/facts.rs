//! What an HDF5 file says.

use std::collections::BTreeMap;

/// An HDF5 file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hdf5 {
    /// Version of the superblock.
    pub version: u8,
    /// Bytes before the superblock.
    pub user_block: u64,
    /// Groups, datasets and named types that were seen.
    pub objects: usize,
    /// Soft and external links.
    pub links: Vec<Link>,
    /// Datasets, in the order of the file's tree.
    pub datasets: Vec<Dataset>,
    /// Attributes and small datasets that hold text or opaque bytes.
    pub texts: Vec<Text>,
    /// Filters that datasets need, by their registered number, with the name that the file states.
    pub filters: BTreeMap<u16, String>,
}

impl Hdf5 {
    /// The text of an attribute, `model_config` of the root for example.
    pub fn text(&self, path: &str) -> Option<&[u8]> {
        self.texts.iter().find(|text| text.path == path).map(|text| text.bytes.as_slice())
    }

    /// Bytes that all datasets take when read into memory.
    pub fn bytes(&self) -> u64 {
        self.datasets.iter().fold(0, |sum, dataset| sum.saturating_add(dataset.bytes))
    }
}

/// A link that is no plain membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub path: String,
    /// Where it leads.
    pub target: Target,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a path in the same file.
    Soft(String),
    /// To an object of another file.
    External {
        /// Name of the file as stored.
        file: String,
        /// Path of the object in it.
        object: String,
    },
    /// To something that a registered plugin resolves.
    User(u8),
}

/// A dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dataset {
    /// Path.
    pub path: String,
    /// Extents.
    pub shape: Vec<u64>,
    /// Kind of its elements.
    pub class: Class,
    /// Bytes when read into memory.
    pub bytes: u64,
    /// Bytes of the file that could hold it: its own for contiguous ones, the whole file for chunks.
    pub stored: u64,
    /// Files in which its raw data lies, as stored.
    pub external: Vec<String>,
    /// Files that a virtual dataset is put together from, as stored; `.` is the file itself.
    pub sources: Vec<String>,
    /// Whether it is stored in chunks, which need not exist.
    pub chunked: bool,
}

/// Kind of an element.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Class {
    /// Integers, bit fields, enumerations.
    Integer,
    /// Floats.
    Float,
    /// Text of fixed or variable length.
    Text,
    /// Bytes whose meaning is the application's.
    Opaque,
    /// Sequences of variable length.
    Sequence,
    /// Anything else.
    #[default]
    Other,
}

/// An attribute or dataset that holds text or bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Path of the object and, for attributes, their name behind `@`.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
}
