"""Ordinary pickles of ordinary libraries, over protocols and joblib compressions."""

import collections
import datetime
import decimal
import fractions
import functools
import io
import operator
import pathlib
import pickle
import random
import uuid
import warnings

import cloudpickle
import joblib
import numpy as np
import pandas as pd
import scipy.sparse
from registry import benign

warnings.filterwarnings("ignore")
RANDOM = np.random.default_rng(0)
X = np.abs(RANDOM.normal(size=(60, 4)))
Y = (X[:, 0] > X[:, 1]).astype(int)


def joblib_bytes(value, **options) -> bytes:
    out = io.BytesIO()
    joblib.dump(value, out, **options)
    return out.getvalue()


def fitted_estimators():
    """Every estimator of scikit-learn that fits small data with its defaults."""
    from sklearn.utils import all_estimators

    for name, estimator in all_estimators():
        try:
            model = estimator()
            model.fit(X, Y)
        except Exception:
            continue
        yield name, model


@benign("pickle")
def sklearn_estimator():
    """All scikit-learn estimators, pickled with protocols 2 to 5."""
    for index, (name, model) in enumerate(fitted_estimators()):
        protocol = 2 + index % 4
        yield f"{name}--p{protocol}.pkl", pickle.dumps(model, protocol)


@benign("pickle")
def sklearn_pipeline():
    """Pipelines, column transformers, grid searches and ensembles, with functions out of numpy."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score, make_scorer
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import FeatureUnion, make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
    from sklearn.svm import SVC

    texts = ["a good film", "a bad film", "import os; os.system('x')", "eval(input())"] * 5
    models = {
        "scaled-logistic": make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y),
        "log1p": make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()).fit(X, Y),
        "columns": ColumnTransformer([("n", StandardScaler(), [0, 1]), ("c", OneHotEncoder(handle_unknown="ignore"), [2])]).fit(X.round()),
        "grid": GridSearchCV(SVC(), {"C": [1, 2]}, cv=2).fit(X, Y),
        "grid-scorer": GridSearchCV(SVC(), {"C": [1, 2]}, cv=2, scoring=make_scorer(f1_score)).fit(X, Y),
        "vote": VotingClassifier([("a", LogisticRegression()), ("b", SVC())]).fit(X, Y),
        "stack": StackingClassifier([("a", RandomForestClassifier(5))], LogisticRegression(), cv=2).fit(X, Y),
        "tfidf": make_pipeline(TfidfVectorizer(stop_words="english"), LogisticRegression()).fit(texts, [0, 1, 1, 0] * 5),
        "count-split": CountVectorizer(tokenizer=str.split).fit(texts),
        "union": FeatureUnion([("a", StandardScaler()), ("b", FunctionTransformer(np.sqrt))]).fit(X),
    }
    for name, model in models.items():
        for protocol in (2, 4):
            yield f"{name}--p{protocol}.pkl", pickle.dumps(model, protocol)


@benign("joblib")
def sklearn_joblib():
    """joblib files of estimators: plain, zlib, gzip, bz2, lzma, xz, lz4, several levels, uncompressed arrays between opcodes."""
    compressions = [0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3), ("lz4", 3), ("zlib", 9), True]
    for index, (name, model) in enumerate(fitted_estimators()):
        if index % 4:
            continue
        compression = compressions[(index // 4) % len(compressions)]
        yield f"{name}--c{index}.joblib", joblib_bytes(model, compress=compression)
    arrays = {"a": np.arange(10_000.0), "b": np.arange(12, dtype="<i4").reshape(3, 4), "c": np.array(["x", "yy"]), "d": np.array([{"k": 1}, None], dtype=object), "e": np.array([], dtype="f4")}
    for index, compression in enumerate(compressions):
        yield f"arrays--c{index}.joblib", joblib_bytes(arrays, compress=compression)
    yield "fortran--a.joblib", joblib_bytes([np.asfortranarray(np.ones((4, 5))), np.float32(1.5), np.datetime64("2024-01-01")])
    yield "protocol2--a.joblib", joblib_bytes(arrays, protocol=2)


@benign("pickle")
def plain_python():
    """Values of the standard library, in every protocol."""
    values = {
        "containers": {"a": [1, 2.5, None, True], "b": (1, "x"), "c": {1, 2}, "d": frozenset([3]), "e": b"bytes", "f": bytearray(b"x"), "g": 1 << 200, "h": -1.5e300, "i": complex(1, 2)},
        "ordered": collections.OrderedDict(a=1, b=collections.OrderedDict(c=2)),
        "counter": collections.Counter("hello world"),
        "defaultdict": collections.defaultdict(list, a=[1]),
        "defaultdict-int": collections.defaultdict(int, a=1),
        "deque": collections.deque([1, 2], maxlen=5),
        "chainmap": collections.ChainMap({"a": 1}, {"b": 2}),
        "dates": [datetime.datetime(2024, 1, 2, 3, 4, 5, 6, datetime.timezone.utc), datetime.date(2024, 1, 1), datetime.timedelta(days=1), datetime.time(1, 2)],
        "numbers": [decimal.Decimal("1.23"), fractions.Fraction(1, 3), range(10), slice(1, 2, 3)],
        "paths": [pathlib.PurePosixPath("/etc/passwd"), pathlib.PosixPath("/tmp/x")],
        "uuid": uuid.UUID(int=5),
        "random": random.Random(3),
        "functions": [len, operator.add, str.upper, functools.partial(int, base=2), operator.itemgetter(1), operator.attrgetter("real")],
        "types": [int, dict, list, type(None), Exception, ValueError("x"), NotImplemented, Ellipsis],
        "scary-strings": ["os.system('rm -rf /')", "__import__('os')", "eval", "subprocess.Popen", "cos\nsystem\n", "exec(base64.b64decode('aW1wb3J0'))", {"exec": 1, "__reduce__": 2, "os": 3}],
        "deep": functools.reduce(lambda inner, _: [inner], range(400), 1),
        "shared": (lambda x: [x, x, {"x": x}])([1, 2]),
        "unicode": "Grüße 世界 🌍 \x00 \ud7ff",
        "empty": [[], {}, (), set(), "", b""],
        "large-list": list(range(100_000)),
        "vocabulary": {f"word{i}": i for i in range(20_000)},
        "nested-pickle-free-bytes": {"data": bytes(range(256)) * 20},
    }
    for name, value in values.items():
        for protocol in (0, 2, 4, 5):
            yield f"{name}--p{protocol}.pkl", pickle.dumps(value, protocol)


@benign("numpy")
def numpy_pickles_and_files():
    """Arrays of many types as pickle, NPY and NPZ, object arrays too."""
    arrays = {
        "float": X, "int8": np.arange(5, dtype=np.int8), "bool": np.array([True, False]), "complex": X.astype(complex), "strings": np.array(["a", "bb"]),
        "bytes": np.array([b"a"]), "datetime": np.array(["2024-01-01"], dtype="M8[D]"), "structured": np.array([(1, 2.0, "x")], dtype=[("a", "i4"), ("b", "f8"), ("c", "U5")]),
        "record": np.rec.array([(1, "x")], names="a,b"), "object": np.array([1, "x", None, [1]], dtype=object), "empty": np.zeros((0, 3)), "scalar": np.array(5.0), "big-endian": X.astype(">f4"),
        "fortran": np.asfortranarray(X), "masked": np.ma.masked_array([1, 2], [0, 1]), "nan": np.array([np.nan, np.inf]), "half": X.astype("f2"), "void": np.zeros(3, dtype="V5"),
    }
    for index, (name, value) in enumerate(arrays.items()):
        yield f"{name}--p{index % 6}.pkl", pickle.dumps(value, index % 6)
        if name != "masked":
            out = io.BytesIO()
            np.save(out, value, allow_pickle=True)
            yield f"{name}--a.npy", out.getvalue()
    for name, save in {"plain": np.savez, "compressed": np.savez_compressed}.items():
        out = io.BytesIO()
        save(out, weights=X, labels=Y, names=np.array(["a", "b"]))
        yield f"{name}--a.npz", out.getvalue()
        out = io.BytesIO()
        save(out, objects=np.array([{"a": 1}, None], dtype=object), x=X)
        yield f"{name}-objects--a.npz", out.getvalue()
    others = {"generator": RANDOM, "random-state": np.random.RandomState(0), "dtype": np.dtype("f4"), "ufunc": np.add, "scalars": [np.float32(1), np.int64(2), np.bool_(True), np.str_("x")], "poly": np.polynomial.Polynomial([1, 2]), "poly1d": np.poly1d([1, 2]), "matrix": np.matrix([[1]])}
    for name, value in others.items():
        for protocol in (2, 4):
            yield f"{name}--p{protocol}.pkl", pickle.dumps(value, protocol)


@benign("pandas")
def pandas_objects():
    """Frames, series, indexes, categoricals, intervals, extension arrays, offsets."""
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": pd.to_datetime(["2024-01-01", "2024-01-02"]), "d": pd.Categorical(["u", "v"]), "e": pd.array([1, None], dtype="Int64"), "f": [True, False]})
    values = {
        "frame": frame, "indexed": frame.set_index(["a", "b"]), "series": frame.a, "datetime-index": pd.date_range("2024", periods=3, freq="D"), "periods": pd.period_range("2024", periods=2, freq="M"),
        "interval": pd.interval_range(0, 3), "timedelta": pd.to_timedelta([1, 2], unit="s"), "sparse": pd.arrays.SparseArray([0, 0, 1]), "timestamp": pd.Timestamp("2024", tz="Europe/Paris"), "string": pd.array(["a", None], dtype="string"),
        "offset": pd.offsets.BDay(2), "range": pd.RangeIndex(5), "nat": [pd.NaT, pd.NA], "groups": {"x": frame.describe()}, "float32": pd.DataFrame(X.astype("f4")), "multi": pd.MultiIndex.from_product([[1, 2], ["a"]]),
    }
    for name, value in values.items():
        for protocol in (2, 4, 5):
            yield f"{name}--p{protocol}.pkl", pickle.dumps(value, protocol)
    for compression in ("gzip", "bz2", "xz", "zip", "zstd"):
        path = pathlib.Path(f"/tmp/frame-{compression}.pkl")
        frame.to_pickle(path, compression=compression)
        yield f"{compression}--frame.pkl.{compression}", path.read_bytes()
        path.unlink()


@benign("pickle")
def scipy_and_statistics():
    """SciPy sparse matrices, distributions, interpolators, trees; statsmodels results; imbalanced-learn."""
    import scipy.interpolate
    import scipy.spatial
    import scipy.stats

    values = {
        "csr": scipy.sparse.csr_matrix(np.eye(3)), "csc": scipy.sparse.csc_array(np.eye(3)), "coo": scipy.sparse.coo_matrix(np.eye(2)), "dok": scipy.sparse.dok_matrix((2, 2)), "lil": scipy.sparse.lil_matrix((2, 2)),
        "norm": scipy.stats.norm(0, 1), "kde": scipy.stats.gaussian_kde(X[:, 0]), "spline": scipy.interpolate.CubicSpline([0, 1, 2], [0, 1, 4]), "interp": scipy.interpolate.interp1d([0, 1], [0, 1]),
        "kdtree": scipy.spatial.KDTree(X), "rotation": scipy.spatial.transform.Rotation.identity(), "bspline": scipy.interpolate.make_interp_spline([0, 1, 2, 3], [0, 1, 4, 9]),
    }
    for name, value in values.items():
        try:
            yield f"{name}--p4.pkl", pickle.dumps(value, 4)
        except Exception:
            continue
    import statsmodels.api as sm

    results = {"ols": sm.OLS(X[:, 0], sm.add_constant(X[:, 1:])).fit(), "logit": sm.Logit(RANDOM.integers(0, 2, 60), X[:, 1:]).fit(disp=0), "glm": sm.GLM(Y, X[:, 1:]).fit(), "arima": sm.tsa.ARIMA(X[:, 0], order=(1, 0, 0)).fit()}
    for name, value in results.items():
        yield f"statsmodels-{name}--p4.pkl", pickle.dumps(value, 4)
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import make_pipeline
    from sklearn.linear_model import LogisticRegression

    yield "imblearn--p4.pkl", pickle.dumps(make_pipeline(SMOTE(), LogisticRegression()).fit(X, Y), 4)


@benign("pickle")
def boosters():
    """XGBoost, LightGBM and CatBoost models pickled and in joblib."""
    import catboost
    import lightgbm
    import xgboost

    models = {
        "xgb-classifier": xgboost.XGBClassifier(n_estimators=3).fit(X, Y), "xgb-regressor": xgboost.XGBRegressor(n_estimators=3, booster="dart").fit(X, Y), "xgb-booster": xgboost.train({}, xgboost.DMatrix(X, Y), 2),
        "xgb-ranker": xgboost.XGBRFClassifier(n_estimators=2).fit(X, Y), "lgb-classifier": lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, Y), "lgb-booster": lightgbm.train({"verbose": -1}, lightgbm.Dataset(X, Y), 2),
        "cat-classifier": catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(X, Y), "cat-regressor": catboost.CatBoostRegressor(iterations=3, verbose=0, allow_writing_files=False).fit(X, Y),
    }
    for name, model in models.items():
        for protocol in (2, 4, 5):
            yield f"{name}--p{protocol}.pkl", pickle.dumps(model, protocol)
        yield f"{name}--a.joblib", joblib_bytes(model, compress=3)


@benign("dill")
def functions_and_classes():
    """dill and cloudpickle files of harmless lambdas, closures, classes and partial functions."""
    import dill

    dill.extend(False)  # importing dill changes what pickle and joblib write for everyone else

    def scaled(factor):
        return lambda value: value * factor

    class Scaler:
        def __init__(self, k):
            self.k = k

        def transform(self, x):
            return np.asarray(x) * self.k

    values = {"data": {"a": X[:3]}, "partial": functools.partial(np.clip, a_min=0, a_max=1), "numpy-function": np.mean, "model-dict": {"coef": X, "names": ["a", "b"]}}
    code = {"lambda": lambda x: x + 1, "closure": scaled(3), "class": Scaler, "instance": Scaler(2), "numpy-lambda": lambda x: np.log1p(x).sum()}
    for name, value in {**values, **code}.items():
        yield f"dill-{name}--a.pkl", dill.dumps(value)
        yield f"cloudpickle-{name}--a.pkl", cloudpickle.dumps(value)
