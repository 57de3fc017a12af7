"""Takes over what a register says of pets that are stored already."""

from collections.abc import AsyncIterator
from typing import Any, Final

from sqlalchemy import Text, and_, cast, or_, select, type_coerce

from vetcore.errors import InvalidValue
from vetcore.medical import refresh_due_date
from vetcore.models import Pet
from vetcore.registers.storing import TAKEN_OVER, Staging
from vetcore.values.animals import PetStatus, Sex
from vetcore.values.vaccination import Vaccination, VaccinationSource, with_vaccination

__all__ = ["take_over"]

_pets: Any = Pet.__table__
_UNTOLD: Final = {"breeds": "[]", "sex": Sex.UNKNOWN.value, "status": PetStatus.ACTIVE.value}
"""What stands where a register says nothing; nothing is put in the place of what is known."""

_BIRTH: Final = ("born_on", "birth_date_is_estimate")
_CARE: Final = ("vaccinations", "next_vaccination_due_on")
_PLAIN: Final = tuple(name for name in TAKEN_OVER if name not in (*_BIRTH, *_CARE))
"""What simply takes the place of what was there."""

_MOVES_THE_DUE_DATE: Final = frozenset({"vaccinations", "born_on", "species", "status", "died_on"})


async def take_over(staging: Staging, *, dry_run: bool) -> int:
    """Update the pets that nobody has claimed from the register, and return how many changed.

    What the register does not say stays as it is. Vaccinations are added, none is taken away.
    """
    changed = 0
    async for page in _differing(staging):
        due: list[Pet] = []
        for pet, told in page:
            changes = _changes(pet, told)
            changed += bool(changes)
            if dry_run:
                continue
            for name, value in changes.items():
                setattr(pet, name, value)
            if _MOVES_THE_DUE_DATE & changes.keys() and not _is_the_registers(pet):
                due.append(pet)
        if not dry_run:
            await staging.session.flush()
        for pet in due:
            # A clinic cares for it: its schedules say what is due, not the register alone.
            await refresh_due_date(staging.session, pet.id)
    return changed


async def _differing(staging: Staging) -> AsyncIterator[list[tuple[Pet, dict[str, Any]]]]:
    staged = staging.table.c
    told = [
        type_coerce(staged[name], _pets.c[name].type).label(f"told_{name}") for name in TAKEN_OVER
    ]
    query = (
        select(Pet, staged.line, *told)
        .join(staging.table, staging.same_animal())
        .where(Pet.owner_id.is_(None), _differs(staged))
    )
    async for page in staging.pages(query, staged.line):
        yield [(row[0], dict(zip(TAKEN_OVER, row[2:], strict=True))) for row in page]


def _differs(staged: Any) -> Any:
    """Whether it is worth a look; documents are looked at more closely in Python."""
    return or_(
        *(
            and_(
                cast(staged[name], Text) != _UNTOLD[name]
                if name in _UNTOLD
                else staged[name].is_not(None),
                _pets.c[name].is_distinct_from(staged[name]),
            )
            for name in _PLAIN
        ),
        and_(
            staged.born_on.is_not(None),
            or_(
                and_(
                    _pets.c.born_on.is_distinct_from(staged.born_on),
                    or_(
                        _pets.c.born_on.is_(None),
                        _pets.c.birth_date_is_estimate,
                        ~staged.birth_date_is_estimate,
                    ),
                ),
                and_(_pets.c.birth_date_is_estimate, ~staged.birth_date_is_estimate),
            ),
        ),
        and_(
            cast(staged.vaccinations, Text) != "[]",
            _pets.c.vaccinations.is_distinct_from(staged.vaccinations),
        ),
    )


def _changes(pet: Pet, told: dict[str, Any]) -> dict[str, Any]:
    untold: dict[str, Any] = {"breeds": (), "sex": Sex.UNKNOWN, "status": PetStatus.ACTIVE}
    changes = {
        name: told[name]
        for name in _PLAIN
        if told[name] != untold.get(name) and told[name] != getattr(pet, name)
    }
    changes |= _birth(pet, told)
    _keep_dates_in_order(pet, changes)
    vaccinations = pet.vaccinations
    for dose in told["vaccinations"]:
        vaccinations = _with(vaccinations, dose)
    if vaccinations != pet.vaccinations:
        changes["vaccinations"] = vaccinations
    if _MOVES_THE_DUE_DATE & changes.keys() and told["vaccinations"] and _is_the_registers(pet):
        due_on = told["next_vaccination_due_on"]
        if due_on != pet.next_vaccination_due_on:
            changes["next_vaccination_due_on"] = due_on
    if changes.get("status", pet.status) is PetStatus.DECEASED:
        changes.pop("next_vaccination_due_on", None)
        if pet.next_vaccination_due_on:
            changes["next_vaccination_due_on"] = None
    return changes


def _with(given: tuple[Vaccination, ...], dose: Vaccination) -> tuple[Vaccination, ...]:
    if any(each.id == dose.id for each in given):
        return tuple(dose if each.id == dose.id else each for each in given)
    try:
        return with_vaccination(given, dose)
    except InvalidValue:
        # A clinic has recorded that very dose, and knows more of it than the register.
        return given


def _birth(pet: Pet, told: dict[str, Any]) -> dict[str, Any]:
    """What the register says of the birth; an estimate takes the place of estimates only."""
    born_on, is_estimate = told["born_on"], bool(told["birth_date_is_estimate"])
    if born_on is None or (is_estimate and pet.born_on and not pet.birth_date_is_estimate):
        return {}
    changes = {"born_on": born_on, "birth_date_is_estimate": is_estimate}
    return {name: value for name, value in changes.items() if getattr(pet, name) != value}


def _keep_dates_in_order(pet: Pet, changes: dict[str, Any]) -> None:
    """Leave out a date of death before a birth that a clinic knows better."""
    born_on = changes.get("born_on", pet.born_on)
    died_on = changes.get("died_on", pet.died_on)
    if born_on and died_on and died_on < born_on:
        changes.pop("died_on", None)
        if pet.died_on and changes.get("born_on", pet.died_on) > pet.died_on:
            changes.pop("born_on", None)
            changes.pop("birth_date_is_estimate", None)


def _is_the_registers(pet: Pet) -> bool:
    """Whether no clinic cares for it: what is due is then what the register says."""
    return pet.primary_clinic_id is None and all(
        each.source is VaccinationSource.IMPORTED for each in pet.vaccinations
    )
