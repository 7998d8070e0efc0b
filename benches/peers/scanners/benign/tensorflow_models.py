"""TensorFlow files as the library writes them: SavedModels, frozen graphs, checkpoints, TFLite, TF.js topologies."""

import json
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from registry import benign


def folder(path: Path) -> dict:
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


class Plain(tf.Module):
    """A module with a signature, a variable and control flow."""

    def __init__(self):
        self.w = tf.Variable(tf.ones((4, 2)))

    @tf.function(input_signature=[tf.TensorSpec((None, 4))])
    def __call__(self, x):
        y = x @ self.w
        for _ in tf.range(3):
            y = tf.nn.relu(y) + 0.1
        return {"y": tf.where(y > 1, y, tf.zeros_like(y))}


class Vocabulary(tf.Module):
    """A table that is initialised from an asset of the SavedModel, as honest text models do."""

    def __init__(self, path):
        self.asset = tf.saved_model.Asset(path)
        self.table = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(self.asset, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER), -1)

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def __call__(self, words):
        return {"ids": self.table.lookup(tf.strings.lower(words))}


def networks():
    yield "dense", keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(2)])
    yield "convolution", keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(4, 3), keras.layers.MaxPooling2D(), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
    yield "lstm", keras.Sequential([keras.Input((5, 4)), keras.layers.LSTM(4), keras.layers.Dense(1)])
    yield "mobilenet", keras.applications.MobileNetV2(weights=None, input_shape=(32, 32, 3), classes=2, alpha=0.35)


@benign("tensorflow")
def saved_models():
    """SavedModels of modules and Keras models, with assets, whole folders and the protobuf alone."""
    with tempfile.TemporaryDirectory() as base:
        made = {}
        tf.saved_model.save(Plain(), f"{base}/plain")
        made["plain"] = folder(Path(base, "plain"))
        vocabulary = Path(base, "vocab.txt")
        vocabulary.write_text("hello\nworld\nimport\n")
        tf.saved_model.save(Vocabulary(str(vocabulary)), f"{base}/vocabulary")
        made["vocabulary"] = folder(Path(base, "vocabulary"))
        for name, network in networks():
            network.export(f"{base}/{name}", verbose=False)
            made[name] = folder(Path(base, name))
        text = keras.layers.TextVectorization(max_tokens=20, output_sequence_length=4)
        text.adapt(["a b c", "b c d"])
        keras.Sequential([keras.Input((1,), dtype="string"), text, keras.layers.Embedding(20, 4), keras.layers.GlobalAveragePooling1D()]).export(f"{base}/text", verbose=False)
        made["text"] = folder(Path(base, "text"))
        for name, files in made.items():
            yield f"{name}--folder", files
            yield f"{name}-pb--saved_model.pb", files["saved_model.pb"]
            yield f"{name}-variables--variables.index", files["variables/variables.index"]


@benign("tensorflow")
def graphs_and_checkpoints():
    """Frozen graphs in binary and text, meta graphs and checkpoints of tf.train, TFRecords, event files."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    for name, network in networks():
        function = tf.function(network).get_concrete_function(tf.TensorSpec((1, *network.input_shape[1:])))
        graph = convert_variables_to_constants_v2(function).graph.as_graph_def()
        yield f"frozen-{name}--frozen_graph.pb", graph.SerializeToString()
        if name == "dense":
            yield "frozen-text--graph.pbtxt", str(graph).encode()
    with tempfile.TemporaryDirectory() as base:
        tf.train.Checkpoint(model=Plain(), step=tf.Variable(3)).save(f"{base}/ckpt/model")
        yield "checkpoint--folder", folder(Path(base, "ckpt"))
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            w = tf.compat.v1.get_variable("w", (3, 2))
            x = tf.compat.v1.placeholder(tf.float32, (None, 3), name="x")
            tf.identity(x @ w, name="y")
            session.run(tf.compat.v1.global_variables_initializer())
            tf.compat.v1.train.Saver().save(session, f"{base}/v1/model.ckpt")
        files = folder(Path(base, "v1"))
        yield "v1-checkpoint--folder", files
        yield "v1-meta--model.ckpt.meta", files["model.ckpt.meta"]
        with tf.io.TFRecordWriter(f"{base}/data.tfrecord") as writer:
            writer.write(tf.train.Example(features=tf.train.Features(feature={"a": tf.train.Feature(int64_list=tf.train.Int64List(value=[1]))})).SerializeToString())
        yield "records--data.tfrecord", Path(base, "data.tfrecord").read_bytes()


@benign("tflite")
def tflite_models():
    """TFLite conversions: float, dynamic range, float16, with signatures, metadata and select TensorFlow operators."""
    for name, network in networks():
        for slug, change in {"float": lambda c: None, "dynamic": lambda c: setattr(c, "optimizations", [tf.lite.Optimize.DEFAULT]), "float16": lambda c: (setattr(c, "optimizations", [tf.lite.Optimize.DEFAULT]), setattr(c.target_spec, "supported_types", [tf.float16]))}.items():
            converter = tf.lite.TFLiteConverter.from_keras_model(network)
            if name == "lstm":
                converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
                converter._experimental_lower_tensor_list_ops = False
            change(converter)
            try:
                yield f"{name}-{slug}--model.tflite", converter.convert()
            except Exception:
                continue


@benign("tfjs")
def tfjs_topologies():
    """TF.js layers models: topology and manifest beside their shard."""
    for name, network in networks():
        config = json.loads(network.to_json())
        weights = [{"name": w.path, "shape": list(w.shape), "dtype": "float32"} for w in network.weights]
        data = b"".join(w.numpy().astype("<f4").tobytes() for w in network.weights)
        model = json.dumps({"format": "layers-model", "generatedBy": "keras v3.5.0", "convertedBy": "TensorFlow.js Converter v4.20.0", "modelTopology": {"keras_version": "3.5.0", "backend": "tensorflow", "model_config": config}, "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": weights}]}).encode()
        yield f"{name}--folder", {"model.json": model, "group1-shard1of1.bin": data}
        yield f"{name}-json--model.json", model
