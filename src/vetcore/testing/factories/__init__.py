"""Factories of entities and Create schemas that are consistent, realistic and reproducible.

``make_pet(species=Species.CAT)`` makes one in memory, with what it belongs to; ``await
create(session, make_pet)`` writes it. Whatever is not given fits what is: the breed the species, the
weight the breed, vaccinations the date of birth, an appointment the clinic's hours and catalogue.

They are plain functions and not polyfactory's classes: nearly every field depends on another one, of
the same row or of a related one, so that each would need a function of ours all the same, and a
general factory fills JSON documents and relations at random.
"""

from vetcore.testing.factories.chance import MOST_SEEDS, seeded
from vetcore.testing.factories.clinics import (
    make_clinic,
    make_clinic_closure,
    make_equipment,
    make_room,
    make_schedule_block,
)
from vetcore.testing.factories.invitations import make_invitation
from vetcore.testing.factories.people import (
    make_staff_membership,
    make_time_off,
    make_user,
    make_veterinarian,
)
from vetcore.testing.factories.pets import (
    make_clinic_patient,
    make_emergency_access,
    make_pet,
    make_pet_co_owner,
    make_vaccination_reminder,
)
from vetcore.testing.factories.registering import FACTORIES, factory
from vetcore.testing.factories.series import make_appointment_series
from vetcore.testing.factories.storing import create, create_all, create_many, make_create
from vetcore.testing.factories.visits import (
    make_appointment,
    make_medical_record,
    make_waitlist_entry,
    make_webhook_delivery,
)

__all__ = [
    "FACTORIES",
    "MOST_SEEDS",
    "create",
    "create_all",
    "create_many",
    "factory",
    "make_appointment",
    "make_appointment_series",
    "make_clinic",
    "make_clinic_closure",
    "make_clinic_patient",
    "make_create",
    "make_emergency_access",
    "make_equipment",
    "make_invitation",
    "make_medical_record",
    "make_pet",
    "make_pet_co_owner",
    "make_room",
    "make_schedule_block",
    "make_staff_membership",
    "make_time_off",
    "make_user",
    "make_vaccination_reminder",
    "make_veterinarian",
    "make_waitlist_entry",
    "make_webhook_delivery",
    "seeded",
]
