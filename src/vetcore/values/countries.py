"""Countries and their parts, by the codes of ISO 3166."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints, ValidationInfo

from vetcore.errors import InvalidValue

__all__ = ["COUNTRIES", "SUBDIVISION_SHAPE", "CountryCode", "SubdivisionCode"]

COUNTRIES: Final[frozenset[str]] = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905  # a table, read as one
)
"""The officially assigned codes."""


def _assigned(value: str, info: ValidationInfo) -> str:
    if value not in COUNTRIES:
        raise InvalidValue(
            field=info.field_name or "country",
            rule="is not an ISO 3166-1 country",
            expected="two letters such as US, GB or DE",
            value=value,
        )
    return value


CountryCode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, max_length=16),
    AfterValidator(_assigned),
]
"""An ISO 3166-1 alpha-2 code; lower case comes in, upper case is kept."""


SUBDIVISION_SHAPE: Final = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
"""A country and a part of it, as ISO 3166-2 writes them."""


def _part_of_a_country(value: str, info: ValidationInfo) -> str:
    shape = SUBDIVISION_SHAPE.fullmatch(value)
    if shape is None or shape[1] not in COUNTRIES:
        raise InvalidValue(
            field=info.field_name or "subdivision",
            rule="is not an ISO 3166-2 code",
            expected="a country and a part of it such as US-CA, GB-SCT or DE-BY",
            value=value,
        )
    return value


SubdivisionCode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, max_length=64),
    AfterValidator(_part_of_a_country),
]
"""An ISO 3166-2 code; lower case comes in, upper case is kept."""
