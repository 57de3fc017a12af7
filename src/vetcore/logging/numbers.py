"""Finds private numbers: of telephones, cards, accounts and registrations."""

import re
from typing import Final

__all__ = ["has_a_long_number", "with_masked_numbers"]

_BETWEEN: Final = r"[ ().\-/\u00a0\u202f\u2010-\u2013]"
_SEVEN_DIGITS: Final = re.compile(rf"(?:\d{_BETWEEN}{{0,3}}){{6}}\d")
_NUMBER: Final = re.compile(
    rf"""(?P<kept>
        (?<!\w)[0-9a-f]{{8}}-(?:[0-9a-f]{{4}}-){{3}}[0-9a-f]{{12}}(?!\w)
        | (?<!\w)(?:19|20|21)\d\d-[01]\d-[0-3]\d(?!\d)
    )
    | (?: (?<!\d)\+ | %2B ) [1-9](?:{_BETWEEN}{{0,2}}\d){{6,14}}(?!\d)
    | (?<!\w)(?<!\d\.)(?:
        00[1-9](?:{_BETWEEN}{{0,2}}\d){{7,13}}
        | 0[1-9](?:{_BETWEEN}{{0,2}}\d){{7,11}}
        | \(0\d{{1,5}}\)(?:{_BETWEEN}?\d){{4,10}}
        | (?:1{_BETWEEN})?(?:\([2-9]\d\d\){_BETWEEN}?|[2-9]\d\d{_BETWEEN})[2-9]\d\d{_BETWEEN}\d{{4}}
        | 1?[2-9]\d\d[2-9]\d{{6}}
    )(?!\w)(?![\-.:/]\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_CARD: Final = re.compile(
    r"(?<![\w.+\-])(?:\d{13,19}|\d{4,8}(?:[ .\-\u00a0]\d{2,8}){1,5}+)(?!\w)", re.ASCII
)
_GROUP: Final = re.compile(r"\d+")
_ISSUED: Final = re.compile(  # ISO/IEC 7812: who issues, and how long their numbers are
    r"""4\d{12}(?:\d{3}){0,2} | 5[1-5]\d{14} | 2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}
    | 3[47]\d{13} | 3(?:0[0-5]|[689]\d)\d{11} | 35\d{14} | 6\d{15,18} | 5[0678]\d{14,17}""",
    re.VERBOSE,
)
_LONGEST_CARD: Final = 19
_CHIP_DIGITS: Final = 15
_LARGEST_CHIP: Final = 274_877_906_943  # ISO 11784 gives an animal 38 bits
_IBAN: Final = re.compile(r"(?<!\w)[A-Z]{2}\d\d(?: ?[A-Z0-9]){11,30}+", re.IGNORECASE | re.ASCII)
_IBAN_LENGTHS: Final = {  # the registry of ISO 13616
    entry[:2]: int(entry[2:])
    for entry in [
        "AD24",
        "AE23",
        "AL28",
        "AT20",
        "AZ28",
        "BA20",
        "BE16",
        "BG22",
        "BH22",
        "BI27",
        "BR29",
        "BY28",
        "CH21",
        "CR22",
        "CY28",
        "CZ24",
        "DE22",
        "DJ27",
        "DK18",
        "DO28",
        "EE20",
        "EG29",
        "ES24",
        "FI18",
        "FK18",
        "FO18",
        "FR27",
        "GB22",
        "GE22",
        "GI23",
        "GL18",
        "GR27",
        "GT28",
        "HR21",
        "HU28",
        "IE22",
        "IL23",
        "IQ23",
        "IS26",
        "IT27",
        "JO30",
        "KW30",
        "KZ20",
        "LB28",
        "LC32",
        "LI21",
        "LT20",
        "LU20",
        "LV21",
        "LY25",
        "MC27",
        "MD24",
        "ME22",
        "MK19",
        "MN20",
        "MR27",
        "MT31",
        "MU30",
        "NI28",
        "NL18",
        "NO15",
        "OM23",
        "PK24",
        "PL28",
        "PS29",
        "PT25",
        "QA29",
        "RO24",
        "RS22",
        "RU33",
        "SA24",
        "SC31",
        "SD18",
        "SE24",
        "SI19",
        "SK24",
        "SM27",
        "SO23",
        "ST25",
        "SV28",
        "TL23",
        "TN24",
        "TR26",
        "UA29",
        "VA22",
        "VG24",
        "XK20",
        "YE30",
    ]
}
_DEA: Final = re.compile(r"(?<!\w)[A-Z][A-Z9]\d{7}(?!\w)", re.IGNORECASE | re.ASCII)


def with_masked_numbers(text: str, *, phones: bool) -> str:
    """Return ``text`` with private numbers masked. Without ``phones``, phone numbers stay."""
    text = _IBAN.sub(_masked_iban, text)
    text = _CARD.sub(_masked_card, text)
    text = _DEA.sub(lambda found: "[dea]" if _is_dea(found[0]) else found[0], text)
    return _NUMBER.sub(lambda found: found["kept"] or "[phone]", text) if phones else text


def _masked_card(found: re.Match[str]) -> str:
    text = found[0]
    groups = [(each.start(), each.end()) for each in _GROUP.finditer(text)]
    for first, (start, _) in enumerate(groups):
        digits = ""
        for from_, end in groups[first:]:
            digits += text[from_:end]
            if len(digits) > _LONGEST_CARD:
                break
            if _is_card(digits):
                return f"{text[:start]}[card]{_CARD.sub(_masked_card, text[end:])}"
    return text


def _is_card(digits: str) -> bool:
    if not _ISSUED.fullmatch(digits) or (
        len(digits) == _CHIP_DIGITS and int(digits[3:]) <= _LARGEST_CHIP
    ):
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[-1::-2]))) % 10 == 0


def _masked_iban(found: re.Match[str]) -> str:
    text = found[0]
    length = _IBAN_LENGTHS.get(text[:2].upper(), 0)
    at = [place for place, character in enumerate(text) if character != " "][:length]
    if not length or len(at) < length:
        return text
    number = "".join(text[place] for place in at)
    figures = "".join(str(int(character, 36)) for character in number[4:] + number[:4])
    after = text[at[-1] + 1 :]
    if int(figures) % 97 != 1 or after[:1].isalnum():
        return text
    return f"[iban]{_IBAN.sub(_masked_iban, after)}"


def _is_dea(number: str) -> bool:
    digits = [int(digit) for digit in number[2:]]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def has_a_long_number(text: str) -> bool:
    """Return whether the text has seven digits in a row, phone separators allowed."""
    return _SEVEN_DIGITS.search(text) is not None
