"""Lets generated scenes take assistants and equipment, of which some are occupied."""

from collections.abc import Callable
from random import Random
from uuid import UUID

from tests.examples import equipment
from tests.scheduling.scenes import LONG_AGO, Scene
from vetcore.models import Appointment, Occupation
from vetcore.values.people import Role

__all__ = ["with_more"]

TECHNICIAN = Role.VETERINARY_TECHNICIAN
ASSISTING = (
    (),
    (TECHNICIAN,),
    (Role.VETERINARIAN,),
    (TECHNICIAN, Role.VETERINARIAN),
    (Role.VETERINARIAN, Role.VETERINARIAN),
    (Role.GROOMER, TECHNICIAN),
)
EQUIPMENT = ((), (), ("ultrasound",), ("ultrasound", "dental_unit"))


def with_more(
    made: Scene, chance: Random, new_id: Callable[[], UUID], add_technician: Callable[[Scene], None]
) -> None:
    """Let what is asked for take assistants and equipment, of which some are occupied."""
    catalog = made.clinic.services
    for each in catalog:
        if each.places > 1:
            continue
        more = {
            "assisted_by": chance.choice(ASSISTING),
            "equipment": chance.choice(EQUIPMENT),
        }
        catalog = catalog.with_offering(each.model_copy(update=more))
    made.clinic.services = catalog
    for _ in range(chance.choice((0, 1, 2, 3))):
        add_technician(made)
    _add_equipment(made, chance, new_id)
    _add_occupations(made, chance, new_id)


def _add_equipment(made: Scene, chance: Random, new_id: Callable[[], UUID]) -> None:
    kinds = ("ultrasound", "ultrasound", "dental_unit")
    for number in range(chance.choice((1, 2, 3, 4, 4))):
        kind = kinds[number % 3] if number < 3 else chance.choice(kinds)
        piece = equipment(made.clinic, id=new_id(), name=f"E{number}", kind=kind)
        piece.deleted_at = LONG_AGO if chance.randrange(10) == 0 else None
        made.equipment.append(piece)
    made.equipment.append(equipment(made.elsewhere, id=new_id(), kind="ultrasound"))


def _add_occupations(made: Scene, chance: Random, new_id: Callable[[], UUID]) -> None:
    """Of some visits, who assists and what they take, so that the database lets it."""
    for visit in made.appointments:
        for _ in range(chance.choice((0, 0, 1, 2))):
            person = chance.choice(made.people) if chance.randrange(2) == 0 else None
            piece = None if person is not None else chance.choice(made.equipment)
            one = Occupation(
                id=new_id(),
                appointment_id=visit.id,
                person_id=None if person is None else person.id,
                equipment_id=None if piece is None else piece.id,
                role=None if person is None else TECHNICIAN,
                occupied_from=visit.occupied_from,
                occupied_until=visit.occupied_until,
                occupying=visit.status.occupies and visit.deleted_at is None,
            )
            if not _is_in_the_way(one, made):
                made.occupations.append(one)


def _is_in_the_way(one: Occupation, made: Scene) -> bool:
    """Whether the database would refuse it beside what there is."""
    twice = any(
        one.person_id == each.person_id and one.equipment_id == each.equipment_id
        for each in made.occupations
        if each.occupying and one.occupying and _together(one, each)
    )
    sees = any(
        one.person_id == each.practitioner_id
        for each in made.appointments
        if each.id == one.appointment_id
        or (
            each.status.occupies
            and each.deleted_at is None
            and not each.squeezed_in
            and _together(one, each)
        )
    )
    return twice or (sees and one.occupying)


def _together(one: Occupation, other: Appointment | Occupation) -> bool:
    return one.occupied_from < other.occupied_until and other.occupied_from < one.occupied_until
