"""``vetcore move`` moves an appointment to another time or another veterinarian."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from typing import TYPE_CHECKING

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import (
    At,
    Override,
    OverrideReason,
    Place,
    Squeeze,
    Start,
    Vet,
    Visit,
    require_both,
    why,
)

if TYPE_CHECKING:
    from datetime import datetime

    from vetcore.cli.acting import Chosen
    from vetcore.cli.outcomes import Done, Refused
    from vetcore.database import Session
    from vetcore.models import Appointment

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def move(
    clinic: Place,
    visit: Visit,
    start: Start,
    *,
    at: At = None,
    veterinarian: Vet = None,
    override: Override = None,
    override_reason: OverrideReason = None,
    squeeze_in: Squeeze = None,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Move an appointment. It keeps its id, and its old time if the new one cannot be had.

    The appointment stays with its veterinarian unless --vet names another. With --as an owner, the
    notice for cancelling binds as well. Exit code 3 means that the clinic cannot take the pet at
    that time.

    Example: vetcore move driftwood Biscuit Thu 10:30
    """
    require_both(override, override_reason)
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "Done | Refused":
        from vetcore.cli.acting import Named, act_on  # noqa: PLC0415
        from vetcore.cli.desk import told  # noqa: PLC0415
        from vetcore.cli.telling import wall_told  # noqa: PLC0415
        from vetcore.cli.times import moment_in  # noqa: PLC0415
        from vetcore.cli.visits import OPEN  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.operations import move_appointment  # noqa: PLC0415
        from vetcore.schemas import AppointmentMove  # noqa: PLC0415

        def begin(chosen: "Chosen") -> "datetime":
            return moment_in(chosen.zone, " ".join(start), now=now())

        def before(chosen: "Chosen") -> str:
            return f" (it was {wall_told(chosen.visit.starts_at.astimezone(chosen.zone))})"

        async def act(session: "Session", chosen: "Chosen") -> "Appointment":
            to = told(
                AppointmentMove,
                id=chosen.visit.id,
                starts_at=begin(chosen),
                practitioner_id=chosen.staff.practitioner(veterinarian),
                overrides=override or (),
                internal_notes=why(override_reason),
                squeeze_reason=squeeze_in,
            )
            return await move_appointment(session, to)

        named = Named(clinic, visit, at, OPEN)
        return await act_on(terminal, named, "Moved", act, start=begin, note=before)

    terminal.finish(terminal.run(work()))
