"""Clinics, their rooms, equipment and closures."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from vetcore.models import Clinic, ClinicClosure, Equipment, Room, ScheduleBlock
from vetcore.testing.factories.chance import chance, go_together, parent
from vetcore.testing.factories.places import address_in, phone_in, place
from vetcore.testing.factories.registering import factory
from vetcore.values.address import Address
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.services import ServiceCatalog, ServiceOffering

__all__ = [
    "make_clinic",
    "make_clinic_closure",
    "make_equipment",
    "make_room",
    "make_schedule_block",
]

_FIRST: Final = ("Alder", "Harbor", "Heron", "Juniper", "Kingfisher", "Meadow", "Orchard", "Willow")
_SECOND: Final = ("Animal Hospital", "Pet Clinic", "Veterinary Centre", "Veterinary Practice")
_HOURS: Final = (
    "Mo-Fr 08:00-18:00; Sa 09:00-13:00; PH off",
    "Mo-Fr 08:00-12:00,13:00-18:00; PH off",
    "Mo-Th 07:30-19:00; Fr 07:30-17:00; PH off",
    "Mo-Sa 09:00-19:00; PH off",
)
_OFFERED: Final = (
    (ServiceType.WELLNESS_EXAM, 30, 5, "65", RoomKind.CONSULTATION),
    (ServiceType.SICK_VISIT, 30, 10, "80", RoomKind.CONSULTATION),
    (ServiceType.FOLLOW_UP, 20, 0, "45", RoomKind.CONSULTATION),
    (ServiceType.VACCINATION, 15, 5, "40", RoomKind.CONSULTATION),
    (ServiceType.SURGERY, 90, 30, "600", RoomKind.SURGERY),
    (ServiceType.TELEHEALTH, 15, 0, "35", None),
)
"""Service, minutes, minutes afterwards, price, and the room that it needs."""


@factory
def make_clinic(*, country: str | None = None, **overrides: Any) -> Clinic:
    """Make a general practice with the usual services, two rooms and an operating room.

    ``rooms=[]`` makes one without rooms. With a ``timezone`` it is in a town of that zone, if one
    is known (the zones of Seattle, New York, London, Berlin, Lyon and Melbourne are).

    Args:
        country: where it is, as ISO 3166-1; else where the address or the time zone says.
        overrides: columns and relations.
    """
    take = chance()
    address: Address | None = overrides.get("address")
    there = place(
        country=country or (address.country if address else None),
        timezone=overrides.get("timezone"),
    )
    is_there = address is None or address.city == there.city
    number = take.number("clinic")
    usual: dict[str, Any] = {
        **take.row(),
        "name": f"{take.choice(_FIRST)} {take.choice(_SECOND)}",
        "license_number": f"VP-{number}",
        "license_jurisdiction": there.jurisdiction,
        "phone": phone_in(there),
        "email": f"desk.{number:x}@example.com",
        "website": f"https://clinic-{number:x}.example.com/",
        "address": address or address_in(there),
        "subdivision": there.subdivision,
        "latitude": round(there.latitude + take.random.uniform(-0.04, 0.04), 5),
        "longitude": round(there.longitude + take.random.uniform(-0.04, 0.04), 5),
        "timezone": there.timezone,
        "opening_hours": take.choice(_HOURS),
        "services": _catalog(there.currency),
    }
    if not is_there:
        usual |= {"latitude": None, "longitude": None, "subdivision": None}
    go_together(usual, overrides, "latitude", "longitude")
    go_together(usual, overrides, "license_number", "license_jurisdiction")
    made = Clinic(**usual | overrides)
    if "rooms" not in overrides:
        for name, kind in (
            ("Consulting room 1", RoomKind.CONSULTATION),
            ("Consulting room 2", RoomKind.CONSULTATION),
            ("Operating room", RoomKind.SURGERY),
        ):
            make_room(clinic=made, name=name, kind=kind)
    return made


def _catalog(currency: str) -> ServiceCatalog:
    return ServiceCatalog(
        offerings=tuple(
            ServiceOffering(
                service=service,
                duration_minutes=minutes,
                buffer_after_minutes=afterwards,
                price=Decimal(price),
                currency=currency,
                room_kind=kind,
            )
            for service, minutes, afterwards, price, kind in _OFFERED
        )
    )


@factory
def make_room(**overrides: Any) -> Room:
    """Make a consulting room with a name that is given once."""
    take = chance()
    made = dict(overrides)
    parent(made, "clinic", make_clinic, rooms=[])
    if "name" not in made:
        made["name"] = f"Room {take.number('room')}"
    return Room(**{**take.row()} | made)


@factory
def make_clinic_closure(**overrides: Any) -> ClinicClosure:
    """Make a closure of a clinic of one or a few days, some weeks from now."""
    take = chance()
    made = dict(overrides)
    parent(made, "clinic", make_clinic)
    length = timedelta(days=take.random.randrange(5))
    if "first_on" not in made:
        default = take.today() + timedelta(days=take.random.randint(20, 90))
        made["first_on"] = made["last_on"] - length if "last_on" in made else default
    usual = {
        **take.row(),
        "last_on": made["first_on"] + length,
        "reason": take.choice(("Inventory", "Renovation", "Staff training", "Holiday")),
    }
    return ClinicClosure(**usual | made)


@factory
def make_schedule_block(**overrides: Any) -> ScheduleBlock:
    """Make a block of a clinic on weekdays, for half an hour or an hour, without an end.

    Without ``practitioner`` or ``room`` it is the time of everybody at the clinic.
    """
    take = chance()
    made = dict(overrides)
    parent(made, "clinic", make_clinic)
    first_on = take.today() + timedelta(days=take.random.randint(0, 30))
    if made.get("last_on") is not None:
        first_on = min(first_on, made["last_on"])
    label, hours = take.choice(
        (
            ("Lunch", "Mo-Fr 12:00-13:00"),
            ("Staff meeting", "Tu 08:00-08:30"),
            ("Telephone hour", "Mo-Fr 17:00-17:30"),
        )
    )
    usual = {**take.row(), "label": label, "hours": hours, "first_on": first_on, "last_on": None}
    return ScheduleBlock(**usual | made)


@factory
def make_equipment(**overrides: Any) -> Equipment:
    """Make a dental unit with a name that is given once."""
    take = chance()
    made = dict(overrides)
    parent(made, "clinic", make_clinic, rooms=[])
    made.setdefault("kind", "dental_unit")
    if "name" not in made:
        made["name"] = f"Dental unit {take.number('equipment')}"
    return Equipment(**{**take.row()} | made)
