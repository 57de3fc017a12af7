"""``python -m tools.faces``: writes the lists of names at the faces of rooms.

A room's ``__init__.py`` says what the room offers: it imports each name, and lists it in ``__all__``.
Which names these are follows from the modules: a model, a schema, an operation and a factory are
offered by their room. So nobody extends the lists by hand; a test finds a face that is not as this
program would write it. Names that a face offers beside stay as long as their module has them.
"""

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["FACES", "Face", "main"]

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "vetcore"
WIDTH = 100

Homes = Mapping[str, list[str]]
"""By the name of a module, the names that a face takes from it."""


@dataclass(frozen=True)
class Face:
    """A room whose face is written here."""

    room: str
    """The package, below ``vetcore``."""
    offers: Callable[[ast.stmt], bool]
    """Whether the face offers what a statement of a module defines."""
    homes: str | None = None
    """Where the homes of names that load late are kept: the module's name, below the room."""
    within: Mapping[str, str] = field(default_factory=dict[str, str])
    """Packages of the room that have a face of their own: whose names it passes on."""

    @property
    def path(self) -> Path:
        """The file."""
        return PACKAGE / self.room.replace(".", "/") / "__init__.py"

    def text(self) -> str:
        """The face as it should be."""
        return self._written(self.path.read_text())

    def homes_text(self) -> str | None:
        """The module of the homes as it should be."""
        if self.homes is None:
            return None
        lines = [
            '"""The module of each public name of this package. `python -m tools.faces` writes this file."""',
            "",
        ]
        lines += ["from collections.abc import Mapping", "from typing import Final", ""]
        lines += ['__all__ = ["HOMES"]', "", "HOMES: Final[Mapping[str, str]] = {"]
        pairs = {name: home for home, names in self._found().items() for name in names}
        lines += [f'    "{name}": "{pairs[name]}",' for name in sorted(pairs, key=order)]
        return "\n".join([*lines, "}", ""])

    def _found(self) -> dict[str, list[str]]:
        body = ast.parse(self.path.read_text()).body
        stated = {
            node.module.rpartition(".")[2]: [alias.name for alias in node.names]
            for node in self._imports(body)
            if node.module
        }
        found: dict[str, list[str]] = {}
        for path in sorted(self.path.parent.glob("*.py")):
            if path != self.path:
                defined = _defined(path)
                names = {name for name in stated.get(path.stem, ()) if name in defined}
                names |= {name for name, node in defined.items() if self.offers(node)}
                found[path.stem] = sorted(names, key=order)
        for package in self.within:
            names = {*stated.get(package, ()), *_offered(self.path.parent / package)}
            found[package] = sorted(names & _offered(self.path.parent / package) | names, key=order)
        return {home: names for home, names in sorted(found.items()) if names}

    def _imports(self, body: list[ast.stmt]) -> list[ast.ImportFrom]:
        """The statements with which the face takes names from the room's modules."""
        late = [
            node
            for node in body
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        ]
        within = late[0].body if late else body
        return [
            node
            for node in within
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").rpartition(".")[0] == f"vetcore.{self.room}"
        ]

    def _written(self, text: str) -> str:
        body, lines = ast.parse(text).body, text.splitlines()
        found, imports = self._found(), self._imports(body)
        listed = next(
            node
            for node in body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        )
        before: set[str] = set(ast.literal_eval(listed.value))
        stated = {alias.name for node in imports for alias in node.names}
        kept = {name for name in before if name not in stated}
        # What a face imports and does not offer, it needs itself.
        own = stated - before
        offered = {name for names in found.values() for name in names} - own | kept
        every = [
            line
            for home, names in found.items()
            for line in self._import(home, names, imports[0].col_offset)
        ]
        homes = [
            node
            for node in body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOMES"
        ]
        parts = [
            (imports[0].lineno, imports[-1].end_lineno, every),
            (listed.lineno, listed.end_lineno, _list(offered)),
        ]
        if homes:
            pairs = {name: home for home, names in found.items() for name in names}
            inside = [f'    "{name}": "{pairs[name]}",' for name in sorted(pairs, key=order)]
            parts.append((homes[0].lineno, homes[0].end_lineno, ["_HOMES = {", *inside, "}"]))
        for first, last, instead in sorted(parts, reverse=True):
            lines[first - 1 : last] = instead
        return "\n".join(lines) + "\n"

    def _import(self, home: str, names: list[str], indent: int) -> Iterator[str]:
        space = " " * indent
        line = f"{space}from vetcore.{self.room}.{home} import {', '.join(names)}"
        if len(line) <= WIDTH:
            yield line
        else:
            yield f"{space}from vetcore.{self.room}.{home} import ("
            yield from (f"{space}    {name}," for name in names)
            yield f"{space})"


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: as the linter sorts them."""
    return 0 if name.isupper() else 1 if name[:1].isupper() else 2, name


def _list(names: set[str]) -> list[str]:
    return ["__all__ = [", *(f'    "{name}",' for name in sorted(names, key=order)), "]"]


def _defined(path: Path) -> dict[str, ast.stmt]:
    """What a module defines, by its name."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(path.read_text()).body:
        match node:
            case (
                ast.ClassDef(name=name)
                | ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
            ):
                found[name] = node
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = node
            case _:
                pass
    return found


def _offered(package: Path) -> set[str]:
    """The factories that a package with a face of its own offers."""
    found: set[str] = set()
    for path in package.glob("*.py"):
        found |= {name for name, node in _defined(path).items() if _is_factory(node)}
    return found


def _bases(node: ast.stmt) -> set[str]:
    return {ast.unparse(base) for base in node.bases} if isinstance(node, ast.ClassDef) else set()


def _is_model(node: ast.stmt) -> bool:
    return bool(_bases(node) & {"Base", "Entity"}) and getattr(node, "name", "") != "Entity"


_FORMS = (
    "Create",
    "Update",
    "Response",
    "Summary",
    "Ruled",
    "ListQuery",
    "SearchQuery",
    "ById",
    "Upkeep",
    "Schema",
    "OfClinic",
)


def _is_schema(node: ast.stmt) -> bool:
    """A class that derives from a form, or from one of another schema; the forms are no schemas."""
    name = getattr(node, "name", "_")
    return (
        not name.startswith("_")
        and name not in {*_FORMS, "Page"}
        and any(base.endswith(_FORMS) for base in _bases(node))
    )


def _is_operation(node: ast.stmt) -> bool:
    return isinstance(node, ast.AsyncFunctionDef) and any(
        ast.unparse(each).startswith(("operation(", "reading(")) for each in node.decorator_list
    )


def _is_factory(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("make_")


FACES = (
    Face("models", _is_model),
    Face("schemas", _is_schema, homes="homes"),
    Face("operations", _is_operation, homes="homes"),
    Face("testing.factories", _is_factory),
    Face("testing", lambda _: False, within={"factories": "make_"}),
)


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that is written here, with what should stand in it."""
    for face in FACES:
        yield face.path, face.text()
        homes = face.homes_text()
        if homes is not None:
            yield face.path.parent / f"{face.homes}.py", homes


def main() -> int:
    """Write them, and say which were another way."""
    for path, text in list(texts()):
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(f"{path} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
