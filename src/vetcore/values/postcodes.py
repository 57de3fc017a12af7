"""The formats of postal codes, by country (Universal Postal Union, postal addressing systems)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from unicodedata import normalize

__all__ = ["FORMATS", "PostcodeFormat"]


@dataclass(frozen=True, slots=True)
class PostcodeFormat:
    """How a country writes its postal codes: the parts, and what separates them."""

    pattern: re.Pattern[str]
    """Of the code without spaces and hyphens; its groups are the parts."""
    separator: str
    example: str
    prefix: re.Pattern[str] | None
    """What people put before the code in letters from abroad, such as ``D-``."""

    def read(self, text: str) -> str | None:
        """Return the code as it should be written, or None if the text has another format.

        >>> FORMATS["CA"].read("k1a0b1")
        'K1A 0B1'
        """
        code = normalize("NFKC", text).upper().strip()
        if not code.isascii():
            return None
        if self.prefix is not None:
            code = self.prefix.sub("", code)
        match = self.pattern.fullmatch(re.sub(r"[ -]+", "", code))
        return (
            None if match is None else self.separator.join(part for part in match.groups() if part)
        )


_US: Final = (r"([0-9]{5})([0-9]{4})?", "-", "98109 or 98109-0001")
_CZ: Final = (r"([1-9][0-9]{2})([0-9]{2})", " ", "110 00")
_FOUR: Final = (r"([1-9][0-9]{3})", "", "1010")
_FOUR_ANY: Final = (r"([0-9]{4})", "", "0150")
_FIVE: Final = (r"([0-9]{5})", "", "00184")
_SIX: Final = (r"([0-9]{6})", "", "119077")
_FRANCE: Final = (r"([0-9]{5})", "", "75008")
_INWARD: Final = r"([0-9][ABD-HJLNP-UW-Z]{2})"
_OUTWARD: Final = (
    r"((?:[A-PR-UWYZ](?:[0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9]{1,2}|[A-HK-Y][0-9][ABEHMNPRV-Y])"
    r"|GIR(?=0AA)))"
)

# Parts, separator, example.
_FORMATS: Final[dict[str, tuple[str, str, str]]] = {
    "AT": _FOUR,
    "AU": (r"([0-9]{4})", "", "2000"),
    "BE": _FOUR,
    "BG": _FOUR,
    "BR": (r"([0-9]{5})([0-9]{3})", "-", "01310-100"),
    "CA": (
        r"([ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z])([0-9][ABCEGHJ-NPRSTV-Z][0-9])",
        " ",
        "K1A 0B1",
    ),
    "CH": _FOUR,
    "CN": _SIX,
    "CZ": _CZ,
    "DE": (r"((?!00)[0-9]{5})", "", "80331"),
    "DK": _FOUR_ANY,
    "EE": _FIVE,
    "ES": (r"((?:0[1-9]|[1-4][0-9]|5[0-2])[0-9]{3})", "", "28013"),
    "FI": _FIVE,
    "FR": _FRANCE,
    "GB": (_OUTWARD + _INWARD, " ", "SW1A 1AA"),
    "GG": (r"(GY[0-9]{1,2})" + _INWARD, " ", "GY1 1AA"),
    "GR": _CZ,
    "HR": _FIVE,
    "HU": _FOUR,
    "IE": (r"([AC-FHKNPRTV-Y][0-9]{2}|D6W)([0-9AC-FHKNPRTV-Y]{4})", " ", "D02 AF30"),
    "IM": (r"(IM[0-9]{1,2})" + _INWARD, " ", "IM1 1AA"),
    "IN": (r"([1-9][0-9]{5})", "", "110001"),
    "IT": _FIVE,
    "JE": (r"(JE[0-9]{1,2})" + _INWARD, " ", "JE2 3AA"),
    "JP": (r"([0-9]{3})([0-9]{4})", "-", "100-0001"),
    "KR": _FIVE,
    "LU": _FOUR,
    "MC": (r"(980[0-9]{2})", "", "98000"),
    "MX": _FIVE,
    "NL": (r"([1-9][0-9]{3})((?!SA|SD|SS)[A-Z]{2})", " ", "1012 JS"),
    "NO": _FOUR_ANY,
    "NP": (r"([0-9]{5})", "", "44600"),
    "NZ": (r"([0-9]{4})", "", "6011"),
    "PL": (r"([0-9]{2})([0-9]{3})", "-", "00-001"),
    "PR": _US,
    "PT": (r"([1-9][0-9]{3})([0-9]{3})?", "-", "1100-148"),
    "RO": _SIX,
    "SE": _CZ,
    "SG": _SIX,
    "SI": _FOUR,
    "SK": (r"([089][0-9]{2})([0-9]{2})", " ", "811 01"),
    "SM": (r"(4789[0-9])", "", "47890"),
    "TR": _FIVE,
    "US": _US,
    "VA": (r"(00120)", "", "00120"),
    "VI": _US,
    "ZA": _FOUR_ANY,
}

# The signs of vehicles, which stood before codes until the 1990s and still do.
_SIGNS: Final = {
    "AT": "A",
    "BE": "B",
    "DE": "D",
    "ES": "E",
    "FI": "SF",
    "FR": "F",
    "HU": "H",
    "IT": "I",
    "LU": "L",
    "NO": "N",
    "PT": "P",
    "SE": "S",
    "SI": "SLO",
}
_EUROPEAN: Final = frozenset(
    "AT BE BG CH CZ DE DK EE ES FI FR GR HR HU IT LU MC NL NO PL PT RO SE SI SK SM".split()  # noqa: SIM905  # a table, read as one
)


def _prefix(country: str) -> re.Pattern[str] | None:
    if country not in _EUROPEAN:
        return None
    signs = "|".join({country, _SIGNS.get(country, country)})
    return re.compile(rf"^(?:{signs})[ -]+(?=[0-9])")


FORMATS: Final[Mapping[str, PostcodeFormat]] = MappingProxyType(
    {
        country: PostcodeFormat(re.compile(pattern), separator, example, _prefix(country))
        for country, (pattern, separator, example) in _FORMATS.items()
    }
)
"""By ISO 3166-1 alpha-2; a country that is not here has no format that we know of."""
