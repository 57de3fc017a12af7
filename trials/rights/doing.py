"""Does the acts of a world through the operations, on a database."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from trials.rights.acts import Act
from trials.rights.visits import BETWEEN
from trials.rights.world import NEVER, NOBODY, World
from vetcore import models, operations, schemas
from vetcore.clock import StoppedClock
from vetcore.database import Acting, Database, ReadSession, Session
from vetcore.errors import VetcoreError
from vetcore.values.address import Address
from vetcore.values.animals import Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role
from vetcore.values.services import ServiceCatalog, ServiceOffering
from vetcore.values.terms import MembershipTerms

__all__ = ["DAY_ZERO", "Played"]

DAY_ZERO: Final = datetime(2030, 1, 7, 6, 0, tzinfo=UTC)
_EXAM: Final = ServiceType.WELLNESS_EXAM
_OFFERING: Final = ServiceOffering(service=_EXAM, duration_minutes=15)


class Played:
    """A world in a database: the keys of its rows, by their places."""

    def __init__(self, db: Database, clock: StoppedClock, began: World) -> None:
        self.db, self.clock = db, clock
        self.people = [uuid4() for _ in began.accounts]
        self.mail = [f"{uuid4().hex}@example.com" for _ in began.accounts]
        self.clinics = [uuid4(), uuid4()]
        self.keys: dict[str, list[UUID]] = {"pets": [], "visits": [], "waits": [], "offers": []}
        self._codes: dict[UUID, str] = {}

    async def begin(self, began: World) -> None:
        """Store the people who have an account, the clinics, and who works there."""
        stored: list[Any] = [
            models.Clinic(
                id=key,
                name=f"Clinic {number}",
                timezone="UTC",
                opening_hours="Mo-Su 08:00-20:00",
                address=Address(line1="1", city="Leeds", postal_code="LS1 1AA", country="GB"),
                services=ServiceCatalog(offerings=(_OFFERING,)),
                booking_policy=BookingPolicy(minimum_notice_minutes=0, step_minutes=15),
            )
            for number, key in enumerate(self.clinics)
        ]
        stored += [
            self._person(key, self.mail[place])
            for place, key in enumerate(self.people)
            if began.accounts[place].exists
        ]
        vets = [self._person(uuid4(), f"{uuid4().hex}@example.com") for _ in self.clinics]
        works: list[Any] = [
            models.StaffMembership(
                user_id=self.people[job.person],
                clinic_id=self.clinics[job.clinic],
                role=job.role,
                starts_on=self._date(job.first),
                ends_on=self._last(job.last),
            )
            for job in began.jobs
        ]
        for vet, clinic in zip(vets, self.clinics, strict=True):
            works += [
                models.Veterinarian(
                    user_id=vet.id, license_number=uuid4().hex[:8], license_jurisdiction="US-WA"
                ),
                models.StaffMembership(
                    user_id=vet.id,
                    clinic_id=clinic,
                    role=Role.VETERINARIAN,
                    starts_on=self._date(0),
                ),
            ]
        async with self.db.transaction() as session:
            session.add_all([*stored, *vets])
            await session.flush()
            session.add_all(works)

    @staticmethod
    def _person(key: UUID, email: str) -> models.User:
        return models.User(
            id=key, email=email, email_verified=True, first_name="Ana", last_name="Silva"
        )

    async def end(self) -> None:
        """Leave nothing that a later attempt could find: open invitations."""
        async with self.db.transaction() as session:
            await session.execute(delete(models.Invitation))

    def _date(self, day: int) -> Any:
        return (DAY_ZERO + timedelta(days=day)).date()

    def _last(self, day: int) -> Any:
        return None if day == NEVER else self._date(day)

    def _at(self, clinic: int, hour: int, day: int) -> datetime:
        """Of a visit: each pet has an hour at each clinic, and half past it for what is offered."""
        pet, minutes = (hour - BETWEEN, 30) if hour >= BETWEEN else (hour, 0)
        midnight = DAY_ZERO.replace(hour=0) + timedelta(days=day)
        return midnight + timedelta(hours=9 + 5 * clinic + pet, minutes=minutes)

    # Acts ---------------------------------------------------------------------------------------

    async def do(self, step: Act, before: World) -> bool:
        """Do an act; whether it was done, and not refused."""
        self.clock.move(timedelta(minutes=1))
        if step.name == "days_pass":
            self.clock.move(timedelta(days=step.given[0]))
            return True
        is_system = step.name == "claim"
        acting = Acting() if is_system else Acting(self.people[step.actor])
        if step.name == "tell_code":
            await self._send_codes()
        try:
            async with self.db.transaction(acting) as session:
                await _OPERATIONS[step.name](self, session, before, step)
        except VetcoreError:
            return False
        return True

    async def _send_codes(self) -> None:
        async with self.db.transaction() as session:
            wanted = schemas.InvitationCodeClaim(limit=1000)
            for each in await operations.claim_invitation_codes(session, wanted):
                self._codes[each.invitation.id] = each.code

    async def create_user(self, session: Session, _before: World, step: Act) -> None:
        wish = schemas.UserCreate(
            email=self.mail[step.given[0]], first_name="Ana", last_name="Silva"
        )
        self.people[step.given[0]] = (await operations.create_user(session, wish)).id

    async def claim(self, session: Session, _before: World, step: Act) -> None:
        change = schemas.UserUpdate(id=self.people[step.actor], email_verified=True)
        await operations.update_user(session, change)

    async def create_pet(self, session: Session, _before: World, step: Act) -> None:
        owner, clinic = step.given
        wish = schemas.PetCreate(
            name="Rex",
            species=Species.DOG,
            owner_id=None if owner == NOBODY else self.people[owner],
            primary_clinic_id=None if clinic == NOBODY else self.clinics[clinic],
        )
        self.keys["pets"].append((await operations.create_pet(session, wish)).id)

    async def name_primary(self, session: Session, _before: World, step: Act) -> None:
        pet, clinic = step.given
        change = schemas.PetUpdate(
            id=self.keys["pets"][pet], primary_clinic_id=self.clinics[clinic]
        )
        await operations.update_pet(session, change)

    async def merge_pets(self, session: Session, _before: World, step: Act) -> None:
        kept, gone = (self.keys["pets"][place] for place in step.given)
        await operations.merge_pets(session, schemas.PetMerge(id=kept, other_id=gone))

    async def about_patient(self, session: Session, _before: World, step: Act) -> None:
        pet, clinic = step.given
        act = schemas.ClinicPatientAct(
            pet_id=self.keys["pets"][pet], clinic_id=self.clinics[clinic]
        )
        operation: Any = getattr(operations, step.name)
        await operation(session, act)

    async def by_key(self, session: Session, _before: World, step: Act) -> None:
        kind, name = _BY_KEY[step.name]
        operation: Any = getattr(operations, name)
        await operation(session, operation.command(id=self.keys[kind][step.given[0]]))

    async def book(self, session: Session, before: World, step: Act) -> None:
        pet, clinic = step.given
        wish = schemas.AppointmentCreate(
            clinic_id=self.clinics[clinic],
            service=_EXAM,
            pet_id=self.keys["pets"][pet],
            starts_at=self._at(clinic, pet, before.today + 1),
        )
        self.keys["visits"].append((await operations.book_appointment(session, wish)).id)

    async def move(self, session: Session, before: World, step: Act) -> None:
        visit = before.visits[step.given[0]]
        starts_at = self._at(visit.clinic, visit.hour, before.today + 2)
        act = schemas.AppointmentMove(id=self.keys["visits"][step.given[0]], starts_at=starts_at)
        await operations.move_appointment(session, act)

    async def take_place(self, session: Session, _before: World, step: Act) -> None:
        key = self.keys["visits"][step.given[0]]
        await operations.check_in_appointment(session, schemas.AppointmentAct(id=key))
        await operations.start_appointment(session, schemas.ById(id=key))
        await operations.complete_appointment(session, schemas.ById(id=key))

    async def join_waitlist(self, session: Session, before: World, step: Act) -> None:
        pet, clinic = step.given
        earliest = self._at(clinic, pet + BETWEEN, before.today + 1)
        wish = schemas.WaitlistEntryCreate(
            clinic_id=self.clinics[clinic],
            service=_EXAM,
            pet_id=self.keys["pets"][pet],
            earliest_at=earliest,
            latest_at=earliest + timedelta(minutes=1),
        )
        self.keys["waits"].append((await operations.join_waitlist(session, wish)).id)

    async def offer_slot(self, session: Session, _before: World, step: Act) -> None:
        wish = schemas.SlotOffer(clinic_id=self.clinics[step.given[0]])
        entry = await operations.offer_slot(session, wish)
        if entry is not None and entry.offered_appointment_id is not None:
            self.keys["visits"].append(entry.offered_appointment_id)

    async def invite_patient(self, session: Session, _before: World, step: Act) -> None:
        clinic, person, pet = step.given
        wish = schemas.PatientInvite(
            clinic_id=self.clinics[clinic],
            email=self.mail[person],
            pet_id=None if pet == NOBODY else self.keys["pets"][pet],
        )
        self.keys["offers"].append((await operations.invite_patient(session, wish)).id)

    async def invite_colleague(self, session: Session, _before: World, step: Act) -> None:
        clinic, person, (role, first, last) = step.given
        wish = schemas.ColleagueInvite(
            clinic_id=self.clinics[clinic],
            user_id=self.people[person],
            terms=MembershipTerms(role=role, starts_on=self._date(first), ends_on=self._last(last)),
        )
        self.keys["offers"].append((await operations.invite_colleague(session, wish)).id)

    async def transfer_pet(self, session: Session, _before: World, step: Act) -> None:
        pet, person, keep = step.given
        act = schemas.PetTransfer(
            id=self.keys["pets"][pet], owner_id=self.people[person], keep_co_owners=keep
        )
        self.keys["offers"].append((await operations.transfer_pet(session, act)).id)

    async def share_pet(self, session: Session, _before: World, step: Act) -> None:
        pet, person = step.given
        act = schemas.PetShare(id=self.keys["pets"][pet], user_id=self.people[person])
        self.keys["offers"].append((await operations.share_pet(session, act)).id)

    async def unshare_pet(self, session: Session, _before: World, step: Act) -> None:
        pet, person = step.given
        act = schemas.PetUnshare(id=self.keys["pets"][pet], user_id=self.people[person])
        await operations.unshare_pet(session, act)

    async def accept_invitation(self, session: Session, _before: World, step: Act) -> None:
        place, pet, keeps = step.given
        act = schemas.InvitationAccept(
            id=self.keys["offers"][place],
            pet_ids=() if pet == NOBODY else (self.keys["pets"][pet],),
            keep_clinics=keeps,
        )
        await operations.accept_invitation(session, act)

    async def tell_code(self, session: Session, _before: World, step: Act) -> None:
        key = self.keys["offers"][step.given[0]]
        act = schemas.InvitationRedeem(id=key, code=self._codes.get(key, "0"))
        if not await operations.redeem_invitation(session, act):
            message = "the code was not the right one"
            raise _WrongCode(message)

    async def end_membership(self, session: Session, before: World, step: Act) -> None:
        key = await self.job(session, before, step.given[0])
        act = schemas.StaffMembershipEnd(id=key, ends_on=self._date(before.today))
        await operations.end_membership(session, act)

    async def lengthen_membership(self, session: Session, before: World, step: Act) -> None:
        key = await self.job(session, before, step.given[0])
        change = schemas.StaffMembershipUpdate(id=key, ends_on=None)
        await operations.update_membership(session, change)

    async def job(self, session: ReadSession, world: World, place: int) -> UUID:
        """The key of a membership."""
        job, row = world.jobs[place], models.StaffMembership
        query = select(row.id).where(
            row.user_id == self.people[job.person],
            row.clinic_id == self.clinics[job.clinic],
            row.starts_on == self._date(job.first),
        )
        found: UUID = (await session.scalars(query)).one()
        return found


class _WrongCode(VetcoreError):
    code = "wrong_code"


_BY_KEY: Final = {
    "delete_pet": ("pets", "delete_pet"),
    "restore_pet": ("pets", "restore_pet"),
    "cancel": ("visits", "cancel_appointment"),
    "confirm": ("visits", "confirm_appointment"),
    "reinstate": ("visits", "reinstate_appointment"),
    "accept_slot": ("waits", "accept_offer"),
    "withdraw_invitation": ("offers", "withdraw_invitation"),
}
_OPERATIONS: Final[Mapping[str, Callable[..., Any]]] = {
    **dict.fromkeys(_BY_KEY, Played.by_key),
    **dict.fromkeys(("register_patient", "end_patient"), Played.about_patient),
    **{
        name: getattr(Played, name)
        for name in (
            "create_user",
            "claim",
            "create_pet",
            "name_primary",
            "merge_pets",
            "book",
            "move",
            "take_place",
            "join_waitlist",
            "offer_slot",
            "invite_patient",
            "invite_colleague",
            "transfer_pet",
            "share_pet",
            "unshare_pet",
            "accept_invitation",
            "tell_code",
            "end_membership",
            "lengthen_membership",
        )
    },
}
