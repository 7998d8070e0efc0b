"""The list of techniques: each is one function that yields the files of one idea.

A technique's name is `family/idea`; a file's name may add a variant after a colon. What is held out (never shown to
those who write rules) is decided by a hash of the name, so that whole ideas are held out and nobody picks them.
"""

import hashlib
import inspect
from dataclasses import dataclass
from typing import Callable, Iterator, Union

Content = Union[bytes, dict]  # a dict is a folder: relative path -> bytes

TECHNIQUES: list["Technique"] = []


@dataclass(frozen=True)
class Technique:
    """One idea of one family, with the function that makes its samples."""

    label: str  # "malicious" or "benign"
    family: str
    name: str
    origin: str  # "generated", "library" (a real library wrote the file) or "package" (out of a PyPI package)
    what: str
    make: Callable[[], Iterator[tuple[str, Content]]]


def technique(label: str, family: str, origin: str):
    """Register a function; its docstring says what the sample does when it is loaded."""

    def register(function):
        what = " ".join((inspect.getdoc(function) or "").split())
        assert what, f"{function.__name__} needs a docstring"
        TECHNIQUES.append(Technique(label, family, function.__name__, origin, what, function))
        return function

    return register


def malicious(family: str):
    """A technique of an attacker; all are written by the code here."""
    return technique("malicious", family, "generated")


def benign(family: str, origin: str = "library"):
    """Ordinary files; most are written by the real library."""
    return technique("benign", family, origin)


def idea(technique: Technique, file_name: str) -> str:
    """The name that is held out or not: a variant before `--` in a file's name is an idea of its own."""
    variant = file_name.split("--")[0] if "--" in file_name else ""
    return f"{technique.family}/{technique.name}" + (f":{variant}" if variant else "")


def held_out(idea_name: str) -> bool:
    """About a third of the ideas, by hash."""
    return hashlib.sha256(idea_name.encode()).digest()[0] % 3 == 0
