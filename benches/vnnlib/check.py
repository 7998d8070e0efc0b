"""Looks at the counterexamples of `vnnlib_bench` with onnxruntime.

    python3 benches/vnnlib/check.py MODEL.onnx FOLDER

Each must lie in the box of its property and satisfy one of its alternatives `Y_i >= Y_j`, both as onnxruntime computes
the outputs and as the file says. Prints how many do, and the largest difference of an output. For properties as
`certify::vnnlib::property` writes them.
"""

import pathlib
import re
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
entry = session.get_inputs()[0]
shape = [1, *[int(extent) for extent in entry.shape[1:]]]
checked, outside, unsatisfied, worst = 0, 0, 0, 0.0
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.txt")):
    text = path.read_text()
    if not text.startswith("sat"):
        continue
    checked += 1
    values = {name: float(value) for name, value in re.findall(r"\((?:\()?([XY]_\d+) (\S+?)\)", text)}
    x = np.array([values[f"X_{at}"] for at in range(int(np.prod(shape)))])
    y = np.array([values[f"Y_{at}"] for at in range(len(values) - len(x))])
    stated = path.with_suffix(".vnnlib").read_text()
    for sign, at, bound in re.findall(r"\(assert \(([<>]=) X_(\d+) (\S+?)\)\)", stated):
        outside += x[int(at)] > float(bound) if sign == "<=" else x[int(at)] < float(bound)
    assert (x.astype("f") == x).all(), "not a 32-bit input"
    seen = session.run(None, {entry.name: x.astype("f").reshape(shape)})[0].ravel()
    worst = max(worst, abs(seen - y).max())
    rivals = [(int(a), int(b)) for a, b in re.findall(r"\(and \(>= Y_(\d+) Y_(\d+)\)\)", stated)]
    unsatisfied += not any(seen[a] >= seen[b] for a, b in rivals) or not any(y[a] >= y[b] for a, b in rivals)
print(f"{checked} counterexamples, {outside} ends of a box passed, {unsatisfied} not satisfied, outputs differ by {worst:.1e}")
