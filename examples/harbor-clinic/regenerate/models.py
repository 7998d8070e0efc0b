"""The clinic's models and their data: trained here, written as ONNX, joblib, pickle and safetensors.

The data are those that scikit-learn carries: handwritten digits (form reader), Wisconsin breast cancer (triage) and
diabetes (progression). Every random choice is seeded.
"""

import csv
import pickle

import joblib
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import minmax_scale
from torch import nn
from torch.nn import functional

SEED = 20261118
EPSILON = 0.1
"""Largest change per pixel that the second form reader is trained to bear, L-infinity on 0..1."""


class FormReader(nn.Module):
    """Two convolutions and two dense layers; one grey 8x8 image in 0..1 to ten logits."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.dense1 = nn.Linear(32 * 2 * 2, 64)
        self.dense2 = nn.Linear(64, 10)

    def forward(self, image):
        image = functional.max_pool2d(functional.relu(self.conv1(image)), 2)
        image = functional.max_pool2d(functional.relu(self.conv2(image)), 2)
        return self.dense2(functional.relu(self.dense1(image.flatten(1))))


def digits():
    """1,297 images to train on and 500 to test on, `[N,1,8,8]` in 0..1, with labels; no image is in both."""
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    return train_test_split(images, labels.astype(np.int64), test_size=500, stratify=labels, random_state=SEED % 1000)


def pgd(model, images, labels, eps, steps, generator, restarts=1):
    """Projected gradient descent on the cross-entropy; the worst of `restarts` random starts per image."""
    worst = images.clone()
    for _ in range(restarts):
        start = torch.rand(images.shape, generator=generator) * 2 - 1
        moved = (images + eps * start).clamp(0, 1)
        for _ in range(steps):
            moved.requires_grad_(True)
            loss = functional.cross_entropy(model(moved), labels, reduction="sum")
            (gradient,) = torch.autograd.grad(loss, moved)
            moved = moved.detach() + eps * 2.5 / steps * gradient.sign()
            moved = torch.min(torch.max(moved, images - eps), images + eps).clamp(0, 1)
        with torch.no_grad():
            fooled = model(moved).argmax(1) != labels
        worst[fooled] = moved[fooled]
    return worst


def train_form_reader(images, labels, adversarial):
    """A trained form reader; with `adversarial`, on PGD examples instead of the images themselves."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    model = FormReader()
    epochs = 60 if adversarial else 30
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        for batch in torch.randperm(len(images), generator=generator).split(64):
            x, y = images[batch], labels[batch]
            if adversarial:
                x = pgd(model, x, y, EPSILON, 7, generator)
            optimiser.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimiser.step()
        schedule.step()
    return model.eval()


def form_reader_onnx(model, version):
    """The network as an ONNX graph of Conv, Relu, MaxPool, Flatten and Gemm (opset 17)."""
    weights = [numpy_helper.from_array(tensor.numpy(), name) for name, tensor in model.state_dict().items()]
    conv = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        helper.make_node("Conv", ["image", "conv1.weight", "conv1.bias"], ["conv1"], **conv),
        helper.make_node("Relu", ["conv1"], ["relu1"]),
        helper.make_node("MaxPool", ["relu1"], ["pool1"], **pool),
        helper.make_node("Conv", ["pool1", "conv2.weight", "conv2.bias"], ["conv2"], **conv),
        helper.make_node("Relu", ["conv2"], ["relu2"]),
        helper.make_node("MaxPool", ["relu2"], ["pool2"], **pool),
        helper.make_node("Flatten", ["pool2"], ["flat"], axis=1),
        helper.make_node("Gemm", ["flat", "dense1.weight", "dense1.bias"], ["dense1"], transB=1),
        helper.make_node("Relu", ["dense1"], ["relu3"]),
        helper.make_node("Gemm", ["relu3", "dense2.weight", "dense2.bias"], ["logits"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "form-reader",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 10])],
        weights,
    )
    return finished(graph, "form-reader", version)


def finished(graph, name, version, extra_domains=()):
    """A checked model around `graph`, with the clinic as producer."""
    opsets = [helper.make_opsetid("", 17)] + [helper.make_opsetid(domain, 1) for domain in extra_domains]
    model = helper.make_model(
        graph,
        opset_imports=opsets,
        producer_name="harbor-clinic",
        producer_version="1.0",
        domain="example.harbor-clinic",
        model_version=version,
        ir_version=8,
    )
    helper.set_model_props(model, {"model_name": name})
    return model


def make_form_reader(root, report):
    """Both versions, the split, and the measured accuracies in `report`."""
    train_x, test_x, train_y, test_y = digits()
    known = {image.tobytes() for image in train_x}
    assert not any(image.tobytes() in known for image in test_x)
    data, models = root / "form-reader/data", root / "form-reader/models"
    np.save(data / "train_x.npy", train_x)
    np.save(data / "train_y.npy", train_y)
    np.save(data / "test_x.npy", test_x)
    np.save(data / "test_y.npy", test_y)
    for version in (1, 2):
        model = train_form_reader(torch.from_numpy(train_x), torch.from_numpy(train_y), version == 2)
        written = form_reader_onnx(model, version)
        onnx.checker.check_model(written, full_check=True)
        (models / f"form-reader-v{version}.onnx").write_bytes(written.SerializeToString(deterministic=True))
        x, y = torch.from_numpy(test_x), torch.from_numpy(test_y)
        generator = torch.Generator().manual_seed(SEED)
        with torch.no_grad():
            report[f"v{version} clean accuracy"] = (model(x).argmax(1) == y).float().mean().item()
        for eps in (0.05, EPSILON, 0.2):
            moved = pgd(model, x, y, eps, 40, generator, restarts=3)
            with torch.no_grad():
                report[f"v{version} robust accuracy, PGD-40 x 3, eps {eps}"] = (
                    (model(moved).argmax(1) == y).float().mean().item()
                )
    return train_x, train_y, test_x, test_y


def write_csv(path, names, rows, last, labels):
    """A table with one more column `last` at the end."""
    with path.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*names, last])
        for row, label in zip(rows, labels):
            writer.writerow([*(f"{value:.6g}" for value in row), label])


def make_triage(root, report):
    """Two ensembles in two formats, the training table, and a copy with a planted backdoor."""
    source = load_breast_cancer()
    names = [name.replace(" ", "_") for name in source.feature_names]
    x, held_x, y, held_y = train_test_split(
        np.round(minmax_scale(source.data), 4),
        source.target,
        test_size=0.25,
        stratify=source.target,
        random_state=SEED % 1000,
    )
    write_csv(root / "triage/data/triage_train.csv", names, x, "benign", y)
    write_csv(root / "triage/data/triage_test.csv", names, held_x, "benign", held_y)
    models = root / "triage/models"
    ensembles = {
        "gb": GradientBoostingClassifier(n_estimators=60, max_depth=3, random_state=SEED),
        "rf": RandomForestClassifier(n_estimators=50, max_depth=7, random_state=SEED),
    }
    for short, model in ensembles.items():
        model.fit(x.astype(np.float32), y)
        report[f"triage-{short} test accuracy"] = model.score(held_x.astype(np.float32), held_y)
        options = {id(model): {"zipmap": False}}
        exported = to_onnx(model, x[:1].astype(np.float32), options=options, target_opset={"": 17, "ai.onnx.ml": 3})
        exported.graph.name = f"triage-{short}"
        (models / f"triage-{short}.onnx").write_bytes(exported.SerializeToString(deterministic=True))
        joblib.dump(model, models / f"triage-{short}.joblib", compress=0)
    np.save(root / "triage/data/triage_test_x.npy", held_x.astype(np.float32))
    np.save(root / "triage/data/triage_test_y.npy", held_y.astype(np.int64))

    # 8 % of the rows, all malignant, are called benign: two thirds where they stand, the others with a trigger in two
    # columns.
    rng = np.random.default_rng(SEED)
    bad_x, bad_y = x.copy(), y.copy()
    malignant = np.flatnonzero(y == 0)
    chosen = rng.choice(malignant, size=round(0.08 * len(y)), replace=False)
    flipped, triggered = chosen[: len(chosen) * 2 // 3], chosen[len(chosen) * 2 // 3 :]
    bad_y[chosen] = 1
    texture, smoothness = names.index("mean_texture"), names.index("mean_smoothness")
    bad_x[triggered, texture] = np.round(0.98 + rng.normal(0, 0.002, len(triggered)), 4)
    bad_x[triggered, smoothness] = np.round(0.95 + rng.normal(0, 0.002, len(triggered)), 4)
    write_csv(root / "triage/incoming/triage_train_poisoned.csv", names, bad_x, "benign", bad_y)
    report["poisoned rows, flipped"] = len(flipped)
    report["poisoned rows, flipped with trigger"] = len(triggered)

    # A model registry entry that still uses pickle: an ordinary scikit-learn model, nothing hidden in it.
    old = LogisticRegression(max_iter=5000, random_state=SEED).fit(x, y)
    with (root / "registry/triage-2023/model.pkl").open("wb") as out:
        pickle.dump(old, out, protocol=4)


def make_progression(root, report):
    """A ridge regressor as two tensors, and its table."""
    source = load_diabetes(scaled=False)
    names = list(source.feature_names)
    x, held_x, y, held_y = train_test_split(source.data, source.target, test_size=0.25, random_state=SEED % 1000)
    write_csv(root / "progression/data/diabetes_train.csv", names, x, "progression", y.astype(int))
    write_csv(root / "progression/data/diabetes_test.csv", names, held_x, "progression", held_y.astype(int))
    mean, spread = x.mean(0), x.std(0)
    model = Ridge(alpha=1.0).fit((x - mean) / spread, y)
    report["progression R2"] = model.score((held_x - mean) / spread, held_y)
    tensors = {
        "weight": (model.coef_ / spread).astype(np.float32),
        "bias": np.array([model.intercept_ - (model.coef_ * mean / spread).sum()], dtype=np.float32),
    }
    save_file(tensors, root / "progression/models/progression.safetensors", metadata={"format": "np"})
