"""Orders clinics by their distance, by means of each engine.

Positions are points in space (metres from the Earth's centre), and distances are chords. They are
exact everywhere, with no seam at the date line and no pole.
"""

import math
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    Select,
    Uuid,
    and_,
    bindparam,
    column,
    false,
    func,
    literal_column,
    select,
    table,
)

from vetcore.database import ReadSession
from vetcore.models import Clinic
from vetcore.models.types import Cube
from vetcore.values.coordinates import Coordinates, Ecef

__all__ = ["MEAN_RADIUS", "by_distance"]

MEAN_RADIUS: Final = 6_371_008.771_4
"""Of the WGS84 ellipsoid, in metres: what turns chords into arcs."""

_EARTH: Final = 2 * 6_378_137.0
"""The longest chord there is."""

_FIRST_BOX: Final = 2_000.0
_GROWTH: Final = 4
_FLOAT32_STEP: Final = 1.0
"""R*Trees keep single-precision numbers: at the Earth's radius they are half a metre apart."""

_METRES: Final[Double[float]] = Double()

_positions = table(
    "clinic_positions",
    column("clinic_id", Uuid()),
    *(column(name, _METRES) for name in ("x0", "x1", "y0", "y1", "z0", "z1")),
)

Batch = list[tuple[Clinic, float, bool]]


async def by_distance(  # noqa: PLR0913
    session: ReadSession,
    here: Coordinates,
    conditions: Sequence[ColumnElement[bool]],
    *,
    reach: float,
    at_first: int,
    since: float = 0.0,
    note: ColumnElement[bool] | None = None,
) -> AsyncIterator[Batch]:
    """Yield clinics with their chords from ``here`` and a note on each, the nearest first.

    Args:
        session: any session.
        here: where to measure from.
        conditions: what else must hold of a clinic.
        reach: the longest chord, in metres; infinite for no limit.
        at_first: how many the first batch has at most; later ones have more.
        since: the shortest chord, in metres.
        note: what to ask of each clinic, without leaving out any; false if nothing is.
    """
    noted = false() if note is None else note
    dialect = (await session.connection()).dialect.name
    engine = _by_cube if dialect == "postgresql" else _by_rtree
    async for batch in engine(session, here.ecef(), conditions, noted, (since, reach), at_first):
        yield batch


async def _by_cube(  # noqa: PLR0913, PLR0917
    session: ReadSession,
    here: Ecef,
    conditions: Sequence[ColumnElement[bool]],
    note: ColumnElement[bool],
    between: tuple[float, float],
    size: int,
) -> AsyncIterator[Batch]:
    position = literal_column("clinics.position", Cube())
    point = func.cube(bindparam("point", list(here), ARRAY(_METRES)))
    chord: ColumnElement[float] = position.op("<->", return_type=_METRES)(point)
    # NULL IS NOT TRUE: the clinics without a position must be left out by name.
    where = and_(Clinic.latitude.is_not(None), *conditions)
    since, reach = between
    if since:
        where = and_(where, chord >= bindparam("since", since, _METRES))
    if reach < _EARTH:
        box = func.cube_enlarge(point, bindparam("reach", reach, _METRES), 3)
        where = and_(where, position.op("<@", is_comparison=True)(box), chord <= reach)
    # A second criterion of order would keep PostgreSQL from using the index: ties come together
    # instead, and are put in order here.
    nearest = select(Clinic, chord, note).where(where).order_by(chord)
    further = nearest
    while True:
        rows = (await session.execute(further.fetch(size, with_ties=True))).all()
        batch = sorted(((c, d, n) for c, d, n in rows), key=lambda near: (near[1], near[0].id))
        if batch:
            yield batch
        if len(batch) < size:
            return
        further = nearest.where(chord > bindparam("passed", batch[-1][1], _METRES))
        size *= 2


async def _by_rtree(  # noqa: PLR0913, PLR0917
    session: ReadSession,
    here: Ecef,
    conditions: Sequence[ColumnElement[bool]],
    note: ColumnElement[bool],
    between: tuple[float, float],
    size: int,
) -> AsyncIterator[Batch]:
    """Look into ever larger boxes around ``here``: what is nearer than a box's wall is certain."""
    since, reach = between
    done = -1.0
    certain = min(reach, max(_FIRST_BOX, since * _GROWTH))
    while True:
        places = await session.execute(
            select(Clinic.id, Clinic.latitude, Clinic.longitude).where(
                Clinic.id.in_(_in_box(here, certain)),
                *conditions,
            )
        )
        ring = sorted(
            (chord, key)
            for key, latitude, longitude in places
            if latitude is not None
            and longitude is not None
            and done < (chord := _chord(here, latitude, longitude)) <= certain
            and chord >= since
        )
        for start in range(0, len(ring), size):
            yield await _load(session, ring[start : start + size], note)
        if certain >= min(reach, _EARTH):
            return
        done, certain = certain, min(reach, certain * _GROWTH)


def _chord(here: Ecef, latitude: float, longitude: float) -> float:
    # model_construct: what is stored has been validated, and this runs for each candidate.
    there = Coordinates.model_construct(latitude=latitude, longitude=longitude)
    return math.dist(here, there.ecef())


def _in_box(here: Ecef, half: float) -> Select[UUID]:
    wall = half + _FLOAT32_STEP
    columns: Any = _positions.c
    within = (
        condition
        for axis, middle in zip("xyz", here, strict=True)
        for condition in (
            columns[f"{axis}1"] >= middle - wall,
            columns[f"{axis}0"] <= middle + wall,
        )
    )
    # Whether a clinic is deleted is asked of the clinic, outside.
    return select(columns.clinic_id).where(*within).execution_options(include_deleted=True)


async def _load(
    session: ReadSession, ring: Sequence[tuple[float, UUID]], note: ColumnElement[bool]
) -> Batch:
    rows = await session.execute(
        select(Clinic, note).where(Clinic.id.in_([key for _, key in ring]))
    )
    clinics = {clinic.id: (clinic, noted) for clinic, noted in rows}
    return [(clinics[key][0], chord, clinics[key][1]) for chord, key in ring]
