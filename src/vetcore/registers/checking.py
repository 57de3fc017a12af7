"""Checks the values that are given for all animals of a register."""

from collections.abc import Callable, Mapping
from typing import Final

from vetcore.errors import InvalidValue
from vetcore.registers.choosing import Chosen
from vetcore.registers.days import born_at, read_day
from vetcore.registers.surveying import DATES, latest_of
from vetcore.registers.words.kinds import read_species
from vetcore.registers.words.sexes import read_both, read_neutered, read_sex
from vetcore.registers.words.statuses import read_status

__all__ = ["checked"]

_KNOWN: Final[Mapping[str, Callable[[str], bool]]] = {
    "species": lambda text: read_species(text) is not None,
    "sex": lambda text: read_sex(text).is_understood,
    "neutered": lambda text: read_neutered(text).is_understood,
    "neutered_and_sex": lambda text: read_both(text).is_understood,
    "status": lambda text: read_status(text) is not None,
    "age": lambda text: born_at(text, "2020-01-01") is not None,
}


def checked(chosen: Chosen) -> Chosen:
    """Return the options if the values that they give for all animals are understood.

    Raises:
        InvalidValue: a word is not known, or a date cannot be read or may be read in two ways.
    """
    for name, value in chosen.given.items():
        if name in DATES:
            _require_day(name, value, chosen.day_first)
        elif name in _KNOWN and not _KNOWN[name](value):
            raise InvalidValue(field=name, rule="is set to a word that is not known", value=value)
    return chosen


def _require_day(name: str, value: str, day_first: bool | None) -> None:
    latest = latest_of(name)
    orders = (True, False) if day_first is None else (day_first,)
    days = {read_day(value, each, latest) for each in orders}
    if len(days) > 1 or None in days:
        raise InvalidValue(
            field=name,
            rule="is set to what is no date, or may be read in two ways",
            expected="a date such as 2026-03-08",
            value=value,
        )
