"""What a refused booking is told: the code, the sentence, and every fact that it names."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from tools.documentation.advice import status_of

from vetcore.errors import BookingRefused, Conflict, HoldExpired, NotBookable, SlotTaken
from vetcore.scheduling import PlanConflict, SeriesConflict, errors

ID = UUID(int=7)
AT = datetime(2026, 3, 10, 10, tzinfo=UTC)
END = datetime(2026, 3, 10, 11, tzinfo=UTC)
DAY = date(2026, 3, 10)
FROM, TO = "2026-03-10T10:00:00+00:00", "2026-03-10T11:00:00+00:00"

TOLD: list[tuple[BookingRefused, str, dict[str, Any]]] = [
    (
        errors.ClinicNotActive(ID, status="closed"),
        f"clinic {ID} is closed",
        {"clinic_id": str(ID), "status": "closed"},
    ),
    (
        errors.ServiceNotOffered(service="surgery", offered=("dental", "grooming")),
        "surgery is not offered here; offered are dental, grooming",
        {"service": "surgery", "offered": ["dental", "grooming"]},
    ),
    (
        errors.ServiceNotOffered(service="surgery", offered=()),
        "surgery is not offered here; offered are nothing yet",
        {"service": "surgery", "offered": []},
    ),
    (
        errors.NotBookableOnline(service="surgery"),
        "owners do not book surgery themselves here",
        {"service": "surgery"},
    ),
    (
        errors.SpeciesNotTreated(species="goat", by="clinic"),
        "the clinic does not treat the species goat",
        {"species": "goat", "by": "clinic"},
    ),
    (
        errors.PetNotBookable(ID, status="deceased"),
        f"pet {ID} is deceased",
        {"pet_id": str(ID), "status": "deceased"},
    ),
    (
        errors.NotWorkingHere(ID, day=DAY),
        f"practitioner {ID} has no membership at this clinic on 2026-03-10",
        {"practitioner_id": str(ID), "day": "2026-03-10"},
    ),
    (
        errors.OutsideServiceHours(service="surgery", hours="Tu 08:00-12:00", start=AT, end=END),
        f"surgery takes place Tu 08:00-12:00, and not from {FROM} to {TO}",
        {"service": "surgery", "hours": "Tu 08:00-12:00", "start": FROM, "end": TO},
    ),
    (
        errors.KeptForOthers(start=AT, practitioner_id=ID),
        f"the time from {FROM} on is kept for other services",
        {"start": FROM, "practitioner_id": str(ID)},
    ),
    (
        errors.DayIsFull(limit="most_per_day", most=3, count=4, day=date(2026, 3, 10)),
        "most_per_day is 3, and on 2026-03-10 there are 4 at this clinic already",
        {"limit": "most_per_day", "most": 3, "count": 4, "day": "2026-03-10"},
    ),
    (
        errors.ServiceNotPerformed(
            ID, service="nail_trim", performed_by=("groomer", "veterinarian")
        ),
        f"practitioner {ID} does not perform nail_trim here; it takes a groomer or veterinarian whom the catalogue allows",
        {
            "practitioner_id": str(ID),
            "service": "nail_trim",
            "performed_by": ["groomer", "veterinarian"],
        },
    ),
    (
        errors.LicenseNotValid(ID, day=DAY),
        f"practitioner {ID} has no good licence on 2026-03-10",
        {"practitioner_id": str(ID), "day": "2026-03-10"},
    ),
    (errors.InThePast(AT), f"{FROM} has passed", {"start": FROM}),
    (
        errors.ClinicClosed(start=AT, end=END),
        f"the clinic is not open from {FROM} to {TO}",
        {"start": FROM, "end": TO},
    ),
    (
        errors.Blocked(label="Lunch", start=AT, end=END, practitioner_id=ID),
        f"the time from {FROM} to {TO} is kept free: Lunch",
        {"label": "Lunch", "start": FROM, "end": TO, "practitioner_id": str(ID)},
    ),
    (
        errors.Blocked(label=None, start=AT, end=END),
        f"the time from {FROM} to {TO} is kept free",
        {"start": FROM, "end": TO},
    ),
    (
        errors.OffDuty(ID, start=AT, end=END),
        f"practitioner {ID} is not at work from {FROM} to {TO}",
        {"practitioner_id": str(ID), "start": FROM, "end": TO},
    ),
    (
        errors.OffGrid(AT, step_minutes=15),
        f"{FROM} is not an offered start: they come every 15 minutes from opening time",
        {"start": FROM, "step_minutes": 15},
    ),
    (
        errors.TooSoon(AT, earliest=END),
        f"{FROM} is too soon; the earliest is {TO}",
        {"start": FROM, "earliest": TO},
    ),
    (
        errors.BeyondHorizon(END, latest=AT.date()),
        f"{TO} is too far ahead; the clinic plans until {AT.date().isoformat()}",
        {"start": TO, "latest": AT.date().isoformat()},
    ),
    (
        errors.NoRoom(kind="surgery"),
        "the clinic has no room of the kind surgery",
        {"kind": "surgery"},
    ),
    (
        errors.NoEquipment(kind="dental_unit"),
        "the clinic has no equipment of the kind dental_unit",
        {"kind": "dental_unit"},
    ),
    (
        errors.NoAssistant(roles=("veterinarian", "groomer"), day=AT.date()),
        (
            "it takes a veterinarian and a groomer beside the practitioner, and they do not work at "
            f"this clinic on {AT.date().isoformat()}"
        ),
        {"roles": ["veterinarian", "groomer"], "day": AT.date().isoformat()},
    ),
    (
        errors.AssistantsOffDuty(roles=("groomer",), start=AT, end=END),
        f"it takes a groomer beside the practitioner, and they are not on duty from {FROM} to {TO}",
        {"roles": ["groomer"], "start": FROM, "end": TO},
    ),
    (
        errors.NobodyAvailable(start=AT, reasons={ID: "off_duty"}),
        f"no practitioner is available at {FROM}",
        {"start": FROM, "reasons": {str(ID): "off_duty"}},
    ),
    (
        errors.TooLateToCancel(start=AT, notice_minutes=1440),
        (
            f"an appointment at {FROM} is cancelled or moved 1440 minutes before it starts, or by "
            "staff"
        ),
        {"start": FROM, "notice_minutes": 1440},
    ),
    (
        errors.TooManyBookings(limit="holds_per_pet", most=2, count=2),
        "the pet has 2 holds to come at this clinic, which allows 2; its staff may book more",
        {"limit": "holds_per_pet", "most": 2, "count": 2},
    ),
    (
        errors.NotAcceptingNewPatients(ID, by="clinic"),
        f"the clinic takes no new patients, and pet {ID} was never seen there",
        {"pet_id": str(ID), "by": "clinic"},
    ),
    (
        errors.NoLongerBooked(ID, status="cancelled"),
        (
            f"this idempotency key booked appointment {ID}, which is cancelled; use another key to "
            "book anew"
        ),
        {"appointment_id": str(ID), "status": "cancelled"},
    ),
    (
        SlotTaken(resource="room", resource_id=ID, start=AT, end=END),
        f"the room is already booked from {FROM} to {TO}",
        {"resource": "room", "resource_id": str(ID), "start": FROM, "end": TO},
    ),
    (
        SlotTaken(resource="room", start=AT, end=END, label="Out of order"),
        f"the room is kept free from {FROM} to {TO}: Out of order",
        {"resource": "room", "start": FROM, "end": TO, "label": "Out of order"},
    ),
]


@pytest.mark.parametrize(("error", "sentence", "facts"), TOLD, ids=lambda each: type(each).__name__)
def test_a_refusal_says_what_it_knows(
    error: BookingRefused, sentence: str, facts: dict[str, Any]
) -> None:
    assert error.message == sentence
    assert error.details == facts


def test_one_family_has_every_refusal_and_what_somebody_else_has_is_a_conflict_as_well() -> None:
    """So one ``except`` is enough to book, and a service still answers a conflict with 409."""
    assert all(isinstance(error, BookingRefused) for error, _, _ in TOLD)
    assert issubclass(HoldExpired, BookingRefused)
    assert issubclass(SeriesConflict, BookingRefused)
    conflicts = {kind for kind in _below(BookingRefused) if issubclass(kind, Conflict)}
    assert conflicts == {
        SlotTaken,
        HoldExpired,
        SeriesConflict,
        PlanConflict,
        errors.NoLongerBooked,
    }
    assert {status_of(kind) for kind in conflicts} == {HTTPStatus.CONFLICT}
    assert status_of(NotBookable) == HTTPStatus.UNPROCESSABLE_ENTITY


def _below(kind: type[BookingRefused]) -> Iterator[type[BookingRefused]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def test_no_refusal_is_missing_here() -> None:
    told = {type(error).__name__ for error, _, _ in TOLD}
    assert told == {*errors.__all__, "SlotTaken"} - {"OVERRIDABLE"}


def test_what_staff_may_set_aside_is_hours_notice_and_who_is_new() -> None:
    hours = {"clinic_closed", "off_duty", "off_grid", "outside_service_hours", "kept_for_others"}
    hours |= {"blocked", "assistants_off_duty"}
    notice = {"too_soon", "beyond_horizon"}
    full = {"not_accepting_new_patients", "day_is_full"}
    assert hours | notice | full == errors.OVERRIDABLE
