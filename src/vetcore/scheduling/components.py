"""Writes visits as iCalendar components (RFC 5545), with the library that the extra ``ical`` brings."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final

from vetcore._version import __version__
from vetcore.errors import ConfigurationError
from vetcore.scheduling.shown import ShownVisit
from vetcore.values.walltime import zone_named
from vetcore.values.zonechanges import zone_changes

__all__ = ["calendar_of", "event_of", "library", "plain", "zones_of"]

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- the wall time of a VTIMEZONE
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""All but TAB and LF, which is written as ``\\n``; NEL and their like break lines, too."""
_BREAKS: Final = re.compile("\r\n?")
_UTC_NAMES: Final = frozenset({"UTC", "Etc/UTC"})


def library() -> Any:
    """Return the library ``icalendar``.

    Raises:
        ConfigurationError: the extra ``ical`` is not installed.
    """
    try:
        return import_module("icalendar")
    except ImportError as missing:
        message = "calendars need icalendar: pip install 'vetcore[ical]'"
        raise ConfigurationError(message) from missing


def plain(text: str, *, lines: bool = True) -> str:
    """Return the text without control characters, which none may have (RFC 5545, section 3.3.11).

    Args:
        text: anything that somebody wrote.
        lines: whether it may have several.
    """
    one = _CONTROLS.sub(" ", _BREAKS.sub("\n", text))
    return one if lines else one.replace("\n", " ").replace("\t", " ")


def calendar_of(icalendar: Any, visits: Iterable[ShownVisit]) -> Any:
    """Return a calendar with the time zones of the visits, and no events yet."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//vetcore//vetcore {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for zone in zones_of(icalendar, visits):
        calendar.add_component(zone)
    return calendar


def event_of(icalendar: Any, visit: ShownVisit, *, with_room: bool) -> Any:
    """Return a visit as an event."""
    event = icalendar.Event()
    event.add("uid", str(visit.id))
    changed_at = visit.changed_at(with_room=with_room)
    # Without a METHOD, the two say the same (RFC 5545, section 3.8.7.2).
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("created", visit.created_at)
    event.add("sequence", visit.revision)
    event.add("status", visit.state)
    _add_times(event, visit)
    event.add("summary", plain(f"{visit.pet_name}: {visit.service}"))
    event.add("location", plain(_place(visit, with_room=with_room)))
    event.add("description", plain("\n".join(_described(visit))))
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if visit.called_off else "OPAQUE")
    return event


def _place(visit: ShownVisit, *, with_room: bool) -> str:
    room = visit.room_name if with_room else None
    return ", ".join(part for part in (room, visit.clinic_name, str(visit.address)) if part)


def _described(visit: ShownVisit) -> list[str]:
    labels = (
        ("Phone", visit.clinic_phone),
        ("Reason", visit.reason),
        ("Notes", visit.notes),
        ("Internal notes", visit.internal_notes),
    )
    written = [f"{label}: {text}" for label, text in labels if text]
    return [f"With {visit.practitioner}", *written] if visit.practitioner else written


# Times -------------------------------------------------------------------------------------------


def _add_times(event: Any, visit: ShownVisit) -> None:
    """Add the start and the end by the clinic's clock.

    Of an hour that comes twice, a wall time with a zone means the first (RFC 5545, section 3.3.5).
    What begins or ends in the second is said in UTC.
    """
    zone = zone_named(visit.timezone)
    times = {"dtstart": visit.starts_at.astimezone(zone), "dtend": visit.ends_at.astimezone(zone)}
    if visit.timezone in _UTC_NAMES or any(each.fold for each in times.values()):
        event.add("dtstart", visit.starts_at.astimezone(UTC))
        event.add("dtend", visit.ends_at.astimezone(UTC))
        return
    for name, local in times.items():
        event.add(name, local.replace(tzinfo=None), parameters={"TZID": visit.timezone})


def zones_of(icalendar: Any, visits: Iterable[ShownVisit]) -> Sequence[Any]:
    """Return a VTIMEZONE for each time zone of the visits, for the years in which they are.

    Where there is no visit, it is that of UTC: a calendar has at least one component (RFC 5545,
    section 3.6).
    """
    years: dict[str, set[int]] = {}
    anything = False
    for visit in visits:
        anything = True
        if visit.timezone not in _UTC_NAMES:
            both = {visit.starts_at.year, visit.ends_at.year}
            years.setdefault(visit.timezone, set()).update(both)
    if not anything:
        return [_utc(icalendar)]
    return [_zone(icalendar, name, min(of), max(of)) for name, of in sorted(years.items())]


def _zone(icalendar: Any, name: str, first_year: int, last_year: int) -> Any:
    """Return the VTIMEZONE of a zone (RFC 5545, section 3.6.5).

    It lists dates rather than rules, since what governments decide from year to year follows none.
    The library's own maker of such components loses changes between offsets of one name.
    """
    alike: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    for change in zone_changes(name, first_year, last_year):
        key = change.before, change.after, change.name, change.is_daylight
        alike.setdefault(key, []).append(change.onset)
    zone = icalendar.Timezone()
    zone.add("tzid", name)
    for (before, after, called, is_daylight), onsets in alike.items():
        part = icalendar.TimezoneDaylight() if is_daylight else icalendar.TimezoneStandard()
        part.add("dtstart", onsets[0])
        # Some readers forget the first where no date repeats it; two that are equal count once.
        part.add("rdate", onsets)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        part.add("tzname", called)
        zone.add_component(part)
    return zone


def _utc(icalendar: Any) -> Any:
    zone, standard = icalendar.Timezone(), icalendar.TimezoneStandard()
    zone.add("tzid", "Etc/UTC")
    standard.add("dtstart", _EPOCH)
    for edge in ("tzoffsetfrom", "tzoffsetto"):
        standard.add(edge, timedelta())
    standard.add("tzname", "UTC")
    zone.add_component(standard)
    return zone
