"""Finds the clinics nearest to a place that meet given conditions."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import pydantic
from sqlalchemy import ColumnElement, exists, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from vetcore.database import ReadSession
from vetcore.database.cursors import Page, cursor_after, position_of
from vetcore.directory.distance import MEAN_RADIUS, by_distance
from vetcore.directory.species import treats
from vetcore.errors import InvalidInput, InvalidValue
from vetcore.models import Clinic, ClinicClosure
from vetcore.values.animals import Species
from vetcore.values.clinics import ClinicStatus
from vetcore.values.coordinates import Coordinates, chord_to_arc
from vetcore.values.walltime import require_instant

__all__ = ["NearbyClinic", "nearest_clinics", "open_clinics"]

_MILLIMETRE = 0.001
"""What the places of clinics are exact to, at least."""

_LOOKED_AT_FOR_ONE_OPEN = 3
"""Round trips cost more than rows: two of three may be closed, and one look is still enough."""


@dataclass(frozen=True, slots=True)
class NearbyClinic:
    """A clinic and its distance in metres."""

    clinic: Clinic
    distance_m: float
    """Metres along the ground, as exact as :func:`vetcore.values.coordinates.chord_to_arc` says."""


async def nearest_clinics(  # noqa: PLR0913 -- a keyword for each filter
    session: ReadSession,
    latitude: float,
    longitude: float,
    *,
    limit: int = 10,
    within_m: float | None = None,
    open_at: datetime | None = None,
    service: str | None = None,
    species: Species | None = None,
    accepts_new_patients: bool | None = None,
    accepts_emergencies: bool | None = None,
    after: str | None = None,
) -> Page[NearbyClinic]:
    """Return the active clinics nearest to a place, the nearest first.

    The order is exact on both engines, at the poles and across the date line. Clinics are ordered
    by the straight line through the Earth, on the WGS84 ellipsoid. The way along the ground gives
    the same order, except for two clinics whose distances differ by less than the error of that
    measure (1 mm at 10 km, 2 cm at 100 km, 20 m at 1,000 km).

    Args:
        session: any session.
        latitude: WGS84 degrees, north positive.
        longitude: WGS84 degrees, east positive.
        limit: how many at most.
        within_m: no farther than so many metres, give or take a millimetre.
        open_at: open at that instant, by weekly hours, public holidays and closures.
        service: offering it (and, where ``species`` is given, offering it for that species).
        species: treating it.
        accepts_new_patients: whether they must, or must not, take new patients.
        accepts_emergencies: whether they must, or must not, take emergencies.
        after: the ``next_cursor`` of the page before, of the same place.

    Raises:
        InvalidInput: the coordinates are out of range.
        InvalidValue: ``limit`` or ``within_m`` is negative, ``open_at`` is naive or out of range,
            or ``after`` is no cursor of this list.
    """
    here = _place(latitude, longitude)
    reach = _reach(within_m)
    if limit < 0:
        raise InvalidValue(field="limit", rule="must not be negative", value=limit)
    if open_at is not None:
        require_instant(open_at, field="open_at")
    conditions = [Clinic.status == ClinicStatus.ACTIVE]
    for column, wanted in (
        (Clinic.accepts_new_patients, accepts_new_patients),
        (Clinic.accepts_emergencies, accepts_emergencies),
    ):
        if wanted is not None:
            conditions.append(column.is_(wanted))
    dialect = (await session.connection()).dialect.name
    conditions += _offers(service, dialect)
    if species is not None:
        conditions.append(treats(Clinic.species_treated, species, dialect))
    name = f"clinics near {here.latitude!r} {here.longitude!r}"
    passed = None if after is None else position_of(name, after, kinds=(float, UUID))
    since: float = passed[0] if passed else 0.0
    found: list[tuple[float, Clinic]] = []
    at_first = limit + 1 if open_at is None else limit * _LOOKED_AT_FOR_ONE_OPEN + 1
    async for batch in by_distance(
        session,
        here,
        conditions,
        reach=reach,
        at_first=at_first,
        since=since,
        note=_closes(open_at),
    ):
        candidates = [(c, closes) for c, _, closes in batch if _fits(c, service, species)]
        fitting = await _open_among(session, candidates, open_at)
        found.extend(
            (chord, clinic)
            for clinic, chord, _ in batch
            if clinic.id in fitting and (passed is None or [chord, clinic.id] > passed)
        )
        if len(found) > limit:
            break
    page = Page([NearbyClinic(clinic, chord_to_arc(chord)) for chord, clinic in found[:limit]])
    if 0 < limit < len(found):
        chord, clinic = found[limit - 1]
        page.next_cursor = cursor_after(name, (chord, clinic.id))
    return page


def _place(latitude: float, longitude: float) -> Coordinates:
    try:
        return Coordinates(latitude=latitude, longitude=longitude)
    except pydantic.ValidationError as error:
        raise InvalidInput.from_pydantic(error) from error


def _reach(within: float | None) -> float:
    """The chord over an arc of that length."""
    if within is None:
        return math.inf
    if not within >= 0:
        raise InvalidValue(field="within_m", rule="must not be negative", value=within)
    angle = within / MEAN_RADIUS
    return math.inf if angle >= math.pi else 2 * MEAN_RADIUS * math.sin(angle / 2) + _MILLIMETRE


def _offers(service: str | None, dialect: str) -> Iterator[ColumnElement[bool]]:
    if service is None:
        return
    if dialect == "postgresql":
        wanted = {"offerings": [{"service": service}]}
        yield type_coerce(Clinic.services, JSONB).contains(wanted)
        return
    offering = func.json_each(Clinic.services, "$.offerings").table_valued("value")
    same = func.json_extract(offering.c.value, "$.service") == service
    yield exists(select(1).select_from(offering).where(same))


def _fits(clinic: Clinic, service: str | None, species: Species | None) -> bool:
    """Whether the service is offered for the species; the clinic has the one and treats the other."""
    if service is None or species is None:
        return True
    offering = clinic.services.get(service)
    return offering is not None and offering.is_for(species)


def _closes(instant: datetime | None) -> ColumnElement[bool] | None:
    """Whether a clinic has closures around then: few do, and only theirs need a look."""
    if instant is None:
        return None
    return exists().where(ClinicClosure.clinic_id == Clinic.id, *_around(instant))


async def _open_among(
    session: ReadSession, clinics: Sequence[tuple[Clinic, bool]], instant: datetime | None
) -> set[UUID]:
    """The keys of those that are open, given which of them may have closures; or of all."""
    if instant is None:
        return {clinic.id for clinic, _ in clinics}
    closing = [clinic for clinic, closes in clinics if closes]
    usual = {
        clinic.id for clinic, closes in clinics if not closes and clinic.calendar().is_open(instant)
    }
    return usual | await open_clinics(session, closing, instant) if closing else usual


async def open_clinics(
    session: ReadSession, clinics: Sequence[Clinic], instant: datetime
) -> set[UUID]:
    """Return the keys of those clinics that are open at the instant, closures considered.

    Raises:
        InvalidValue: ``instant`` is naive or out of range.
    """
    require_instant(instant, field="instant")
    rows = await session.scalars(
        select(ClinicClosure)
        .where(
            ClinicClosure.clinic_id.in_([clinic.id for clinic in clinics]),
            *_around(instant),
        )
        .order_by(ClinicClosure.clinic_id, ClinicClosure.first_on, ClinicClosure.id)
    )
    closures = {key: list(group) for key, group in groupby(rows, lambda row: row.clinic_id)}
    return {
        clinic.id
        for clinic in clinics
        if clinic.calendar(closures.get(clinic.id, ())).is_open(instant)
    }


def _around(instant: datetime) -> Iterator[ColumnElement[bool]]:
    """Closures that may matter then: whatever the zone, and for nights that began before."""
    around = timedelta(days=2)
    yield ClinicClosure.first_on <= (instant + around).date()
    yield ClinicClosure.last_on >= (instant - around).date()
