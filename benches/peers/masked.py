"""Two models that only look robust, made from a reference model: what gradient attacks of foolbox and ART leave, and what Vauban says.

pip install numpy torch onnx onnx2torch foolbox adversarial-robustness-toolbox
python benches/peers/masked.py target/release/vauban ../shared/bench/robustness [MODEL]

`quantised` rounds its inputs to ten levels; `scaled` multiplies its logits by 1,000. Neither changes how often the model is right.
"""

import json
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from onnx2torch import convert

EPS = 0.1


def constant(name, value):
    return helper.make_tensor(name, TensorProto.FLOAT, [], [value])


def quantised(model, levels=10.0):
    graph = model.graph
    name = graph.input[0].name
    for node in graph.node:
        node.input[:] = ["rounded" if given == name else given for given in node.input]
    steps = [
        helper.make_node("Mul", [name, "levels"], ["spread"]),
        helper.make_node("Round", ["spread"], ["stepped"]),
        helper.make_node("Div", ["stepped", "levels"], ["rounded"]),
    ]
    nodes = steps + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.append(constant("levels", levels))
    return model


def scaled(model, factor=1000.0):
    graph = model.graph
    name = graph.output[0].name
    for node in graph.node:
        node.output[:] = ["bare" if made == name else made for made in node.output]
    graph.node.append(helper.make_node("Mul", ["bare", "factor"], [name]))
    graph.initializer.append(constant("factor", factor))
    return model


def vauban(binary, path, folder, name):
    out = f"{path}.json"
    subprocess.run(
        [binary, "attack", path, "--inputs", f"{folder}/{name}_x.npy", "--labels", f"{folder}/{name}_y.npy", "--eps", str(EPS),
         "--quiet", "--format", "json", "--output", out],
        check=True,
    )
    results = json.load(open(out))["measurements"]["results"]
    worst = next(result for result in results if result["attack"] == "worst-case")
    return worst["value"], [note for note in worst["notes"] if note.startswith("masking")]


def peers(path, x, y):
    import foolbox
    from art.attacks.evasion import ProjectedGradientDescent
    from art.estimators.classification import PyTorchClassifier

    model = convert(path).eval()
    wrapped = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    attack = foolbox.attacks.LinfProjectedGradientDescentAttack(abs_stepsize=0.01, steps=40)
    broken = attack(wrapped, torch.from_numpy(x), torch.from_numpy(y), epsilons=[EPS])[2].numpy()[0]
    classifier = PyTorchClassifier(
        model, torch.nn.CrossEntropyLoss(), input_shape=x.shape[1:], nb_classes=10, clip_values=(0, 1)
    )
    found = ProjectedGradientDescent(
        classifier, eps=EPS, eps_step=0.01, max_iter=40, num_random_init=1, batch_size=256, verbose=False
    ).generate(x, y=y)
    with torch.no_grad():
        right = model(torch.from_numpy(found)).argmax(1).numpy() == y
    return 1 - broken.mean(), right.mean()


def main():
    binary, folder = sys.argv[1:3]
    name = sys.argv[3] if len(sys.argv) > 3 else "cnn8"
    np.random.seed(1)
    torch.manual_seed(1)
    x = np.load(f"{folder}/{name}_x.npy").astype(np.float32)
    y = np.load(f"{folder}/{name}_y.npy").astype(np.int64)
    with tempfile.TemporaryDirectory() as out:
        for kind, make in [("as it is", lambda model: model), ("quantised", quantised), ("scaled", scaled)]:
            path = f"{out}/{kind.replace(' ', '-')}.onnx"
            onnx.save(make(onnx.load(f"{folder}/{name}.onnx")), path)
            robust, notes = vauban(binary, path, folder, name)
            by_foolbox, by_art = peers(path, x, y)
            print(f"{name} {kind}: foolbox PGD {by_foolbox:.3f}, ART PGD {by_art:.3f}, vauban {robust:.3f}", flush=True)
            for note in notes:
                print(f"  {note}", flush=True)


if __name__ == "__main__":
    main()
