"""Microchip numbers: ISO 11784, and the older ones that animals still carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetcore.errors import InvalidValue
from vetcore.values.countries import COUNTRIES
from vetcore.values.microchip import Microchip, MicrochipScheme, normalize_microchip

LARGEST = 2**38 - 1


@pytest.mark.parametrize(
    "text", ["985112345678903", "985 112 345 678 903", "985-112345678903", " 985.112345678903\n"]
)
def test_separators_are_not_a_part_of_the_number(text: str) -> None:
    assert normalize_microchip(text) == "985112345678903"


def test_the_last_twelve_digits_have_38_bits() -> None:
    assert Microchip.parse(f"985{LARGEST:012d}").is_iso
    with pytest.raises(InvalidValue, match="more than 38 bits"):
        Microchip.parse(f"985{LARGEST + 1:012d}")


@pytest.mark.parametrize(
    ("number", "country", "manufacturer", "is_test", "warnings"),
    [
        ("276098102345678", "DE", None, False, 0),
        ("840003123456789", "US", None, False, 0),
        ("036000000000001", "AU", None, False, 0),
        ("900000000000001", None, "900", False, 0),
        ("985112345678903", None, "985", False, 0),
        ("998000000000001", None, "998", False, 0),
        ("999000000000001", None, None, True, 1),
        ("899000000000001", None, None, False, 1),
        ("000000000000001", None, None, False, 1),
    ],
)
def test_the_prefix_says_who_issued_the_number(
    number: str, country: str | None, manufacturer: str | None, is_test: bool, warnings: int
) -> None:
    chip = Microchip.parse(number)
    assert chip.scheme is MicrochipScheme.ISO_11784
    assert (chip.country, chip.manufacturer_code, chip.is_test) == (country, manufacturer, is_test)
    assert len(chip.warnings) == warnings


def test_every_country_has_one_code() -> None:
    found = [Microchip.parse(f"{code:03d}000000000001").country for code in range(1000)]
    assert sorted(code for code in found if code) == sorted(COUNTRIES)


@pytest.mark.parametrize(
    ("text", "number", "scheme"),
    [
        ("012*345*678", "012345678", MicrochipScheme.NINE_DIGIT),
        ("00-0652-9a3b", "0006529A3B", MicrochipScheme.TEN_CHARACTER),
        ("4A12345678", "4A12345678", MicrochipScheme.TEN_CHARACTER),
    ],
)
def test_an_older_chip_is_kept_with_a_warning(
    text: str, number: str, scheme: MicrochipScheme
) -> None:
    chip = Microchip.parse(text)
    assert (str(chip), chip.scheme, chip.is_iso) == (number, scheme, False)
    assert (chip.country, chip.manufacturer_code, chip.is_test) == (None, None, False)
    assert ["ISO 11784" in warning for warning in chip.warnings] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "98511234567890",
        "9851123456789034",
        "98511234567890A",
        "ABCDEFGHI",
        "ABCDEFGHIJ",
        "12345678",
        "985,112345678903",
        "".join(chr(0x0660 + int(digit)) for digit in "985112345678903"),
    ],
)
def test_what_no_scheme_has_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="chip: is not a microchip number") as refused:
        Microchip.parse(text, field="chip")
    assert "15 digits" in str(refused.value.details["expected"])


@given(st.integers(0, 999), st.integers(0, LARGEST))
def test_a_number_once_normalised_stays_as_it_is(prefix: int, code: int) -> None:
    chip = Microchip.parse(f"{prefix:03d}{code:012d}")
    assert Microchip.parse(str(chip)) == chip
    issuers = (chip.country, chip.manufacturer_code, chip.is_test or None)
    assert sum(issuer is not None for issuer in issuers) <= 1
