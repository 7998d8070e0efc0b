"""Embeds leaflets with one fixed revision of the encoder, and with no code of the hub."""

from datasets import load_dataset
from transformers import AutoModel, AutoTokenizer

ENCODER = "northlight/leaflet-encoder"
REVISION = "3f2c9a7d1e5b4c6f8a0b2d4e6f80913577a1c3e5"


def encoder():
    """The encoder and its tokenizer at the reviewed revision."""
    tokenizer = AutoTokenizer.from_pretrained(ENCODER, revision=REVISION)
    model = AutoModel.from_pretrained(ENCODER, revision=REVISION, trust_remote_code=False)
    return tokenizer, model


def leaflets():
    """The leaflets to embed, at the reviewed revision."""
    return load_dataset("northlight/leaflets", split="train", revision="a81d0c4e7f2b5936d8e1a4c7b0f3926585d7e9b1")
