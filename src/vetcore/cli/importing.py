"""``vetcore import`` brings in what others have written down."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vetcore.cli.context import ExitCode, Json, Quiet, Tenant, Terminal, Url

if TYPE_CHECKING:
    from vetcore.registers import ImportReport

__all__ = ["app"]

app = typer.Typer(
    help="Bring in data from other systems.", no_args_is_help=True, rich_markup_mode="rich"
)


@app.callback()
def _group() -> None:
    """Keep ``pets`` a command of its own while it is the only one."""


def _there(file: Path) -> Path:
    # Typer's own check takes standard input for a file of that name.
    if str(file) != "-" and not file.exists():
        message = f"there is no file {file}"
        raise typer.BadParameter(message)
    return file


@app.command()
def pets(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            callback=_there,
            help="A CSV file, plain or compressed with gzip; - is standard input.",
        ),
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
            help="Which column holds what: license_number, name, species, breed, born_on, … "
            "#3 is the third column.",
        ),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="What is the same for all, such as species=dog; where there is a column, it "
            "fills the blanks: name=Unknown.",
        ),
    ] = None,
    jurisdiction: Annotated[
        str | None, typer.Option(help="Whose register it is, such as US-WA-Seattle.")
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Whose dates and postal codes these are, such as GB. The country that the "
            "jurisdiction begins with if not given.",
            show_default=False,
        ),
    ] = None,
    day_first: Annotated[
        bool | None,
        typer.Option(
            "--day-first/--month-first",
            help="Whether 3/4/2026 is the third of April. Found by the dates if not given.",
            show_default=False,
        ),
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(help="Between values: a character, or tab. Found if not given."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write what was refused and why, row by row, to this CSV file."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Take over what differs for pets that are there.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Write nothing; show what was recognised, and ten rows as they land."
        ),
    ] = False,
    encoding: Annotated[str | None, typer.Option(help="Of the file. Found if not given.")] = None,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Import a municipal register of pet licences, or a shelter's list, as it is.

    Either the whole file goes in or nothing. Running the import again changes nothing, because
    animals are recognised by their licence number.

    Exit codes: 0 the file went in, but for the rows that the report counts as refused; 1 a file or
    the database failed; 2 the command or the file was not understood; 3 every row was refused. With
    1 and 2 nothing was stored, and one sentence says why.
    """
    terminal = Terminal(url, tenant, as_json, quiet)
    result = terminal.run(
        _import(
            terminal,
            file,
            file.stat().st_size if file.is_file() else None,
            layout=layout,
            columns=_pairs(mapping or [], "--map", "FIELD=COLUMN"),
            given=_pairs(given or [], "--set", "FIELD=VALUE"),
            jurisdiction=jurisdiction,
            country=country,
            day_first=day_first,
            delimiter=delimiter,
            report_to=report,
            update=update,
            dry_run=dry_run,
            encoding=encoding,
        )
    )
    terminal.answer(result.as_dict())
    if not as_json:
        from vetcore.cli.imported import show  # noqa: PLC0415 -- loads rich

        show(terminal, result, report)
    if result.nothing_taken:
        raise typer.Exit(ExitCode.ANSWER_IS_NO)


def _pairs(told: list[str], option: str, form: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for each in told:
        name, separator, value = each.partition("=")
        name = name.strip()
        if not separator or not name:
            message = f"{each!r} does not say {form}"
            raise typer.BadParameter(message, param_hint=option)
        if name in pairs:
            message = f"{name} is said twice"
            raise typer.BadParameter(message, param_hint=option)
        pairs[name] = value.strip()
    return pairs


async def _import(
    terminal: Terminal, file: Path, size: int | None, **options: Any
) -> "ImportReport":
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
    told: set[str] = set()
    with Progress(*columns, console=terminal.err, disable=silent) as bar:
        task = bar.add_task(f"Reading {file.name}", total=size, rows=0)

        def seen(rows: int, position: int) -> None:
            bar.update(task, completed=position, rows=rows)

        def waiting(what: str) -> None:
            if what not in told:
                told.add(what)
                terminal.note(f"Waiting for {what} to end …")

        async with terminal.database() as db, db.transaction() as session:
            report = await import_pets(session, file, progress=seen, waiting=waiting, **options)
            if report.dry_run:
                await session.rollback()
            return report
