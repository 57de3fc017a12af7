"""How contacts and names are normalised: one form for each, and nothing wrong let through."""

from unicodedata import category, is_normalized

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vetcore.errors import InvalidValue
from vetcore.values.contact import (
    normalize_email,
    normalize_name,
    normalize_phone,
    normalize_postal_code,
)
from vetcore.values.countries import COUNTRIES
from vetcore.values.postcodes import FORMATS

NBSP = chr(0xA0)
BOM = chr(0xFEFF)
RIGHT_TO_LEFT = chr(0x202E)
JOINER = chr(0x200D)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Ana@Example.COM", "ana@example.com"),
        ("  ana.perez+rex@example.com\n", "ana.perez+rex@example.com"),
        ("ana@xn--mnchen-3ya.de", "ana@münchen.de"),
        ("ana@MÜNCHEN.de", "ana@münchen.de"),
        ("pe" + chr(0x301) + "rez@example.com", "pérez@example.com"),
    ],
)
def test_an_address_has_one_form(text: str, stored: str) -> None:
    assert normalize_email(text) == stored


@pytest.mark.parametrize(
    "text", ["", "ana", "ana@", "@example.com", "a b@example.com", "a@b@c.com", "ana@example..com"]
)
def test_what_is_no_address_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(InvalidValue, match="email: is not an e-mail address") as refused:
        normalize_email(text)
    assert "got" not in refused.value.message


@given(st.emails())
def test_an_address_once_normalised_stays_as_it_is(text: str) -> None:
    try:
        stored = normalize_email(text)
    except InvalidValue:
        assume(condition=False)
        return
    assert normalize_email(stored) == stored == stored.lower()


@pytest.mark.parametrize(
    ("text", "country", "stored"),
    [
        ("(206) 555-0123", "US", "+12065550123"),
        ("1-206-555-0123", "us", "+12065550123"),
        ("+1 206.555.0123", None, "+12065550123"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("0049 30 901820", "FR", "+4930901820"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("06 698 12345", "IT", "+390669812345"),
    ],
)
def test_a_number_is_kept_as_e164(text: str, country: str | None, stored: str) -> None:
    assert normalize_phone(text, country) == stored


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("206 555 0123", None),
        ("555-0123", "US"),
        ("+1 555 0123", None),
        ("+1 206 555 0123 ext. 4", None),
        ("+1 206 555 01234", None),
        ("+999 123456", None),
        ("call me", "US"),
        ("", "US"),
        ("1" * 300, "US"),
    ],
)
def test_what_nobody_can_dial_is_refused(text: str, country: str | None) -> None:
    with pytest.raises(InvalidValue, match="is not a telephone number") as refused:
        normalize_phone(text, country)
    assert refused.value.details["field"] == "phone"
    assert "got" not in refused.value.message


def test_a_national_number_needs_a_country_that_exists() -> None:
    with pytest.raises(InvalidValue, match="country: is not an ISO 3166-1 country"):
        normalize_phone("206 555 0123", "XX")


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS & COUNTRIES)))
def test_every_country_writes_its_numbers_its_own_way_and_means_the_same(country: str) -> None:
    number = phonenumbers.example_number(country)
    assert number is not None
    formats = phonenumbers.PhoneNumberFormat
    stored = phonenumbers.format_number(number, formats.E164)
    assert normalize_phone(phonenumbers.format_number(number, formats.NATIONAL), country) == stored
    assert normalize_phone(phonenumbers.format_number(number, formats.INTERNATIONAL)) == stored
    assert normalize_phone(stored) == stored


@pytest.mark.parametrize(
    ("country", "text", "stored"),
    [
        ("US", "98109", "98109"),
        ("US", "98109 0001", "98109-0001"),
        ("PR", "00901-1234", "00901-1234"),
        ("CA", "k1a-0b1", "K1A 0B1"),
        ("GB", "m1 1ae", "M1 1AE"),
        ("GB", "CR26XH", "CR2 6XH"),
        ("GB", "dn551pt", "DN55 1PT"),
        ("GB", "W1A0AX", "W1A 0AX"),
        ("GB", "ec1a 1bb", "EC1A 1BB"),
        ("GB", "GIR 0AA", "GIR 0AA"),
        ("JE", "je23aa", "JE2 3AA"),
        ("AU", "0800", "0800"),
        ("NZ", "6011", "6011"),
        ("DE", "01067", "01067"),
        ("DE", "D-80331", "80331"),
        ("FR", "F-75008", "75008"),
        ("ES", "08001", "08001"),
        ("IT", "00184", "00184"),
        ("PT", "1100148", "1100-148"),
        ("PT", "1100", "1100"),
        ("NL", "1012js", "1012 JS"),
        ("NL", "NL-1012 JS", "1012 JS"),
        ("BE", "B-1000", "1000"),
        ("CH", "CH-8001", "8001"),
        ("AT", "A 1010", "1010"),
        ("SE", "11122", "111 22"),
        ("SE", "SE-111 22", "111 22"),
        ("NO", "0150", "0150"),
        ("DK", "1050", "1050"),
        ("FI", "FI-00100", "00100"),
        ("IE", "d02af30", "D02 AF30"),
        ("IE", "D6W XY00", "D6W XY00"),
        ("PL", "00001", "00-001"),
        ("BR", "01310100", "01310-100"),
        ("MX", "06000", "06000"),
        ("JP", "1000001", "100-0001"),
        ("JP", chr(0xFF11) + "00-0001", "100-0001"),
        ("IN", "110 001", "110001"),
        ("NP", "44600", "44600"),
        ("ZA", "0001", "0001"),
        ("AM", "0010", "0010"),
        ("LV", "lv-1050", "LV-1050"),
    ],
)
def test_a_postal_code_is_written_as_its_post_writes_it(
    country: str, text: str, stored: str
) -> None:
    assert normalize_postal_code(text, country) == stored
    assert normalize_postal_code(f" {stored.lower()}{NBSP}", country.lower()) == stored


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("US", "2139"),
        ("US", "98109-1"),
        ("US", "9810A"),
        ("US", "K1A 0B1"),
        ("CA", "D1A 0B1"),
        ("CA", "K1A 0O1"),
        ("GB", "98109"),
        ("GB", "SW1A 1CA"),
        ("GB", "QW1 1AA"),
        ("DE", "00123"),
        ("DE", "8033"),
        ("DE", "A-80331"),
        ("ES", "53001"),
        ("NL", "0123 AB"),
        ("NL", "1012 SS"),
        ("IE", "B02 AF30"),
        ("IN", "010001"),
        ("CH", "0800"),
        ("AM", "1"),
        ("AM", "1234567890123"),
        ("AM", "12--34"),
        ("AM", "-1234"),
        ("AM", "12\x0034"),
    ],
)
def test_a_code_of_another_form_is_refused_with_an_example(country: str, text: str) -> None:
    with pytest.raises(InvalidValue, match=f"is not a postal code of {country}") as refused:
        normalize_postal_code(text, country)
    assert refused.value.details["expected"]


@pytest.mark.parametrize("country", sorted(FORMATS))
def test_the_example_of_every_country_is_a_code_of_it(country: str) -> None:
    for example in FORMATS[country].example.split(" or "):
        assert normalize_postal_code(example, country) == example


@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_a_code_once_normalised_stays_as_it_is(country: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(FORMATS[country].pattern, fullmatch=True))
    stored = normalize_postal_code(text, country)
    assert normalize_postal_code(stored, country) == stored
    assert stored.replace(" ", "").replace("-", "") == text
    assert normalize_postal_code(stored.lower()) == stored, "where the country is not known, too"


@pytest.mark.parametrize(
    ("text", "stored"),
    [(" k1a  0b1 ", "K1A 0B1"), ("98109-0001", "98109-0001"), ("vlt 1117", "VLT 1117")],
)
def test_a_code_of_an_unknown_country_is_written_in_capitals(text: str, stored: str) -> None:
    assert normalize_postal_code(text) == stored


@pytest.mark.parametrize("text", ["", "12", "98109--1", "<b>x</b>", "1234567890123", "٩٨١٠٩"])
def test_what_is_no_countrys_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"is not a postal code \("):
        normalize_postal_code(text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("  Ana  María ", "Ana María"),
        ("Ana" + NBSP + "María", "Ana María"),
        ("Mari" + chr(0x301) + "a", "María"),
        ("O'Connor-D'Ávila", "O'Connor-D'Ávila"),
        ("Renée Ångström", "Renée Ångström"),
        ("李小龍", "李小龍"),
        (BOM + "Rex" + RIGHT_TO_LEFT, "Rex"),
        ("ක" + JOINER + "ෂ", "ක" + JOINER + "ෂ"),
        ("Rex\n", "Rex"),
    ],
)
def test_a_name_keeps_its_letters_and_loses_its_odd_spaces(text: str, stored: str) -> None:
    assert normalize_name(text) == stored


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "is empty"),
        (NBSP + " ", "is empty"),
        (BOM, "is empty"),
        (JOINER, "is empty"),
        ("Rex\x00", "control character"),
        ("Re\nx", "control character"),
        ("Re\ud800x", "control character"),
        ("x" * 101, "is too long"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(text: str, rule: str) -> None:
    with pytest.raises(InvalidValue, match=rule):
        normalize_name(text)


def test_a_name_may_be_as_long_as_is_said() -> None:
    assert normalize_name("x" * 100) == "x" * 100
    with pytest.raises(InvalidValue, match="pet: is too long"):
        normalize_name("x" * 81, field="pet", longest=80)


@given(st.text(max_size=60))
def test_a_name_once_normalised_stays_as_it_is(text: str) -> None:
    try:
        stored = normalize_name(text)
    except InvalidValue:
        assume(condition=False)
        return
    assert normalize_name(stored) == stored
    assert is_normalized("NFC", stored)
    assert "  " not in stored
    assert not any(category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in stored)
