//! Tools that answer to one name.

use std::collections::BTreeMap;

use vauban_domain::{AssetId, Evidence, Locator, Severity, rule};
use vauban_formats::Facts;

use crate::owner::owner_in;
use crate::{Check, Estate, Look, Report};

rule! {
    /// Two servers that one client uses offer a tool of one name, or two servers of one configuration have one name.
    pub const RULE: "mcp-name-collision" {
        family: Agent,
        severity: Medium,
        title: "two tools or servers share a name",
        why: "which of them is called is decided by order or by the model: a server that takes the name of another gets its calls and what is in them",
        remedy: "rename one, or let the client put the server's name before the tool's",
        techniques: ["AML.T0110.000@2026.09", "AML.T0074@2026.09"],
        mitigations: ["AML.M0028@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-706"],
        owasp: ["ASI02:2026", "ASI04:2026"],
        threats: ["L7.13@2025-02", "L3.4@2025-02"],
        source: "https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Where a tool is offered: asset, place, server.
type Offers<'a> = BTreeMap<&'a str, Vec<(AssetId, Locator, &'a str)>>;

fn check(estate: &Estate<'_>, report: &mut Report) {
    // Descriptions of servers in one folder are those of one client; those further apart need not meet.
    let mut by_folder: BTreeMap<&str, Offers<'_>> = BTreeMap::new();
    for file in estate.inventory.files {
        let Facts::Mcp(mcp) = &file.parsed.facts else { continue };
        report.looked_at(&file.home);
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut named: BTreeMap<(Option<&str>, &str), u32> = BTreeMap::new();
        for server in &mcp.servers {
            let asset = owner_in(estate.inventory, file, &server.name);
            let place = |line: u32| Locator::file(&file.path).at_line(line);
            let first = *named.entry((server.project.as_deref(), &server.name)).or_insert(server.line);
            if first != server.line && !mcp.is_manifest {
                let evidence = vec![
                    Evidence::new(place(first), server.name.clone(), format!("first `{}`", server.name)),
                    Evidence::new(
                        place(server.line),
                        server.name.clone(),
                        format!("second `{}`", server.name),
                    ),
                ];
                report.find(
                    &asset,
                    format!("two servers are called `{}`, and one of them wins", server.name),
                    evidence,
                );
            }
            for tool in &server.tools {
                by_folder.entry(folder).or_default().entry(&tool.name).or_default().push((
                    asset.clone(),
                    place(tool.line),
                    &server.name,
                ));
            }
        }
    }
    for (name, offers) in by_folder.into_values().flatten() {
        let Some((asset, _, server)) = offers.first() else { continue };
        if offers.iter().all(|(_, _, other)| other == server) {
            continue;
        }
        let evidence = offers
            .iter()
            .map(|(_, place, server)| {
                Evidence::new(place.clone(), format!("{name}/{server}"), format!("{server}: {name}"))
            })
            .collect();
        report.find_as(
            Severity::Medium,
            asset,
            format!("more than one server offers the tool `{name}`"),
            evidence,
        );
    }
}
