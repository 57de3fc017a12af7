"""``vetcore slots`` lists a clinic's free slots."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import Kind, Place, Service, Vet
from vetcore.errors import InvalidValue
from vetcore.values.clinics import ServiceType

if TYPE_CHECKING:
    from vetcore.cli.timetables import FreeSlots

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")

_DAYS, _DAYS_TO_THE_FIRST = 7, 60


@app.command()
def slots(
    clinic: Place,
    *,
    service: Service = ServiceType.WELLNESS_EXAM,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DAY",
            help="From a day or a time on: `tomorrow`, `Wed 13:00`, `2026-12-02`; today without "
            "it.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DAY", help="Until the end of a day, or until a time."),
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
    veterinarian: Vet = None,
    pet: Annotated[
        str | None,
        typer.Option(
            "--pet", metavar="PET", help="For that pet: its name, microchip or id, or its owner."
        ),
    ] = None,
    species: Kind = None,
    first: Annotated[bool, typer.Option("--first", help="Only the first that is free.")] = False,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List a clinic's free slots in its wall time. Each can be booked at this moment.

    Example: vetcore slots driftwood --pet Biscuit --from tomorrow --days 3
    """
    if until is not None and days is not None:
        message = "Give --until or --days, not both"
        raise typer.BadParameter(message)
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "FreeSlots":
        from vetcore.cli.desk import told  # noqa: PLC0415
        from vetcore.cli.naming import one_clinic, one_pet, staff_of  # noqa: PLC0415
        from vetcore.cli.times import end_in, start_in  # noqa: PLC0415
        from vetcore.cli.timetables import FreeSlots  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.operations import find_slots  # noqa: PLC0415
        from vetcore.schemas import SlotQuery  # noqa: PLC0415
        from vetcore.values.walltime import zone_named  # noqa: PLC0415

        async with terminal.desk() as desk, desk.session() as session:
            place = await one_clinic(session, clinic)
            staff = await staff_of(session, place.id)
            zone = zone_named(place.timezone)
            start = start_in(zone, since, now=now())
            if until is not None:
                end = end_in(zone, until, now=now())
            else:
                count = days or (_DAYS_TO_THE_FIRST if first else _DAYS)
                last = start.astimezone(zone).date() + timedelta(days=count - 1)
                end = end_in(zone, last.isoformat(), now=now())
            if end <= start:
                raise InvalidValue(
                    field="until", rule="is not after the beginning", value=until or since
                )
            wanted = told(
                SlotQuery,
                clinic_id=place.id,
                service=service,
                start=start,
                end=end,
                practitioner_id=staff.practitioner(veterinarian),
                pet_id=None if pet is None else (await one_pet(session, pet)).id,
                species=species,
                limit=1 if first else None,
            )
            found = await find_slots(session, wanted)
            return FreeSlots.at(place, service, staff.names, found)

    found = terminal.run(work())
    terminal.answer(found.as_dict())
    if not as_json:
        if found.slots:
            terminal.show(found.table())
        else:
            terminal.tell("Nothing is free.")
