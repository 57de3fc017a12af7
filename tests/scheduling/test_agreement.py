"""Listing, judging and booking agree: with each other, and with a slow reading of the rules.

``VETCORE_TEST_WORLDS`` says how many practices are generated for the pure rules (2,000 if unset);
a fiftieth as many are stored in each database.
"""

import os
from collections.abc import Iterator
from random import Random
from uuid import UUID

import pytest

from tests.scheduling.cases import facts, stored
from tests.scheduling.minute_by_minute import SPECIAL_DAYS, Case, case, expected
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import NotBookable, SlotTaken
from vetcore.scheduling import book, find_slots
from vetcore.scheduling.rules import refusal, starts
from vetcore.schemas import AppointmentCreate
from vetcore.values.clinics import ServiceType
from vetcore.values.intervals import floor

WORLDS = int(os.environ.get("VETCORE_TEST_WORLDS", "2000"))
STORED = max(WORLDS // 50, len(SPECIAL_DAYS))


def _cases(zone_number: int) -> Iterator[Case]:
    return map(case, range(zone_number, WORLDS, len(SPECIAL_DAYS)))


@pytest.mark.parametrize("number", range(len(SPECIAL_DAYS)), ids=lambda n: str(SPECIAL_DAYS[n][1]))
def test_the_rules_list_and_accept_what_a_minute_by_minute_reading_does(number: int) -> None:
    slots = 0
    for each in _cases(number):
        world, numbers = facts(each)
        wanted = {(floor(each.at(minute)), vet) for minute, vet in expected(each)}
        listed = {(start, numbers[vet]) for vet, found in starts(world) for start in found}
        assert listed == wanted, each
        slots += len(listed)
        random = Random(each.seed)
        minutes = {random.randrange(world.start, world.end, 60) for _ in range(15)}
        minutes |= {start for start, _ in random.sample(sorted(wanted), min(10, len(wanted)))}
        for vet in world.veterinarians:
            for start in minutes:
                accepted = refusal(world, vet, start) is None
                assert accepted is ((start, numbers[vet.id]) in wanted), (each, start)
    assert slots > 0


async def _listed(
    db: Database, each: Case, clinic_id: UUID, pet_id: UUID, numbers: dict[UUID, int]
) -> set[tuple[int, int]]:
    async with db.session() as session:
        try:
            found = await find_slots(
                session,
                clinic_id=clinic_id,
                service=ServiceType.SURGERY,
                start=each.at(each.start),
                end=each.at(each.end),
                pet_id=pet_id,
            )
        except NotBookable:
            return set()
    return {(floor(slot.start), numbers[slot.veterinarian_id]) for slot in found}


async def test_what_is_listed_can_be_booked_and_nothing_else(db: Database) -> None:
    booked = refused = 0
    for each in map(case, range(STORED)):
        clinic_id, pet_id, numbers = await stored(db, each)
        ids = {number: vet for vet, number in numbers.items()}
        with clock.frozen(each.at(each.now)):
            listed = await _listed(db, each, clinic_id, pet_id, numbers)
            assert listed == {(floor(each.at(m)), vet) for m, vet in expected(each)}, each
            random = Random(each.seed)
            chosen = [(minute, random.choice(list(ids))) for minute, _ in sorted(expected(each))]
            chosen += sorted(expected(each))
            chosen = random.sample(chosen, min(6, len(chosen)))
            chosen += [(random.randrange(each.start, each.end), 0) for _ in range(3)]
            for minute, number in chosen:
                wish = AppointmentCreate(
                    clinic_id=clinic_id,
                    pet_id=pet_id,
                    veterinarian_id=ids[number],
                    service=ServiceType.SURGERY,
                    starts_at=each.at(minute),
                )
                async with db.session() as session:  # rolled back
                    try:
                        await book(session, wish)
                    except (NotBookable, SlotTaken):
                        assert (floor(each.at(minute)), number) not in listed, (each, minute)
                        refused += 1
                    else:
                        assert (floor(each.at(minute)), number) in listed, (each, minute)
                        booked += 1
    assert booked > STORED / 2
    assert refused > STORED / 2
