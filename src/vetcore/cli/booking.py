"""``vetcore book``: an appointment for a pet."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import Override, OverrideReason, Place, Service, Start, Vet, require_both
from vetcore.errors import BusinessRuleError, InvalidInput, NotFound
from vetcore.values.clinics import ServiceType

if TYPE_CHECKING:
    from vetcore.cli.outcomes import Done, Refused
    from vetcore.schemas import AppointmentCreate

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
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Book an appointment; where the time is taken or against the rules, say what is free instead.

    You act as the clinic's staff. Exit code 3 means that the clinic cannot take the pet then.

    Example: vetcore book driftwood Biscuit tomorrow 9am --service vaccination
    """
    require_both(override, override_reason)
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "Done | Refused":
        from vetcore.cli.acting import free_instead  # noqa: PLC0415
        from vetcore.cli.naming import (  # noqa: PLC0415
            one_clinic,
            one_pet,
            one_veterinarian,
            staff_names,
        )
        from vetcore.cli.outcomes import Done, Refused  # noqa: PLC0415
        from vetcore.cli.times import moment_in  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.scheduling import book as reserve  # noqa: PLC0415
        from vetcore.values.walltime import zone_named  # noqa: PLC0415

        async with terminal.database() as db:
            async with db.session() as session:
                place = await one_clinic(session, clinic)
                patient = await one_pet(session, pet)
                names = await staff_names(session, place.id)
            request = _request(
                clinic_id=place.id,
                pet_id=patient.id,
                service=service,
                starts_at=moment_in(zone_named(place.timezone), " ".join(start), now=now()),
                veterinarian_id=None
                if veterinarian is None
                else one_veterinarian(names, veterinarian),
                duration_minutes=minutes,
                reason=reason,
                idempotency_key=key,
                overrides=override or (),
                internal_notes=override_reason and f"Rules set aside: {override_reason}",
            )
            try:
                made = await db.run(lambda session: reserve(session, request))
            except NotFound:
                raise
            except BusinessRuleError as error:
                free = await free_instead(
                    db,
                    place,
                    names,
                    service=service,
                    start=request.starts_at,
                    veterinarian_id=request.veterinarian_id,
                    pet_id=patient.id,
                    duration=None if minutes is None else timedelta(minutes=minutes),
                )
                known = names | {place.id: place.name, patient.id: patient.name}
                return Refused("Booked", error, place.timezone, known, free)
            return Done("Booked", made, place, patient, names.get(made.veterinarian_id, ""))

    terminal.finish(terminal.run(work()))


def _request(**given: object) -> "AppointmentCreate":
    from pydantic import ValidationError  # noqa: PLC0415

    from vetcore.schemas import AppointmentCreate  # noqa: PLC0415

    try:
        return AppointmentCreate.model_validate(given)
    except ValidationError as error:
        raise InvalidInput.from_pydantic(error) from error
