"""The demonstration's day as a picture: self-contained SVG, in the colours of the reader's system."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from vetcore import Database, clock
from vetcore.cli.demo.day import book_visits, timetable
from vetcore.cli.telling import words
from vetcore.samples import load
from vetcore.scheduling import DaySheet, DayVisit, PractitionerDay, day_sheet
from vetcore.values.clinics import ServiceType
from vetcore.values.intervals import Interval

__all__ = ["day_picture"]

NOW: Final = datetime(2026, 3, 2, 17, tzinfo=UTC)
WIDTH, AXIS, TOP, HOUR, GAP = 900, 66, 92, 54, 10
LETTER, LINE = 6.1, 13
HUES: Final = {
    ServiceType.WELLNESS_EXAM: 150,
    ServiceType.SICK_VISIT: 35,
    ServiceType.VACCINATION: 200,
    ServiceType.FOLLOW_UP: 225,
    ServiceType.SPAY_NEUTER: 320,
    ServiceType.DENTAL_CLEANING: 265,
    ServiceType.LABORATORY: 60,
    ServiceType.DIAGNOSTIC_IMAGING: 290,
}
STYLE: Final = """
text { font: 12px system-ui, "Segoe UI", Roboto, sans-serif; fill: #24292f }
.page { fill: #ffffff; stroke: #d8dee4 } .off { fill: #eef0f3 } .duty { fill: #ffffff }
.line { stroke: #d8dee4 } .soft { fill: #57606a } .title { font-size: 17px; font-weight: 600 }
.who { font-size: 13px; font-weight: 600 } .visit { font-size: 11px }
.block { fill-opacity: .22 } .buffer { fill-opacity: .09 } .free { fill: none; stroke-dasharray: 3 3; stroke: #57606a; stroke-opacity: .45 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .page { fill: #14181d; stroke: #30363d } .off { fill: #0c0f13 }
.duty { fill: #1b2027 } .line { stroke: #2b3138 } .soft { fill: #9da7b1 } .block { fill-opacity: .38 }
.free { stroke: #9da7b1 } .buffer { fill-opacity: .16 } }
"""


@cache
def day_picture() -> str:
    """The day that ``vetcore demo`` books on a Monday of March, with who sees which pet when."""
    clinic, sheet = asyncio.run(_day())
    return "\n".join(_Picture(clinic, sheet).lines()) + "\n"


async def _day() -> tuple[str, DaySheet]:
    with clock.frozen(NOW):
        async with Database("sqlite://") as db:
            await db.migrate()
            async with db.transaction() as session:
                world = await load(session, today=NOW.date())
            table = await timetable(db, world)
            await book_visits(db, world, table)
            async with db.session() as session:
                sheet = await day_sheet(session, clinic_id=table.clinic.id, day=table.day)
            return table.clinic.name, sheet


class _Picture:
    """The hours from top to bottom, the veterinarians from left to right."""

    def __init__(self, clinic: str, sheet: DaySheet) -> None:
        self.clinic = clinic
        self.sheet = sheet
        self.zone = ZoneInfo(sheet.timezone)
        self.first = self._hour(sheet.open[0].start)
        self.last = self._hour(sheet.open[-1].end)
        self.column = (WIDTH - AXIS - GAP) / max(len(sheet.practitioners), 1)

    def lines(self) -> Iterator[str]:
        """The whole drawing."""
        height = self._y(self.last) + 44
        day = self.sheet.day
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
            f'width="{WIDTH}" height="{height:g}" role="img" aria-labelledby="title">'
        )
        title = f"{escape(self.clinic)}, {day:%A} {day.day} {day:%B}"
        yield f'<title id="title">A day at {title}: who sees which pet when</title>'
        yield f"<style>{STYLE}</style>"
        yield (
            f'<rect class="page" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1:g}" rx="10"/>'
        )
        yield f'<text class="title" x="20" y="34">{title}</text>'
        open_ = ", ".join(map(self._span, self.sheet.open))
        yield f'<text class="soft" x="20" y="54">Open {open_} · {escape(self.sheet.timezone)}</text>'
        for hour in range(int(self.first), int(self.last) + 1):
            y = self._y(hour)
            yield f'<text class="soft" x="20" y="{y + 4:g}">{hour:02d}:00</text>'
        for place, vet in enumerate(self.sheet.practitioners):
            yield from self._column(AXIS + place * self.column, vet)
        yield from self._legend(height - 18)
        yield "</svg>"

    def _column(self, x: float, vet: PractitionerDay) -> Iterator[str]:
        width = self.column - GAP
        top, bottom = self._y(self.first), self._y(self.last)
        yield f'<text class="who" x="{x + 2:g}" y="{top - 12:g}">{escape(vet.name)}</text>'
        yield self._rect("off", x, (top, bottom))
        for span in vet.working:
            yield self._rect("duty", x, self._edges(span))
        for hour in range(int(self.first), int(self.last) + 1):
            y = self._y(hour)
            yield f'<line class="line" x1="{x:g}" x2="{x + width:g}" y1="{y:g}" y2="{y:g}"/>'
        for visit in vet.visits:
            yield from self._visit(x, width, visit)

    def _visit(self, x: float, width: float, visit: DayVisit) -> Iterator[str]:
        hue = HUES[visit.service_kind]
        fill = f' fill="hsl({hue} 65% 48%)"'
        occupied = self._edges(visit.occupied)
        begin, end = self._edges(Interval(visit.start, visit.end))
        yield self._rect("buffer", x, occupied, fill)
        yield self._rect("block", x, (begin, end), fill)
        yield f'<rect x="{x:g}" y="{begin:g}" width="3" height="{end - begin:g}"{fill}/>'
        room = next((room.name for room in self.sheet.rooms if room.id == visit.room_id), "")
        told = f"{visit.pet_name} · {words(visit.service)}"
        middle = min(begin + 11, (begin + end) / 2 + 4)
        when = visit.start.astimezone(self.zone)
        yield (
            f'<text class="visit" x="{x + 9:g}" y="{middle:g}">'
            f'<tspan class="soft">{when:%H:%M}</tspan> {escape(told)}</text>'
        )
        # Where both do not fit on one line, the room goes below, or is left out.
        beside = LETTER * (len(told) + len(room) + 8) < width
        if beside or end - begin > 2 * LINE:
            at = x + (width - 6 if beside else 9)
            anchor = ' text-anchor="end"' if beside else ""
            y = middle if beside else middle + LINE
            yield f'<text class="visit soft"{anchor} x="{at:g}" y="{y:g}">{escape(room)}</text>'

    def _legend(self, y: float) -> Iterator[str]:
        used = {visit.service_kind for vet in self.sheet.practitioners for visit in vet.visits}
        x = 20.0
        for service in sorted(used):
            fill = f'fill="hsl({HUES[service]} 65% 48%)"'
            yield f'<rect x="{x:g}" y="{y - 9:g}" width="10" height="10" rx="2" {fill}/>'
            yield f'<text class="visit soft" x="{x + 14:g}" y="{y:g}">{words(service)}</text>'
            x += 34 + 5.6 * len(service)

    def _edges(self, span: Interval) -> tuple[float, float]:
        return self._y(self._hour(span.start)), self._y(self._hour(span.end))

    def _hour(self, moment: datetime) -> float:
        there = moment.astimezone(self.zone)
        return there.hour + there.minute / 60

    def _y(self, hour: float) -> float:
        return TOP + (hour - self.first) * HOUR

    def _span(self, span: Interval) -> str:
        start, end = span.start.astimezone(self.zone), span.end.astimezone(self.zone)
        return f"{start:%H:%M}-{end:%H:%M}"

    def _rect(self, kind: str, x: float, edges: tuple[float, float], fill: str = "") -> str:
        begin, end = edges
        return (
            f'<rect class="{kind}" x="{x:g}" y="{begin:g}" width="{self.column - GAP:g}" '
            f'height="{end - begin:g}" rx="3"{fill}/>'
        )
