"""The tables of RFC 5546 for a VEVENT: how often a message has each property and component.

Section 3.2.2 is that of REQUEST, section 3.2.5 that of CANCEL.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

__all__ = ["breaches"]

_ONCE: Final = "1"
_AT_MOST_ONCE: Final = "0 or 1"
_SOME: Final = "1+"
_ANY: Final = "0+"
_NEVER: Final = "0"

_BOUNDS: Final = {
    _ONCE: (1, 1),
    _AT_MOST_ONCE: (0, 1),
    _SOME: (1, None),
    _ANY: (0, None),
    _NEVER: (0, 0),
}

_IN_BOTH: Final = {
    "DTSTAMP": _ONCE,
    "ORGANIZER": _ONCE,
    "UID": _ONCE,
    "ATTACH": _ANY,
    "CATEGORIES": _ANY,
    "CLASS": _AT_MOST_ONCE,
    "COMMENT": _ANY,
    "CONTACT": _ANY,
    "CREATED": _AT_MOST_ONCE,
    "DESCRIPTION": _AT_MOST_ONCE,
    "DTEND": _AT_MOST_ONCE,
    "DURATION": _AT_MOST_ONCE,
    "EXDATE": _ANY,
    "GEO": _AT_MOST_ONCE,
    "LAST-MODIFIED": _AT_MOST_ONCE,
    "LOCATION": _AT_MOST_ONCE,
    "PRIORITY": _AT_MOST_ONCE,
    "RDATE": _ANY,
    "RECURRENCE-ID": _NEVER,  # only of an instance of a recurring event, which this is not
    "RELATED-TO": _ANY,
    "REQUEST-STATUS": _NEVER,
    "RESOURCES": _ANY,
    "RRULE": _AT_MOST_ONCE,
    "STATUS": _AT_MOST_ONCE,
    "TRANSP": _AT_MOST_ONCE,
    "URL": _AT_MOST_ONCE,
}

_PROPERTIES: Final = {
    "REQUEST": {
        **_IN_BOTH,
        "ATTENDEE": _SOME,
        "DTSTART": _ONCE,
        "SEQUENCE": _AT_MOST_ONCE,
        "SUMMARY": _ONCE,
    },
    "CANCEL": {
        **_IN_BOTH,
        "ATTENDEE": _ANY,
        "DTSTART": _AT_MOST_ONCE,
        "SEQUENCE": _ONCE,
        "SUMMARY": _AT_MOST_ONCE,
    },
}

_COMPONENTS: Final = {
    "REQUEST": {
        "VEVENT": _SOME,
        "VALARM": _ANY,
        "VTIMEZONE": _ANY,
        "VFREEBUSY": _NEVER,
        "VJOURNAL": _NEVER,
        "VTODO": _NEVER,
    },
    "CANCEL": {
        "VEVENT": _SOME,
        "VALARM": _NEVER,
        "VTIMEZONE": _ANY,
        "VFREEBUSY": _NEVER,
        "VJOURNAL": _NEVER,
        "VTODO": _NEVER,
    },
}

_STATUS: Final = {"REQUEST": {"TENTATIVE", "CONFIRMED"}, "CANCEL": {"CANCELLED"}}
"""What STATUS may say, where the whole event is meant."""


def _lines(message: bytes) -> list[tuple[str, str, str]]:
    """Each line as its name, its parameters and its value."""
    read: list[tuple[str, str, str]] = []
    for line in message.decode().replace("\r\n ", "").split("\r\n"):
        inside, quoted = len(line), False
        for place, character in enumerate(line):
            quoted ^= character == '"'
            if character == ":" and not quoted:
                inside = place
                break
        name, _, parameters = line[:inside].partition(";")
        read.append((name, parameters, line[inside + 1 :]))
    return read


def breaches(message: bytes) -> Iterator[str]:
    """What a message does against its table, read from its lines, by no library."""
    lines = _lines(message)
    methods = [value for name, _, value in lines if name == "METHOD"]
    if methods not in (["REQUEST"], ["CANCEL"]):
        yield f"METHOD is {methods}"
        return
    (method,) = methods
    begun = Counter(value for name, _, value in lines if name == "BEGIN")
    yield from _counted(begun, _COMPONENTS[method])
    opens = lines.index(("BEGIN", "", "VEVENT"))
    event = lines[opens + 1 : lines.index(("END", "", "VEVENT"))]
    found = Counter(name for name, _, _ in event)
    table = _PROPERTIES[method]
    yield from _counted(found, table)
    yield from (f"{name} is in no table" for name in found if name not in table)
    if found["DTEND"] and found["DURATION"]:
        yield "DTEND and DURATION are both there"
    values = {name: value for name, _, value in event}
    if "STATUS" in values and values["STATUS"] not in _STATUS[method]:
        yield f"STATUS is {values['STATUS']}"
    zones = {
        part.removeprefix("TZID=")
        for _, parameters, _ in event
        for part in parameters.split(";")
        if part.startswith("TZID=")
    }
    defined = {value for name, _, value in lines if name == "TZID"}
    if zones - defined:
        yield f"no VTIMEZONE says what {zones - defined} is"


def _counted(found: Counter[str], table: dict[str, str]) -> Iterator[str]:
    for name, presence in table.items():
        least, most = _BOUNDS[presence]
        if found[name] < least or (most is not None and found[name] > most):
            yield f"{name} is there {found[name]} times, not {presence}"
