"""Runs an installed wheel on files made here, and the steps of action.yml. Usage: try_wheel.py FOLDER-WITH-VAUBAN WHEEL"""

import json
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

BIN, WHEEL = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
ROOT = Path(__file__).resolve().parent.parent


class Malicious:
    def __reduce__(self):
        return (os.system, ("true",))


def scan(*arguments, code):
    ended = subprocess.run([BIN / "vauban", "scan", *arguments], capture_output=True, text=True)
    if ended.returncode != code:
        sys.exit(f"vauban scan {arguments} ended with {ended.returncode}, not {code}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def action(folder, **inputs):
    """The steps of action.yml that run a script; the code that the last one ends with."""
    steps = yaml.safe_load((ROOT / "action.yml").read_text())
    given = {name: one.get("default", "") for name, one in steps["inputs"].items()} | inputs
    output = folder / "output"
    output.write_text("")
    for step in steps["runs"]["steps"]:
        if "run" not in step:
            continue
        variables = {}
        for name, value in step.get("env", {}).items():
            outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
            where, key = value.removeprefix("${{ ").removesuffix(" }}").rsplit(".", 1)
            variables[name] = given[key] if where == "inputs" else outputs.get(key, "")
        known = {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(folder / "summary")}
        script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        ended = subprocess.run(script, cwd=folder / "models", env={**os.environ, **known, **variables})
        if ended.returncode:
            break
    return ended.returncode, folder / "vauban-results"


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    models = folder / "models"
    models.mkdir()
    (models / "good.pkl").write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))
    scan(models, code=0)
    code, _ = action(folder, wheel=str(WHEEL))
    assert code == 0, code
    (models / "bad.pkl").write_bytes(pickle.dumps(Malicious()))
    assert "pickle-code-execution" in scan(models / "bad.pkl", code=1)
    code, results = action(folder, wheel=str(WHEEL), paths="good.pkl\nbad.pkl", arguments="--no-cache\n")
    assert code == 1, code
    assert json.loads((results / "vauban.sarif").read_text())["runs"][0]["results"]
    assert "bad.pkl" in (folder / "summary").read_text().replace("\\", "")
    code, _ = action(folder, wheel=str(WHEEL), paths="nowhere.pkl")
    assert code == 2, code
print("the wheel and the action do what they should")
