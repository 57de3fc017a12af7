"""``vetcore day`` shows a clinic's day by practitioner and room."""

# ruff: noqa: PLR0913 -- a command has a parameter for each option

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from vetcore.cli.context import As, Json, Quiet, Tenant, Terminal, Url
from vetcore.cli.options import Place

if TYPE_CHECKING:
    from vetcore.cli.daysheet import ClinicDay
    from vetcore.cli.personalday import PersonDay

__all__ = ["app"]

app = typer.Typer(rich_markup_mode="rich")


@app.command()
def day(
    clinic: Place,
    on: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DAY]",
            help="`tomorrow`, `Wed`, `2 Dec`, `2026-12-02`; today without it.",
        ),
    ] = None,
    *,
    practitioner: Annotated[
        str | None,
        typer.Option(
            "--practitioner",
            metavar="NAME",
            help="Show the day of somebody who works there, at all their clinics; by name or id.",
        ),
    ] = None,
    url: Url = None,
    tenant: Tenant = None,
    whom: As = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show a clinic's day: who works when, with which visits, and what is free.

    It is for the clinic's staff. Each visit ends with its short id, which `vetcore move` and
    `vetcore cancel` accept. A visit may have become impossible since it was booked, by time off, a
    closure or other hours. It is then shown with the reason. With `--practitioner` it is the day of one
    person at all their clinics, by the clock of this one.

    Example: vetcore day driftwood tomorrow
    """
    terminal = Terminal(url, tenant, as_json, quiet, whom)

    async def work() -> "ClinicDay | PersonDay":
        from vetcore.cli.daysheet import ClinicDay  # noqa: PLC0415
        from vetcore.cli.desk import told  # noqa: PLC0415
        from vetcore.cli.naming import one_clinic, staff_of  # noqa: PLC0415
        from vetcore.cli.personalday import PersonDay  # noqa: PLC0415
        from vetcore.cli.times import day_in  # noqa: PLC0415
        from vetcore.clock import now  # noqa: PLC0415
        from vetcore.operations import (  # noqa: PLC0415
            day_sheet,
            list_impossible_appointments,
            practitioner_day,
        )
        from vetcore.schemas import (  # noqa: PLC0415
            DayQuery,
            ImpossibleQuery,
            PractitionerDayQuery,
        )
        from vetcore.values.intervals import instant  # noqa: PLC0415
        from vetcore.values.walltime import midnight, zone_named  # noqa: PLC0415

        async with terminal.desk() as desk, desk.session() as session:
            place = await one_clinic(session, clinic)
            zone = zone_named(place.timezone)
            wanted = day_in(zone, " ".join(on) if on else None, now=now())
            if practitioner is not None:
                who = (await staff_of(session, place.id)).practitioner(practitioner)
                query = told(
                    PractitionerDayQuery, practitioner_id=who, day=wanted, timezone=place.timezone
                )
                return PersonDay(await practitioner_day(session, query))
            sheet = await day_sheet(session, told(DayQuery, clinic_id=place.id, day=wanted))
            of_the_day = told(
                ImpossibleQuery,
                clinic_id=place.id,
                since=instant(midnight(wanted, zone)),
                until=instant(midnight(wanted + timedelta(days=1), zone)),
            )
            impossible = await list_impossible_appointments(session, of_the_day)
            return ClinicDay(place.name, sheet, impossible)

    found = terminal.run(work())
    terminal.answer(found.as_dict())
    if not as_json:
        terminal.show(*found.tell(terminal.out.width))
