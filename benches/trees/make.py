"""Makes a folder with many files, as a monorepo of a company with some machine learning in it has them.

    python3 benches/trees/make.py FOLDER FILES

The same number gives the same tree. Of a thousand files some ten are models or data in formats of their own; the rest is
source code, documents, configuration, pictures and libraries. Files have 200 bytes to 16 kB. Nothing in it is malicious.
"""

import json
import pathlib
import random
import struct
import sys

WORDS = "request order price stock batch parcel client label score night supply window report ledger signal".split()


def sentence(draw, count):
    return " ".join(draw.choice(WORDS) for _ in range(count))


def python(draw, learns):
    lines = ["import json", "import logging", "from pathlib import Path", ""]
    if learns:
        lines[:0] = draw.choice(
            [
                ["import joblib", "from sklearn.linear_model import LogisticRegression"],
                ["from transformers import AutoModel"],
                ["from openai import OpenAI"],
                ["import pandas as pd", "import torch"],
            ]
        )
    for number in range(draw.randint(3, 24)):
        name = f"{draw.choice(WORDS)}_{number}"
        lines += [
            f"def {name}(value, limit={number}):",
            f'    """{sentence(draw, 8)}."""',
            f"    total = sum(part.{draw.choice(WORDS)} for part in value if part.{draw.choice(WORDS)} > limit)",
            f'    logging.info("{sentence(draw, 4)} %s", total)',
            f"    return {{'{draw.choice(WORDS)}': total, 'limit': limit}}",
            "",
        ]
    if learns:
        lines += draw.choice(
            [
                ["model = joblib.load('models/model.joblib')", "model.predict([[0]])"],
                ["model = AutoModel.from_pretrained('bert-base-uncased')"],
                ["client = OpenAI()", "client.chat.completions.create(model='gpt-4o', messages=[])"],
                ["frame = pd.read_csv('data/orders.csv')", "torch.save(frame, 'model.pt')"],
            ]
        )
    return "\n".join(lines).encode()


def script(draw):
    lines = ["import React from 'react';", "import { useState } from 'react';", ""]
    for number in range(draw.randint(3, 20)):
        lines += [
            f"export function {draw.choice(WORDS)}{number}(props) {{",
            f"  const [{draw.choice(WORDS)}, set] = useState({number});",
            f"  return <div className=\"{draw.choice(WORDS)}\">{{props.{draw.choice(WORDS)}}}</div>;",
            "}",
            "",
        ]
    return "\n".join(lines).encode()


def table(draw):
    rows = [",".join(WORDS[:6])]
    rows += [",".join(str(draw.randint(0, 9999)) for _ in range(6)) for _ in range(draw.randint(10, 200))]
    return "\n".join(rows).encode()


def record(draw):
    return json.dumps([{word: draw.randint(0, 999) for word in WORDS[:8]} for _ in range(draw.randint(2, 40))]).encode()


def settings(draw):
    return "\n".join(f"{word}_{number}: {draw.choice(WORDS)}" for number in range(20) for word in WORDS[:2]).encode()


def manifest(draw):
    name = draw.choice(WORDS)
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}-{draw.randint(0, 9999)}
  namespace: {draw.choice(WORDS)}
spec:
  template:
    spec:
      containers:
        - name: {name}
          image: registry.example/{name}:1.{draw.randint(0, 99)}
""".encode()


def notebook(draw):
    cells = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": [f"{draw.choice(WORDS)} = {n}\n"]}
        for n in range(12)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def picture(draw):
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + draw.randbytes(draw.randint(400, 8000))


def library(draw):
    return b"\x7fELF\x02\x01\x01" + bytes(57) + draw.randbytes(draw.randint(1000, 16000))


def requirements(draw):
    return "".join(f"{name}=={draw.randint(0, 4)}.{draw.randint(0, 20)}\n" for name in ("numpy", "pandas", "requests")).encode()


def tensors(draw):
    data = draw.randbytes(256)
    header = json.dumps({"weight": {"dtype": "F32", "shape": [64], "data_offsets": [0, 256]}}).encode()
    return struct.pack("<Q", len(header)) + header + data


def array(draw):
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (64,), }"
    header = header.ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + draw.randbytes(256)


def prose(draw):
    return "\n\n".join(sentence(draw, 40) + "." for _ in range(draw.randint(2, 20))).encode()


# Of a thousand files.
KINDS = [
    (240, "py", lambda draw: python(draw, False)),
    (12, "py", lambda draw: python(draw, True)),
    (160, "tsx", script),
    (130, "json", record),
    (70, "yaml", settings),
    (10, "yaml", manifest),
    (130, "md", prose),
    (90, "png", picture),
    (40, "csv", table),
    (40, "so", library),
    (40, "html", lambda draw: b"<!doctype html><p>" + prose(draw)),
    (15, "ipynb", notebook),
    (13, "txt", prose),
    (4, "req", requirements),
    (4, "safetensors", tensors),
    (2, "npy", array),
]


def main(folder, count):
    draw = random.Random(7)
    # Contents are drawn from a pool: what is measured is a tree of many files, not the drawing.
    pools = [(share, ending, [make(draw) for _ in range(64)]) for share, ending, make in KINDS]
    shares = [share for share, _, _ in pools]
    folder = pathlib.Path(folder)
    place = folder
    for number in range(count):
        if number % 40 == 0:
            place = folder / f"team{number % 37:02}" / f"project{number // 4000:03}" / f"part{number // 40 % 100:02}"
            place.mkdir(parents=True, exist_ok=True)
        _, ending, pool = draw.choices(pools, shares)[0]
        name = f"requirements-{number}.txt" if ending == "req" else f"{draw.choice(WORDS)}_{number}.{ending}"
        (place / name).write_bytes(pool[number % 64] + (b"\n" if ending in ("py", "md") else b""))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
