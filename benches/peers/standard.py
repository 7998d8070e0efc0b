"""The standard evaluation against ART's AutoAttack on the reference models, in one run.

pip install numpy torch onnx onnx2torch adversarial-robustness-toolbox multiprocess
python benches/peers/standard.py target/release/vauban ../shared/bench/robustness [MODEL ...]

Prints robust accuracy and CPU seconds (of the whole process for Vauban, of the attack alone for ART) and their ratio.
Adversarial examples that Vauban saved are read again by PyTorch, so that the two speak of the same model.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from onnx2torch import convert

torch.set_num_threads(1)
EPS = 0.1


def own(binary, folder, name):
    with tempfile.TemporaryDirectory() as out:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [binary, "attack", f"{folder}/{name}.onnx", "--inputs", f"{folder}/{name}_x.npy", "--labels",
             f"{folder}/{name}_y.npy", "--eps", str(EPS), "--suite", "standard", "--samples", "1000", "--quiet",
             "--save", out, "--format", "json", "--output", f"{out}/result.json"],
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        results = json.load(open(f"{out}/result.json"))["measurements"]["results"]
        worst = next(result for result in results if result["attack"] == "worst-case")
        examples = np.load(f"{out}/{name}-adversarial.npy")
        return worst["value"], cpu, worst["queries"] / worst["trials"], examples, np.load(f"{out}/{name}-rows.npy")


def art(model, x, y):
    from art.attacks.evasion import AutoAttack, AutoProjectedGradientDescent, DeepFool, SquareAttack
    from art.estimators.classification import PyTorchClassifier

    classifier = PyTorchClassifier(
        model, torch.nn.CrossEntropyLoss(), input_shape=x.shape[1:], nb_classes=10, clip_values=(0, 1)
    )
    # ART's own four parts with its own parameters, but Square with 1,000 iterations and one start: with the 5,000 and
    # five of the default mlp8 alone takes more than half an hour here.
    apgd = dict(norm=np.inf, eps=EPS, eps_step=0.02, max_iter=100, nb_random_init=5, batch_size=256, verbose=False)
    parts = [
        AutoProjectedGradientDescent(classifier, loss_type="cross_entropy", **apgd),
        AutoProjectedGradientDescent(classifier, loss_type="difference_logits_ratio", **apgd),
        DeepFool(classifier, max_iter=100, epsilon=1e-3, nb_grads=10, batch_size=256, verbose=False),
        SquareAttack(classifier, norm=np.inf, eps=EPS, max_iter=1000, nb_restarts=1, batch_size=256, verbose=False),
    ]
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = AutoAttack(
        classifier, norm=np.inf, eps=EPS, eps_step=0.02, attacks=parts, batch_size=256
    ).generate(x, y=y)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with torch.no_grad():
        right = model(torch.from_numpy(found)).argmax(1).numpy() == y
    return right.mean(), cpu


def main():
    binary, folder = sys.argv[1:3]
    np.random.seed(1)
    torch.manual_seed(1)
    print("model,tool,robust_acc,cpu_s,queries_per_input", flush=True)
    for name in sys.argv[3:] or ["mlp8", "cnn8"]:
        model = convert(f"{folder}/{name}.onnx").eval()
        if name == "mlp8":
            model = torch.nn.Sequential(torch.nn.Flatten(), model)
        x = np.load(f"{folder}/{name}_x.npy").astype(np.float32).reshape(-1, 1, 8, 8)
        y = np.load(f"{folder}/{name}_y.npy").astype(np.int64)
        robust, cpu, queries, examples, rows = own(binary, folder, name)
        print(f"{name},vauban,{robust:.3f},{cpu:.2f},{queries:.0f}", flush=True)
        with torch.no_grad():
            read = model(torch.from_numpy(examples.reshape(-1, 1, 8, 8))).argmax(1).numpy()
        inside = np.abs(examples.reshape(len(rows), -1) - x[rows].reshape(len(rows), -1)).max(1) <= EPS * 1.0001 + 1e-6
        print(f"# {(read != y[rows]).sum()} of {len(rows)} examples are misread by PyTorch, {inside.sum()} inside the ball")
        reference, reference_cpu = art(model, x, y)
        print(f"{name},art-autoattack,{reference:.3f},{reference_cpu:.2f},", flush=True)
        print(f"# {name}: CPU ratio {cpu / reference_cpu:.3f}, robust accuracy {robust:.3f} against {reference:.3f}", flush=True)


if __name__ == "__main__":
    main()
