//! The members of any container by name, for whoever asks where they would be written.

use crate::{Facts, oci, seven_zip, tar, zip};

/// One member as its container lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Name as stored.
    pub name: &'a str,
    /// What it links to, if it is a link whose target can be read.
    pub link: Option<&'a str>,
    /// Whether the link is a second name, counted from the archive's root, and no path of its own.
    pub hard: bool,
    /// Whether it is a device, a pipe, or a file that runs with its owner's rights.
    pub special: bool,
}

/// The archive that a format is, or is made of.
pub fn zip_of(facts: &Facts) -> Option<&zip::Zip> {
    match facts {
        Facts::Skops(skops) => Some(&skops.zip),
        Facts::Torch(torch) => Some(&torch.zip),
        Facts::Zip(zip) => Some(zip),
        _ => None,
    }
}

/// Every member in stored order; `None` if the format has no named members.
pub fn listed(facts: &Facts) -> Option<Vec<Listed<'_>>> {
    if let Some(zip) = zip_of(facts) {
        return Some(zip.entries.iter().map(of_zip).collect());
    }
    match facts {
        Facts::Tar(tar) => Some(tar.entries.iter().map(of_tar).collect()),
        Facts::Oci(oci) => Some(oci.blobs.iter().map(of_oci).collect()),
        Facts::SevenZip(archive) => Some(archive.entries.iter().map(of_seven_zip).collect()),
        _ => None,
    }
}

fn of_zip(entry: &zip::Entry) -> Listed<'_> {
    Listed { name: &entry.name, link: entry.link.as_deref(), hard: false, special: false }
}

fn of_tar(entry: &tar::Entry) -> Listed<'_> {
    let hard = entry.kind == tar::Kind::HardLink;
    let link = (hard || entry.kind == tar::Kind::SymbolicLink).then_some(entry.link.as_str());
    let owners = entry.kind == tar::Kind::File && entry.mode & 0o6000 != 0 && entry.mode & 0o111 != 0;
    Listed { name: &entry.name, link, hard, special: owners || entry.kind == tar::Kind::Special }
}

fn of_oci(blob: &oci::Blob) -> Listed<'_> {
    Listed { name: &blob.name, link: None, hard: false, special: false }
}

fn of_seven_zip(entry: &seven_zip::Entry) -> Listed<'_> {
    Listed { name: &entry.name, link: entry.link.as_deref(), hard: false, special: false }
}
