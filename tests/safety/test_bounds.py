"""Nothing that comes in is without a bound: no text, no list, no object of free keys, no body."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import vetcore
from tests.schemas.examples import CREATES, UPDATES, form
from vetcore.errors import InvalidInput
from vetcore.models.documents import TypedDocument
from vetcore.schemas import PetCreate
from vetcore.values.documents import Document
from vetcore.values.medical import MedicalHistory
from vetcore.values.preferences import Preferences

SHORT = {"uuid", "date", "date-time", "time", "duration", "decimal", "email", "uri"}
"""Formats whose texts have a greatest length."""
OF_A_GREATEST_LENGTH_AS_JSON = {"Preferences.extra", "preferences.extra"}


def _documents() -> list[type[BaseModel]]:
    for info in pkgutil.walk_packages(vetcore.__path__, "vetcore."):
        if info.name.startswith("vetcore.values."):
            importlib.import_module(info.name)
    waiting, found = [Document], set[type[BaseModel]]()
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.startswith("vetcore."):
                found.add(kind)
                waiting.append(kind)
    return sorted(found, key=lambda kind: kind.__qualname__)


def _unbounded(  # noqa: C901 -- the shapes of a JSON schema
    schema: Any, definitions: Any, path: str, seen: frozenset[str]
) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from _unbounded(definitions[name], definitions, path, seen | {name})
        return
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    is_number = any(each.get("type") in {"number", "integer"} for each in choices)
    for each in choices:
        if not (is_number and each.get("type") == "string"):
            yield from _unbounded(each, definitions, path, seen)
    kind = schema.get("type")
    if kind == "string" and not schema.keys() & {"maxLength", "enum", "const"}:
        if schema.get("format") not in SHORT:
            yield f"{path}: text"
    elif kind == "array":
        if "maxItems" not in schema:
            yield f"{path}: list"
        yield from _unbounded(schema.get("items", {}), definitions, f"{path}[]", seen)
    elif kind == "object":
        for name, field in schema.get("properties", {}).items():
            yield from _unbounded(field, definitions, f"{path}.{name}", seen)
        free = schema.get("additionalProperties") and "maxProperties" not in schema
        if free and not path.endswith(tuple(OF_A_GREATEST_LENGTH_AS_JSON)):
            yield f"{path}: object"


@pytest.mark.parametrize(
    "kind", [*CREATES, *UPDATES, *_documents()], ids=lambda kind: kind.__name__
)
def test_every_text_list_and_object_that_comes_in_has_a_greatest_length(
    kind: type[BaseModel],
) -> None:
    schema = kind.model_json_schema(mode="validation")
    found = list(_unbounded(schema, schema.get("$defs", {}), kind.__name__, frozenset()))
    assert found == []


@pytest.mark.parametrize(
    ("name", "most"),
    [("allergies", 200), ("conditions", 500), ("medications", 1_000), ("surgeries", 500)],
)
def test_a_history_takes_so_many_entries_and_not_one_more(name: str, most: int) -> None:
    def history(count: int) -> dict[str, Any]:
        subject = {"allergies": "substance", "surgeries": "procedure"}.get(name, "name")
        needed = {"performed_on": "2020-01-01"} if name == "surgeries" else {}
        return {name: [{subject: f"no. {number}"} | needed for number in range(count)]}

    assert len(getattr(MedicalHistory.model_validate(history(most)), name)) == most
    for refuse in (
        lambda: MedicalHistory.model_validate(history(most + 1)),
        lambda: PetCreate.model_validate(form(PetCreate) | {"medical_history": history(most + 1)}),
    ):
        with pytest.raises(ValidationError, match="at most") as refused:
            refuse()
        assert refused.value.errors()[0]["loc"][-1] == name


def test_a_hundred_thousand_allergies_are_refused_on_every_way_in() -> None:
    many = {"allergies": [{"substance": f"no. {number}"} for number in range(100_000)]}
    with pytest.raises(ValidationError, match="at most 200"):
        PetCreate.model_validate(form(PetCreate) | {"medical_history": many})
    with pytest.raises(ValidationError, match="at most 200"):
        PetCreate.model_validate_json(
            json.dumps({"name": "Rex", "species": "dog", "medical_history": many})
        )
    with pytest.raises(InvalidInput, match="at most 200"):
        TypedDocument(MedicalHistory).coerce(many)


def test_weights_of_years_of_weighing_every_day_are_taken() -> None:
    weights = [
        {
            "kilograms": "4.2",
            "measured_at": f"20{10 + day // 336}-{day % 336 // 28 + 1:02}-{day % 28 + 1:02}T08:00:00Z",
        }
        for day in range(3_360)
    ]
    assert len(MedicalHistory.model_validate({"weights": weights}).weights) == 3_360


@pytest.mark.parametrize(
    "extra",
    [
        {"note": "x" * 20_000},
        {str(number): number for number in range(5_000)},
        {"n": [[[[[[[[[[1]]]]]]]]]]},
    ],
)
def test_free_preferences_are_bounded_in_length_and_depth(extra: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Preferences.model_validate({"extra": extra})


@pytest.mark.parametrize("kind", [PetCreate, MedicalHistory, Preferences])
def test_json_that_is_nested_without_end_is_refused(kind: type[BaseModel]) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    for sent in (deep, b'{"extra": ' + deep + b"}"):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_json(sent)
