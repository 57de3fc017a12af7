"""``vetcore find``: pets and their owners, by what somebody remembers of them."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import Json, Quiet, Tenant, Terminal, Url
from vetcore.values.animals import Species

if TYPE_CHECKING:
    from vetcore.cli.views import FoundEntry

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


class _What(StrEnum):
    PETS = "pets"
    OWNERS = "owners"


@app.command()
def find(
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT",
            help="A name, microchip, licence number, e-mail address or telephone number. "
            "Slips of the pen are forgiven.",
        ),
    ],
    *,
    what: Annotated[_What, typer.Option("--in", help="Where to look.")] = _What.PETS,
    species: Annotated[Species | None, typer.Option("--species", help="Only such pets.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many.")] = 10,
    after: Annotated[
        str | None, typer.Option("--after", metavar="CURSOR", help="Go on after a page.")
    ] = None,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find pets or owners by what you remember of them, the best answer first."""
    terminal = Terminal(url, tenant, as_json, quiet)
    wanted = " ".join(text)

    async def work() -> "tuple[list[FoundEntry], str | None]":
        from vetcore.cli.queries import found_owners, found_pets  # noqa: PLC0415

        async with terminal.database() as db, db.session() as session:
            if what is _What.OWNERS:
                return await found_owners(session, wanted, limit=limit, after=after)
            return await found_pets(session, wanted, species=species, limit=limit, after=after)

    entries, cursor = terminal.run(work())
    terminal.answer({"items": [asdict(entry) for entry in entries], "next_cursor": cursor})
    if not as_json:
        from rich.text import Text  # noqa: PLC0415

        from vetcore.cli.views import found_table  # noqa: PLC0415

        title = f"{what.value.capitalize()} like {wanted}"
        terminal.show(found_table(title, entries) if entries else Text("Nothing answers to that."))
        if cursor is not None:
            terminal.note(f"There are more: --after {cursor}")
