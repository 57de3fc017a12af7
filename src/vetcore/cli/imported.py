"""What an import shows to people: what was recognised, and what became of the rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from vetcore.cli.context import Terminal

if TYPE_CHECKING:
    from vetcore.registers import ImportReport, Recognized

__all__ = ["show"]

_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MOST_REASONS: Final = 12
_MOST_WORDS: Final = 8
_HINTS: Final = {
    "name: is blank": "--set name=Unknown takes in those without a name",
    "species: is missing": "--set species=dog says it of all that do not",
}


def show(terminal: Terminal, result: "ImportReport", report: Path | None) -> None:
    """Show the result of an import."""
    if result.recognized is not None and result.dry_run:
        terminal.show(_recognized(result.recognized))
        if result.preview:
            terminal.show(_preview(result.preview))
    terminal.show(_figures(result))
    if result.reasons:
        terminal.show(_reasons(result))
    if result.unknown:
        terminal.show(_unknown(result))
    if result.read == 0:
        terminal.show("The file has a heading and no rows.")
    if result.nothing_taken:
        terminal.show(f"Every one of {result.read:,} rows was refused, so nothing was stored.")
    if report is not None:
        terminal.show(f"Row by row: {report}")


def _recognized(known: "Recognized") -> Table:
    table = Table(title="What was recognised", show_header=False)
    table.add_column("what", no_wrap=True)
    table.add_column("how", overflow="fold")
    between = _DELIMITERS.get(known.delimiter, repr(known.delimiter))
    table.add_row("file", f"{known.encoding}, values between {between}")
    table.add_row("country", known.country or "not known: --country says it")
    for name, heading in known.columns.items():
        table.add_row(name, "; ".join(_column(known, name, heading)))
    for name, value in known.given.items():
        if name not in known.columns:
            table.add_row(name, f"{value}, as was said")
    if known.by_content:
        table.add_row("license_number", "none: an animal is known by what is said of it")
    table.add_row("unused", ", ".join(filter(None, known.unused)) or "no column")
    return table


def _column(known: "Recognized", name: str, heading: str) -> Iterator[str]:
    yield heading
    if name in known.dates:
        yield known.dates[name]
    if name in known.given:
        yield f"{known.given[name]} where it is blank"


def _preview(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="The first rows, as they land")
    for heading in ("line", "name", "animal", "sex", "born on", "status", "number"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        breeds = ", ".join(row["breeds"])
        neutered = {True: "neutered", False: "intact", None: ""}[row["is_neutered"]]
        born_on = row["born_on"] or ""
        table.add_row(
            str(row["line"]),
            row["name"],
            f"{row['species']}{f', {breeds}' if breeds else ''}",
            " ".join(filter(None, (neutered, row["sex"]))),
            f"about {born_on}" if row["birth_date_is_estimate"] else born_on,
            row["status"],
            row["license_number"],
        )
    return table


def _figures(result: "ImportReport") -> Table:
    would = "would be " if result.dry_run else ""
    table = Table(title=f"{result.read:,} rows of {result.jurisdiction} ({result.layout})")
    table.add_column("what became of them")
    table.add_column("rows", justify="right")
    for words, count in (
        (f"{would}imported", result.inserted),
        (f"{would}updated", result.updated),
        ("known already, and left as they are", result.unchanged),
        ("superseded by a later entry in the file", result.superseded),
        ("refused", result.refused),
    ):
        table.add_row(words, f"{count:,}")
    return table


def _reasons(result: "ImportReport") -> Table:
    table = Table(title="Why")
    table.add_column("rule", overflow="fold")
    table.add_column("rows", justify="right")
    for rule, count in result.reasons.most_common(_MOST_REASONS):
        hint = _HINTS.get(rule)
        table.add_row(f"{rule} ({hint})" if hint else rule, f"{count:,}")
    return table


def _unknown(result: "ImportReport") -> Table:
    table = Table(title="Words that are not known")
    table.add_column("field")
    table.add_column("word", overflow="fold")
    table.add_column("rows", justify="right")
    for name, words in result.unknown.items():
        for word, count in words.most_common(_MOST_WORDS):
            table.add_row(name, word, f"{count:,}")
        if len(words) > _MOST_WORDS:
            table.add_row(name, f"and {len(words) - _MOST_WORDS:,} more", "")
    return table
