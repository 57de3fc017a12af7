"""The nearest clinics, against the geodesics of geographiclib, on both engines."""

import math
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from geographiclib.geodesic import Geodesic
from sqlalchemy import event, text

from tests.examples import EXAM, clinic
from tests.plans import watched
from vetcore.database import Database
from vetcore.directory import NearbyClinic, nearest_clinics
from vetcore.errors import InvalidInput, InvalidValue
from vetcore.models import Clinic, ClinicClosure
from vetcore.values.animals import Species
from vetcore.values.clinics import ClinicStatus, ServiceType
from vetcore.values.services import ServiceCatalog, ServiceOffering

SEATTLE = (47.6062, -122.3321)

Place = tuple[float, float]


@cache
def _geodesic(one: Place, other: Place) -> float:
    return float(Geodesic.WGS84.Inverse(*one, *other)["s12"])  # type: ignore[no-untyped-call]


@cache
def _arc(one: Place, other: Place) -> float:
    """On a sphere, in radians."""
    north, east, to_north, to_east = map(math.radians, (*one, *other))
    haversine = (
        math.sin((to_north - north) / 2) ** 2
        + math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    )
    return 2 * math.asin(min(1.0, math.sqrt(haversine)))


def _at(place: Place, **given: object) -> Clinic:
    return clinic(latitude=place[0], longitude=place[1], **given)


async def _stored(db: Database, clinics: Sequence[Clinic]) -> None:
    async with db.transaction() as session:
        session.add_all(clinics)


async def _nearest(db: Database, place: Place, **filters: object) -> list[NearbyClinic]:
    async with db.session() as session:
        return await nearest_clinics(session, *place, **filters)  # type: ignore[arg-type]


def _names(found: Sequence[NearbyClinic]) -> list[str]:
    return [near.clinic.name for near in found]


def _anywhere(dice: random.Random) -> Place:
    # Uniform on the sphere: latitudes by arcsine, or the poles would be crowded.
    return math.degrees(math.asin(dice.uniform(-1, 1))), dice.uniform(-180, 180)


def _around(dice: random.Random, centre: Place, degrees: float) -> Place:
    latitude = max(-90.0, min(90.0, centre[0] + dice.uniform(-degrees, degrees)))
    longitude = centre[1] + dice.uniform(-degrees, degrees)
    return latitude, (longitude + 180) % 360 - 180


CROWDED: tuple[tuple[Place, float], ...] = (
    ((90.0, 0.0), 1.0),
    ((-90.0, 0.0), 1.0),
    ((0.0, 180.0), 1.0),
    ((-17.0, 179.9), 0.5),
    ((65.0, -180.0), 1.0),
    (SEATTLE, 0.2),
    ((0.0, 0.0), 0.5),
)


def _neighbour(dice: random.Random, centre: Place, degrees: float) -> Place:
    """Near ``centre``; about a pole, that is any longitude."""
    if abs(centre[0]) == 90.0:
        away = dice.uniform(0, degrees)
        return centre[0] - away if centre[0] > 0 else centre[0] + away, dice.uniform(-180, 180)
    return _around(dice, centre, degrees)


async def test_the_nearest_set_is_never_wrong(db: Database) -> None:
    """600 points: poles, the date line, cities, and anywhere at all."""
    dice = random.Random(20260309)
    places = [_anywhere(dice) for _ in range(200)]
    places += [_neighbour(dice, *crowd) for crowd in CROWDED for _ in range(40)]
    places += [(90.0, 0.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0)]
    await _stored(db, [_at(place, name=str(n)) for n, place in enumerate(places)])
    questions = [_anywhere(dice) for _ in range(40)]
    questions += [_neighbour(dice, *crowd) for crowd in CROWDED for _ in range(8)]
    questions += [(90.0, 0.0), (-90.0, 77.0), (0.0, 180.0), (0.0, -180.0)]
    async with db.session() as session:
        for question in questions:
            found = await nearest_clinics(session, *question, limit=10)
            # On a sphere, a place is out by 0.6 % at most: none beyond the 40 nearest is in question.
            by_arc = sorted(range(len(places)), key=lambda n: _arc(question, places[n]))
            exact = {n: _geodesic(question, places[n]) for n in by_arc[:40]}
            chosen = {int(near.clinic.name) for near in found}
            assert len(chosen) == 10
            farthest = max(exact[n] for n in chosen)
            nearest_left_out = min(exact[n] for n in exact.keys() - chosen)
            # What chord_to_arc promises: 2 cm at 100 km, 20 m at 1,000 km, 0.6 % at the worst.
            error = 0.02 if farthest < 1e5 else 20 if farthest < 1e6 else farthest * 0.006
            assert farthest <= nearest_left_out + error
            for near in found:
                away = exact[int(near.clinic.name)]
                assert near.distance_m == pytest.approx(away, abs=0.02, rel=0.006)
            assert [n.distance_m for n in found] == sorted(n.distance_m for n in found)


async def test_clinics_across_the_date_line_are_near(db: Database) -> None:
    west, east, far = (-16.5, 179.95), (-16.5, -179.95), (-16.5, 178.0)
    await _stored(db, [_at(east, name="east"), _at(far, name="far")])
    assert _names(await _nearest(db, west, limit=1)) == ["east"]


async def test_equally_near_clinics_come_in_a_stable_order(db: Database) -> None:
    await _stored(db, [_at(SEATTLE) for _ in range(7)])
    found = await _nearest(db, SEATTLE, limit=7)
    keys = [near.clinic.id for near in found]
    assert keys == sorted(keys)
    assert [near.clinic.id for near in await _nearest(db, SEATTLE, limit=3)] == keys[:3]


async def test_within_leaves_out_what_is_farther(db: Database) -> None:
    portland = (45.5152, -122.6784)
    await _stored(db, [_at(SEATTLE, name="here"), _at(portland, name="there")])
    assert _names(await _nearest(db, SEATTLE, within_m=234_200)) == ["here", "there"]
    assert _names(await _nearest(db, SEATTLE, within_m=233_700)) == ["here"]
    assert _names(await _nearest(db, SEATTLE, within_m=0)) == ["here"]
    assert len(await _nearest(db, (-47.6, 57.7), within_m=20_100_000)) == 2


async def test_a_clinic_that_moves_is_found_where_it_went(db: Database) -> None:
    place = _at(SEATTLE, name="moving")
    await _stored(db, [place])
    async with db.transaction() as session:
        moved = await session.get_one(Clinic, place.id)
        moved.latitude, moved.longitude = 27.7172, 85.3240
    assert await _nearest(db, SEATTLE, within_m=1000) == []
    assert _names(await _nearest(db, (27.7172, 85.3240), within_m=1000)) == ["moving"]


async def test_clinics_without_a_position_are_nowhere(db: Database) -> None:
    await _stored(db, [clinic(latitude=None, longitude=None), _at(SEATTLE, name="somewhere")])
    assert _names(await _nearest(db, SEATTLE, limit=5)) == ["somewhere"]


async def test_deleted_and_inactive_clinics_are_left_out(db: Database) -> None:
    gone = _at(SEATTLE, name="gone")
    closed = _at(SEATTLE, name="closed", status=ClinicStatus.CLOSED)
    await _stored(db, [gone, closed, _at(SEATTLE, name="open")])
    async with db.transaction() as session:
        await session.execute(
            text("UPDATE clinics SET deleted_at = CURRENT_TIMESTAMP WHERE name = 'gone'")
        )
    assert _names(await _nearest(db, SEATTLE)) == ["open"]


async def test_filters_by_what_a_clinic_offers_and_treats(db: Database) -> None:
    cats_only = ServiceOffering(
        service=ServiceType.SPAY_NEUTER, duration_minutes=60, species=(Species.CAT,)
    )
    await _stored(
        db,
        [
            _at(SEATTLE, name="exams for all"),
            _at(SEATTLE, name="cats", species_treated=(Species.CAT,)),
            _at(
                SEATTLE,
                name="neuters cats, treats dogs",
                services=ServiceCatalog(offerings=(EXAM, cats_only)),
                species_treated=(Species.CAT, Species.DOG),
            ),
        ],
    )
    neutering = ServiceType.SPAY_NEUTER

    async def found(**filters: object) -> set[str]:
        return set(_names(await _nearest(db, SEATTLE, **filters)))

    assert len(await found(service=ServiceType.WELLNESS_EXAM)) == 3
    assert await found(service=neutering) == {"neuters cats, treats dogs"}
    assert await found(species=Species.DOG) == {"exams for all", "neuters cats, treats dogs"}
    assert await found(species=Species.HORSE) == {"exams for all"}
    assert await found(service=neutering, species=Species.CAT) == {"neuters cats, treats dogs"}
    assert await found(service=neutering, species=Species.DOG) == set()


async def test_filters_by_whom_a_clinic_accepts(db: Database) -> None:
    await _stored(
        db,
        [
            _at(SEATTLE, name="full", accepts_new_patients=False),
            _at(SEATTLE, name="emergencies", accepts_emergencies=True),
        ],
    )
    assert _names(await _nearest(db, SEATTLE, accepts_new_patients=True)) == ["emergencies"]
    assert _names(await _nearest(db, SEATTLE, accepts_emergencies=False)) == ["full"]


async def test_the_open_ones_are_found_behind_many_that_are_shut(db: Database) -> None:
    monday_night = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)  # 22:00 on Monday in Seattle
    far = (SEATTLE[0] + 1.0, SEATTLE[1])
    await _stored(
        db,
        [
            *(_at(SEATTLE, name=f"day {n}", opening_hours="Mo-Fr 08:00-18:00") for n in range(25)),
            _at(far, name="night", opening_hours="Mo-Fr 18:00-08:00"),
        ],
    )
    assert _names(await _nearest(db, SEATTLE, limit=1, open_at=monday_night)) == ["night"]


async def test_a_closure_shuts_a_clinic_and_other_hours_open_it(db: Database) -> None:
    shut, other, night = (
        _at(SEATTLE, name="shut", opening_hours="24/7"),
        _at(SEATTLE, name="other", opening_hours="Mo-Fr 08:00-18:00"),
        _at(SEATTLE, name="night", opening_hours="Mo-Su 20:00-06:00"),
    )
    saturday = date(2026, 3, 14)
    await _stored(db, [shut, other, night])
    async with db.transaction() as session:
        for place, hours in ((shut, None), (other, "10:00-14:00"), (night, None)):
            session.add(
                ClinicClosure(
                    clinic_id=place.id,
                    first_on=saturday,
                    last_on=saturday,
                    opening_hours=hours,
                    reason="Fair",
                )
            )

    async def open_at(day: int, hour: int) -> set[str]:
        instant = datetime(2026, 3, day, hour, tzinfo=UTC)
        return set(_names(await _nearest(db, SEATTLE, open_at=instant)))

    # Seattle is at UTC-7 on these days.
    assert await open_at(14, 18) == {"other"}, "Saturday 11:00"
    assert await open_at(14, 12) == {"night"}, "Saturday 05:00: the night that began on Friday"
    assert await open_at(15, 4) == set(), "Saturday 21:00"
    assert await open_at(15, 12) == {"shut"}, "Sunday 05:00: the night of Saturday did not begin"


async def test_closures_are_read_only_of_clinics_that_have_any_then(db: Database) -> None:
    usual, closing = _at(SEATTLE, name="usual"), _at(SEATTLE, name="closing")
    spring = date(2026, 3, 20)
    await _stored(db, [usual, closing])
    async with db.transaction() as session:
        session.add(
            ClinicClosure(clinic_id=closing.id, first_on=spring, last_on=spring, reason="Fair")
        )
    seen = watched(db, lambda sql: "clinic_closures.reason" in sql)

    async def reads_at(day: int) -> list[object]:
        seen.clear()
        await _nearest(db, SEATTLE, open_at=datetime(2026, 3, day, 18, tzinfo=UTC))
        return [key for _, parameters in seen for key in parameters]

    assert await reads_at(10) == []
    read = await reads_at(20)
    assert {str(key).replace("-", "") for key in read} & {closing.id.hex, usual.id.hex} == {
        closing.id.hex
    }


async def test_wrong_questions_are_refused(db: Database) -> None:
    with pytest.raises(InvalidInput, match="latitude"):
        await _nearest(db, (90.5, 0.0))
    with pytest.raises(InvalidValue, match="limit"):
        await _nearest(db, SEATTLE, limit=-1)
    with pytest.raises(InvalidValue, match="within_m"):
        await _nearest(db, SEATTLE, within_m=float("nan"))
    with pytest.raises(InvalidValue, match="open_at"):
        await _nearest(db, SEATTLE, open_at=datetime(2026, 3, 9))  # noqa: DTZ001 -- refused for it
    assert await _nearest(db, SEATTLE, limit=0) == []


async def test_the_index_finds_them(db: Database) -> None:
    """Neither engine looks at every clinic: seen in the plans of the statements that ran."""
    await _stored(db, [_at(_anywhere(random.Random(n))) for n in range(300)])
    async with db.transaction() as session:
        await session.execute(text("ANALYZE"))
    seen: list[tuple[str, Any]] = []

    @event.listens_for(db.engine.sync_engine, "before_cursor_execute")
    def _(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "clinics" in statement and "EXPLAIN" not in statement:
            seen.append((statement, parameters))

    async with db.session() as session:
        await nearest_clinics(session, *SEATTLE, within_m=50_000)
        await nearest_clinics(session, *SEATTLE)
        explain, plans = "EXPLAIN QUERY PLAN ", list[str]()
        if db.dialect == "postgresql":
            explain = "EXPLAIN "
            await session.execute(text("SET LOCAL enable_seqscan = off"))
        connection = await session.connection()
        for statement, parameters in seen:
            rows = await connection.exec_driver_sql(explain + statement, parameters)
            plans.append("\n".join(str(row) for row in rows))
    assert len(plans) >= 2
    for plan in plans:
        assert "Seq Scan" not in plan
        assert "SCAN clinics" not in plan
    assert "ix_clinics_position" in plans[-1] or db.dialect == "sqlite"


async def test_the_pages_of_the_nearest_together_are_the_list(db: Database) -> None:
    dice = random.Random(5)
    places = [_around(dice, SEATTLE, 0.5) for _ in range(12)] + [_anywhere(dice) for _ in range(6)]
    await _stored(db, [_at(place) for place in [*places, places[0], places[0]]])
    async with db.session() as session:
        whole = [near.clinic.id for near in await nearest_clinics(session, *SEATTLE, limit=100)]
        for limit in (1, 3, 20):
            found: list[object] = []
            cursor: str | None = None
            while True:
                page = await nearest_clinics(session, *SEATTLE, limit=limit, after=cursor)
                found += [near.clinic.id for near in page]
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert found == whole


async def test_a_cursor_from_another_place_is_refused(db: Database) -> None:
    await _stored(db, [_at(SEATTLE), _at(SEATTLE)])
    async with db.session() as session:
        cursor = (await nearest_clinics(session, *SEATTLE, limit=1)).next_cursor
        with pytest.raises(InvalidValue, match="is not a cursor of this list"):
            await nearest_clinics(session, 0.0, 0.0, after=cursor)
