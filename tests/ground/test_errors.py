"""Errors in the one form that people and programs read."""

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from vetcore import errors
from vetcore.errors import HoldExpired, InvalidInput, InvalidValue, VetcoreError
from vetcore.values.animals import Species

SECRET = "4111-1111"
KEY = UUID(int=7)


def _refuse(value: str) -> str:
    raise InvalidValue(field="card", rule="is not a card", expected="16 digits", value=value)


class Payment(BaseModel):
    card: Annotated[str, AfterValidator(_refuse)]
    amount: Annotated[int, Field(gt=0)]


class Order(BaseModel):
    payments: list[Payment] = []
    note: str | None = None

    @model_validator(mode="after")
    def _say_something(self) -> "Order":
        if self.note is None:
            raise InvalidValue(field="note", rule="is missing")
        return self


def _issues(model: type[BaseModel], sent: dict[str, Any]) -> Any:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(sent)
    error = InvalidInput.from_pydantic(refused.value)
    assert SECRET not in str(error.problem())
    assert error.details["subject"] == model.__name__
    return error.details["issues"]


def test_all_issues_come_at_once_with_their_place_and_without_the_input() -> None:
    card, amount = _issues(Order, {"payments": [{"card": SECRET, "amount": 0}]})
    assert card == {
        "field": "payments.0.card",
        "rule": "value_error",
        "message": "is not a card (expected 16 digits)",
        "pointer": "#/payments/0/card",
    }
    assert (amount["field"], amount["rule"]) == ("payments.0.amount", "greater_than")


def test_what_a_framework_hands_on_of_pydantics_errors_takes_the_same_form() -> None:
    with pytest.raises(ValidationError) as refused:
        Order.model_validate({"payments": [{"card": SECRET, "amount": 0}]})
    handed_on = [
        dict(each) | {"loc": ("body", *each["loc"])}
        for each in refused.value.errors(include_input=True)
    ]
    error = InvalidInput.from_details(handed_on, subject="the request")
    issues: Any = error.details["issues"]
    assert error.details["subject"] == "the request"
    assert [issue["field"] for issue in issues] == [
        "body.payments.0.card",
        "body.payments.0.amount",
    ]
    assert issues[0]["message"] == "is not a card (expected 16 digits)"
    assert SECRET not in str(error.problem())


def test_a_rule_of_the_whole_names_the_field_that_it_is_about() -> None:
    (issue,) = _issues(Order, {})
    assert issue == {
        "field": "note",
        "rule": "value_error",
        "message": "is missing",
        "pointer": "#/note",
    }


def test_details_are_plain_enough_for_json() -> None:
    error = VetcoreError(
        "broken",
        species=Species.CAT,
        key=KEY,
        day=date(2026, 3, 8),
        moment=datetime(2026, 3, 8, tzinfo=UTC),
        amount=Decimal("1.50"),
        length=timedelta(hours=1),
        many={1: [Species.DOG, {KEY}]},
        kind=object,
        absent=None,
    )
    assert error.details == {
        "species": "cat",
        "key": str(KEY),
        "day": "2026-03-08",
        "moment": "2026-03-08T00:00:00+00:00",
        "amount": "1.50",
        "length": "1:00:00",
        "many": {"1": ["dog", [str(KEY)]]},
        "kind": "<class 'object'>",
    }
    assert error.problem(status=422, instance="/pets") == {
        "type": "urn:vetcore:error:vetcore_error",
        "title": "vetcore could not do this",
        "detail": "broken",
        "code": "vetcore_error",
        "status": 422,
        "instance": "/pets",
        "details": error.details,
    }


@pytest.mark.parametrize(
    "error",
    [
        InvalidValue(field="card", rule="is wrong", expected="right", value=1),
        HoldExpired(appointment_id=KEY, expired_at=datetime(2026, 3, 8, tzinfo=UTC)),
    ],
)
def test_an_error_survives_the_way_between_processes(error: VetcoreError) -> None:
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own
    assert type(back) is type(error)
    assert (back.message, back.details) == (error.message, error.details)
    assert str(back) == str(error)


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = [
        kind
        for name in errors.__all__
        if isinstance(kind := getattr(errors, name), type) and issubclass(kind, VetcoreError)
    ]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.title and kind.__doc__ for kind in kinds)
