"""Free slots found the slow way: minute by minute, by what the wall clock shows.

Straight from the rows, with sets of minutes and plain datetimes. It shares nothing with what it
judges but the models and the data of the time zones.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import product
from uuid import UUID

from tests.scheduling.scenes import FIELDS, OCCUPYING, Scene, occupies
from tests.scheduling.timelines import distinct, map_free, minutes_of, timeline
from vetcore.models import Appointment, Room, StaffMembership, Veterinarian
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ClinicStatus, LicenseStatus
from vetcore.values.people import Role
from vetcore.values.services import ServiceOffering
from vetcore.values.weekly import WeeklyHours

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
_Posts = Callable[[date], Iterable[StaffMembership]]


class Reference:
    """The answer to a scene's question."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.asked = scene.question
        self.line = timeline(scene.clinic.timezone, scene.day)
        self.days = [scene.day + offset * DAY for offset in range(-5, 5)]
        offering = scene.clinic.services.get(self.asked.service)
        self.offering = offering or ServiceOffering(service=self.asked.service, duration_minutes=5)
        self.offered = offering is not None
        self.pet = next((pet for pet in scene.pets if pet.id == self.asked.pet_id), None)
        self.species = self.asked.species if self.pet is None else self.pet.species
        self.length = self._length()
        self.openings = [span for day in self.days for span in self._opening_on(day)]
        self.open = minutes_of((first, last) for first, last, _ in self.openings)
        self.helpers = {role: self._helpers(role) for role in self.offering.assisted_by}

    def refusals(self) -> set[str]:
        """The codes of the rules by which nothing at all can be booked."""
        clinic, codes = self.scene.clinic, set[str]()
        if not self.offered:
            return {"service_not_offered"}
        if clinic.status is not ClinicStatus.ACTIVE:
            codes.add("clinic_not_active")
        if self.pet is not None and self.pet.status.value in {"deceased", "rehomed"}:
            codes.add("pet_not_bookable")
        if not self._treats(clinic.species_treated) or not self._treats(self.offering.species):
            codes.add("species_not_treated")
        if self.offering.room_kind is not None and not self._rooms():
            codes.add("no_room")
        if not all(self._pieces(kind) for kind in self.offering.equipment):
            codes.add("no_equipment")
        return codes

    def slots(self) -> list[tuple[datetime, UUID]]:
        """Each start with each veterinarian who is free then, in order."""
        if self.refusals():
            return []
        full = self._full_days()
        starts = [
            minute
            for minute in self._offered_starts()
            if self._in_time(minute) and self.line.shown[minute].date() not in full
        ]
        vets = {vet.user_id: vet for vet in self.scene.vets if vet.deleted_at is None}
        return sorted(
            (self.line.moment(minute), person.id)
            for person in self.scene.people
            if self.asked.practitioner_id in {None, person.id}
            for minute in self._free(person.id, vets.get(person.id), starts)
        )

    def _length(self) -> int:
        if self.asked.duration is not None:
            return self.asked.duration // MINUTE
        weight = None if self.pet is None else self.pet.weight_kg
        for each in self.offering.durations:
            heavy = each.from_kg is None or (weight is not None and weight >= each.from_kg)
            if heavy and (not each.species or self.species in each.species):
                return each.duration_minutes
        return self.offering.duration_minutes

    def _treats(self, treated: Sequence[object]) -> bool:
        return self.species is None or not treated or self.species in treated

    def _spans(self, week: WeeklyHours, day: date) -> Iterator[tuple[int, int, datetime]]:
        """What opens on a day, until it closes, and the wall time at which it is meant to open.

        What goes on without a break is one span.
        """
        walls: list[tuple[int, int]] = []
        for span in getattr(week, FIELDS[day.weekday()]):
            opens, closes = span.minutes
            if walls and walls[-1][1] == opens:
                walls[-1] = walls[-1][0], closes
            else:
                walls.append((opens, closes))
        midnight = datetime.combine(day, time())
        for opens, closes in walls:
            first = self.line.first_shown(midnight + opens * MINUTE)
            last = self.line.first_shown(midnight + closes * MINUTE)
            if first < last:
                yield first, last, midnight + opens * MINUTE

    def _opening_on(self, day: date) -> Iterator[tuple[int, int, datetime]]:
        exceptions = [
            closure
            for closure in self.scene.closures
            if closure.clinic_id == self.scene.clinic.id
            and closure.deleted_at is None
            and closure.first_on <= day <= closure.last_on
        ]
        texts = [self.scene.clinic.opening_hours]
        if exceptions:
            exceptions.sort(key=lambda each: (each.first_on, each.opening_hours or ""))
            texts = [each.opening_hours or "" for each in exceptions]
        if "" not in texts:
            yield from self._spans(self.scene.weeks[texts[-1]], day)

    def _offered_starts(self) -> set[int]:
        step = self.scene.clinic.booking_policy.step_minutes * MINUTE
        return {
            minute
            for first, last, opening in self.openings
            for minute in range(first, last)
            if (self.line.shown[minute] - opening) % step == timedelta()
        }

    def _is_new(self) -> bool:
        """Whether the pet is known, and has no visit at the clinic that stands or took place."""
        return self.pet is not None and not any(
            row.pet_id == self.pet.id
            and row.clinic_id == self.scene.clinic.id
            and row.status in OCCUPYING - {AppointmentStatus.HELD}
            and row.deleted_at is None
            for row in self.scene.appointments
        )

    def _full_days(self) -> set[date]:
        """The days on which no more of the service, or of new patients, may start."""
        full: set[date] = set()
        there = [
            row
            for row in self.scene.appointments
            if row.clinic_id == self.scene.clinic.id and occupies(row)
        ]
        limits = [
            (
                self.offering.most_per_day,
                [row for row in there if row.service == self.asked.service],
            )
        ]
        if self._is_new():
            most = self.scene.clinic.booking_policy.new_patients_per_day
            limits.append((most, [row for row in there if row.new_patient]))
        for most, rows in limits:
            days = [row.starts_at.astimezone(self.scene.zone).date() for row in rows]
            full |= {day for day in days if most is not None and days.count(day) >= most}
        return full

    def _in_time(self, minute: int) -> bool:
        moment, policy = self.line.moment(minute), self.scene.clinic.booking_policy
        earliest = self.scene.now + timedelta(minutes=policy.minimum_notice_minutes)
        today = self.scene.now.astimezone(self.scene.zone).date()
        ahead = (self.line.shown[minute].date() - today).days
        in_window = self.asked.start <= moment < self.asked.end
        return in_window and earliest <= moment and ahead <= policy.horizon_days

    def _memberships(
        self, person: UUID, vet: Veterinarian | None, day: date
    ) -> Iterator[StaffMembership]:
        """Those by which somebody performs the service: any of a veterinarian's, where it is theirs."""
        roles = set(self.offering.performed_by)
        theirs = vet is not None and Role.VETERINARIAN in roles
        for post in self.scene.memberships:
            mine = post.user_id == person and post.clinic_id == self.scene.clinic.id
            if not theirs and post.role not in roles - {Role.VETERINARIAN}:
                continue
            begun = post.starts_on <= day
            ended = post.ends_on is not None and post.ends_on < day
            if mine and begun and not ended and post.deleted_at is None:
                yield post

    def _memberships_as(self, person: UUID, role: Role, day: date) -> Iterator[StaffMembership]:
        """Those by which somebody assists: any of a veterinarian's, else those in that role."""
        for post in self.scene.memberships:
            mine = post.user_id == person and post.clinic_id == self.scene.clinic.id
            lasts = post.starts_on <= day and (post.ends_on is None or day <= post.ends_on)
            as_it = role in {Role.VETERINARIAN, post.role}
            if mine and lasts and as_it and post.deleted_at is None:
                yield post

    def _at_work(self, person: UUID, posts: "_Posts") -> set[int]:
        working: set[int] = set()
        for day in self.days:
            for post in posts(day):
                if post.working_hours is None:
                    hours = self._opening_on(day)
                else:
                    hours = self._spans(self.scene.weeks[post.working_hours], day)
                working |= minutes_of((first, last) for first, last, _ in hours)
        for away in self.scene.time_off:
            if away.practitioner_id == person and away.deleted_at is None:
                working -= self.line.minutes(away.starts_at, away.ends_at)
        return working & self.open

    def _blocked(self, **whose: UUID | None) -> set[int]:
        """The minutes that the clinic keeps free: of a person, of a room, or of everybody."""
        return {
            minute
            for block in self.scene.blocks
            if block.clinic_id == self.scene.clinic.id
            and block.deleted_at is None
            and {"practitioner_id": block.practitioner_id, "room_id": block.room_id} == whose
            for day in self.days
            if block.first_on <= day and (block.last_on is None or day <= block.last_on)
            for first, last, _ in self._spans(self.scene.weeks[block.hours], day)
            for minute in range(first, last)
        }

    def _taken(self, resource: str, identity: UUID) -> set[int]:
        """The minutes in which somebody else has the practitioner or the room."""
        taken: set[int] = set()
        for row in self.scene.appointments:
            if getattr(row, f"{resource}_id") == identity and occupies(row):
                taken |= self.line.minutes(row.occupied_from, row.occupied_until)
        return taken | (self._beside("person", identity) if resource == "practitioner" else set())

    def _beside(self, resource: str, identity: UUID) -> set[int]:
        """The minutes in which somebody assists, or a piece of equipment is in use."""
        taken: set[int] = set()
        visits = {row.id: row for row in self.scene.appointments}
        for each in self.scene.occupations:
            row = visits[each.appointment_id]
            if getattr(each, f"{resource}_id") == identity and occupies(row):
                taken |= self.line.minutes(row.occupied_from, row.occupied_until)
        return taken

    def _pieces(self, kind: str) -> list[set[int]]:
        """The pieces of a kind, each with the minutes in which it is in use."""
        return [
            self._beside("equipment", piece.id)
            for piece in self.scene.equipment
            if piece.clinic_id == self.scene.clinic.id
            and piece.kind == kind
            and piece.deleted_at is None
        ]

    def _helpers(self, role: Role) -> list[tuple[UUID, set[int], set[int], date]]:
        """Who assists in a role: at work when, taken when, and until which day they may."""
        vets = {vet.user_id: vet for vet in self.scene.vets if vet.deleted_at is None}
        found: list[tuple[UUID, set[int], set[int], date]] = []
        for person in self.scene.people:
            expires = date.max
            if role is Role.VETERINARIAN:
                vet = vets.get(person.id)
                if vet is None or vet.license_status is not LicenseStatus.ACTIVE:
                    continue
                expires = vet.license_expires_on or date.max
            at_work = self._at_work(person.id, partial(self._memberships_as, person.id, role))
            at_work -= self._blocked(practitioner_id=person.id, room_id=None)
            at_work -= self._blocked(practitioner_id=None, room_id=None)
            found.append((person.id, at_work, self._taken("practitioner", person.id), expires))
        return found

    def _with_somebody(self) -> set[int]:
        """The minutes in which the pet is seen, here or elsewhere."""
        taken: set[int] = set()
        for row in self.scene.appointments:
            if self.pet is not None and row.pet_id == self.pet.id and occupies(row):
                taken |= self.line.minutes(row.starts_at, row.ends_at)
        return taken

    def _during(self, text: str) -> set[int]:
        spans = (span for day in self.days for span in self._spans(self.scene.weeks[text], day))
        return minutes_of((first, last) for first, last, _ in spans)

    def _kept(self) -> list[tuple[set[int], datetime]]:
        """The minutes that are kept for other services, and until which start they are."""
        return [
            (self._during(each.hours), self.scene.now + timedelta(minutes=each.released_minutes))
            for each in self.scene.clinic.booking_policy.reserves
            if self.asked.service not in each.services
        ]

    def _rooms(self) -> list[Room]:
        return [
            room
            for room in self.scene.rooms
            if room.clinic_id == self.scene.clinic.id
            and room.kind == self.offering.room_kind
            and room.deleted_at is None
        ]

    def _joinable(self, person: UUID) -> set[int]:
        """The starts of group visits with somebody that have a place left."""
        found: dict[int, list[Appointment]] = {}
        for row in self.scene.appointments if self.offering.places > 1 else ():
            here = row.clinic_id == self.scene.clinic.id and row.practitioner_id == person
            fits = here and row.service == self.asked.service and row.group_id is not None
            if fits and occupies(row) and not row.squeezed_in:
                found.setdefault((row.starts_at - self.line.start) // MINUTE, []).append(row)
        return {
            minute
            for minute, rows in found.items()
            if self._in_time(minute)
            and self.line.shown[minute].date() not in self._full_days()
            and len(rows) < (rows[0].group_places or 0)
            and rows[0].ends_at - rows[0].starts_at == self.length * MINUTE
            and (self.offering.room_kind is None or self._is_left(rows[0].room_id, minute))
        }

    def _is_left(self, room_id: UUID | None, start: int) -> bool:
        """Whether a group visit is in a room that suits the service and is not kept free."""
        if room_id not in {room.id for room in self._rooms()}:
            return False
        before, after = self.offering.buffer_before_minutes, self.offering.buffer_after_minutes
        kept = self._blocked(practitioner_id=None, room_id=room_id)
        return kept.isdisjoint(range(start - before, start + self.length + after))

    def _assisted(self, person: UUID, start: int, visit: range, occupied: range) -> bool:
        """Whether others could fill every entry, each of them one."""
        entries = [
            [
                helper
                for helper, at_work, taken, expires in self.helpers[role]
                if helper != person
                and at_work.issuperset(visit)
                and taken.isdisjoint(occupied)
                and self.line.shown[start].date() <= expires
            ]
            for role in self.offering.assisted_by
        ]
        return any(map(distinct, product(*entries)))

    def _free(self, person: UUID, vet: Veterinarian | None, starts: Sequence[int]) -> Iterator[int]:
        expires = date.max
        if vet is not None and Role.VETERINARIAN in self.offering.performed_by:
            treats = self._treats(vet.species_treated)
            if vet.license_status is not LicenseStatus.ACTIVE or not treats:
                return
            expires = vet.license_expires_on or date.max
        elif vet is not None and not self._treats(vet.species_treated):
            return
        at_work = self._at_work(person, partial(self._memberships, person, vet))
        taken = self._taken("practitioner", person)
        seen, kept = self._with_somebody(), self._kept()
        offered = None if self.offering.hours is None else self._during(self.offering.hours)
        blocked = self._blocked(practitioner_id=person, room_id=None) | self._blocked(
            practitioner_id=None, room_id=None
        )
        rooms = [
            self._taken("room", room.id) | self._blocked(practitioner_id=None, room_id=room.id)
            for room in self._rooms()
        ]
        joinable = self._joinable(person)
        pieces = [self._pieces(kind) for kind in self.offering.equipment]
        before, after = self.offering.buffer_before_minutes, self.offering.buffer_after_minutes
        for start in sorted({*starts, *joinable}):
            visit = range(start, start + self.length)
            occupied = range(start - before, start + self.length + after)
            if (
                self.line.shown[start].date() <= expires
                and at_work.issuperset(visit)
                and seen.isdisjoint(visit)
                and (start in joinable or taken.isdisjoint(occupied))
                and blocked.isdisjoint(visit)
                and (offered is None or offered.issuperset(visit))
                and all(
                    minutes.isdisjoint(visit) or self.line.moment(start) <= released
                    for minutes, released in kept
                )
                and (
                    start in joinable
                    or self.offering.room_kind is None
                    or any(map_free(rooms, occupied))
                )
                and all(any(map_free(each, occupied)) for each in pieces)
                and self._assisted(person, start, visit, occupied)
            ):
                yield start
