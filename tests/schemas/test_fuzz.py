"""Whatever is sent, the answer is a schema or a validation error."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from tests.schemas.examples import CREATES, FORMS, UPDATES, form
from vetcore.errors import InvalidInput
from vetcore.schemas.base import Create, Update

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.dates().map(str)
    | st.datetimes().map(str)
    | st.decimals().map(str)
    | st.uuids().map(str)
    | st.sampled_from(["NaN", "sNaN", "1e400", "\ud800", "\0", "9" * 400, "Mo-Fr 25:00", "+", "@"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
FIELDS = sorted({name for sent in FORMS.values() for name in sent} | {"version", "id"})


def answer(schema: type[BaseModel], sent: object) -> BaseModel | None:
    """What ``schema`` makes of it; None where it refuses it with an error that can be shown."""
    try:
        return schema.model_validate(sent)
    except ValidationError as error:
        InvalidInput.from_pydantic(error).problem()
        return None


@pytest.mark.parametrize("schema", [*CREATES, *UPDATES])
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_document_is_taken_or_refused(
    schema: type[Create | Update], data: st.DataObject
) -> None:
    sent = data.draw(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8) | JSON)
    answer(schema, sent)


@pytest.mark.parametrize("schema", [*CREATES, *UPDATES])
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_form_with_one_field_gone_wrong_is_taken_or_refused(
    schema: type[Create | Update], data: st.DataObject
) -> None:
    sent: dict[str, Any] = form(schema)
    sent[data.draw(st.sampled_from(sorted(sent)))] = data.draw(JSON)
    made = answer(schema, sent)
    if made is not None:
        # What was taken can be stored and sent on.
        assert type(made).model_validate_json(made.model_dump_json(exclude_unset=True)) == made


@settings(max_examples=100, deadline=None)
@given(body=st.text(max_size=60) | st.binary(max_size=60))
def test_any_body_is_taken_or_refused(body: str | bytes) -> None:
    for schema in (*CREATES, *UPDATES):
        with suppress(ValidationError):
            schema.model_validate_json(body)
