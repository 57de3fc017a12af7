"""Each public name as reStructuredText: signatures by autodoc, fields and values as tables."""

import dataclasses
import re
import textwrap
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cached_property
from inspect import cleandoc
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from sphinx.ext.napoleon.docstring import GoogleDocstring
from sqlalchemy import inspect
from sqlalchemy.orm import DeclarativeBase

from tools.documentation.names import canonical, shown_in
from tools.documentation.sources import Assigned, assignments, class_assignments, home_of, loaded

__all__ = ["attribute_rows", "attribute_table", "has_fields", "members", "module_text"]

LONGEST_VALUE = 160


def module_text(module: str) -> str:
    """A module's docstring, and every name that is shown in it."""
    parts = [f".. py:module:: {module}", cleandoc(loaded(module).__doc__ or "")]
    for name in shown_in(module):
        parts += [f".. py:currentmodule:: {module}", _name_text(module, name)]
    return "\n\n".join(parts) + "\n"


def _name_text(module: str, name: str) -> str:
    value: Any = getattr(loaded(module), name)
    path = f"{module}.{name}"
    home = home_of(module, name)
    if isinstance(value, type) and value.__module__ == home:
        return _class_text(path, value)
    if callable(value) and hasattr(value, "__code__"):
        return f".. autofunction:: {path}"
    usual = _sections(cleandoc(value.__doc__ or "")) if hasattr(value, "__wrapped__") else ""
    return _data_text(name, assignments(home).get(name, Assigned(name, home, None, None, usual)))


def _sections(text: str) -> str:
    """A docstring with its sections as Sphinx writes them: autodoc does so for functions only."""
    return str(GoogleDocstring(text, what="function"))


def _class_text(path: str, cls: Any) -> str:
    kind = "exception" if issubclass(cls, BaseException) else "class"
    shown = ", ".join(members(cls))
    lines = [f".. auto{kind}:: {path}"]
    lines += [f"   :members: {shown}", "   :member-order: bysource"] if shown else []
    lines += ["   :show-inheritance:"] if kind == "exception" or has_fields(cls) else []
    return "\n".join(lines)


def _data_text(name: str, said: Assigned) -> str:
    lines = [f".. py:data:: {name}"]
    if said.annotation and said.annotation != "Final":
        lines.append(f"   :type: {said.annotation}")
    body = said.doc
    if said.value and len(said.value) <= LONGEST_VALUE:
        body += f"\n\n``{said.value}``"
    return "\n".join([*lines, "", textwrap.indent(body, "   ")])


def members(cls: type[Any]) -> Iterator[str]:
    """Methods and properties of its own that say what they do; fields are in the table."""
    described = (property, classmethod, staticmethod, cached_property)
    for name, value in vars(cls).items():
        if name.startswith("_") or name in _OF_THE_FRAMEWORKS:
            continue
        inner = getattr(value, "__func__", value)
        inherited = not (getattr(inner, "__module__", None) or "vetcore").startswith("vetcore")
        documented = isinstance(value, described) or hasattr(inner, "__code__")
        if documented and inner.__doc__ and not inherited:
            yield name


_OF_THE_FRAMEWORKS = {
    "get_pydantic_core_schema",
    "model_post_init",
    "settings_customise_sources",
    "registry",
}


def has_fields(cls: type[Any]) -> bool:
    """Whether what it holds is shown as a table, so that its constructor need not be."""
    return issubclass(cls, BaseModel | DeclarativeBase)


Table = tuple[list[str], list[list[str]]]
"""Headings, and rows of as many cells."""


def attribute_table(cls: type[Any]) -> list[str]:
    """The fields, columns or members of a class as a table; nothing where it has none."""
    return [line for headings, rows in attribute_rows(cls) for line in _table(headings, rows)]


def attribute_rows(cls: type[Any]) -> list[Table]:
    """The same as headings and rows."""
    said = class_assignments(cls)
    if issubclass(cls, Enum):
        rows = [
            [f"``{name}``", f"``{member.value!r}``", _doc(said, name)]
            for name, member in cls.__members__.items()
        ]
        return [(["member", "value", ""], rows)]
    if issubclass(cls, BaseModel):
        return [(["field", "type", "default", ""], list(_fields(cls, said)))]
    if issubclass(cls, DeclarativeBase):
        return _entity(cls, said)
    rows = [
        [f"``{name}``", _type(cls, said, name), _doc(said, name)]
        for name in _attributes(cls)
        if not name.startswith("_")
    ]
    return [(["attribute", "type", ""], rows)] if any(row[-1] for row in rows) else []


def _attributes(cls: type[Any]) -> Iterable[str]:
    """The fields of a dataclass or of a named tuple."""
    if dataclasses.is_dataclass(cls):
        return [field.name for field in dataclasses.fields(cls)]
    return getattr(cls, "_fields", ()) if issubclass(cls, tuple) else ()


def _fields(cls: type[BaseModel], said: dict[str, Assigned]) -> Iterator[list[str]]:
    for name, field in cls.model_fields.items():
        if field.is_required():
            default = "*required*"
        elif field.default is PydanticUndefined:
            default = "made anew"
        elif isinstance(field.default, BaseModel):
            default = f"an empty ``{type(field.default).__name__}``"
        else:
            plain = field.default.value if isinstance(field.default, Enum) else field.default
            default = f"``{plain!r}``" if plain != "" else "``''``"
        meaning = _doc(said, name) or _one_line(field.description or "")
        yield [f"``{name}``", _type(cls, said, name), default, meaning]


def _entity(cls: type[DeclarativeBase], said: dict[str, Assigned]) -> list[Table]:
    mapper: Any = inspect(cls, raiseerr=False)
    if mapper is None:
        columns = [one for one in said.values() if (one.annotation or "").startswith("Mapped[")]
        shown = [
            [f"``{one.name}``", _type(cls, said, one.name), _one_line(one.doc)] for one in columns
        ]
        return [(["column", "type", ""], shown)]
    rows: list[list[str]] = []
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        keys = ", ".join(f"``{key.column.table.name}``" for key in column.foreign_keys)
        meaning = " ".join(filter(None, [keys and f"→ {keys}.", _doc(said, attribute.key)]))
        rows.append([f"``{attribute.key}``", _type(cls, said, attribute.key), meaning])
    related = [
        [f"``{one.key}``", _type(cls, said, one.key), _doc(said, one.key)]
        for one in mapper.relationships
    ]
    return [(["column", "type", ""], rows), (["relationship", "to", ""], related)]


def _doc(said: dict[str, Assigned], name: str) -> str:
    return _one_line(said[name].doc) if name in said else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


_NAME = re.compile(r"[A-Za-z_]\w*|'[^']*'|[^A-Za-z_']+")


def _type(cls: type[Any], said: dict[str, Assigned], name: str) -> str:
    """The annotation as it was written, with links to what the reference shows."""
    text = (said[name].annotation if name in said else "") or ""
    for wrapper in ("Mapped", "ClassVar"):
        text = re.sub(rf"^{wrapper}\[(.*)\]$", r"\1", text)
    text = text.replace("'", "") if "Literal" not in text else text
    owner = next(
        (each for each in cls.__mro__ if name in vars(each).get("__annotations__", {})), cls
    )
    return "".join(_linked(owner.__module__, part) for part in _NAME.findall(text)) or "…"


def _linked(module: str, part: str) -> str:
    if part.isidentifier():
        home = home_of(module, part)
        if home != module or part in assignments(home) or hasattr(loaded(home), part):
            path = canonical(home, part)
            if path.startswith("vetcore.") and not path.rpartition(".")[2].startswith("_"):
                return rf":py:obj:`{part} <{path}>`\ "
    return re.sub(r"([*`_|\\])", r"\\\1", part)


def _table(headings: list[str], rows: list[list[str]]) -> list[str]:
    """A table, without the columns that are empty in every row."""
    if not rows:
        return []
    kept = [number for number, _ in enumerate(headings) if any(row[number] for row in rows)]
    lines = ["", ".. list-table::", "   :header-rows: 1", "   :class: fields", ""]
    for row in [headings, *rows]:
        for place, number in enumerate(kept):
            lines.append(f"   {'*' if place == 0 else ' '} - {row[number]}".rstrip())
    return [*lines, ""]
