"""What clinics offer and staff may show, what users prefer, and how an appointment lives."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from vetcore.values.animals import Species
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import ServiceType
from vetcore.values.credentials import Credential, WebAddress
from vetcore.values.frozenjson import FrozenDict, FrozenJson
from vetcore.values.insurance import InsurancePolicy
from vetcore.values.people import Role
from vetcore.values.preferences import NotificationChannel, Preferences, QuietHours
from vetcore.values.services import ServiceCatalog, ServiceOffering

DAY = date(2026, 3, 8)
AROUND = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)]


class Holder(BaseModel):
    extra: FrozenJson = {}


def _offering(service: ServiceType = ServiceType.WELLNESS_EXAM, **fields: Any) -> ServiceOffering:
    return ServiceOffering(**{"service": service, "duration_minutes": 30} | fields)


@given(st.integers(5, 1440), st.integers(0, 240), st.integers(0, 240))
@example(1200, 100, 140)
@example(1200, 100, 141)
@example(1440, 0, 0)
def test_a_service_occupies_its_duration_and_both_buffers_a_day_at_most(
    duration: int, before: int, after: int
) -> None:
    minutes: dict[str, Any] = {
        "duration_minutes": duration,
        "buffer_before_minutes": before,
        "buffer_after_minutes": after,
    }
    if duration + before + after > 1440:
        with pytest.raises(ValidationError, match="can never be booked"):
            _offering(**minutes)
        return
    offering = _offering(**minutes)
    assert offering.occupied == timedelta(minutes=duration + before + after)
    assert offering.occupied - offering.duration == offering.buffer_before + offering.buffer_after


def test_a_service_without_species_is_for_all_of_them() -> None:
    assert all(_offering().is_for(species) for species in Species)
    for_cats = _offering(species=(Species.CAT, Species.CAT))
    assert for_cats.species == (Species.CAT,)
    assert for_cats.is_for(Species.CAT)
    assert not for_cats.is_for(Species.DOG)


def test_a_price_has_the_places_of_its_currency() -> None:
    assert _offering(currency="JPY", price=4500).price == 4500
    with pytest.raises(ValidationError, match="more decimal places than JPY has"):
        _offering(currency="JPY", price=Decimal("45.5"))


@given(st.lists(st.sampled_from(ServiceType), unique=True), st.sampled_from(ServiceType))
def test_a_catalogue_has_each_service_once_and_in_place(
    services: list[ServiceType], chosen: ServiceType
) -> None:
    catalog = ServiceCatalog(offerings=tuple(_offering(service) for service in services))
    assert [offering.service for offering in catalog] == services
    assert len(catalog) == len(services)
    changed = catalog.with_offering(_offering(chosen, duration_minutes=45))
    kept = services if chosen in services else [*services, chosen]
    assert [offering.service for offering in changed] == kept
    found = changed.get(chosen)
    assert found is not None
    assert found.duration_minutes == 45
    gone = changed.without(chosen)
    assert chosen not in gone
    assert gone.get(chosen) is None
    assert [offering.service for offering in gone] == [one for one in services if one != chosen]


def test_a_catalogue_with_a_service_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="lists a service twice"):
        ServiceCatalog(offerings=(_offering(), _offering()))


def test_there_is_something_to_book_between_notice_and_horizon() -> None:
    assert BookingPolicy(minimum_notice_minutes=1439, horizon_days=1).horizon_days == 1
    with pytest.raises(ValidationError, match="leaves nothing to book"):
        BookingPolicy(minimum_notice_minutes=1440, horizon_days=1)


@pytest.mark.parametrize("step", [0, 4, 7, 245])
def test_offered_starts_lie_on_fives_of_minutes(step: int) -> None:
    with pytest.raises(ValidationError):
        BookingPolicy(step_minutes=step)


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [
        (None, None, [True, True, True]),
        (DAY, None, [False, True, True]),
        (None, DAY, [True, True, False]),
        (DAY, DAY, [False, True, False]),
    ],
)
def test_cover_and_credentials_hold_from_their_first_to_their_last_day(
    starts: date | None, ends: date | None, holds: list[bool]
) -> None:
    policy = InsurancePolicy(provider="P", policy_number="1", starts_on=starts, ends_on=ends)
    assert [policy.covers(day) for day in AROUND] == holds
    proof = Credential(kind="degree", issuer="WSU", issued_on=starts, expires_on=ends)
    assert [proof.is_valid_on(day) for day in AROUND] == holds


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a.pdf?b=1#c", "http://example.org", "HTTPS://EXAMPLE.ORG:8443/ä"],
)
def test_a_web_address_is_kept_as_it_was_written(address: str) -> None:
    assert TypeAdapter(WebAddress).validate_python(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "ftp://example.org",
        "javascript:alert(1)",
        "https://",
        "https://user:secret@example.org",
        "https://user@example.org",
        "https://[::1",
        "https://example.org/a b",
        "https://example.org/" + "a" * 2000,
    ],
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(WebAddress).validate_python(address)


@given(st.times(), st.times(), st.times())
def test_quiet_hours_are_quiet_in_one_of_two_directions(
    start: time, end: time, moment: time
) -> None:
    if start == end:
        with pytest.raises(ValidationError, match="must differ from start"):
            QuietHours(start=start, end=end)
        return
    one, other = QuietHours(start=start, end=end), QuietHours(start=end, end=start)
    assert one.contains(moment) is not other.contains(moment)
    assert one.contains(start)
    assert not one.contains(end)


@pytest.mark.parametrize(
    ("channel", "moment", "allowed"),
    [
        (NotificationChannel.EMAIL, time(12), True),
        (NotificationChannel.EMAIL, time(23), False),
        (NotificationChannel.EMAIL, time(6, 59), False),
        (NotificationChannel.EMAIL, time(7), True),
        (NotificationChannel.SMS, time(12), False),
    ],
)
def test_a_message_goes_out_on_chosen_channels_and_not_at_night(
    channel: NotificationChannel, moment: time, allowed: bool
) -> None:
    preferences = Preferences(quiet_hours=QuietHours(start=time(22), end=time(7)))
    assert preferences.allows(channel, moment) is allowed
    assert Preferences(email_enabled=False).channels == ()
    assert Preferences(push_enabled=True).channels == (
        NotificationChannel.EMAIL,
        NotificationChannel.PUSH,
    )


def test_reminders_go_out_the_longest_before_first_and_each_once() -> None:
    assert Preferences(reminder_lead_days=(1, 7, 1, 30)).reminder_lead_days == (30, 7, 1)


def test_what_a_consumer_keeps_beside_cannot_be_changed_in_place() -> None:
    extra = Holder(extra={"theme": {"dark": True}, "tags": ["a", {"b": None}]}).extra
    assert extra == {"theme": {"dark": True}, "tags": ("a", {"b": None})}
    assert isinstance(extra["theme"], FrozenDict)
    assert hash(extra) == hash(Holder(extra={**extra}).extra)
    assert repr(extra["theme"]) == "FrozenDict({'dark': True})"
    with pytest.raises(TypeError):
        extra["theme"]["dark"] = False  # type: ignore[index]


def _nested(depth: int) -> dict[str, object]:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return {"value": value}


@pytest.mark.parametrize(
    ("extra", "rule"),
    [
        ({1: "a"}, "has a key that is not text"),
        ({"a": "\0"}, "NUL or half a character"),
        ({"\ud800": 1}, "NUL or half a character"),
        ({"a": {1, 2}}, "holds a set, which is not JSON"),
        ({"a": date(2026, 1, 1)}, "holds a date, which is not JSON"),
        ({"a": float("nan")}, "a number that JSON cannot carry"),
        ({"a": "x" * 16_400}, "is too long"),
        (_nested(9), "is nested too deep"),
        ("text", "dict"),
    ],
)
def test_what_is_no_bounded_json_object_is_refused(extra: object, rule: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Holder.model_validate({"extra": extra})
    assert rule in str(refused.value)


def test_json_may_be_nested_as_deep_as_is_said() -> None:
    assert Holder.model_validate({"extra": _nested(7)}).model_dump() == {"extra": _nested(7)}


@pytest.mark.parametrize("status", list(AppointmentStatus))
def test_an_appointment_becomes_what_the_table_says(status: AppointmentStatus) -> None:
    assert {other for other in AppointmentStatus if status.may_become(other)} == status.successors
    assert status not in status.successors
    assert status.is_final is (not status.successors)
    assert (status in AppointmentStatus.occupying()) is status.occupies


def test_a_visit_is_to_come_until_the_pet_arrives_or_does_not() -> None:
    held, arrived = AppointmentStatus.HELD, AppointmentStatus.CHECKED_IN
    waits = {each for each in AppointmentStatus.occupying() if each.may_become(arrived)}
    assert set(AppointmentStatus.to_come()) == {held} | waits


def test_what_is_over_for_good_stays_so() -> None:
    final = {status for status in AppointmentStatus if status.is_final}
    assert final == {AppointmentStatus.COMPLETED, AppointmentStatus.EXPIRED}
    free = {status for status in AppointmentStatus if not status.occupies}
    assert free == {
        AppointmentStatus.CANCELLED,
        AppointmentStatus.NO_SHOW,
        AppointmentStatus.EXPIRED,
    }


def test_a_wish_is_open_until_it_is_booked_withdrawn_or_past() -> None:
    open_ = {status for status in WaitlistStatus if status.is_open}
    assert open_ == {WaitlistStatus.WAITING, WaitlistStatus.OFFERED}


def test_owners_and_administrators_are_not_staff() -> None:
    others = {role for role in Role if not role.is_staff}
    assert others == {Role.PET_OWNER, Role.PLATFORM_ADMIN}
