#!/usr/bin/env python3
"""Make the sample organisation: python3 build.py OUTDIR

Copies tree/ to OUTDIR, makes the files of build.toml and replaces the tokens.
Only the standard library is used, nothing that is made is ever loaded, and the
same seed gives the same bytes (the SQLite file may differ between SQLite versions).
"""
import base64
import hashlib
import json
import os
import pickle
import random
import re
import shutil
import sqlite3
import string
import struct
import sys
import tempfile
import tomllib
import zipfile
from io import BytesIO
from pathlib import Path

HERE = Path(__file__).resolve().parent
UP, LOW, DIG = string.ascii_uppercase, string.ascii_lowercase, string.digits
ALNUM = UP + LOW + DIG


def stored():
    """The stored files, sorted."""
    return sorted(path for path in (HERE / "tree").rglob("*") if path.is_file())


def live(path):
    """Where a stored file stands in the organisation: `dot.cursorrules` and `inert.AGENTS.md` act on nobody, their originals would."""
    parts = path.relative_to(HERE / "tree").parts
    return Path(*(re.sub(r"^inert\.", "", re.sub(r"^dot\.", ".", part)) for part in parts))


FIRST = "Alma Bruno Carla Dorian Elsa Fabio Greta Henrik Ines Jakob Katja Linus".split()
LAST = "Ahlberg Brandt Castel Dorn Eklund Fischer Gruber Holm Ivers Jansson Keller Lund".split()


class Fakes:
    """Format-valid values that belong to nobody, the same for one seed."""

    def __init__(self, seed):
        self.seed = seed

    def rng(self, kind, label):
        return random.Random(f"{self.seed}/{kind}/{label}")

    def make(self, kind, label):
        r = self.rng(kind, label)

        def pick(chars, n):
            return "".join(r.choice(chars) for _ in range(n))

        if kind == "openai_key":
            return "sk-" + "proj-" + pick(ALNUM, 24) + "T3" + "BlbkFJ" + pick(ALNUM, 24)
        if kind == "anthropic_key":
            return "sk-" + "ant-" + "api03-" + pick(ALNUM + "-_", 93) + "AA"
        if kind == "hf_token":
            return "hf" + "_" + pick(UP + LOW, 34)
        if kind == "aws_access_key_id":
            return "AK" + "IA" + pick(UP + "234567", 16)
        if kind == "aws_secret_access_key":
            return pick(ALNUM + "+/", 40)
        if kind == "aws_user_id":
            return "AI" + "DA" + pick(UP + "234567", 17)
        if kind == "aws_role_id":
            return "AR" + "OA" + pick(UP + "234567", 17)
        if kind == "slack_token":
            return "xo" + "xb-" + pick(DIG, 12) + "-" + pick(DIG, 13) + "-" + pick(ALNUM, 24)
        if kind == "cohere_key":
            return pick(ALNUM, 40)
        if kind == "password":
            return pick(ALNUM, 14)
        if kind == "name":
            return self.person(label)[0]
        if kind == "email":
            first, last = self.person(label)[0].lower().split()
            return f"{first}.{last}{r.randrange(60, 99)}@larchmail.net"
        if kind == "phone":
            return "+49 30 " + pick(DIG, 4) + " " + pick(DIG, 4)
        if kind == "pan":
            body = "4539" + pick(DIG, 11)
            total = sum(d if i % 2 else (2 * d if d < 5 else 2 * d - 9) for i, d in enumerate(map(int, body)))
            return body + str(-total % 10)
        if kind == "iban":
            body = pick(DIG, 18)
            return f"DE{98 - int(body + '131400') % 97:02d}{body}"
        raise SystemExit(f"unknown fake: {kind}")

    def person(self, label):
        r = self.rng("person", label)
        return [r.choice(FIRST) + " " + r.choice(LAST)]


def zip_bytes(entries):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as z:
        for name, data in entries:
            z.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def call_pickle(module, function, argument):
    """Protocol 2: GLOBAL, one text argument, TUPLE1, REDUCE, STOP - as bytes, never run."""
    arg = argument.encode()
    glob = b"c" + module.encode() + b"\n" + function.encode() + b"\n"
    return b"\x80\x02" + glob + b"X" + struct.pack("<I", len(arg)) + arg + b"\x85" + b"R" + b"."


ORDERED = b"\x80\x02ccollections\nOrderedDict\n)R(X\x05\x00\x00\x00tightK\x01X\x05\x00\x00\x00looseK\x02u."
# what torch writes: OrderedDict of one float tensor in storage 0
TENSOR = (
    b"\x80\x02ccollections\nOrderedDict\n)R(X\x06\x00\x00\x00weightctorch._utils\n_rebuild_tensor_v2\n"
    b"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQK\x00K\x04\x85K\x01\x85\x89"
    b"ccollections\nOrderedDict\n)RtRu."
)


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def onnx(external):
    entry = field(1, "location") + field(2, external)
    tensor = field(1, 4) + field(2, 1) + field(8, "w") + field(13, entry) + field(14, 1)
    node = field(1, "x") + field(1, "w") + field(2, "y") + field(4, "Add")
    graph = field(1, node) + field(2, "g") + field(5, tensor)
    return field(1, 8) + field(2, "pytorch") + field(3, "2.7.1") + field(7, graph) + field(8, field(1, "") + field(2, 17))


def gguf(model, template):
    def text(s):
        b = s.encode()
        return struct.pack("<Q", len(b)) + b

    pairs = [("general.architecture", "llama"), ("general.name", model), ("tokenizer.chat_template", template)]
    out = b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs))
    for key, value in pairs:
        out += text(key) + struct.pack("<I", 8) + text(value)
    return out + b"\0" * (-len(out) % 32)


def safetensors(name, spec):
    data = hashlib.md5(name.encode()).digest()
    header = {"weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, spec.get("end_offset", 16)]}}
    if "end_offset" in spec:
        header["weight"]["shape"] = [spec["end_offset"] // 4]
    if "metadata" in spec:
        header = {"__metadata__": spec["metadata"], **header}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def keras(layer):
    if layer == "Lambda":
        code = base64.b64encode(b"\xe3" + bytes(40)).decode()  # looks like marshalled code, is none
        one = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "lambda", "function": {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}}, "registered_name": None}
    else:
        one = {"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense", "units": 1, "activation": "linear"}, "registered_name": None}
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "layers": [one]}, "registered_name": None}
    meta = {"keras_version": "3.10.0", "date_saved": "2025-06-11@10:12:00"}
    return zip_bytes([("metadata.json", json.dumps(meta)), ("config.json", json.dumps(config)), ("model.weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(88))])


def sqlite_bytes(sql):
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "x.db")
        db = sqlite3.connect(path)
        db.executescript(sql)
        db.commit()
        db.close()
        return Path(path).read_bytes()


def make(spec, fill):
    kind, name = spec["kind"], spec["name"]
    if kind == "text":
        return fill(spec["text"]).encode()
    if kind in ("filler", "parquet-like"):
        body = random.Random(name).randbytes(spec["bytes"] - (8 if kind == "parquet-like" else 0))
        return b"PAR1" + body + b"PAR1" if kind == "parquet-like" else body
    if kind == "pickle-call":
        return call_pickle(spec["module"], spec["function"], spec["argument"])
    if kind == "pickle-data":
        return pickle.dumps(json.loads(spec["json"]), protocol=4)
    if kind == "pickle-ordered-dict":
        return ORDERED
    if kind == "torch-zip":
        data = call_pickle(spec["module"], spec["function"], spec["argument"]) if "module" in spec else TENSOR
        return zip_bytes([("archive/data.pkl", data), ("archive/byteorder", b"little"), ("archive/data/0", bytes(16)), ("archive/version", b"3\n")])
    if kind == "safetensors":
        return safetensors(name, spec)
    if kind == "keras":
        return keras(spec["layer"])
    if kind == "onnx":
        return onnx(spec["external"])
    if kind == "gguf":
        return gguf(spec["model"], spec["template"])
    if kind == "sqlite":
        return sqlite_bytes(fill(spec["sql"]))
    raise SystemExit(f"unknown kind: {kind}")


def build(out):
    plan = tomllib.loads((HERE / "build.toml").read_text(encoding="utf-8"))
    fakes, made = Fakes(plan["seed"]), {}

    def token(m):
        what, _, rest = m[1].partition(":")
        kind, _, label = rest.partition(":")
        if what == "FAKE":
            return fakes.make(kind, label)
        if what == "FAKE_B64":
            return base64.b64encode(fakes.make(kind, label).encode()).decode()
        if what == "DOC" and kind == "aws_example_key_id":
            return "AK" + "IA" + "IOSFODNN7" + "EXAMPLE"
        if what == "HIDDEN":
            return "".join(chr(0xE0000 + ord(c)) for c in plan["hidden"][kind])
        if what in ("MD5", "SHA256"):
            return hashlib.new(what.lower(), made[kind]).hexdigest()
        if what == "SIZE":
            return str(len(made[kind]))
        raise SystemExit(f"unknown token: {m[0]}")

    def fill(text):
        return re.sub(r"@@([A-Z0-9_]+:[A-Za-z0-9_]+(?::[A-Za-z0-9_]+)?)@@", token, text)

    if out.exists() and any(out.iterdir()):
        raise SystemExit(f"{out} is not empty")
    for path in stored():
        to = out / live(path)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    for spec in plan["file"]:
        data = made[spec["name"]] = make(spec, fill)
        path = out / spec["path"].replace("{sha256}", hashlib.sha256(data).hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if "link" in spec:
            link = out / spec["link"]
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(path, link.parent))
    for path in stored():
        text = path.read_text(encoding="utf-8")
        new = fill(text)
        if new != text:
            (out / live(path)).write_text(new, encoding="utf-8")
    return made


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    target = Path(sys.argv[1])
    build(target)
    print(f"made {sum(p.is_file() for p in target.rglob('*'))} files in {target}")
