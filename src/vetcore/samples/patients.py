"""The pets of the sample world, with what was done for them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from vetcore.models import Clinic, ClinicPatient, Pet
from vetcore.samples.reading import ago
from vetcore.values.animals import Sex, Species
from vetcore.values.dates import add_months
from vetcore.values.medical import (
    Allergy,
    Condition,
    MedicalHistory,
    Medication,
    Surgery,
    WeightMeasurement,
)
from vetcore.values.relations import PatientOrigin
from vetcore.values.schedules import DEFAULT_SCHEDULES, next_due_on, replace_schedules
from vetcore.values.vaccination import Antigen, Vaccination, VaccinationRoute, chronological

__all__ = ["pet"]

_WEIGHINGS = (("13m", "0.97"), ("7m", "1.02"), ("6w", "1"))
"""How long ago pets were weighed, and the share of their present weight that they had."""

_HISTORY: tuple[tuple[str, Any, Mapping[str, str]], ...] = (
    ("allergies", Allergy, {"noted": "noted_on"}),
    ("conditions", Condition, {"diagnosed": "diagnosed_on", "resolved": "resolved_on"}),
    ("medications", Medication, {"started": "started_on", "ended": "ended_on"}),
    ("surgeries", Surgery, {"performed": "performed_on"}),
)
"""The sections of a history, their shape, and which spans become which dates."""


def pet(  # noqa: PLR0913 -- what a pet is made of
    given: dict[str, str],
    *,
    today: date,
    key: UUID,
    number: int,
    owner_id: UUID,
    clinic: Clinic,
    given_by: UUID,
    vaccines: Mapping[str, Any],
    history: Mapping[str, Any],
) -> Pet:
    """Return a pet from a row of ``pets.csv``."""
    born_on = ago(given["age"], today)
    weight = Decimal(given["weight_kg"])
    vaccinations = chronological(
        _vaccination(
            vaccines[code], ago(span, today), key=uuid5(key, f"{code}@{span}"), given_by=given_by
        )
        for code, _, span in (entry.partition("@") for entry in given["vaccinations"].split())
    )
    return Pet(
        id=key,
        owner_id=owner_id,
        primary_clinic_id=clinic.id,
        patient_of=[
            ClinicPatient(
                id=uuid5(key, "patient"),
                clinic_id=clinic.id,
                origin=PatientOrigin.OWNER,
                agreed_at=datetime.combine(max(born_on, ago("2y", today)), time(12), UTC),
                agreed_by_id=owner_id,
                counts_for_owner=True,
            )
        ],
        name=given["name"],
        species=Species(given["species"]),
        breeds=tuple(given["breeds"].split("|")) if given["breeds"] else (),
        sex=Sex(given["sex"]),
        is_neutered={"yes": True, "no": False}.get(given["neutered"]),
        born_on=born_on,
        weight_kg=weight,
        color=given["color"],
        microchip=f"999{10_000_000_000 + 7919 * number:012d}" if given["microchip"] else None,
        medical_history=_history(history, weight, born_on, today),
        vaccinations=vaccinations,
        next_vaccination_due_on=next_due_on(
            replace_schedules(DEFAULT_SCHEDULES, clinic.vaccination_schedules),
            Species(given["species"]),
            born_on,
            vaccinations,
            today,
        ),
    )


def _vaccination(
    vaccine: Mapping[str, Any], day: date, *, key: UUID, given_by: UUID
) -> Vaccination:
    return Vaccination(
        id=key,
        antigens=tuple(Antigen(name) for name in vaccine["antigens"]),
        product=vaccine["product"],
        lot_number=f"L{key.int % 1_000_000:06d}",
        site=vaccine["site"],
        route=VaccinationRoute(vaccine["route"]),
        administered_on=day,
        administered_by_id=given_by,
        valid_until=add_months(day, vaccine["months"]),
        label_duration_months=vaccine["months"],
    )


def _history(
    given: Mapping[str, Any], weight: Decimal, born_on: date, today: date
) -> MedicalHistory:
    sections = {
        name: tuple(_entry(shape, entry, spans, today) for entry in given.get(name, ()))
        for name, shape, spans in _HISTORY
    }
    return MedicalHistory(**sections, weights=tuple(_weights(weight, born_on, today)))


def _entry(shape: Any, given: Mapping[str, Any], spans: Mapping[str, str], today: date) -> Any:
    dates = {field: ago(given[name], today) for name, field in spans.items() if name in given}
    rest = {name: value for name, value in given.items() if name not in spans}
    return shape(**rest, **dates)


def _weights(weight: Decimal, born_on: date, today: date) -> Iterator[WeightMeasurement]:
    grown_up = add_months(born_on, 12)
    for span, share in _WEIGHINGS:
        day = ago(span, today)
        if day >= grown_up:
            yield WeightMeasurement(
                kilograms=round(weight * Decimal(share), 3),
                measured_at=datetime.combine(day, time(15), UTC),
                body_condition_score=5,
            )
