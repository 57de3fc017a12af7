"""What Pydantic finds is said in our own words."""

from typing import get_args

import pytest
from pydantic import BaseModel, Field, ValidationError
from pydantic_core.core_schema import ErrorType

from vetcore.errors import InvalidInput
from vetcore.errors.wording import in_our_words

OURS = {"value_error", "assertion_error"}


@pytest.mark.parametrize("kind", sorted(set(get_args(ErrorType)) - OURS))
def test_every_kind_of_pydantics_errors_has_words_of_ours(kind: str) -> None:
    said = in_our_words(kind, "Input should be what Pydantic says", {})
    assert "Pydantic" not in said
    assert said.split()[0] in {"must", "is", "cannot"}


def test_what_our_own_validators_say_is_kept() -> None:
    assert in_our_words("value_error", "Value error, is no dog", {}) == "is no dog"
    assert in_our_words("microchip", "is no microchip", {}) == "is no microchip"


def test_the_words_name_the_limits_of_the_rule() -> None:
    class Form(BaseModel):
        weight: int = Field(ge=1)
        name: str = Field(max_length=3)

    with pytest.raises(ValidationError) as caught:
        Form.model_validate({"weight": 0, "name": "Biscuit"})
    assert InvalidInput.from_pydantic(caught.value).message == (
        "Form is not valid: weight: must be 1 or more; name: must have at most 3 characters"
    )
