"""Schemas are built when they are first used; nobody can tell, but by the time that a start takes."""

import subprocess
import sys
from typing import Any, Self

import pytest
from pydantic import BaseModel, ValidationError

from tests.schemas.examples import CREATES, SCHEMAS, UPDATES, form
from vetcore.schemas import AppointmentCreate, AppointmentHoldCreate, PetCreate
from vetcore.schemas.base import Create
from vetcore.values.documents import Document


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_schema_can_be_built(schema: type[BaseModel]) -> None:
    schema.model_rebuild()
    assert schema.__pydantic_complete__
    assert schema.model_json_schema()["type"] == "object"


def test_neither_a_schema_nor_a_document_is_built_before_it_is_used() -> None:
    """However many classes are between it and the first."""
    code = """
import vetcore.models, vetcore.schemas
from vetcore.schemas.base import Schema
from vetcore.values.documents import Document
def below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from below(each)
for name in vetcore.schemas.__all__:
    getattr(vetcore.schemas, name)
kinds = [*below(Schema), *below(Document)]
assert len(kinds) > 70, len(kinds)
assert [each for each in kinds if each.__pydantic_complete__] == []
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_document_can_be_built() -> None:
    kinds = list(Document.__subclasses__())
    while kinds:
        kind = kinds.pop()
        kinds.extend(kind.__subclasses__())
        kind.model_rebuild()
        assert kind.__pydantic_complete__


def test_a_subclass_is_not_answered_for_by_its_parent() -> None:
    AppointmentCreate.model_validate(form(AppointmentCreate))
    held = AppointmentHoldCreate.model_validate(form(AppointmentHoldCreate))
    assert type(held) is AppointmentHoldCreate
    assert held.hold_expires_at is not None


def test_a_subclass_that_validates_in_its_own_way_is_asked() -> None:
    class Named(PetCreate):
        @classmethod
        def model_validate(cls, obj: Any, **options: Any) -> Self:
            return super().model_validate(obj | {"name": "Rex"}, **options)

    class Below(Named):
        """Which says nothing of its own."""

    for kind in (Named, Below):
        for _ in range(2):
            assert kind.model_validate(form(PetCreate) | {"name": "Tom"}).name == "Rex"


def test_a_schema_whose_first_use_is_in_many_threads_at_once_is_right_in_each() -> None:
    code = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from vetcore.schemas import PetCreate
together = Barrier(8)
def make(_):
    together.wait()
    return PetCreate.model_validate({"name": "Rex", "species": "dog"})
with ThreadPoolExecutor(8) as threads:
    made = list(threads.map(make, range(8)))
assert all(pet == made[0] and type(pet) is PetCreate for pet in made)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("schema", [*CREATES, *UPDATES])
def test_what_is_wrong_is_refused_at_first_use_as_ever_after(schema: type[Create]) -> None:
    class Again(schema):  # type: ignore[valid-type,misc]
        """New, and so not built."""

    told: list[str] = []
    for _ in range(2):
        with pytest.raises(ValidationError) as refused:
            Again.model_validate({"no_such_field": 1})
        told.append(str(refused.value))
    assert told[0] == told[1]
