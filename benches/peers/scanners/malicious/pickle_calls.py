"""One call per pickle: the gadget tables, over protocols and opcodes."""

from assemble import Build, Call, Inst, Name, New, Obj, assemble
from registry import malicious

from . import gadgets


def _slug(module: str, name: str) -> str:
    return f"{module}.{name}".replace("__", "_").replace("--", "-")


def _each(table, protocols):
    seen = {}
    for index, (module, name, arguments) in enumerate(table):
        slug = _slug(module, name)
        seen[slug] = seen.get(slug, 0) + 1
        protocol = protocols[index % len(protocols)]
        suffix = f"-{seen[slug]}" if seen[slug] > 1 else ""
        yield f"{slug}--p{protocol}{suffix}.pkl", assemble(Call(Name(module, name), *arguments), protocol)


@malicious("pickle")
def call_runs_code():
    """REDUCE of a callable that runs a command, code, a native library or another pickle."""
    yield from _each(gadgets.CODE_EXECUTION, (4, 2, 0, 5, 3, 1))


@malicious("pickle")
def call_reads_file():
    """REDUCE of a callable that reads a file or the environment."""
    yield from _each(gadgets.FILE_READ, (4, 2, 0))


@malicious("pickle")
def call_writes_file():
    """REDUCE of a callable that writes or deletes files, or changes the process."""
    yield from _each(gadgets.FILE_WRITE, (2, 4, 0))


@malicious("pickle")
def call_reaches_network():
    """REDUCE of a callable that resolves a name, connects or listens."""
    yield from _each(gadgets.NETWORK, (4, 0, 3))


@malicious("pickle")
def chain_reaches_callable():
    """A callable is reached through others: getattr, operator, functools, types, codecs, re-exported modules."""
    for index, (slug, node) in enumerate(gadgets.CHAINS.items()):
        yield f"{slug}--p{(4, 2)[index % 2]}.pkl", assemble(node, (4, 2)[index % 2])


@malicious("pickle")
def every_protocol():
    """The same four calls in each of the six protocols."""
    calls = [("os", "system", ("id",)), ("builtins", "eval", ("1+1",)), ("subprocess", "check_output", (["id"],)), ("runpy", "run_path", ("/tmp/stage.py",))]
    for module, name, arguments in calls:
        for protocol in range(6):
            yield f"p{protocol}--{module}.pkl", assemble(Call(Name(module, name), *arguments), protocol)


@malicious("pickle")
def newobj_of_class_with_effect():
    """NEWOBJ of classes whose __new__ or __init__ acts; Popen by NEWOBJ plus BUILD is what __reduce_ex__ of a subclass writes."""
    for module, name, arguments in [("subprocess", "Popen", (["id"],)), ("ctypes", "CDLL", ("/tmp/stage.so",)), ("io", "FileIO", ("/tmp/pwned-test", "w")), ("socket", "socket", ())]:
        yield f"{module}-{name}--p2.pkl", assemble(New(Name(module, name), *arguments), 2)


@malicious("pickle")
def obj_and_inst():
    """Calls by OBJ and INST instead of REDUCE."""
    for module, name, argument in [("os", "system", "id"), ("pty", "spawn", "id"), ("builtins", "exec", "import os"), ("subprocess", "Popen", "id"), ("pdb", "run", "1")]:
        yield f"obj-{module}.pkl", assemble(Obj(Name(module, name), argument), 1)
        old = {"builtins": "__builtin__"}.get(module, module)
        yield f"inst-{module}.pkl", assemble(Inst(Name(old, name), argument), 0)


@malicious("pickle")
def import_without_call():
    """Only the name is imported, as peers' fixtures do: who unpickles gets a function that runs code, and the import runs the module."""
    for module, name in [("types", "FunctionType"), ("subprocess", "Popen"), ("sys", "modules"), ("os", "system"), ("builtins", "eval"), ("multiprocessing.util", "spawnv_passfds"), ("antigravity", "fly"), ("turtledemo.__main__", "DemoWindow"), ("webbrowser", "open"), ("ctypes", "windll")]:
        yield f"{module}--p4.pkl", assemble(Name(module, name), 4)


@malicious("pickle")
def names_without_arguments():
    """A dangerous callable applied to nothing useful or to odd arguments, as peers' fixtures do to see whether the module counts."""
    for module, name, arguments in [("multiprocessing.util", "spawnv_passfds", ()), ("runpy", "_run_code", ()), ("code", "InteractiveConsole", ()), ("code", "InteractiveInterpreter", ()), ("builtins", "getattr", (Name("builtins", "object"), "__class__")), ("builtins", "__import__", ("os",)), ("importlib.util", "find_spec", ("os",)), ("os", "getcwd", ()), ("ctypes", "cast", (42, Name("ctypes", "c_void_p"))), ("cProfile", "run", ("print(1+1)",)), ("timeit", "timeit", ("print(1+1)",))]:
        yield f"{module}-{name}--p2.pkl".replace("__", "_"), assemble(Call(Name(module, name), *arguments), 2)


@malicious("pickle")
def build_gadgets():
    """BUILD writes attributes or calls __setstate__ on what should not be written."""
    nodes = {
        "function-globals": Build(Name("collections", "namedtuple"), (None, {"__globals__": {}})),
        "function-code": Build(Name("logging", "warning"), (None, {"__code__": Name("os", "system")})),
        "module-attribute": Build(Call(Name("builtins", "__import__"), "os"), {"path": Name("os", "system")}),
        "class-setstate": Build(Call(Name("collections", "OrderedDict")), (None, {"__class__": Name("subprocess", "Popen")})),
        "exception-setstate": Build(Name("collections", "OrderedDict"), (None, {"__setstate__": Name("os", "system")})),
        "setstate-then-call": Build(Build(New(Name("__main__", "A")), {"__setstate__": Name("os", "system")}), "id"),
        "class-dict-setstate": Build(Build(Name("argparse", "Namespace"), (None, {"__setstate__": Name("os", "system")})), "id"),
        "class-setitem": Build(Name("collections", "UserDict"), (None, {"__setitem__": Name("os", "system")})),
        "partial-setstate": Call(Build(Call(Name("functools", "partial"), Name("builtins", "print")), (Name("os", "system"), ("id",), {}, {}))),
        "sys-modules-dict": Build(Name("sys", "modules"), {"os": Name("sys", "modules")}),
        "builtins-replaced": Build(Name("builtins", "__dict__"), {"print": Name("os", "system")}),
        "torch-module-hook": Build(New(Name("torch.nn.modules.module", "Module")), {"_forward_pre_hooks": {0: Call(Name("functools", "partial"), Name("os", "system"), "id")}}),
        "logging-handler": Build(New(Name("logging", "FileHandler")), {"baseFilename": "/tmp/pwned-test", "mode": "w"}),
        "sklearn-callable": Build(New(Name("sklearn.preprocessing._function_transformer", "FunctionTransformer")), {"func": Name("os", "system"), "inverse_func": None}),
        "sklearn-vectoriser-tokenizer": Build(New(Name("sklearn.feature_extraction.text", "CountVectorizer")), {"tokenizer": Name("builtins", "eval"), "vocabulary_": {}}),
        "sklearn-pipeline-step": Build(New(Name("sklearn.pipeline", "Pipeline")), {"steps": [("a", Call(Name("os", "popen"), "id"))]}),
    }
    for slug, node in nodes.items():
        yield f"{slug}--p4.pkl", assemble(node, 4)
