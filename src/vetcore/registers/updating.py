"""Taking over what a register says otherwise of pets that are there already."""

from collections.abc import AsyncIterator
from typing import Any, Final

from sqlalchemy import Text, and_, cast, or_, select, type_coerce

from vetcore.errors import InvalidValue
from vetcore.medical import refresh_due_date
from vetcore.models import Pet
from vetcore.registers.storing import Staging
from vetcore.values.animals import PetStatus, Sex
from vetcore.values.vaccination import Vaccination, VaccinationSource, with_vaccination

__all__ = ["take_over"]

_pets: Any = Pet.__table__
_UNTOLD: Final = {"breeds": "[]", "sex": Sex.UNKNOWN.value, "status": PetStatus.ACTIVE.value}
"""What stands where a register says nothing; nothing is put in the place of what is known."""

_PLAIN: Final = (
    "name",
    "species",
    "breeds",
    "sex",
    "is_neutered",
    "born_on",
    "color",
    "postal_code",
    "status",
)
_TOLD: Final = (*_PLAIN, "vaccinations", "next_vaccination_due_on")


async def take_over(staging: Staging, *, dry_run: bool) -> int:
    """Bring the pets that nobody has claimed up to what the register says; how many changed.

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
            if "vaccinations" in changes and not _is_all_imported(pet.vaccinations):
                due.append(pet)
        if not dry_run:
            await staging.session.flush()
        for pet in due:
            # A clinic cares for it: its schedules say what is due, not the register alone.
            await refresh_due_date(staging.session, pet.id)
    return changed


async def _differing(staging: Staging) -> AsyncIterator[list[tuple[Pet, dict[str, Any]]]]:
    staged = staging.table.c
    told = [type_coerce(staged[name], _pets.c[name].type).label(f"told_{name}") for name in _TOLD]
    query = (
        select(Pet, staged.line, *told)
        .join(staging.table, staging.same_animal())
        .where(Pet.owner_id.is_(None), _differs(staged))
    )
    async for page in staging.pages(query, staged.line):
        yield [(row[0], dict(zip(_TOLD, row[2:], strict=True))) for row in page]


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
    vaccinations = pet.vaccinations
    for dose in told["vaccinations"]:
        vaccinations = _with(vaccinations, dose)
    if vaccinations != pet.vaccinations:
        changes["vaccinations"] = vaccinations
        if _is_all_imported(vaccinations):
            changes["next_vaccination_due_on"] = told["next_vaccination_due_on"]
    if changes.get("status", pet.status) is PetStatus.DECEASED and pet.next_vaccination_due_on:
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


def _is_all_imported(vaccinations: tuple[Vaccination, ...]) -> bool:
    return all(each.source is VaccinationSource.IMPORTED for each in vaccinations)
