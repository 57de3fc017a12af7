"""A factory registers itself, under the model that it returns."""

from typing import Any

import pytest

from vetcore.models import Pet
from vetcore.testing import factory
from vetcore.testing.factories import FACTORIES, make_pet


def test_a_factory_is_found_by_its_model() -> None:
    assert FACTORIES[Pet] is make_pet
    assert factory(make_pet) is make_pet, "a module that is loaded again is no second factory"


def test_a_second_factory_of_a_model_is_refused() -> None:
    def make_another(**_: Any) -> Pet:
        return Pet()

    with pytest.raises(TypeError, match="Pet has two factories, make_pet and make_another"):
        factory(make_another)


def test_a_factory_says_what_it_makes() -> None:
    def make_something(**_: Any) -> Any:
        return Pet()

    with pytest.raises(TypeError, match="make_something does not say"):
        factory(make_something)
