"""``vetcore db`` migrates the schema, and compares it with the models."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.cleaning import clean
from vetcore.cli.context import ExitCode, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.copying import copy
from vetcore.cli.metadata import OwnTables, metadata_of

if TYPE_CHECKING:
    from vetcore.database.drift import Difference
    from vetcore.database.migrate import Revision

__all__ = ["app"]

app = typer.Typer(
    help="Create, upgrade and check the schema.", no_args_is_help=True, rich_markup_mode="rich"
)

_To = Annotated[str, typer.Argument(metavar="[REVISION]", help="The revision to go to.")]


@app.command()
def upgrade(
    revision: _To = "head",
    *,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bring the schema up to date. A SQLite file that does not exist is created.

    Several processes may run this at once. A migration that fails leaves the database as it was.
    """
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> tuple[str | None, str | None]:
        async with terminal.database(create=True) as db:
            before = await db.current_revision()
            await db.migrate(revision)
            return before, await db.current_revision()

    before, after = terminal.run(work())
    terminal.answer({"before": before, "revision": after, "changed": before != after})
    if before == after:
        terminal.show(f"The schema is at revision {after} already.")
    else:
        terminal.show(f"The schema went from {_named(before)} to revision {after}.")


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="The revision to go back to, or `base`.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Take the schema back. Data of the later revisions are lost; `base` removes everything."""
    terminal = Terminal(url, tenant, as_json, quiet)
    if not yes:
        lost = "every table and row" if revision == "base" else "what later revisions added"
        typer.confirm(f"This removes {lost} from the database. Go on?", abort=True, err=True)

    async def work() -> tuple[str | None, str | None]:
        async with terminal.database() as db:
            before = await db.current_revision()
            await db.downgrade(revision)
            return before, await db.current_revision()

    before, after = terminal.run(work())
    terminal.answer({"before": before, "revision": after, "changed": before != after})
    terminal.show(f"The schema went from {_named(before)} to {_named(after)}.")


@app.command()
def current(
    *, url: Url = None, tenant: Tenant = None, as_json: Json = False, quiet: Quiet = False
) -> None:
    """Show the revision that the database has."""
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> str | None:
        async with terminal.database() as db:
            return await db.current_revision()

    revision = terminal.run(work())
    terminal.answer({"revision": revision})
    terminal.show(revision or "none: no migration has run here; `vetcore db upgrade` does it")


@app.command()
def history(
    *, url: Url = None, tenant: Tenant = None, as_json: Json = False, quiet: Quiet = False
) -> None:
    """List every revision, oldest first, and whether the database has it."""
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "list[Revision]":
        async with terminal.database() as db:
            return await db.history()

    revisions = terminal.run(work())
    terminal.answer_list(
        {"id": step.id, "message": step.message, "applied": step.applied} for step in revisions
    )
    if not as_json:
        from rich.markup import escape  # noqa: PLC0415

        for step in revisions:
            mark = "[green]applied[/green]" if step.applied else "[yellow]pending[/yellow]"
            terminal.show(f"{step.id}  {mark}  {escape(step.message)}")


@app.command()
def check(
    *,
    metadata: OwnTables = None,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say whether database, migrations and models agree, and name each difference.

    Tables of your own are compared if --metadata names them. Exit code 3 means that there are
    differences.
    """
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "list[Difference]":
        import vetcore.models  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport] -- what there is to compare with

        async with terminal.database() as db:
            return await db.check(*metadata_of(metadata))

    differences = terminal.run(work())
    terminal.answer(
        {
            "agree": not differences,
            "differences": [
                {"kind": found.kind, "name": found.name, "detail": found.detail}
                for found in differences
            ],
        }
    )
    if not differences:
        terminal.show("Database, migrations and models agree.")
        return
    if not as_json:
        from rich.markup import escape  # noqa: PLC0415

        for found in differences:
            terminal.show(
                f"[red]{found.kind}[/red] [bold]{escape(found.name)}[/bold]: {escape(found.detail)}"
            )
    raise typer.Exit(ExitCode.ANSWER_IS_NO)


@app.command()
def wait(
    *,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            min=0,
            metavar="SECONDS",
            help="How long to try; without it, VETCORE_DATABASE_CONNECT_WAIT says.",
            show_default=False,
        ),
    ] = None,
    url: Url = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Wait until the database answers, for start-up scripts."""
    terminal = Terminal(url, as_json=as_json, quiet=quiet)

    async def work() -> None:
        db = terminal.open(create=True)
        try:
            await db.wait(timeout)
        finally:
            await db.close()

    terminal.run(work())
    terminal.answer({"ready": True})
    terminal.note("The database answers.")


app.command()(copy)
app.command()(clean)


def _named(revision: str | None) -> str:
    return f"revision {revision}" if revision else "nothing"
