"""Holds a folder of exports to the official schemas: python validate_exports.py FOLDER

Files are told apart by content. JSON v1 is held to our published schema, SARIF to the OASIS schema (which the crate
`serde-sarif` carries; cargo fetches it) and to what GitHub's code scanning asks for, CycloneDX to the schemas of the
official Python library, SPDX 3 to the bindings that SPDX generates from its SHACL model, Navigator layers to MITRE's loader,
OSCAL to the models and validators of compliance-trestle, evidence bundles to their manifest and their parts to all of this,
CACAO playbooks to the OASIS schemas in .ci/schemas, Sigma rules to pySigma and `sigma check`, workbooks to openpyxl,
iCalendar to the Python library of that name, and JUnit, CSV and HTML to what their readers need. Threat models are held to
other tools in `validate_models.py`. A folder without one of those in REQUIRED is an error: nothing looked at is no pass.
"""

import copy
import csv
import hashlib
import html.parser
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
import zipfile

import icalendar
import jsonschema
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from mitreattack.navlayers import Layer
from openpyxl import load_workbook
from referencing import Registry, Resource
from sigma.collection import SigmaCollection
from spdx_python_model import v3_0_1 as spdx
from trestle.core.validator_factory import validator_factory
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.poam import PlanOfActionAndMilestones

import validate_models as models

ROOT = pathlib.Path(__file__).resolve().parent.parent
SARIF_CRATE = "serde-sarif@=0.8.0"
OSCAL = {
    "assessment-results": ("oscal-ar", AssessmentResults),
    "plan-of-action-and-milestones": ("oscal-poam", PlanOfActionAndMilestones),
}
REQUIRED = {
    *{"attack-flow", "bundle", "cyclonedx", "dot", "icalendar", "json", "mermaid", "navigator", "oscal-ar", "oscal-poam", "otm"},
    *{"cacao", "github", "pytm", "sarif", "sigma", "spdx", "stix", "threagile", "threat-dragon", "xlsx"},
}


def schema_errors(schema, value):
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


def check_v1(value):
    schema = ROOT / "docs/reference/schema/vauban-v1.schema.json"
    return schema_errors(json.loads(schema.read_text("utf-8")), value)


def sarif_schema():
    with tempfile.TemporaryDirectory() as folder:
        run = lambda *words: subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout
        run("cargo", "init", "--quiet", "--name", "schema", "--vcs", "none", ".")
        run("cargo", "add", "--quiet", "--no-default-features", SARIF_CRATE)
        packages = json.loads(run("cargo", "metadata", "--format-version=1"))["packages"]
        (manifest,) = [package["manifest_path"] for package in packages if package["name"] == "serde-sarif"]
        return json.loads((pathlib.Path(manifest).parent / "src/schema.json").read_text("utf-8"))


def check_sarif(value):
    errors = schema_errors(sarif_schema(), value)
    if len(json.dumps(value)) > 10 * 2**20 * 8:
        errors.append("larger than what gzip can bring under GitHub's 10 MB")
    for run in value["runs"]:
        driver, results = run["tool"]["driver"], run["results"]
        if len(results) > 25_000:
            errors.append(f"GitHub takes 25,000 results in a run, not {len(results)}")
        for rule in driver["rules"]:
            severity = rule["properties"]["security-severity"]
            if not 0.0 <= float(severity) <= 10.0 or len(rule["properties"]["tags"]) > 20:
                errors.append(f"rule {rule['id']}: security-severity or tags are out of bounds")
        for result in results:
            name = f"result {result['partialFingerprints']}"
            if driver["rules"][result["ruleIndex"]]["id"] != result["ruleId"]:
                errors.append(f"{name}: ruleIndex points at another rule")
            if not 1 <= len(result["locations"]) <= 1000 or not result["message"]["text"]:
                errors.append(f"{name}: no location, too many, or no message")
            for location in result["locations"]:
                place = location["physicalLocation"]
                if place["region"]["startLine"] < 1 or re.search(r"[^!-~]", place["artifactLocation"]["uri"]):
                    errors.append(f"{name}: line or address of a location")
    return errors


def check_cyclonedx(value):
    text = json.dumps(value)
    error = JsonStrictValidator(SchemaVersion.from_version(value["specVersion"])).validate_str(text)
    errors = [str(error).split("\n")[0][:300]] if error else []
    references = list(bom_refs(value))
    known = set(references)
    if len(references) != len(known):
        twice = sorted({name for name in references if references.count(name) > 1})
        errors.append(f"a bom-ref is used twice: {twice[:3]}")
    for one in value["dependencies"]:
        errors += [f"no component {name}" for name in [one["ref"], *one.get("dependsOn", [])] if name not in known]
    for one in value.get("vulnerabilities", []):
        errors += [f"no component {end['ref']}" for end in one.get("affects", []) if end["ref"] not in known]
    declarations = value.get("declarations", {})
    for claim in declarations.get("claims", []):
        names = [*claim.get("evidence", []), *claim.get("counterEvidence", []), *filter(None, [claim.get("target")])]
        errors += [f"claim {claim['bom-ref']} stands on nothing: {name}" for name in names if name not in known]
    for attestation in declarations.get("attestations", []):
        for entry in attestation["map"]:
            errors += [f"no {name}" for name in [entry["requirement"], *entry["claims"]] if name not in known]
    for formula in value.get("formulation", []):
        for workflow in formula["workflows"]:
            for end in [*workflow.get("inputs", []), *workflow.get("outputs", [])]:
                if "resource" in end and end["resource"]["ref"] not in known:
                    errors.append(f"workflow {workflow['uid']} uses what is not there")
    return errors


def bom_refs(value):
    """Every name that something in the document gives itself."""
    if isinstance(value, dict):
        if isinstance(value.get("bom-ref"), str):
            yield value["bom-ref"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from bom_refs(one)


def check_spdx(text):
    """What the model's own reader refuses: unknown classes, keys, words, wrong types, too many or too few values."""
    errors, objects = [], spdx.SHACLObjectSet()
    try:
        spdx.JSONLDDeserializer().read(io.BytesIO(text.encode()), objects)
    except Exception as error:
        return [str(error)[:300]]
    try:
        spdx.JSONLDSerializer().write(objects, io.BytesIO())
    except Exception as error:
        errors.append(str(error)[:300])
    errors += [f"points at nothing: {name}" for name in sorted(map(str, objects.missing_ids))]
    documents = list(objects.foreach_type(spdx.SpdxDocument))
    if len(documents) != 1:
        errors.append(f"{len(documents)} documents in one")
    return errors


def check_navigator(value):
    techniques = value["techniques"]
    errors = [
        f"not an ATLAS id: {one['techniqueID']}"
        for one in techniques
        if not re.fullmatch(r"AML\.T\d{4}(\.\d{3})?", one["techniqueID"])
    ]
    # MITRE's loader knows ATT&CK only: it gets a copy in that dress.
    dressed = copy.deepcopy(value)
    dressed["domain"] = "enterprise-attack"
    for one in dressed["techniques"]:
        one["techniqueID"] = one["techniqueID"].removeprefix("AML.")
    layer = Layer(dressed).layer
    if isinstance(layer, str) or len(layer.techniques) != len(techniques):
        errors.append("MITRE's loader does not take the layer, see above")
    return errors


def check_oscal(value, model):
    """What trestle's models and validators refuse, and references that lead nowhere, which they do not look for."""
    try:
        document = model.model_validate(value)
    except Exception as error:
        return [line[:300] for line in str(error).split("\n")]
    validators = validator_factory.get_all()
    errors = [f"{type(one).__name__} does not take it" for one in validators if not one.model_is_valid(document, True)]
    has, points = [], set()
    oscal_numbers(value, has, points)
    if len(has) != len(set(has)):
        errors.append("a uuid is used twice")
    errors += [f"points at nothing: {number}" for number in sorted(points - set(has))]
    for result in value.get("results", []):
        chosen = result["reviewed-controls"]["control-selections"]
        reviewed = {one["control-id"] for selection in chosen for one in selection["include-controls"]}
        targets = {finding["target"]["target-id"] for finding in result["findings"]}
        if reviewed != targets:
            errors.append(f"reviewed, or found, but not both: {sorted(reviewed ^ targets)[:5]}")
        for finding in result["findings"]:
            target = finding["target"]
            (said,) = [one["value"] for one in target["props"] if one["name"] == "status"]
            if (target["status"]["state"] == "satisfied") != (said == "satisfied"):
                errors.append(f"{target['target-id']} is {said} and told as {target['status']['state']}")
    for item in value.get("poam-items", []):
        if not item.get("related-risks"):
            errors.append(f"item {item['uuid']} answers no risk")
    return errors


def oscal_numbers(value, has, points):
    """Every number that something has, and every one that something points at."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "uuid":
                has.append(one)
            elif key.endswith("-uuid"):
                points.add(one)
            elif key == "party-uuids":
                points.update(one)
            elif key == "href" and one.startswith("#"):
                points.add(one[1:])
            else:
                oscal_numbers(one, has, points)
    elif isinstance(value, list):
        for one in value:
            oscal_numbers(one, has, points)


def check_bundle(path):
    """The archive is whole, holds what its manifest says and nothing else, and every part is valid."""
    errors = []
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        if archive.testzip():
            errors.append(f"{archive.testzip()} is damaged")
        manifest = json.loads(archive.read("manifest.json"))
        listed = {one["name"]: one for one in manifest["entries"]}
        if sorted([*listed, "manifest.json"]) != sorted(archive.namelist()):
            errors.append("the manifest lists other entries than there are")
        for name, one in listed.items():
            content = archive.read(name)
            if (len(content), hashlib.sha256(content).hexdigest()) != (one["bytes"], one["sha256"]):
                errors.append(f"{name}: another size or digest than the manifest says")
            part = pathlib.Path(folder) / name
            part.write_bytes(content)
            _, wrong = check(part) or ("", [])
            errors += [f"{name}: {error}" for error in wrong]
    return errors


def check_xlsx(path):
    """A reader of workbooks takes it, no cell stands outside the named columns, and nothing is a formula."""
    errors = []
    for sheet in load_workbook(path):
        if not all(cell.value for cell in sheet[1]):
            errors.append(f"sheet {sheet.title}: a column without a name")
        for row in sheet.iter_rows():
            errors += [f"formula: {cell.coordinate}" for cell in row if cell.data_type == "f"]
    return errors


def cacao_schemas():
    folder = ROOT / ".ci/schemas/cacao-2.0"
    schemas = [json.loads(path.read_text("utf-8")) for path in sorted(folder.rglob("*.json"))]
    return {schema["$id"].split("/schemas/")[1]: schema for schema in schemas}


def cacao_ids(value, key=None):
    """Every id that something in a playbook names, with the key that names it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from cacao_ids(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from cacao_ids(inner, key)
    elif isinstance(value, str) and key not in {"id", "created_by", "command", "name", "description", "type"}:
        if re.fullmatch(r"[a-z-]+--[0-9a-f-]{36}", value):
            yield value


def check_cacao(playbooks):
    schemas, errors, ids = cacao_schemas(), [], []
    registry = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas.values())
    validator = jsonschema.Draft7Validator(schemas["playbook.json"], registry=registry)
    for playbook in playbooks:
        name = playbook["id"]
        errors += [f"{name}: {error.json_path}: {error.message[:300]}" for error in validator.iter_errors(playbook)]
        ids.append(name)
        # Draft 7 ignores `unevaluatedProperties`, so keys that no schema knows are looked for here.
        errors += [f"{name}: no key {key}" for key in set(playbook) - set(schemas["playbook.json"]["properties"])]
        steps = playbook["workflow"]
        for step in steps.values():
            known = [schemas["workflows/workflow-step.json"], *schemas[f"workflows/{step['type']}.json"]["allOf"]]
            allowed = {key for one in known for key in one.get("properties", {})}
            errors += [f"{name}: {step['type']} has no key {key}" for key in set(step) - allowed]
        defined = [*steps, *playbook.get("agent_definitions", {}), *playbook.get("target_definitions", {})]
        ids += defined
        errors += [f"{name}: nothing is {one}" for one in set(cacao_ids(playbook)) - set(defined)]
        reached, todo = set(), [playbook["workflow_start"]]
        while todo:
            one = todo.pop()
            if one not in reached and one in steps:
                reached.add(one)
                todo += cacao_ids(steps[one])
        errors += [f"{name}: no way leads to {one}" for one in set(steps) - reached]
        used = {command["playbook_activity"] for one in steps.values() for command in one.get("commands", [])}
        if used != set(playbook["playbook_activities"]):
            errors.append(f"{name}: activities of the playbook are not those of its steps")
        if {"start", "end", "action"} - {one["type"] for one in steps.values()}:
            errors.append(f"{name}: a playbook needs a start, an action and an end")
    numbers = [one.split("--")[1] for one in ids]
    if len(numbers) != len(set(numbers)):
        errors.append("a UUID is used for two objects")
    return errors


def check_sigma(path):
    collection = SigmaCollection.from_yaml(path.read_text("utf-8"))
    errors = [str(error)[:300] for rule in collection.rules for error in rule.errors]
    table = (ROOT / "crates/knowledge/data/attack-techniques.csv").read_text("utf-8").splitlines()
    techniques = {line.split(",")[0].lower() for line in table if line.startswith("T")}
    for rule in collection.rules:
        if not (rule.id and rule.status and rule.level and rule.falsepositives and rule.references):
            errors.append(f"{rule.title}: id, status, level, falsepositives or references are missing")
        for tag in rule.tags:
            number = re.fullmatch(r"(t\d{4})(\.\d{3})?", tag.name)
            if tag.namespace != "attack" or (number and number[1] not in techniques):
                errors.append(f"{rule.title}: tag {tag}")
    tool, config = pathlib.Path(sys.executable).parent / "sigma", ROOT / ".ci/sigma-validators.yml"
    words = [tool, "check", "--fail-on-issues", "--validation-config", config, path]
    run = subprocess.run(words, capture_output=True, text=True)
    if run.returncode != 0:
        errors += [line[:300] for line in run.stdout.splitlines() if line.startswith("issue=") or "rror" in line]
        errors.append("`sigma check` fails")
    if not collection.rules:
        errors.append("no rule in it")
    return errors


def check_github(issues):
    """What the API of GitHub takes: titles of 256 characters, bodies of 65,536, labels of 50."""
    errors = []
    for issue in issues:
        if not 1 <= len(issue["title"]) <= 256 or "\n" in issue["title"] or len(issue["body"]) > 65_536:
            errors.append(f"{issue['id']}: title or body")
        errors += [f"{issue['id']}: label {label}" for label in issue["labels"] if not 1 <= len(label) <= 50]
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", issue["due"]) or not issue["owner"]:
            errors.append(f"{issue['id']}: due date or owner")
    return errors


def check_junit(text):
    errors = []
    for suite in xml.etree.ElementTree.fromstring(text).iter("testsuite"):
        cases = suite.findall("testcase")
        for name, tag in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]:
            if int(suite.get(name)) != sum(case.find(tag) is not None for case in cases):
                errors.append(f"suite {suite.get('name')}: {name} are counted wrong")
        if int(suite.get("tests")) != len(cases):
            errors.append(f"suite {suite.get('name')}: tests are counted wrong")
    return errors


def check_csv(text):
    rows = list(csv.reader(io.StringIO(text, newline="")))
    errors = [f"row {number} has another width" for number, row in enumerate(rows) if len(row) != len(rows[0])]
    return errors + [f"formula: {cell[:60]}" for row in rows for cell in row if cell.lstrip()[:1] in set("=+-@|%")]


class Page(html.parser.HTMLParser):
    """Everything a page would load, and what it runs."""

    def __init__(self):
        super().__init__()
        self.errors, self.scripts, self.headings, self.ids, self.links, self.policy = [], 0, [], set(), [], ""

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.scripts += tag == "script"
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag in {"iframe", "object", "embed", "link", "base"}:
            self.errors.append(f"<{tag}> has no place here")
        if not (attributes.get("src") or "data:").startswith("data:"):
            self.errors.append(f"loads {attributes['src'][:80]}")
        if tag == "img" and not attributes.get("alt"):
            self.errors.append("an image has no alternative text")
        self.errors += [f"handler {name}" for name in attributes if name.startswith("on")]
        if "id" in attributes:
            if attributes["id"] in self.ids:
                self.errors.append(f"the id {attributes['id']} is used twice")
            self.ids.add(attributes["id"])
        if (attributes.get("href") or "").startswith("#"):
            self.links.append(attributes["href"][1:])


def check_html(text):
    page = Page()
    page.feed(text)
    errors = page.errors + [f"a link leads nowhere: #{name}" for name in set(page.links) - page.ids]
    if page.scripts > 1 or "default-src 'none'" not in page.policy:
        errors.append("more than our own script, or no content security policy")
    if page.headings.count(1) != 1 or any(b > a + 1 for a, b in zip(page.headings, page.headings[1:])):
        errors.append("headings skip a level")
    return errors


def check_icalendar(text):
    calendar = icalendar.Calendar.from_ical(text)
    events = calendar.walk("VEVENT")
    errors = [f"{event.get('UID', 'no id')}: {error}" for event in events for error in event.errors]
    errors += [str(error) for error in calendar.errors]
    if "\n" in text.replace("\r\n", "") or any(len(line.encode()) > 75 for line in text.split("\r\n")):
        errors.append("a line is too long or ends otherwise than RFC 5545 says")
    ids = [str(event["UID"]) for event in events]
    if not events or len(set(ids)) != len(ids):
        errors.append("no event, or two with the same id")
    for event in events:
        if not (event["SUMMARY"] and event.decoded("DTSTAMP").tzinfo and event.decoded("DTSTART").year > 2000):
            errors.append(f"{event['UID']}: summary or dates")
    if icalendar.Calendar.from_ical(calendar.to_ical()) != calendar:
        errors.append("it reads otherwise after it was written anew")
    return errors


def check(path):
    """Name of the format and what is wrong; None for a file that is none of ours."""
    checks = {
        ".xml": ("junit", check_junit),
        ".csv": ("csv", check_csv),
        ".dot": ("dot", models.check_dot),
        ".html": ("html", check_html),
        ".ics": ("icalendar", check_icalendar),
        ".mmd": ("mermaid", models.check_mermaid),
        ".yaml": ("threagile", models.check_threagile),
    }
    if path.suffix == ".zip":
        return "bundle", check_bundle(path)
    if path.suffix == ".xlsx":
        return "xlsx", check_xlsx(path)
    if path.suffix == ".yml":
        return "sigma", check_sigma(path)
    if path.suffix not in {".json", ".sarif", *checks}:
        return None
    text = path.read_bytes().decode("utf-8")
    if path.suffix in {".json", ".sarif"}:
        value = json.loads(text)
        if isinstance(value, list):
            playbooks = bool(value) and value[0].get("type") == "playbook"
            return ("cacao", check_cacao(value)) if playbooks else ("github", check_github(value))
        if value.get("schema") == "vauban/v1":
            return "json", check_v1(value)
        if value.get("bomFormat") == "CycloneDX":
            return "cyclonedx", check_cyclonedx(value)
        if str(value.get("@context", "")).startswith("https://spdx.org/rdf/3"):
            return "spdx", check_spdx(text)
        for root, (name, model) in OSCAL.items():
            if root in value:
                return name, check_oscal(value[root], model)
        if value.get("domain") == "atlas-atlas":
            return "navigator", check_navigator(value)
        if value.get("type") == "bundle":
            flow = any(one["type"] == "attack-flow" for one in value["objects"])
            return ("attack-flow", models.check_attack_flow(value)) if flow else ("stix", models.check_stix(value))
        if "otmVersion" in value:
            return "otm", models.check_otm(value)
        if "diagrams" in value.get("detail", {}):
            return "threat-dragon", models.check_threat_dragon(value)
        if "elements" in value and "flows" in value:
            return "pytm", models.check_pytm(text)
        if value.get("version") == "2.1.0" and "runs" in value:
            return "sarif", check_sarif(value)
    if path.suffix in checks:
        name, judge = checks[path.suffix]
        return name, judge(text)
    return None


def main():
    folder = pathlib.Path(sys.argv[1])
    seen, failed = set(), False
    for path in sorted(one for one in folder.iterdir() if one.is_file()):
        judged = check(path)
        if judged is None:
            print(f"{path.name}: not judged")
            continue
        name, errors = judged
        seen.add(name)
        failed |= bool(errors)
        print(f"{path.name}: {name}: {'valid' if not errors else f'{len(errors)} errors'}")
        for error in errors[:20]:
            print(f"  {error}")
    missing = REQUIRED - seen
    if missing:
        print(f"no file to judge for: {', '.join(sorted(missing))}")
    sys.exit(1 if failed or missing else 0)


if __name__ == "__main__":
    main()
