"""A clinic's place: its country, the part of it, and the holidays that are known there."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests import examples
from tests.schemas.examples import form
from vetcore.errors import InvalidValue
from vetcore.schemas import ClinicCreate, ClinicResponse, ClinicSummary, ClinicUpdate

BERLIN = {"line1": "Uferweg 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
ISLAND = {"line1": "Hut 1", "city": "Nyrøysa", "country": "BV"}


def _clinic(**given: Any) -> ClinicCreate:
    return ClinicCreate.model_validate(form(ClinicCreate) | given)


def test_the_part_of_the_country_is_kept_in_capitals() -> None:
    assert _clinic(subdivision=" us-ca ").subdivision == "US-CA"
    assert _clinic(subdivision=None).subdivision is None
    assert _clinic(address=BERLIN, subdivision="de-be").subdivision == "DE-BE"
    assert "subdivision" in ClinicSummary.model_fields
    assert "subdivision" in ClinicResponse.model_fields


@pytest.mark.parametrize(
    ("subdivision", "rule"),
    [
        ("US", "subdivision: is not an ISO 3166-2 code"),
        ("CA", "subdivision: is not an ISO 3166-2 code"),
        ("", "subdivision: is not an ISO 3166-2 code"),
        ("US-CALI", "subdivision: is not an ISO 3166-2 code"),
        ("XX-CA", "subdivision: is not an ISO 3166-2 code"),
        ("California", "subdivision: is not an ISO 3166-2 code"),
        ("GB-SCT", "subdivision: is not a part of US, where the address is"),
        ("US-XX", "subdivision: is no part of US whose public holidays are known"),
    ],
)
def test_a_part_that_the_country_does_not_have_is_refused(subdivision: str, rule: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _clinic(subdivision=subdivision)
    (issue,) = caught.value.errors()
    assert issue["loc"] == ("subdivision",)
    assert rule in issue["msg"]


def test_hours_with_holidays_need_a_calendar_of_the_country() -> None:
    _clinic(address=ISLAND, subdivision=None, opening_hours="Mo-Fr 08:00-18:00")
    with pytest.raises(ValidationError) as caught:
        _clinic(address=ISLAND, subdivision=None, opening_hours="Mo-Fr 08:00-18:00; PH off")
    (issue,) = caught.value.errors()
    assert issue["loc"] == ("opening_hours",)
    assert "no public holidays of BV are known" in issue["msg"]


def test_a_change_is_judged_with_the_rest_of_the_row() -> None:
    clinic = examples.clinic()
    ClinicUpdate(subdivision="US-WA").apply_to(clinic)
    assert clinic.subdivision == "US-WA"
    with pytest.raises(InvalidValue, match="subdivision: is not a part of US"):
        ClinicUpdate(subdivision="GB-SCT").apply_to(clinic)
    with pytest.raises(InvalidValue, match="subdivision: is not a part of DE"):
        ClinicUpdate.model_validate({"address": BERLIN}).apply_to(clinic)
    ClinicUpdate.model_validate({"address": BERLIN, "subdivision": "DE-BE"}).apply_to(clinic)
    ClinicUpdate(subdivision=None).apply_to(clinic)
    assert clinic.subdivision is None
