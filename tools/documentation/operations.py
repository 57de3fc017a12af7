"""The page of all operations: what each is told, answers, asks for and refuses with."""

import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, get_args

from tools.documentation.markdown import described, to_markdown
from tools.documentation.sources import loaded
from vetcore.access import GRANTS, Permission
from vetcore.operations import OPERATIONS
from vetcore.values.people import Role

__all__ = ["operations_page"]

MADE: Final = "<!-- Made from the code by `python -m tools.documentation`; change it there. -->"
_SECTIONS: Final = re.compile(r"\n\n(Args|Raises|Returns):\n")
_ROLES: Final = tuple(Role)
_EVERYBODY: Final = GRANTS[Permission.CLINIC_READ].roles


def operations_page() -> str:
    """Every operation, by what it is about."""
    lines = [
        "# Operations, one by one",
        "",
        MADE,
        "",
        "What they have in common is in the [guide](../guides/operations.md): who acts, keys, versions.",
        "Each also refuses with `not_authenticated` where the account of whoever acts may not be used,",
        "with `permission_denied` or, where they may not even see the row, with `not_found`. The",
        "system may do everything. An operation that is *keyed* takes a key; one that is *versioned*",
        "has a command that may name the version it was made for. The [commands](schemas.md) and the",
        "[errors](errors.md) have pages of their own.",
        "",
        "| operation | what it does | |",
        "|---|---|---|",
    ]
    lines += [
        f"| [`{one.name}`](#{one.name}) | {_plain(one.summary)} | {'reads' if one.reads else ''} |"
        for found in _modules().values()
        for one in found
    ]
    for module, found in _modules().items():
        lines += ["", f"## {_title(module)}"]
        for one in found:
            lines += _section(one)
    return "\n".join(lines).rstrip() + "\n"


def _modules() -> dict[str, list[Any]]:
    """The operations by the module that has them, in the order of its ``__all__``."""
    found: dict[str, list[Any]] = defaultdict(list)
    for one in sorted(OPERATIONS.values(), key=lambda each: (each.__module__, each.name)):
        found[one.__module__].append(one)
    return found


def _title(module: str) -> str:
    said = inspect.cleandoc(loaded(module).__doc__ or "").partition("\n")[0]
    return to_markdown(said.rstrip("."))


def _plain(text: str) -> str:
    return to_markdown(text).replace("|", "/")


def _section(one: Any) -> Iterator[str]:
    """An operation with all that is declared of it."""
    yield from ("", f"### `{one.name}`", "")
    yield from described(_SECTIONS.split(inspect.getdoc(one.act) or "")[0])
    yield from ("", "| | |", "|---|---|")
    for heading, text in _rows(one):
        yield f"| {heading} | {text} |"


def _rows(one: Any) -> Iterator[tuple[str, str]]:
    yield "command", f"`{one.command.__name__}`"
    yield "result", f"`{_type(one.result)}`"
    yield "permission", f"`{one.permission}`: {_who(one.permission)}"
    parts: dict[Permission, list[str]] = defaultdict(list)
    for field, permission in one.also.items():
        if field in one.command.model_fields:
            parts[permission].append(f"`{field}`")
    if parts:
        yield "also", "; ".join(f"`{key}` for {', '.join(named)}" for key, named in parts.items())
    if one.errors:
        yield "refuses with", ", ".join(f"`{error.code}`" for error in one.errors)
    marks = {"reads": one.reads, "keyed": one.keyed, "versioned": one.versioned}
    if said := [name for name, holds in marks.items() if holds]:
        yield "it", ", ".join(said) if one.reads else f"writes; {', '.join(said)}"
    else:
        yield "it", "writes"


def _type(kind: Any) -> str:
    """A type as people write it: ``Page[Appointment]``, ``Slot | None``."""
    inner = get_args(kind)
    origin = getattr(kind, "__origin__", None)
    if origin is not None and inner:
        return f"{origin.__name__}[{', '.join(map(_type, inner))}]"
    if inner:
        return " \\| ".join(map(_type, inner))
    return "None" if kind is type(None) else getattr(kind, "__name__", str(kind))


def _who(permission: Permission) -> str:
    grant = GRANTS[permission]
    holders = ["everybody who is signed in"] if grant.anyone else []
    holders += ["owners, on what is theirs"] if grant.own else []
    if grant.roles == _EVERYBODY:
        holders.append("whoever works at the clinic")
    elif grant.roles:
        holders.append(", ".join(role.replace("_", " ") for role in _ROLES if role in grant.roles))
    holders += ["administrators"] if grant.admin else []
    return "; ".join(holders) or "the system alone"
