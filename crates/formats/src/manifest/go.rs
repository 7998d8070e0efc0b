//! `go.mod`. <https://go.dev/ref/mod#go-mod-file>

use super::{Manifest, Replacement};
use crate::{Defect, Ecosystem, Limits};

pub(super) fn read(text: &str, limits: &Limits, _: &mut Vec<Defect>) -> Manifest {
    let mut manifest = Manifest::new(Ecosystem::Go, "go-mod");
    let mut block = "";
    for (index, raw) in text.lines().enumerate() {
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let (code, comment) = raw.split_once("//").unwrap_or((raw, ""));
        let mut words = code.split_whitespace().map(|word| word.trim_matches(['"', '`']));
        let Some(first) = words.next() else { continue };
        let rest: Vec<&str> = words.collect();
        if first == ")" {
            block = "";
            continue;
        }
        if rest.as_slice() == ["("] {
            block = first;
            continue;
        }
        let (directive, arguments) = match block {
            "" => (first, rest),
            block => (block, [&[first], rest.as_slice()].concat()),
        };
        if manifest.requirements.len() > limits.records || manifest.replacements.len() > limits.records {
            break;
        }
        match (directive, arguments.as_slice()) {
            ("module", [name]) => manifest.name = Some((*name).to_owned()),
            ("require", [name, version, ..]) => {
                let mut requirement = manifest.requirement(name, version, line);
                requirement.transitive = comment.trim().starts_with("indirect");
                manifest.requirements.push(requirement);
            }
            ("replace", arguments) => {
                let Some(at) = arguments.iter().position(|word| *word == "=>") else { continue };
                let (Some(name), by) = (arguments.first(), arguments.get(at + 1..).unwrap_or_default())
                else {
                    continue;
                };
                manifest.replacements.push(Replacement { name: (*name).to_owned(), by: by.join("@"), line });
            }
            _ => {}
        }
    }
    manifest
}
