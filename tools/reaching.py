"""Which tests run which lines: a plugin for pytest that keeps it, and what was kept, read.

``pytest -p tools.reaching`` writes into the directory that ``VETCORE_REACHING`` names; each worker of
pytest-xdist has a file of its own there. Each block of a function gets a statement that notes it when
it runs: that costs next to nothing, where a tracer costs as much again as the tests do. A block counts
for a test from its set-up to its tear-down. Of what runs once in a process, only the first test is
known, and of other processes none.
"""

import ast
import json
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any
from uuid import uuid4

import pytest

VARIABLE = "VETCORE_REACHING"
_PACKAGE = "vetcore"
_NOTE = "__reached__"
_reached: set[tuple[str, int]] = set()


def blocks(function: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of statements in a function, the function's own and those within it."""
    for node in ast.walk(function):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and not isinstance(node, ast.ClassDef):
                yield block


def _functions(tree: ast.AST) -> Iterator[ast.AST]:
    """The outermost functions and methods."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        else:
            yield from _functions(node)


def _starts(tree: ast.AST) -> dict[int, tuple[int, list[ast.stmt]]]:
    """The blocks of a module's functions, by their first line; with it the last line."""
    return {
        block[0].lineno: (block[-1].end_lineno or block[-1].lineno, block)
        for function in _functions(tree)
        for block in blocks(function)
    }


class _Loader(SourceFileLoader):
    """Compiles a module with its notes, and never from or to the byte code that others use."""

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(self.get_data(self.path), self.path)
        for line, (_, block) in _starts(tree).items():
            note = ast.parse(f"{_NOTE}(({fullname!r}, {line}))").body[0]
            for node in ast.walk(note):
                ast.copy_location(node, block[0])
            has_docstring = isinstance(block[0], ast.Expr) and isinstance(
                block[0].value, ast.Constant
            )
            block.insert(int(has_docstring), note)
        return compile(tree, self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)[_NOTE] = _reached.add
        super().exec_module(module)


class _Finder:
    """Finds the modules of the package, for ``_Loader``."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, *_: Any) -> ModuleSpec | None:
        if name.partition(".")[0] != _PACKAGE:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class Reaching:
    """Writes down what each test has reached."""

    def __init__(self, kept: Path) -> None:
        self._file = (kept / f"{uuid4().hex}.reached").open("w")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """From the first fixture to the last."""
        _reached.clear()
        try:
            return (yield)
        finally:
            print(json.dumps([item.nodeid, sorted(_reached)]), file=self._file, flush=True)


def pytest_configure(config: pytest.Config) -> None:
    """Each process that runs tests writes; the one that only hands them out has none to write."""
    if kept := os.environ.get(VARIABLE):
        config.pluginmanager.register(Reaching(Path(kept)))


class Reached:
    """What runs of the suite have kept in a directory."""

    def __init__(self, kept: Path) -> None:
        self._tests: dict[tuple[str, int], list[str]] = {}
        for path in sorted(kept.glob("*.reached")):
            for line in path.read_text().splitlines():
                test, found = json.loads(line)
                for module, start in found:
                    self._tests.setdefault((module, start), []).append(test)

    def by(self, path: Path, line: int) -> list[str]:
        """The tests that run that line of ``src/…``, the ones that run first before the others."""
        around = [
            (end - start, start)
            for start, (end, _) in _starts(ast.parse(path.read_text())).items()
            if start <= line <= end
        ]
        if not around:
            return []
        parts = path.with_suffix("").parts
        within = len(parts) - parts[::-1].index(_PACKAGE) - 1
        module = ".".join(parts[within:]).removesuffix(".__init__")
        return list(dict.fromkeys(self._tests.get((module, min(around)[1]), ())))


if os.environ.get(VARIABLE):
    sys.meta_path.insert(0, _Finder())
