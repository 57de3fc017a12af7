"""What a refused value is told: the field, the rule, what would be right, and what was given."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pydantic
import pytest

from vetcore.errors import InvalidValue
from vetcore.values.age import age_on, life_stage
from vetcore.values.animals import Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import ServiceType
from vetcore.values.contact import (
    normalize_email,
    normalize_name,
    normalize_phone,
    normalize_postal_code,
)
from vetcore.values.coordinates import Coordinates
from vetcore.values.countries import CountryCode
from vetcore.values.credentials import Credential, CredentialKind
from vetcore.values.dates import Day
from vetcore.values.frozenjson import FrozenJson
from vetcore.values.guidelines import VaccinationSchedule
from vetcore.values.hours import OpeningHours, parse_hours
from vetcore.values.insurance import InsurancePolicy
from vetcore.values.licensing import (
    normalize_dea_number,
    normalize_jurisdiction,
    normalize_license_number,
)
from vetcore.values.medical import Allergy, Condition, ConditionStatus, MedicalHistory
from vetcore.values.microchip import normalize_microchip
from vetcore.values.money import CurrencyCode
from vetcore.values.preferences import QuietHours
from vetcore.values.services import ServiceCatalog, ServiceOffering
from vetcore.values.text import plain_text, sanitize
from vetcore.values.vaccination import Antigen, Vaccination, with_vaccination
from vetcore.values.visits import ControlledSchedule, Prescription
from vetcore.values.walltime import zone_named
from vetcore.values.weekly import OpenSpan, WeeklyHours

DAY = date(2026, 3, 8)
NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)
HOUR = timedelta(hours=1)
OPEN = OpeningHours("Mo-Fr 08:00-18:00")
RARELY = OpeningHours("Jan 01 00:00-00:01")
SPAN = OpenSpan(opens=time(8), closes=time(9))
EXAM = ServiceOffering(service=ServiceType.WELLNESS_EXAM, duration_minutes=30)
ALLERGY = Allergy(substance="Penicillin")
RABIES = Vaccination(antigens=(Antigen.RABIES,), administered_on=DAY)


def adapted(kind: Any, value: object) -> object:
    return pydantic.TypeAdapter(kind).validate_python(value)


def offered(minutes: int, before: int, after: int) -> ServiceOffering:
    return ServiceOffering(
        service=ServiceType.SURGERY,
        duration_minutes=minutes,
        buffer_before_minutes=before,
        buffer_after_minutes=after,
    )


def prescription(schedule: ControlledSchedule, refills: int) -> Prescription:
    return Prescription(
        drug="Drug", dose="1", frequency="daily", controlled_schedule=schedule, refills=refills
    )


def nested(levels: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(levels):
        value = {"in": value}
    return value


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: normalize_email("ana@", field="contact"),
        "contact: is not an e-mail address (expected an address such as ana@example.com)",
    ),
    (
        lambda: normalize_phone("12"),
        "phone: is not a telephone number in international form (expected E.164 such as +12065550123, without an extension)",
    ),
    (
        lambda: normalize_phone("12", "us", field="mobile"),
        "mobile: is not a telephone number of US (expected E.164 such as +12065550123, without an extension)",
    ),
    (
        lambda: normalize_phone("12", "Utopia"),
        "country: is not an ISO 3166-1 country (expected two letters such as US, GB or DE), got 'Utopia'",
    ),
    (
        lambda: normalize_postal_code("1", "US"),
        "postal_code: is not a postal code of US (expected such as 98109 or 98109-0001), got '1'",
    ),
    (
        lambda: normalize_postal_code("#", "AO", field="zip"),
        "zip: is not a postal code of AO (expected 3 to 12 letters and digits), got '#'",
    ),
    (lambda: normalize_name("\x00Ana"), "name: has a control character (expected a line of text)"),
    (
        lambda: normalize_name(" \u200d ", field="first_name"),
        "first_name: is empty (expected 1 to 100 characters)",
    ),
    (lambda: normalize_name("Ana", longest=2), "name: is too long (expected 1 to 2 characters)"),
    (
        lambda: normalize_jurisdiction("Utopia", field="board"),
        "board: must be a country or a part of one (expected ISO 3166 such as GB, US-WA or CA-BC), got 'Utopia'",
    ),
    (
        lambda: normalize_jurisdiction("US-XX"),
        "jurisdiction: is not a part of US (expected ISO 3166 such as GB, US-WA or CA-BC), got 'US-XX'",
    ),
    (
        lambda: normalize_dea_number("AB1234567"),
        "dea_number: is not a DEA number (expected two letters and seven digits, the last of which checks the others: AB1234563)",
    ),
    (
        lambda: normalize_dea_number("AB1234567", field="dea"),
        "dea: is not a DEA number (expected two letters and seven digits, the last of which checks the others: AB1234563)",
    ),
    (
        lambda: normalize_license_number(""),
        "license_number: is not a licence number (expected 1 to 64 letters, digits and signs such as VT-12345), got ''",
    ),
    (
        lambda: normalize_license_number("V" * 65, field="number"),
        "number: is not a licence number (expected 1 to 64 letters, digits and signs such as VT-12345), got 'VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV'",
    ),
    (
        lambda: normalize_microchip("12", field="chip"),
        "chip: is not a microchip number (expected 15 digits such as 985112345678903, or the 9 or 10 characters of an older chip), got '12'",
    ),
    (
        lambda: normalize_microchip("985999999999999"),
        "microchip: is not a microchip number: its last 12 digits need more than 38 bits (expected at most 274877906943 there (ISO 11784)), got '985999999999999'",
    ),
    (
        lambda: normalize_microchip("985112345678903!"),
        "microchip: is not a microchip number (expected 15 digits such as 985112345678903, or the 9 or 10 characters of an older chip), got '985112345678903!'",
    ),
    (
        lambda: zone_named("Mars/Olympus"),
        "timezone: is not an IANA time zone (expected a name such as America/New_York), got 'Mars/Olympus'",
    ),
    (
        lambda: sanitize("half \ud800", field="notes"),
        "notes: has half a character (expected Unicode text)",
    ),
    (
        lambda: plain_text("&" + "amp;" * 9 + "lt;b>", field="notes"),
        "notes: hides markup in markup (expected plain text)",
    ),
    (
        lambda: Coordinates.parse("north of here"),
        "coordinates: must be a latitude and a longitude (expected degrees such as 47.6062, -122.3321), got 'north of here'",
    ),
    (
        lambda: parse_hours("Mo-Fr sunrise-18:00"),
        "opening_hours: cannot use 'sunrise': times of the sun need a place, not a clinic (expected days and times such as Mo-Fr 08:00-12:00,13:00-18:00; PH off)",
    ),
    (
        lambda: parse_hours("whenever", field="working_hours"),
        "working_hours: is not in the opening_hours syntax of OpenStreetMap (expected such as Mo-Fr 08:00-12:00,13:00-18:00; Sa 09:00-13:00; PH off), got 'whenever'",
    ),
    (
        lambda: parse_hours(""),
        "opening_hours: is not in the opening_hours syntax of OpenStreetMap (expected such as Mo-Fr 08:00-12:00,13:00-18:00; Sa 09:00-13:00; PH off), got ''",
    ),
    (
        lambda: parse_hours("Mo-Su 00:00-24:00; Sa 22:00-02:00 off"),
        "opening_hours: closes over midnight (expected one rule until 24:00 and another from 00:00), got 'Mo-Su 00:00-24:00; Sa 22:00-02:00 off'",
    ),
    (
        lambda: OPEN.add_business_time(NOON, -HOUR),
        "amount: must not be negative, got '-1 day, 23:00:00'",
    ),
    (
        lambda: RARELY.add_business_time(NOON, HOUR),
        "amount: is more than the opening hours of three years, got '1:00:00'",
    ),
    (
        lambda: OPEN.add_business_time(NAIVE, HOUR),
        "at: must carry a UTC offset (expected an aware datetime such as 2026-03-08T09:30:00+00:00), got '2026-03-08T12:00:00'",
    ),
    (
        lambda: OPEN.is_open(NAIVE),
        "at: must carry a UTC offset (expected an aware datetime such as 2026-03-08T09:30:00+00:00), got '2026-03-08T12:00:00'",
    ),
    (
        lambda: OPEN.next_change(NAIVE),
        "at: must carry a UTC offset (expected an aware datetime such as 2026-03-08T09:30:00+00:00), got '2026-03-08T12:00:00'",
    ),
    (
        lambda: OPEN.intervals(NAIVE, NOON),
        "start: must carry a UTC offset (expected an aware datetime such as 2026-03-08T09:30:00+00:00), got '2026-03-08T12:00:00'",
    ),
    (
        lambda: OPEN.intervals(NOON, NAIVE),
        "end: must carry a UTC offset (expected an aware datetime such as 2026-03-08T09:30:00+00:00), got '2026-03-08T12:00:00'",
    ),
    (
        lambda: OPEN.business_time(NAIVE, NOON),
        "start: must carry a UTC offset (expected an aware datetime such as 2026-03-08T09:30:00+00:00), got '2026-03-08T12:00:00'",
    ),
    (
        lambda: OPEN.business_time(NOON, NAIVE),
        "end: must carry a UTC offset (expected an aware datetime such as 2026-03-08T09:30:00+00:00), got '2026-03-08T12:00:00'",
    ),
    (
        lambda: age_on(DAY, date(2026, 3, 7)),
        "born_on: is still to come on that day (expected 2026-03-07 or earlier), got '2026-03-08'",
    ),
    (
        lambda: life_stage(Species.DOG, age_on(DAY, DAY), expected_years=0),
        "expected_years: must be above zero, got '0'",
    ),
    (
        lambda: with_vaccination([RABIES], RABIES),
        "vaccination: is recorded already (expected a dose of another antigen or of another day), got 'rabies on 2026-03-08'",
    ),
    (
        lambda: VaccinationSchedule(
            species=Species.CAT,
            antigen=Antigen.RABIES,
            core=True,
            source="Ours",
            first_dose_days=84,
            primary_until_days=83,
        ),
        "primary_until_days: must not be before first_dose_days (expected 84 or more), got '83'",
    ),
    (
        lambda: prescription(ControlledSchedule.II, 1),
        "refills: a schedule II substance may be refilled no times (21 CFR 1306) (expected at most 0), got '1'",
    ),
    (
        lambda: prescription(ControlledSchedule.IV, 6),
        "refills: a schedule IV substance may be refilled 5 times (21 CFR 1306) (expected at most 5), got '6'",
    ),
    (
        lambda: QuietHours(start=time(22), end=time(22)),
        "end: must differ from start (expected a span shorter than a day; switch the channels off for silence), got '22:00:00'",
    ),
    (
        lambda: ServiceCatalog(offerings=(EXAM, EXAM)),
        "offerings: lists a service twice (expected one offering a service), got 'wellness_exam'",
    ),
    (
        lambda: offered(1440, 1, 0),
        "buffer_before_minutes: makes duration and buffers longer than a day, which can never be booked (expected at most 0), got '1'",
    ),
    (
        lambda: offered(1190, 125, 126),
        "buffer_after_minutes: makes duration and buffers longer than a day, which can never be booked (expected at most 125), got '126'",
    ),
    (
        lambda: BookingPolicy(minimum_notice_minutes=1440, horizon_days=1),
        "horizon_days: leaves nothing to book after the minimum notice (expected more than 1440 minutes), got '1'",
    ),
    (
        lambda: adapted(CurrencyCode, "XXX"),
        "currency: is not an ISO 4217 currency (expected three letters such as USD, EUR or GBP), got 'XXX'",
    ),
    (
        lambda: InsurancePolicy(provider="P", policy_number="1", annual_limit="1.005"),  # type: ignore[arg-type]
        "annual_limit: has more decimal places than USD has (expected at most 2), got '1.005'",
    ),
    (
        lambda: adapted(CountryCode, "UK"),
        "country: is not an ISO 3166-1 country (expected two letters such as US, GB or DE), got 'UK'",
    ),
    (
        lambda: OpenSpan(opens=time(8, 0, 30), closes=time(9)),
        "opens: must be a whole minute (expected a time such as 08:30), got '08:00:30'",
    ),
    (
        lambda: OpenSpan(opens=time(8, tzinfo=UTC), closes=time(9)),
        "opens: must be wall-clock time, without a UTC offset (expected a time such as 22:00), got '08:00:00+00:00'",
    ),
    (
        lambda: WeeklyHours(monday=(SPAN, SPAN)),
        "monday: has spans that overlap (expected each span to begin after the one before has ended), got '08:00-09:00, 08:00-09:00'",
    ),
    (
        lambda: Condition(name="Otitis", status=ConditionStatus.ACTIVE, resolved_on=DAY),
        "status: must be resolved where resolved_on is given (expected resolved), got 'active'",
    ),
    (
        lambda: Condition(
            name="Otitis",
            diagnosed_on=DAY,
            status=ConditionStatus.RESOLVED,
            resolved_on=date(2026, 3, 7),
        ),
        "resolved_on: must not be before diagnosed_on (expected 2026-03-08 or later), got '2026-03-07'",
    ),
    (
        lambda: MedicalHistory(allergies=(ALLERGY, ALLERGY)),
        "allergies: holds an entry twice (expected each once; replace the entry to change it), got 'penicillin'",
    ),
    (
        lambda: Credential(
            kind=CredentialKind.DEGREE, issuer="A", document_url="https://me@example.org/x.pdf"
        ),
        "document_url: must be a web address without a user name (expected https://example.org/document.pdf), got 'https://me@example.org/x.pdf'",
    ),
    (
        lambda: adapted(Day, 20217600),
        "date: must be written out, not a number (expected ISO 8601 such as 2026-03-08), got '20217600'",
    ),
    (
        lambda: adapted(FrozenJson, nested(99)),
        "extra: is nested too deep (expected JSON of at most 16,384 characters, nested at most 8 deep)",
    ),
    (
        lambda: adapted(FrozenJson, {"a": "x" * 1_000_000}),
        "extra: is too long (expected JSON of at most 16,384 characters, nested at most 8 deep)",
    ),
    (
        lambda: adapted(FrozenJson, {"a": float("nan")}),
        "extra: holds a number that JSON cannot carry (expected JSON of at most 16,384 characters, nested at most 8 deep)",
    ),
    (
        lambda: adapted(FrozenJson, {1: "a"}),
        "extra: has a key that is not text (expected JSON of at most 16,384 characters, nested at most 8 deep)",
    ),
    (
        lambda: adapted(FrozenJson, {"a": "\0"}),
        "extra: holds a NUL or half a character, which no database can store (expected JSON of at most 16,384 characters, nested at most 8 deep)",
    ),
    (
        lambda: adapted(FrozenJson, {"a": {1}}),
        "extra: holds a set, which is not JSON (expected JSON of at most 16,384 characters, nested at most 8 deep)",
    ),
]


@pytest.mark.parametrize(("call", "told"), REFUSALS)
def test_a_refused_value_is_told_what_would_be_right(call: Callable[[], object], told: str) -> None:
    assert refusal(call) == told


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises((InvalidValue, pydantic.ValidationError)) as caught:
        call()
    if isinstance(caught.value, InvalidValue):
        return str(caught.value)
    (error,) = caught.value.errors(include_url=False)
    return str(error.get("ctx", {}).get("error", error["msg"]))
