"""The part of ``vetcore doctor`` that examines time zones and public holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from vetcore.clock import now
from vetcore.database import Database
from vetcore.models import Clinic, ClinicClosure, ScheduleBlock, StaffMembership
from vetcore.values.holidays import has_calendar, parts_with_holidays
from vetcore.values.timetext import names_holidays
from vetcore.values.zones import system_zone, zone_data, zone_named, zone_names

__all__ = ["Finding", "holidays_of_clinics", "time_zones", "zones_of_clinics"]

_LOOKED_AHEAD = timedelta(days=2 * 366)
_STEP = timedelta(hours=1)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """A thing that was examined, and the verdict."""

    subject: str
    verdict: Literal["ok", "warning", "fault"]
    detail: str
    advice: str | None = None
    """What to do about it."""


def time_zones() -> Finding:
    """Return which time-zone data this installation uses, and which others are installed."""
    known = len(zone_names())
    if not known:
        return Finding("time zones", "fault", "none are known", "Install the package tzdata.")
    data = zone_data()
    used = "the package tzdata" if data.uses_package else "the system"
    other = data.system if data.uses_package else data.package
    beside = "" if other is None else f"; {'the system' if data.uses_package else 'the package'}"
    beside += "" if other is None else f" has {other}"
    return Finding(
        "time zones", "ok", f"{known} are known, by {data.version or 'data'} of {used}{beside}"
    )


async def zones_of_clinics(db: Database) -> Finding:
    """Report the clinics' zones in which the system's clocks differ from ours within two years."""
    subject = "clinics' clocks"
    async with db.session() as session:
        names = sorted(await session.scalars(select(Clinic.timezone).distinct()))
    data = zone_data()
    if not data.uses_package or data.system in {None, data.package}:
        return Finding(subject, "ok", "no other time-zone data to compare with")
    differ = [f"{name} from {since:%Y-%m-%d}" for name in names if (since := _parting(name))]
    if not differ:
        return Finding(subject, "ok", "the system's data give the same times")
    return Finding(
        subject,
        "warning",
        f"by the system's data ({data.system}) other times hold in {_listed(differ)}",
        "vetcore uses the newer ones. Update the system's, which other programs read.",
    )


def _parting(name: str) -> datetime | None:
    """From when on the system's clocks show something else in that zone."""
    ours, theirs = zone_named(name), system_zone(name)
    moment = start = now().replace(minute=0, second=0, microsecond=0)
    while theirs is not None and moment < start + _LOOKED_AHEAD:
        if moment.astimezone(ours).utcoffset() != moment.astimezone(theirs).utcoffset():
            return moment
        moment += _STEP
    return None if theirs is not None else start


async def holidays_of_clinics(db: Database) -> Finding:
    """Report the clinics whose hours depend on public holidays that are not known."""
    subject = "public holidays"
    place = (Clinic.name, Clinic.address, Clinic.subdivision)
    texts = (
        select(*place, Clinic.opening_hours),
        select(*place, ClinicClosure.opening_hours).join(
            ClinicClosure, ClinicClosure.clinic_id == Clinic.id
        ),
        select(*place, ScheduleBlock.hours).join(
            ScheduleBlock, ScheduleBlock.clinic_id == Clinic.id
        ),
        select(*place, StaffMembership.working_hours).join(
            StaffMembership, StaffMembership.clinic_id == Clinic.id
        ),
    )
    unknown: set[str] = set()
    depend: set[str] = set()
    year = now().year
    async with db.session() as session:
        for statement in texts:
            for name, address, part, text in await session.execute(statement):
                if not text or not names_holidays(text):
                    continue
                country = address.country
                depend.add(part or country)
                if not (has_calendar(country, year) and has_calendar(country, year + 1)):
                    unknown.add(f"{name} ({country})")
                elif part is not None and part not in (parts_with_holidays(country) or (part,)):
                    unknown.add(f"{name} ({part})")
    if unknown:
        return Finding(
            subject,
            "warning",
            f"their PH rules find none this year or next: {_listed(sorted(unknown))}",
            "Name the days themselves, such as `Jan 01 off`, or correct the subdivision.",
        )
    if not depend:
        return Finding(subject, "ok", "no hours depend on them")
    return Finding(subject, "ok", f"known for {_listed(sorted(depend))}")


def _listed(several: Sequence[str]) -> str:
    more = len(several) - _SHOWN
    return ", ".join(several[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
