//! SPDX 2.x in tag-value.

use super::facts::{Bom, Component, algorithm};
use super::spdx2::{agent, kind, relate, said};

/// Reads a document, line by line.
pub(super) fn read(text: &str, most: usize) -> Bom {
    let mut bom = Bom::default();
    let mut package: Option<(Component, String)> = None;
    let mut in_text = false;
    let mut number = 0;
    for line in text.lines() {
        number += 1;
        // Texts over several lines stand between two tags; nothing in them is read.
        if in_text {
            in_text = !line.contains("</text>");
            continue;
        }
        let Some((tag, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        in_text = value.contains("<text>") && !value.contains("</text>");
        let value = value.trim_start_matches("<text>").trim_end_matches("</text>");
        match tag.trim() {
            "SPDXVersion" => bom.format = value.to_owned(),
            "DocumentNamespace" => bom.serial = Some(value.to_owned()),
            "DocumentName" => bom.name = Some(value.to_owned()),
            "Created" => bom.created = Some(value.to_owned()),
            "Creator" => match value.strip_prefix("Tool:") {
                Some(tool) => bom.tools.push(tool.trim().to_owned()),
                None => bom.authors.push(agent(value)),
            },
            "Relationship" => {
                let words: Vec<&str> = value.split_ascii_whitespace().collect();
                if let [from, kind, to] = words.as_slice()
                    && bom.dependencies.len() <= most
                {
                    relate(&mut bom, from, kind, to);
                }
            }
            "PackageName" => {
                finish(&mut bom, package.take());
                if bom.components.len() > most {
                    return bom;
                }
                let line = u32::try_from(number).unwrap_or(u32::MAX);
                let begun = Component { name: value.to_owned(), line, ..Component::default() };
                package = Some((begun, String::new()));
            }
            "FileName" | "SnippetSPDXID" => finish(&mut bom, package.take()),
            tag => {
                if let Some((component, purpose)) = &mut package {
                    field(component, purpose, tag, value);
                }
            }
        }
    }
    finish(&mut bom, package);
    bom
}

fn finish(bom: &mut Bom, package: Option<(Component, String)>) {
    if let Some((mut component, purpose)) = package {
        component.kind = kind(&purpose, component.purl.as_deref());
        component.licences.dedup();
        bom.components.push(component);
    }
}

fn field(component: &mut Component, purpose: &mut String, tag: &str, value: &str) {
    match tag {
        "SPDXID" => component.reference = value.to_owned(),
        "PackageVersion" => component.version = value.to_owned(),
        "PrimaryPackagePurpose" => *purpose = value.to_owned(),
        "PackageSupplier" => component.supplier = said(value).map(|name| agent(&name)),
        "PackageDownloadLocation" | "PackageHomePage" => component.addresses.extend(said(value)),
        "PackageLicenseConcluded" | "PackageLicenseDeclared" => component.licences.extend(said(value)),
        "PackageDescription" | "PackageSummary" => component.description = said(value),
        "PackageChecksum" => {
            if let Some((name, hex)) = value.split_once(':') {
                component.hashes.push((algorithm(name.trim()), hex.trim().to_lowercase()));
            }
        }
        "ExternalRef" => {
            let words: Vec<&str> = value.split_ascii_whitespace().collect();
            if let [_, "purl", purl] = words.as_slice() {
                component.purl = Some((*purl).to_owned());
            }
        }
        _ => {}
    }
}
