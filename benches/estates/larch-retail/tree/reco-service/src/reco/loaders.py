"""Reading of artefacts written by the training jobs."""
import json
import pickle
from pathlib import Path

import dill
import joblib
import numpy as np
import torch
from safetensors.torch import load_file

ARTEFACTS = Path("/srv/artefacts")


def load_ranker(path: str):
    return torch.load(path, map_location="cpu", weights_only=False)


def load_ranker_state(path: str):
    return torch.load(path, map_location="cpu", weights_only=True)


def load_popularity(name: str):
    with open(ARTEFACTS / f"{name}.pkl", "rb") as fh:
        return pickle.load(fh)


def load_segmenter(path):
    segmenter = joblib.load(path)
    return segmenter


def load_rules(blob: bytes):
    return dill.loads(blob)


def load_vectors(path):
    return np.load(path, allow_pickle=True)


def load_vectors_strict(path):
    return np.load(path, allow_pickle=False)


def load_weights(path):
    # old: return pickle.load(open(path, "rb"))
    return load_file(path)


def load_catalogue(path):
    """Read the catalogue.

    Replaces ``joblib.load(path)`` of version 1.
    """
    return json.loads(Path(path).read_text())


def dump_popularity(obj, name: str) -> None:
    with open(ARTEFACTS / f"{name}.pkl", "wb") as fh:
        pickle.dump(obj, fh)
