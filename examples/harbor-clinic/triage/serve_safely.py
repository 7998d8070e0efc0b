"""Loads the triage models without running anything that a file says."""

import numpy as np
import onnxruntime
import torch
import yaml


def load_ensemble(path):
    """An ensemble, as ONNX."""
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def load_embedding(path):
    """The text embedding of findings."""
    return torch.load(path, weights_only=True)


def load_numbers(path):
    """Measurements."""
    return np.load(path, allow_pickle=False)


def load_settings(path):
    """Cut-offs per department."""
    with open(path) as text:
        return yaml.safe_load(text)
