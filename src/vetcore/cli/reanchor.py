"""``vetcore reanchor`` finds visits that have left their wall time, and puts them back."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.exits import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from rich.console import RenderableType

    from vetcore.operations.results import StrayedVisit

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def reanchor(
    clinic: Annotated[
        str | None,
        typer.Option("--clinic", help="Only this clinic: its id, its name, or a part of the name."),
    ] = None,
    *,
    apply: Annotated[
        bool, typer.Option("--apply", help="Put them back on the wall time that was agreed.")
    ] = False,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List visits at which the clinic's clock will not show what was agreed, or put them back.

    Visits leave their wall time when a clinic's time zone changes, or the rules of that zone. With
    [bold]--apply[/bold] they are put back. If the time is taken by now, a visit stays where it is
    and is listed. Staff see the visits of their clinic, and its managers put them back.

    Exit code 3 means that some visits are off their wall time, or could not be put back.

    Example: vetcore reanchor --clinic driftwood --apply
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "_Strayed":
        from vetcore.cli.naming import one_clinic  # noqa: PLC0415
        from vetcore.operations import (  # noqa: PLC0415
            list_strayed_appointments,
            reanchor_appointments,
        )
        from vetcore.schemas import OfClinic  # noqa: PLC0415

        async with terminal.desk() as desk:
            async with desk.session() as session:
                place = None if clinic is None else (await one_clinic(session, clinic)).id
            wanted = OfClinic(clinic_id=place)
            if apply:
                visits = await desk.run(lambda session: reanchor_appointments(session, wanted))
            else:
                async with desk.session() as session:
                    visits = await list_strayed_appointments(session, wanted)
            async with desk.session() as session:
                return _Strayed(visits, await _clinics(session, visits), apply)

    found = terminal.run(work())
    terminal.answer_list(found.items())
    terminal.show(*found.tell())
    if not found.all_well:
        raise typer.Exit(ExitCode.ANSWER_IS_NO)


async def _clinics(session: Any, visits: "Sequence[StrayedVisit]") -> "dict[UUID, str]":
    from vetcore.operations import get_clinic  # noqa: PLC0415
    from vetcore.schemas import ById  # noqa: PLC0415

    keys = {each.appointment.clinic_id for each in visits}
    return {key: (await get_clinic(session, ById(id=key))).name for key in sorted(keys)}


@dataclass(frozen=True, slots=True)
class _Strayed:
    visits: "Sequence[StrayedVisit]"
    clinics: "Mapping[UUID, str]"
    applied: bool

    @property
    def all_well(self) -> bool:
        """Whether every visit is where it was agreed to be."""
        return all(each.returned for each in self.visits)

    def items(self) -> list[dict[str, Any]]:
        """For programs: the wall time without an offset, instants in UTC."""
        return [
            {
                "appointment_id": each.appointment.id,
                "clinic": {
                    "id": each.appointment.clinic_id,
                    "name": self.clinics[each.appointment.clinic_id],
                    "timezone": each.timezone,
                },
                "agreed": each.agreed.wall.isoformat(),
                "agreed_timezone": each.agreed.timezone,
                "found_at": each.shown,
                "due_at": each.due,
                "returned": each.returned,
                "problem": None if each.error is None else each.error.problem(),
            }
            for each in self.visits
        ]

    def tell(self) -> "Iterator[RenderableType]":
        """For people: two lines for each visit."""
        from rich.text import Text  # noqa: PLC0415

        from vetcore.cli.telling import count, short_id, wall_told  # noqa: PLC0415

        if not self.visits:
            yield Text("Every visit to come is at the wall time that was agreed.", "green")
            return
        for each in self.visits:
            name = self.clinics[each.appointment.clinic_id]
            yield Text.assemble(
                (wall_told(each.agreed.wall), "bold"),
                f" was agreed at {name}",
                (f"  {short_id(each.appointment.id)}", "dim"),
            )
            outcome, style = self._outcome(each)
            yield Text.assemble(f"  It stood at {wall_told(each.shown)}", (outcome, style))
        back = sum(each.returned for each in self.visits)
        if self.applied:
            yield Text(f"{back} of {count(len(self.visits), 'visit')} returned.")
        else:
            yield Text(
                f"{count(len(self.visits), 'visit')} to come strayed; --apply puts them back."
            )

    @staticmethod
    def _outcome(visit: "StrayedVisit") -> tuple[str, str]:
        if visit.returned:
            return ". It is back.", "green"
        if visit.error is None:
            return ".", ""
        if visit.error.code == "in_the_past":
            return ". It stays: that time has passed.", "red"
        return f". It stays: the {visit.error.details.get('resource')} is taken then.", "red"
