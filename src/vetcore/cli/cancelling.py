"""``vetcore cancel`` cancels an appointment."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import At, Place, Visit

if TYPE_CHECKING:
    from vetcore.cli.acting import Chosen
    from vetcore.cli.outcomes import Done, Refused
    from vetcore.database import Session
    from vetcore.models import Appointment

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def cancel(
    clinic: Place,
    visit: Visit,
    *,
    at: At = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why it is called off; kept with it.")
    ] = None,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Cancel an appointment. Its time is free at once, and `vetcore reinstate` undoes it.

    The notice for cancelling binds owners only. Exit code 3 means that the appointment cannot be
    cancelled: it has begun, it is over, or it is too late --as an owner.

    Example: vetcore cancel driftwood Biscuit --reason "The owner called"
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "Done | Refused":
        from vetcore.cli.acting import Named, act_on  # noqa: PLC0415
        from vetcore.cli.desk import told  # noqa: PLC0415
        from vetcore.cli.visits import OPEN  # noqa: PLC0415
        from vetcore.operations import cancel_appointment  # noqa: PLC0415
        from vetcore.schemas import AppointmentCancel  # noqa: PLC0415

        async def act(session: "Session", chosen: "Chosen") -> "Appointment":
            cancellation = told(AppointmentCancel, id=chosen.visit.id, reason=reason)
            return await cancel_appointment(session, cancellation)

        return await act_on(terminal, Named(clinic, visit, at, OPEN), "Cancelled", act)

    terminal.finish(terminal.run(work()))
