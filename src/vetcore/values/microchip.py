"""Microchips: the transponders by which an animal is identified."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final, Self

from vetcore.errors import InvalidValue

__all__ = ["Microchip", "MicrochipScheme", "normalize_microchip"]

_SEPARATORS: Final = re.compile(r"[\s.*-]")
_FIRST_MANUFACTURER: Final = 900
_TEST_PREFIX: Final = 999
_IDENTIFICATION_CODES: Final = 2**38
"""ISO 11784 gives 38 of the 64 bits to the number within country or manufacturer."""


@unique
class MicrochipScheme(StrEnum):
    """The family of transponders to which a number belongs."""

    ISO_11784 = "iso_11784"
    """15 digits, read at 134.2 kHz. Today's transponders have it."""
    NINE_DIGIT = "nine_digit"
    """The scheme of AVID, read at 125 kHz and written ``012*345*678``."""
    TEN_CHARACTER = "ten_character"
    """The scheme of FECAVA and Trovan, read at 125 or 128 kHz; mostly hexadecimal."""


@dataclass(frozen=True, slots=True)
class Microchip:
    """A transponder's number. :meth:`parse` reads what people write.

    A number has no check digit. A misread digit is noticed only if it breaks a rule of ISO 11784:
    the first three digits name a country (ISO 3166 numeric, up to 899) or a manufacturer (from
    900), and the other twelve digits stay below 2 to the power of 38.

    >>> chip = Microchip.parse("985-112 345 678 903")
    >>> str(chip), chip.scheme.value, chip.manufacturer_code, chip.warnings
    ('985112345678903', 'iso_11784', '985', ())
    """

    number: str
    """The number in digits and capital letters alone."""
    scheme: MicrochipScheme

    @classmethod
    def parse(cls, text: str, *, field: str = "microchip") -> Self:
        """Return the chip with the number ``text``; spaces, hyphens, dots, asterisks are ignored.

        Older numbers of 9 digits or 10 characters are accepted, because animals with them are
        alive. :attr:`warnings` tells of them.

        Raises:
            InvalidValue: no scheme has such a number.
        """
        number = _SEPARATORS.sub("", text).upper()
        scheme = next((known for known, form in _FORMS.items() if form.fullmatch(number)), None)
        if scheme is None:
            rule = "is not a microchip number"
            expected = (
                "15 digits such as 985112345678903, or the 9 or 10 characters of an older chip"
            )
            raise InvalidValue(field=field, rule=rule, expected=expected, value=text)
        if scheme is MicrochipScheme.ISO_11784 and int(number[3:]) >= _IDENTIFICATION_CODES:
            raise InvalidValue(
                field=field,
                rule="is not a microchip number: its last 12 digits need more than 38 bits",
                expected=f"at most {_IDENTIFICATION_CODES - 1} there (ISO 11784)",
                value=text,
            )
        return cls(number, scheme)

    @property
    def is_iso(self) -> bool:
        """Whether every scanner that is sold today reads the chip, and borders accept it."""
        return self.scheme is MicrochipScheme.ISO_11784

    @property
    def country(self) -> str | None:
        """The country that issued the number (ISO 3166-1 alpha-2), or None if a manufacturer did.

        >>> Microchip.parse("276098102345678").country
        'DE'
        """
        return _COUNTRIES.get(self.number[:3]) if self.is_iso else None

    @property
    def manufacturer_code(self) -> str | None:
        """The ICAR code of the manufacturer, 900 to 998, or None if the number has none."""
        issued = self.is_iso and _FIRST_MANUFACTURER <= int(self.number[:3]) < _TEST_PREFIX
        return self.number[:3] if issued else None

    @property
    def is_test(self) -> bool:
        """Whether the number has the code for tests, 999, which no animal should carry."""
        return self.is_iso and int(self.number[:3]) == _TEST_PREFIX

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unusual about a valid number, as one sentence each.

        >>> Microchip.parse("012*345*678").warnings
        ('not an ISO 11784 number: many scanners do not read it, and borders ask for one that is',)
        """
        if not self.is_iso:
            legacy = "not an ISO 11784 number: many scanners do not read it, and borders ask for one that is"
            return (legacy,)
        if self.is_test:
            return ("999 is the code for tests: no animal should carry it",)
        if self.country is None and self.manufacturer_code is None:
            return (f"{self.number[:3]} is no country of ISO 3166: a digit may be misread",)
        return ()

    def __str__(self) -> str:
        return self.number


def normalize_microchip(text: str, *, field: str = "microchip") -> str:
    """Return the microchip number in the form that is stored, as :meth:`Microchip.parse` makes it.

    Raises:
        InvalidValue: no scheme has such a number.
    """
    return Microchip.parse(text, field=field).number


_FORMS: Final = {
    MicrochipScheme.ISO_11784: re.compile(r"[0-9]{15}"),
    MicrochipScheme.NINE_DIGIT: re.compile(r"[0-9]{9}"),
    # Clinics' books have letters beyond F too; what has no digit at all is a word.
    MicrochipScheme.TEN_CHARACTER: re.compile(r"(?=.*[0-9])[0-9A-Z]{10}"),
}

_COUNTRIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        entry[:3]: entry[3:]
        for entry in """
        004AF 008AL 010AQ 012DZ 016AS 020AD 024AO 028AG 031AZ 032AR 036AU 040AT 044BS 048BH 050BD 051AM
        052BB 056BE 060BM 064BT 068BO 070BA 072BW 074BV 076BR 084BZ 086IO 090SB 092VG 096BN 100BG 104MM
        108BI 112BY 116KH 120CM 124CA 132CV 136KY 140CF 144LK 148TD 152CL 156CN 158TW 162CX 166CC 170CO
        174KM 175YT 178CG 180CD 184CK 188CR 191HR 192CU 196CY 203CZ 204BJ 208DK 212DM 214DO 218EC 222SV
        226GQ 231ET 232ER 233EE 234FO 238FK 239GS 242FJ 246FI 248AX 250FR 254GF 258PF 260TF 262DJ 266GA
        268GE 270GM 275PS 276DE 288GH 292GI 296KI 300GR 304GL 308GD 312GP 316GU 320GT 324GN 328GY 332HT
        334HM 336VA 340HN 344HK 348HU 352IS 356IN 360ID 364IR 368IQ 372IE 376IL 380IT 384CI 388JM 392JP
        398KZ 400JO 404KE 408KP 410KR 414KW 417KG 418LA 422LB 426LS 428LV 430LR 434LY 438LI 440LT 442LU
        446MO 450MG 454MW 458MY 462MV 466ML 470MT 474MQ 478MR 480MU 484MX 492MC 496MN 498MD 499ME 500MS
        504MA 508MZ 512OM 516NA 520NR 524NP 528NL 531CW 533AW 534SX 535BQ 540NC 548VU 554NZ 558NI 562NE
        566NG 570NU 574NF 578NO 580MP 581UM 583FM 584MH 585PW 586PK 591PA 598PG 600PY 604PE 608PH 612PN
        616PL 620PT 624GW 626TL 630PR 634QA 638RE 642RO 643RU 646RW 652BL 654SH 659KN 660AI 662LC 663MF
        666PM 670VC 674SM 678ST 682SA 686SN 688RS 690SC 694SL 702SG 703SK 704VN 705SI 706SO 710ZA 716ZW
        724ES 728SS 729SD 732EH 740SR 744SJ 748SZ 752SE 756CH 760SY 762TJ 764TH 768TG 772TK 776TO 780TT
        784AE 788TN 792TR 795TM 796TC 798TV 800UG 804UA 807MK 818EG 826GB 831GG 832JE 833IM 834TZ 840US
        850VI 854BF 858UY 860UZ 862VE 876WF 882WS 887YE 894ZM
    """.split()  # noqa: SIM905  # a table, read as one
    }
)
"""ISO 3166-1 numeric to alpha-2."""
