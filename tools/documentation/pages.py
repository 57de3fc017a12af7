"""The pages that are made from the code: errors, settings, tables and the command."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from typer.main import get_command, get_group

import vetcore
from tools.documentation.advice import ADVICE, status_of
from tools.documentation.markdown import reference_pages
from tools.documentation.operations import operations_page
from tools.documentation.picture import day_picture
from tools.documentation.sources import class_assignments
from tools.documentation.tables import tables_page
from vetcore.cli.app import COMMANDS
from vetcore.cli.exits import MEANINGS
from vetcore.errors import VetcoreError
from vetcore.settings import Settings

__all__ = ["PAGES", "every_error"]

MADE = "<!-- Made from the code by `python -m tools.documentation`; change it there. -->"


def every_error() -> list[type[VetcoreError]]:
    """Every public error, families before their members."""
    for module in pkgutil.walk_packages(vetcore.__path__, "vetcore."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return list(_with_subclasses(VetcoreError))


def _with_subclasses(error: type[VetcoreError]) -> Iterator[type[VetcoreError]]:
    if not error.__name__.startswith("_") and error.__module__.startswith("vetcore."):
        yield error
    for each in sorted(error.__subclasses__(), key=lambda one: one.__name__):
        if each.__base__ is error:  # what belongs to two families is told once, in the first
            yield from _with_subclasses(each)


def errors_page() -> str:
    """Each error with its code, its status, what it means and what to do."""
    lines = [
        "# Error codes",
        "",
        MADE,
        "",
        "Every error derives from `VetcoreError`; `.problem()` makes an RFC 9457 problem document of",
        "it, whose `type` is `urn:vetcore:error:` and the code. Codes are stable; messages are for",
        "people and may change. vetcore knows nothing of HTTP: the status is what the example service",
        "answers, by family. ↻ marks errors that the same transaction, replayed, may not meet again;",
        "`Database.run` replays them.",
        "",
        "| code | status | error | it means | what to do |",
        "|---|---|---|---|---|",
    ]
    for error in every_error():
        meaning = " ".join(_first(error).split()).replace("``", "`")
        again = " ↻" if error.retryable else ""
        lines.append(
            f"| `{error.code}`{again} | {int(status_of(error))} | `{error.__name__}`: {error.title} "
            f"| {meaning} | {ADVICE[error.code]} |"
        )
    return _page(lines)


def _first(described: object) -> str:
    return (inspect.getdoc(described) or "").partition("\n\n")[0]


def settings_page() -> str:
    """Each environment variable with its type, its default and its meaning."""
    lines = [
        "# Settings, one by one",
        "",
        MADE,
        "",
        "Where values come from, and what the environment changes, is in the",
        "[guide](../guides/settings.md). Times are in seconds; lists are separated by commas. Any name",
        "with `_FILE` appended names a file that holds the value.",
    ]
    for section, info in Settings.model_fields.items():
        fields: Mapping[str, Any] = getattr(info.annotation, "model_fields", {})
        if not fields:
            lines += ["", f"`VETCORE_{section.upper()}`: {_environments(info.annotation)}."]
            continue
        said = class_assignments(info.annotation)  # type: ignore[arg-type]  # a section is a class
        lines += ["", f"## {section.capitalize()}", "", "| variable | type | default | meaning |"]
        lines.append("|---|---|---|---|")
        for name, field in fields.items():
            variable = f"VETCORE_{section}_{name}".upper()
            meaning = " ".join(said[name].doc.split()).replace("``", "`")
            lines.append(f"| `{variable}` | {_kind(field)} | {_default(field)} | {meaning} |")
    lines += [
        "",
        "## Beside them",
        "",
        "| variable | type | default | meaning |",
        "|---|---|---|---|",
        "| `VETCORE_SECRETS_DIR` | directory | none | Files named as variables are, with their values. |",
        "| `VETCORE_TEST_POSTGRESQL_URL` | secret | none | For tests; its user may create others. |",
    ]
    return _page(lines)


def _environments(kind: Any) -> str:
    return "one of " + ", ".join(f"`{one.value}`" for one in kind) + "; the first is the default"


def _kind(field: Any) -> str:
    text = str(field.annotation)
    choices = re.search(r"Literal\[(.*?)\]", text)
    if choices:
        return "one of " + ", ".join(f"`{one.strip(chr(39))}`" for one in choices[1].split(", "))
    for sign, word in (
        ("tuple", "list"),
        ("frozenset", "list"),
        ("Secret", "secret"),
        ("Path", "file"),
        ("bool", "yes or no"),
        ("float", "seconds"),
        ("int", "whole number"),
    ):
        if sign in text:
            return f"{word}{_range(field) if word == 'whole number' else ''}"
    return "text"


def _range(field: Any) -> str:
    bounds = {type(rule).__name__: rule for rule in field.metadata}
    if {"Ge", "Le"} <= bounds.keys():
        return f", {bounds['Ge'].ge} to {bounds['Le'].le}"
    return ""


def _default(field: Any) -> str:
    value = (
        field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    )
    match value:
        case None | () | frozenset():
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return f"`{value}`"


def command_page() -> str:
    """Each command with its arguments and options."""
    lines = [
        "# The command",
        "",
        MADE,
        "",
        "`vetcore COMMAND --help` says the same. Clinics, pets and veterinarians are given by name, a",
        "part of it or an id; of a name that fits several, those are listed with their ids. Days and",
        "times are given as people say them, on the clinic's clocks: `tomorrow 9am`, `Wed 14:30`,",
        "`2 Dec 9:00`, `2026-12-02 09:00`.",
        "",
        "## Exit codes",
        "",
        "| code | meaning |",
        "|---|---|",
        *(f"| {code:d} | {meaning} |" for code, meaning in MEANINGS.items()),
        "",
        "## For programs",
        "",
        'Every command takes `--json`. A list is `{"items": […], "next_cursor": …}`, each item with its',
        "`id`; what goes wrong is a problem document (RFC 9457). Instants are in UTC",
        "(`2026-12-02T17:00:00Z`), and the clinic's `timezone` stands beside them.",
    ]
    for each in COMMANDS:
        app = importlib.import_module(each.module).app
        command = get_group(app) if each.is_group else get_command(app)
        lines += _described(command, f"vetcore {each.name}")
    return _page(lines)


def _described(command: Any, path: str) -> Iterator[str]:
    if hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from _described(one, f"{path} {name}")
        return
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    yield from ["", f"## `{' '.join([path, *(_metavar(one) for one in arguments)])}`", ""]
    yield _plain(inspect.cleandoc(command.help or ""))
    rows = [
        _parameter(one)
        for one in command.params
        if one.help and not one.name.endswith("_completion")
    ]
    if rows:
        yield from ["", "| | |", "|---|---|", *rows]


def _metavar(parameter: Any) -> str:
    shown = str(parameter.metavar or parameter.name.upper())
    return shown if parameter.required or shown.startswith("[") else f"[{shown}]"


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return _row(_metavar(parameter), parameter.help)
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if parameter.is_flag:
        return _row(names, parameter.help)
    default = getattr(parameter.default, "value", parameter.default)
    known = isinstance(default, str | int | float)
    usual = f" Default: `{default}`." if known else ""
    return _row(f"{names} {parameter.metavar or parameter.name.upper()}", parameter.help + usual)


def _row(names: str, meaning: str) -> str:
    return f"| `{names.replace('|', '/')}` | {_plain(meaning)} |"


def _plain(text: str) -> str:
    return re.sub(r"\[/?(bold|dim|red|green|yellow)\]", "**", text).replace("****", "")


def _page(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


PAGES: Final[Mapping[Path, Callable[[], str]]] = {
    Path("docs/reference/errors.md"): errors_page,
    Path("docs/reference/settings.md"): settings_page,
    Path("docs/reference/tables.md"): tables_page,
    Path("docs/reference/command.md"): command_page,
    Path("docs/reference/operations.md"): operations_page,
    Path("docs/_static/day.svg"): day_picture,
    **reference_pages(),
}
"""Each page, and what makes it."""
