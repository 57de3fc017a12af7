"""``vetcore demo`` shows the main job, on data that the package brings along."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from vetcore.cli.context import Json, Quiet, Terminal
from vetcore.cli.demo.stage import Engine, Stage, opened, stage
from vetcore.errors import VetcoreError

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def demo(
    *,
    engine: Annotated[
        Engine | None,
        typer.Option(
            "--engine", help="The engine to embed.", show_default="sqlite", rich_help_panel="Where"
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar="FILE",
            help="Keep the SQLite database in a new file.",
            rich_help_panel="Where",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            help="Use that database: a new schema of a PostgreSQL, or a new SQLite file.",
            rich_help_panel="Where",
        ),
    ] = None,
    tenant: Annotated[
        str | None,
        typer.Option(
            "--tenant",
            metavar="NAME",
            help="With --url postgresql://…: keep everything in a new schema of that name.",
            rich_help_panel="Where",
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """See vetcore work: load clinics, people and pets, book a day, watch collisions being refused.

    The demonstration writes only to a database of its own, and never to the one that
    VETCORE_DATABASE_URL names. Its database is a temporary one, the new file of --keep, or a new
    schema of the PostgreSQL that --url names. That schema is removed at the end unless --tenant
    gives it a name.
    """
    terminal = Terminal(url, tenant, as_json, quiet)
    _refuse_contradictions(url, engine, keep, tenant)
    started = time.perf_counter()
    try:
        with stage(url, engine, keep, tenant) as place:
            summary = terminal.run(_perform(terminal, place))
    except VetcoreError as error:
        terminal.fail(error)
    seconds = time.perf_counter() - started
    terminal.answer({"database": place.title, "seconds": round(seconds, 2), **summary})
    terminal.note(f"All of that took {seconds:.1f} s on {place.title}.")
    if place.kept:
        terminal.note(f"It is kept: try `vetcore due {place.kept}`.")


def _refuse_contradictions(
    url: str | None, engine: Engine | None, keep: Path | None, tenant: str | None
) -> None:
    if url is not None and (engine is not None or keep is not None):
        message = "--url names the database; --engine and --keep are for an embedded one"
    elif keep is not None and engine is Engine.POSTGRESQL:
        message = "--keep is for SQLite; name a PostgreSQL with --url, and a schema with --tenant"
    elif tenant is not None and url is None:
        message = "--tenant names a schema of the PostgreSQL that --url names"
    else:
        return
    raise typer.BadParameter(message)


async def _perform(terminal: Terminal, place: Stage) -> dict[str, Any]:
    from vetcore.cli.demo.acts import perform  # noqa: PLC0415 -- `--help` needs no models

    async with opened(place) as db:
        return await perform(terminal, db, place.title)
