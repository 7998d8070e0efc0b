"""Files that are wrong in one way each, and harmless: nothing here runs code, whoever loads it."""

import io
import json
import pickle
import struct
import sys
import types
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_breast_cancer

from models import SEED, finished, write_csv

ZIP_TIME = (2026, 9, 1, 8, 0, 0)


def linear(name, weights, extra=(), extra_domains=()):
    """A small ONNX graph `scores = x @ weights`, with `extra` nodes after it."""
    outputs = extra[-1].output[0] if extra else "scores"
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "weights"], ["scores"]), *extra],
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 64])],
        [helper.make_tensor_value_info(outputs, TensorProto.FLOAT, ["N", 10])],
        [weights],
    )
    return finished(graph, name, 1, extra_domains)


def onnx_files(folder, rng):
    """Weights outside the folder; an operator that nobody ships."""
    values = rng.normal(size=(64, 10)).astype(np.float32)
    outside = TensorProto(name="weights", data_type=TensorProto.FLOAT, dims=[64, 10])
    outside.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "../../../shared/weights.bin"), ("offset", "0"), ("length", "2560")):
        outside.external_data.add(key=key, value=value)
    escaping = linear("form-reader-shared", outside)
    (folder / "form-reader-shared.onnx").write_bytes(escaping.SerializeToString(deterministic=True))

    fused = helper.make_node("FusedInkNorm", ["scores"], ["normed"], domain="example.harbor-clinic.ops")
    custom = linear(
        "form-reader-fused", numpy_helper.from_array(values, "weights"), [fused], ["example.harbor-clinic.ops"]
    )
    (folder / "form-reader-fused.onnx").write_bytes(custom.SerializeToString(deterministic=True))


def safetensors_files(folder, rng):
    """Two tensors that claim the same bytes; a pickle under the name of a safetensors file."""
    header = {
        "weight": {"dtype": "F32", "shape": [16], "data_offsets": [0, 64]},
        "bias": {"dtype": "F32", "shape": [8], "data_offsets": [32, 64]},
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = rng.normal(size=16).astype("<f4").tobytes()
    (folder / "progression-overlap.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    plain = {"weight": [round(float(v), 4) for v in rng.normal(size=10)], "bias": 151.0}
    (folder / "progression-renamed.safetensors").write_bytes(pickle.dumps(plain, protocol=4))


def pickle_files(folder):
    """A class that only the clinic has; a built-in that can run code, named but not called."""
    module = types.ModuleType("harbor_scoring.rules")
    score = type("RiskScore", (), {"__module__": module.__name__, "__qualname__": "RiskScore"})
    module.RiskScore = score
    sys.modules["harbor_scoring"] = types.ModuleType("harbor_scoring")
    sys.modules[module.__name__] = module
    rule = score()
    rule.cut_offs, rule.version = [0.2, 0.5, 0.8], 3
    (folder / "triage-rules.pkl").write_bytes(pickle.dumps(rule, protocol=4))
    hooks = {"model": "triage-gb", "postprocess": eval, "columns": ["mean_radius", "mean_texture"]}
    (folder / "triage-hooks.pkl").write_bytes(pickle.dumps(hooks, protocol=4))


def array_bytes(array):
    """`array` as the bytes of an NPY file."""
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def archives(folder, images, labels):
    """An object array, and three NPZ files that a careful reader must refuse."""
    notes = np.array([{"box": 3, "clerk": "A"}, {"box": 7, "clerk": "B"}], dtype=object)
    np.save(folder / "clerk_notes.npy", notes, allow_pickle=True)

    def pack(name, members):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as out:
            for member, data in members:
                out.writestr(zipfile.ZipInfo(member, ZIP_TIME), data, zipfile.ZIP_DEFLATED, 9)

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the name that comes twice is the point
        pack(
            "scans_twice.npz",
            [("images.npy", array_bytes(images[:8])), ("images.npy", array_bytes(1 - images[:8]))],
        )
    pack("scans_escape.npz", [("images.npy", array_bytes(images[:8])), ("../labels.npy", array_bytes(labels[:8]))])
    pack("scans_blank.npz", [("images.npy", array_bytes(np.zeros((32768, 64), np.float64)))])
    pack("scans_plain.npz", [("images.npy", array_bytes(images[8:16])), ("labels.npy", array_bytes(labels[8:16]))])


def gguf(template):
    """A GGUF v3 file with one small tensor and a chat template."""

    def text(value):
        data = value.encode()
        return struct.pack("<Q", len(data)) + data

    pairs = {"general.architecture": "llama", "general.name": "harbor-helper", "tokenizer.chat_template": template}
    body = b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs))
    for key, value in pairs.items():
        body += text(key) + struct.pack("<I", 8) + text(value)
    body += text("token_embd.weight") + struct.pack("<IQQIQ", 2, 8, 4, 0, 0)
    body += b"\0" * (-len(body) % 32)
    return body + np.linspace(-1, 1, 32, dtype="<f4").tobytes()


PLAIN_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] | trim }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
REACHING_TEMPLATE = (
    "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    "{{ messages.__class__.__mro__[1].__subclasses__() | length }}"
)
"""Counts the classes of the interpreter: reaches its internals as an injected template would, and does nothing."""


def splits(folder):
    """A train and a test table of ten raw measurements; 20 of the 100 test rows are training rows."""
    source = load_breast_cancer()
    rng = np.random.default_rng(SEED + 1)
    rows = rng.permutation(len(source.target))
    names = [name.replace(" ", "_") for name in source.feature_names[:10]]
    train, test = rows[:300], np.concatenate([rows[300:380], rows[:20]])
    for name, chosen in (("train", train), ("test", test)):
        write_csv(folder / f"{name}.csv", names, source.data[chosen, :10], "benign", source.target[chosen])


def make_artifacts(root, images, labels):
    """Everything above, in its place."""
    rng = np.random.default_rng(SEED)
    onnx_files(root / "form-reader/experimental", rng)
    safetensors_files(root / "progression/experimental", rng)
    pickle_files(root / "triage/incoming")
    archives(root / "form-reader/incoming", images, labels)
    (root / "assistant/models/helper-plain.gguf").write_bytes(gguf(PLAIN_TEMPLATE))
    (root / "assistant/models/helper-template.gguf").write_bytes(gguf(REACHING_TEMPLATE))
    splits(root / "triage/splits")
    onnx.checker.check_model(str(root / "form-reader/models/form-reader-v1.onnx"))
