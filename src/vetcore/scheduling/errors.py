"""The reasons for which an appointment cannot be booked, each an error with its own code.

The attribute ``overridable`` tells whether staff may set the rule aside. Occupancy can never be set
aside.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar, Final
from uuid import UUID

from vetcore.errors import BookingRefused, Conflict, NotBookable
from vetcore.scheduling.errors_beside import NoAssistant, NoEquipment, NoRoom

__all__ = [
    "OVERRIDABLE",
    "AssistantsOffDuty",
    "BeyondHorizon",
    "Blocked",
    "ClinicClosed",
    "ClinicNotActive",
    "DayIsFull",
    "InThePast",
    "KeptForOthers",
    "LicenseNotValid",
    "NoAssistant",
    "NoEquipment",
    "NoLongerBooked",
    "NoRoom",
    "NobodyAvailable",
    "NotAcceptingNewPatients",
    "NotBookableOnline",
    "NotWorkingHere",
    "OffDuty",
    "OffGrid",
    "OutsideServiceHours",
    "PetNotBookable",
    "ServiceNotOffered",
    "ServiceNotPerformed",
    "SpeciesNotTreated",
    "TooLateToCancel",
    "TooManyBookings",
    "TooSoon",
]


class _Overridable(NotBookable):
    overridable: ClassVar[bool] = True


class ClinicNotActive(NotBookable):
    """The clinic is not in business."""

    code = "clinic_not_active"
    title = "The clinic takes no appointments"

    def __init__(self, clinic_id: UUID, *, status: str) -> None:
        super().__init__(f"clinic {clinic_id} is {status}", clinic_id=clinic_id, status=status)


class ServiceNotOffered(NotBookable):
    """The clinic does not offer the service."""

    code = "service_not_offered"
    title = "The clinic does not offer this service"

    def __init__(self, *, service: str, offered: tuple[str, ...]) -> None:
        names = ", ".join(offered) or "nothing yet"
        super().__init__(
            f"{service} is not offered here; offered are {names}", service=service, offered=offered
        )


class NotBookableOnline(NotBookable):
    """An owner asks for a service that the clinic's staff book."""

    code = "not_bookable_online"
    title = "The clinic's staff book this service"

    def __init__(self, *, service: str) -> None:
        super().__init__(f"owners do not book {service} themselves here", service=service)


class SpeciesNotTreated(NotBookable):
    """The clinic, the service or the practitioner is not for this species."""

    code = "species_not_treated"
    title = "This species is not treated"

    def __init__(self, *, species: str, by: str) -> None:
        super().__init__(f"the {by} does not treat the species {species}", species=species, by=by)


class PetNotBookable(NotBookable):
    """The pet is deceased or has been given away."""

    code = "pet_not_bookable"
    title = "No appointment can be made for this pet"

    def __init__(self, pet_id: UUID, *, status: str) -> None:
        super().__init__(f"pet {pet_id} is {status}", pet_id=pet_id, status=status)


class NotAcceptingNewPatients(_Overridable):
    """The clinic or practitioner takes no new patients, and has never seen this pet."""

    code = "not_accepting_new_patients"
    title = "No new patients are taken"

    def __init__(self, pet_id: UUID, *, by: str) -> None:
        super().__init__(
            f"the {by} takes no new patients, and pet {pet_id} was never seen there",
            pet_id=pet_id,
            by=by,
        )


class NotWorkingHere(NotBookable):
    """The practitioner has no membership at the clinic on that day."""

    code = "not_working_here"
    title = "The practitioner does not work at this clinic"

    def __init__(self, practitioner_id: UUID, *, day: date) -> None:
        super().__init__(
            f"practitioner {practitioner_id} has no membership at this clinic on {day.isoformat()}",
            practitioner_id=practitioner_id,
            day=day,
        )


class ServiceNotPerformed(NotBookable):
    """The practitioner works at the clinic, and does not perform the service."""

    code = "service_not_performed"
    title = "The practitioner does not perform this service"

    def __init__(
        self, practitioner_id: UUID, *, service: str, performed_by: tuple[str, ...]
    ) -> None:
        roles = " or ".join(performed_by)
        super().__init__(
            f"practitioner {practitioner_id} does not perform {service} here; it takes a {roles} "
            "whom the catalogue allows",
            practitioner_id=practitioner_id,
            service=service,
            performed_by=performed_by,
        )


class LicenseNotValid(NotBookable):
    """The practitioner's licence is expired or suspended on that day."""

    code = "license_not_valid"
    title = "The practitioner's licence is not good on that day"

    def __init__(self, practitioner_id: UUID, *, day: date) -> None:
        super().__init__(
            f"practitioner {practitioner_id} has no good licence on {day.isoformat()}",
            practitioner_id=practitioner_id,
            day=day,
        )


class InThePast(NotBookable):
    """The start has passed."""

    code = "in_the_past"
    title = "The time has passed"

    def __init__(self, start: datetime) -> None:
        super().__init__(f"{start.isoformat()} has passed", start=start)


class ClinicClosed(_Overridable):
    """The clinic is closed for a part of that time."""

    code = "clinic_closed"
    title = "The clinic is closed then"

    def __init__(self, *, start: datetime, end: datetime) -> None:
        super().__init__(
            f"the clinic is not open from {start.isoformat()} to {end.isoformat()}",
            start=start,
            end=end,
        )


class OutsideServiceHours(_Overridable):
    """The clinic does not offer the service for a part of that time."""

    code = "outside_service_hours"
    title = "The clinic does not offer the service then"

    def __init__(self, *, service: str, hours: str, start: datetime, end: datetime) -> None:
        super().__init__(
            f"{service} takes place {hours}, and not from {start.isoformat()} to {end.isoformat()}",
            service=service,
            hours=hours,
            start=start,
            end=end,
        )


class KeptForOthers(_Overridable):
    """The time is kept for other services until shortly before."""

    code = "kept_for_others"
    title = "The time is kept for other services"

    def __init__(self, *, start: datetime, practitioner_id: UUID) -> None:
        super().__init__(
            f"the time from {start.isoformat()} on is kept for other services",
            start=start,
            practitioner_id=practitioner_id,
        )


class Blocked(_Overridable):
    """The clinic keeps a part of that time free, for everybody or for the practitioner.

    Its staff are told under which label.
    """

    code = "blocked"
    title = "The time is kept free"

    def __init__(
        self,
        *,
        label: str | None,
        start: datetime,
        end: datetime,
        practitioner_id: UUID | None = None,
    ) -> None:
        told = "" if label is None else f": {label}"
        super().__init__(
            f"the time from {start.isoformat()} to {end.isoformat()} is kept free{told}",
            label=label,
            start=start,
            end=end,
            practitioner_id=practitioner_id,
        )


class OffDuty(_Overridable):
    """The practitioner does not work for a part of that time, by working hours or time off."""

    code = "off_duty"
    title = "The practitioner is not at work then"

    def __init__(self, practitioner_id: UUID, *, start: datetime, end: datetime) -> None:
        super().__init__(
            f"practitioner {practitioner_id} is not at work from {start.isoformat()} to "
            f"{end.isoformat()}",
            practitioner_id=practitioner_id,
            start=start,
            end=end,
        )


class OffGrid(_Overridable):
    """The start is not one of those that the clinic offers."""

    code = "off_grid"
    title = "Appointments do not start then"

    def __init__(self, start: datetime, *, step_minutes: int) -> None:
        super().__init__(
            f"{start.isoformat()} is not an offered start: they come every {step_minutes} minutes "
            "from opening time",
            start=start,
            step_minutes=step_minutes,
        )


class TooSoon(_Overridable):
    """The start is nearer than the clinic's minimum notice."""

    code = "too_soon"
    title = "The clinic needs more notice"

    def __init__(self, start: datetime, *, earliest: datetime) -> None:
        super().__init__(
            f"{start.isoformat()} is too soon; the earliest is {earliest.isoformat()}",
            start=start,
            earliest=earliest,
        )


class BeyondHorizon(_Overridable):
    """The start is later than the last day on the clinic's calendar that can be booked."""

    code = "beyond_horizon"
    title = "The clinic does not plan so far ahead"

    def __init__(self, start: datetime, *, latest: date) -> None:
        super().__init__(
            f"{start.isoformat()} is too far ahead; the clinic plans until {latest.isoformat()}",
            start=start,
            latest=latest,
        )


class DayIsFull(_Overridable):
    """So many appointments of a kind start at the clinic on that day as it allows."""

    code = "day_is_full"
    title = "The clinic takes no more of these on that day"

    def __init__(self, *, limit: str, most: int, count: int, day: date) -> None:
        super().__init__(
            f"{limit} is {most}, and on {day.isoformat()} there are {count} at this clinic already",
            limit=limit,
            most=most,
            count=count,
            day=day,
        )


class AssistantsOffDuty(_Overridable):
    """Those who could assist are not on duty for the whole time."""

    code = "assistants_off_duty"
    title = "Those who could assist are not on duty then"

    def __init__(self, *, roles: tuple[str, ...], start: datetime, end: datetime) -> None:
        wanted = " and a ".join(roles)
        super().__init__(
            f"it takes a {wanted} beside the practitioner, and they are not on duty from "
            f"{start.isoformat()} to {end.isoformat()}",
            roles=roles,
            start=start,
            end=end,
        )


class NobodyAvailable(NotBookable):
    """The request named no practitioner, and none is available."""

    code = "nobody_available"
    title = "No practitioner is available then"

    def __init__(self, *, start: datetime, reasons: Mapping[UUID, str]) -> None:
        super().__init__(
            f"no practitioner is available at {start.isoformat()}", start=start, reasons=reasons
        )


class TooLateToCancel(NotBookable):
    """The start is nearer than the clinic's notice, which binds moving as well as cancelling."""

    code = "too_late_to_cancel"
    title = "It is too late to cancel or to move"

    def __init__(self, *, start: datetime, notice_minutes: int) -> None:
        super().__init__(
            f"an appointment at {start.isoformat()} is cancelled or moved {notice_minutes} minutes "
            "before it starts, or by staff",
            start=start,
            notice_minutes=notice_minutes,
        )


class TooManyBookings(NotBookable):
    """An owner has as many open bookings, or holds, as the clinic's policy allows."""

    code = "too_many_bookings"
    title = "No more bookings can be made at this clinic for now"

    def __init__(self, *, limit: str, most: int, count: int) -> None:
        what, _, whose = limit.partition("_per_")
        super().__init__(
            f"the {whose} has {count} {what} to come at this clinic, which allows {most}; its staff "
            "may book more",
            limit=limit,
            most=most,
            count=count,
        )


class NoLongerBooked(Conflict, BookingRefused):
    """The idempotency key booked an appointment that is cancelled, missed, expired or deleted."""

    code = "no_longer_booked"
    title = "What this key booked does not stand any more"

    def __init__(self, appointment_id: UUID, *, status: str) -> None:
        super().__init__(
            f"this idempotency key booked appointment {appointment_id}, which is {status}; use "
            "another key to book anew",
            appointment_id=appointment_id,
            status=status,
        )


OVERRIDABLE: Final = frozenset(error.code for error in _Overridable.__subclasses__())
"""The codes of the rules that staff may set aside."""
