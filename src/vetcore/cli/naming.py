"""What people type for a clinic, a veterinarian, a pet or a time, and what is meant by it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import String, case, func, literal, or_, select

from vetcore.database import ReadSession
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import Clinic, Pet, StaffMembership, User, Veterinarian
from vetcore.values.intervals import instant
from vetcore.values.microchip import normalize_microchip
from vetcore.values.walltime import localize, midnight, zone_named

__all__ = [
    "day_in",
    "end_in",
    "moment_in",
    "one_clinic",
    "one_pet",
    "one_veterinarian",
    "staff_names",
    "start_in",
]

T = TypeVar("T")

_NAMED = 5
"""As many are named where a name fits several."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


async def one_clinic(session: ReadSession, wanted: str) -> Clinic:
    """The clinic of that id or name; a part of the name will do, if it is that of no other.

    Raises:
        NotFound: no clinic is called that.
        InvalidValue: several are; some are named.
    """
    key = _key(wanted)
    if key is not None:
        found = await session.get(Clinic, key)
        return _one("clinic", wanted, {} if found is None else {found.name: found})
    whole_names_first = case((func.lower(Clinic.name) == func.lower(wanted), 0), else_=1)
    like = (
        select(Clinic)
        .where(Clinic.name.icontains(wanted, autoescape=True))
        .order_by(whole_names_first, Clinic.name, Clinic.id)
        .limit(_NAMED + 1)
    )
    clinics = (await session.scalars(like)).all()
    exact = [clinic for clinic in clinics if clinic.name.casefold() == wanted.casefold()]
    return _one(
        "clinic",
        wanted,
        {
            f"{clinic.name} ({clinic.address.city}, {clinic.id})": clinic
            for clinic in exact or clinics
        },
    )


async def staff_names(session: ReadSession, clinic_id: UUID) -> dict[UUID, str]:
    """The name of each veterinarian who has, had or will have a post at the clinic."""
    rows = await session.execute(
        select(Veterinarian.id, User.first_name, User.last_name)
        .join(User, User.id == Veterinarian.user_id)
        .join(StaffMembership, StaffMembership.user_id == User.id)
        .where(StaffMembership.clinic_id == clinic_id)
        .order_by(User.last_name, User.first_name, Veterinarian.id)
    )
    return {key: f"{first} {last}".strip() for key, first, last in rows}


def one_veterinarian(names: Mapping[UUID, str], wanted: str) -> UUID:
    """The veterinarian of that id or name among a clinic's; a part of the name will do.

    Raises:
        NotFound: none is called that.
        InvalidValue: several are; some are named.
    """
    key = _key(wanted)
    return _one(
        "veterinarian",
        wanted,
        {
            f"{name} ({each})": each
            for each, name in names.items()
            if (wanted.casefold() in name.casefold() if key is None else each == key)
        },
    )


async def one_pet(session: ReadSession, wanted: str) -> Pet:
    """The pet of that id, microchip, licence number or, if no other is called that, name.

    A microchip may be written with spaces or hyphens, as it is on the animal's papers.

    Raises:
        NotFound: there is no such pet.
        InvalidValue: there are several; some are named.
    """
    key = _key(wanted)
    if key is not None:
        found = await session.get(Pet, key)
        return _one("pet", wanted, {} if found is None else {found.name: found})
    # Each column would refuse a text that is too long for it, though it may fit another.
    text, chip = literal(wanted, String), literal(_chip(wanted), String)
    statement = select(Pet).where(
        or_(Pet.microchip == chip, Pet.license_number == text, Pet.name == text)
    )
    pets = (await session.scalars(statement.order_by(Pet.id).limit(_NAMED + 1))).all()
    return _one("pet", wanted, {f"{pet.name}, {pet.species} ({pet.id})": pet for pet in pets})


def day_in(zone: ZoneInfo, text: str | None, *, today: datetime) -> date:
    """The day that ``text`` names, as ``YYYY-MM-DD``; without it, that of ``today`` in the zone.

    Raises:
        InvalidValue: it names no day, or one that no clinic has to do with.
    """
    match text:
        case None | "today":
            return today.astimezone(zone).date()
        case "tomorrow":
            return today.astimezone(zone).date() + timedelta(days=1)
        case _:
            day = _date(text)
            if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
                raise InvalidValue(
                    field="date",
                    rule="is not a day",
                    expected="YYYY-MM-DD, today or tomorrow",
                    value=text,
                )
            return day


def start_in(zone: ZoneInfo, text: str | None, *, today: datetime) -> datetime:
    """The instant from which ``text`` says to look: the beginning of a day, or a time.

    Raises:
        InvalidValue: it names neither; or the clocks skip that time, or show it twice.
    """
    if text is not None and _is_time(text):
        return moment_in(zone.key, text, field="from")
    return instant(midnight(day_in(zone, text, today=today), zone))


def end_in(zone: ZoneInfo, text: str, *, today: datetime) -> datetime:
    """The instant until which ``text`` says to look: the end of a day, or a time.

    Raises:
        InvalidValue: it names neither; or the clocks skip that time, or show it twice.
    """
    if _is_time(text):
        return moment_in(zone.key, text, field="until")
    return instant(midnight(day_in(zone, text, today=today) + timedelta(days=1), zone))


def moment_in(timezone: str, text: str, *, field: str = "start") -> datetime:
    """The instant that a clock on the clinic's wall shows as ``text``, or that its offset says.

    Raises:
        InvalidValue: it is no time; or the clocks skip it, or show it twice that day.
    """
    zone = zone_named(timezone)
    wall = _wall(text)
    if wall is None or not _FIRST_YEAR <= wall.year <= _LAST_YEAR:
        raise InvalidValue(
            field=field, rule="is not a time", expected="such as 2026-03-09T09:30", value=text
        )
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if instant(localize(wall, zone)).astimezone(zone).replace(tzinfo=None) != wall:
        raise InvalidValue(
            field=field,
            rule=f"is a time that the clocks of {timezone} skip that day",
            expected=f"from {_after_gap(wall, zone):%H:%M} on",
            value=text,
        )
    if first.utcoffset() != second.utcoffset():
        raise InvalidValue(
            field=field,
            rule=f"is a time that the clocks of {timezone} show twice that day",
            expected=f"{first.isoformat(timespec='minutes')} or "
            f"{second.isoformat(timespec='minutes')}",
            value=text,
        )
    return first.astimezone(UTC)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _wall(text: str) -> datetime | None:
    """A time; a day alone is none, though Python reads it as its midnight."""
    try:
        return None if _date(text) is not None else datetime.fromisoformat(text)
    except ValueError:
        return None


def _is_time(text: str) -> bool:
    return _wall(text) is not None


def _chip(text: str) -> str:
    try:
        return normalize_microchip(text)
    except InvalidValue:
        return text


def _after_gap(wall: datetime, zone: ZoneInfo) -> time:
    return instant(localize(wall, zone)).astimezone(zone).time()


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _one(entity: str, wanted: str, found: Mapping[str, T]) -> T:
    if not found:
        raise NotFound(entity=entity, key=wanted)
    if len(found) == 1:
        return next(iter(found.values()))
    names: Sequence[Any] = list(found)[:_NAMED]
    more = "" if len(found) <= _NAMED else " or others"
    raise InvalidValue(
        field=entity,
        rule="fits several",
        expected=f"one of {'; '.join(names)}{more}",
        value=wanted,
    )
