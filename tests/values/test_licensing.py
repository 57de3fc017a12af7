"""Licences, registrations and who issues them."""

from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vetcore.errors import InvalidValue
from vetcore.values.countries import COUNTRIES
from vetcore.values.licensing import (
    SUBDIVISIONS,
    dea_check_digit,
    normalize_dea_number,
    normalize_jurisdiction,
    normalize_license_number,
)

SIX_DIGITS = st.from_regex(r"[0-9]{6}", fullmatch=True)
LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
DEA_NUMBERS = st.builds(
    lambda first, second, digits: f"{first}{second}{digits}{dea_check_digit(digits)}",
    LETTERS,
    LETTERS | st.just("9"),
    SIX_DIGITS,
)
JURISDICTIONS = sorted(
    COUNTRIES | {f"{country}-{part}" for country, parts in SUBDIVISIONS.items() for part in parts}
)


@pytest.mark.parametrize(
    "number", ["AB1234563", "ab1234563", " AB 123-4563 ", "F91234563", "BB0000000", "MA1111119"]
)
def test_a_dea_number_whose_digit_fits_is_kept_in_capitals(number: str) -> None:
    stored = normalize_dea_number(number)
    assert stored == number.replace(" ", "").replace("-", "").upper()
    assert normalize_dea_number(stored) == stored


@given(DEA_NUMBERS)
def test_the_check_digit_follows_the_rule_of_the_administration(number: str) -> None:
    assert normalize_dea_number(number) == number
    one, two, three, four, five, six, check = (int(digit) for digit in number[2:])
    assert (one + three + five + 2 * (two + four + six)) % 10 == check


@given(DEA_NUMBERS, st.integers(2, 8), st.integers(1, 9))
def test_a_digit_that_was_misread_is_noticed_unless_five_off_in_a_doubled_place(
    number: str, place: int, off: int
) -> None:
    misread = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
    if place in {3, 5, 7} and off == 5:
        assert normalize_dea_number(misread) == misread
    else:
        with pytest.raises(InvalidValue):
            normalize_dea_number(misread)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AB123456",
        "AB12345634",
        "AB1234564",
        "1B1234563",
        "A81234563",
        "AB1234563-21",
        "AB123456३",
        "ÄB1234563",
    ],
)
def test_what_is_no_dea_number_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(InvalidValue, match="dea_number: is not a DEA number") as refused:
        normalize_dea_number(text)
    assert "got" not in refused.value.message


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_every_known_jurisdiction_is_read_in_any_case(code: str) -> None:
    assert normalize_jurisdiction(f" {code.lower()} ") == code == normalize_jurisdiction(code)


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("", "must be a country or a part of one"),
        ("WA", "is not in an ISO 3166-1 country"),
        ("Washington", "must be a country or a part of one"),
        ("US-", "must be a country or a part of one"),
        ("US-WASH", "must be a country or a part of one"),
        ("XX", "is not in an ISO 3166-1 country"),
        ("XX-1", "is not in an ISO 3166-1 country"),
        ("US-ZZ", "is not a part of US"),
        ("CA-WA", "is not a part of CA"),
        ("AU-NS", "is not a part of AU"),
    ],
)
def test_what_is_no_jurisdiction_is_refused(code: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        normalize_jurisdiction(code, field="place")
    assert refused.value.details["field"] == "place"
    assert refused.value.details["rule"] == rule
    assert "US-WA" in str(refused.value.details["expected"])


def test_where_the_parts_are_not_known_their_shape_is_enough() -> None:
    assert normalize_jurisdiction("gb-sct") == "GB-SCT"
    assert normalize_jurisdiction("DE-BY") == "DE-BY"


def test_the_parts_are_as_many_as_the_countries_have() -> None:
    # 50 states, the District, and 6 outlying areas; 10 provinces and 3 territories; 6 and 2.
    assert {country: len(parts) for country, parts in SUBDIVISIONS.items()} == {
        "US": 57,
        "CA": 13,
        "AU": 8,
    }


@pytest.mark.parametrize(
    "spellings",
    [
        [
            "VT-12345",
            "vt-12345",
            " VT - 12345",
            "VT\u201312345",
            "VT\u00a0\u2212 12345",
            "# VT-12345",
        ],
        ["00123/A", "00123/a", "No. 00123/A", "Lic: 00123/A", "\uff10\uff10123/A"],
        ["VET 77 (B)", "vet  77 (b)", "VET\t77 (B)"],
        ["7", "#7"],
        ["ÅL.9", "a\u030al.9"],
    ],
)
def test_one_licence_has_one_spelling(spellings: list[str]) -> None:
    for one, other in combinations(spellings, 2):
        assert normalize_license_number(one) == normalize_license_number(other) == spellings[0]


@pytest.mark.parametrize(
    "text", ["", " ", "#", "-", "()", "___", "A\0B", "A<b>", "A\u202eB", "1" * 65]
)
def test_what_is_no_licence_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="license_number: is not a licence number"):
        normalize_license_number(text)


@given(st.text(max_size=20) | st.from_regex(r"[#A-Za-z0-9 ./:\u2013-]{0,12}", fullmatch=True))
def test_a_licence_number_once_normalised_stays_as_it_is(text: str) -> None:
    try:
        stored = normalize_license_number(text)
    except InvalidValue:
        assume(condition=False)
        return
    assert normalize_license_number(stored) == stored
