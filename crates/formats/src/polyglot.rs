//! Files that two loaders take for two things, and pages that stand where a model should be.

use crate::executable::MODEL_EXTENSIONS;
use crate::{Defect, FORMATS, Facts, Format, Input, Member, Parsed, Recognised, text};

/// Formats that loaders open by their magic, and read whatever else the file may be.
const LOADED: &[&str] = &["gguf", "hdf5", "npy", "pickle", "safetensors", "tar", "torch", "zip"];

/// Formats that end with whatever was put into them last, and programs, which look behind themselves.
const CARRIERS: &[&str] = &["7z", "compressed", "executable", "joblib", "tar"];

/// Reads the file once more as everything else that it is, and tells that it is.
pub(crate) fn read_otherwise(input: &Input<'_>, chosen: Option<&'static Format>, parsed: &mut Parsed) {
    let chosen = chosen.map_or("", |format| format.name);
    let archive = |name: &str| matches!(name, "torch" | "zip");
    // Everything that begins like a ZIP is one, whatever it is besides; programs look behind themselves.
    let zip = input.bytes.starts_with(b"PK") || matches!(parsed.facts, Facts::Zip(_) | Facts::Torch(_));
    if CARRIERS.contains(&chosen) || input.depth >= input.budget.limits.depth || parsed.format == "unread" {
        return;
    }
    let mut read: Vec<&str> = Vec::new();
    for format in FORMATS.iter().filter(|format| LOADED.contains(&format.name) && format.name != chosen) {
        if archive(format.name) && (zip || read.iter().any(|name| archive(name))) {
            continue;
        }
        let needed = if archive(format.name) || format.name == "pickle" {
            Recognised::ByShape
        } else {
            Recognised::ByMagic
        };
        if (format.recognise)(input) < needed || zip && format.name == "pickle" {
            continue;
        }
        let name = format!("as {}", format.name);
        let again = (format.parse)(&input.member(&name, input.bytes));
        // Text often has the shape of a pickle that looks nothing up.
        let idle = matches!(&again.facts, Facts::Pickle(pickle) if pickle.imports().next().is_none());
        let start = crate::zip_of(&again.facts).map_or(0, |zip| zip.prepended);
        // A pickle may end with an archive that it holds as bytes.
        let inside = match &parsed.facts {
            Facts::Pickle(pickle) => {
                pickle.streams.iter().any(|stream| (stream.offset..stream.end).contains(&start))
            }
            _ => false,
        };
        if idle || archive(format.name) && (again.members.is_empty() || inside) {
            continue;
        }
        read.push(format.name);
        let detail =
            format!("is read as {} by some programs and as {} by others", parsed.format, format.name);
        parsed.defects.push(Defect::whole("polyglot", detail));
        parsed.members.push(Member { name, size: input.bytes.len() as u64, parsed: again });
    }
}

/// Whether the name promises a model.
pub(crate) fn is_named_model(input: &Input<'_>) -> bool {
    MODEL_EXTENSIONS.contains(&input.extension().as_str())
}

/// Whether it is a picture, a sound or a document that people open without a thought.
pub(crate) fn is_picture(bytes: &[u8]) -> bool {
    let starts: [&[u8]; 8] =
        [b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"%PDF-", b"BM", b"RIFF", b"II*\0", b"MM\0*"];
    starts.iter().any(|start| bytes.starts_with(start))
}

/// Beginnings of what servers and version control leave in the place of a file, in lower case.
const PAGES: &[&str] = &[
    "version https://git-lfs.github.com/spec/",
    "<!doctype html",
    "<html",
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<error>",
    "{\"error\":",
    "entry not found",
    "access denied",
    "404: not found",
];

/// How to read a page that stands where a model should be: as text, whatever its name says.
pub(crate) fn placeholder(input: &Input<'_>) -> Option<&'static Format> {
    let head = input.head(64).trim_ascii_start().to_ascii_lowercase();
    let page = is_named_model(input) && PAGES.iter().any(|page| head.starts_with(page.as_bytes()));
    page.then(|| FORMATS.iter().find(|format| format.name == text::FORMAT.name)).flatten()
}
