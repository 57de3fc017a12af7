"""Asks, in the statement that inserts, whether what is kept of a clinic lets a pet be booked."""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from vetcore.database.inserting import Source
from vetcore.database.statements import PlansMade
from vetcore.models import Appointment, Occupation, Pet
from vetcore.models.types import UtcDateTime
from vetcore.scheduling.queries import known_here, unchanged
from vetcore.scheduling.taken import occupies_now
from vetcore.values.animals import PetStatus

__all__ = ["bookable", "bookable_in_a_room", "unless_assisting"]

_appointments: Any = Appointment.__table__
_occupations: Any = Occupation.__table__
_pets: Any = Pet.__table__

_PET: Final = bindparam("pet", type_=Uuid())
_FROM: Final = bindparam("since", type_=UtcDateTime())
_UNTIL: Final = bindparam("until", type_=UtcDateTime())
_REACH: Final = bindparam("reach", type_=UtcDateTime())


def bookable() -> Source:
    """Return whether a pet can be booked by what is kept, on PostgreSQL.

    The timetable must be unchanged, and the pet alive and of one of the ``species``, where some are
    given. Nobody may be squeezed in with the person then, and they may assist nowhere: all other
    overlaps are the constraints' to refuse. Whether the pet is new to the clinic becomes part of the row.
    """
    pet = _pets.c
    states: list[Any] = [literal_column(f"'{each.value}'") for each in PetStatus if each.bookable]
    species = bindparam("species", type_=ARRAY(Text()))
    fits = or_(species.is_(None), cast(pet.species, Text) == any_(species))
    alive = exists().where(pet.id == _PET, pet.deleted_at.is_(None), pet.status.in_(states), fits)
    # An operation lets this statement keep its plan, as that of a moment.
    query = select().where(
        unchanged("postgresql"), alive, ~_squeezed_in(), ~_assists(), PlansMade().is_not(None)
    )
    return Source(query, {"new_patient": ~known_here()})


def unless_assisting() -> Source:
    """Return whether the person assists nowhere then, on PostgreSQL.

    A trigger would refuse it, and end the transaction.
    """
    return Source(select().where(~_assists()), {})


def _assists() -> Any:
    """As the exclusion constraint words it, so that its index answers."""
    row = _occupations.c
    occupied = func.tstzrange(row.occupied_from, row.occupied_until)
    return exists().where(
        row.person_id == bindparam("person", type_=Uuid()),
        occupied.op("&&")(func.tstzrange(_FROM, _UNTIL)),
        row.occupying,
    )


def _squeezed_in() -> Any:
    """As the exclusion constraint words it, so that its index answers: it has few rows."""
    row = _appointments.c
    occupied = func.tstzrange(row.occupied_from, row.occupied_until)
    wanted = func.tstzrange(_FROM, _UNTIL)
    return exists().where(
        row.practitioner_id == bindparam("person", type_=Uuid()),
        occupied.op("&&")(wanted),
        row.squeezed_in,
        occupies_now(),
    )


def bookable_in_a_room() -> Source:
    """Return the same, with the first of the ``rooms`` that is free."""
    row, given = _appointments.c, bindparam("rooms", type_=ARRAY(Uuid()))
    listed: Any = func.unnest(given).table_valued(
        column("id", Uuid()), with_ordinality="place", name="listed"
    )
    listed = listed.render_derived()
    taken = exists().where(
        row.room_id == listed.c.id,
        row.occupied_from < _UNTIL,
        row.occupied_from > _REACH,
        row.occupied_until > _FROM,
        occupies_now(),
    )
    room = (
        select(listed.c.id)
        .where(~taken)
        .order_by(listed.c.place)
        .limit(literal_column("1"))
        .subquery("room")
    )
    query, columns = bookable()
    return Source(query.select_from(room), {**columns, "room_id": room.c.id})
