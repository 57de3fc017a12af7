"""The law of the documents: after a trip through JSON each is what it was."""

import importlib
import pkgutil
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import pydantic
import pytest
from annotated_types import Ge, Gt, Le, MinLen, MultipleOf
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

import vetcore.values
from vetcore.errors import InvalidInput
from vetcore.values.countries import COUNTRIES
from vetcore.values.documents import Document
from vetcore.values.services import PERFORMING


def _below(cls: type[Document]) -> Iterator[type[Document]]:
    for kind in cls.__subclasses__():
        yield kind
        yield from _below(kind)


for _module in pkgutil.iter_modules(vetcore.values.__path__):
    importlib.import_module(f"vetcore.values.{_module.name}")
DOCUMENTS = sorted(
    (kind for kind in _below(Document) if kind.__module__.startswith("vetcore.values.")),
    key=lambda kind: kind.__name__,
)

# Rules that tie fields together refuse many a random document.
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
# What no general rule of a type tells: the words of closed lists.
NAMED: dict[str, st.SearchStrategy[Any]] = {
    "country": st.sampled_from(sorted(COUNTRIES)),
    "currency": st.sampled_from(["USD", "EUR", "JPY", "KWD"]),
    "language": st.sampled_from(["en", "pt-BR", "zh-Hant"]),
    "document_url": st.sampled_from(["https://example.org/a.pdf", "http://example.org:8080/?q=ä"]),
    "hours": st.sampled_from(["Tu 08:00-12:00", "Mo-Fr 11:00-12:00,16:00-17:00", "24/7"]),
    "service": st.sampled_from(["surgery", "vaccination", "nail_trim"]),
    "services": st.lists(st.sampled_from(["emergency", "nail_trim"]), min_size=1, max_size=2),
    "performed_by": st.lists(st.sampled_from(PERFORMING), min_size=1, max_size=3),
    "specialty": st.none(),
    "colour": st.sampled_from(["#2f6f4e", "#000000"]),
    "opens": st.times().map(lambda value: value.replace(second=0, microsecond=0)),
    "closes": st.times().map(lambda value: value.replace(second=0, microsecond=0)),
    "extra": st.dictionaries(st.text(max_size=9), JSON, max_size=3),
}


def _values(name: str, annotation: Any, rules: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Values for a field, most of which its rules let pass."""
    if name in NAMED:
        return NAMED[name]
    if typing.get_origin(annotation) is Annotated:
        inner, *more = typing.get_args(annotation)
        nested = [rule.metadata if isinstance(rule, FieldInfo) else [rule] for rule in more]
        return _values(name, inner, (*rules, *(rule for some in nested for rule in some)))
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        some = [_values(name, one, rules) for one in arguments if one is not type(None)]
        return st.one_of(*some)
    if typing.get_origin(annotation) is tuple:
        least = max((rule.min_length for rule in rules if isinstance(rule, MinLen)), default=0)
        return st.lists(_values("", arguments[0], ()), min_size=least, max_size=least + 2)
    return _scalars(annotation, rules)


def _scalars(kind: Any, rules: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if kind is AwareDatetime:
        zones = st.timezones()
        return st.datetimes(datetime(1901, 1, 1), datetime(2198, 1, 1), timezones=zones)  # noqa: DTZ001
    if issubclass(kind, Document):
        return documents(kind)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    if kind in {int, float, Decimal}:
        return _numbers(kind, rules)
    return _OTHERS[kind]


def _numbers(kind: type, rules: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    low: Any = next((rule.ge for rule in rules if isinstance(rule, Ge)), None)
    low = next((rule.gt for rule in rules if isinstance(rule, Gt)), low)
    high: Any = next((rule.le for rule in rules if isinstance(rule, Le)), 10_000)
    if kind is float:
        return st.floats(low, high)
    if kind is Decimal:
        places = [rule.decimal_places for rule in rules if hasattr(rule, "decimal_places")]
        return st.decimals(low, high, places=min(places, default=0))
    step: Any = next((rule.multiple_of for rule in rules if isinstance(rule, MultipleOf)), 1)
    return st.integers(low, high).map(lambda number: number - number % step)


_OTHERS: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(min_size=1, max_size=20),
    bool: st.booleans(),
    date: st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    time: st.times(),
    UUID: st.uuids(),
}


@st.composite
def documents(draw: st.DrawFn, kind: type[Document]) -> Document:
    """Documents of a kind, with each optional field given or not."""
    given_: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        if field.is_required() or draw(st.booleans()):
            given_[name] = draw(_values(name, field.annotation, tuple(field.metadata)))
    try:
        return kind.model_validate(given_)
    except pydantic.ValidationError:
        reject()


@pytest.mark.parametrize("kind", DOCUMENTS)
@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_a_document_is_the_same_after_a_trip_through_json(
    kind: type[Document], data: st.DataObject
) -> None:
    document = data.draw(documents(kind))
    written = document.model_dump_json()
    assert kind.model_validate_json(written) == document
    assert kind.model_validate(document.model_dump(mode="json")) == document
    assert kind.model_validate(document.model_dump()) == document
    assert kind.model_validate_json(written).model_dump_json() == written
    assert "\\u0000" not in written


@pytest.mark.parametrize("kind", DOCUMENTS)
@settings(max_examples=10, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_a_document_is_replaced_and_never_changed(
    kind: type[Document], data: st.DataObject
) -> None:
    document = data.draw(documents(kind))
    assert document.replace() == document
    assert hash(document) == hash(document.replace())
    name = next(iter(kind.model_fields))
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        setattr(document, name, getattr(document, name))
    with pytest.raises(InvalidInput, match="no_such_field"):
        document.replace(no_such_field=1)


def test_instants_come_back_in_utc() -> None:
    weighed = next(kind for kind in DOCUMENTS if kind.__name__ == "WeightMeasurement")
    written: Mapping[str, object] = {
        "kilograms": "21.5",
        "measured_at": "2026-03-08T01:30:00-05:00",
    }
    document = weighed.model_validate(written)
    assert document.model_dump()["measured_at"] == datetime(2026, 3, 8, 6, 30, tzinfo=UTC)


def test_there_are_documents_to_hold_the_law() -> None:
    names = {kind.__name__ for kind in DOCUMENTS}
    assert {"Address", "MedicalHistory", "Preferences", "Vaccination", "WeeklyHours"} <= names
