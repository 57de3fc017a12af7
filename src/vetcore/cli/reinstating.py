"""``vetcore reinstate`` undoes a cancellation or a no-show."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from typing import TYPE_CHECKING

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import At, Place, Visit

if TYPE_CHECKING:
    from datetime import datetime

    from vetcore.cli.acting import Chosen
    from vetcore.cli.outcomes import Done, Refused
    from vetcore.database import Session
    from vetcore.models import Appointment

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def reinstate(
    clinic: Place,
    visit: Visit,
    *,
    at: At = None,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Undo a cancellation or a no-show, if the time is still free.

    Only staff may do that. Exit code 3 means that the time is taken by now, or that a rule refuses
    it.

    Example: vetcore reinstate driftwood Biscuit
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "Done | Refused":
        from vetcore.cli.acting import Named, act_on  # noqa: PLC0415
        from vetcore.cli.visits import CALLED_OFF  # noqa: PLC0415
        from vetcore.operations import reinstate_appointment  # noqa: PLC0415
        from vetcore.schemas import AppointmentAct  # noqa: PLC0415

        def begin(chosen: "Chosen") -> "datetime":
            return chosen.visit.starts_at

        async def act(session: "Session", chosen: "Chosen") -> "Appointment":
            return await reinstate_appointment(session, AppointmentAct(id=chosen.visit.id))

        named = Named(clinic, visit, at, CALLED_OFF)
        return await act_on(terminal, named, "Reinstated", act, start=begin)

    terminal.finish(terminal.run(work()))
