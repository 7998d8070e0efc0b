"""Writes a scikit-learn forest or boosted ensemble as the JSON that `formats::sklearn_trees` reads.

    from export import export
    open("model.json", "w").write(export(model))
"""

import json

import numpy as np


def arrays(tree, value, output=0):
    return {
        "left": tree.children_left.tolist(),
        "right": tree.children_right.tolist(),
        "feature": tree.feature.tolist(),
        "threshold": tree.threshold.tolist(),
        "missing_left": [int(goes) for goes in tree.missing_go_to_left] if hasattr(tree, "missing_go_to_left") else [],
        "value": value.tolist(),
        "output": output,
    }


def export(model):
    trees = []
    if type(model).__name__.startswith("GradientBoosting"):
        start = model._raw_predict_init(np.zeros((1, model.n_features_in_)))[0]
        for stage in model.estimators_:
            for output, tree in enumerate(stage):
                trees.append(arrays(tree.tree_, model.learning_rate * tree.tree_.value[:, 0, 0], output))
        return json.dumps({"features": model.n_features_in_, "base": start.tolist(), "trees": trees})
    classes = model.n_classes_
    for tree in model.estimators_:
        share = tree.tree_.value[:, 0, :]
        share = share / share.sum(1, keepdims=True) / len(model.estimators_)
        # Two classes need one margin only: share of class 1 less one half.
        value = share[:, 1] - 0.5 / len(model.estimators_) if classes == 2 else share
        trees.append(arrays(tree.tree_, value))
    return json.dumps({"features": model.n_features_in_, "base": [0.0] * (1 if classes == 2 else classes), "trees": trees})
