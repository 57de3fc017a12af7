"""Random changes of the timetables of generated scenes, as the commands that would make them."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from tests.scheduling.scenes import Scene
from tests.scheduling.worlds import SPECIAL_DAYS
from vetcore.schemas import (
    ById,
    ClinicClosureCreate,
    ClinicClosureUpdate,
    ClinicUpdate,
    ScheduleBlockCreate,
    ScheduleBlockUpdate,
    StaffMembershipEnd,
    StaffMembershipUpdate,
    TimeOffCreate,
    TimeOffUpdate,
)
from vetcore.schemas.base import Schema
from vetcore.values.animals import Species
from vetcore.values.clinics import ClinicStatus, ServiceType

__all__ = ["changes_of"]

DAY = timedelta(days=1)
HOURS = ("Mo-Su 10:00-14:00", "24/7", "Mo-Su 22:00-06:00", "Mo-Su 08:00-12:00,13:00-18:00")


def changes_of(made: Scene, chance: Random) -> Iterator[tuple[str, Schema]]:
    """One change of each kind that the scene has something for."""
    day = made.day + chance.choice((-1, 0, 0, 1)) * DAY
    hours = chance.choice((None, None, "10:00-14:00", "22:00-03:00"))
    yield (
        "create_closure",
        ClinicClosureCreate(
            clinic_id=made.clinic.id,
            first_on=day,
            last_on=day + chance.choice((0, 1, 400)) * DAY,
            opening_hours=hours,
            reason="Painting",
        ),
    )
    for closure in made.closures:
        if closure.clinic_id == made.clinic.id and closure.deleted_at is None:
            yield "delete_closure", ById(id=closure.id)
            yield "update_closure", ClinicClosureUpdate(id=closure.id, opening_hours=hours)
            break
    yield "create_schedule_block", _new_block(made, chance)
    for block in made.blocks:
        if block.clinic_id == made.clinic.id and block.deleted_at is None:
            yield "delete_schedule_block", ById(id=block.id)
            yield (
                "update_schedule_block",
                ScheduleBlockUpdate(id=block.id, hours=chance.choice(HOURS)),
            )
            break
    yield "update_clinic", chance.choice(_of_the_clinic(made, chance))
    vet = chance.choice(made.vets)
    if vet.deleted_at is None:
        away = made.question.start + chance.randrange(-40, 40) * timedelta(minutes=50)
        length = timedelta(minutes=chance.choice((1, 90, 2000, 60_000)))
        yield (
            "create_time_off",
            TimeOffCreate(practitioner_id=vet.user_id, starts_at=away, ends_at=away + length),
        )
    for absence in made.time_off:
        present = vet.user_id == absence.practitioner_id and vet.deleted_at is None
        if present and absence.deleted_at is None:
            yield "delete_time_off", ById(id=absence.id)
            yield "update_time_off", TimeOffUpdate(id=absence.id, ends_at=absence.ends_at + DAY / 3)
            break
    yield from _of_a_post(made, chance)
    yield from _of_what_there_is(made)


def _new_block(made: Scene, chance: Random) -> ScheduleBlockCreate:
    """Of somebody, of a room, or of everybody at the clinic."""
    rooms = [
        each for each in made.rooms if each.clinic_id == made.clinic.id and each.deleted_at is None
    ]
    whose = chance.choice(("room_id", "clinic"))
    day = made.day + chance.choice((-400, -1, 0)) * DAY
    return ScheduleBlockCreate(
        clinic_id=made.clinic.id,
        room_id=chance.choice(rooms).id if rooms and whose == "room_id" else None,
        label="Lunch",
        first_on=day,
        last_on=chance.choice((None, day + 2 * DAY)),
        hours=chance.choice(HOURS),
    )


def _of_the_clinic(made: Scene, chance: Random) -> list[ClinicUpdate]:
    key = made.clinic.id
    return [
        ClinicUpdate(id=key, opening_hours=chance.choice(HOURS)),
        ClinicUpdate(id=key, timezone=chance.choice(list(SPECIAL_DAYS))),
        ClinicUpdate(id=key, status=ClinicStatus.SUSPENDED),
        ClinicUpdate(id=key, species_treated=(Species.CAT,)),
        ClinicUpdate(id=key, services=made.clinic.services.without(ServiceType.WELLNESS_EXAM)),
        ClinicUpdate(id=key, name="Another"),
    ]


def _of_a_post(made: Scene, chance: Random) -> Iterator[tuple[str, Schema]]:
    here = [each for each in made.memberships if each.clinic_id == made.clinic.id]
    for post in here:
        if post.deleted_at is not None:
            continue
        last = max(post.starts_on, made.day + chance.choice((-400, -3, -1, 0, 1)) * DAY)
        yield "delete_membership", ById(id=post.id)
        yield (
            "update_membership",
            StaffMembershipUpdate(
                id=post.id, working_hours=chance.choice((None, *HOURS)), ends_on=last
            ),
        )
        if post.ends_on is None or last <= post.ends_on:
            yield "end_membership", StaffMembershipEnd(id=post.id, ends_on=last)
        return


def _of_what_there_is(made: Scene) -> Iterator[tuple[str, Schema]]:
    for room in made.rooms:
        if room.clinic_id == made.clinic.id and room.deleted_at is None:
            yield "delete_room", ById(id=room.id)
            break
    for piece in made.equipment:
        if piece.clinic_id == made.clinic.id and piece.deleted_at is None:
            yield "delete_equipment", ById(id=piece.id)
            break
