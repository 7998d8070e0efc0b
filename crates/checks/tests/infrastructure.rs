//! Rules about infrastructure, agents and declarations: good twins are silent under all of them, and the rules of
//! the declaration, which need one.
#![allow(clippy::disallowed_methods, reason = "reads the fixtures")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::path::{Path, PathBuf};

use vauban_checks::declaration::contradictions;
use vauban_checks::{File, Inventory, check_estate, check_file};
use vauban_domain::{
    Asset, AssetId, AssetKind, Confidence, Evidence, Family, Finding, Layer, Locator, Timestamp,
};
use vauban_formats::{Budget, Input, Limits};
use vauban_knowledge::Knowledge;

const FAMILIES: &[Family] = &[Family::Access, Family::Agent, Family::Config];

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Rules of the families above that have findings on the files of a fixture.
fn rules_set_off(fixture: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    if fixture.is_dir() {
        files_below(fixture, &mut paths);
    } else {
        paths.push(fixture.to_owned());
    }
    paths.sort();
    let mut assets = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        let name = path.strip_prefix(fixture.parent().unwrap()).unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(&path).unwrap();
        let budget = Budget::new(Limits::default());
        let parsed = vauban_formats::parse(&Input::new(&name, &bytes, &budget));
        assert_eq!(parsed.defects, [], "{name}");
        let home = asset(AssetKind::Pipeline, &name);
        files.push(File {
            path: name,
            size: bytes.len() as u64,
            digest: None,
            parsed,
            home: home.id.clone(),
        });
        assets.push(home);
    }
    assets.sort_by(|one, other| one.id.cmp(&other.id));
    let knowledge = Knowledge::builtin();
    let declaration = vauban_domain::Declaration::default();
    let inventory = Inventory {
        assets: &assets,
        relations: &[],
        declaration: &declaration,
        files: &files,
        now: Timestamp(0),
    };
    let mut found = check_estate(&inventory, &AssetId::new(AssetKind::Pipeline, "all"), knowledge).findings;
    for file in &files {
        let home = inventory.asset(&file.home).unwrap();
        found.extend(check_file(file, home, &[home], knowledge).findings);
    }
    let ours: Vec<&str> = vauban_checks::all()
        .filter(|check| FAMILIES.contains(&check.rule.family))
        .map(|check| check.rule.id.as_ref())
        .collect();
    found
        .iter()
        .map(|finding| finding.rule.to_string())
        .filter(|rule| ours.contains(&rule.as_str()))
        .collect()
}

fn asset(kind: AssetKind, name: &str) -> Asset {
    Asset::new(kind, "tool", Layer::Deployment, name, Confidence::Verified, Locator::file(name))
}

#[test]
fn good_twins_are_silent_under_every_rule_of_these_families() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut loud = Vec::new();
    for check in vauban_checks::all().filter(|check| FAMILIES.contains(&check.rule.family)) {
        let folder = root.join(check.rule.id.as_ref());
        // Rules about assets that no single file is have tests of their own.
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let fixture = entry.unwrap().path();
            let name = format!("{}/{}", check.rule.id, fixture.file_name().unwrap().to_str().unwrap());
            let rules = rules_set_off(&fixture);
            if name.contains("/good-") && !rules.is_empty() {
                loud.push(format!("{name}: {rules:?}"));
            }
        }
    }
    assert!(loud.is_empty(), "{}", loud.join("\n"));
}

/// Rules about a declaration, looked at on 2026-11-20 with one model and one tool in the estate.
fn declared(text: &str) -> Vec<String> {
    let (declaration, problems) = vauban_formats::declaration::parse(text, "vauban.toml");
    assert_eq!(problems, []);
    let mut tool = asset(AssetKind::Tool, "assistant/mcp.json#leaflets");
    tool.locators = vec![Locator::file("assistant/mcp.json")];
    tool.system = Some("assistant".to_owned());
    let assets = [asset(AssetKind::Model, "reader/m.onnx"), tool.clone()];
    let inventory = Inventory {
        assets: &assets,
        relations: &[],
        declaration: &declaration,
        files: &[],
        now: Timestamp::parse("2026-11-20").unwrap(),
    };
    let knowledge = Knowledge::builtin();
    let whole = AssetId::new(AssetKind::Pipeline, "all");
    let mut found = check_estate(&inventory, &whole, knowledge).findings;
    let rule = vauban_checks::all().find(|check| check.rule.id == "mcp-server-unpinned").unwrap().rule;
    let seen = Evidence::new(Locator::file("assistant/mcp.json"), "leaflets", "npx leaflets");
    let finding = Finding::new(rule, &tool.id, "not pinned", vec![seen]);
    found.extend(contradictions(&inventory, &[finding], knowledge).findings);
    let mut rules: Vec<String> = found.iter().map(|finding| finding.rule.to_string()).collect();
    rules.sort();
    rules
}

#[test]
fn claims_are_held_to_findings_and_to_the_calendar() {
    let claim = |control: &str, scope: &str, date: &str| {
        format!(
            "[[system]]\nname = \"assistant\"\nassets = [\"assistant/**\"]\n[[claim]]\ncontrol = \"{control}\"\napplies_to = [\"{scope}\"]\ndate = {date}\n"
        )
    };
    assert_eq!(declared(&claim("mcp-server-pinning", "assistant", "2026-09-14")), ["claim-contradicted"]);
    assert_eq!(
        declared(&claim("mcp-server-pinning", "assistant/*.json", "2026-09-14")),
        ["claim-contradicted"]
    );
    assert_eq!(declared(&claim("mcp-server-pinning", "reader/**", "2026-09-14")), [""; 0]);
    assert_eq!(declared(&claim("rate-limit", "assistant", "2026-09-14")), [""; 0]);
    assert_eq!(declared(&claim("rate-limit", "assistant", "2024-09-14")), ["claim-stale"]);
}

#[test]
fn patterns_must_name_something() {
    let system = |pattern: &str| format!("[[system]]\nname = \"s\"\nassets = [\"{pattern}\"]\n");
    for (pattern, wanted) in [
        ("reader/**", &[][..]),
        ("model:reader/m.onnx", &[]),
        ("gone/**", &["declared-nothing-matches"]),
        ("model:gone", &["declared-nothing-matches"]),
    ] {
        assert_eq!(declared(&system(pattern)), wanted, "{pattern}");
    }
    let flow = "[[flow]]\nfrom = \"outside\"\nto = \"endpoint:gone\"\n";
    assert_eq!(declared(flow), ["declared-nothing-matches"]);
}

#[test]
fn third_parties_must_be_assessed_within_a_year() {
    let vendor = |assessed: &str| format!("[[vendor]]\nname = \"v\"\nassets = [\"reader/**\"]\n{assessed}\n");
    assert_eq!(declared(&vendor("")), ["vendor-unassessed"]);
    assert_eq!(declared(&vendor("assessed = 2025-01-01")), ["vendor-unassessed"]);
    assert_eq!(declared(&vendor("assessed = 2026-05-18")), [""; 0]);
}

#[test]
fn acceptances_end_and_must_fit_a_finding() {
    let accept = |fingerprint: &str, until: &str| {
        format!("[[accept]]\nfingerprint = \"{fingerprint}\"\nreason = \"r\"\nuntil = {until}\n")
    };
    assert_eq!(declared(&accept("0000000000000000", "2027-01-01")), ["acceptance-unused"]);
    assert_eq!(
        declared(&accept("0000000000000000", "2026-03-01")),
        ["acceptance-expired"],
        "what has run out need not fit anything any more"
    );
}

#[test]
fn services_that_strangers_reach_must_ask_who_they_are() {
    let judged = |role: &str, exposure: &str, authentication: &str| {
        let store = asset(AssetKind::Infrastructure, "vectors")
            .with("platform", "kubernetes")
            .with("role", role)
            .with("exposure", exposure)
            .with("authentication", authentication);
        let assets = [store];
        let declaration = vauban_domain::Declaration::default();
        let inventory = Inventory {
            assets: &assets,
            relations: &[],
            declaration: &declaration,
            files: &[],
            now: Timestamp(0),
        };
        let whole = AssetId::new(AssetKind::Pipeline, "all");
        let found = check_estate(&inventory, &whole, Knowledge::builtin()).findings;
        found.iter().any(|finding| finding.rule == "service-without-authentication")
    };
    assert!(judged("vectors", "internet", "none"));
    assert!(judged("registry", "network", "none"));
    assert!(!judged("vectors", "internal", "none"));
    assert!(!judged("vectors", "internet", "token"));
    assert!(!judged("vectors", "internet", "unknown"));
    assert!(!judged("notebook", "internet", "none"));
}

/// Rules set off by a declaration over an estate with an agent, an endpoint on the internet and a model that it serves.
fn set_off_with(
    text: &str,
    told: impl Fn(&mut vauban_domain::Declaration),
    findings: &[Finding],
) -> Vec<String> {
    let (mut declaration, problems) = vauban_formats::declaration::parse(text, "vauban.toml");
    assert_eq!(problems, []);
    told(&mut declaration);
    let drawn = |kind, name: &str| {
        Asset::new(
            kind,
            "application",
            Layer::Deployment,
            name,
            Confidence::Declared,
            Locator::file("model.yaml"),
        )
    };
    let assets = [
        asset(AssetKind::Agent, "assistant"),
        asset(AssetKind::Endpoint, "reader-api").with("exposure", "internet"),
        drawn(AssetKind::Infrastructure, "fax"),
        asset(AssetKind::Model, "reader/m.onnx"),
    ];
    let serves = vauban_domain::Relation::new(
        assets[1].id.clone(),
        vauban_domain::RelationKind::Serves,
        assets[3].id.clone(),
        Confidence::Verified,
        Locator::file("k8s.yaml"),
    );
    let inventory = Inventory {
        assets: &assets,
        relations: &[serves],
        declaration: &declaration,
        files: &[],
        now: Timestamp::parse("2026-11-20").unwrap(),
    };
    let knowledge = Knowledge::builtin();
    let whole = AssetId::new(AssetKind::Pipeline, "all");
    let mut found = check_estate(&inventory, &whole, knowledge).findings;
    found.extend(contradictions(&inventory, findings, knowledge).findings);
    let mut rules: Vec<String> = found.iter().map(|one| format!("{} {}", one.rule, one.asset)).collect();
    rules.retain(|rule| {
        [
            "exposure-contradicted",
            "flow-contradicted",
            "threat-model-component-not-found",
            "threat-model-incomplete",
        ]
        .iter()
        .any(|ours| rule.starts_with(ours))
    });
    rules.sort();
    rules
}

#[test]
fn what_is_declared_as_internal_must_not_be_open_to_the_internet() {
    let declared = |exposure: &str| {
        let text = format!(
            "[[asset]]\nkind = \"endpoint\"\nname = \"reader-api\"\nattributes = {{ exposure = \"{exposure}\" }}\n"
        );
        set_off_with(&text, |_| {}, &[])
    };
    assert_eq!(declared("internal"), ["exposure-contradicted endpoint:reader-api"]);
    assert_eq!(declared("internet"), [""; 0]);
    // What was only declared twice was not looked at.
    let fax =
        "[[asset]]\nkind = \"infrastructure\"\nname = \"fax\"\nattributes = { exposure = \"internal\" }\n";
    assert_eq!(set_off_with(fax, |_| {}, &[]), [""; 0]);
}

#[test]
fn a_declared_authentication_must_not_be_missing_where_it_was_looked_for() {
    let rule =
        vauban_checks::all().find(|check| check.rule.id == "endpoint-without-authentication").unwrap().rule;
    let endpoint = AssetId::new(AssetKind::Endpoint, "reader-api");
    let seen = Evidence::new(Locator::file("k8s.yaml"), "reader-api", "no policy");
    let open = [Finding::new(rule, &endpoint, "answers whoever reaches it", vec![seen])];
    let flow = |authentication: &str| {
        format!(
            "[[flow]]\nfrom = \"outside\"\nto = \"endpoint:reader-api\"\nauthentication = \"{authentication}\"\n"
        )
    };
    let wanted = ["flow-contradicted endpoint:reader-api"];
    assert_eq!(set_off_with(&flow("mutual tls"), |_| {}, &open), wanted);
    assert_eq!(set_off_with(&flow("none"), |_| {}, &open), [""; 0]);
    assert_eq!(set_off_with(&flow("mutual tls"), |_| {}, &[]), [""; 0]);
    let elsewhere = "[[flow]]\nfrom = \"outside\"\nto = \"agent:assistant\"\nauthentication = \"oidc\"\n";
    assert_eq!(set_off_with(elsewhere, |_| {}, &open), [""; 0]);
}

#[test]
fn a_declared_encryption_or_person_must_not_be_missing_where_it_was_looked_for() {
    let at = |rule: &str, asset: &AssetId| {
        let rule = vauban_checks::all().find(|check| check.rule.id == rule).unwrap().rule;
        [Finding::new(rule, asset, "seen", vec![Evidence::new(Locator::file("k8s.yaml"), "seen", "seen")])]
    };
    let endpoint = AssetId::new(AssetKind::Endpoint, "reader-api");
    let agent = AssetId::new(AssetKind::Agent, "assistant");
    let flow =
        |said: &str| format!("[[flow]]\nfrom = \"agent:assistant\"\nto = \"endpoint:reader-api\"\n{said}\n");
    let clear = at("service-exposed-without-tls", &endpoint);
    for (protocol, wanted) in [("https", 1), ("mutual TLS", 1), ("http", 0), ("smoke signals", 0)] {
        let found = set_off_with(&flow(&format!("protocol = \"{protocol}\"")), |_| {}, &clear);
        assert_eq!(found.len(), wanted, "{protocol}: {found:?}");
    }
    let alone = at("agent-approval-bypassed", &agent);
    let gated = ["flow-contradicted agent:assistant"];
    assert_eq!(set_off_with(&flow("human_gate = \"yes\""), |_| {}, &alone), gated, "seen at the source");
    assert_eq!(set_off_with(&flow("human_gate = \"no\""), |_| {}, &alone), [""; 0]);
    assert_eq!(set_off_with(&flow("human_gate = \"yes\""), |_| {}, &clear), [""; 0]);
}

#[test]
fn a_threat_model_is_held_to_what_is_there() {
    let drawn = |declaration: &mut vauban_domain::Declaration, kind, name: &str| {
        declaration.assets.push(vauban_domain::DeclaredAsset {
            kind,
            name: name.to_owned(),
            component: "application".to_owned(),
            attributes: std::collections::BTreeMap::new(),
            locator: Locator::file("model.yaml"),
        });
    };
    let model = "[[model]]\npath = \"model.yaml\"\n";
    assert_eq!(
        set_off_with(model, |declaration| drawn(declaration, AssetKind::Agent, "assistant"), &[]),
        ["threat-model-incomplete endpoint:reader-api", "threat-model-incomplete model:reader/m.onnx"]
    );
    let whole = |declaration: &mut vauban_domain::Declaration| {
        drawn(declaration, AssetKind::Agent, "assistant");
        drawn(declaration, AssetKind::Endpoint, "reader-api");
        drawn(declaration, AssetKind::Model, "reader/m.onnx");
    };
    assert_eq!(set_off_with(model, whole, &[]), [""; 0]);
    let with_fax = |declaration: &mut vauban_domain::Declaration| {
        whole(declaration);
        drawn(declaration, AssetKind::Infrastructure, "fax");
    };
    assert_eq!(set_off_with(model, with_fax, &[]), ["threat-model-component-not-found pipeline:model.yaml"]);
    // Without a model nothing is missing from it.
    assert_eq!(set_off_with("", |_| {}, &[]), [""; 0]);
}
