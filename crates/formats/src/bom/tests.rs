use super::*;
use crate::Budget;

fn read(name: &str, text: &str) -> (Bom, Vec<&'static str>) {
    let budget = Budget::default();
    let input = Input::new(name, text.as_bytes(), &budget);
    assert_eq!((FORMAT.recognise)(&input), Recognised::ByMagic, "{name}");
    let (bom, defects) = parse(&input);
    (bom, defects.iter().map(|defect| defect.code).collect())
}

#[test]
fn components_services_and_decisions_of_cyclonedx_are_read() {
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {
      "tools": {"components": [{"name": "syft", "version": "1.30"}]}, "component": {"bom-ref": "app", "name": "app"}},
     "components": [
      {"type": "library", "bom-ref": "a", "group": "@scope", "name": "x", "version": "1.0", "purl": "pkg:npm/%40scope/x@1.0",
       "licenses": [{"license": {"id": "MIT"}}], "hashes": [{"alg": "SHA-256", "content": "AB"}],
       "components": [{"type": "file", "name": "inner"}]},
      {"type": "machine-learning-model", "bom-ref": "m", "name": "bert", "purl": "pkg:huggingface/google/bert@abc",
       "modelCard": {"modelParameters": {"task": "fill-mask", "datasets": [{"ref": "d"}]},
        "considerations": {"technicalLimitations": ["english only"]},
        "quantitativeAnalysis": {"performanceMetrics": [{"type": "f1", "value": "0.9"}]}}}],
     "services": [{"bom-ref": "s", "name": "api", "endpoints": ["https://api.example.org"], "authenticated": false}],
     "dependencies": [{"ref": "app", "dependsOn": ["a", "m"]}],
     "vulnerabilities": [{"id": "CVE-2024-1", "ratings": [{"severity": "low"}, {"severity": "high"}],
      "affects": [{"ref": "a"}], "analysis": {"state": "not_affected", "justification": "code_not_reachable"}}]}"#;
    let (bom, defects) = read("bom.json", text);
    assert_eq!(defects, [""; 0]);
    assert_eq!((bom.format.as_str(), bom.tools[0].as_str()), ("CycloneDX 1.5", "syft 1.30"));
    let names: Vec<&str> = bom.components.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["@scope/x", "inner", "bert", "api"]);
    assert_eq!(bom.components[0].hashes, [("sha256".to_owned(), "ab".to_owned())]);
    assert_eq!(bom.components[2].datasets, ["d"]);
    assert!(bom.components[2].card.contains(&("metric:f1".to_owned(), "0.9".to_owned())));
    assert_eq!(bom.components[3].addresses, ["https://api.example.org"]);
    assert_eq!(bom.dependencies.len(), 3);
    assert_eq!(bom.vulnerabilities[0].severity.as_deref(), Some("high"));
}

#[test]
fn spdx_is_read_in_its_three_dresses() {
    let json = r#"{"sbom": {"SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.3",
      "creationInfo": {"creators": ["Tool: GitHub.com-Dependency-Graph"]},
      "packages": [{"SPDXID": "P1", "name": "torch", "versionInfo": "2.0", "licenseConcluded": "NOASSERTION",
       "licenseDeclared": "BSD-3-Clause", "supplier": "Organization: PyTorch",
       "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/torch@2.0"}]}],
      "relationships": [{"spdxElementId": "P1", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "P0"}]}}"#;
    let (bom, _) = read("graph.json", json);
    assert_eq!(bom.components[0].licences, ["BSD-3-Clause"]);
    assert_eq!(bom.components[0].supplier.as_deref(), Some("PyTorch"));
    assert_eq!((bom.dependencies[0].from.as_str(), bom.dependencies[0].to.as_str()), ("P0", "P1"));
    let tags = "SPDXVersion: SPDX-2.3\nCreator: Tool: trivy-0.60\nPackageName: numpy\nSPDXID: SPDXRef-1\n\
        PackageVersion: 2.1\nPackageComment: <text>PackageName: fake\nmore</text>\nExternalRef: PACKAGE-MANAGER purl pkg:pypi/numpy@2.1\n\
        PackageChecksum: SHA256: AB\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-1\n";
    let (bom, _) = read("a.spdx", tags);
    assert_eq!(bom.components.len(), 1);
    assert_eq!(bom.components[0].purl.as_deref(), Some("pkg:pypi/numpy@2.1"));
    assert_eq!(bom.components[0].hashes, [("sha256".to_owned(), "ab".to_owned())]);
    assert_eq!(bom.subject.as_deref(), Some("SPDXRef-1"));
    assert!(bom.is_made_by("trivy"));
    let graph = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
      {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "createdBy": ["u:me"]},
      {"type": "Organization", "spdxId": "u:me", "name": "Example"},
      {"type": "ai_AIPackage", "spdxId": "u:m", "name": "m", "ai_domain": ["vision"]},
      {"type": "dataset_DatasetPackage", "spdxId": "u:d", "name": "d"},
      {"type": "simplelicensing_LicenseExpression", "spdxId": "u:l", "simplelicensing_licenseExpression": "MIT"},
      {"type": "Relationship", "spdxId": "u:r", "from": "u:m", "relationshipType": "trainedOn", "to": ["u:d"]},
      {"type": "Relationship", "spdxId": "u:q", "from": "u:m", "relationshipType": "hasDeclaredLicense", "to": ["u:l"]}]}"#;
    let (bom, _) = read("a.json", graph);
    assert_eq!((bom.format.as_str(), bom.authors[0].as_str()), ("SPDX 3.0.1", "Example"));
    assert_eq!((bom.components[0].kind, bom.components[1].kind), (Kind::Model, Kind::Data));
    assert_eq!(
        (bom.components[0].datasets.as_slice(), bom.components[0].licences.as_slice()),
        (["u:d".to_owned()].as_slice(), ["MIT".to_owned()].as_slice())
    );
}

#[test]
fn package_urls_come_apart() {
    let purl = PackageUrl::parse("pkg:npm/%40scope/name@1.0.0?arch=x64#sub").unwrap_or_default();
    assert_eq!((purl.full_name().as_str(), purl.version.as_deref()), ("@scope/name", Some("1.0.0")));
    assert_eq!(purl.qualifier("arch"), Some("x64"));
    let purl = PackageUrl::parse("pkg:oci/app@sha256%3Aabc?repository_url=ghcr.io/o/app").unwrap_or_default();
    assert_eq!(purl.version.as_deref(), Some("sha256:abc"));
    assert_eq!(PackageUrl::parse("pkg:npm/@scope/name").unwrap_or_default().full_name(), "@scope/name");
    assert_eq!(PackageUrl::parse("pkg:pypi/"), None);
    assert_eq!(PackageUrl::parse("pkg:pypi/a%").unwrap_or_default().name, "a%");
}

#[test]
fn other_json_is_left_alone_and_hostile_documents_end() {
    let budget = Budget::default();
    for text in ["{\"bomFormat\": 1}", "{}", "", "{\"a\": \"spdxVersion\"}", "SPDX"] {
        assert_eq!(
            (FORMAT.recognise)(&Input::new("a.json", text.as_bytes(), &budget)),
            Recognised::No,
            "{text}"
        );
    }
    let nested =
        format!("{{\"bomFormat\": \"CycloneDX\", \"components\": {}", "[{\"components\": ".repeat(10_000));
    let (_, defects) = read("bom.json", &nested);
    assert!(!defects.is_empty());
    let limits = crate::Limits { records: 3, ..crate::Limits::default() };
    let budget = Budget::new(limits);
    let many =
        format!("{{\"bomFormat\": \"CycloneDX\", \"components\": [{}]}}", "{\"name\": \"a\"},".repeat(100));
    let (bom, defects) = parse(&Input::new("bom.json", many.as_bytes(), &budget));
    assert_eq!((bom.components.len(), defects[0].code), (3, "limit-records"));
}
