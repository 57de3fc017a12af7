"""Licences to practise and registrations to prescribe: who issues them, and how they are checked.

Veterinary licence numbers have no common format. A licence has a jurisdiction, a number and an
expiry date. A DEA number carries a check digit.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from unicodedata import normalize

from vetcore.errors import InvalidValue
from vetcore.values.countries import COUNTRIES

__all__ = [
    "SUBDIVISIONS",
    "dea_check_digit",
    "normalize_dea_number",
    "normalize_jurisdiction",
    "normalize_license_number",
]

_DEA: Final = re.compile(r"[A-Z][A-Z9][0-9]{7}")
_LONGEST_LICENSE: Final = 64
_DASHES: Final = re.compile(r"(?:(?<!\s)\s+)?[\u2010-\u2015\u2212-]\s*")
_LICENSE: Final = re.compile(r"(?=.*[^\W_])[^\W_](?:[\w ./()#:-]*[\w)])?")
_LABEL: Final = re.compile(r"^(?:#\s*|(?:NO|NR|LIC)[.:]\s*)+")
_SPACES: Final = re.compile(r"[\s-]")
_JURISDICTION: Final = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")

SUBDIVISIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "US": frozenset(
            """
            AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP MS
            MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UM UT VA VI VT WA WI WV WY
            """.split()  # noqa: SIM905  # a table, read as one
        ),
        "CA": frozenset("AB BC MB NB NL NS NT NU ON PE QC SK YT".split()),  # noqa: SIM905
        "AU": frozenset("ACT NSW NT QLD SA TAS VIC WA".split()),  # noqa: SIM905
    }
)
"""The parts (ISO 3166-2) of the countries whose states and provinces license veterinarians."""


def normalize_jurisdiction(text: str, *, field: str = "jurisdiction") -> str:
    """Return the code of the country or part (ISO 3166-1 or 3166-2) whose board issues licences.

    >>> normalize_jurisdiction("us-wa"), normalize_jurisdiction(" GB ")
    ('US-WA', 'GB')

    Raises:
        InvalidValue: there is no such country, or, where its parts are known, no such part.
    """
    code = text.strip().upper()
    match = _JURISDICTION.fullmatch(code)
    if match is None:
        raise _not_a_jurisdiction(field, "must be a country or a part of one", text)
    country, part = match.groups()
    if country not in COUNTRIES:
        raise _not_a_jurisdiction(field, "is not in an ISO 3166-1 country", text)
    if part and part not in SUBDIVISIONS.get(country, {part}):
        raise _not_a_jurisdiction(field, f"is not a part of {country}", text)
    return code


def _not_a_jurisdiction(field: str, rule: str, text: str) -> InvalidValue:
    return InvalidValue(
        field=field, rule=rule, expected="ISO 3166 such as GB, US-WA or CA-BC", value=text
    )


def dea_check_digit(digits: str) -> int:
    """Return the seventh digit that belongs to the first six of a DEA number.

    >>> dea_check_digit("123456")
    3
    """
    figures = [int(digit) for digit in digits[:6]]
    return (sum(figures[0::2]) + 2 * sum(figures[1::2])) % 10


def normalize_dea_number(text: str, *, field: str = "dea_number") -> str:
    """Return the registration with the Drug Enforcement Administration (21 CFR 1301), in capitals.

    A number has two letters and seven digits. The second letter may be a 9, and the last digit
    checks the others. A suffix that a hospital adds for one of its staff is not a part of the
    number.

    >>> normalize_dea_number("ab 1234563")
    'AB1234563'

    Raises:
        InvalidValue: the number has another form, or its check digit does not fit.
    """
    number = _SPACES.sub("", text).upper()
    if not _DEA.fullmatch(number) or dea_check_digit(number[2:]) != int(number[8]):
        # Who knows the number may prescribe: it is left out of the error.
        raise InvalidValue(
            field=field,
            rule="is not a DEA number",
            expected="two letters and seven digits, the last of which checks the others: AB1234563",
        )
    return number


def normalize_license_number(text: str, *, field: str = "license_number") -> str:
    """Return a licence number as it is stored: capitals, single spaces, hyphens without spaces.

    This keeps one licence from being entered twice in two spellings. There is no common format that
    could be checked.

    >>> normalize_license_number("No. vt \u2013 12345"), normalize_license_number("#00123/a")
    ('VT-12345', '00123/A')

    Raises:
        InvalidValue: nothing is left, the number is too long, or it has a sign that no number has.
    """
    number = " ".join(normalize("NFKC", text).upper().split())
    number = normalize("NFKC", _LABEL.sub("", _DASHES.sub("-", number)))
    if len(number) > _LONGEST_LICENSE or not _LICENSE.fullmatch(number):
        raise InvalidValue(
            field=field,
            rule="is not a licence number",
            expected=f"1 to {_LONGEST_LICENSE} letters, digits and signs such as VT-12345",
            value=text,
        )
    return number
