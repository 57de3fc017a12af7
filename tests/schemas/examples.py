"""What a form would send for each entity, complete and right."""

from typing import Any

from pydantic import BaseModel

import vetcore.schemas
from vetcore.schemas.base import Create, Response, Update
from vetcore.values.schedules import DEFAULT_SCHEDULES

ID = "0192e4a0-0000-7000-8000-000000000001"
OTHER_ID = "0192e4a0-0000-7000-8000-000000000002"
ADDRESS = {"line1": "1 Main St", "city": "Seattle", "postal_code": "98107", "country": "US"}

SCHEMAS: list[type[BaseModel]] = [
    getattr(vetcore.schemas, name) for name in vetcore.schemas.__all__
]
CREATES: list[type[Create]] = [one for one in SCHEMAS if issubclass(one, Create)]
UPDATES: list[type[Update]] = [one for one in SCHEMAS if issubclass(one, Update)]
ADDENDA: list[type[Response]] = [
    vetcore.schemas.RecordAddendumResponse,
    vetcore.schemas.RecordAddendumStaffResponse,
    vetcore.schemas.ApiKeyResponse,
    vetcore.schemas.PasskeyResponse,
    vetcore.schemas.UserSessionResponse,
]
"""Responses about rows that are no entity."""
RESPONSES: list[type[Response]] = [
    one for one in SCHEMAS if issubclass(one, Response) and one not in ADDENDA
]
OF_ENTITIES: list[type[BaseModel]] = [*CREATES, *UPDATES, *RESPONSES]
"""What has the fields of an entity; the others are acts and questions."""
SUMMARIES: list[type[BaseModel]] = [one for one in SCHEMAS if one.__name__.endswith("Summary")]

FORMS: dict[str, dict[str, Any]] = {
    "Pet": {
        "owner_id": ID,
        "primary_clinic_id": OTHER_ID,
        "name": "Rex",
        "species": "dog",
        "breeds": ["Labrador Retriever"],
        "sex": "male",
        "is_neutered": True,
        "born_on": "2020-05-01",
        "birth_date_is_estimate": True,
        "died_on": "2024-05-01",
        "weight_kg": "24.5",
        "color": "black",
        "microchip": "985112345678903",
        "license_number": "S100",
        "license_jurisdiction": "US-WA-Seattle",
        "postal_code": "98107",
        "status": "deceased",
        "medical_history": {"allergies": [{"substance": "Penicillin", "severity": "severe"}]},
        "insurance": {"provider": "Trupanion", "policy_number": "X1", "deductible": "250.00"},
        "notes": "Afraid of cats.\nLoves cheese.",
    },
    "User": {
        "clerk_user_id": "user_2abc",
        "email": "ana@example.com",
        "email_verified": True,
        "phone": "+12065550123",
        "phone_verified": True,
        "first_name": "Ana",
        "last_name": "Silva",
        "role": "veterinarian",
        "status": "active",
        "locale": "pt-BR",
        "timezone": "America/Los_Angeles",
        "address": ADDRESS,
        "preferences": {"sms_enabled": True, "extra": {"theme": ["dark"]}},
        "terms_accepted_at": "2026-01-01T10:00:00Z",
        "privacy_accepted_at": "2026-01-01T10:00:00Z",
        "marketing_accepted_at": "2026-01-01T11:00:00+01:00",
    },
    "Clinic": {
        "name": "Ballard Animal Hospital",
        "kind": "general_practice",
        "status": "active",
        "license_number": "C-1",
        "license_jurisdiction": "US-WA",
        "phone": "+12065550123",
        "email": "desk@example.com",
        "website": "https://example.com/",
        "address": ADDRESS,
        "subdivision": "US-WA",
        "latitude": 47.6687,
        "longitude": -122.3847,
        "timezone": "America/Los_Angeles",
        "opening_hours": "Mo-Fr 08:00-18:00",
        "services": {"offerings": [{"service": "wellness_exam", "duration_minutes": 30}]},
        "specialties": ["dentistry"],
        "species_treated": ["dog", "cat"],
        "booking_policy": {"step_minutes": 30},
        "vaccination_schedules": [DEFAULT_SCHEDULES[0].model_dump(mode="json")],
        "accepts_new_patients": True,
        "accepts_emergencies": True,
        "accepts_walk_ins": True,
        "manager_id": ID,
    },
    "ClinicClosure": {
        "clinic_id": ID,
        "first_on": "2026-12-24",
        "last_on": "2026-12-26",
        "opening_hours": "10:00-14:00",
        "reason": "Christmas",
    },
    "ScheduleBlock": {
        "clinic_id": ID,
        "practitioner_id": OTHER_ID,
        "room_id": None,
        "label": "Lunch",
        "first_on": "2026-03-02",
        "last_on": "2026-12-18",
        "hours": "Mo-Fr 12:00-13:00",
    },
    "Room": {"clinic_id": ID, "name": "Room 1", "kind": "surgery"},
    "Equipment": {"clinic_id": ID, "name": "Dental unit 1", "kind": "dental_unit"},
    "Veterinarian": {
        "user_id": ID,
        "license_number": "VT-1",
        "license_jurisdiction": "US-WA",
        "license_status": "active",
        "license_expires_on": "2027-12-31",
        "dea_number": "AB1234563",
        "credentials": [{"kind": "degree", "issuer": "Washington State University"}],
        "specializations": ["surgery"],
        "species_treated": ["dog"],
        "languages": ["en", "es"],
        "biography": "Twenty years of surgery.",
        "accepts_new_patients": False,
    },
    "TimeOff": {
        "practitioner_id": ID,
        "starts_at": "2026-07-01T00:00:00-07:00",
        "ends_at": "2026-07-15T00:00:00-07:00",
        "kind": "training",
        "reason": "Congress",
    },
    "StaffMembership": {
        "user_id": ID,
        "clinic_id": OTHER_ID,
        "role": "veterinarian",
        "employment": "locum",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "working_hours": "Mo,We 08:00-12:00",
    },
    "Appointment": {
        "clinic_id": ID,
        "service": "wellness_exam",
        "pet_id": OTHER_ID,
        "starts_at": "2030-03-09T09:00:00-07:00",
        "practitioner_id": ID,
        "room_id": ID,
        "assistant_ids": [ID],
        "equipment_ids": [OTHER_ID],
        "follow_up_of_id": OTHER_ID,
        "priority": "urgent",
        "duration_minutes": 45,
        "reason": "Limps",
        "notes": "Please call first",
        "internal_notes": "Bites",
        "estimated_cost": "120.50",
        "actual_cost": "130.00",
        "currency": "USD",
        "overrides": ["minimum_notice"],
        "squeeze_reason": "Hit by a car",
        "hold_expires_at": "2030-03-09T08:00:00-07:00",
    },
    "WaitlistEntry": {
        "clinic_id": ID,
        "pet_id": OTHER_ID,
        "service": "surgery",
        "practitioner_id": ID,
        "priority": "urgent",
        "earliest_at": "2090-03-09T09:00:00-07:00",
        "latest_at": "2090-03-23T09:00:00-07:00",
        "notes": "Mornings only",
    },
    "MedicalRecord": {
        "pet_id": ID,
        "clinic_id": ID,
        "practitioner_id": OTHER_ID,
        "appointment_id": OTHER_ID,
        "visited_at": "2026-03-09T09:00:00-07:00",
        "chief_complaint": "Limps",
        "subjective": "Since Monday",
        "objective": "Pain on palpation",
        "assessment": "Sprain",
        "plan": "Rest",
        "vitals": {"weight_kg": "24.5", "temperature_c": "38.5"},
        "diagnoses": [{"description": "Sprain"}],
        "prescriptions": [{"drug": "Carprofen", "dose": "2 mg/kg", "frequency": "every 12 hours"}],
    },
}


ANSWERED = ("AppointmentSeries", "ClinicPatient", "EmergencyAccess", "Invitation")
"""Entities that operations make and change: they come in by no form, and go out as any other."""


def entity_of(schema: type[BaseModel]) -> str:
    """The name of the entity that a schema is of: the longest one that begins its name."""
    return max((one for one in (*FORMS, *ANSWERED) if schema.__name__.startswith(one)), key=len)


def form(schema: type[BaseModel]) -> dict[str, Any]:
    """A form for ``schema``: every field of it that the entity's form has, if it is of one."""
    if schema not in OF_ENTITIES:
        return {}
    sent = FORMS.get(entity_of(schema), {})
    return {name: value for name, value in sent.items() if name in schema.model_fields}
