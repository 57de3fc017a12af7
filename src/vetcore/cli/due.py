"""``vetcore due``: whose vaccinations are due."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from vetcore.cli.context import Json, Quiet, Tenant, Terminal, Url

if TYPE_CHECKING:
    from vetcore.cli.views import DueEntry

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def due(
    *,
    clinic: Annotated[
        UUID | None,
        typer.Option("--clinic", metavar="ID", help="Only the patients of that clinic."),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", "-d", min=0, max=3650, help="How far to look ahead.")
    ] = 30,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the pets whose vaccinations are due or overdue, the longest overdue first."""
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "list[DueEntry]":
        from vetcore.cli.queries import due_entries  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415

        async with terminal.database() as db, db.session() as session:
            return await due_entries(
                session, clinic, today=now().date(), within=timedelta(days=days)
            )

    entries = terminal.run(work())
    terminal.answer([asdict(entry) for entry in entries])
    if not as_json:
        from vetcore.cli.views import due_table  # noqa: PLC0415

        title = f"{len(entries)} pets with a vaccination due within {days} days"
        terminal.show(due_table(title, entries) if entries else "Nothing is due.")
