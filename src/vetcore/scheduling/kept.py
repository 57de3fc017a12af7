"""Keeps what was read of clinics in the process, under the versions of their timetables.

Hours, closures, blocks, rooms, equipment, services, policy, memberships, licences and time off change
a few times a day, and each booking asks for them. They are read once, for all days from :data:`_BACK`
before on, and from then on a booking asks whether the versions are still those
(:mod:`vetcore.models.timetables`).

Rules for what is kept:

* it has no day of today in it: whether a licence or a membership holds is judged when somebody books;
* it comes from one statement, which reads watched columns alone, and the versions with them;
* whatever follows from it counts only after a statement has found the versions unchanged.

A version is random and is never given twice. So it does not matter in which transaction something
was read, whether that was rolled back, or whether another database of the process has the same clinic.
"""

import json
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.asking import RESTRICTED
from vetcore.database.driver import is_postgresql, rows_of
from vetcore.errors import NotFound
from vetcore.scheduling.facts import (
    BlockFacts,
    LicenceFacts,
    MembershipFacts,
    PractitionerFacts,
    Rota,
)
from vetcore.scheduling.queries import timetable, timetable_at_the_moment, timetables
from vetcore.values.animals import Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.clinics import ClinicStatus, LicenseStatus, Specialty
from vetcore.values.dates import FIRST_DAY
from vetcore.values.intervals import Span
from vetcore.values.people import Role
from vetcore.values.services import ServiceCatalog

__all__ = ["Kept", "forget", "forget_all", "kept", "read"]

_BACK: Final = timedelta(days=400)
_MOST: Final = 256
"""Clinics for which something is kept, of each pool of connections."""

_COLUMNS: Final = 17
"""Of a row of :func:`~vetcore.scheduling.queries.timetable`."""

_MOST_WINDOWS: Final = 4
"""Stretches of days for which is kept when everybody at a clinic works."""

_Row = Sequence[Any]

_shelves: "WeakKeyDictionary[Any, OrderedDict[tuple[str | None, UUID], Kept]]" = WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True, eq=False)
class Kept:
    """What a clinic's timetable is made of, from the local day ``since`` on."""

    clinic_id: UUID
    since: date
    versions: Mapping[UUID, Sequence[UUID]]
    """Those of the clinic, and of each person who works there."""
    status: ClinicStatus
    calendar: ClinicCalendar
    """Without its exceptions."""
    exceptions: Sequence[tuple[date, date, str | None]]
    """Each with its first day, its last, and its hours; None where the clinic is closed."""
    catalog: ServiceCatalog
    policy: BookingPolicy
    species_treated: tuple[Species, ...]
    rooms: tuple[tuple[UUID, str], ...]
    equipment: tuple[tuple[UUID, str], ...]
    people: Mapping[UUID, PractitionerFacts]
    accepts_new_patients: bool
    blocks: tuple[BlockFacts, ...] = ()

    _windows: "OrderedDict[tuple[date, date], _Window]" = field(
        default_factory=OrderedDict[tuple[date, date], "_Window"]
    )

    def within(self, first: date, last: date) -> "_Window":
        """Return when the clinic is open on some days, and who works there on some of them."""
        found = self._windows.get((first, last))
        if found is None:
            calendar = self._calendar(first, last)
            people = (
                replace(each, rota=Rota(calendar, each.memberships))
                for each in (person.within(first, last) for person in self.people.values())
                if each is not None
            )
            found = calendar, {each.id: each for each in people}
            self._windows[first, last] = found
            while len(self._windows) > _MOST_WINDOWS:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end((first, last))
        return found

    def of_one(self, first: date, last: date, person_id: UUID) -> "_Window":
        """Return the same for one person."""
        known = self.people.get(person_id)
        person = None if known is None else known.within(first, last)
        return self._calendar(first, last), {} if person is None else {person_id: person}

    def _calendar(self, first: date, last: date) -> ClinicCalendar:
        calendar = self.calendar
        for begins, ends, hours in self.exceptions:
            if begins <= last and first <= ends:
                calendar = calendar.but(begins, ends, hours)
        return calendar

    def subjects(self, only: UUID | None = None) -> Collection[UUID]:
        """Return the clinic and the people whose versions matter; of the people, ``only`` one."""
        if only is None:
            return self.versions.keys()
        return [self.clinic_id, only] if only in self.versions else [self.clinic_id]

    def stands_under(self, only: UUID | None = None) -> dict[str, Any]:
        """Return the parameters with which :func:`~vetcore.scheduling.queries.unchanged` asks.

        Args:
            only: of the people, this one alone.
        """
        subjects = self.subjects(only)
        versions = [version for each in subjects for version in self.versions[each]]
        return {"subjects": list(subjects), "versions": versions, "count": len(versions)}


_Window = tuple[ClinicCalendar, Mapping[UUID, PractitionerFacts]]


def _shelf(session: ReadSession) -> "OrderedDict[tuple[str | None, UUID], Kept] | None":
    # What a restricted session sees depends on who asks.
    if not isinstance(session, AsyncSession) or session.info.get(RESTRICTED) is not None:
        return None
    return _shelves.setdefault(session.get_bind().engine.pool, OrderedDict())


def kept(session: ReadSession, clinic_id: UUID, first: date) -> Kept | None:
    """Return what is kept of a clinic for the days from ``first`` on, or None if nothing is.

    It may be out of date.
    """
    shelf = _shelf(session)
    place = session.info.get("tenant"), clinic_id
    found = None if shelf is None else shelf.get(place)
    if shelf is None or found is None or first < found.since:
        return None
    shelf.move_to_end(place)
    return found


def forget(session: ReadSession, clinic_id: UUID) -> None:
    """Keep nothing of a clinic any more, since its timetable is another by now."""
    shelf = _shelf(session)
    if shelf is not None:
        shelf.pop((session.info.get("tenant"), clinic_id), None)


def forget_all() -> None:
    """Keep nothing of any clinic, so that each is read anew."""
    _shelves.clear()


async def read(
    session: ReadSession,
    clinic_id: UUID,
    first: date,
    *,
    at_the_moment: Mapping[str, Any] | None = None,
) -> tuple[Kept, _Row]:
    """Read what there is to keep of a clinic, and keep it.

    Args:
        session: for reading.
        clinic_id: the clinic.
        first: the first day that matters.
        at_the_moment: parameters of a moment, which is then read in the same statement.

    Returns:
        What is kept, and two columns of the moment if it was asked for.

    Raises:
        NotFound: there is no such clinic.
    """
    statement = timetable() if at_the_moment is None else timetable_at_the_moment()
    given: dict[str, Any] = {**(at_the_moment or {}), "clinic": clinic_id, **_since(first)}
    rows = await rows_of(session, statement, given)
    if not rows:
        forget(session, clinic_id)
        raise NotFound(entity="clinic", key=clinic_id)
    row = tuple(rows[0])
    found = _made(clinic_id, given["first"], row[:_COLUMNS])
    _put(session, found)
    return found, row[_COLUMNS:]


async def read_several(
    session: ReadSession, clinic_ids: Collection[UUID], first: date
) -> dict[UUID, Kept]:
    """Read what there is to keep of several clinics in one statement, and keep it.

    Raises:
        NotFound: there is no such clinic.
    """
    if not clinic_ids:
        return {}
    as_array = isinstance(session, AsyncSession) and is_postgresql(session)
    given: dict[str, Any] = {"clinics": list(clinic_ids), **_since(first)}
    rows = await rows_of(session, timetables(as_array=as_array), given)
    found = {row[-1]: _made(row[-1], given["first"], tuple(row)[:_COLUMNS]) for row in rows}
    for key in clinic_ids:
        if key not in found:
            forget(session, key)
            raise NotFound(entity="clinic", key=key)
        _put(session, found[key])
    return found


def _since(first: date) -> dict[str, Any]:
    """From when on it is read."""
    day = min(first, clock.now().date())
    since = day - _BACK if day.toordinal() - _BACK.days > FIRST_DAY.toordinal() else FIRST_DAY
    return {"first": since, "kept_from": datetime.combine(since, time(), UTC)}


def _put(session: ReadSession, found: Kept) -> None:
    shelf = _shelf(session)
    # Without a version, nobody could tell whether it is out of date.
    if shelf is not None and found.versions[found.clinic_id]:
        shelf[session.info.get("tenant"), found.clinic_id] = found
        while len(shelf) > _MOST:
            shelf.popitem(last=False)


def _made(clinic_id: UUID, since: date, row: _Row) -> Kept:
    status, zone, hours, address, part, services, policy, treated, new, *details = row
    exceptions, blocks, rooms, equipment, memberships, time_off, members, versions = (
        json.loads(each or "[]") for each in details
    )
    calendar = ClinicCalendar.of(hours, zone, json.loads(address)["country"], part)
    held: dict[UUID, list[_Row]] = {}
    for membership in memberships:
        held.setdefault(UUID(membership[0]), []).append(membership)
    away: dict[UUID, list[Span]] = {}
    for identity, begins, ends in time_off:
        away.setdefault(UUID(identity), []).append(Span(begins, ends))
    known: dict[UUID, list[UUID]] = {clinic_id: [], **{UUID(each): [] for (each,) in members}}
    for subject, version in versions:
        known[UUID(subject)].append(UUID(version))
    return Kept(
        clinic_id=clinic_id,
        since=since,
        versions=known,
        status=ClinicStatus(status),
        calendar=calendar,
        exceptions=[(_date(begins), _date(ends), text) for begins, ends, text in exceptions],
        catalog=_catalog(services),
        policy=_policy(policy),
        species_treated=_species(treated),
        rooms=tuple((UUID(identity), kind) for identity, kind in rooms),
        equipment=tuple((UUID(identity), kind) for identity, kind in equipment),
        people={key: _person(key, held[key], away.get(key, ()), calendar) for key in sorted(held)},
        accepts_new_patients=bool(new),
        blocks=tuple(map(_block, blocks)),
    )


def _block(row: _Row) -> BlockFacts:
    label, first_on, last_on, hours, practitioner_id, room_id = row
    return BlockFacts(
        label,
        _date(first_on),
        _date_or_none(last_on),
        hours,
        _key_or_none(practitioner_id),
        _key_or_none(room_id),
    )


def _person(
    key: UUID, several: Sequence[_Row], away: Iterable[Span], calendar: ClinicCalendar
) -> PractitionerFacts:
    _, status, expires_on, specialties, treated, new, *_ = several[0]
    memberships = tuple(
        MembershipFacts(
            Role(role),
            _date(starts_on),
            _date_or_none(ends_on),
            calendar.same_place(text) if text else None,
        )
        for *_, role, starts_on, ends_on, text in several
    )
    if status is None:
        return PractitionerFacts(key, memberships, time_off=tuple(sorted(away)))
    return PractitionerFacts(
        key,
        memberships,
        licence=LicenceFacts(LicenseStatus(status), _date_or_none(expires_on)),
        specialties=_specialties(specialties),
        species_treated=_species(treated),
        time_off=tuple(sorted(away)),
        accepts_new_patients=bool(new),
    )


_catalog = lru_cache(maxsize=2048)(ServiceCatalog.model_validate_json)
_policy = lru_cache(maxsize=2048)(BookingPolicy.model_validate_json)


@lru_cache(maxsize=1024)
def _specialties(text: str) -> tuple[Specialty, ...]:
    return tuple(map(Specialty, json.loads(text)))


@lru_cache(maxsize=1024)
def _species(text: str) -> tuple[Species, ...]:
    return tuple(map(Species, json.loads(text)))


def _key_or_none(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _date_or_none(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
