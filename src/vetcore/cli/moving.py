"""``vetcore move``: an appointment at another time, or with another veterinarian."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from typing import TYPE_CHECKING

import typer

from vetcore.cli.context import Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import At, Override, OverrideReason, Place, Start, Vet, Visit, require_both

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
    url: Url = None,
    tenant: Tenant = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Move an appointment; it keeps its id, and its old time where the new one cannot be had.

    You act as the clinic's staff. It stays with its veterinarian unless --vet names another. Exit
    code 3 means that the clinic cannot take the pet then.

    Example: vetcore move driftwood Biscuit Thu 10:30
    """
    require_both(override, override_reason)
    terminal = Terminal(url, tenant, as_json, quiet)

    async def work() -> "Done | Refused":
        from vetcore.cli.acting import Asked, act_on  # noqa: PLC0415
        from vetcore.cli.naming import one_veterinarian  # noqa: PLC0415
        from vetcore.cli.telling import wall_told  # noqa: PLC0415
        from vetcore.cli.times import moment_in  # noqa: PLC0415
        from vetcore.cli.visits import OPEN  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.scheduling import reschedule  # noqa: PLC0415

        def begin(chosen: "Chosen") -> "datetime":
            return moment_in(chosen.zone, " ".join(start), now=now())

        def before(chosen: "Chosen") -> str:
            return f" (it was {wall_told(chosen.visit.starts_at.astimezone(chosen.zone))})"

        async def act(session: "Session", chosen: "Chosen") -> "Appointment":
            to = None if veterinarian is None else one_veterinarian(chosen.names, veterinarian)
            moved = await reschedule(
                session,
                chosen.visit.id,
                starts_at=begin(chosen),
                veterinarian_id=to,
                overrides=override or (),
            )
            if override_reason:
                said = (moved.internal_notes, f"Rules set aside: {override_reason}")
                moved.internal_notes = "\n".join(filter(None, said))
            return moved

        asked = Asked(clinic, visit, at, OPEN)
        return await act_on(terminal, asked, "Moved", act, start=begin, note=before)

    terminal.finish(terminal.run(work()))
