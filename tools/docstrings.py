"""``python -m tools.docstrings --seed N``: docstrings drawn at random, for a reader to judge.

Each should have a subject and a verb, and say what goes in and what comes out. Whoever reads them asks:
would somebody understand this who has not read the code?
"""

import argparse
import ast
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from inspect import cleandoc
from pathlib import Path
from random import Random
from typing import NamedTuple

__all__ = ["Described", "described", "drawn", "main"]

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "vetcore"
COUNT = 20


class Described(NamedTuple):
    """Something public, and what is said of it."""

    name: str
    doc: str


@cache
def described() -> tuple[Described, ...]:
    """Every module, class, function and method of the package that is public and has a docstring."""
    return tuple(
        each
        for path in sorted(PACKAGE.rglob("*.py"))
        for each in _within(ast.parse(path.read_text()), _module(path))
    )


def drawn(seed: int, count: int = COUNT) -> list[Described]:
    """So many of them, the same for the same seed as long as the package is the same."""
    every = described()
    return Random(seed).sample(every, min(count, len(every)))  # noqa: S311 -- no secret


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _within(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, name: str
) -> Iterator[Described]:
    doc = ast.get_docstring(node, clean=False)
    if doc:
        yield Described(name, cleandoc(doc))
    if isinstance(node, ast.Module | ast.ClassDef):
        for each in node.body:
            if isinstance(
                each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            ) and not each.name.startswith("_"):
                yield from _within(each, f"{name}.{each.name}")


def main(arguments: Sequence[str]) -> int:
    """Print them, with their names."""
    parser = argparse.ArgumentParser(prog="python -m tools.docstrings", description=__doc__)
    parser.add_argument("--seed", type=int, required=True, help="decides which are drawn")
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many; {COUNT} if not said")
    given = parser.parse_args(arguments)
    for number, each in enumerate(drawn(given.seed, given.count), 1):
        indented = "\n".join(f"    {line}".rstrip() for line in each.doc.splitlines())
        print(f"{number}. {each.name}\n\n{indented}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
