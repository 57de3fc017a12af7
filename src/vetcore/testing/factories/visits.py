"""Factories of appointments, notes of visits, wishes for slots, and webhook deliveries."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from vetcore import clock
from vetcore.models import (
    Appointment,
    Clinic,
    MedicalRecord,
    Pet,
    Room,
    User,
    Veterinarian,
    WaitlistEntry,
    WebhookDelivery,
)
from vetcore.testing.factories.chance import Chance, chance, parent
from vetcore.testing.factories.clinics import make_clinic
from vetcore.testing.factories.people import make_staff_membership, make_user, make_veterinarian
from vetcore.testing.factories.pets import make_pet
from vetcore.testing.factories.registering import factory
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ServiceType
from vetcore.values.dates import add_months
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import ceiling, floor, instant, merge
from vetcore.values.people import Role
from vetcore.values.services import ServiceOffering
from vetcore.values.visits import Diagnosis, Vitals
from vetcore.values.walltime import AgreedTime, local_day, midnight, zone_named

__all__ = [
    "make_appointment",
    "make_medical_record",
    "make_waitlist_entry",
    "make_webhook_delivery",
]

_LOOKED_AHEAD: Final = timedelta(days=15)
_MINUTE: Final = timedelta(minutes=1)
_WEEKS_PAST: Final = timedelta(weeks=4)
_BEGUN: Final = frozenset(
    {
        AppointmentStatus.CHECKED_IN,
        AppointmentStatus.IN_PROGRESS,
        AppointmentStatus.COMPLETED,
        AppointmentStatus.NO_SHOW,
    }
)
"""What an appointment can be only once its time has come."""
_COMPLAINTS: Final = (
    ("Limps on the left hind leg", "Mild sprain", "Rest for ten days"),
    ("Scratches its ears", "Otitis externa", "Clean daily, ear drops for a week"),
    ("Yearly check", "Healthy", "Next check in a year"),
    ("Vomited twice since yesterday", "Dietary indiscretion", "Bland food for three days"),
)
"""Why they came, what it is, what is to be done."""


@factory
def make_appointment(**overrides: Any) -> Appointment:
    """Make an exam: tomorrow or later, while the clinic is open, with a room if it needs one.

    One whose ``status`` says that it took place, or that nobody came, was in the last weeks.

    Duration and buffers are those of the clinic's catalogue; ``duration_minutes``, or an ``ends_at``
    that says otherwise, make it a length of its own. A source's appointments at one clinic,
    with one veterinarian or for one pet come one after the other, so that none is in another's way.
    ``practitioner`` is a user, and ``veterinarian`` a veterinarian in their place. Whoever is made
    here is a veterinarian with a membership at the clinic; clinic and pet are made, too. The factory asks no database what is booked there already: for that,
    :class:`vetcore.testing.Scenario` books by the rules.
    """
    take = chance()
    made = dict(overrides)
    clinic = parent(made, "clinic", make_clinic)
    if "veterinarian" in made:
        vet: Veterinarian = made.pop("veterinarian")
        made.setdefault("practitioner", vet.user)
    is_new = made.keys().isdisjoint({"practitioner", "practitioner_id"})
    person = parent(made, "practitioner", lambda: _veterinarian_at(clinic).user)
    pet = parent(made, "pet", make_pet)
    if is_new and person is not None and clinic is not None:
        make_staff_membership(user=person, clinic=clinic, role=Role.VETERINARIAN)
    service = str(made.setdefault("service", _usual_service(clinic)))
    offering = (clinic.services.get(service) if clinic else None) or ServiceOffering(
        service=service,
        kind=ServiceType(made.get("service_kind", service)),
        duration_minutes=30,
    )
    made.setdefault("service_kind", offering.kind)
    if "room_id" not in made and "room" not in made and clinic is not None:
        room = _room(clinic, offering)
        made |= {"room": room, "room_id": room.id} if room else {}
    keys = [each.id for each in (clinic, person, pet) if each is not None]
    if "starts_at" not in made:
        status = AppointmentStatus(made.get("status", AppointmentStatus.SCHEDULED))
        made["starts_at"] = _free(take, clinic, offering, keys, is_past=status in _BEGUN)
    starts_at: datetime = made["starts_at"]
    ends_at: datetime = made.setdefault("ends_at", starts_at + _length(made, offering))
    _as_agreed(made, clinic, offering)
    made.setdefault("occupied_from", starts_at - offering.buffer_before)
    until: datetime = made.setdefault("occupied_until", ends_at + offering.buffer_after)
    busy = take.occupied_until if until > clock.now() else take.occupied_before
    for key in keys:
        busy[key] = max(until, busy.get(key, until))
    usual: dict[str, Any] = {**take.row()} | _life(made)
    if pet is not None and pet.owner_id is not None and "booked_by" not in made:
        usual["booked_by_id"] = pet.owner_id
    if not {"estimated_cost", "actual_cost"}.isdisjoint(made):
        usual["currency"] = offering.currency
    for name in ("room", "booked_by", "follow_up_of"):
        if made.get(name) is not None:
            usual[f"{name}_id"] = made[name].id
    return Appointment(**usual | made)


def _as_agreed(made: dict[str, Any], clinic: Clinic | None, offering: ServiceOffering) -> None:
    """Remember a length of its own, and what the clock on the clinic's wall shows."""
    length = made["ends_at"] - made["starts_at"]
    if length != offering.duration:
        made.setdefault("duration_minutes", length // _MINUTE)
    if clinic is not None:
        zone = zone_named(clinic.timezone)
        made.setdefault("wall_time", str(AgreedTime.at(made["starts_at"], zone)))
        made.setdefault("patient_until", _patient_until(made, clinic))


def _patient_until(made: dict[str, Any], clinic: Clinic) -> datetime:
    """To the end of the visit's day, or for the clinic's time where it took place."""
    zone = zone_named(clinic.timezone)
    day = local_day(floor(made["starts_at"]), zone)
    if made.get("status") == AppointmentStatus.COMPLETED:
        return instant(midnight(add_months(day, clinic.booking_policy.retention_months), zone))
    return instant(midnight(day + timedelta(days=1), zone))


def _length(made: dict[str, Any], offering: ServiceOffering) -> timedelta:
    own: int | None = made.get("duration_minutes")
    return offering.duration if own is None else own * _MINUTE


def _veterinarian_at(clinic: Clinic | None) -> Veterinarian:
    if clinic is None:
        return make_veterinarian()
    person = make_user(
        role=Role.VETERINARIAN, timezone=clinic.timezone, country=clinic.address.country
    )
    return make_veterinarian(user=person)


def _usual_service(clinic: Clinic | None) -> str:
    if clinic is None or not len(clinic.services) or ServiceType.WELLNESS_EXAM in clinic.services:
        return ServiceType.WELLNESS_EXAM
    return clinic.services.offerings[0].service


def _room(clinic: Clinic, offering: ServiceOffering) -> Room | None:
    """A room of the kind that is needed, if the clinic's rooms are in memory."""
    rooms: list[Room] = clinic.__dict__.get("rooms", [])
    return next((each for each in rooms if each.kind is offering.room_kind), None)


def _free(
    take: Chance,
    clinic: Clinic | None,
    offering: ServiceOffering,
    keys: list[UUID],
    *,
    is_past: bool,
) -> datetime:
    """The first start, at a step from an opening, after all that occupies one of ``keys``."""
    zone = zone_named(clinic.timezone if clinic else "UTC")
    ahead = -_WEEKS_PAST if is_past else timedelta(days=1)
    first = clock.now().astimezone(zone).date() + ahead
    earliest = datetime.combine(first, time(), zone).astimezone(UTC)
    # What is past is in no way of what is to come, and follows only what is past.
    busy = take.occupied_before if is_past else take.occupied_until
    earliest = max([earliest, *(busy.get(key, earliest) for key in keys)])
    if clinic is None:
        return earliest + timedelta(hours=9) if earliest.hour == 0 else earliest
    calendar, step = clinic.calendar(), clinic.booking_policy.step_minutes * 60
    day, last = (earliest + ahead for ahead in (-timedelta(days=2), _LOOKED_AHEAD))
    free = ceiling(earliest + offering.buffer_before)
    open_ = merge(calendar.spans_on(day.date(), last.date()))
    for begins, ends in calendar.starts(day.date(), last.date(), step):
        for start in range(begins + max(-(-(free - begins) // step), 0) * step, ends, step):
            begin = floor(instant(start) - offering.buffer_before)
            end = begin + offering.occupied // timedelta(seconds=1)
            if any(span.start <= begin and end <= span.end for span in open_):
                return instant(start)
    # Never open for that long: the caller's hours are not to be met.
    return earliest + timedelta(hours=9)


def _hours(clinic: Clinic) -> OpeningHours:
    return OpeningHours(
        clinic.opening_hours, clinic.timezone, clinic.address.country, clinic.subdivision
    )


def _life(made: dict[str, Any]) -> dict[str, Any]:
    """What an appointment of that status has been through."""
    status = AppointmentStatus(made.get("status", AppointmentStatus.SCHEDULED))
    starts_at, ends_at = made["starts_at"], made["ends_at"]
    arrived = {"checked_in_at": starts_at - timedelta(minutes=5)}
    begun = arrived | {"started_at": starts_at}
    return {
        AppointmentStatus.HELD: {"hold_expires_at": min(clock.now() + 10 * _MINUTE, starts_at)},
        AppointmentStatus.CHECKED_IN: arrived,
        AppointmentStatus.IN_PROGRESS: begun,
        AppointmentStatus.COMPLETED: begun | {"completed_at": ends_at},
        AppointmentStatus.CANCELLED: {
            "cancelled_at": clock.now(),
            "cancellation_reason": "The owner cannot come",
        },
        AppointmentStatus.EXPIRED: {"hold_expires_at": clock.now() - timedelta(minutes=10)},
    }.get(status, {})


@factory
def make_medical_record(**overrides: Any) -> MedicalRecord:
    """Make the note of a visit in the last months. It is complete, and not signed.

    With an ``appointment`` it is of that clinic, veterinarian and pet, at its time.
    """
    take = chance()
    made = dict(overrides)
    appointment: Appointment | None = made.get("appointment")
    if appointment is not None:
        made.setdefault("appointment_id", appointment.id)
        made.setdefault("visited_at", min(appointment.starts_at, clock.now()))
        for name in ("clinic", "pet"):
            if name not in made:
                made.setdefault(f"{name}_id", getattr(appointment, f"{name}_id"))
        who: User | None = appointment.__dict__.get("practitioner")
        vet_of_visit = None if who is None else who.__dict__.get("veterinarian")
        if vet_of_visit is not None and "veterinarian_id" not in made:
            made.setdefault("veterinarian", vet_of_visit)
    clinic = parent(made, "clinic", make_clinic)
    is_new = "veterinarian" not in made
    vet = parent(made, "veterinarian", lambda: _veterinarian_at(clinic))
    pet = parent(made, "pet", make_pet)
    if is_new and vet is not None and clinic is not None:
        make_staff_membership(user=vet.user, clinic=clinic, role=Role.VETERINARIAN)
    complaint, finding, plan = take.choice(_COMPLAINTS)
    usual: dict[str, Any] = {
        **take.row(),
        "visited_at": _visit(take, clinic, pet),
        "chief_complaint": complaint,
        "subjective": "Eats and drinks as usual",
        "objective": "Alert; the rest of the examination is unremarkable",
        "assessment": finding,
        "plan": plan,
        "vitals": Vitals(
            weight_kg=pet.weight_kg if pet else None,
            temperature_c=Decimal(take.random.randint(380, 391)) / 10,
            pain_score=take.random.randint(0, 1),
            body_condition_score=take.random.randint(4, 6),
        ),
        "diagnoses": (Diagnosis(description=finding),),
    }
    return MedicalRecord(**usual | made)


def _visit(take: Chance, clinic: Clinic | None, pet: Pet | None) -> datetime:
    """Some morning of the last months on which the pet was alive."""
    zone = zone_named(clinic.timezone if clinic else "UTC")
    today = clock.now().astimezone(zone).date()
    last: date = (pet.died_on if pet else None) or today - timedelta(days=1)
    born: date | None = pet.born_on if pet else None
    last = last if born is None else max(last, born)
    span = 120 if born is None else min(120, (last - born).days)
    day = last - timedelta(days=take.random.randint(0, span))
    if clinic is not None:
        hours = _hours(clinic)
        for opens, _ in hours.intervals(
            datetime.combine(day, time(), zone), datetime.combine(day, time(23), zone)
        ):
            return min(opens + timedelta(minutes=30), clock.now())
    return min(datetime.combine(day, time(10), zone).astimezone(UTC), clock.now())


@factory
def make_waitlist_entry(**overrides: Any) -> WaitlistEntry:
    """Make a pet's wish for a slot at a clinic in the two weeks from tomorrow on."""
    take = chance()
    made = dict(overrides)
    clinic = parent(made, "clinic", make_clinic)
    pet = parent(made, "pet", make_pet)
    zone = zone_named(clinic.timezone if clinic else "UTC")
    tomorrow = clock.now().astimezone(zone).date() + timedelta(days=1)
    earliest = datetime.combine(tomorrow, time(), zone).astimezone(UTC)
    if "latest_at" in made:
        earliest = min(earliest, made["latest_at"] - timedelta(days=14))
    earliest = made.setdefault("earliest_at", earliest)
    usual: dict[str, Any] = {
        **take.row(),
        "service": _usual_service(clinic),
        "latest_at": earliest + timedelta(days=14),
        "requested_by_id": pet.owner_id if pet else None,
    }
    if made.get("offered_appointment") is not None:
        usual["offered_appointment_id"] = made["offered_appointment"].id
    return WaitlistEntry(**usual | made)


@factory
def make_webhook_delivery(**overrides: Any) -> WebhookDelivery:
    """Make a delivery of the identity provider that was applied a moment ago."""
    take = chance()
    now = clock.now()
    usual: dict[str, Any] = {
        "source": "clerk",
        "delivery_id": f"msg_{take.uuid().hex}",
        "event_type": "user.updated",
        "subject": f"user_{take.number('clerk user'):x}",
        "occurred_at": now - timedelta(seconds=2),
        "received_at": now,
    }
    return WebhookDelivery(**usual | overrides)
