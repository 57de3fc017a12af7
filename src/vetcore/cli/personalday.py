"""A practitioner's day at all clinics where they work, for people and for programs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vetcore.cli.telling import clocks_told, short_id, words
from vetcore.cli.views import block_items, span_items
from vetcore.operations.results import ClinicVisit, PersonalDay
from vetcore.values.intervals import Interval
from vetcore.values.walltime import zone_named

__all__ = ["PersonDay"]

_WIDE = 110
"""On a narrower terminal, room and status are left out."""
_LEAST = (13, 12, 12, 8, 8)
"""How wide time, pet, service, clinic and each further column are at least."""
_CLINIC, _MOST = 3, 24
"""The column with the clinic's name, and how much of it is shown."""


@dataclass(frozen=True, slots=True)
class PersonDay:
    """A day of somebody, in the wall time of its time zone."""

    found: PersonalDay

    @property
    def _zone(self) -> ZoneInfo:
        return zone_named(self.found.timezone)

    def as_dict(self) -> dict[str, Any]:
        """Return the day for programs: instants in UTC."""
        found = self.found
        return {
            "practitioner": {"id": found.practitioner_id, "name": found.name},
            "day": found.day,
            "timezone": found.timezone,
            "clinics": [
                {
                    "id": duty.clinic_id,
                    "name": duty.clinic_name,
                    "timezone": duty.timezone,
                    "working": span_items(duty.working),
                    "free": span_items(duty.free),
                    "blocks": block_items(duty.blocks),
                }
                for duty in found.clinics
            ],
            "visits": [
                {
                    "start": each.visit.start,
                    "end": each.visit.end,
                    "appointment_id": each.visit.appointment_id,
                    "clinic": {"id": each.clinic_id, "name": each.clinic_name},
                    "room": each.room_name,
                    "pet": {"id": each.visit.pet_id, "name": each.visit.pet_name},
                    "service": each.visit.service,
                    "status": each.visit.status,
                }
                for each in found.visits
            ],
            "away": span_items(found.away),
            "elsewhere": span_items(found.elsewhere),
        }

    def tell(self, width: int = 80) -> Iterator[RenderableType]:
        """Show the day to people, from morning to night."""
        found, day = self.found, self.found.day
        title = f"{found.name}, {day:%A} {day.day} {day:%B %Y} ({found.timezone})"
        yield Text(title, "bold")
        for duty in found.clinics:
            hours = self._clocks(duty.working)
            told = f"on duty {hours}" if hours else "not on duty"
            yield Text.assemble((duty.clinic_name, "bold cyan"), f", {told}")
        if not found.clinics:
            yield Text("They hold no membership on that day.", "dim")
        rows = sorted(self._rows(width), key=lambda each: each[0])
        if rows:
            yield ""
            table = Table(show_header=False, box=None, padding=(0, 1, 0, 0))
            columns = max(len(row) for _, row in rows)
            for place in range(columns):
                least = _LEAST[min(place, len(_LEAST) - 1)]
                most = _MOST if place == _CLINIC else None
                table.add_column(min_width=least, max_width=most, no_wrap=True, overflow="ellipsis")
            for _, row in rows:
                table.add_row(*row)
            yield table

    def _rows(self, width: int) -> Iterator[tuple[datetime, Sequence[RenderableType]]]:
        found = self.found
        for visit in found.visits:
            yield visit.visit.start, self._visit(visit, width)
        for duty in found.clinics:
            for block in duty.blocks:
                told = self._clocks([Interval(block.start, block.end)])
                yield block.start, (told, Text(block.label, "yellow"), "", duty.clinic_name)
            for span in duty.free:
                free = Text("free", "dim")
                yield span.start, (self._clocks([span]), free, "", Text(duty.clinic_name, "dim"))
        for what, spans in (("away", found.away), ("elsewhere", found.elsewhere)):
            for span in spans:
                yield span.start, (self._clocks([span]), Text(what, "dim"))

    def _visit(self, each: ClinicVisit, width: int) -> Sequence[RenderableType]:
        visit = each.visit
        shown = (
            self._clocks([Interval(visit.start, visit.end)]),
            Text(visit.pet_name, "bold red" if visit.priority != "routine" else "bold"),
            words(visit.service),
            each.clinic_name,
        )
        more = (each.room_name or "", words(visit.status)) if width >= _WIDE else ()
        return (*shown, *more, Text(short_id(visit.appointment_id), "dim"))

    def _clocks(self, spans: Iterable[Interval]) -> str:
        return clocks_told(spans, self._zone, self.found.day)
