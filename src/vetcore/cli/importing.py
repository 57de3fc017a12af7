"""``vetcore import``: bringing in what others have written down."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vetcore.cli.context import Json, Quiet, Tenant, Terminal, Url

if TYPE_CHECKING:
    from vetcore.registers import ImportReport

__all__ = ["app"]

app = typer.Typer(
    help="Bring in data from other systems.", no_args_is_help=True, rich_markup_mode="rich"
)


@app.callback()
def _group() -> None:
    """Keep ``pets`` a command of its own while it is the only one."""


@app.command()
def pets(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A CSV file.")
    ],
    *,
    layout: Annotated[
        str | None,
        typer.Option(help="A known layout: seattle, dc. Found by the headings if not given."),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Which column holds what: license_number, name, species, breed, born_on, …",
        ),
    ] = None,
    jurisdiction: Annotated[
        str | None, typer.Option(help="Whose register it is, such as US-WA-Seattle.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write what was refused and why, row by row, to this CSV file."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Take over what differs for pets that are there.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; report only.")] = False,
    encoding: Annotated[str, typer.Option(help="Of the file.")] = "utf-8-sig",
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Import a municipal register of pet licences as it is.

    All of it goes in, or nothing. Running it again changes nothing: animals are known by their
    licence number.
    """
    terminal = Terminal(url, tenant, as_json, quiet)
    columns = _columns(mapping or [])
    size = file.stat().st_size
    result = terminal.run(
        _import(
            terminal,
            file,
            size,
            layout=layout,
            columns=columns,
            jurisdiction=jurisdiction,
            report_to=report,
            update=update,
            dry_run=dry_run,
            encoding=encoding,
        )
    )
    terminal.answer(result.as_dict())
    _show(terminal, result, report)


def _columns(mapping: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for each in mapping:
        name, separator, column = each.partition("=")
        if not separator:
            message = f"{each!r} does not say FIELD=COLUMN"
            raise typer.BadParameter(message, param_hint="--map")
        columns[name.strip()] = column.strip()
    return columns


async def _import(terminal: Terminal, file: Path, size: int, **options: Any) -> "ImportReport":
    from rich.progress import (  # noqa: PLC0415 -- used by this command alone
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from vetcore.registers import import_pets  # noqa: PLC0415 -- loads the database layer

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    silent = terminal.quiet or terminal.as_json
    with Progress(*columns, console=terminal.err, disable=silent) as bar:
        task = bar.add_task(f"Reading {file.name}", total=size, rows=0)

        def seen(rows: int, position: int) -> None:
            bar.update(task, completed=position, rows=rows)

        async with terminal.database() as db:
            begin = db.session if options["dry_run"] else db.transaction
            async with begin() as session:
                return await import_pets(session, file, progress=seen, **options)


def _show(terminal: Terminal, result: "ImportReport", report: Path | None) -> None:
    from rich.table import Table  # noqa: PLC0415 -- used by this command alone

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
    terminal.show(table)
    if result.reasons:
        reasons = Table(title="Why")
        reasons.add_column("rule")
        reasons.add_column("rows", justify="right")
        for rule, count in result.reasons.most_common(12):
            reasons.add_row(rule, f"{count:,}")
        terminal.show(reasons)
    if report is not None:
        terminal.show(f"Row by row: {report}")
