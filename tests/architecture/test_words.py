"""One word for one thing: the glossary names what is there, and its forbidden words occur nowhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name

import pytest
from tools.docstrings import described

import vetcore

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
PACKAGE = Path(vetcore.__file__).parent


def _rows(page: str) -> Iterator[list[str]]:
    for line in page.splitlines():
        if line.startswith("| ") and not line.startswith(("| word", "| not")):
            yield [cell.strip() for cell in line.strip("|").split("|")]


_TERMS, _, _UNUSED = GLOSSARY.read_text().partition("## Words that are not used")
TERMS = list(_rows(_TERMS))
FORBIDDEN = dict(_rows(_UNUSED))


@pytest.mark.parametrize(("word", "meaning", "name"), TERMS, ids=[word for word, *_ in TERMS])
def test_a_word_has_a_sentence_and_something_in_code(word: str, meaning: str, name: str) -> None:
    assert word
    assert meaning.endswith(".")
    path = name.strip("`")
    home, _, last = path.rpartition(".")
    assert getattr(resolve_name(home), last) is not None


def test_no_word_is_explained_twice() -> None:
    words = [word for word, *_ in TERMS]
    assert len(words) == len(set(words))
    assert not set(words) & set(FORBIDDEN)


def _identifiers(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case (
                ast.ClassDef(name=name)
                | ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
            ):
                yield name
            case ast.keyword(arg=str(name)):
                yield name


def _words(identifier: str) -> set[str]:
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", identifier)
    return set(apart.casefold().split("_"))


def test_the_words_that_are_not_used_are_no_names() -> None:
    used = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for name in _identifiers(path)
        if not name.startswith("__") and _words(name) & FORBIDDEN.keys()
    }
    assert used == set()


def test_the_words_that_are_not_used_are_in_no_public_docstring() -> None:
    used = {
        f"{each.name}: {word}"
        for each in described()
        for word in FORBIDDEN
        if re.search(rf"\b{word}\b", each.doc, re.IGNORECASE)
    }
    assert used == set()
