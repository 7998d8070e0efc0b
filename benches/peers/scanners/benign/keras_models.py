"""Keras models as the library writes them: .keras, .h5, weights, JSON; many layers, preprocessing and custom registered ones."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers
from registry import benign

BAGS = np.array(["a good film", "a bad film", "what a day"])


def saved(model, name: str, **options) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        (model.save_weights if name.endswith("weights.h5") else model.save)(path, **options)
        return path.read_bytes()


@keras.saving.register_keras_serializable(package="shop")
class Scale(layers.Layer):
    """A custom layer, registered."""

    def __init__(self, factor=2.0, **options):
        super().__init__(**options)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable(package="shop")
def swish_like(x):
    return x * keras.ops.sigmoid(x)


def models():
    def stack(shape, *parts):
        return keras.Sequential([keras.Input(shape), *parts])

    vectoriser = layers.TextVectorization(max_tokens=50, output_sequence_length=4)
    vectoriser.adapt(BAGS)
    lookup = layers.StringLookup(vocabulary=["red", "green", "/usr/bin/env", "import os", "eval"])
    normalise = layers.Normalization()
    normalise.adapt(np.ones((4, 3), dtype="float32"))
    yield "dense", stack((4,), layers.Dense(8, activation="relu", kernel_regularizer="l2", kernel_initializer="he_normal"), layers.Dropout(0.2), layers.Dense(2, activation="softmax"))
    yield "convolution", stack((16, 16, 3), layers.Rescaling(1 / 255), layers.RandomFlip("horizontal"), layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization(), layers.MaxPooling2D(), layers.SeparableConv2D(4, 3), layers.GlobalAveragePooling2D(), layers.Dense(2))
    yield "recurrent", stack((8,), layers.Embedding(100, 8, mask_zero=True), layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.GRU(4), layers.Dense(1, activation="sigmoid"))
    yield "time-distributed", stack((5, 4), layers.TimeDistributed(layers.Dense(3)), layers.LayerNormalization(), layers.Flatten(), layers.Dense(1))
    yield "text", keras.Sequential([keras.Input((1,), dtype="string"), vectoriser, layers.Embedding(50, 4), layers.GlobalAveragePooling1D(), layers.Dense(1)])
    yield "string-lookup", keras.Sequential([keras.Input((1,), dtype="string"), lookup, layers.CategoryEncoding(num_tokens=6, output_mode="one_hot")])
    yield "integer-lookup", keras.Sequential([keras.Input((1,), dtype="int64"), layers.IntegerLookup(vocabulary=[3, 5, 9])])
    yield "hashing", keras.Sequential([keras.Input((1,), dtype="string"), layers.Hashing(10)])
    yield "normalised", stack((3,), normalise, layers.Discretization(bin_boundaries=[0.0, 1.0]))
    yield "custom-layer", stack((4,), Scale(3.0), layers.Dense(1, activation=swish_like))
    inputs = keras.Input((6,), name="features")
    hidden = layers.Dense(6, activation="gelu")(inputs)
    outputs = layers.Dense(1, name="score")(layers.Add()([inputs, hidden]))
    yield "functional", keras.Model(inputs, outputs, name="scorer")
    side = keras.Input((3,), name="side")
    merged = layers.Concatenate()([inputs, side])
    yield "two-inputs", keras.Model([inputs, side], [layers.Dense(1, name="a")(merged), layers.Dense(2, name="b")(merged)])
    query = keras.Input((5, 8))
    yield "attention", keras.Model(query, layers.LayerNormalization()(layers.MultiHeadAttention(2, 4)(query, query)))
    yield "nested", stack((4,), stack((4,), layers.Dense(4), layers.ReLU()), layers.Dense(1))
    yield "operations", keras.Model(inputs, keras.ops.relu(inputs * 2.0 + 1.0))


@benign("keras")
def keras_files():
    """Each model as .keras, .h5, weights and JSON; some compiled with optimiser, losses and metrics."""
    for index, (name, model) in enumerate(models()):
        if index % 2 == 0 and name not in ("text", "string-lookup", "hashing", "integer-lookup", "normalised"):
            model.compile(optimizer=keras.optimizers.Adam(1e-3, clipnorm=1.0), loss="mse" if name == "two-inputs" else keras.losses.MeanSquaredError(), metrics=None if name == "two-inputs" else ["mae"])
        yield f"{name}--model.keras", saved(model, "m.keras")
        try:
            yield f"{name}-h5--model.h5", saved(model, "m.h5")
        except Exception:
            pass
        yield f"{name}-weights--model.weights.h5", saved(model, "m.weights.h5")
        yield f"{name}-json--architecture.json", model.to_json().encode()


@benign("keras")
def applications():
    """Published architectures without weights."""
    for name in ("MobileNetV2", "EfficientNetB0", "DenseNet121"):
        model = getattr(keras.applications, name)(weights=None, input_shape=(32, 32, 3), classes=3)
        yield f"{name}--architecture.json", model.to_json().encode()
    yield "MobileNetV2-full--model.keras", saved(keras.applications.MobileNetV2(weights=None, input_shape=(32, 32, 3), classes=3, alpha=0.35), "m.keras")
