"""Currencies and amounts. An amount is always stored together with its currency."""

from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from vetcore.errors import InvalidValue

__all__ = ["CURRENCIES", "Amount", "CurrencyCode", "in_minor_units", "minor_units"]

_NO_DECIMALS: Final = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split()  # noqa: SIM905  # a table, read as one
)
_THREE_DECIMALS: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_TWO_DECIMALS: Final = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON
    RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
    TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905  # a table, read as one
)

CURRENCIES: Final = _NO_DECIMALS | _TWO_DECIMALS | _THREE_DECIMALS
"""The ISO 4217 codes of money in circulation, and some that ended lately (ANG 2025, BGN 2026), so
that what was stored stays readable."""


def minor_units(currency: str) -> int:
    """Return how many decimal places an amount in ``currency`` has (ISO 4217).

    >>> minor_units("USD"), minor_units("JPY"), minor_units("KWD")
    (2, 0, 3)
    """
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def _circulating(value: str, info: ValidationInfo) -> str:
    if value not in CURRENCIES:
        raise InvalidValue(
            field=info.field_name or "currency",
            rule="is not an ISO 4217 currency",
            expected="three letters such as USD, EUR or GBP",
            value=value,
        )
    return value


def _whole_units(value: Decimal | None, info: ValidationInfo) -> Decimal | None:
    currency = info.data.get("currency")
    if value is not None and currency is not None:
        places = minor_units(currency)
        if value != round(value, places):
            raise InvalidValue(
                field=info.field_name or "amount",
                rule=f"has more decimal places than {currency} has",
                expected=f"at most {places}",
                value=value,
            )
    return value


CurrencyCode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, max_length=16),
    AfterValidator(_circulating),
]
"""An ISO 4217 code; lower case comes in, upper case is kept."""

Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=3)]
"""An amount of money, exact and not negative."""

in_minor_units: Final = AfterValidator(_whole_units)
"""A rule for an amount: no more decimal places than the field ``currency`` before it has."""
