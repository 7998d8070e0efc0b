"""Makes what the example holds in bytes: models, data, log, faulty files, notes, notebooks and the truth file.

    python -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt && .venv/bin/python make.py

Same versions and same kind of machine, same bytes. The text files of the example are written by hand and left alone.
"""

import shutil
import warnings
from pathlib import Path

import torch

from artifacts import make_artifacts
from models import make_form_reader, make_progression, make_triage
from records import make_notebooks, make_notes, make_visits
from traffic import make_log
from truth import make_truth

ROOT = Path(__file__).resolve().parent.parent


def main():
    """Makes everything, checks it, and prints what was measured."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    warnings.filterwarnings("ignore")
    report = {}
    make_triage(ROOT, report)
    make_progression(ROOT, report)
    train_x, train_y, test_x, test_y = make_form_reader(ROOT, report)
    shutil.copyfile(ROOT / "form-reader/models/form-reader-v1.onnx", ROOT / "registry/form-reader/model.onnx")
    make_artifacts(ROOT, train_x, train_y)
    make_visits(ROOT)
    make_notes(ROOT)
    make_notebooks(ROOT)
    ordinary, attackers = make_log(ROOT, train_x, test_x, test_y, report)
    make_truth(ROOT, ordinary, attackers)
    for name, value in report.items():
        print(f"{name}: {value:.3f}" if isinstance(value, float) else f"{name}: {value}")


if __name__ == "__main__":
    main()
