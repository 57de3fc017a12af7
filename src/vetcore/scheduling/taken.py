"""What is taken, as parts of the statements that read a world."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Text, Uuid, and_, bindparam, literal_column, not_, select

from vetcore.database.statements import Now, SecondsDown, SecondsUp
from vetcore.models import Appointment, Occupation
from vetcore.models.types import UtcDateTime
from vetcore.values.appointments import AppointmentStatus

__all__ = ["EXCEPT", "PET", "all_busy", "engaged", "occupied", "occupies_now"]

_appointments: Any = Appointment.__table__
_occupations: Any = Occupation.__table__

PET: Final = bindparam("pet", type_=Uuid())
EXCEPT: Final = bindparam("except_for", type_=Uuid())
_FROM: Final = bindparam("since", type_=UtcDateTime())
_UNTIL: Final = bindparam("until", type_=UtcDateTime())
_REACH: Final = bindparam("reach", type_=UtcDateTime())


def occupies_now() -> Any:
    """Return the condition under which an appointment occupies its time.

    A hold that has run out occupies none.
    """
    row = _appointments.c
    ran_out = and_(row.status == literal_column("'held'"), row.hold_expires_at <= Now())
    # As the exclusion constraints word it, so that their partial indexes may serve.
    return and_(
        row.status.in_(
            [literal_column(f"'{status.value}'") for status in AppointmentStatus.occupying()]
        ),
        row.deleted_at.is_(None),
        not_(ran_out),
    )


def occupied(resource: str, mine: Any) -> Any:
    """When a resource is occupied: buffers are the practitioner's and the room's, not the pet's."""
    row = _appointments.c
    since, until = (
        (row.starts_at, row.ends_at)
        if resource == "pet"
        else (row.occupied_from, row.occupied_until)
    )
    columns: tuple[Any, ...] = (
        literal_column(f"'{resource}'", Text()).label("resource"),
        row[f"{resource}_id"].label("id"),
        SecondsDown(since).label("since"),
        SecondsUp(until).label("until"),
    )
    return select(*columns).where(
        mine,
        row.occupied_from < _UNTIL,
        row.occupied_from > _REACH,
        row.occupied_until > _FROM,
        row.id != EXCEPT,
        occupies_now(),
    )


def engaged(resource: str, key: Any, mine: Any) -> Any:
    """When a person assists, or a piece of equipment is in use, with the buffers."""
    row, visit = _occupations.c, _appointments.c
    columns: tuple[Any, ...] = (
        literal_column(f"'{resource}'", Text()).label("resource"),
        key.label("id"),
        SecondsDown(row.occupied_from).label("since"),
        SecondsUp(row.occupied_until).label("until"),
    )
    return (
        select(*columns)
        .join_from(_occupations, _appointments, visit.id == row.appointment_id)
        .where(
            mine,
            row.occupying,
            row.occupied_from < _UNTIL,
            row.occupied_from > _REACH,
            row.occupied_until > _FROM,
            visit.id != EXCEPT,
            # Of a hold that has run out, nothing is occupied.
            occupies_now(),
        )
    )


def all_busy(among: Callable[[Any, str], Any]) -> list[Any]:
    """What is taken, of the people, the rooms, the equipment and the pet that are handed in."""
    row, beside = _appointments.c, _occupations.c
    return [
        occupied("practitioner", among(row.practitioner_id, "people")),
        engaged("practitioner", beside.person_id, among(beside.person_id, "people")),
        engaged("equipment", beside.equipment_id, among(beside.equipment_id, "equipment")),
        occupied("room", among(row.room_id, "rooms")),
        occupied("pet", row.pet_id == PET),
    ]
