"""For each operation, a command about the world, and whose it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from tests.operations.worlds import NO_MEMBERSHIP, World
from vetcore import schemas
from vetcore.schemas.base import Schema
from vetcore.values.address import Address
from vetcore.values.animals import Species
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role

Make = Callable[[World], Schema]

OWNERS: Final = frozenset({"owner", "co_owner"})
THEMSELVES: Final = frozenset({"owner"})
INVITED: Final = frozenset({"stranger"})
VETERINARIAN: Final = frozenset({"veterinarian"})
NOBODY: Final = frozenset[str]()


@dataclass(frozen=True)
class Case:
    """A command, and to whom what it is about belongs."""

    command: Make
    own: frozenset[str] = NOBODY
    anywhere: bool = False
    """Whether a role at any clinic will do."""
    is_owned: bool = False
    """Whether staff may do it to a pet that nobody owns, and so not to this one."""


THEN: Final = datetime(2030, 3, 4, 18, 0, tzinfo=UTC)
"""A Monday morning where the clinic is."""


def by_id(table: str) -> Make:
    return lambda world: schemas.ById(id=world.id(table))


def change_of(kind: Callable[..., Schema], table: str, **change: Any) -> Make:
    return lambda world: kind(id=world.id(table), **change)


def wish_of(world: World) -> dict[str, Any]:
    return {
        "clinic_id": world.id("clinics"),
        "service": ServiceType.WELLNESS_EXAM,
        "pet_id": world.id("pets"),
        "starts_at": THEN,
    }


def _waits(world: World) -> Schema:
    return schemas.WaitlistEntryCreate(
        clinic_id=world.id("clinics"),
        service=ServiceType.WELLNESS_EXAM,
        pet_id=world.id("pets"),
        earliest_at=THEN,
        latest_at=THEN + timedelta(days=2),
    )


def _slots(world: World) -> Schema:
    return schemas.SlotQuery(
        clinic_id=world.id("clinics"),
        service=ServiceType.WELLNESS_EXAM,
        start=THEN,
        end=THEN + timedelta(days=1),
    )


_SCHEDULING: Final[Mapping[str, Case]] = {
    "book_appointment": Case(lambda w: schemas.AppointmentCreate(**wish_of(w)), OWNERS),
    "hold_appointment": Case(lambda w: schemas.AppointmentHoldCreate(**wish_of(w)), OWNERS),
    **{
        name: Case(change_of(schemas.AppointmentAct, "appointments"), OWNERS)
        for name in (
            "confirm_hold",
            "confirm_appointment",
            "reinstate_appointment",
            "check_in_appointment",
        )
    },
    **{
        name: Case(by_id("appointments"), OWNERS)
        for name in (
            "start_appointment",
            "complete_appointment",
            "mark_appointment_no_show",
            "get_appointment",
            "get_appointment_means",
        )
    },
    "move_appointment": Case(
        change_of(schemas.AppointmentMove, "appointments", starts_at=THEN), OWNERS
    ),
    "cancel_appointment": Case(change_of(schemas.AppointmentCancel, "appointments"), OWNERS),
    "update_appointment": Case(
        change_of(schemas.AppointmentUpdate, "appointments", notes="Shy"), OWNERS
    ),
    "list_strayed_appointments": Case(lambda w: schemas.OfClinic(clinic_id=w.id("clinics"))),
    "reanchor_appointments": Case(lambda w: schemas.OfClinic(clinic_id=w.id("clinics"))),
    "expire_holds": Case(lambda _: schemas.Upkeep()),
    "find_slots": Case(_slots),
    "find_next_slot": Case(
        lambda w: schemas.NextSlotQuery(
            clinic_ids=(w.id("clinics"),), service=ServiceType.WELLNESS_EXAM, within_days=2
        )
    ),
    "list_practitioners": Case(lambda w: schemas.PractitionerQuery(clinic_id=w.id("clinics"))),
    "find_slots_nearby": Case(
        lambda _: schemas.NearbySlotQuery(
            latitude=47.6,
            longitude=-122.3,
            service=ServiceType.WELLNESS_EXAM,
            start=THEN,
            end=THEN + timedelta(days=1),
        )
    ),
    "day_sheet": Case(lambda w: schemas.DayQuery(clinic_id=w.id("clinics"), day=THEN.date())),
    "list_impossible_appointments": Case(
        lambda w: schemas.ImpossibleQuery(clinic_id=w.id("clinics"))
    ),
    "read_calendar": Case(
        lambda w: schemas.CalendarQuery(
            pet_id=w.id("pets"), start=THEN, end=THEN + timedelta(days=1)
        ),
        OWNERS,
    ),
    "get_calendar_message": Case(
        lambda w: schemas.CalendarMessageQuery(id=w.id("appointments")), OWNERS
    ),
    "join_waitlist": Case(_waits, OWNERS),
    "update_waitlist_entry": Case(
        change_of(schemas.WaitlistEntryUpdate, "waitlist_entries", notes="Any time"), OWNERS
    ),
    **{
        name: Case(by_id("waitlist_entries"), OWNERS)
        for name in ("leave_waitlist", "accept_offer", "decline_offer", "get_waitlist_entry")
    },
    "offer_slot": Case(lambda w: schemas.SlotOffer(clinic_id=w.id("clinics"))),
    "expire_offers": Case(lambda w: schemas.OfClinic(clinic_id=w.id("clinics"))),
}

_PETS: Final[Mapping[str, Case]] = {
    # Whoever works nowhere registers what is theirs.
    "create_pet": Case(
        lambda w: schemas.PetCreate(
            name="New", species=Species.DOG, primary_clinic_id=w.id("clinics")
        ),
        NO_MEMBERSHIP,
    ),
    "update_pet": Case(change_of(schemas.PetUpdate, "pets", name="Max"), OWNERS),
    "retire_pet": Case(change_of(schemas.PetRetire, "pets", status="deceased"), OWNERS),
    "delete_pet": Case(by_id("pets"), OWNERS, is_owned=True),
    "restore_pet": Case(by_id("pets"), OWNERS, is_owned=True),
    "get_pet": Case(by_id("pets"), OWNERS),
    "transfer_pet": Case(
        lambda w: schemas.PetTransfer(id=w.id("pets"), owner_id=w.people["stranger"]),
        THEMSELVES,
        is_owned=True,
    ),
    "share_pet": Case(
        lambda w: schemas.PetShare(id=w.id("pets"), user_id=w.people["stranger"]), OWNERS
    ),
    "unshare_pet": Case(
        lambda w: schemas.PetUnshare(id=w.id("pets"), user_id=w.people["co_owner"]), OWNERS
    ),
    "list_co_owners": Case(by_id("pets"), OWNERS),
    "merge_pets": Case(lambda w: schemas.PetMerge(id=w.id("pets"), other_id=w.twin), OWNERS),
}

_RELATIONS: Final[Mapping[str, Case]] = {
    "register_patient": Case(
        lambda w: schemas.ClinicPatientAct(pet_id=w.id("pets"), clinic_id=w.there), OWNERS
    ),
    "end_patient": Case(
        lambda w: schemas.ClinicPatientAct(pet_id=w.id("pets"), clinic_id=w.id("clinics")), OWNERS
    ),
    "get_patient": Case(by_id("clinic_patients"), OWNERS),
    "read_in_emergency": Case(
        lambda w: schemas.EmergencyRead(
            clinic_id=w.id("clinics"), pet_id=w.stranger_pet, reason="Hit by a car"
        )
    ),
    "get_emergency_access": Case(by_id("emergency_accesses"), OWNERS),
    "invite_patient": Case(
        lambda w: schemas.PatientInvite(clinic_id=w.id("clinics"), email="new@example.com")
    ),
    "invite_colleague": Case(
        lambda w: schemas.ColleagueInvite(
            clinic_id=w.id("clinics"),
            email="new@example.com",
            terms={"role": Role.RECEPTIONIST, "starts_on": THEN.date()},
        )
    ),
    # The owner has asked a stranger to look after the pet with them.
    "accept_invitation": Case(change_of(schemas.InvitationAccept, "invitations"), INVITED),
    "decline_invitation": Case(by_id("invitations"), INVITED),
    "withdraw_invitation": Case(by_id("invitations"), INVITED | OWNERS),
    "get_invitation": Case(by_id("invitations"), INVITED | OWNERS),
    "redeem_invitation": Case(change_of(schemas.InvitationRedeem, "invitations", code="12345678")),
    "claim_invitation_codes": Case(lambda _: schemas.InvitationCodeClaim()),
}

_PEOPLE: Final[Mapping[str, Case]] = {
    "create_user": Case(
        lambda _: schemas.UserCreate(email="new@example.com", first_name="N", last_name="Ew"),
        anywhere=True,
    ),
    "update_user": Case(change_of(schemas.UserUpdate, "users", first_name="Ann"), THEMSELVES),
    **{
        name: Case(by_id("users"), THEMSELVES)
        for name in ("suspend_user", "reactivate_user", "delete_user", "restore_user", "get_user")
    },
    # The technician is no veterinarian yet.
    "create_veterinarian": Case(
        lambda w: schemas.VeterinarianCreate(
            user_id=w.people["technician"], license_number="N1", license_jurisdiction="US-WA"
        ),
        frozenset({"technician"}),
    ),
    "update_veterinarian": Case(
        change_of(schemas.VeterinarianUpdate, "veterinarians", biography="Kind"), VETERINARIAN
    ),
    **{
        name: Case(by_id("veterinarians"), VETERINARIAN)
        for name in ("delete_veterinarian", "restore_veterinarian", "get_veterinarian")
    },
    "create_time_off": Case(
        lambda w: schemas.TimeOffCreate(
            practitioner_id=w.people["veterinarian"],
            starts_at=THEN,
            ends_at=THEN + timedelta(days=1),
        ),
        VETERINARIAN,
    ),
    "update_time_off": Case(
        change_of(schemas.TimeOffUpdate, "time_off", reason="Rest"), VETERINARIAN
    ),
    **{
        name: Case(by_id("time_off"), VETERINARIAN)
        for name in ("delete_time_off", "restore_time_off", "get_time_off")
    },
}

_CLINICS: Final[Mapping[str, Case]] = {
    "create_clinic": Case(
        lambda _: schemas.ClinicCreate(
            name="New",
            timezone="Europe/London",
            opening_hours="Mo-Fr 08:00-18:00",
            address=Address(line1="1", city="Leeds", postal_code="LS1 1AA", country="GB"),
        )
    ),
    "update_clinic": Case(change_of(schemas.ClinicUpdate, "clinics", name="Better")),
    **{name: Case(by_id("clinics")) for name in ("delete_clinic", "restore_clinic", "get_clinic")},
    "find_nearest_clinics": Case(lambda _: schemas.NearbyQuery(latitude=47.6, longitude=-122.3)),
    "find_open_clinics": Case(lambda w: schemas.OpenQuery(clinic_ids=(w.id("clinics"),), at=THEN)),
    "create_room": Case(lambda w: schemas.RoomCreate(clinic_id=w.id("clinics"), name="Yellow")),
    "update_room": Case(change_of(schemas.RoomUpdate, "rooms", name="Green")),
    **{name: Case(by_id("rooms")) for name in ("delete_room", "restore_room", "get_room")},
    "create_equipment": Case(
        lambda w: schemas.EquipmentCreate(
            clinic_id=w.id("clinics"), name="Mobile unit", kind="dental_unit"
        )
    ),
    "update_equipment": Case(change_of(schemas.EquipmentUpdate, "equipment", name="Old unit")),
    **{
        name: Case(by_id("equipment"))
        for name in ("delete_equipment", "restore_equipment", "get_equipment")
    },
    "create_closure": Case(
        lambda w: schemas.ClinicClosureCreate(
            clinic_id=w.id("clinics"),
            first_on=THEN.date(),
            last_on=THEN.date(),
            reason="Painting",
        )
    ),
    "update_closure": Case(
        change_of(schemas.ClinicClosureUpdate, "clinic_closures", reason="Painting")
    ),
    **{
        name: Case(by_id("clinic_closures"))
        for name in ("delete_closure", "restore_closure", "get_closure")
    },
    "create_membership": Case(
        lambda w: schemas.StaffMembershipCreate(
            user_id=w.people["stranger"],
            clinic_id=w.id("clinics"),
            role=Role.RECEPTIONIST,
            starts_on=THEN.date(),
        )
    ),
    "update_membership": Case(
        change_of(
            schemas.StaffMembershipUpdate, "staff_memberships", working_hours="Mo 08:00-12:00"
        ),
        VETERINARIAN,
    ),
    "end_membership": Case(
        change_of(schemas.StaffMembershipEnd, "staff_memberships", ends_on=THEN.date()),
        VETERINARIAN,
    ),
    **{
        name: Case(by_id("staff_memberships"), VETERINARIAN)
        for name in ("delete_membership", "restore_membership", "get_membership")
    },
}

_MEDICAL: Final[Mapping[str, Case]] = {
    "open_record": Case(
        lambda w: schemas.MedicalRecordCreate(pet_id=w.id("pets"), clinic_id=w.id("clinics"))
    ),
    "write_note": Case(change_of(schemas.MedicalRecordUpdate, "medical_records", plan="Rest")),
    "record_vitals": Case(
        change_of(schemas.MedicalRecordVitals, "medical_records", vitals={"pain_score": 1})
    ),
    "add_diagnosis": Case(
        change_of(
            schemas.MedicalRecordDiagnosis, "medical_records", diagnosis={"description": "Sprain"}
        )
    ),
    "prescribe": Case(
        change_of(
            schemas.MedicalRecordPrescription,
            "medical_records",
            prescription={"drug": "Amoxicillin", "dose": "50 mg", "frequency": "daily"},
        )
    ),
    "sign_record": Case(change_of(schemas.MedicalRecordSign, "medical_records")),
    "seal_earlier_records": Case(lambda _: schemas.OfClinic()),
    "verify_records": Case(
        lambda world: schemas.MedicalRecordVerify(clinic_id=world.id("clinics"))
    ),
    "add_addendum": Case(change_of(schemas.MedicalRecordAddendum, "medical_records", text="Well")),
    "get_record": Case(by_id("medical_records"), OWNERS),
    "list_addenda": Case(by_id("medical_records"), OWNERS),
    "add_allergy": Case(
        change_of(schemas.AllergyAdd, "pets", allergy={"substance": "Chicken"}), OWNERS
    ),
    "add_condition": Case(
        change_of(schemas.ConditionAdd, "pets", condition={"name": "Arthritis"}), OWNERS
    ),
    "add_medication": Case(
        change_of(schemas.MedicationAdd, "pets", medication={"name": "Carprofen"}), OWNERS
    ),
    "add_surgery": Case(
        change_of(
            schemas.SurgeryAdd,
            "pets",
            surgery={"procedure": "Spay", "performed_on": date(2025, 3, 1)},
        ),
        OWNERS,
    ),
    "record_weight": Case(
        change_of(
            schemas.WeightAdd,
            "pets",
            weight={"kilograms": "21.5", "measured_at": datetime(2026, 3, 1, tzinfo=UTC)},
        ),
        OWNERS,
    ),
    "record_vaccination": Case(
        change_of(
            schemas.VaccinationAdd,
            "pets",
            vaccination={"antigens": ["rabies"], "administered_on": date(2026, 3, 1)},
        ),
        OWNERS,
    ),
    "refresh_due_date": Case(by_id("pets"), OWNERS),
    "claim_reminders": Case(lambda _: schemas.ReminderClaim(worker="w", until=THEN.date())),
    "reminder_sent": Case(
        change_of(schemas.ReminderSent, "vaccination_reminders", worker="w", channel="email")
    ),
    "reminder_failed": Case(
        change_of(schemas.ReminderFailed, "vaccination_reminders", worker="w", error="no answer")
    ),
    "drop_reminders": Case(lambda w: schemas.ReminderDrop(pet_id=w.id("pets"))),
    "get_reminder": Case(by_id("vaccination_reminders"), OWNERS),
}

CASES: Final[Mapping[str, Case]] = {
    **_SCHEDULING,
    **_PETS,
    **_RELATIONS,
    **_MEDICAL,
    **_PEOPLE,
    **_CLINICS,
}
"""By the name of the operation; lists and searches are in ``questions.py``."""
