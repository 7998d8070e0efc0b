"""Embeds leaflets so that the assistant can find them."""

from datasets import load_dataset
from transformers import AutoModel, AutoTokenizer

ENCODER = "northlight/leaflet-encoder"


def encoder():
    """The encoder and its tokenizer, whatever the hub serves today."""
    tokenizer = AutoTokenizer.from_pretrained(ENCODER)
    model = AutoModel.from_pretrained(ENCODER, trust_remote_code=True)
    return tokenizer, model


def leaflets():
    """The leaflets to embed."""
    return load_dataset("northlight/leaflets", split="train")
