"""Write the corpus: `python corpus.py FOLDER [MODULE ...]`, modules as in `malicious.keras_files`; all by default.

Layout: FOLDER/{malicious,benign}/<family>/<technique>/<file> and the same below FOLDER/heldout/; FOLDER/manifest.json
lists path, label, family, technique, idea, origin, what and whether it is held out. Every module runs in a process of
its own: some of the libraries cannot be loaded together.
"""

import argparse
import importlib
import json
import pkgutil
import shutil
import subprocess
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def write(path: Path, content):
    if isinstance(content, dict):
        for name, data in content.items():
            write(path / name, data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def make_module(folder: Path, module: str) -> list[dict]:
    """Import one module and write the samples of its techniques: rows of the manifest."""
    import registry

    try:
        importlib.import_module(module)
    except ImportError as error:
        print(f"skipped {module}: {error}", file=sys.stderr)
    rows = []
    for technique in (t for t in registry.TECHNIQUES if t.make.__module__ == module):
        for part in ("", "heldout"):
            shutil.rmtree(folder / part / technique.label / technique.family / technique.name, ignore_errors=True)
        try:
            for file_name, content in technique.make():
                idea = registry.idea(technique, file_name)
                held = registry.held_out(idea)
                relative = Path("heldout" if held else "", technique.label, technique.family, technique.name, file_name)
                write(folder / relative, content)
                rows.append(dict(path=str(relative), label=technique.label, family=technique.family, technique=technique.name, idea=idea, origin=technique.origin, what=technique.what, held_out=held, module=module))
        except Exception:
            print(f"{technique.label}/{technique.family}/{technique.name} failed:\n{traceback.format_exc(limit=-3)}", file=sys.stderr)
    return rows


def make_apart(folder: Path, module: str) -> list[dict]:
    """`make_module` in a process of its own: some libraries abort when they are loaded together."""
    with tempfile.NamedTemporaryFile() as rows:
        code = subprocess.run([sys.executable, __file__, str(folder), module, "--rows", rows.name]).returncode
        if code:
            print(f"{module} ended with {code}", file=sys.stderr)
        text = Path(rows.name).read_text()
    return json.loads(text) if text else []


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("modules", nargs="*")
    arguments.add_argument("--rows", type=Path, help="make the one module here and write its rows to this file")
    options = arguments.parse_args()
    if options.rows:
        options.rows.write_text(json.dumps(make_module(options.folder, options.modules[0])))
        return
    every = [f"{package}.{found.name}" for package in ("malicious", "benign") for found in pkgutil.iter_modules([str(HERE / package)])]
    modules = [name for name in every if not options.modules or name in options.modules]
    manifest = options.folder / "manifest.json"
    rows = json.loads(manifest.read_text()) if manifest.exists() else []
    rows = [row for row in rows if row["module"] not in modules]
    with ThreadPoolExecutor(2) as pool:
        for made in pool.map(lambda name: make_apart(options.folder, name), modules):
            rows += made
    options.folder.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps(sorted(rows, key=lambda row: row["path"]), indent=1))
    for label in ("malicious", "benign"):
        chosen = [row for row in rows if row["label"] == label]
        print(f"{label}: {len(chosen)} samples, {sum(row['held_out'] for row in chosen)} held out, {len({row['idea'] for row in chosen})} ideas, {len({row['family'] for row in chosen})} families")


if __name__ == "__main__":
    main()
