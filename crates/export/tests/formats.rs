//! Every format, of a whole review and of a scan.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

mod sample;

use serde_json::Value;
use vauban_domain::History;
use vauban_export::{
    ExportError, FORMATS, find,
    v1::{Document, Part},
};

fn document() -> Document {
    let review = sample::review();
    let lanes = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 90 20\"><title>paths</title></svg>";
    Document::of(&review, Part::ALL, &sample::history(&review)).with_lanes(lanes)
}

fn text(format: &str, document: &Document) -> String {
    String::from_utf8((find(format).unwrap().write)(document).unwrap()).unwrap()
}

fn json(format: &str, document: &Document) -> Value {
    serde_json::from_str(&text(format, document)).unwrap()
}

#[test]
fn formats_are_sorted_and_named_once() {
    assert!(FORMATS.is_sorted_by(|a, b| a.name < b.name));
    assert!(
        FORMATS.iter().all(|format| !format.summary.ends_with('.') && !format.extension.starts_with('.'))
    );
}

#[test]
fn the_same_document_gives_the_same_bytes_even_after_a_round_trip() {
    let first = document();
    let again = Document::read(&first.to_json().unwrap()).unwrap();
    assert_eq!(first, again);
    for format in FORMATS {
        assert_eq!((format.write)(&first).unwrap(), (format.write)(&again).unwrap(), "{}", format.name);
    }
}

#[test]
fn a_scan_can_be_written_in_every_format_but_those_about_later_parts() {
    let scan = Document::of(&sample::review(), Part::SCAN, &History::new());
    for format in FORMATS {
        match (format.write)(&scan) {
            Ok(bytes) => assert!(!bytes.is_empty(), "{}", format.name),
            Err(ExportError::MissingPart { format, part }) => {
                let known = [
                    ("attack-flow", "threats"),
                    ("cacao", "actions"),
                    ("coverage-csv", "coverage"),
                    ("dot", "relations"),
                    ("evidence-bundle", "compliance"),
                    ("heatmap", "coverage"),
                    ("icalendar", "schedule"),
                    ("mermaid", "relations"),
                    ("navigator", "coverage"),
                    ("oscal-assessment-results", "compliance"),
                    ("oscal-poam", "actions"),
                    ("otm", "relations"),
                    ("procurement", "vendors"),
                    ("pytm", "relations"),
                    ("report-board", "risk"),
                    ("report-engineer", "actions"),
                    ("sigma", "coverage"),
                    ("statement-of-applicability", "compliance"),
                    ("threagile", "relations"),
                    ("threat-dragon", "relations"),
                    ("tickets-github", "actions"),
                    ("tickets-jira", "actions"),
                    ("vendor-questionnaire", "vendors"),
                ];
                assert!(known.contains(&(format, part)), "{format}: {part}");
            }
            Err(error) => panic!("{}: {error}", format.name),
        }
    }
}

#[test]
fn a_cell_never_begins_a_formula() {
    let table = text("csv", &document());
    assert_eq!(table.lines().count(), 5);
    assert!(table.contains("\"'=cmd|'/c calc'!A1 <script>alert(1)</script> \"\"& @team"), "{table}");
    for cell in table.split("\",\"") {
        assert!(!cell.starts_with(['=', '+', '@']), "{cell}");
    }
}

#[test]
fn markdown_stays_text() {
    let text = text("markdown", &document());
    assert!(!text.contains("<script>") && !text.contains(" @team") && !text.contains('\u{1b}'), "{text}");
    assert!(text.contains("Since the last review 1 are new and 1 fixed."), "{text}");
    assert!(text.contains("2 looks did not happen or failed"), "{text}");
}

#[test]
fn junit_tells_failed_looks_from_findings() {
    let xml = text("junit", &document());
    assert!(!xml.contains("<script>") && !xml.contains('\u{1b}'), "{xml}");
    assert!(xml.contains("<failure type=\"critical\" message=\"loading calls os.system\">"), "{xml}");
    assert!(xml.contains("<error type=\"failed-look\""), "{xml}");
    assert!(xml.contains("<skipped message=\"no test data is declared for it\"/>"), "{xml}");
    assert!(xml.contains("<skipped message=\"accepted: retrained in December\"/>"), "{xml}");
}

#[test]
fn sarif_says_what_code_scanning_needs() {
    let log = json("sarif", &document());
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    for result in results {
        let location = &result["locations"][0]["physicalLocation"];
        assert!(location["region"]["startLine"].as_u64().unwrap() >= 1);
        let uri = location["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'"'), "{uri}");
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert_eq!(result["partialFingerprints"]["vauban/v1"].as_str().unwrap().len(), 16);
    }
    assert_eq!(results[1]["suppressions"][0]["status"], "accepted");
    assert_eq!(results[0]["suppressions"], serde_json::json!([]));
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 3);
    let taxa = run["taxonomies"][0]["taxa"].as_array().unwrap();
    assert_eq!(
        taxa.iter().map(|taxon| taxon["id"].as_str().unwrap()).collect::<Vec<_>>(),
        ["CWE-353", "CWE-502"]
    );
}

#[test]
fn a_layer_scores_the_weakest_asset_and_disables_what_cannot_happen() {
    let layer = json("navigator", &document());
    assert_eq!(layer["domain"], "atlas-atlas");
    let technique = |id: &str| {
        let list = layer["techniques"].as_array().unwrap();
        list.iter().find(|technique| technique["techniqueID"] == id).unwrap().clone()
    };
    assert_eq!(technique("AML.T0015")["score"], 25);
    assert_eq!(technique("AML.T0024.002")["score"], 50);
    assert_eq!(technique("AML.T0051")["enabled"], false);
    assert_eq!(technique("AML.T0015")["metadata"][3]["name"], "tested");
}

#[test]
fn a_bill_of_materials_names_models_data_packages_and_services() {
    let bom = json("cyclonedx", &document());
    let components = bom["components"].as_array().unwrap();
    let named = |name: &str| components.iter().find(|component| component["name"] == name).unwrap();
    let reader = named("models/form-reader.onnx");
    assert_eq!(reader["type"], "machine-learning-model");
    assert_eq!(reader["modelCard"]["modelParameters"]["datasets"][0]["ref"], "dataset:data/digits.npy");
    assert_eq!(
        reader["modelCard"]["quantitativeAnalysis"]["performanceMetrics"].as_array().unwrap().len(),
        2
    );
    assert_eq!(named("torch")["purl"], "pkg:pypi/torch@2.9.1");
    assert_eq!(named("data/digits.npy")["type"], "data");
    let service =
        bom["services"].as_array().unwrap().iter().find(|one| one["name"] == "k8s/clinic/form-reader");
    assert_eq!(service.unwrap()["authenticated"], false);
    assert_eq!(service.unwrap()["x-trust-boundary"], true);
    let references: Vec<&Value> =
        bom["dependencies"].as_array().unwrap().iter().map(|one| &one["ref"]).collect();
    let services = bom["services"].as_array().unwrap().len();
    assert_eq!(services, 3, "endpoints, agents and tools are services");
    assert_eq!(references.len(), components.len() + services + 1, "identities are no components");
}

#[test]
fn the_newer_bill_says_who_says_so_and_both_hold_claims_with_evidence() {
    let (older, newer) = (json("cyclonedx", &document()), json("cyclonedx-1.7", &document()));
    assert_eq!((&older["specVersion"], &newer["specVersion"]), (&"1.6".into(), &"1.7".into()));
    assert!(older["citations"].is_null() && newer["citations"][0]["attributedTo"] == "tool:vauban");
    for bom in [&older, &newer] {
        assert!(bom["declarations"]["claims"].as_array().unwrap().len() > 1);
        assert_eq!(bom["definitions"]["standards"][0]["name"], "MITRE ATLAS");
        assert_eq!(bom["declarations"]["attestations"][0]["assessor"], "assessor:vauban");
    }
}

#[test]
fn versions_of_one_package_are_components_of_their_own_and_acceptances_become_assessments() {
    let mut document = document();
    let torch =
        document.assets.as_mut().unwrap().iter_mut().find(|asset| asset.name == "pypi/torch").unwrap();
    torch.attributes.insert("version".to_owned(), "2.8.0, 2.9.1".to_owned());
    let mut finding = document.findings()[0].clone();
    finding.rule = "dependency-vulnerable".to_owned();
    finding.asset = "package:pypi/torch".to_owned();
    finding.message = "`torch` 2.8.0 is open to CVE-2026-12345: 2.9.1 repairs it".to_owned();
    finding.evidence[0].key = "CVE-2026-12345".to_owned();
    finding.evidence[0].excerpt = "torch 2.8.0".to_owned();
    finding.status = Some(vauban_export::v1::Status::Accepted);
    finding.acceptance = Some(vauban_export::v1::Acceptance {
        reason: "code_not_reachable: never called".to_owned(),
        until: "2027-01-01T00:00:00Z".to_owned(),
    });
    document.findings.as_mut().unwrap().push(finding);
    let bom = json("cyclonedx", &document);
    let purls: Vec<&Value> = bom["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["name"] == "torch")
        .map(|one| &one["purl"])
        .collect();
    assert_eq!(purls, ["pkg:pypi/torch@2.8.0", "pkg:pypi/torch@2.9.1"]);
    let vulnerability = &bom["vulnerabilities"][0];
    assert_eq!(vulnerability["id"], "CVE-2026-12345");
    assert_eq!(vulnerability["analysis"]["state"], "not_affected");
    assert_eq!(vulnerability["analysis"]["justification"], "code_not_reachable");
    assert_eq!(vulnerability["affects"], serde_json::json!([{"ref": "package:pypi/torch@2.8.0"}]));
    let graph = text("spdx", &document);
    assert!(graph.contains("security_VexNotAffectedVulnAssessmentRelationship"), "{graph}");
    assert!(graph.contains("vulnerableCodeNotInExecutePath"));
}

#[test]
fn spdx_has_models_data_and_what_they_were_trained_on() {
    let value = json("spdx", &document());
    let graph = value["@graph"].as_array().unwrap();
    let of = |kind: &str| graph.iter().filter(|one| one["type"] == kind).collect::<Vec<_>>();
    assert_eq!(of("SpdxDocument").len(), 1);
    assert_eq!(of("ai_AIPackage").len(), 2);
    assert!(of("Relationship").iter().any(|one| one["relationshipType"] == "trainedOn"));
    assert!(
        of("simplelicensing_LicenseExpression")
            .iter()
            .any(|one| one["simplelicensing_licenseExpression"] == "Apache-2.0")
    );
    let ids: std::collections::BTreeSet<&str> =
        graph.iter().filter_map(|one| one["spdxId"].as_str()).collect();
    assert_eq!(ids.len() + 1, graph.len(), "every element has an address of its own");
}

#[test]
fn the_score_counts_all_fifty_elements_and_says_who_could_supply_what_is_missing() {
    let scores = vauban_export::score::score(&document());
    assert_eq!(scores.counted, 50);
    assert!(scores.score > 0.2 && scores.score < 0.9, "{}", scores.score);
    let model = scores.subjects.iter().find(|one| one.name == "model:models/triage.pkl").unwrap();
    let state = |id: &str| model.elements.iter().find(|one| one.element == id).unwrap().state.as_str();
    assert_eq!(
        (state("model-hash"), state("model-licence"), state("model-producer")),
        ("present", "present", "missing")
    );
    assert!(scores.to_supply["model producer"].iter().any(|name| name == "Model producer"));
}

#[test]
fn the_training_summary_tells_what_is_known_from_what_has_to_be_supplied() {
    let document = document();
    let text = vauban_export::training_summary::markdown(&document);
    assert!(text.contains("draft") && text.contains("to be supplied by the provider of the model"), "{text}");
    assert!(!text.contains("<script>"), "{text}");
    let summaries = vauban_export::training_summary::summaries(&document);
    assert_eq!(summaries.len(), 2);
    assert!(summaries.iter().all(|one| one.sections.len() == 8));
}

#[test]
fn a_report_holds_every_part_and_runs_nothing_foreign() {
    let page = text("html", &document());
    for heading in [
        "Findings",
        "Assets by layer",
        "Coverage of ATLAS techniques",
        "Measurements",
        "Exercises",
        "Threats and paths",
        "Money at risk",
        "Plan",
        "What was not looked at",
        "Assumptions",
        "Appendix: rules in force",
    ] {
        assert!(page.contains(&format!(">{heading}</h2>")), "{heading}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("src=\"http") && !page.contains('\u{202e}') && !page.contains('\u{1b}'));
    assert!(page.contains("default-src 'none'") && page.contains("img-src data:"));
}

#[test]
fn money_at_risk_is_never_one_number() {
    let page = text("html", &document());
    for words in [
        "by what is not known of the inputs (90 % interval, 200 draws)",
        "the simulation alone is off by less",
        "(CVaR 95)",
        "by a quarter",
        "What drives the expected annual loss",
        "rect class=\"low\"",
        "Brier score",
        "Risk appetite, point by point",
        "pays with",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn money_that_nobody_declared_is_unknown_and_not_nought() {
    let mut unpriced = document();
    let risk = unpriced.risk.as_mut().unwrap();
    risk.scenarios.clear();
    risk.total.mean = 0.0;
    for step in &mut unpriced.plan.as_mut().unwrap().steps {
        (step.risk_removed, step.risk_left) = (0.0, 0.0);
    }
    for format in ["html", "markdown", "report-board", "report-ciso"] {
        let page = text(format, &unpriced);
        assert!(page.contains("Money at risk is unknown"), "{format}");
        assert!(!page.contains("EUR 0"), "{format}");
    }
    assert!(text("report-board", &unpriced).contains("not known"));
    unpriced.vendors = Some(vec![vauban_export::v1::VendorAssessment {
        vendor: "a vendor".to_owned(),
        supplies: "models".to_owned(),
        assets: Vec::new(),
        systems: Vec::new(),
        assessed: None,
        due: "2027-01-01T00:00:00Z".to_owned(),
        reached: 1,
        expected_loss: 0.0,
        questions: Vec::new(),
        conditions: Vec::new(),
    }]);
    unpriced.cascades.get_or_insert_default().blast_radii = vec![vauban_export::v1::BlastRadius {
        origin: "a vendor".to_owned(),
        vendor: true,
        reached: Vec::new(),
        more: false,
        systems: Vec::new(),
        expected_loss: 0.0,
    }];
    for path in &mut unpriced.threats.as_mut().unwrap().paths {
        path.expected_loss = 0.0;
    }
    for format in ["attack-flow", "html", "procurement"] {
        let page = text(format, &unpriced);
        assert!(page.contains("no declared loss") && !page.contains("EUR 0"), "{format}");
    }
}

#[test]
fn forecasts_are_read_back_from_stored_documents() {
    let bytes = document().to_json().unwrap();
    let forecasts = vauban_export::v1::stored_forecasts(&bytes).unwrap();
    assert_eq!(forecasts, sample::review().risk.unwrap().forecasts);
    // An older document made none; its impacts speak of a year.
    let mut older = document();
    older.risk = None;
    older.cascades = Some(vauban_export::v1::Cascades {
        impacts: vec![vauban_export::v1::ImpactForecast {
            system: "form reader".to_owned(),
            impact: "safety".to_owned(),
            probability: 0.3,
            frequency: 0.36,
            threats: vec![],
        }],
        ..vauban_export::v1::Cascades::default()
    });
    let forecasts = vauban_export::v1::stored_forecasts(&older.to_json().unwrap()).unwrap();
    assert_eq!((forecasts.len(), forecasts[0].until.days_since(forecasts[0].from)), (1, 365));
    assert!(vauban_export::v1::stored_forecasts(b"{}").is_err());
}

#[test]
fn a_drawing_from_a_saved_document_is_shown_as_an_image() {
    let hostile =
        document().with_lanes("<svg><script>alert(1)</script></svg><img src=x onerror=alert(1)>\"'>");
    let page = text("html", &hostile);
    assert!(page.contains("src=\"data:image/svg+xml,%3Csvg%3E%3Cscript%3E"), "shown as a data address");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("onerror=alert"));
}

#[test]
fn a_report_says_what_a_scan_did_not_make() {
    let scan = Document::of(&sample::review(), Part::SCAN, &History::new());
    let page = text("html", &scan);
    assert!(page.contains(
        "Not part of this document: relations, measurements, coverage, threats, risk, plan, cascades,"
    ));
    assert!(!page.contains(">Money at risk</h2>"));
}
