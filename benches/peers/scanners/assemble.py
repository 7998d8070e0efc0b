"""Write pickles of chosen calls without importing or running what they name."""

import io
import pickle
from _compat_pickle import REVERSE_IMPORT_MAPPING, REVERSE_NAME_MAPPING
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Name:
    """A global: `module` and a dotted `name`."""

    module: str
    name: str


class Call:
    """`function(*arguments)`, by REDUCE."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments


class New(Call):
    """`cls.__new__(cls, *arguments)`, by NEWOBJ (protocol 2 and later)."""


class Obj(Call):
    """`cls(*arguments)`, by MARK ... OBJ (protocol 1 and later)."""


class Inst(Call):
    """`cls(*arguments)`, by MARK ... INST; the class must be a `Name`."""


class Build:
    """`target.__setstate__(state)` or the update of its `__dict__`, by BUILD."""

    def __init__(self, target, state):
        self.target, self.state = target, state


class Then:
    """Evaluate and drop `first` (POP), leave `second`."""

    def __init__(self, first, second):
        self.first, self.second = first, second


class Raw:
    """Opcodes as they are."""

    def __init__(self, opcodes: bytes):
        self.opcodes = opcodes


class Assembler(pickle._Pickler):
    """The pure Python pickler plus the nodes above; memo and frames are those of real pickles."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_name(self, node):
        module, name = node.module, node.name
        if self.proto >= 4:
            self.save(module)
            self.save(name)
            self.write(pickle.STACK_GLOBAL)
        else:
            if self.proto < 3 and self.fix_imports:
                if (module, name) in REVERSE_NAME_MAPPING:
                    module, name = REVERSE_NAME_MAPPING[(module, name)]
                else:
                    module = REVERSE_IMPORT_MAPPING.get(module, module)
            self.write(pickle.GLOBAL + module.encode() + b"\n" + name.encode() + b"\n")
        self.memoize(node)

    def save_call(self, node):
        self.save(node.function)
        self.save(tuple(node.arguments))
        self.write(pickle.REDUCE)
        self.memoize(node)

    def save_new(self, node):
        self.save(node.function)
        self.save(tuple(node.arguments))
        self.write(pickle.NEWOBJ)
        self.memoize(node)

    def save_obj(self, node):
        self.write(pickle.MARK)
        self.save(node.function)
        for argument in node.arguments:
            self.save(argument)
        self.write(pickle.OBJ)
        self.memoize(node)

    def save_inst(self, node):
        self.write(pickle.MARK)
        for argument in node.arguments:
            self.save(argument)
        module, name = node.function.module, node.function.name
        self.write(pickle.INST + module.encode() + b"\n" + name.encode() + b"\n")
        self.memoize(node)

    def save_build(self, node):
        self.save(node.target)
        self.save(node.state)
        self.write(pickle.BUILD)

    def save_then(self, node):
        self.save(node.first)
        self.write(pickle.POP)
        self.save(node.second)

    def save_raw(self, node):
        self.write(node.opcodes)

    dispatch[Name] = save_name
    dispatch[Call] = save_call
    dispatch[New] = save_new
    dispatch[Obj] = save_obj
    dispatch[Inst] = save_inst
    dispatch[Build] = save_build
    dispatch[Then] = save_then
    dispatch[Raw] = save_raw


def assemble(node: Any, protocol: int = 4) -> bytes:
    """The pickle of `node`."""
    out = io.BytesIO()
    Assembler(out, protocol).dump(node)
    return out.getvalue()


def call(module: str, name: str, *arguments, protocol: int = 4) -> bytes:
    """The pickle of one call."""
    return assemble(Call(Name(module, name), *arguments), protocol)


def attribute(target, name: str) -> Call:
    """`getattr(target, name)`."""
    return Call(Name("builtins", "getattr"), target, name)


def imported(module: str) -> Call:
    """`__import__(module)`."""
    return Call(Name("builtins", "__import__"), module)
