"""The reference as Markdown, to be read in the repository; the site makes its own of the same names."""

import ast
import inspect
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tools.documentation.names import modules, shown_in
from tools.documentation.rendering import attribute_rows, members
from tools.documentation.sources import Assigned, assignments, home_of, loaded, module_body

__all__ = ["REFERENCE", "reference_pages", "to_markdown"]

REFERENCE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference"
_ROOM: Final = re.compile(r"^\.\. room:: (\S+)$", re.MULTILINE)
_ROLE: Final = re.compile(r":(?:py:)?[a-z]+:`~?([^`<]+?)(?: <[^`>]*>)?`(\\ )?")
_SECTION: Final = re.compile(r"^(Args|Raises|Returns|Yields):$")
_ITEM: Final = re.compile(r"^    (\*{0,2}[\w.]+): (.*)$")
_WIDE: Final = 88
_LONGEST_VALUE: Final = 160

MADE = "<!-- Made from the code by `python -m tools.documentation`; change it there. -->"


def reference_pages() -> Mapping[Path, Callable[[], str]]:
    """A Markdown page beside each page of the site's that shows rooms."""
    return {
        Path("docs/reference") / f"{page.stem}.md": _maker(page)
        for page in sorted(REFERENCE.glob("*.rst"))
    }


def _maker(page: Path) -> Callable[[], str]:
    return lambda: "\n".join(_page(page.read_text())).rstrip() + "\n"


def _page(stub: str) -> Iterator[str]:
    title, intro = _headed(stub)
    yield from (f"# {title}", "", MADE, "", to_markdown(intro), "")
    for room in _ROOM.findall(stub):
        beneath = f"{room}." if room != "vetcore" else "vetcore._"
        for module in [room, *(name for name in modules() if name.startswith(beneath))]:
            if module == room or shown_in(module):
                yield from _module(module)


def _headed(stub: str) -> tuple[str, str]:
    """The title of a page, and what stands between it and its first room."""
    text = re.sub(r"^\.\. (?!room::).*\n\n?", "", stub)
    title, _underline, rest = text.split("\n", 2)
    return title, _ROOM.split(rest)[0].strip()


def _module(module: str) -> Iterator[str]:
    yield from (f"## `{module}`", "", *described(loaded(module).__doc__), "")
    for name in shown_in(module):
        yield from _name(module, name)


def _name(module: str, name: str) -> Iterator[str]:
    value: Any = getattr(loaded(module), name)
    home = home_of(module, name)
    yield from (f"### `{name}`", "")
    if isinstance(value, type) and value.__module__ == home:
        yield from _class(value)
    elif callable(value) and hasattr(value, "__code__"):
        yield from _function(module_body(value.__module__), value.__name__)
        yield from (*described(value.__doc__), "")
    else:
        usual = value.__doc__ or "" if hasattr(value, "__wrapped__") else ""
        yield from _data(assignments(home).get(name, Assigned(name, home, None, None, usual)))


def _data(said: Assigned) -> Iterator[str]:
    value = said.value if said.value and len(said.value) <= _LONGEST_VALUE else None
    kind = said.annotation if said.annotation != "Final" else None
    if kind or value:
        shown = f"{said.name}{f': {kind}' if kind else ''}{f' = {value}' if value else ''}"
        yield from _fenced([shown])
    yield from (*described(said.doc), "")


def _class(cls: Any) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in cls.__bases__ if base is not object)
    yield from _fenced([f"class {cls.__name__}{f'({bases})' if bases else ''}"])
    yield from (*described(cls.__doc__), "")
    for headings, rows in attribute_rows(cls):
        yield from _table(headings, rows)
    body = _body(cls)
    for name in members(cls):
        yield from (f"#### `{cls.__name__}.{name}`", "")
        yield from _function(body, name)
        inner = inspect.getattr_static(cls, name)
        yield from (*described(inspect.getdoc(getattr(inner, "__func__", inner))), "")


def _body(cls: Any) -> list[ast.stmt]:
    body = module_body(cls.__module__)
    for part in cls.__qualname__.split("."):
        found = [node for node in body if isinstance(node, ast.ClassDef) and node.name == part]
        body = found[0].body if found else []
    return body


def _function(body: list[ast.stmt], name: str) -> Iterator[str]:
    """The signature as it is written, an argument a line where it is long."""
    nodes = [
        node
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    ]
    if not nodes:
        return
    node = nodes[-1]
    kinds = [ast.unparse(each) for each in node.decorator_list]
    marks = [f"@{kind}" for kind in kinds if kind in {"property", "classmethod", "staticmethod"}]
    start = f"{'async ' if isinstance(node, ast.AsyncFunctionDef) else ''}def {name}("
    end = f"){f' -> {ast.unparse(node.returns)}' if node.returns else ''}"
    arguments = ast.unparse(node.args)
    if len(start + arguments + end) <= _WIDE:
        yield from _fenced([*marks, start + arguments + end])
        return
    yield from _fenced([*marks, start, *(f"    {one}," for one in _split(arguments)), end])


def _split(arguments: str) -> Iterator[str]:
    """Arguments apart; a comma within brackets or quotes separates nothing."""
    depth, quoted, begin = 0, "", 0
    for place, sign in enumerate(arguments):
        if quoted:
            quoted = "" if sign == quoted else quoted
        elif sign in "'\"":
            quoted = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth == 0:
            yield arguments[begin:place].strip()
            begin = place + 1
    yield arguments[begin:].strip()


def _fenced(lines: list[str]) -> list[str]:
    return ["```text", *lines, "```", ""]


def _table(headings: list[str], rows: list[list[str]]) -> Iterator[str]:
    kept = [number for number, _ in enumerate(headings) if any(row[number] for row in rows)]
    if not rows:
        return
    for place, row in enumerate([headings, *rows]):
        # A call of a generic type is no link: list[str](…)
        cells = (to_markdown(row[n]).replace("\n", " ").replace("](", "]\\(") for n in kept)
        yield f"| {' | '.join(cells)} |"
        if place == 0:
            yield f"|{'---|' * len(kept)}"
    yield ""


def described(text: str | None) -> Iterator[str]:
    """A docstring: its sentences, its examples in fences, its sections as lists."""
    lines = inspect.cleandoc(text or "").splitlines()
    place = 0
    while place < len(lines):
        line = lines[place]
        if _SECTION.match(line):
            yield from (f"**{line.removesuffix(':')}**", "")
            place = yield from _section(lines, place + 1)
        elif line.startswith(">>> "):
            end = next((n for n in range(place, len(lines)) if not lines[n].strip()), len(lines))
            yield from _fenced(lines[place:end])
            place = end
        elif line.rstrip().endswith("::"):
            lead = line.rstrip().removesuffix("::").rstrip()
            if lead:
                yield from (f"{to_markdown(lead)}:", "")
            block, place = _indented(lines, place + 1)
            yield from _fenced(block)
        else:
            yield to_markdown(line)
            place += 1


def _section(lines: list[str], place: int) -> Generator[str, None, int]:
    """The entries of a section as a list; returns where it ends."""
    while place < len(lines) and (lines[place].startswith("    ") or not lines[place].strip()):
        item = _ITEM.match(lines[place])
        if item:
            yield f"- `{item[1]}`: {to_markdown(item[2])}"
        else:
            yield f"  {to_markdown(lines[place].strip())}".rstrip()
        place += 1
    yield ""
    return place


def _indented(lines: list[str], place: int) -> tuple[list[str], int]:
    begin = place
    while place < len(lines) and (lines[place].startswith(" ") or not lines[place].strip()):
        place += 1
    block = inspect.cleandoc("\n" + "\n".join(lines[begin:place])).splitlines()
    return block, place


def to_markdown(text: str) -> str:
    """A sentence of reStructuredText as Markdown.

    >>> to_markdown("see :func:`~vetcore.scheduling.book` and ``find_slots``")
    'see `book` and `find_slots`'
    """
    return _ROLE.sub(lambda found: f"`{found[1].rpartition('.')[2]}`", text).replace("``", "`")
