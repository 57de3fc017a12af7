"""``vetcore find`` finds pets and owners by what somebody remembers of them."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import Kind

if TYPE_CHECKING:
    from vetcore.cli.views import FoundEntry
    from vetcore.cli.visits import VisitEntry

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


class _What(StrEnum):
    PETS = "pets"
    OWNERS = "owners"
    APPOINTMENTS = "appointments"


@app.command()
def find(
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT",
            help="A name, microchip, licence number, e-mail address or telephone number, whole or "
            "in part. Slips of the pen are forgiven.",
        ),
    ],
    *,
    what: Annotated[_What, typer.Option("--in", help="What to look for.")] = _What.PETS,
    species: Kind = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many.")] = 10,
    after: Annotated[
        str | None, typer.Option("--after", metavar="CURSOR", help="Go on after a page.")
    ] = None,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find pets, owners or coming appointments by what you remember, the best match first.

    Appointments are the coming ones of the pets that match. `vetcore move` and `vetcore cancel`
    accept their ids.

    Example: vetcore find perez --in owners
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)
    wanted = " ".join(text)
    if not wanted.strip():
        message = "there is nothing to look for in an empty text"
        raise typer.BadParameter(message, param_hint="TEXT")
    if species is not None and what is not _What.PETS:
        message = "--species is for pets"
        raise typer.BadParameter(message)

    async def work() -> "tuple[Sequence[FoundEntry] | Sequence[VisitEntry], str | None]":
        from vetcore.cli.queries import (  # noqa: PLC0415
            found_appointments,
            found_owners,
            found_pets,
        )

        async with terminal.desk() as desk, desk.session() as session:
            if what is _What.OWNERS:
                return await found_owners(session, wanted, limit=limit, after=after)
            if what is _What.APPOINTMENTS:
                return await found_appointments(session, wanted, limit=limit, after=after)
            return await found_pets(session, wanted, species=species, limit=limit, after=after)

    entries, cursor = terminal.run(work())
    terminal.answer_list(entries, cursor)
    if not as_json:
        from vetcore.cli.views import FoundEntry, found_table  # noqa: PLC0415
        from vetcore.cli.visits import VisitEntry, visit_table  # noqa: PLC0415

        title = f"{what.value.capitalize()} like {wanted}"
        if not entries:
            terminal.tell("Nothing answers to that.")
        elif what is _What.APPOINTMENTS:
            visits = [entry for entry in entries if isinstance(entry, VisitEntry)]
            terminal.show(visit_table(title, visits))
        else:
            found = [entry for entry in entries if isinstance(entry, FoundEntry)]
            terminal.show(found_table(title, found))
        terminal.more(cursor)
