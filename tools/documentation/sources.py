"""What only the source text says: annotations as they were written, and docstrings of attributes."""

import ast
import sys
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from inspect import cleandoc, getsource
from types import ModuleType

__all__ = [
    "Assigned",
    "assignments",
    "class_assignments",
    "home_of",
    "loaded",
    "module_body",
]


@dataclass(frozen=True, slots=True)
class Assigned:
    """A name that is given a type, a value or both, in a module or in a class."""

    name: str
    module: str
    annotation: str | None
    value: str | None
    doc: str


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(getsource(import_module(module)))


def module_body(module: str) -> list[ast.stmt]:
    """The statements of a module."""
    return _tree(module).body


@cache
def assignments(module: str) -> dict[str, Assigned]:
    """What a module assigns at its top level."""
    return _assigned(module, _tree(module).body)


def class_assignments(cls: type) -> dict[str, Assigned]:
    """What a class and those that it derives from assign, as far as they are vetcore's."""
    found: dict[str, Assigned] = {}
    for each in reversed(cls.__mro__):
        if each.__module__.partition(".")[0] == "vetcore":
            # A type that is only restated keeps what was said of it before.
            for name, one in _assigned(each.__module__, _body(each)).items():
                said = one.doc or (found[name].doc if name in found else "")
                found[name] = replace(one, doc=said)
    return found


def _body(cls: type) -> list[ast.stmt]:
    """The body of a class: found by its name, as deep as it may be nested."""
    body = _tree(cls.__module__).body
    for part in cls.__qualname__.split("."):
        body = next(
            (node.body for node in body if isinstance(node, ast.ClassDef) and node.name == part),
            list[ast.stmt](),
        )
    return body


def _assigned(module: str, body: list[ast.stmt]) -> dict[str, Assigned]:
    found: dict[str, Assigned] = {}
    for node, after in zip(body, [*body[1:], None], strict=True):
        doc = _text(after)
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)):
                value = ast.unparse(node.value) if node.value else None
                found[name] = Assigned(name, module, ast.unparse(node.annotation), value, doc)
            case ast.Assign(targets=[ast.Name(id=name)]):
                found[name] = Assigned(name, module, None, ast.unparse(node.value), doc)
            case _:
                pass
    return found


def _text(node: ast.stmt | None) -> str:
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return cleandoc(text)
        case _:
            return ""


@cache
def _imported(module: str) -> dict[str, tuple[str, str]]:
    """What a module imports from vetcore: each name, with where from and what it is called there."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vetcore")
        for alias in node.names
        if node.module
    }


def home_of(module: str, name: str) -> str:
    """The module in which a name is defined that ``module`` only passes on."""
    passed_on = _imported(module).get(name)
    return home_of(*passed_on) if passed_on else module


def loaded(module: str) -> ModuleType:
    """The module of that name, imported."""
    import_module(module)
    return sys.modules[module]
