"""How people and places are reached: e-mail, telephone, postal code, and names.

Each function returns the single form that is stored, so that equal values are equal in the
database. It refuses what cannot be right. A value that a function returned may be passed to it
again, and comes out unchanged. An error never shows an e-mail address or a telephone number,
because errors are written to logs.
"""

import re
from typing import Final
from unicodedata import category, normalize

from vetcore.errors import InvalidValue
from vetcore.values.countries import COUNTRIES

__all__ = ["normalize_email", "normalize_name", "normalize_phone", "normalize_postal_code"]

_JOINERS: Final = "\u200c\u200d"
"""Invisible, but they change how Persian and Indic names, and some pictures, are written."""

_ANY_POSTCODE: Final = re.compile(r"[A-Z0-9](?:[ -]?[A-Z0-9]){2,11}")


def normalize_email(text: str, *, field: str = "email") -> str:
    """Return the address in the form that is stored: lower case, composed Unicode, decoded domain.

    Nothing is looked up on the network, so the address may have no mailbox. The part before the
    ``@`` is changed to lower case too, because no large provider tells ``Ana`` from ``ana``.

    >>> normalize_email(" Ana.Pérez@Example.COM ")
    'ana.pérez@example.com'

    Raises:
        InvalidValue: the text is not an address.
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 -- slow to import

    try:
        address = validate_email(text.strip(), check_deliverability=False).normalized
        # Lower case may be longer, or composed otherwise: only what is stable can be stored.
        lower = normalize("NFC", address.lower())
        return validate_email(lower, check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError) as error:
        raise InvalidValue(
            field=field,
            rule="is not an e-mail address",
            expected="an address such as ana@example.com",
        ) from error


def normalize_phone(text: str, country: str | None = None, *, field: str = "phone") -> str:
    """Return the number in the form of E.164: ``+``, country code, number.

    The country code and the length are checked. Whether the range is in use is not checked, because
    new ranges are opened faster than tables are updated. A number with an extension has no E.164
    form, and is refused.

    >>> normalize_phone("(206) 555-0123", "US")
    '+12065550123'
    >>> normalize_phone("+44 20 7946 0958")
    '+442079460958'

    Args:
        text: as people write it.
        country: ISO 3166-1 alpha-2, for a number in national form; not needed after a ``+``.
        field: the name that an error gives it.

    Raises:
        InvalidValue: the text is no number, has a wrong length, or is national without a country.
    """
    import phonenumbers  # noqa: PLC0415 -- it is large, and not every process needs it

    region = None if country is None else _country(country)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise _not_a_phone(field, region) from error
    # is_possible_number also takes what can only be dialled within one town.
    length = phonenumbers.is_possible_number_with_reason(number)
    if number.extension or length != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise _not_a_phone(field, region)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _not_a_phone(field: str, region: str | None) -> InvalidValue:
    return InvalidValue(
        field=field,
        rule="is not a telephone number"
        + (f" of {region}" if region else " in international form"),
        expected="E.164 such as +12065550123, without an extension",
    )


def normalize_postal_code(
    text: str, country: str | None = None, *, field: str = "postal_code"
) -> str:
    """Return the postal code as the country's postal service writes it.

    If the format of the country is known (:data:`vetcore.values.postcodes.FORMATS`), spaces,
    hyphens and case are corrected. Whether the code is in use is not checked. If the format is not
    known, or no country is given, a code is 3 to 12 letters and digits, with single spaces or
    hyphens between them.

    >>> normalize_postal_code("981090001", "US"), normalize_postal_code("sw1a1aa", "GB")
    ('98109-0001', 'SW1A 1AA')
    >>> normalize_postal_code("D-80331", "de"), normalize_postal_code("0010", "AM")
    ('80331', '0010')

    Args:
        text: as people write it.
        country: ISO 3166-1 alpha-2; None where it is not known.
        field: the name that an error gives it.

    Raises:
        InvalidValue: the text is not a code of that country, or there is no such country.
    """
    from vetcore.values.postcodes import FORMATS  # noqa: PLC0415 -- a pattern for each country

    region = None if country is None else _country(country)
    format_ = FORMATS.get(region) if region else None
    if format_ is None:
        code = " ".join(normalize("NFKC", text).upper().split())
        found = code if _ANY_POSTCODE.fullmatch(code) else None
    else:
        found = format_.read(text)
    if found is None:
        example = format_.example if format_ else "3 to 12 letters and digits"
        raise InvalidValue(
            field=field,
            rule="is not a postal code" + (f" of {region}" if region else ""),
            expected=f"such as {example}" if format_ else example,
            value=text,
        )
    return found


def normalize_name(text: str, *, field: str = "name", longest: int = 100) -> str:
    """Return a name in Unicode's composed form (NFC) with single spaces, otherwise unchanged.

    The function keeps accents, case, apostrophes and scripts. Every kind of white space counts as a
    space. Invisible format characters, such as marks of direction, are dropped, except the joiners
    that some scripts need.

    >>> normalize_name("  Ana" + chr(0xA0) + " Mari" + chr(0x301) + "a ")
    'Ana María'

    Raises:
        InvalidValue: nothing is left, it is longer than ``longest``, or has a control character.
    """
    stripped = text.strip()
    if any(category(character) in {"Cc", "Cs"} for character in stripped):
        raise InvalidValue(field=field, rule="has a control character", expected="a line of text")
    visible = "".join(c for c in stripped if c in _JOINERS or category(c) != "Cf")
    name = " ".join(normalize("NFC", visible).split())
    if not name.strip(_JOINERS) or len(name) > longest:
        raise InvalidValue(
            field=field,
            rule="is empty" if len(name) <= longest else "is too long",
            expected=f"1 to {longest} characters",
        )
    return name


def _country(code: str) -> str:
    region = code.strip().upper()
    if region not in COUNTRIES:
        raise InvalidValue(
            field="country",
            rule="is not an ISO 3166-1 country",
            expected="two letters such as US, GB or DE",
            value=code,
        )
    return region
