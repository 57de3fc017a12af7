"""``vetcore nearby`` lists the clinics nearest to a place."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import Kind, Offered

if TYPE_CHECKING:
    from vetcore.cli.views import NearbyEntry

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


# Unknown options are let through, so that a western longitude such as -122.33 is not taken for one.
@app.command(context_settings={"ignore_unknown_options": True})
def nearby(
    place: Annotated[
        list[str],
        typer.Argument(
            metavar="LATITUDE LONGITUDE",
            help="WGS84 degrees, as in `47.6062 -122.3321` or `51.5 N 0.1 W`.",
        ),
    ],
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many.")] = 10,
    within_km: Annotated[
        float | None, typer.Option("--within", min=0, metavar="KM", help="No farther than that.")
    ] = None,
    open_now: Annotated[bool, typer.Option("--open", help="Only those that are open now.")] = False,
    service: Offered = None,
    species: Kind = None,
    new_patients: Annotated[
        bool, typer.Option("--new-patients", help="Only those that take new patients.")
    ] = False,
    emergencies: Annotated[
        bool, typer.Option("--emergencies", help="Only those that take emergencies.")
    ] = False,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the clinics nearest to a place, and say whether they are open now.

    Example: vetcore nearby 47.6062 -122.3321 --within 20 --open
    """
    if unknown := [part for part in place if part.startswith("--")]:
        message = f"No such option: {unknown[0]}"
        raise typer.BadParameter(message)
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "list[NearbyEntry]":
        from vetcore.cli.queries import nearby_entries  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.values.coordinates import Coordinates  # noqa: PLC0415

        here = Coordinates.parse(" ".join(place))
        async with terminal.desk() as desk, desk.session() as session:
            return await nearby_entries(
                session,
                latitude=here.latitude,
                longitude=here.longitude,
                limit=limit,
                within_m=None if within_km is None else within_km * 1000,
                open_at=now() if open_now else None,
                service=service,
                species=species,
                accepts_new_patients=True if new_patients else None,
                accepts_emergencies=True if emergencies else None,
            )

    entries = terminal.run(work())
    terminal.answer_list(entries)
    if not as_json:
        from vetcore.cli.telling import count  # noqa: PLC0415
        from vetcore.cli.views import nearby_table  # noqa: PLC0415

        title = f"{count(len(entries), 'clinic')} near {' '.join(place)}"
        if entries:
            terminal.show(nearby_table(title, entries))
        else:
            terminal.tell("No clinic fits.")
