"""What other tools say to a threat model that Vauban exported; `validate_exports.py` tells the files apart.

Judges that we did not write: OASIS' validator and library for STIX, MITRE's schema for Attack Flow, IriusRisk's for the Open Threat
Model, Threagile's own schema, pytm itself, a reader of Threat Dragon's files, a parser of Graphviz and Mermaid's own. Threat Dragon's
schema comes with no package, so what it requires is listed here after
<https://github.com/OWASP/threat-dragon/tree/main/td.vue/src/assets/schema>.
"""

import importlib.metadata
import importlib.util
import io
import json
import pathlib
import subprocess
import tarfile
import tempfile

import jsonschema
import pydot
import pytm.json
import stix2
import stix2validator
import yaml
from pytm import TM

MERMAID = ["mermaid@11.12.0", "jsdom@26.1.0"]
PARSE = """
import {JSDOM} from 'jsdom'; import fs from 'fs';
const dom = new JSDOM('<!DOCTYPE html><body></body>'); globalThis.window = dom.window; globalThis.document = dom.window.document;
const mermaid = (await import('mermaid')).default;
await mermaid.parse(fs.readFileSync(0, 'utf8'));
"""
EXTENSION = "extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4"


def packaged(package, suffix):
    """A file that a package brings, found by how its path ends."""
    (path,) = [one for one in importlib.metadata.files(package) if str(one).endswith(suffix)]
    return pathlib.Path(path.locate())


def schema_errors(schema, value, registry=None):
    arguments = {"registry": registry} if registry else {}
    validator = jsonschema.validators.validator_for(schema)(schema, **arguments)
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


def check_stix(value):
    """Structure and vocabulary by OASIS' validator, objects by OASIS' library; every reference leads somewhere."""
    errors = []
    results = stix2validator.validate_instance(value, stix2validator.ValidationOptions(version="2.1", silent=True))
    results = results.object_results if hasattr(results, "object_results") else [results]
    for result in results:
        errors += [str(error)[:300] for error in (result.errors or [])]
    stix2.parse(value, allow_custom=True, version="2.1")
    ids = [one["id"] for one in value["objects"]]
    known = set(ids)
    if len(known) != len(ids):
        errors.append("an id is used twice")
    for one in value["objects"]:
        for key, refs in one.items():
            if key.endswith("_refs") or key.endswith("_ref"):
                refs = refs if isinstance(refs, list) else [refs]
                errors += [f"{one['id']}: {key} leads nowhere: {ref}" for ref in refs if ref not in known]
    return errors


def check_attack_flow(value):
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    folder = packaged("countermap", "attack-flow-schema-2.0.0.json").parent
    schema = json.loads((folder / "attack-flow-schema-2.0.0.json").read_text("utf-8"))
    registry = Registry()
    for path in sorted((folder / "stix2.1/common").glob("*.json")):
        # Their `$schema` is spelled in a way that only lenient readers take.
        resource = DRAFT202012.create_resource(json.loads(path.read_text("utf-8")))
        for version in ["http://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/stix2.1",
                        "https://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/master"]:
            registry = registry.with_resource(f"{version}/schemas/common/{path.name}", resource)
    errors = check_stix(value)
    for one in value["objects"]:
        if EXTENSION in one.get("extensions", {}):
            errors += [f"{one['id']}: {error}" for error in schema_errors(schema, one, registry)]
    if sum(one["type"] == "attack-flow" for one in value["objects"]) != 1:
        errors.append("a document has exactly one attack-flow")
    return errors


def check_otm(value):
    errors = schema_errors(json.loads(packaged("iriusrisk-cli", "otm_schema.json").read_text("utf-8")), value)
    known = {one["id"] for one in value["components"]}
    threats = {one["id"] for one in value["threats"]}
    zones = {one["id"] for one in value["trustZones"]}
    for flow in value["dataflows"]:
        errors += [f"{flow['id']}: no component {end}" for end in [flow["source"], flow["destination"]] if end not in known]
    for one in value["components"]:
        errors += [f"{one['id']}: no threat {at['threat']}" for at in one["threats"] if at["threat"] not in threats]
        if one["parent"]["trustZone"] not in zones:
            errors.append(f"{one['id']}: no zone {one['parent']['trustZone']}")
    return errors


def check_threagile(text):
    """Threagile's schema, and what its reader wants beyond it: ids of letters, digits and hyphens that are known, tags that are listed."""
    value = yaml.safe_load(text)
    inner = tarfile.open(packaged("cdktg", ".jsii.tgz"))
    schema = json.load(inner.extractfile("package/threagile/schema.json"))
    schema.pop("$schema", None)
    errors = schema_errors(schema, value)
    assets, data = value["technical_assets"], {one["id"] for one in value["data_assets"].values()}
    ids = [one["id"] for one in assets.values()]
    if len(set(ids)) != len(ids):
        errors.append("two technical assets have one id")
    errors += [f"not an id: {one}" for one in [*ids, *data] if not one.replace("-", "").isalnum()]
    for name, asset in assets.items():
        tags = list(asset["tags"])
        for link in asset["communication_links"].values():
            tags += link["tags"]
            if link["target"] not in ids:
                errors.append(f"{name}: a link leads nowhere: {link['target']}")
            errors += [f"{name}: no data asset {one}" for one in link["data_assets_sent"] if one not in data]
        errors += [f"{name}: tag {tag} is not listed" for tag in tags if tag not in value["tags_available"]]
    inside = [one for zone in value["trust_boundaries"].values() for one in zone["technical_assets_inside"]]
    if sorted(inside) != sorted(ids):
        errors.append("a technical asset is in no trust boundary, or in two")
    return errors


def check_pytm(text):
    value = json.loads(text)
    elements, flows = len(value["elements"]), len(value["flows"])
    TM.reset()
    model = pytm.json.load(io.StringIO(text))
    model.check()
    errors = []
    read = [one for one in TM._elements if one.__class__.__name__ not in {"Boundary", "Dataflow"}]
    if (len(TM._flows), len(read)) != (flows, elements):
        errors.append(f"pytm has {len(read)} elements and {len(TM._flows)} flows, the file {elements} and {flows}")
    return errors


def check_threat_dragon(value):
    errors = []
    need = lambda where, one, keys: errors.extend(f"{where}: no {key}" for key in keys if key not in one)
    need("model", value, ["version", "summary", "detail"])
    need("summary", value["summary"], ["title"])
    need("detail", value["detail"], ["contributors", "diagrams", "diagramTop", "reviewer", "threatTop"])
    for diagram in value["detail"]["diagrams"]:
        need("diagram", diagram, ["diagramType", "id", "thumbnail", "title", "version"])
        ids = {cell["id"] for cell in diagram["cells"]}
        if len(ids) != len(diagram["cells"]):
            errors.append("an id is used twice")
        for cell in diagram["cells"]:
            need(cell["id"], cell, ["id", "shape", "zIndex", "data"])
            need(cell["id"], cell["data"], ["hasOpenThreats", "type"])
            for end in ["source", "target"]:
                if end in cell and cell[end]["cell"] not in ids:
                    errors.append(f"{cell['id']}: {end} leads nowhere")
            for threat in cell["data"].get("threats", []):
                need(cell["id"], threat, ["description", "mitigation", "severity", "status", "title", "type", "number"])
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        from threatsketch import td_adapter

        model, _ = td_adapter.load(file.name)
    errors += [f"threatsketch: {warning}" for warning in model.warnings]
    return errors


def check_dot(text):
    graphs = pydot.graph_from_dot_data(text)
    return [] if graphs and len(graphs) == 1 else ["pydot does not read it"]


def check_mermaid(text):
    with tempfile.TemporaryDirectory() as folder:
        run = lambda *words, **more: subprocess.run(words, cwd=folder, capture_output=True, text=True, **more)
        run("npm", "init", "-y")
        installed = run("npm", "install", "--silent", "--no-audit", "--no-fund", *MERMAID)
        if installed.returncode:
            return [f"cannot install Mermaid: {installed.stderr[:300]}"]
        (pathlib.Path(folder) / "parse.mjs").write_text(PARSE, "utf-8")
        parsed = run("node", "parse.mjs", input=text)
    edges = sum(" --> " in line or " -->|" in line or " -.->|" in line for line in text.splitlines())
    errors = [parsed.stderr[-600:]] if parsed.returncode else []
    return errors + ([f"Mermaid draws 500 edges, not {edges}"] if edges > 500 or len(text) > 50_000 else [])
