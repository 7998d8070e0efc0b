"""Whether our trees score as the libraries do that made them, on random data.

    python3 benches/tree_ensembles/agree.py target/release/examples/tree_bench

Needs numpy, scikit-learn, xgboost, lightgbm, skl2onnx, onnxruntime. Inputs are 32-bit, a tenth of them exactly on
thresholds, some missing where the library takes missing values. Prints the largest difference of a probability.
"""

import pathlib
import subprocess
import sys
import tempfile

import lightgbm
import numpy as np
import onnxruntime
import xgboost
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

from export import export

bench = sys.argv[1]
draw = np.random.RandomState(0)
folder = pathlib.Path(tempfile.mkdtemp())
train = draw.rand(600, 6).astype("f")
two = (train[:, 0] + train[:, 1] * train[:, 2] > 0.7).astype(int)
three = two + (train[:, 3] > 0.6)


def ours(path, rows):
    np.save(folder / "x.npy", rows)
    text = subprocess.run([bench, "scores", str(path), str(folder / "x.npy")], capture_output=True, check=True, text=True).stdout
    return np.array([[float(value) for value in line.split(",")] for line in text.split()])


def rows(thresholds, missing):
    x = draw.rand(1000, 6).astype("f")
    if len(thresholds):
        some = draw.rand(*x.shape) < 0.1
        x[some] = draw.choice(np.asarray(thresholds, "f"), some.sum())
    if missing:
        x[draw.rand(*x.shape) < 0.05] = np.nan
    return x


def say(name, mine, theirs):
    theirs = np.asarray(theirs, float)
    if theirs.ndim == 1:
        theirs = np.stack([1 - theirs, theirs], 1)
    wrong = (mine.argmax(1) != theirs.argmax(1)).sum()
    print(f"{name},{abs(mine - theirs).max():.2e},{wrong} of {len(mine)} labels")


print("model,largest difference,different labels")
for kind, y in (("two", two), ("three", three)):
    model = xgboost.XGBClassifier(n_estimators=40, max_depth=4).fit(train, y)
    for ending in ("json", "ubj"):
        path = folder / f"{kind}.{ending}"
        model.save_model(path)
        cuts = model.get_booster().trees_to_dataframe()["Split"].dropna()
        x = rows(cuts, True)
        say(f"xgboost {ending} {kind}", ours(path, x), model.predict_proba(x))
    objective = {"objective": "binary"} if kind == "two" else {"objective": "multiclass", "num_class": 3}
    holes = train.copy()
    holes[draw.rand(*holes.shape) < 0.03] = np.nan
    for name, data in (("", train), (" trained with holes", holes)):
        model = lightgbm.train({**objective, "verbose": -1, "num_leaves": 8}, lightgbm.Dataset(data, y), 40)
        path = folder / f"{kind}.txt"
        model.save_model(path)
        x = rows(model.trees_to_dataframe()["threshold"].dropna(), True)
        say(f"lightgbm text {kind}{name}", ours(path, x), model.predict(x.astype(float)))
        path = folder / f"{kind}.dump.json"
        import json

        path.write_text(json.dumps(model.dump_model()))
        say(f"lightgbm dump {kind}{name}", ours(path, x), model.predict(x.astype(float)))
    for model in (GradientBoostingClassifier(n_estimators=30), RandomForestClassifier(30, max_depth=6)):
        model.fit(train, y)
        name = f"{type(model).__name__} {kind}"
        cuts = np.concatenate([tree.tree_.threshold for tree in np.ravel(model.estimators_)])
        x = rows(cuts[cuts >= 0], False)
        path = folder / f"{name}.json"
        path.write_text(export(model))
        mine = ours(path, x)
        theirs = model.predict_proba(x)
        if isinstance(model, RandomForestClassifier) and kind == "two":
            # The margin is half the difference of the shares.
            theirs = np.stack([1 / (1 + np.exp(theirs[:, 1] - 0.5)), 1 / (1 + np.exp(0.5 - theirs[:, 1]))], 1)
        say(f"sklearn {name}", mine, theirs)
        path = folder / f"{name}.onnx"
        path.write_bytes(to_onnx(model, train[:1], options={"zipmap": False}).SerializeToString())
        session = onnxruntime.InferenceSession(str(path))
        mine, theirs = ours(path, x), session.run(None, {session.get_inputs()[0].name: x})[1]
        if isinstance(model, RandomForestClassifier) and kind == "two":
            if mine.min() < 0:
                mine = np.stack([0.5 - mine[:, 1], 0.5 + mine[:, 1]], 1)
        say(f"onnx {name}", mine, theirs)
