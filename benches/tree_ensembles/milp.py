"""Smallest L-infinity changes of a scikit-learn ensemble: our search and a MILP (scipy's HiGHS), one after the other.

    python3 benches/tree_ensembles/milp.py target/release/examples/tree_bench [POINTS]

Twice: past ties, where the other class must lead, and with them. Votes of a forest tie exactly, so both distances are
right answers to different questions; with ties the MILP also takes what its tolerance of 1e-6 lets through.

Trains a forest and a boosted ensemble on scikit-learn's breast-cancer data, scaled to 0..1. Prints for each the largest
difference of distances and the mean seconds of both. The MILP follows Kantchelian et al. (ICML 2016): a binary for each
threshold, a share for each leaf, rows that tie leaves to the thresholds on their way.
"""

import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

from export import export


def distance(model, x, lead):
    cuts, leaves = {}, []
    for tree in model["trees"]:
        own = []

        def walk(node, path):
            if tree["left"][node] < 0:
                own.append((tree["value"][node], path))
                return
            cut = (tree["feature"][node], float(np.float64(tree["threshold"][node])))
            cuts.setdefault(cut, None)
            walk(tree["left"][node], path + [(cut, True)])
            walk(tree["right"][node], path + [(cut, False)])

        walk(0, [])
        leaves.append(own)
    order = sorted(cuts)
    place = {cut: number for number, cut in enumerate(order)}
    count, total = len(order), sum(map(len, leaves))
    size = count + total + 1
    value = model["base"][0]
    for tree in leaves:
        value += next(v for v, path in tree if all((x[cut[0]] <= cut[1]) == left for cut, left in path))
    sign = 1 if value > 0 else -1
    rows, low, high = [], [], []

    def row(terms, least, most):
        rows.append(terms)
        low.append(least)
        high.append(most)

    at = count
    margin = []
    for tree in leaves:
        row([(at + number, 1) for number in range(len(tree))], 1, 1)
        for value_, path in tree:
            margin.append((at, value_ * sign))
            for cut, left in path:
                row([(at, 1), (place[cut], -1)] if left else [(at, 1), (place[cut], 1)], -np.inf, 0 if left else 1)
            at += 1
    row(margin, -np.inf, -model["base"][0] * sign - lead)
    for one, other in zip(order, order[1:]):
        if one[0] == other[0]:
            row([(place[one], 1), (place[other], -1)], -np.inf, 0)
    for cut, number in place.items():
        gap = x[cut[0]] - cut[1]
        if gap > 0:
            row([(number, gap), (size - 1, -1)], -np.inf, 0)
        else:
            row([(number, gap), (size - 1, -1)], -np.inf, gap)
    matrix = lil_matrix((len(rows), size))
    for number, terms in enumerate(rows):
        for column, factor in terms:
            matrix[number, column] += factor
    cost = np.zeros(size)
    cost[-1] = 1
    kind = np.zeros(size)
    kind[:count] = 1
    begin = time.perf_counter()
    found = milp(cost, constraints=LinearConstraint(matrix.tocsr(), low, high), integrality=kind, bounds=Bounds(0, 1), options={"mip_rel_gap": 0})
    return found.fun, time.perf_counter() - begin


bench, points = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
x, y = load_breast_cancer(return_X_y=True)
x = ((x - x.min(0)) / (x.max(0) - x.min(0))).astype("f")
folder = pathlib.Path(tempfile.mkdtemp())
print("model,question,points,largest difference,most that ours is above,ours mean s,milp mean s")
for model in (GradientBoostingClassifier(n_estimators=20, max_depth=3, random_state=0), RandomForestClassifier(20, max_depth=5, random_state=0)):
    model.fit(x[::2], y[::2])
    text = export(model)
    (folder / "model.json").write_text(text)
    rows = x[1::2][:points]
    np.save(folder / "x.npy", rows)
    # The lead that the MILP asks for lies above its tolerance.
    for question, margin, lead in (("past ties", "1e-9", 1e-5), ("with ties", "0", 0)):
        call = [bench, "verify", str(folder / "model.json"), str(folder / "x.npy"), margin]
        out = subprocess.run(call, capture_output=True, check=True, text=True).stdout
        ours = list(csv.DictReader(io.StringIO(out)))
        theirs = [distance(json.loads(text), row.astype(float), lead) for row in rows]
        gaps = np.array([float(mine["lower"]) - other for mine, (other, _) in zip(ours, theirs)])
        mean = np.mean([float(mine["seconds"]) for mine in ours])
        print(f"{type(model).__name__},{question},{len(rows)},{abs(gaps).max():.2e},{gaps.max():.2e},{mean:.5f},{np.mean([s for _, s in theirs]):.5f}")
