"""The demonstration's day for people: a strip for each practitioner and room, and the visits."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vetcore.cli.demo.day import Timetable
from vetcore.cli.strips import Block, legend, sign_of, strip_table
from vetcore.cli.telling import day_told
from vetcore.cli.views import DayEntry, plain_table
from vetcore.models import Appointment, Clinic
from vetcore.values.clinics import ServiceType
from vetcore.values.intervals import Interval

__all__ = ["day_shown"]

_FREE_SHOWN = 3


def day_shown(
    clinic: Clinic,
    table: Timetable,
    entries: Sequence[DayEntry],
    free: Mapping[str, Sequence[datetime]],
    *,
    width: int,
) -> Iterator[RenderableType]:
    """Return the day of the clinic for people, in the clinic's wall time."""
    names = {entry.id: entry.practitioner for entry in entries}
    rows: dict[str, list[Block]] = {name: [] for name in free}
    rooms: dict[str, list[Block]] = {room.name: [] for room in table.rooms}
    keys = {room.id: room.name for room in table.rooms}
    for appointment in table.booked:
        rows.setdefault(names[appointment.id], []).append(_block(appointment))
        if appointment.room_id is not None:
            rooms[keys[appointment.room_id]].append(_block(appointment))
    title = f"{clinic.name}, {day_told(table.day)} {table.day.year} ({clinic.timezone})"
    yield strip_table(title, "Who and where", rows | rooms, table.zone, width=width)
    yield legend(appointment.service_kind for appointment in table.booked)
    yield ""
    yield _columns(entries, free)


def _block(appointment: Appointment) -> Block:
    taken = Interval(appointment.occupied_from, appointment.occupied_until)
    return Block(taken, *sign_of(appointment.service_kind))


def _columns(entries: Sequence[DayEntry], free: Mapping[str, Sequence[datetime]]) -> Table:
    """Each veterinarian's visits, one below the other, and the time that is still free."""
    visits: dict[str, list[Text]] = defaultdict(list)
    for entry in sorted(entries, key=lambda each: each.starts_at):
        sign, style = sign_of(ServiceType(entry.service_kind))
        visits[entry.practitioner].append(
            Text.assemble(
                f"{entry.starts_at:%H:%M} ",
                (sign, style),
                " ",
                (entry.pet, "bold red" if entry.urgent else ""),
            )
        )
    table = plain_table("Who comes; and when there is time for a wellness exam")
    for name in sorted(visits):
        table.add_column(name, ratio=1)
    rows = max(map(len, visits.values()), default=0)
    for row in range(rows):
        table.add_row(
            *(visits[name][row] if row < len(visits[name]) else "" for name in sorted(visits))
        )
    table.add_section()
    table.add_row(*(_free(free.get(name, ())) for name in sorted(visits)))
    return table


def _free(starts: Sequence[datetime]) -> Text:
    shown = " ".join(f"{start:%H:%M}" for start in starts[:_FREE_SHOWN])
    more = f" +{len(starts) - _FREE_SHOWN}" if len(starts) > _FREE_SHOWN else ""
    return Text(f"free {shown}{more}" if shown else "nothing free", "dim")
