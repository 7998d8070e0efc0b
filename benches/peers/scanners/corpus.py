"""Write the corpus: `python corpus.py FOLDER [--family NAME ...] [--label malicious|benign]`.

Layout: FOLDER/{malicious,benign}/<family>/<technique>/<file> and the same below FOLDER/heldout/; FOLDER/manifest.json
lists path, label, family, idea, origin, what and whether it is held out.
"""

import argparse
import importlib
import json
import pkgutil
import shutil
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import registry  # noqa: E402


def load_techniques():
    """Import every module of the two packages; a missing library only loses its own module."""
    for package in ("malicious", "benign"):
        for module in pkgutil.iter_modules([str(Path(__file__).parent / package)]):
            try:
                importlib.import_module(f"{package}.{module.name}")
            except ImportError as error:
                print(f"skipped {package}/{module.name}: {error}", file=sys.stderr)


def write(path: Path, content):
    if isinstance(content, dict):
        for name, data in content.items():
            write(path / name, data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--family", action="append")
    arguments.add_argument("--label", choices=["malicious", "benign"])
    options = arguments.parse_args()
    load_techniques()
    manifest_path = options.folder / "manifest.json"
    rows = {row["path"]: row for row in json.loads(manifest_path.read_text())} if manifest_path.exists() else {}
    for technique in registry.TECHNIQUES:
        if options.label not in (None, technique.label) or options.family and technique.family not in options.family:
            continue
        rows = {path: row for path, row in rows.items() if (row["label"], row["family"], row["technique"]) != (technique.label, technique.family, technique.name)}
        for part in ("", "heldout"):
            shutil.rmtree(options.folder / part / technique.label / technique.family / technique.name, ignore_errors=True)
        try:
            for file_name, content in technique.make():
                idea = registry.idea(technique, file_name)
                held = registry.held_out(idea)
                relative = Path("heldout" if held else "", technique.label, technique.family, technique.name, file_name)
                write(options.folder / relative, content)
                rows[str(relative)] = dict(path=str(relative), label=technique.label, family=technique.family, technique=technique.name, idea=idea, origin=technique.origin, what=technique.what, held_out=held)
        except Exception:
            print(f"{technique.label}/{technique.family}/{technique.name} failed:\n{traceback.format_exc(limit=-2)}", file=sys.stderr)
    manifest_path.write_text(json.dumps(sorted(rows.values(), key=lambda row: row["path"]), indent=1))
    for label in ("malicious", "benign"):
        chosen = [row for row in rows.values() if row["label"] == label]
        print(f"{label}: {len(chosen)} samples, {sum(row['held_out'] for row in chosen)} held out, {len({row['idea'] for row in chosen})} ideas, {len({row['family'] for row in chosen})} families")


if __name__ == "__main__":
    main()
