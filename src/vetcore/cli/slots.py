"""``vetcore slots``: when a clinic has time."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vetcore.cli.context import Json, Quiet, Tenant, Terminal, Url
from vetcore.values.animals import Species
from vetcore.values.clinics import ServiceType

if TYPE_CHECKING:
    from vetcore.cli.timetables import FreeSlots

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def slots(
    clinic: Annotated[str, typer.Argument(help="Its id, its name, or a part of the name.")],
    *,
    service: Annotated[
        ServiceType, typer.Option("--service", help="What is to be done.")
    ] = ServiceType.WELLNESS_EXAM,
    first_day: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="YYYY-MM-DD at the clinic; today without it."),
    ] = None,
    days: Annotated[int, typer.Option("--days", "-d", min=1, max=366, help="How many days.")] = 7,
    veterinarian: Annotated[
        str | None, typer.Option("--vet", metavar="NAME", help="With that veterinarian only.")
    ] = None,
    pet: Annotated[
        str | None,
        typer.Option("--pet", help="For that pet: its id, microchip, licence number or name."),
    ] = None,
    species: Annotated[
        Species | None, typer.Option("--species", help="For a pet that is not known yet.")
    ] = None,
    next_only: Annotated[bool, typer.Option("--next", help="Only the first of all.")] = False,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List a clinic's free slots in its wall time; each can be booked at this moment."""
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "FreeSlots":
        from vetcore.cli.naming import (  # noqa: PLC0415
            day_in,
            day_span,
            one_clinic,
            one_pet,
            one_veterinarian,
            staff_names,
        )
        from vetcore.cli.timetables import FreeSlots  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.scheduling import find_slots  # noqa: PLC0415
        from vetcore.values.walltime import zone_named  # noqa: PLC0415

        async with terminal.database() as db, db.session() as session:
            place = await one_clinic(session, clinic)
            names = await staff_names(session, place.id)
            zone = zone_named(place.timezone)
            start, end = day_span(zone, day_in(zone, first_day, today=now()), days)
            chosen: dict[str, Any] = {"limit": 1} if next_only else {}
            if veterinarian is not None:
                chosen["veterinarian_id"] = one_veterinarian(names, veterinarian)
            if pet is not None:
                chosen["pet_id"] = (await one_pet(session, pet)).id
            found = await find_slots(
                session,
                clinic_id=place.id,
                service=service,
                start=start,
                end=end,
                species=species,
                **chosen,
            )
            return FreeSlots.at(place, service, names, found)

    found = terminal.run(work())
    terminal.answer(found.as_dict())
    if not as_json:
        terminal.show(found.table() if found.slots else "Nothing is free.")
