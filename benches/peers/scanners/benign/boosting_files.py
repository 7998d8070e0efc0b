"""Model files that XGBoost, LightGBM and CatBoost write themselves."""

import json
import tempfile
import warnings
from pathlib import Path

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from registry import benign

warnings.filterwarnings("ignore")
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 5))
Y = (X[:, 0] > 0).astype(int)
CLASSES = RANDOM.integers(0, 3, 120)
FRAME = pd.DataFrame(X, columns=["age", "income", "height", "weight", "score"]).assign(city=pd.Categorical(RANDOM.choice(["Paris", "Rome", "Oslo"], 120)))


def file_of(save, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        save(str(path))
        return path.read_bytes()


@benign("xgboost")
def xgboost_files():
    """JSON, UBJSON and extensionless models: trees, dart, linear, multi-class, ranking, categorical, survival, with names and attributes."""
    models = {
        "regression": xgboost.train({"objective": "reg:squarederror"}, xgboost.DMatrix(X, X[:, 0]), 5), "binary": xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(X, Y, feature_names=list("abcde")), 5), "classes": xgboost.train({"objective": "multi:softprob", "num_class": 3}, xgboost.DMatrix(X, CLASSES), 4), "dart": xgboost.train({"booster": "dart"}, xgboost.DMatrix(X, Y), 4), "linear": xgboost.train({"booster": "gblinear"}, xgboost.DMatrix(X, Y), 4), "ranking": xgboost.train({"objective": "rank:ndcg"}, xgboost.DMatrix(X, Y, qid=np.repeat([0, 1], 60)), 3), "categorical": xgboost.train({"tree_method": "hist"}, xgboost.DMatrix(FRAME, Y, enable_categorical=True), 4), "survival": xgboost.train({"objective": "survival:cox"}, xgboost.DMatrix(X, np.abs(X[:, 1])), 3), "quantile": xgboost.train({"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}, xgboost.DMatrix(X, Y), 3), "forest": xgboost.XGBRFClassifier(n_estimators=5).fit(X, Y).get_booster(), "vector-leaf": xgboost.train({"multi_strategy": "multi_output_tree", "tree_method": "hist"}, xgboost.DMatrix(X, X[:, :2]), 3),
    }
    models["binary"].set_attr(best_iteration="3", note="trained 2024, see eval.csv")
    for name, model in models.items():
        for suffix in ("json", "ubj"):
            yield f"{name}-{suffix}--model.{suffix}", file_of(model.save_model, f"m.{suffix}")
    yield "config--config.json", models["binary"].save_config().encode()
    yield "dump--dump.json", ("[" + ",".join(models["binary"].get_dump(dump_format="json")) + "]").encode()
    yield "sklearn-wrapper--model.json", file_of(xgboost.XGBClassifier(n_estimators=3, callbacks=None).fit(X, Y).save_model, "m.json")
    yield "raw--model.bst", bytes(models["binary"].save_raw("ubj"))


@benign("lightgbm")
def lightgbm_files():
    """Text models: objectives, categorical features, linear trees, cross-entropy; JSON dumps."""
    def trained(data=X, label=Y, **parameters):
        return lightgbm.train({"verbose": -1, "min_data_in_leaf": 2, **parameters}, lightgbm.Dataset(data, label), 5)

    models = {"regression": trained(), "binary": trained(objective="binary"), "classes": trained(label=CLASSES, objective="multiclass", num_class=3), "categorical": trained(FRAME), "linear": trained(linear_tree=True), "dart": trained(boosting="dart"), "forest": trained(boosting="rf", bagging_freq=1, bagging_fraction=0.5), "poisson": trained(label=np.abs(X[:, 1]), objective="poisson"), "one-leaf": trained(label=np.zeros(120)), "paths": trained(num_machines=1)}
    for name, model in models.items():
        yield f"{name}--model.txt", file_of(model.save_model, "m.txt")
    yield "json--dump.json", json.dumps(models["binary"].dump_model()).encode()
    yield "suffix--model.lgb", file_of(models["binary"].save_model, "m.lgb")


@benign("catboost")
def catboost_files():
    """CBM, JSON, ONNX, Core ML, PMML and Python exports, with categorical and text features."""
    quiet = dict(iterations=4, verbose=0, allow_writing_files=False, depth=3)
    models = {"binary": catboost.CatBoostClassifier(**quiet).fit(X, Y), "classes": catboost.CatBoostClassifier(**quiet).fit(X, CLASSES), "regression": catboost.CatBoostRegressor(**quiet).fit(X, X[:, 0]), "categorical": catboost.CatBoostClassifier(**quiet, cat_features=[5]).fit(FRAME.assign(city=FRAME.city.astype(str)), Y), "lossguide": catboost.CatBoostRegressor(**quiet, grow_policy="Lossguide").fit(X, Y), "ranker": catboost.CatBoostRanker(**quiet).fit(X, Y, group_id=np.repeat([0, 1], 60))}
    for name, model in models.items():
        yield f"{name}--model.cbm", file_of(model.save_model, "m.cbm")
        yield f"{name}-json--model.json", file_of(lambda path: model.save_model(path, format="json"), "m.json")
    for form in ("onnx", "pmml", "coreml", "python", "cpp"):
        suffix = {"coreml": "mlmodel", "python": "py"}.get(form, form)
        yield f"{form}--model.{suffix}", file_of(lambda path: models["regression"].save_model(path, format=form, pool=None), f"m.{suffix}")
