"""``vetcore due`` lists the pets whose vaccinations are due."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url

if TYPE_CHECKING:
    from vetcore.cli.views import DueEntry

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def due(
    *,
    clinic: Annotated[
        str | None,
        typer.Option(
            "--clinic", metavar="NAME", help="Only the patients of that clinic, by name or id."
        ),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", "-d", min=0, max=3650, help="How far to look ahead.")
    ] = 30,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the pets whose vaccinations are due or overdue, the longest overdue first.

    Example: vetcore due --clinic driftwood --days 14
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "list[DueEntry]":
        from vetcore.cli.naming import one_clinic  # noqa: PLC0415
        from vetcore.cli.queries import due_entries  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.values.walltime import zone_named  # noqa: PLC0415

        async with terminal.desk() as desk, desk.session() as session:
            place = None if clinic is None else await one_clinic(session, clinic)
            zone = UTC if place is None else zone_named(place.timezone)
            return await due_entries(
                session,
                None if place is None else place.id,
                today=now().astimezone(zone).date(),
                within=timedelta(days=days),
            )

    entries = terminal.run(work())
    terminal.answer_list(entries)
    if not as_json:
        from vetcore.cli.telling import count  # noqa: PLC0415
        from vetcore.cli.views import due_table  # noqa: PLC0415

        title = f"{count(len(entries), 'pet')} with a vaccination due within {count(days, 'day')}"
        if entries:
            terminal.show(due_table(title, entries))
        else:
            terminal.tell("Nothing is due.")
