"""``vetcore book``: an appointment for a pet."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import ExitCode, Json, Quiet, Tenant, Terminal, Url
from vetcore.errors import InvalidInput, NotBookable, SlotTaken
from vetcore.values.clinics import ServiceType

if TYPE_CHECKING:
    from vetcore.cli.timetables import Booked, NotBooked
    from vetcore.database import Database
    from vetcore.scheduling import Slot
    from vetcore.schemas import AppointmentCreate

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")

_LOOK_AHEAD = timedelta(days=14)
_OFFERED = 5


@app.command()
def book(
    clinic: Annotated[str, typer.Argument(help="Its id, its name, or a part of the name.")],
    pet: Annotated[str, typer.Argument(help="Its id, microchip, licence number or name.")],
    start: Annotated[
        str,
        typer.Argument(help="In the clinic's wall time: 2026-03-09T09:30; or with its UTC offset."),
    ],
    *,
    service: Annotated[
        ServiceType, typer.Option("--service", help="What is to be done.")
    ] = ServiceType.WELLNESS_EXAM,
    veterinarian: Annotated[
        str | None,
        typer.Option(
            "--vet", metavar="NAME", help="With whom, by name or id; without it, with who is free."
        ),
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option("--minutes", min=5, max=1440, help="In place of the service's own length."),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why the pet comes.")] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--idempotency-key",
            metavar="KEY",
            help="Names the intent: booking again with it books nothing new.",
        ),
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option(
            "--override", metavar="RULE", help="Staff set a rule of hours or notice aside."
        ),
    ] = None,
    override_reason: Annotated[
        str | None,
        typer.Option("--override-reason", metavar="WHY", help="Kept in the internal notes."),
    ] = None,
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Book an appointment; where the time is taken or against the rules, say what is free instead.

    Ends with 3 where the clinic cannot take the pet then.
    """
    if bool(override) != bool(override_reason):
        message = "--override and --override-reason go together"
        raise typer.BadParameter(message)
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "Booked | NotBooked":
        from vetcore.cli.naming import (  # noqa: PLC0415
            moment_in,
            one_clinic,
            one_pet,
            one_veterinarian,
            staff_names,
        )
        from vetcore.cli.timetables import Booked, FreeSlots, NotBooked  # noqa: PLC0415
        from vetcore.scheduling import book as reserve  # noqa: PLC0415

        async with terminal.database() as db:
            async with db.session() as session:
                place = await one_clinic(session, clinic)
                patient = await one_pet(session, pet)
                names = await staff_names(session, place.id)
            request = _request(
                clinic_id=place.id,
                pet_id=patient.id,
                service=service,
                starts_at=moment_in(place.timezone, start),
                veterinarian_id=veterinarian and one_veterinarian(names, veterinarian),
                duration_minutes=minutes,
                reason=reason,
                idempotency_key=key,
                overrides=override or (),
                internal_notes=override_reason and f"Rules set aside: {override_reason}",
            )
            try:
                made = await db.run(lambda session: reserve(session, request))
            except (SlotTaken, NotBookable) as error:
                free = await _free_instead(db, request)
                return NotBooked(error, FreeSlots.at(place, service, names, free))
            return Booked.of(made, place, patient, names)

    outcome = terminal.run(work())
    terminal.answer(outcome.as_dict())
    terminal.show(*outcome.tell())
    if not outcome.well:
        raise typer.Exit(ExitCode.ANSWER_IS_NO)


def _request(**given: object) -> "AppointmentCreate":
    from pydantic import ValidationError  # noqa: PLC0415

    from vetcore.schemas import AppointmentCreate  # noqa: PLC0415

    try:
        return AppointmentCreate.model_validate(given)
    except ValidationError as error:
        raise InvalidInput.from_pydantic(error) from error


async def _free_instead(db: "Database", request: "AppointmentCreate") -> "list[Slot]":
    """The next free slots from that time on; none where nothing can be booked whenever it is."""
    from vetcore.clock import now  # noqa: PLC0415
    from vetcore.scheduling import find_slots  # noqa: PLC0415

    start = max(request.starts_at, now())
    minutes = request.duration_minutes
    async with db.session() as session:
        try:
            return await find_slots(
                session,
                clinic_id=request.clinic_id,
                service=request.service,
                start=start,
                end=start + _LOOK_AHEAD,
                veterinarian_id=request.veterinarian_id,
                pet_id=request.pet_id,
                duration=None if minutes is None else timedelta(minutes=minutes),
                limit=_OFFERED,
            )
        except NotBookable:
            return []
