"""Model and data files that PyPI packages carry, out of installed packages and of wheels in $WHEELS; at most 30 per package."""

import os
import tarfile
import zipfile
from pathlib import Path

from registry import benign

SUFFIXES = (".pkl", ".pickle", ".p", ".npy", ".npz", ".mat", ".h5", ".hdf5", ".onnx", ".tflite", ".pb", ".pt", ".pth", ".jit", ".bin", ".joblib", ".gz", ".xz", ".bz2", ".lzma", ".zst", ".parquet", ".feather", ".arrow", ".safetensors", ".gguf", ".msgpack", ".model", ".json", ".yaml", ".yml", ".xml", ".dat", ".task", ".binarypb", ".txt", ".ser", ".rds", ".rda", ".ubj", ".marshal", ".3", ".crfsuite", ".z", ".zip", ".tar", ".sav", ".nc", ".prototxt", ".pbtxt")
PLAIN = (".json", ".yaml", ".yml", ".xml", ".txt", ".dat", ".bin", ".gz", ".zip")
INSTALLED = ("numpy", "scipy", "sklearn", "joblib", "pandas", "h5py", "onnx", "onnxruntime", "nltk", "statsmodels", "pyarrow", "skops", "xgboost", "matplotlib", "transformers", "torchvision", "mlflow", "dill")


def chosen(names):
    """Model-like names first, plain data after, 30 in all, evenly spread."""
    models = [name for name in names if name.lower().endswith(SUFFIXES) and not name.lower().endswith(PLAIN)]
    plain = [name for name in names if name.lower().endswith(PLAIN)]
    step = max(1, -(-len(models) // 30))
    picked = models[::step][:30]
    return picked + plain[:: max(1, -(-len(plain) // 8))][: max(0, min(8, 30 - len(picked)))]


@benign("package", "package")
def installed_packages():
    """Test data and resources of the installed scientific packages."""
    import importlib.util

    for package in INSTALLED:
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            continue
        base = Path(list(spec.submodule_search_locations)[0])
        files = sorted(str(path.relative_to(base)) for path in base.rglob("*") if path.is_file() and path.stat().st_size < 60_000_000 and path.suffix)
        for index, name in enumerate(chosen(files)):
            yield f"{package}-{index}--{Path(name).name}", (base / name).read_bytes()


@benign("package", "package")
def wheels():
    """Files out of wheels and source archives that were downloaded into $WHEELS beforehand."""
    for path in sorted(Path(os.environ.get("WHEELS", "/nonexistent")).glob("*")):
        package = path.name.split("-")[0]
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as archive:
                for index, name in enumerate(chosen(sorted(n for n in archive.namelist() if archive.getinfo(n).file_size < 60_000_000))):
                    yield f"{package}-{index}--{Path(name).name}", archive.read(name)
        elif path.name.endswith((".tar.gz", ".zip")):
            if path.name.endswith(".zip"):
                continue
            with tarfile.open(path) as archive:
                members = {m.name: m for m in archive.getmembers() if m.isfile() and m.size < 60_000_000}
                for index, name in enumerate(chosen(sorted(members))):
                    yield f"{package}-{index}--{Path(name).name}", archive.extractfile(members[name]).read()
