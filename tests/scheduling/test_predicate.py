"""The one predicate alone: what the database would refuse in the end, the rules refuse first.

A rule of occupancy that were missing here would still be kept by the database, so a booking would
fail either way; but listing and judging would no longer agree.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.scheduling.availability import DAY, at, exams, hourly_practice, taken
from tests.scheduling.practice import HALF_AN_HOUR, booked_at
from vetcore import clock
from vetcore.database import Database
from vetcore.scheduling.facts import (
    LicenceFacts,
    MembershipFacts,
    PetFacts,
    PractitionerFacts,
    RoomFacts,
)
from vetcore.scheduling.rules import refusal
from vetcore.scheduling.starts import starts
from vetcore.scheduling.world import World
from vetcore.values.animals import PetStatus, Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.clinics import ClinicStatus, LicenseStatus, RoomKind, ServiceType
from vetcore.values.intervals import Span
from vetcore.values.people import Role
from vetcore.values.services import ServiceOffering

MINUTE = 60
TEN = int(datetime(2026, 3, 10, 10, tzinfo=UTC).timestamp())
VET, PET, ROOM, OTHER_ROOM = (UUID(int=number) for number in range(1, 5))


def busy(first: int, last: int) -> list[tuple[int, int]]:
    """From so many minutes after ten until so many."""
    return [(TEN + first * MINUTE, TEN + last * MINUTE)]


def world(**given: Any) -> World:
    """Surgeries of an hour, a quarter of an hour before them and half of one after them."""
    vet = PractitionerFacts(
        VET,
        (MembershipFacts(Role.VETERINARIAN, date(2020, 1, 1), None, None),),
        LicenceFacts(LicenseStatus.ACTIVE, None),
    )
    values: dict[str, Any] = {
        "clinic_id": UUID(int=9),
        "calendar": ClinicCalendar.of("24/7", "UTC"),
        "practitioners": (replace(vet, busy=given.pop("vet_busy", ())),),
        "start": TEN,
        "end": TEN + MINUTE,
        "status": ClinicStatus.ACTIVE,
        "species_treated": (),
        "policy": BookingPolicy(minimum_notice_minutes=0, step_minutes=5),
        "offering": ServiceOffering(
            service=ServiceType.SURGERY,
            duration_minutes=60,
            buffer_before_minutes=15,
            buffer_after_minutes=30,
            room_kind=RoomKind.SURGERY,
        ),
        "duration": 60 * MINUTE,
        "now": TEN - 3600,
        "today": date(2026, 3, 10),
        "pet": PetFacts(PET, Species.DOG, PetStatus.ACTIVE, given.pop("pet_busy", ())),
        "species": Species.DOG,
        "rooms": tuple(
            RoomFacts(room, spans)
            for room, spans in zip((ROOM, OTHER_ROOM), given.pop("rooms_busy", ((),)), strict=False)
        ),
        "needs_room": True,
    }
    return World(**values | given)


def judged(made: World) -> str | None:
    """Which resource stands in the way at ten; None if none does. Listing must say the same."""
    reason = refusal(made, made.practitioners[0], TEN)
    assert (dict(starts(made)) == {VET: [TEN]}) is (reason is None)
    return None if reason is None else str(reason.details["resource"])


TOUCHING = [
    (busy(-60, -15), False),  # ends as the preparation begins
    (busy(-60, -14), True),
    (busy(89, 120), True),
    (busy(90, 120), False),  # begins as the cleaning ends
    (busy(20, 30), True),
    (busy(-60, 120), True),
]


@pytest.mark.parametrize("resource", ["practitioner", "room"])
@pytest.mark.parametrize(("spans", "stands_in_the_way"), TOUCHING)
def test_each_resource_is_free_for_the_visit_with_both_its_buffers(
    resource: str, spans: list[tuple[int, int]], stands_in_the_way: bool
) -> None:
    given: dict[str, dict[str, Any]] = {
        "practitioner": {"vet_busy": spans},
        "room": {"rooms_busy": (spans,)},
    }
    assert judged(world(**given[resource])) == (resource if stands_in_the_way else None)


TOUCHING_A_PET = [
    (busy(-60, 0), False),  # ends as the visit begins
    (busy(-60, 1), True),
    (busy(59, 120), True),
    (busy(60, 120), False),  # begins as the visit ends
    (busy(20, 30), True),
]


@pytest.mark.parametrize(("spans", "stands_in_the_way"), TOUCHING_A_PET)
def test_a_pet_is_seen_from_start_to_end_and_has_no_buffers(
    spans: list[tuple[int, int]], stands_in_the_way: bool
) -> None:
    assert judged(world(pet_busy=spans)) == ("pet" if stands_in_the_way else None)


def test_one_room_that_is_free_is_enough() -> None:
    assert judged(world(rooms_busy=(busy(0, 60), busy(-60, -15)))) is None
    assert judged(world(rooms_busy=(busy(0, 60), busy(-60, -14)))) == "room"


def test_no_rule_of_occupancy_can_be_set_aside() -> None:
    made = world(vet_busy=busy(0, 60), pet_busy=busy(0, 60), rooms_busy=(busy(0, 60),))
    reason = refusal(made, made.practitioners[0], TEN, overrides=("clinic_closed", "off_duty"))
    assert reason is not None
    assert reason.code == "slot_taken"


def test_time_off_that_begins_as_the_visit_ends_is_not_in_its_way() -> None:
    """Cleaning up after it may reach into the time off, as it may reach beyond the hours."""
    for minutes, free in ((60, True), (59, False)):
        vet = replace(
            world().practitioners[0],
            time_off=(Span(TEN + minutes * MINUTE, TEN + 600 * MINUTE),),
        )
        made = world(practitioners=(vet,))
        assert (refusal(made, vet, TEN) is None) is free
        assert bool(dict(starts(made))) is free


@pytest.mark.parametrize(
    ("day", "works_on", "works_at", "counts"),
    [
        (date(2026, 3, 8), date(2026, 3, 9), "00:00", False),
        (date(2026, 11, 1), date(2026, 11, 1), "23:30", True),
    ],
    ids=["23 hours", "25 hours"],
)
async def test_who_has_least_to_do_is_asked_of_the_local_day_however_long_it_is(
    shared: Database, day: date, works_on: date, works_at: str, counts: bool
) -> None:
    made = await hourly_practice(shared, opening_hours="24/7", services=exams(30))
    made.vets.sort(key=lambda vet: vet.user_id)
    begin = at(works_at, works_on)
    async with shared.transaction() as session:
        work = taken(made, works_at, works_at)
        work.starts_at = work.occupied_from = begin
        work.ends_at = work.occupied_until = begin + HALF_AN_HOUR
        session.add(work)
    with clock.frozen(at("12:00", day) - DAY):
        booked = await booked_at(shared, made, at("12:00", day))
    assert booked.practitioner_id == made.vets[1 if counts else 0].user_id
