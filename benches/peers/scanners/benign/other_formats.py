"""Ordinary files of the remaining formats, by their libraries: skops, PMML, OpenVINO, Core ML, R, Spark, Arrow, Parquet, MAT, msgpack, HDF5, archives."""

import gzip
import io
import json
import pickle
import sys
import tarfile
import tempfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from registry import benign
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

# coremltools would load both, and they abort together.
sys.modules.setdefault("torch", None)
sys.modules.setdefault("tensorflow", None)
warnings.filterwarnings("ignore")
RANDOM = np.random.default_rng(0)
X, Y = make_classification(80, 4, random_state=0)
FRAME = pd.DataFrame(X, columns=list("abcd")).assign(when=pd.date_range("2024", periods=80), kind=pd.Categorical(RANDOM.choice(["u", "v"], 80)), text="import os")


def with_path(name: str, save) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        save(str(path))
        return path.read_bytes()


def folder_of(save) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        save(folder)
        return {str(file.relative_to(folder)): file.read_bytes() for file in Path(folder).rglob("*") if file.is_file()}


@benign("skops")
def skops_models():
    """skops dumps of estimators, pipelines and plain values."""
    import skops.io
    from sklearn.utils import all_estimators

    for index, (name, estimator) in enumerate(all_estimators()):
        if index % 4:
            continue
        try:
            yield f"{name}--model.skops", skops.io.dumps(estimator().fit(np.abs(X), Y))
        except Exception:
            continue
    yield "pipeline--model.skops", skops.io.dumps(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y))
    yield "values--data.skops", skops.io.dumps({"a": [1, "x"], "b": X, "c": np.float32(1), "d": {1: (2, 3)}})
    yield "compressed--model.skops", skops.io.dumps(RandomForestClassifier(3).fit(X, Y), compression=zipfile.ZIP_DEFLATED)


@benign("pmml")
def pmml_documents():
    """PMML by nyoka, and documents as other writers make them (extensions, namespaces, transformations)."""
    from nyoka import skl_to_pmml
    from sklearn.pipeline import Pipeline

    for estimator in (LogisticRegression(), LinearRegression(), DecisionTreeClassifier(max_depth=2), RandomForestClassifier(2, max_depth=2), GradientBoostingClassifier(n_estimators=2)):
        try:
            pipeline = Pipeline([("scale", StandardScaler()), ("model", estimator)]).fit(X, Y)
            yield f"{type(estimator).__name__}--model.pmml", with_path("m.pmml", lambda path: skl_to_pmml(pipeline, list("abcd"), "y", path))
        except Exception:
            continue
    for version in ("3_2", "4_1", "4_2", "4_3", "4_4"):
        yield f"hand-{version}--model.pmml", f'<?xml version="1.0" encoding="UTF-8"?>\n<PMML xmlns="http://www.dmg.org/PMML-{version}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="{version.replace("_", ".")}" xsi:schemaLocation="http://www.dmg.org/PMML-{version} http://www.dmg.org/v{version}/pmml-{version}.xsd"><Header copyright="DMG.org"><Extension name="user" value="alice" extender="Rattle/PMML"/><Application name="KNIME" version="4.0"/><Timestamp>2024-01-01</Timestamp></Header><DataDictionary numberOfFields="2"><DataField name="x" optype="continuous" dataType="double"/><DataField name="y" optype="continuous" dataType="double"/></DataDictionary><TransformationDictionary><DerivedField name="z" optype="continuous" dataType="double"><Apply function="if"><Apply function="greaterThan"><FieldRef field="x"/><Constant>0</Constant></Apply><Apply function="log10"><FieldRef field="x"/></Apply><Constant>0</Constant></Apply></DerivedField></TransformationDictionary><RegressionModel functionName="regression" modelName="eval of os"><MiningSchema><MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema><RegressionTable intercept="1"><NumericPredictor name="x" coefficient="2"/></RegressionTable></RegressionModel></PMML>'.encode()


@benign("openvino")
def openvino_models():
    """OpenVINO IR that the library saves: folders and XML alone."""
    import openvino
    from openvino import opset13 as ops

    def network(kind):
        x = ops.parameter([1, 4], np.float32, name="x")
        w = ops.constant(RANDOM.normal(size=(4, 4)).astype("f4"))
        y = {"linear": lambda: ops.matmul(x, w, False, False), "relu": lambda: ops.relu(ops.matmul(x, w, False, False)), "softmax": lambda: ops.softmax(ops.add(x, ops.constant(np.ones(4, "f4"))), 1), "gelu": lambda: ops.gelu(x, "erf"), "concat": lambda: ops.concat([x, x], 1)}[kind]()
        return openvino.Model([ops.result(y)], [x], kind)

    for kind in ("linear", "relu", "softmax", "gelu", "concat"):
        files = folder_of(lambda folder: openvino.save_model(network(kind), f"{folder}/model.xml"))
        yield f"{kind}--folder", files
        yield f"{kind}-xml--model.xml", files["model.xml"]


@benign("coreml")
def coreml_models():
    """Core ML specifications by coremltools: neural networks, pipelines of scalers, ML programs."""
    import coremltools
    from coremltools.models import datatypes, neural_network

    for name, layers in {"dense": 1, "deep": 3}.items():
        builder = neural_network.NeuralNetworkBuilder([("x", datatypes.Array(4))], [("y", datatypes.Array(4))])
        for index in range(layers):
            builder.add_inner_product(f"d{index}", RANDOM.normal(size=(4, 4)), np.zeros(4), 4, 4, True, "x" if index == 0 else f"h{index - 1}", "y" if index == layers - 1 else f"h{index}")
        builder.spec.description.metadata.author = "import os"
        builder.spec.description.metadata.userDefined["com.apple.coreml.model.preview.type"] = "imageClassifier"
        yield f"{name}--model.mlmodel", builder.spec.SerializeToString()
    spec = coremltools.proto.Model_pb2.Model(specificationVersion=4)
    spec.treeEnsembleRegressor.treeEnsemble.nodes.add(treeId=0, nodeId=0, nodeBehavior=6)
    yield "trees--model.mlmodel", spec.SerializeToString()
    spec = coremltools.proto.Model_pb2.Model(specificationVersion=4)
    spec.glmRegressor.weights.add().value.extend([1.0, 2.0])
    yield "linear--model.mlmodel", spec.SerializeToString()
    package = coremltools.proto.Model_pb2.Model(specificationVersion=7)
    package.mlProgram.version = 1
    yield "package--model.mlpackage", {"Manifest.json": json.dumps({"fileFormatVersion": "1.0.0", "itemInfoEntries": {"A": {"author": "com.apple.CoreML", "description": "CoreML Model Specification", "name": "model.mlmodel", "path": "com.apple.CoreML/model.mlmodel"}}, "rootModelIdentifier": "A"}).encode(), "Data/com.apple.CoreML/model.mlmodel": package.SerializeToString()}


@benign("r")
def r_files():
    """RDS and RData by pyreadr (plain and gzip) of frames with numbers, strings, factors, dates."""
    import pyreadr

    frame = FRAME.assign(kind=FRAME.kind.astype(str), when=FRAME.when.dt.date)
    for name, value in {"frame": frame, "numbers": FRAME[list("abcd")], "strings": pd.DataFrame({"code": ["system('id')", "eval(parse(x))", "ok"]}), "logical": pd.DataFrame({"a": [True, False]}), "integers": pd.DataFrame({"a": [1, 2]})}.items():
        for compress in (None, "gzip"):
            yield f"{name}-{compress}--model.rds", with_path("m.rds", lambda path: pyreadr.write_rds(path, value, compress=compress))
            yield f"{name}-{compress}-rdata--model.RData", with_path("m.RData", lambda path: pyreadr.write_rdata(path, value, df_name="model", compress=compress))


@benign("spark")
def spark_pipelines():
    """Spark ML folders as Spark writes them: metadata, stages, parquet data."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def metadata(cls, **more):
        return json.dumps({"class": cls, "timestamp": 1700000000000, "sparkVersion": "3.5.0", "uid": "m_1", "paramMap": {"inputCol": "text", "outputCol": "words"}, "defaultParamMap": {"outputCol": "x"}, **more}).encode()

    out = io.BytesIO()
    pq.write_table(pa.table({"coefficients": [[1.0, 2.0]], "intercept": [0.5]}), out)
    for cls in ("org.apache.spark.ml.classification.LogisticRegressionModel", "org.apache.spark.ml.feature.Tokenizer", "org.apache.spark.ml.feature.HashingTF", "org.apache.spark.ml.clustering.KMeansModel", "org.apache.spark.ml.recommendation.ALSModel", "org.apache.spark.ml.feature.StringIndexerModel", "org.apache.spark.ml.regression.GBTRegressionModel"):
        yield f"{cls.rsplit('.', 1)[1]}--folder", {"metadata/part-00000": metadata(cls), "metadata/_SUCCESS": b"", "metadata/.part-00000.crc": b"crc\0\0\0\2\0", "data/part-00000-abc.snappy.parquet": out.getvalue(), "data/_SUCCESS": b""}
    yield "pipeline--folder", {"metadata/part-00000": metadata("org.apache.spark.ml.PipelineModel", paramMap={"stageUids": ["tok_1", "lr_2"]}), "stages/0_tok_1/metadata/part-00000": metadata("org.apache.spark.ml.feature.Tokenizer"), "stages/1_lr_2/metadata/part-00000": metadata("org.apache.spark.ml.classification.LogisticRegressionModel"), "stages/1_lr_2/data/part-00000.parquet": out.getvalue()}


@benign("arrow")
def arrow_files():
    """Arrow IPC, Feather (v1, v2) with pandas metadata, dictionaries, nested types, known extension types, compression."""
    import pyarrow as pa
    import pyarrow.feather as feather

    table = pa.Table.from_pandas(FRAME)
    tables = {"pandas": table, "nested": pa.table({"a": [[1, 2], []], "b": [{"x": 1}, {"x": 2}], "c": [b"bytes", b"\x80\x04."]}), "dictionary": pa.table({"a": pa.array(["u", "v"]).dictionary_encode()}), "empty": table.slice(0, 0), "huggingface": table.select(["a", "text"]).replace_schema_metadata({b"huggingface": json.dumps({"info": {"features": {"a": {"dtype": "float64", "_type": "Value"}}}})}), "decimal": pa.table({"a": pa.array([1, 2], pa.decimal128(10, 2))}), "uuid": pa.table({"a": pa.array([bytes(16)], pa.uuid())}), "tensor": pa.table({"a": pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.float32(), [2]), pa.array([[1.0, 2.0]], pa.list_(pa.float32(), 2)))})}
    for name, value in tables.items():
        out = io.BytesIO()
        with pa.ipc.new_file(out, value.schema) as writer:
            writer.write_table(value)
        yield f"{name}--data.arrow", out.getvalue()
        out = io.BytesIO()
        with pa.ipc.new_stream(out, value.schema) as writer:
            writer.write_table(value)
        yield f"{name}-stream--data.arrow", out.getvalue()
    for name, options in {"lz4": dict(compression="lz4"), "zstd": dict(compression="zstd"), "plain": dict(compression="uncompressed")}.items():
        yield f"{name}--data.feather", with_path("d.feather", lambda path: feather.write_feather(table, path, **options))


@benign("parquet")
def parquet_files():
    """Parquet with pandas metadata, compressions, nested columns, encryption off, several row groups, GeoParquet-like keys."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(FRAME)
    for name, options in {"snappy": {}, "gzip": dict(compression="gzip"), "zstd": dict(compression="zstd"), "brotli": dict(compression="brotli"), "plain": dict(compression="none"), "groups": dict(row_group_size=10), "v1": dict(version="1.0"), "statistics": dict(write_page_index=True)}.items():
        out = io.BytesIO()
        pq.write_table(table, out, **options)
        yield f"{name}--data.parquet", out.getvalue()
    for name, value in {"nested": pa.table({"a": [[1], [2, 3]], "b": [{"x": "y"}, None]}), "binary": pa.table({"image": [b"\x89PNG\r\n\x1a\n" + bytes(50)], "path": ["a.png"]}), "empty": table.slice(0, 0), "geo": table.select(["a"]).replace_schema_metadata({b"geo": b'{"version": "1.0.0", "primary_column": "geometry"}'}), "uuid": pa.table({"a": pa.array([bytes(16)], pa.uuid())})}.items():
        out = io.BytesIO()
        pq.write_table(value, out)
        yield f"{name}--data.parquet", out.getvalue()


@benign("mat")
def matlab_files():
    """MAT files by SciPy: arrays, structs, cells, strings, sparse, compressed, version 4; and HDF5-like version 7.3."""
    import scipy.io
    import scipy.sparse

    values = {"array": {"x": X}, "struct": {"s": {"a": 1, "b": "text", "c": {"d": X[:2]}}}, "cell": {"c": np.array([1, "x", X[:1]], dtype=object)}, "string": {"s": "system of equations; eval of import"}, "sparse": {"m": scipy.sparse.csc_matrix(np.eye(4))}, "integers": {"i": np.arange(5, dtype="i4"), "b": np.array([True])}, "complex": {"z": X + 1j}, "empty": {"e": np.zeros((0, 0))}, "many": {f"v{i}": np.ones(i) for i in range(1, 20)}}
    for name, value in values.items():
        for compressed in (False, True):
            out = io.BytesIO()
            scipy.io.savemat(out, value, do_compression=compressed)
            yield f"{name}-{compressed}--data.mat", out.getvalue()
    out = io.BytesIO()
    scipy.io.savemat(out, {"x": X}, format="4")
    yield "version4--data.mat", out.getvalue()
    import h5py

    def version73(path):
        with h5py.File(path, "w", userblock_size=512) as file:
            file.create_dataset("x", data=X).attrs["MATLAB_class"] = np.bytes_("double")
        with open(path, "r+b") as file:
            file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan 1 00:00:00 2024 HDF5 schema 1.00 .".ljust(124) + b"\x00\x02IM")

    yield "version73--data.mat", with_path("d.mat", version73)


@benign("msgpack")
def msgpack_files():
    """Flax parameter and training state files, plain msgpack data."""
    import flax.serialization
    import jax.numpy as jnp
    import msgpack

    parameters = {"params": {"dense": {"kernel": np.ones((4, 2), "f4"), "bias": np.zeros(2, "f4")}, "conv": {"kernel": RANDOM.normal(size=(3, 3, 4, 8)).astype("f4")}}, "step": 3}
    yield "flax--flax_model.msgpack", flax.serialization.msgpack_serialize(parameters)
    yield "flax-state--checkpoint", flax.serialization.to_bytes({"params": {"w": jnp.ones((3,), jnp.bfloat16)}, "opt_state": {"0": {"count": np.int32(3), "mu": np.ones(3, "f4")}}})
    yield "large--flax_model.msgpack", flax.serialization.msgpack_serialize({"w": RANDOM.normal(size=(1000, 200)).astype("f4")})
    yield "complex--flax_model.msgpack", flax.serialization.msgpack_serialize({"z": 1 + 2j, "s": np.float32(2)})
    yield "plain--data.msgpack", msgpack.packb({"names": ["import", "eval"], "values": [1, 2.5, None, True], "blob": bytes(50)})


@benign("orbax")
def orbax_checkpoints():
    """Orbax checkpoints that the library saves."""
    import orbax.checkpoint as ocp

    def save(folder):
        with ocp.StandardCheckpointer() as checkpointer:
            checkpointer.save(Path(folder, "ckpt"), {"params": {"w": np.ones((4, 2), "f4")}, "step": 3})

    yield "standard--folder", folder_of(save)


@benign("hdf5")
def hdf5_files():
    """HDF5 of h5py and pandas: groups, attributes, compression, soft links, virtual data, variable strings, references."""
    import h5py

    def fill(path, kind):
        with h5py.File(path, "w", libver="latest" if kind == "latest" else None) as file:
            group = file.create_group("model_weights/dense")
            group.create_dataset("kernel:0", data=X, compression="gzip" if kind == "gzip" else None, chunks=(10, 2) if kind in ("gzip", "chunked") else None)
            file.attrs["notes"] = "import os; this text is harmless; eval"
            file.attrs["layer_names"] = np.array([b"dense"])
            if kind == "links":
                file["alias"] = h5py.SoftLink("/model_weights/dense/kernel:0")
                file["hard"] = group["kernel:0"]
            if kind == "strings":
                file.create_dataset("s", data=["a", "bb"], dtype=h5py.string_dtype())
                file.create_dataset("v", (2,), dtype=h5py.vlen_dtype("f4"))
            if kind == "references":
                file.create_dataset("r", data=np.array([group.ref], dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)
            if kind == "compound":
                file.create_dataset("c", data=np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
            if kind == "dimensions":
                file["model_weights/dense/kernel:0"].dims[0].label = "x"
            if kind == "empty":
                file.create_dataset("e", data=h5py.Empty("f4"))

    for kind in ("plain", "gzip", "chunked", "latest", "links", "strings", "references", "compound", "dimensions", "empty"):
        yield f"{kind}--data.h5", with_path("d.h5", lambda path: fill(path, kind))


@benign("archive")
def archives():
    """Archives of honest models and texts: zip, tar in all compressions, 7z, wheels-like, nested, dotfiles, large ratios, relative links."""
    import bz2
    import lzma

    import py7zr
    import zstandard

    model = pickle.dumps(LogisticRegression().fit(X, Y))
    members = {"model/model.pkl": model, "model/config.json": b'{"a": 1}', "model/weights.npy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }".ljust(127) + b"\n" + bytes(16), "model/README.md": b"# Model\nRun `python predict.py`.\n", "model/.gitattributes": b"*.bin filter=lfs\n", "model/predict.py": b"import pickle\nimport sys\n\nprint(pickle.load(open(sys.argv[1], 'rb')))\n"}
    clean = {name: data for name, data in members.items() if not name.endswith(".py")}

    def zipped(compression):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as file:
            for name, data in clean.items():
                file.writestr(name, data)
        return out.getvalue()

    def tarred(mode, link=None):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=mode) as file:
            for name, data in clean.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                file.addfile(info, io.BytesIO(data))
            if link:
                info = tarfile.TarInfo("model/latest.pkl")
                info.type, info.linkname = tarfile.SYMTYPE, link
                file.addfile(info)
        return out.getvalue()

    for name, compression in {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}.items():
        yield f"{name}--model.zip", zipped(compression)
    for mode, suffix in {"w": "tar", "w:gz": "tar.gz", "w:bz2": "tar.bz2", "w:xz": "tar.xz"}.items():
        yield f"{suffix}--model.{suffix}", tarred(mode)
    yield "link--model.tar", tarred("w", "model.pkl")
    yield "zstd--model.tar.zst", zstandard.compress(tarred("w"))
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as file:
        for name, data in clean.items():
            file.writestr(data, name)
    yield "seven--model.7z", out.getvalue()
    for name, compress in {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}.items():
        yield f"pickle-{name}--model.pkl.{name}", compress(model)
        yield f"text-{name}--vocab.txt.{name}", compress(b"import\nos\nsystem\n" * 100)
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as file:
        file.writestr("inner.zip", zipped(8))
        file.writestr("zeros.bin", bytes(1_000_000), zipfile.ZIP_DEFLATED)
    yield "nested--models.zip", nested.getvalue()
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    yield "empty--empty.zip", empty.getvalue()


@benign("text")
def texts_that_mention():
    """Texts, tables, vocabularies and configurations that mention dangerous names."""
    yield "vocabulary--vocab.txt", b"[PAD]\n[UNK]\nimport\nos\nsystem\neval\nexec\nsubprocess\n__import__\n" + b"\n".join(b"word%d" % i for i in range(3000))
    yield "merges--merges.txt", b"#version: 0.2\n\xc4\xa0 t\nh e\nimp ort\n"
    yield "csv--data.csv", b"text,label\n\"import os; os.system('id')\",1\n\"eval(input())\",0\n"
    yield "jsonl--data.jsonl", b'{"text": "subprocess.Popen([\'id\'])", "label": 1}\n' * 20
    yield "readme--README.md", b"# Security\n\nNever call `pickle.load` or `os.system` on untrusted data. Install with `pip install x`.\n"
    yield "config--config.json", b'{"eval": true, "exec_batch_size": 8, "system": "linux", "__version__": "1.0", "import": "none"}'
    yield "empty--empty.pkl", b""
    yield "labels--labels.txt", b"cat\ndog\n"
    yield "requirements--requirements.txt", b"numpy>=1.20\ntorch==2.2.0 ; sys_platform == 'linux'\n--extra-index-url https://download.pytorch.org/whl/cpu\n"
    yield "random--weights.bin", RANDOM.bytes(50_000)
    yield "floats--weights.bin", RANDOM.normal(size=20_000).astype("f4").tobytes()
    yield "zeros--data.bin", bytes(4096)
