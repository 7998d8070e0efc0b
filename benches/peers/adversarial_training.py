"""An epoch of PGD-7 adversarial training in PyTorch, for comparison with `cargo run --release --example harden_bench`.

pip install numpy torch onnx onnx2torch
python benches/peers/adversarial_training.py ../shared/bench/robustness FOLDER [THREADS]

Writes FOLDER/cnn28.onnx with cnn28_xtrain.npy and cnn28_ytrain.npy (2,000 made pictures of 28x28) for both sides, then
prints wall and CPU seconds of the second epoch and the loss: batches of 128, SGD with momentum .9, rate .01, eps .1, step .025.
"""

import os
import sys
import time
import warnings

threads = int(sys.argv[3]) if len(sys.argv) > 3 else 1
os.environ.setdefault("OMP_NUM_THREADS", str(threads))
warnings.filterwarnings("ignore")

import numpy as np
import torch
from onnx2torch import convert
from torch import nn

torch.set_num_threads(threads)
EPS, STEP, STEPS, BATCH = 0.1, 0.025, 7, 128


def make_cnn28(folder):
    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 49, 128), nn.ReLU(), nn.Linear(128, 10),
    ).eval()
    torch.onnx.export(
        model, torch.zeros(1, 1, 28, 28), f"{folder}/cnn28.onnx", input_names=["x"], output_names=["y"],
        dynamic_axes={"x": {0: "n"}, "y": {0: "n"}}, opset_version=13, dynamo=False,
    )
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 2000)
    means = rng.random((10, 1, 28, 28))
    x = np.clip(0.6 * means[labels] + 0.4 * rng.random((2000, 1, 28, 28)), 0, 1).astype(np.float32)
    np.save(f"{folder}/cnn28_xtrain.npy", x)
    np.save(f"{folder}/cnn28_ytrain.npy", labels.astype(np.int64))


def epoch(model, optimiser, x, y):
    total = 0.0
    for rows in torch.randperm(len(x)).split(BATCH):
        clean, wanted = x[rows], y[rows]
        point = (clean + torch.empty_like(clean).uniform_(-EPS, EPS)).clamp(0, 1)
        for _ in range(STEPS):
            point.requires_grad_(True)
            loss = nn.functional.cross_entropy(model(point), wanted)
            (slope,) = torch.autograd.grad(loss, point)
            point = point.detach() + STEP * slope.sign()
            point = torch.min(torch.max(point, clean - EPS), clean + EPS).clamp(0, 1)
        optimiser.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(point), wanted)
        loss.backward()
        optimiser.step()
        total += loss.item() * len(rows)
    return total / len(x)


def main():
    bench, folder = sys.argv[1], sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    make_cnn28(folder)
    print("model,threads,wall_s,cpu_s,loss")
    for name, home in [("cnn28", folder), ("cnn8", bench), ("mlp8", bench)]:
        model = convert(f"{home}/{name}.onnx").eval()
        x = torch.from_numpy(np.load(f"{home}/{name}_xtrain.npy").astype(np.float32))
        y = torch.from_numpy(np.load(f"{home}/{name}_ytrain.npy").astype(np.int64))
        weights = [weight.requires_grad_(True) for weight in model.parameters()]
        optimiser = torch.optim.SGD(weights, lr=0.01, momentum=0.9)
        epoch(model, optimiser, x, y)
        start, cpu = time.perf_counter(), time.process_time()
        loss = epoch(model, optimiser, x, y)
        print(f"{name},{threads},{time.perf_counter() - start:.3f},{time.process_time() - cpu:.3f},{loss:.4f}", flush=True)


main()
