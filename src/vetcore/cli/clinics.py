"""``vetcore clinics`` lists the clinics."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url

if TYPE_CHECKING:
    from vetcore.cli.views import ClinicEntry

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def clinics(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT]", help="Parts of the name, the city or the country; all without it."
        ),
    ] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many.")] = 25,
    after: Annotated[
        str | None, typer.Option("--after", metavar="CURSOR", help="Go on after a page.")
    ] = None,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the clinics by name, and say whether they are open now.

    Example: vetcore clinics seattle
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)
    wanted = " ".join(text or [])

    async def work() -> "tuple[list[ClinicEntry], str | None]":
        from vetcore.cli.queries import found_clinics  # noqa: PLC0415

        async with terminal.desk() as desk, desk.session() as session:
            return await found_clinics(session, wanted, limit=limit, after=after)

    entries, cursor = terminal.run(work())
    terminal.answer_list(entries, cursor)
    if not as_json:
        from vetcore.cli.views import clinic_table  # noqa: PLC0415

        if entries:
            terminal.show(clinic_table("Clinics", entries))
        else:
            terminal.tell("No clinic is called that." if wanted else "There is no clinic yet.")
        terminal.more(cursor)
