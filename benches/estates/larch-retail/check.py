#!/usr/bin/env python3
"""Check truth.toml against a freshly built copy: python3 check.py

Every path exists, every line holds the text that truth.toml gives for it, every
text format parses, and tree/ holds nothing that looks like a real credential.
"""
import ast
import hashlib
import json
import pickletools
import re
import struct
import sys
import tempfile
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import build

HERE = Path(__file__).resolve().parent
KINDS = set("agent dataset endpoint identity infrastructure model notebook package pipeline prompt tool".split())
SEVERITIES = {"critical", "high", "medium", "low"}
KEYS = re.compile(
    r"AKIA[A-Z0-9]{16}|hf_[A-Za-z]{34}|sk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}|xox[bp]-\d{6}|ghp_[A-Za-z0-9]{36}|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{20,}\.eyJ|AIza[A-Za-z0-9_-]{35}"
)
wrong = []


def expect(ok, message):
    if not ok:
        wrong.append(message)


def main():
    truth = tomllib.loads((HERE / "truth.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as tmp:
        out = Path(tmp) / "out"
        made = build.build(out)
        kept = {build.live(path): path for path in build.stored()}
        for table in ("asset", "weakness", "clean"):
            ids = [x["id"] for x in truth[table]]
            expect(len(ids) == len(set(ids)), f"{table}: an id twice")
        for a in truth["asset"]:
            expect(a["kind"] in KINDS, f"{a['id']}: kind {a['kind']}")
            expect(len(a["seen"]) < 2 or "same_as_note" in a, f"{a['id']}: no same_as_note")
            for path in a["seen"]:
                expect((out / path).is_file(), f"{a['id']}: no {path}")
        for table in ("weakness", "clean", "ambiguous"):
            for x in truth[table]:
                where = f"{x.get('id', table)} {x['path']}"
                for path in [x["path"], *x.get("also", [])]:
                    expect((out / path).is_file(), f"{where}: no {path}")
                if table == "weakness":
                    expect(x["severity"] in SEVERITIES, f"{where}: severity")
                if "line" in x:
                    for file, exact in ((kept[Path(x["path"])], True), (out / x["path"], False)):
                        lines = file.read_text(encoding="utf-8").split("\n")
                        have = lines[x["line"] - 1].strip() if x["line"] <= len(lines) else None
                        # a token may have been replaced in the built copy, nothing else
                        text = x["text"]
                        parts = [re.escape(p) for p in re.split(r"@@[A-Z0-9_]+:[^@]+@@", text)]
                        good = have == text if exact else have is not None and re.fullmatch(".+".join(parts), have)
                        expect(good, f"{where}:{x['line']}: {have!r}")
        w = {(x["path"], x.get("line"), x["class"], x.get("locator")) for x in truth["weakness"]}
        for x in truth["clean"]:
            expect((x["path"], x.get("line"), x["class"], x.get("locator")) not in w, f"{x['id']}: weak and clean")
        parse(out)
        digests(out, made)
        for path in (HERE / "tree").rglob("*"):
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                for m in KEYS.finditer(text):
                    expect(set(m[0][8:]) <= set("x0-"), f"{path}: looks like a key: {m[0][:12]}")
                expect("\U000e0000" not in text and not re.search("[\U000e0020-\U000e007f]", text), f"{path}: hidden text stored")
    for line in wrong:
        print("wrong:", line)
    kinds = Counter(x["class"] for x in truth["weakness"])
    print(len(truth["asset"]), "assets,", sum(len(a["seen"]) > 1 for a in truth["asset"]), "of them seen more than once;", end=" ")
    print(len(truth["weakness"]), "weaknesses of", len(kinds), "classes;", len(truth["clean"]), "clean twins of", end=" ")
    print(len({x["class"] for x in truth["clean"]}), "classes;", len(truth["ambiguous"]), "ambiguous")
    if "-v" in sys.argv:
        for name, n in sorted(kinds.items()):
            print(f"  {n:3} {name}")
    raise SystemExit(1 if wrong else 0)


def parse(out):
    for path in out.rglob("*"):
        if not path.is_file() or path.name in ("mlflow.db",):
            continue
        name, text = path.name, None
        try:
            text = path.read_text(encoding="utf-8")
            expect("@@" not in text, f"{path}: token left")
        except UnicodeDecodeError:
            pass
        try:
            if name.endswith(".jsonl"):
                [json.loads(line) for line in text.splitlines()]
            elif name.endswith((".json", ".ipynb", ".sarif", ".tfstate")) or name in ("Pipfile.lock", "oci-layout"):
                if ".vscode" not in path.parts:
                    json.loads(text)
            elif name.endswith(".toml") or name in ("poetry.lock", "uv.lock", "pdm.lock", "Cargo.lock"):
                tomllib.loads(text)
            elif name.endswith(".py"):
                ast.parse(text)
            elif name.endswith(".pkl"):
                list(pickletools.genops(path.read_bytes()))
            elif name.endswith(".pt"):
                list(pickletools.genops(zipfile.ZipFile(path).read("archive/data.pkl")))
            elif name.endswith(".safetensors"):
                data = path.read_bytes()
                (size,) = struct.unpack("<Q", data[:8])
                json.loads(data[8 : 8 + size])
        except Exception as e:
            wrong.append(f"{path}: {e}")


def digests(out, made):
    for blob in [*out.glob("oci-store/*/blobs/sha256/*"), *out.glob("hf-cache/hub/*/blobs/*")]:
        same = hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
        expect(same != ("price-tagger" in str(blob) and blob.read_bytes() in (made["tagger_layer"], made["tagger_weights"])), f"{blob}: digest")
    for name, good in (("promo", True), ("sales", False)):
        path = next(out.glob(f"forecast-training/data/{name}*.dvc"))
        md5 = re.search(r"md5: ([0-9a-f]{32})", path.read_text())[1]
        expect((hashlib.md5(made[name]).hexdigest() == md5) == good, f"{path}: md5")


if __name__ == "__main__":
    main()
