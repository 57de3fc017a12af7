"""A clinic's day, as people read it on the wall, and for programs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vetcore.cli.strips import Block, legend, sign_of, strip_table
from vetcore.cli.telling import clocks_told, short_id, words
from vetcore.cli.views import block_items, span_items
from vetcore.errors import BookingRefused
from vetcore.operations.results import (
    DaySheet,
    DayVisit,
    ImpossibleVisit,
    PractitionerDay,
)
from vetcore.values.intervals import Interval
from vetcore.values.walltime import zone_named

__all__ = ["ClinicDay"]

_WIDTHS = (13, 14, 18, 10, 11, 8)
_WIDE, _ALWAYS = 80, {0, 1, 2, 5}
"""On a narrow terminal time, pet, service and id are shown."""


@dataclass(frozen=True, slots=True)
class ClinicDay:
    """A day sheet, in the clinic's wall time."""

    clinic: str
    sheet: DaySheet
    impossible: Sequence[ImpossibleVisit] = ()
    """Visits to come on the day that could not be booked as things are now."""

    def _broken(self, appointment_id: UUID) -> Sequence[BookingRefused]:
        """The rules that a visit breaks by now."""
        found = [each for each in self.impossible if each.appointment.id == appointment_id]
        return found[0].refusals if found else ()

    @property
    def _zone(self) -> ZoneInfo:
        return zone_named(self.sheet.timezone)

    def as_dict(self) -> dict[str, Any]:
        """Return the day for programs: instants in UTC, and the clinic's time zone."""
        sheet = self.sheet
        rooms = {room.id: room.name for room in sheet.rooms}
        return {
            "clinic": {"id": sheet.clinic_id, "name": self.clinic, "timezone": sheet.timezone},
            "day": sheet.day,
            "open": span_items(sheet.open),
            "exception_reason": sheet.exception_reason,
            "practitioners": [
                {
                    "id": vet.id,
                    "name": vet.name,
                    "working": span_items(vet.working),
                    "away": span_items(vet.away),
                    "elsewhere": span_items(vet.elsewhere),
                    "free": span_items(vet.free),
                    "blocks": block_items(vet.blocks),
                    "visits": [
                        span_items([Interval(visit.start, visit.end)])[0]
                        | {
                            "appointment_id": visit.appointment_id,
                            "pet": {"id": visit.pet_id, "name": visit.pet_name},
                            "service": visit.service,
                            "status": visit.status,
                            "priority": visit.priority,
                            "squeeze_reason": visit.squeeze_reason,
                            "room": None if visit.room_id is None else rooms.get(visit.room_id),
                            "impossible": [
                                {"code": each.code, "title": each.title}
                                for each in self._broken(visit.appointment_id)
                            ],
                        }
                        for visit in vet.visits
                    ],
                }
                for vet in sheet.practitioners
            ],
            "rooms": [
                {
                    "id": room.id,
                    "name": room.name,
                    "kind": room.kind,
                    "free": span_items(room.free),
                    "blocks": block_items(room.blocks),
                }
                for room in sheet.rooms
            ],
        }

    def tell(self, width: int = 80) -> Iterator[RenderableType]:
        """Show the day to people: each practitioner from morning to night, then the rooms."""
        day = self.sheet.day
        title = f"{self.clinic}, {day:%A} {day.day} {day:%B %Y} ({self.sheet.timezone})"
        yield Text(title, "bold")
        hours = f"Open {self._clocks(self.sheet.open)}" if self.sheet.open else "Closed"
        reason = self.sheet.exception_reason
        yield Text(f"{hours}; {reason}" if reason else hours)
        if not self.sheet.practitioners:
            yield Text("Nobody has a membership or a visit here on that day.", "dim")
        for vet in self.sheet.practitioners:
            yield self._table(vet, width)
        for visit in self.sheet.visits:
            if visit.squeezed_in:
                told = self._clocks([Interval(visit.start, visit.end)])
                yield Text.assemble(
                    ("Squeezed in: ", "bold yellow"),
                    f"{told} {visit.pet_name}. {visit.squeeze_reason}",
                )
            if broken := self._broken(visit.appointment_id):
                told = self._clocks([Interval(visit.start, visit.end)])
                yield Text.assemble(
                    ("Impossible by now: ", "bold red"),
                    f"{told} {visit.pet_name}. {broken[0].title}",
                )
        for room in self.sheet.rooms:
            for block in room.blocks:
                if block.room_id is not None:
                    told = self._clocks([Interval(block.start, block.end)])
                    yield Text.assemble(
                        ("Kept free: ", "bold yellow"), f"{told} {room.name}. {block.label}"
                    )
        if self.sheet.visits:
            yield ""
            rooms = {
                room.name: [
                    Block(visit.occupied, *sign_of(visit.service_kind)) for visit in room.visits
                ]
                for room in self.sheet.rooms
            }
            title = "Rooms, cleaning included"
            opening = self.sheet.open
            yield strip_table(title, "Room", rooms, self._zone, width=width, opening=opening)
            yield legend(visit.service_kind for visit in self.sheet.visits)

    def _table(self, vet: PractitionerDay, width: int) -> Table:
        on_duty = f", on duty {self._clocks(vet.working)}" if vet.working else ", not on duty"
        told = Table(
            title=Text.assemble("\n", (vet.name, "bold cyan"), on_duty),
            title_justify="left",
            show_header=False,
            box=None,
            padding=(0, 1, 0, 0),
        )
        shown = [place for place in range(len(_WIDTHS)) if width >= _WIDE or place in _ALWAYS]
        for place in shown:
            told.add_column(min_width=_WIDTHS[place], no_wrap=True, overflow="ellipsis")
        for _, row in sorted(self._rows(vet), key=lambda each: each[0]):
            told.add_row(*(row[place] for place in shown if place < len(row)))
        return told

    def _rows(self, vet: PractitionerDay) -> Iterator[tuple[datetime, Sequence[RenderableType]]]:
        rooms = {room.id: room.name for room in self.sheet.rooms}
        for visit in vet.visits:
            room = "" if visit.room_id is None else rooms.get(visit.room_id, "")
            yield visit.start, self._visit(visit, room)
        for block in vet.blocks:
            told = self._clocks([Interval(block.start, block.end)])
            yield block.start, (told, Text(block.label, "yellow"))
        for what, spans in (("free", vet.free), ("away", vet.away), ("elsewhere", vet.elsewhere)):
            for span in spans:
                yield span.start, (self._clocks([span]), Text(what, "dim"))

    def _visit(self, visit: DayVisit, room: str) -> Sequence[RenderableType]:
        urgent = visit.priority != "routine"
        return (
            self._clocks([Interval(visit.start, visit.end)]),
            Text(visit.pet_name, "bold red" if urgent else "bold"),
            words(visit.service),
            Text(room),
            words(visit.status),
            Text(short_id(visit.appointment_id), "dim"),
        )

    def _clocks(self, spans: Iterable[Interval]) -> str:
        return clocks_told(spans, self._zone, self.sheet.day)
