"""A clinic's own services: codes, kinds, durations for some pets, and who performs them."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.booking_policy import Reserve
from vetcore.values.clinics import ServiceType, Specialty
from vetcore.values.people import Role
from vetcore.values.services import DurationFor, ServiceCatalog, ServiceOffering


def _nails(**given: Any) -> ServiceOffering:
    values: dict[str, Any] = {
        "service": "nail_trim",
        "kind": ServiceType.GROOMING,
        "duration_minutes": 15,
    }
    return ServiceOffering(**values | given)


def test_a_known_code_says_its_kind_and_its_name() -> None:
    offering = ServiceOffering(service="spay_neuter", duration_minutes=60)
    assert (offering.kind, offering.name) == (ServiceType.SPAY_NEUTER, "Spay neuter")
    assert offering.performed_by == (Role.VETERINARIAN,)


def test_a_catalogue_that_was_stored_before_is_read_as_it_was_meant() -> None:
    stored = '{"offerings": [{"service": "vaccination", "duration_minutes": 15}]}'
    (offering,) = ServiceCatalog.model_validate_json(stored)
    assert (offering.service, offering.kind) == ("vaccination", ServiceType.VACCINATION)


@pytest.mark.parametrize(
    ("given", "field", "rule"),
    [
        ({"kind": None}, "kind", "is missing for a code that names no kind"),
        ({"performed_by": ("receptionist",)}, "performed_by", "is no role that performs services"),
        (
            {"performed_by": ("groomer",), "specialty": Specialty.SURGERY},
            "specialty",
            "is for what veterinarians perform",
        ),
        ({"hours": "whenever"}, "hours", ""),
    ],
)
def test_what_makes_no_sense_is_refused_by_field_and_rule(
    given: dict[str, Any], field: str, rule: str
) -> None:
    with pytest.raises((ValidationError, InvalidValue)) as caught:
        _nails(**given)
    assert field in str(caught.value)
    assert rule in str(caught.value)


@pytest.mark.parametrize(
    "code", ["", "Nail trim", "nail-trim", "_nail", "nail__trim", "n" * 65, "é"]
)
def test_a_code_is_small_letters_and_digits(code: str) -> None:
    with pytest.raises(ValidationError):
        _nails(service=code)


def test_the_first_duration_that_is_meant_for_the_pet_counts() -> None:
    offering = _nails(
        durations=(
            DurationFor(species=(Species.CAT,), duration_minutes=20),
            DurationFor(from_kg=Decimal(30), duration_minutes=25),
            DurationFor(from_kg=Decimal(10), duration_minutes=18),
        )
    )
    for species, weight, minutes in (
        (Species.CAT, Decimal(40), 20),
        (Species.DOG, Decimal(30), 25),
        (Species.DOG, Decimal("29.999"), 18),
        (Species.DOG, Decimal("9.9"), 15),
        (Species.DOG, None, 15),
        (None, None, 15),
    ):
        assert offering.minutes_for(species, weight) == minutes


def test_the_longest_duration_fits_into_a_day_with_the_buffers() -> None:
    longest = (DurationFor(species=(Species.HORSE,), duration_minutes=1430),)
    _nails(durations=longest, buffer_after_minutes=10)
    with pytest.raises(ValidationError, match="longer than a day"):
        _nails(durations=longest, buffer_after_minutes=11)


def test_a_reserve_is_for_some_services_and_with_some_people() -> None:
    one, other = UUID(int=1), UUID(int=2)
    reserve = Reserve(hours="Mo-Fr 11:00-12:00", services=("emergency",), practitioner_ids=(one,))
    assert reserve.is_for("emergency")
    assert not reserve.is_for("vaccination")
    assert reserve.holds_with(one)
    assert not reserve.holds_with(other)
