"""Bookers for ``benchmarks.stress``: a busy clinic, and tasks that fight over its slots."""

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from vetcore.database import Database, Session
from vetcore.errors import (
    BookingRefused,
    CommitOutcomeUnknown,
    Conflict,
    DatabaseError,
    Deadlock,
    InvalidTransition,
    NotFound,
)
from vetcore.models import (
    Appointment,
    Clinic,
    Equipment,
    Pet,
    Room,
    StaffMembership,
    User,
    Veterinarian,
)
from vetcore.operations import (
    book_appointment,
    book_group_visit,
    book_series,
    cancel_appointment,
    cancel_group_visit,
    cancel_series,
    confirm_hold,
    hold_appointment,
    move_appointment,
    move_group_visit,
    move_series,
)
from vetcore.schemas import (
    AppointmentAct,
    AppointmentCancel,
    AppointmentCreate,
    AppointmentHoldCreate,
    AppointmentMove,
    GroupVisitCancel,
    GroupVisitCreate,
    GroupVisitMove,
    SeriesCancel,
    SeriesCreate,
    SeriesMove,
)
from vetcore.settings import DatabaseSettings
from vetcore.values.address import Address
from vetcore.values.appointments import SeriesScope
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.people import Role
from vetcore.values.recurrence import Recurrence
from vetcore.values.services import ServiceCatalog, ServiceOffering

__all__ = ["SETTINGS", "Booker", "Stage", "prepare"]

SETTINGS = DatabaseSettings(connect_wait=60, pool_size=10, statement_timeout=20, lock_timeout=20)
HOURS = 6
STEP = 15
_DAY = timedelta(days=1)
_CLASS = "puppy_class"
_UNIT = "dental_unit"
_DAILY = Recurrence.parse("FREQ=DAILY;COUNT=4")
_TRANSIENT = (DatabaseError, CommitOutcomeUnknown)


@dataclass
class Stage:
    """The few things that many want."""

    clinic: UUID
    pets: list[UUID]
    opening: datetime


async def prepare(url: str) -> Stage:
    """Bring the database to the newest revision, and store the clinic with its people and pets."""
    opening = (datetime.now(UTC) + timedelta(days=2)).replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    services = ServiceCatalog(
        offerings=(
            ServiceOffering(
                service=ServiceType.WELLNESS_EXAM,
                duration_minutes=30,
                buffer_after_minutes=5,
                room_kind=RoomKind.CONSULTATION,
            ),
            ServiceOffering(
                service=_CLASS,
                kind=ServiceType.BEHAVIOR_CONSULTATION,
                duration_minutes=60,
                room_kind=RoomKind.CONSULTATION,
                places=3,
            ),
            ServiceOffering(
                service=ServiceType.DENTAL_CLEANING,
                duration_minutes=30,
                assisted_by=(Role.VETERINARIAN,),
                equipment=(_UNIT,),
            ),
        )
    )
    place = Clinic(
        id=uuid4(),
        name="The Busy Clinic",
        timezone="UTC",
        opening_hours="24/7",
        address=Address(line1="1 Main St", city="Seattle", postal_code="98101", country="US"),
        services=services,
        booking_policy=BookingPolicy(minimum_notice_minutes=0, step_minutes=STEP, hold_minutes=1),
    )
    people = [
        User(id=uuid4(), email=f"{uuid4().hex}@example.com", first_name="A", last_name="B")
        for _ in range(4)
    ]
    pets = [Pet(id=uuid4(), name=f"Pet {number}", species="dog") for number in range(12)]
    async with Database(url, settings=SETTINGS) as db:
        await db.migrate()
        async with db.transaction() as session:
            session.add_all([place, *people, *pets])
            await session.flush()
            session.add_all(
                Veterinarian(
                    user_id=person.id, license_number=str(number), license_jurisdiction="US-WA"
                )
                for number, person in enumerate(people)
            )
            session.add_all(
                StaffMembership(
                    user_id=person.id,
                    clinic_id=place.id,
                    role=Role.VETERINARIAN,
                    starts_on=datetime(2020, 1, 1, tzinfo=UTC).date(),
                )
                for person in people
            )
            session.add_all(
                Room(clinic_id=place.id, name=f"Room {number}", kind=RoomKind.CONSULTATION)
                for number in range(3)
            )
            session.add_all(
                Equipment(clinic_id=place.id, name=f"Unit {number}", kind=_UNIT)
                for number in range(2)
            )
    return Stage(place.id, [each.id for each in pets], opening)


@dataclass
class Booker:
    """One task of one process: acts at random, and writes down what it was promised."""

    db: Database
    stage: Stage
    chance: random.Random
    log: Any
    deadline: float
    seen: Counter[str] = field(default_factory=Counter[str])
    longest: float = 0.0
    series: list[UUID] = field(default_factory=list[UUID])
    """Appointments of series that were booked."""
    families: list[UUID] = field(default_factory=list[UUID])
    """Appointments of group visits that were booked."""

    def _request(self, **given: Any) -> dict[str, Any]:
        minutes = self.chance.randrange(0, HOURS * 60, STEP)
        return {
            "clinic_id": self.stage.clinic,
            "service": ServiceType.WELLNESS_EXAM,
            "pet_id": self.chance.choice(self.stage.pets),
            "starts_at": self.stage.opening + timedelta(minutes=minutes),
            **given,
        }

    async def run(self) -> None:
        """Act until the time is over."""
        mine: list[UUID] = []
        while time.monotonic() < self.deadline:
            act = self.chance.choices(
                (
                    self._book,
                    self._squeeze,
                    self._hold,
                    self._cancel,
                    self._move,
                    self._book_series,
                    self._move_series,
                    self._cancel_series,
                    self._clean_teeth,
                    self._join_class,
                    self._book_family,
                    self._move_family,
                    self._cancel_family,
                ),
                (5, 2, 2, 3, 2, 1, 2, 1, 4, 4, 2, 2, 2),
            )[0]
            started = time.monotonic()
            await act(mine)
            self.longest = max(self.longest, time.monotonic() - started)

    async def _settle(self, name: str, work: Any) -> Any:
        """Do ``work`` until it is known to be done or refused, however often it takes."""
        asked = 0
        while True:
            asked += 1
            try:
                async with self.db.transaction() as session:
                    result = await work(session)
            except Deadlock:
                self.seen["DEADLOCK"] += 1
            except _TRANSIENT as trouble:
                self.seen[f"trouble: {trouble.code}"] += 1
                await asyncio.sleep(self.chance.uniform(0.05, 0.3))
            except (Conflict, BookingRefused, InvalidTransition, NotFound) as refused:
                self.seen[f"{name}: {refused.code}"] += 1
                return None
            else:
                self.seen[f"{name}: done"] += 1
                self.seen["asked again, and answered"] += asked > 1
                return result

    def _acknowledge(self, identity: UUID, key: str) -> None:
        entry = {"id": str(identity), "key": key}
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()

    async def _book(self, mine: list[UUID]) -> None:
        request, key = AppointmentCreate(**self._request()), uuid4().hex
        booked = await self._settle(
            "book", lambda session: book_appointment(session, request, key=key)
        )
        if booked is not None:
            self._acknowledge(booked.id, key)
            mine.append(booked.id)

    async def _squeeze(self, mine: list[UUID]) -> None:
        """An emergency, which staff place beside what is booked."""
        request = AppointmentCreate(**self._request(squeeze_reason="Hit by a car"))
        key = uuid4().hex
        booked = await self._settle(
            "squeeze in", lambda session: book_appointment(session, request, key=key)
        )
        if booked is not None:
            self.seen["squeezed in"] += booked.squeezed_in
            self._acknowledge(booked.id, key)
            mine.append(booked.id)

    async def _hold(self, mine: list[UUID]) -> None:
        soon = datetime.now(UTC) + timedelta(seconds=self.chance.uniform(0.3, 2))
        request, key = AppointmentHoldCreate(**self._request(hold_expires_at=soon)), uuid4().hex
        held = await self._settle(
            "hold", lambda session: hold_appointment(session, request, key=key)
        )
        if held is None:
            return
        self._acknowledge(held.id, key)
        if self.chance.random() < 0.5:
            await asyncio.sleep(self.chance.uniform(0, 0.5))

            async def confirm(session: Session) -> Appointment:
                return await confirm_hold(session, AppointmentAct(id=held.id))

            if await self._settle("confirm", confirm) is not None:
                mine.append(held.id)

    async def _cancel(self, mine: list[UUID]) -> None:
        if mine:
            act = AppointmentCancel(id=mine.pop(self.chance.randrange(len(mine))))
            await self._settle("cancel", lambda session: cancel_appointment(session, act))

    async def _move(self, mine: list[UUID]) -> None:
        if mine:
            to = self._request()["starts_at"]
            act = AppointmentMove(id=self.chance.choice(mine), starts_at=to)
            await self._settle("move", lambda session: move_appointment(session, act))

    async def _book_series(self, _: list[UUID]) -> None:
        wish, key = SeriesCreate(first=self._request(), rule=_DAILY, keep=self._keep()), uuid4().hex
        report = await self._settle(
            "book series", lambda session: book_series(session, wish, key=key)
        )
        if report is not None and report.booked:
            self._acknowledge(report.series_id, key)
            self.series += [each.id for each in report.booked]

    async def _move_series(self, _: list[UUID]) -> None:
        if self.series:
            act = SeriesMove(
                id=self.chance.choice(self.series),
                starts_at=self._request()["starts_at"] + _DAY * self.chance.randrange(3),
                scope=self.chance.choice(list(SeriesScope)),
                keep=self._keep(),
            )
            await self._settle("move series", lambda session: move_series(session, act))

    async def _cancel_series(self, _: list[UUID]) -> None:
        if self.series:
            one = self.series.pop(self.chance.randrange(len(self.series)))
            act = SeriesCancel(id=one, scope=self.chance.choice(list(SeriesScope)))
            await self._settle("cancel series", lambda session: cancel_series(session, act))

    async def _clean_teeth(self, mine: list[UUID]) -> None:
        """Two people and one of the two pieces of equipment at once."""
        wish = AppointmentCreate(
            **self._request(service=ServiceType.DENTAL_CLEANING, starts_at=self._later())
        )
        key = uuid4().hex
        booked = await self._settle(
            "clean teeth", lambda session: book_appointment(session, wish, key=key)
        )
        if booked is not None:
            self._acknowledge(booked.id, key)
            mine.append(booked.id)

    def _later(self) -> datetime:
        """An hour of the evening, which series leave alone."""
        return self.stage.opening + timedelta(hours=HOURS + self.chance.randrange(HOURS))

    async def _join_class(self, mine: list[UUID]) -> None:
        """One of the few places of a class, of which there is one an hour."""
        wish = AppointmentCreate(**self._request(service=_CLASS, starts_at=self._later()))
        key = uuid4().hex
        booked = await self._settle(
            "join class", lambda session: book_appointment(session, wish, key=key)
        )
        if booked is not None:
            self._acknowledge(booked.id, key)
            mine.append(booked.id)

    async def _book_family(self, _: list[UUID]) -> None:
        one, other = self.chance.sample(self.stage.pets, 2)
        service = self.chance.choice((ServiceType.WELLNESS_EXAM, _CLASS))
        wanted = self._request(pet_id=one, service=service, starts_at=self._later())
        first = AppointmentCreate(**wanted)
        wish, key = GroupVisitCreate(first=first, with_pets=(other,)), uuid4().hex
        booked = await self._settle(
            "book group", lambda session: book_group_visit(session, wish, key=key)
        )
        if booked is not None:
            self._acknowledge(booked[0].id, key)
            self.families.append(booked[0].id)

    async def _move_family(self, _: list[UUID]) -> None:
        if self.families:
            one = self.chance.choice(self.families)
            act = GroupVisitMove(id=one, starts_at=self._later())
            await self._settle("move group", lambda session: move_group_visit(session, act))

    async def _cancel_family(self, _: list[UUID]) -> None:
        if self.families:
            act = GroupVisitCancel(id=self.families.pop(self.chance.randrange(len(self.families))))
            await self._settle("cancel group", lambda session: cancel_group_visit(session, act))

    def _keep(self) -> Any:
        return self.chance.choice(("all", "rest"))
