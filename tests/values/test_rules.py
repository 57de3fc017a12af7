"""Rules that a service declares for itself, and the errors it gets."""

from dataclasses import dataclass
from typing import Annotated

import pytest
from pydantic import BaseModel, ValidationError

from vetcore.errors import InvalidInput, InvalidValue
from vetcore.values.rules import check, must, rule


@dataclass
class Stay:
    nights: int
    species: str
    kennel: str


@rule("kennel", "is not for cats", expected="the cattery")
def cats_sleep_in_the_cattery(stay: Stay) -> bool:
    return stay.species != "cat" or stay.kennel == "cattery"


@rule("nights", "is too long", code="longest_stay")
def two_weeks_at_most(stay: Stay) -> bool:
    return stay.nights <= 14


@rule("", "cannot be")
def known_species(stay: Stay) -> bool:
    if stay.species == "unicorn":
        raise InvalidValue(field="species", rule="does not exist", expected="an animal")
    return True


RULES = [cats_sleep_in_the_cattery, two_weeks_at_most, known_species]


def test_who_keeps_all_rules_is_given_back() -> None:
    stay = Stay(3, "cat", "cattery")
    assert check(stay, RULES) is stay
    assert all(one(stay) for one in RULES)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    stay = Stay(15, "cat", "north")
    with pytest.raises(InvalidInput) as refused:
        check(stay, RULES)
    assert refused.value.details == {
        "subject": "Stay",
        "issues": [
            {
                "field": "kennel",
                "rule": "cats_sleep_in_the_cattery",
                "message": "is not for cats (expected the cattery)",
            },
            {"field": "nights", "rule": "longest_stay", "message": "is too long"},
        ],
    }
    assert refused.value.problem()["code"] == "invalid_input"


def test_a_rule_may_name_another_field_itself() -> None:
    with pytest.raises(InvalidInput, match=r"^Form is not valid: species: does not exist") as error:
        check(Stay(1, "unicorn", "north"), RULES, subject="Form")
    assert error.value.details["issues"] == [
        {
            "field": "species",
            "rule": "known_species",
            "message": "does not exist (expected an animal)",
        }
    ]
    assert not known_species(Stay(1, "unicorn", "north"))


def test_an_error_of_another_kind_is_not_an_issue() -> None:
    @rule("nights", "is odd")
    def broken(stay: Stay) -> bool:
        return bool(1 / stay.nights)

    with pytest.raises(ZeroDivisionError):
        check(Stay(0, "dog", "north"), [broken])


Nights = Annotated[int, must(lambda nights: nights <= 14, "is {too} long", expected="1 to 14")]
Kennel = Annotated[str, must(str.islower, "is not a kennel", code="kennel")]


class Form(BaseModel):
    nights: Nights
    kennel: Kennel


def test_a_rule_in_a_type_lets_through_what_keeps_it() -> None:
    form = Form.model_validate({"nights": "14", "kennel": "north"})
    assert (form.nights, form.kennel) == (14, "north")


def test_pydantic_collects_what_rules_in_types_refuse() -> None:
    with pytest.raises(ValidationError) as error:
        Form(nights=15, kennel="NORTH")
    assert InvalidInput.from_pydantic(error.value).details["issues"] == [
        {
            "field": "nights",
            "rule": "business_rule",
            "message": "is {too} long (expected 1 to 14)",
            "pointer": "#/nights",
        },
        {
            "field": "kennel",
            "rule": "kennel",
            "message": "is not a kennel",
            "pointer": "#/kennel",
        },
    ]


def test_a_value_of_the_wrong_type_never_reaches_the_rule() -> None:
    with pytest.raises(ValidationError, match="int_parsing"):
        Form.model_validate({"nights": "many", "kennel": "north"})
