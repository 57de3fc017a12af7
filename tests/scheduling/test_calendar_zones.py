"""The time zones of a feed: two readers of others find the instants that were meant.

Readers may know a zone by its name. Here each is called ``Here``, so that they must go by what the
feed says of it.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from tests.scheduling.shown_visits import visit_at
from vetcore.scheduling.components import calendar_of, event_of
from vetcore.scheduling.shown import ShownVisit
from vetcore.values.zonechanges import zone_changes
from vetcore.values.zones import zone_names

HOUR = timedelta(hours=1)

ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Chicago",
    "America/Nuuk",
    "America/Santiago",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
]


def _written(visits: list[ShownVisit]) -> str:
    calendar = calendar_of(icalendar, visits)
    for visit in visits:
        calendar.add_component(event_of(icalendar, visit, with_room=False))
    written: str = calendar.to_ical().decode()
    return written


def _called_here(written: str, zone: str) -> str:
    unfolded = written.replace("\r\n ", "")
    return unfolded.replace(f"TZID:{zone}", "TZID:Here").replace(f"TZID={zone}", "TZID=Here")


def _by_ical(written: str) -> Iterator[tuple[UUID, datetime, datetime]]:
    for event in IcsCalendarStream.calendar_from_ics(written).events:
        yield UUID(event.uid), _instant(event.dtstart), _instant(event.dtend)


def _by_dateutil(written: str) -> Iterator[tuple[UUID, datetime, datetime]]:
    zones: Any = tz.tzical(io.StringIO(written))
    here = zones.get("Here") if zones.keys() else UTC
    for event in icalendar.Calendar.from_ical(written).walk("VEVENT"):
        times = []
        for name in ("dtstart", "dtend"):
            said = event[name].to_ical().decode()
            wall = datetime.strptime(said.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- a wall time
            times.append(_instant(wall.replace(tzinfo=UTC if said.endswith("Z") else here)))
        yield UUID(str(event["uid"])), times[0], times[1]


def _instant(local: Any) -> datetime:
    """Reckoned by hand: not every reader's zones know how to leave themselves."""
    wall: datetime = local.replace(tzinfo=None) - local.utcoffset()
    return wall.replace(tzinfo=UTC)


def _around_changes(zone: str, first: int, last: int) -> list[datetime]:
    begin = datetime(first, 1, 1, tzinfo=UTC)
    days = {begin + timedelta(days=20 * n, hours=n) for n in range((last - first + 1) * 18)}
    near = {
        each.at + n * HOUR / 2
        for each in zone_changes(zone, first, last)
        if begin < each.at < datetime(last + 1, 1, 1, tzinfo=UTC)
        for n in range(-4, 5)
    }
    return sorted(days | near)


@pytest.mark.parametrize("zone", ZONES)
def test_two_readers_find_the_instants_that_were_meant(zone: str) -> None:
    starts = _around_changes(zone, 2026, 2028)
    visits = [visit_at(at, zone, number) for number, at in enumerate(starts, 1)]
    written = _called_here(_written(visits), zone)
    meant = {(visit.id, visit.starts_at, visit.ends_at) for visit in visits}
    assert set(_by_ical(written)) == meant
    assert set(_by_dateutil(written)) == meant


@given(
    zone=st.sampled_from(sorted(zone_names() - {"UTC", "Etc/UTC"})),
    at=st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001 -- Hypothesis wants that
)
def test_any_visit_in_any_zone_is_read_back(zone: str, at: datetime) -> None:
    visit = visit_at(at.replace(second=0, microsecond=0, tzinfo=UTC), zone)
    written = _called_here(_written([visit]), zone)
    meant = [(visit.id, visit.starts_at, visit.ends_at)]
    assert list(_by_dateutil(written)) == meant
    assert list(_by_ical(written)) == meant


def test_the_second_of_an_hour_that_comes_twice_is_said_in_utc() -> None:
    """RFC 5545, section 3.3.5: such a wall time with a zone means the first."""
    first = datetime(2026, 11, 1, 5, 15, tzinfo=UTC)
    once = _written([visit_at(first, "America/New_York")])
    again = _written([visit_at(first + HOUR, "America/New_York")])
    assert "DTSTART;TZID=America/New_York:20261101T011500\r\n" in once
    assert "DTSTART:20261101T061500Z\r\n" in again
    assert "DTEND:20261101T064500Z\r\n" in again


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC"])
def test_a_clinic_that_goes_by_utc_needs_no_zone(zone: str) -> None:
    written = _written([visit_at(datetime(2026, 3, 9, 14, tzinfo=UTC), zone)])
    assert "DTSTART:20260309T140000Z\r\n" in written
    assert "VTIMEZONE" not in written


def test_each_zone_of_the_clinics_is_there_once_and_for_the_years_of_its_visits() -> None:
    visits = [
        visit_at(datetime(2026, 3, 9, 14, tzinfo=UTC), "Europe/Dublin", 1),
        visit_at(datetime(2027, 3, 9, 14, tzinfo=UTC), "Europe/Dublin", 2),
        visit_at(datetime(2027, 3, 9, 15, tzinfo=UTC), "America/Chicago", 3),
    ]
    calendar = icalendar.Calendar.from_ical(_written(visits))
    assert not calendar.errors
    zones = {str(each["tzid"]): each for each in calendar.walk("VTIMEZONE")}
    assert list(zones) == ["America/Chicago", "Europe/Dublin"]
    years = {
        name: {at.dt.year for part in zone.subcomponents for at in part["rdate"].dts}
        for name, zone in zones.items()
    }
    assert years == {"America/Chicago": {2026, 2027}, "Europe/Dublin": {2025, 2026, 2027}}
