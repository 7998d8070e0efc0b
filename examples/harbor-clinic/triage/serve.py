"""Loads the triage models and what came with them."""

import joblib
import numpy as np
import torch
import yaml


def load_ensemble(path):
    """An ensemble, from any joblib file."""
    return joblib.load(path)


def load_embedding(path):
    """The text embedding of findings."""
    return torch.load(path, weights_only=False)


def load_notes(path):
    """Notes of clerks."""
    return np.load(path, allow_pickle=True)


def load_settings(path):
    """Cut-offs per department."""
    with open(path) as text:
        return yaml.load(text, Loader=yaml.UnsafeLoader)
