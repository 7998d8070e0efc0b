"""ONNX models of converters, of the onnx package's own tests, with functions, subgraphs, contrib operators and external data."""

import io
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from registry import benign

warnings.filterwarnings("ignore")
RANDOM = np.random.default_rng(0)
X = np.abs(RANDOM.normal(size=(60, 4))).astype("f4")
Y = (X[:, 0] > X[:, 1]).astype(int)


@benign("onnx")
def scikit_learn_conversions():
    """skl2onnx conversions: ai.onnx.ml operators with trees, SVMs, scalers, encoders, text."""
    from skl2onnx import to_onnx
    from sklearn.utils import all_estimators

    for _, estimator in all_estimators(type_filter="classifier") + all_estimators(type_filter="regressor") + all_estimators(type_filter="transformer"):
        try:
            yield f"{estimator.__name__}--model.onnx", to_onnx(estimator().fit(X, Y), X[:1]).SerializeToString()
        except Exception:
            continue


@benign("onnx", "package")
def backend_tests():
    """Every fifteenth node test of the onnx package's own backend suite: models and, for some, their tensors."""
    from onnx.backend.test.case.node import collect_testcases

    try:
        cases = collect_testcases(None)
    except TypeError:
        cases = collect_testcases()
    for index, case in enumerate(cases):
        if index % 15 == 0 and case.model is not None:
            yield f"{case.name}--model.onnx", case.model.SerializeToString()


@benign("onnx")
def hand_made():
    """Control flow, local functions, string and sparse tensors, metadata, com.microsoft and ai.onnx.contrib operators, external data beside the model."""
    def model(nodes, initializers=(), opsets=(("", 17),), functions=()):
        graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4])], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], initializer=list(initializers))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid(*o) for o in opsets], functions=list(functions), producer_name="pytorch", doc_string="import of a model; see os.system docs")

    w = numpy_helper.from_array(RANDOM.normal(size=(4, 4)).astype("f4"), "w")
    microsoft = (("", 17), ("com.microsoft", 1))
    for op, attributes in {"Gelu": {}, "FusedMatMul": {"transB": 1}, "BiasGelu": {}, "QuickGelu": {}, "SkipLayerNormalization": {"epsilon": 1e-5}, "MatMulNBits": {"K": 4, "N": 4, "bits": 4, "block_size": 16}}.items():
        inputs = ["x"] if op in ("Gelu", "QuickGelu") else ["x", "w"]
        yield f"microsoft-{op}--model.onnx", model([helper.make_node(op, inputs, ["y"], domain="com.microsoft", **attributes)], [w], microsoft).SerializeToString()
    yield "contrib-tokenizer--model.onnx", model([helper.make_node("BertTokenizer", ["x"], ["y"], domain="ai.onnx.contrib", vocab_file="hello\nworld")], (), (("", 17), ("ai.onnx.contrib", 1))).SerializeToString()
    branch = helper.make_graph([helper.make_node("Identity", ["x"], ["o"])], "b", [], [helper.make_tensor_value_info("o", TensorProto.FLOAT, None)])
    yield "if--model.onnx", model([helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)], [helper.make_tensor("c", TensorProto.BOOL, [], [True])]).SerializeToString()
    function = helper.make_function("local", "Half", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 17)])
    yield "function--model.onnx", model([helper.make_node("Half", ["x"], ["y"], domain="local")], (), (("", 17), ("local", 1)), [function]).SerializeToString()
    yield "aten-functions--model.onnx", model([helper.make_node("Half", ["x"], ["y"], domain="pkg.onnxscript.torch_lib")], (), (("", 17), ("pkg.onnxscript.torch_lib", 1)), [helper.make_function("pkg.onnxscript.torch_lib", "Half", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 17)])]).SerializeToString()
    strings = helper.make_tensor("s", TensorProto.STRING, [3], [b"import", b"os.system", b"\xff\xfe"])
    yield "strings--model.onnx", model([helper.make_node("Relu", ["x"], ["y"])], [strings]).SerializeToString()
    made = model([helper.make_node("MatMul", ["x", "w"], ["y"])], [w])
    helper.set_model_props(made, {"names": "{0: 'person', 1: 'car'}", "stride": "32", "task": "detect", "author": "x"})
    yield "properties--model.onnx", made.SerializeToString()
    with tempfile.TemporaryDirectory() as folder:
        big = model([helper.make_node("MatMul", ["x", "w"], ["y"])], [numpy_helper.from_array(RANDOM.normal(size=(4, 400)).astype("f4"), "w")])
        onnx.save_model(big, f"{folder}/model.onnx", save_as_external_data=True, location="model.onnx.data", size_threshold=0)
        yield "external--folder", {"model.onnx": Path(folder, "model.onnx").read_bytes(), "model.onnx.data": Path(folder, "model.onnx.data").read_bytes()}
    empty = numpy_helper.from_array(np.zeros((0, 4), "f4"), "w")
    yield "empty-tensor--model.onnx", model([helper.make_node("Relu", ["x"], ["y"])], [empty]).SerializeToString()
    yield "tensor-file--input_0.pb", numpy_helper.from_array(X, "x").SerializeToString()


@benign("onnx")
def torch_exports():
    """torch.onnx exports of small networks and of torchvision models."""
    import torch
    import torchvision

    networks = {"mlp": (torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2)), torch.ones(1, 4)), "convolution": (torch.nn.Conv2d(3, 4, 3), torch.ones(1, 3, 8, 8)), "lstm": (torch.nn.LSTM(4, 8), torch.ones(2, 1, 4)), "transformer": (torch.nn.TransformerEncoderLayer(8, 2, 16).eval(), torch.ones(2, 1, 8)), "mobilenet": (torchvision.models.mobilenet_v3_small(num_classes=2).eval(), torch.ones(1, 3, 64, 64))}
    for name, (network, example) in networks.items():
        for dynamo in (False, True):
            out = io.BytesIO()
            try:
                if dynamo:
                    torch.onnx.export(network, (example,), dynamo=True, verbose=False).save(out)
                else:
                    torch.onnx.export(network, (example,), out, dynamo=False)
            except Exception:
                continue
            if out.getvalue():
                yield f"{name}-{'dynamo' if dynamo else 'traced'}--model.onnx", out.getvalue()
