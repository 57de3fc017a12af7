"""``vetcore slots``: when a clinic has time."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vetcore.cli.context import Json, Quiet, Tenant, Terminal, Url
from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.clinics import ServiceType

if TYPE_CHECKING:
    from vetcore.cli.timetables import FreeSlots

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")

_DAYS, _DAYS_TO_THE_FIRST = 7, 60


@app.command()
def slots(
    clinic: Annotated[str, typer.Argument(help="Its id, its name, or a part of the name.")],
    *,
    service: Annotated[
        ServiceType, typer.Option("--service", help="What is to be done.")
    ] = ServiceType.WELLNESS_EXAM,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DAY",
            help="YYYY-MM-DD at the clinic, or a time as 2026-03-09T13:00; today without it.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DAY", help="The last day, or a time on it."),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            "-d",
            min=1,
            max=366,
            help=f"How many days, in place of --until: {_DAYS} without it, "
            f"{_DAYS_TO_THE_FIRST} with --first.",
        ),
    ] = None,
    veterinarian: Annotated[
        str | None,
        typer.Option("--vet", metavar="NAME", help="With that veterinarian only, by name or id."),
    ] = None,
    pet: Annotated[
        str | None,
        typer.Option("--pet", help="For that pet: its id, microchip, licence number or name."),
    ] = None,
    species: Annotated[
        Species | None, typer.Option("--species", help="For a pet that is not known yet.")
    ] = None,
    first: Annotated[bool, typer.Option("--first", help="Only the next that is free.")] = False,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List a clinic's free slots in its wall time; each can be booked at this moment."""
    if until is not None and days is not None:
        message = "Give --until or --days, not both"
        raise typer.BadParameter(message)
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "FreeSlots":
        from vetcore.cli.naming import (  # noqa: PLC0415
            end_in,
            one_clinic,
            one_pet,
            one_veterinarian,
            staff_names,
            start_in,
        )
        from vetcore.cli.timetables import FreeSlots  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.scheduling import find_slots  # noqa: PLC0415
        from vetcore.values.walltime import zone_named  # noqa: PLC0415

        async with terminal.database() as db, db.session() as session:
            place = await one_clinic(session, clinic)
            names = await staff_names(session, place.id)
            zone = zone_named(place.timezone)
            start = start_in(zone, since, today=now())
            if until is not None:
                end = end_in(zone, until, today=now())
            else:
                count = days or (_DAYS_TO_THE_FIRST if first else _DAYS)
                last = start.astimezone(zone).date() + timedelta(days=count - 1)
                end = end_in(zone, last.isoformat(), today=now())
            if end <= start:
                raise InvalidValue(
                    field="until", rule="is not after the beginning", value=until or since
                )
            chosen: dict[str, Any] = {"limit": 1} if first else {}
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
