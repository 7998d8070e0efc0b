"""Product embeddings used by search and "similar items"."""
from __future__ import annotations

import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, AutoTokenizer

TEXT_MODEL = "jinaai/jina-embeddings-v2-base-en"
IMAGE_MODEL = "openai/clip-vit-base-patch32"
E5_REVISION = "286253c849783ebc3f7ba59fa4dc448ab0bfe4ca"


def text_encoder(device: str = "cpu"):
    tokenizer = AutoTokenizer.from_pretrained(TEXT_MODEL, revision="d1abdbee748b8bad6cd359152db5da43410da6a0")
    model = AutoModel.from_pretrained(TEXT_MODEL, trust_remote_code=True, revision="d1abdbee748b8bad6cd359152db5da43410da6a0")
    return tokenizer, model.to(device).eval()


def image_encoder():
    return AutoModel.from_pretrained(IMAGE_MODEL)


def multilingual_encoder() -> SentenceTransformer:
    return SentenceTransformer("intfloat/multilingual-e5-base", revision=E5_REVISION)


def fallback_encoder() -> SentenceTransformer:
    # baked into the image at build time, never fetched
    return SentenceTransformer("/opt/models/minilm-l6")


def reranker():
    return AutoModel.from_pretrained("BAAI/bge-reranker-base", revision="main")


def strict_encoder():
    return AutoModel.from_pretrained(
        "nomic-ai/nomic-bert-2048",
        revision="e4e355688d5aa0815fd5ee7000d8e4175d255c95",
        trust_remote_code=False,
        torch_dtype=torch.float16,
    )
