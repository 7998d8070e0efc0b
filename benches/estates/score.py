"""Holds a review to the truth of a sample organisation: assets, findings, false alarms, per rule.

    python3 benches/estates/score.py VAUBAN benches/estates/larch-retail [--list]

builds the organisation into a temporary folder, reviews it with the program VAUBAN, and compares. A finding stands for a
weakness when it names its place (the line within three lines, where both name one; or the file alone, where it has one weakness
of the class and nothing nearer is found) and its rule is one of those that `rules.toml` gives for the weakness's class. A finding that stands for no weakness is a false alarm, unless its place is listed as
ambiguous or its rule as general hardening. `--list` prints every miss and every false alarm.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib


def review(program, folder, options, scratch):
    report = scratch / "report"
    command = [program, "review", str(folder), "--reports", str(report), "--store", str(scratch / "store.sqlite")]
    command += ["--trials", "10000", "--now", "2026-11-28T00:00:00Z", "--quiet", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"the review failed with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads((report / "vauban.json").read_text())


def places_of(locators):
    return [(place["path"].split("!")[0], place.get("line")) for place in locators]


def near(place, path, line):
    return place[0] == path and (not line or not place[1] or abs(place[1] - line) <= 3)


def plain(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class Findings:
    """The findings of a review with the places they name."""

    def __init__(self, document):
        assets = {asset["id"]: asset for asset in document["assets"]}
        alerts = {rule["id"] for rule in document["review"]["rules"] if rule["family"] == "detection"}
        self.all = []
        for finding in document["findings"]:
            if finding["rule"] in alerts:
                continue
            places = places_of(item["locator"] for item in finding["evidence"])
            asset = assets.get(finding["asset"])
            # What is said of an asset as a whole stands wherever the asset was seen.
            wide = places_of(asset["locators"]) if asset else []
            self.all.append({**finding, "places": places, "wide": wide, "stands": False})

    def beside(self, entry, rules):
        """Findings of these rules in the file of an entry that is the only one of its class there."""
        return [
            finding
            for finding in self.all
            if finding["rule"] in rules
            and finding["stands"] is False
            and any(place[0] == entry["path"] for place in finding["places"])
        ]

    def stand_for(self, entry, rules):
        spots = [(entry["path"], entry.get("line"))] + [
            (also["path"], also.get("line")) if isinstance(also, dict) else (also, None)
            for also in entry.get("also", [])
        ]
        found = []
        for finding in self.all:
            if rules is not None and finding["rule"] not in rules:
                continue
            exact = any(near(place, *spot) for place in finding["places"] for spot in spots)
            by_asset = any(place[0] == spot[0] for place in finding["wide"] for spot in spots) and not any(
                place[1] for place in finding["places"]
            )
            if exact or by_asset:
                found.append(finding)
        return found


def score_assets(document, truth, listing):
    found = collections.defaultdict(list)
    for asset in document["assets"]:
        found[asset["kind"]].append(asset)
    named = missed = split = 0
    for wanted in truth["asset"]:
        optional = wanted.get("optional", False)
        kinds = [wanted["kind"], *wanted.get("also_kind", [])]
        hits = []
        for kind in kinds:
            for asset in found[kind]:
                seen_in = {place["path"].split("!")[0] for place in asset["locators"]}
                names = plain(wanted["name"])
                title = plain(asset["name"]) + "-" + plain(" ".join(str(v) for v in asset.get("attributes", {}).values()))
                shares_place = bool(seen_in & {place.split(":")[0] for place in wanted["seen"]})
                if shares_place and (names in title or title.split("-")[-1] in names or any(part in title for part in names.split("-") if len(part) > 3)):
                    hits.append(asset["id"])
        if hits:
            named += not optional
            split += len(set(hits)) > 1 and not optional
        elif not optional:
            missed += 1
            if listing:
                print(f"  asset missed: {wanted['id']} {wanted['kind']} {wanted['name']} in {wanted['seen']}")
    return named, missed, split


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("estate", type=pathlib.Path)
    parser.add_argument("--list", action="store_true", help="prints misses and false alarms")
    parser.add_argument("--strict", action="store_true", help="lines must agree even where a file has one such weakness")
    parser.add_argument("--option", action="append", default=[], help="passed to `vauban review`")
    arguments = parser.parse_args()
    truth = tomllib.loads((arguments.estate / "truth.toml").read_text())
    mapping = tomllib.loads((arguments.estate / "rules.toml").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        folder = scratch / "estate"
        subprocess.run([sys.executable, str(arguments.estate / "build.py"), str(folder)], check=True, capture_output=True)
        options = [option.replace("{}", str(folder)) for option in arguments.option + mapping.get("options", [])]
        document = review(arguments.program, folder, options, scratch)

    classes, neutral = mapping["classes"], set(mapping["neutral"])
    findings = Findings(document)
    by_rule = collections.defaultdict(lambda: [0, 0])
    by_class = collections.defaultdict(lambda: [0, 0])
    elsewhere = mapping.get("elsewhere", {})
    at = collections.Counter((weakness["class"], weakness["path"]) for weakness in truth["weakness"])
    missed = []
    for weakness in truth["weakness"]:
        if weakness["id"] in elsewhere:
            weakness = {**weakness, "path": elsewhere[weakness["id"]], "line": None}
        found = findings.stand_for(weakness, set(classes.get(weakness["class"], [])))
        for finding in found:
            finding["stands"] = True
        if found:
            by_class[weakness["class"]][True] += 1
        else:
            missed.append(weakness)
    for weakness in missed:
        only = at[weakness["class"], weakness["path"]] == 1 and not arguments.strict
        found = findings.beside(weakness, set(classes.get(weakness["class"], []))) if only else []
        for finding in found:
            finding["stands"] = True
        by_class[weakness["class"]][bool(found)] += 1
        if not found and arguments.list:
            print(f"  missed: {weakness['id']} {weakness['class']} at {weakness['path']}:{weakness.get('line', '')}: {weakness['what']}")
    for entry in truth.get("ambiguous", []):
        for finding in findings.stand_for(entry, None):
            finding["stands"] = finding["stands"] or None
    loud = 0
    for twin in truth["clean"]:
        for finding in findings.stand_for(twin, set(classes.get(twin["class"], []))):
            exact = any(near(place, twin["path"], twin.get("line")) for place in finding["places"])
            if finding["stands"] is False and exact:
                loud += 1
                finding["loud"] = True
                if arguments.list:
                    print(f"  twin not silent: {twin['id']} {twin['class']} {twin['path']}:{twin.get('line', '')} by {finding['rule']}: {finding['message']}")
    judged = {known["rule"] + "@" + known["path"] for known in mapping.get("true", [])}
    for finding in findings.all:
        if finding["stands"] is False and any(f"{finding['rule']}@{path}" in judged for path, _ in finding["places"]):
            finding["stands"] = None
        if finding["rule"] in neutral and finding["stands"] is False and not finding.get("loud"):
            finding["stands"] = None
        if finding["stands"] is None:
            continue
        by_rule[finding["rule"]][finding["stands"]] += 1
        if finding["stands"] is False and arguments.list:
            print(f"  unexpected: {finding['rule']} at {finding['places'][:2]}: {finding['message']}")

    named, missed, split = score_assets(document, truth, arguments.list)
    weaknesses = len(truth["weakness"])
    hit = sum(found for _, found in by_class.values())
    right = sum(right for _, right in by_rule.values())
    wrong = sum(wrong for wrong, _ in by_rule.values())
    print(f"assets      {named} of {named + missed} found, {split} of them as more than one")
    print(f"weaknesses  {hit} of {weaknesses} found ({hit / weaknesses:.1%})")
    print(f"findings    {right} right, {wrong} unexpected (precision {right / max(1, right + wrong):.1%})")
    print(f"clean twins {loud} of {len(truth['clean'])} not silent")
    print("\nrule                                      right  unexpected  precision")
    for rule, (wrong, right) in sorted(by_rule.items()):
        print(f"{rule:42}{right:5}{wrong:12}{right / (right + wrong):11.2f}")
    print("\nclass                                     found  missed     recall")
    for name, (missed_count, found) in sorted(by_class.items()):
        print(f"{name:42}{found:5}{missed_count:8}{found / (found + missed_count):11.2f}")


if __name__ == "__main__":
    main()
