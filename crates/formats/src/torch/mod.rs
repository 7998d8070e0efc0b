//! PyTorch's zip format: a pickle with the object, and storages beside it that are referred to and never copied;
//! also packages (`torch.package`) and exported programs (`torch.export`, AOTInductor).
//!
//! Source: PyTorch's `caffe2/serialize/inline_container.h`, `torch/serialization.py`,
//! `torch/package/package_importer.py`, `torch/_export/serde/schema.py`, `torch/export/pt2_archive/constants.py`.

mod exported;

use std::collections::{BTreeMap, BTreeSet};

use crate::pickle::{ContainerKind, Value};
use crate::torchscript::{Collector, Script};
use crate::zip::{self, Entry, Zip};
use crate::{Facts, Format, Input, Limits, Member, Parsed, Recognised};

pub use exported::{Mention, Role};

/// Bytes of a source file that is read.
const SOURCE: u64 = 16 << 20;

/// How PyTorch archives are found and read.
pub const FORMAT: Format =
    Format { name: "torch", extensions: &["bin", "ckpt", "pt", "pt2", "ptl", "pth"], recognise, parse };

/// A PyTorch archive.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Torch {
    /// Folder inside the archive that everything is in.
    pub root: String,
    /// Version of the file format, 3 for most; as written.
    pub version: String,
    /// Byte order of the storages as written, empty if not stated.
    pub byte_order: String,
    /// Whether it carries compiled code (TorchScript).
    pub script: bool,
    /// Source files of that code.
    pub sources: usize,
    /// What that code calls.
    pub code: Script,
    /// What kind of archive it is.
    pub kind: Kind,
    /// Operators and expressions that an exported program names, each once.
    pub exported: BTreeSet<Mention>,
    /// Members that are native code, by name.
    pub native: Vec<String>,
    /// Storages, in the order in which the pickle refers to them.
    pub storages: Vec<Storage>,
    /// The archive around it.
    pub zip: Zip,
}

impl Torch {
    /// Elements in all storages.
    pub fn elements(&self) -> u64 {
        self.storages.iter().fold(0, |sum, storage| sum.saturating_add(storage.elements))
    }
}

/// Kinds of archives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// One object, as `torch.save` and `torch.jit.save` write it.
    #[default]
    Model,
    /// Objects with the Python sources they need, which are imported when an object is loaded.
    Package,
    /// A graph in JSON with tensors beside it, and native code if it was compiled.
    Exported,
}

/// One storage that the pickle refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Storage {
    /// Key, the name of its member under `data/`.
    pub key: String,
    /// Type, `FloatStorage`.
    pub kind: String,
    /// Elements as stated.
    pub elements: u64,
    /// Where its bytes are in the archive, if they are there.
    pub place: Option<(u64, u64)>,
}

/// Members that tell what kind of archive it is, by what they are called below the folder that everything is in.
const SIGNS: &[(&str, Kind)] = &[
    ("data.pkl", Kind::Model),
    (".data/extern_modules", Kind::Package),
    ("archive_format", Kind::Exported),
    ("serialized_exported_program.json", Kind::Exported),
];

/// The folder that everything is in, and the kind.
fn root(zip: &Zip) -> Option<(&str, Kind)> {
    SIGNS.iter().find_map(|(sign, kind)| {
        let mut roots = zip.entries.iter().filter_map(|entry| entry.name.strip_suffix(sign));
        let root =
            roots.find(|root| root.ends_with('/') && root.matches('/').count() == 1 || root.is_empty())?;
        Some((root, *kind))
    })
}

fn recognise(input: &Input<'_>) -> Recognised {
    let sure = (zip::FORMAT.recognise)(input);
    if sure == Recognised::No {
        return Recognised::No;
    }
    let (zip, _) = zip::directory(input.bytes, &Limits { members: 100_000, ..Limits::default() });
    if root(&zip).is_some() { sure } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (zip, mut defects) = zip::directory(input.bytes, &input.budget.limits);
    let (root, kind) = root(&zip).unwrap_or_default();
    let root = root.to_owned();
    let is_data = |entry: &Entry| {
        entry
            .name
            .strip_prefix(&root)
            .is_some_and(|name| name.starts_with("data/") || name.starts_with("constants/"))
    };
    let mut seen = zip::Spans::default();
    // The pickles first: they say which members are storages.
    let mut members = zip::members(input, &zip, &mut seen, &mut defects, |entry| !is_data(entry));
    let mut torch = Torch { root: root.clone(), kind, ..Torch::default() };
    torch.storages = members.iter().flat_map(storages).collect();
    // Of two members with one name the first counts.
    let places: BTreeMap<&str, &Entry> =
        zip.entries.iter().rev().map(|entry| (entry.name.as_str(), entry)).collect();
    for storage in &mut torch.storages {
        let entry = places.get(format!("{root}data/{}", storage.key).as_str());
        storage.place = entry.map(|entry| (entry.data_offset, entry.compressed));
    }
    // What lies among the storages and is none of them is looked into like anything else.
    let mut keys: Vec<&str> = torch.storages.iter().map(|storage| storage.key.as_str()).collect();
    keys.sort_unstable();
    let strangers = zip::members(input, &zip, &mut seen, &mut defects, |entry| {
        is_data(entry) && {
            let key = entry
                .name
                .strip_prefix(&root)
                .and_then(|name| name.split_once('/'))
                .map_or("", |(_, key)| key);
            keys.binary_search(&key).is_err() && !key.chars().all(|char| char.is_ascii_digit())
        }
    });
    members.extend(strangers);
    let mut code = Collector::default();
    for entry in &zip.entries {
        if kind == Kind::Exported && exported::is_native(&entry.name) {
            torch.native.push(entry.name.clone());
        }
        if kind == Kind::Exported
            && entry.name.ends_with(".json")
            && entry.size <= input.budget.limits.text_bytes as u64
            && let Ok(content) = zip::content(input.bytes, entry, input.budget)
        {
            exported::read(
                &String::from_utf8_lossy(content.bytes()),
                &input.budget.limits,
                &mut torch.exported,
            );
        }
        let Some(name) = entry.name.strip_prefix(&root) else { continue };
        if name.starts_with("code/") {
            torch.script = true;
            torch.sources += usize::from(name.ends_with(".py"));
            if name.ends_with(".py")
                && entry.size <= SOURCE
                && let Ok(content) = zip::content(input.bytes, entry, input.budget)
            {
                code.read(name, &String::from_utf8_lossy(content.bytes()));
            }
        }
        if matches!(name, "version" | "byteorder" | ".data/version")
            && let Ok(content) = zip::content(input.bytes, entry, input.budget)
        {
            let text = String::from_utf8_lossy(content.bytes().get(..16).unwrap_or(content.bytes()));
            let text = text.trim().to_owned();
            if name == "byteorder" { torch.byte_order = text } else { torch.version = text }
        }
    }
    torch.code = code.finish();
    torch.zip = zip;
    Parsed { format: FORMAT.name, facts: Facts::Torch(torch), defects, members }
}

/// Storages that a pickle refers to by ids of the form `('storage', type, key, location, elements)`.
fn storages(member: &Member) -> Vec<Storage> {
    let Facts::Pickle(pickle) = &member.parsed.facts else { return Vec::new() };
    let mut found: Vec<Storage> = Vec::new();
    for stream in &pickle.streams {
        for id in &stream.persistent {
            let is_tuple = stream.container(*id).is_some_and(|items| items.kind == ContainerKind::Tuple);
            let [word, kind, key, _, elements, ..] = stream.items(*id) else { continue };
            if !is_tuple || stream.text(*word) != Some("storage") {
                continue;
            }
            let key = stream.text(*key).unwrap_or_default().to_owned();
            let kind = stream.import(*kind).map_or_else(String::new, |import| import.name.clone());
            let elements =
                if let Value::Int(count) = elements { u64::try_from(*count).unwrap_or(0) } else { 0 };
            found.push(Storage { key, kind, elements, place: None });
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|storage| seen.insert(storage.key.clone()));
    found
}
