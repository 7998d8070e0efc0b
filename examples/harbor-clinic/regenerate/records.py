"""What is written down about data: provenance notes, DVC files and the two notebooks."""

import csv
import hashlib
import json

import numpy as np

from models import SEED


def sha256(path):
    """Digest of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def note(folder, title, source, licence, made, stale=None):
    """A `PROVENANCE.md` for every data file in `folder`; the digest of `stale` is one of other bytes."""
    lines = [
        f"# Where this comes from: {title}",
        "",
        f"- Source: {source}",
        f"- Licence: {licence}",
        f"- Made: {made}",
        "",
    ]
    lines += ["| File | SHA-256 |", "|---|---|"]
    for path in sorted(folder.iterdir()):
        if path.suffix in {".csv", ".npy", ".npz"}:
            digest = hashlib.sha256(b"before").hexdigest() if path.name == stale else sha256(path)
            lines.append(f"| `{path.name}` | `{digest}` |")
    (folder / "PROVENANCE.md").write_text("\n".join(lines) + "\n")


def dvc_file(path, content):
    """A `.dvc` file beside `path` that records `content`."""
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    text = f"outs:\n- md5: {digest}\n  size: {len(content)}\n  hash: md5\n  path: {path.name}\n"
    path.with_name(path.name + ".dvc").write_text(text)


def make_visits(root):
    """A table of later visits that was edited after its digest was recorded: three values are higher now."""
    rng = np.random.default_rng(SEED + 2)
    folder = root / "progression/data"
    with (folder / "diabetes_train.csv").open() as text:
        names, *rows = list(csv.reader(text))
    later = [[f"{float(v) * f:.5g}" for v, f in zip(row, rng.uniform(0.9, 1.1, len(row)))] for row in rows[:80]]

    def table():
        return ("\n".join(",".join(row) for row in [names, *later]) + "\n").encode()

    recorded = table()
    for row in (12, 40, 71):
        later[row][-1] = "346"
    path = folder / "visits_2026.csv"
    path.write_bytes(table())
    dvc_file(path, recorded)
    for name in ("diabetes_train.csv", "diabetes_test.csv"):
        dvc_file(folder / name, (folder / name).read_bytes())


def make_notes(root):
    """The provenance notes."""
    digits = "Optical Recognition of Handwritten Digits, UCI, https://doi.org/10.24432/C50P49, as in scikit-learn"
    cancer = "Breast Cancer Wisconsin (Diagnostic), UCI, https://doi.org/10.24432/C5DW2B, as in scikit-learn"
    note(
        root / "form-reader/data",
        "digits",
        digits,
        "CC BY 4.0",
        "pixels divided by 16, split by `regenerate/models.py`",
    )
    note(
        root / "form-reader/incoming",
        "scans of partner practices",
        "Blot and Sons Imaging (made up); pixels as in `../data`",
        "CC BY 4.0",
        "by `regenerate/artifacts.py`",
        stale="clerk_notes.npy",
    )
    note(root / "triage/data", "triage", cancer, "CC BY 4.0", "columns scaled to 0..1, split by `regenerate/models.py`")
    note(root / "triage/splits", "pilot study", cancer, "CC BY 4.0", "first ten columns, by `regenerate/artifacts.py`")
    note(root / "assistant/data", "assistant", "made up for this example; no such people", "CC0 1.0", "by hand")


def notebook(cells):
    """A notebook of `(source, output)` code cells and `str` text cells."""
    written, count = [], 0
    for number, cell in enumerate(cells):
        base = {"id": f"cell-{number}", "metadata": {}}
        if isinstance(cell, str):
            written.append({"cell_type": "markdown", **base, "source": cell.splitlines(True)})
            continue
        count += 1
        source, output = cell
        outputs = []
        if output:
            outputs = [{"name": "stdout", "output_type": "stream", "text": output.splitlines(True)}]
        written.append(
            {
                "cell_type": "code",
                **base,
                "execution_count": count,
                "outputs": outputs,
                "source": source.splitlines(True),
            }
        )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": written,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python", "version": "3.11.7"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def make_notebooks(root):
    """One notebook that tells too much, and one that does not."""
    # Obviously no secrets, and put together here so that this source does not look as if it held some.
    printed = "://".join(["postgresql", "trainer:harbor-demo-not-a-real-one-8Ry1@db.harbor-clinic.example/records\n"])
    variable = "database_password"
    assigned = f'{variable} = "harbor-demo-not-a-real-secret-6Nc4"\n'
    patients = (
        "        patient_name date_of_birth                 email  hba1c\n"
        "0    Alma Testperson    1961-02-11  alma@patient.example    7.9\n"
        "1   Bruno Musterfall    1974-12-08  bruno@patient.example   6.4\n"
        "2     Carla Beispiel    1988-06-30  carla@patient.example   8.8\n"
    )
    bad = [
        "# Progression: training\n\nOn the records of the diabetes clinic.",
        (
            "!pip install git+https://git.harbor-clinic.example/forms.git@main\n",
            "Successfully installed harbor-forms-0.3\n",
        ),
        ("import os\nprint(os.environ['DATABASE_URL'])\n", printed),
        (assigned, ""),
        ("import pandas\nrecords = pandas.read_parquet('records.parquet')\nprint(records.head(3))\n", patients),
        ("import pickle\nwith open('old-model.pkl', 'rb') as file:\n    old = pickle.load(file)\n", ""),
    ]
    good = [
        "# Progression: training\n\nOn the public diabetes table in `../progression/data`.",
        ("%pip install numpy==2.4.6 scikit-learn==1.9.1\n", "Requirement already satisfied\n"),
        (
            "import csv\nwith open('../progression/data/diabetes_train.csv') as file:\n"
            "    rows = list(csv.DictReader(file))\n"
            "print(len(rows), sorted(rows[0]))\n",
            "331 ['age', 'bmi', 'bp', 'progression', 's1', 's2', 's3', 's4', 's5', 's6', 'sex']\n",
        ),
        (
            "import os\npassword = os.environ['DATABASE_PASSWORD']\nprint('password set:', bool(password))\n",
            "password set: True\n",
        ),
        (
            "from safetensors.numpy import load_file\n"
            "model = load_file('../progression/models/progression.safetensors')\n"
            "print({k: v.shape for k, v in model.items()})\n",
            "{'bias': (1,), 'weight': (10,)}\n",
        ),
    ]
    (root / "notebooks/train.ipynb").write_text(notebook(bad))
    (root / "notebooks/train_clean.ipynb").write_text(notebook(good))
