"""``vetcore book`` books an appointment for a pet."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import (
    Override,
    OverrideReason,
    Place,
    Service,
    Squeeze,
    Start,
    Vet,
    require_both,
    why,
)
from vetcore.errors import BusinessRuleError, NotFound
from vetcore.values.clinics import ServiceType

if TYPE_CHECKING:
    from vetcore.cli.outcomes import Done, Refused

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def book(
    clinic: Place,
    pet: Annotated[
        str,
        typer.Argument(
            metavar="PET",
            help="The pet: its name, `NAME OWNER` where several are called so, its microchip, "
            "licence number or id, or its owner.",
        ),
    ],
    start: Start,
    *,
    service: Service = ServiceType.WELLNESS_EXAM,
    veterinarian: Vet = None,
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
    override: Override = None,
    override_reason: OverrideReason = None,
    squeeze_in: Squeeze = None,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Book an appointment. If the time is taken or breaks a rule, free times are listed.

    With --as an owner, you can book what the clinic lets owners book. Exit code 3 means that the
    clinic cannot take the pet at that time.

    Example: vetcore book driftwood Biscuit tomorrow 9am --service vaccination
    """
    require_both(override, override_reason)
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "Done | Refused":
        from vetcore.cli.acting import free_instead  # noqa: PLC0415
        from vetcore.cli.desk import told  # noqa: PLC0415
        from vetcore.cli.naming import one_clinic, one_pet, staff_of  # noqa: PLC0415
        from vetcore.cli.outcomes import Done, Refused  # noqa: PLC0415
        from vetcore.cli.times import moment_in  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.operations import book_appointment  # noqa: PLC0415
        from vetcore.schemas import AppointmentCreate  # noqa: PLC0415
        from vetcore.values.walltime import zone_named  # noqa: PLC0415

        async with terminal.desk() as desk:
            async with desk.session() as session:
                place = await one_clinic(session, clinic)
                patient = await one_pet(session, pet)
                staff = await staff_of(session, place.id)
            wish = told(
                AppointmentCreate,
                clinic_id=place.id,
                pet_id=patient.id,
                service=service,
                starts_at=moment_in(zone_named(place.timezone), " ".join(start), now=now()),
                practitioner_id=staff.practitioner(veterinarian),
                duration_minutes=minutes,
                reason=reason,
                overrides=override or (),
                internal_notes=why(override_reason),
                squeeze_reason=squeeze_in,
            )
            try:
                made = await desk.run(lambda session: book_appointment(session, wish, key=key))
            except NotFound:
                raise
            except BusinessRuleError as error:
                free = await free_instead(
                    desk,
                    place,
                    staff,
                    service=service,
                    start=wish.starts_at,
                    practitioner_id=wish.practitioner_id,
                    pet_id=patient.id,
                    minutes=minutes,
                )
                known = staff.names | {place.id: place.name, patient.id: patient.name}
                return Refused("Booked", error, place.timezone, known, free)
            return Done("Booked", made, place, patient, staff.names.get(made.practitioner_id, ""))

    terminal.finish(terminal.run(work()))
