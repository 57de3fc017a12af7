"""What a problem document tells strangers: what they did, and nothing of how the house is built."""

import importlib
import inspect
import json
import pkgutil
import re
import typing
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import FastAPI, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from httpx import ASGITransport, AsyncClient, Response
from pydantic import AfterValidator, BaseModel, Field
from pydantic_settings import BaseSettings

import vetcore
from vetcore.access import Permission
from vetcore.database.translation import translate
from vetcore.errors import (
    ConfigurationError,
    ConnectionFailed,
    DatabaseError,
    InvalidInput,
    InvalidValue,
    NotFound,
    PermissionDenied,
    VetcoreError,
)
from vetcore.errors.validation import MOST_ISSUES
from vetcore.schemas import PetCreate
from vetcore.values.animals import Species

DRIVER = 'Failing row contains (Ann, ann@example.com) on host db-17.internal, role "vet"'


class _Plain(Enum):
    RED = "red"


def _every() -> Iterator[type[VetcoreError]]:
    for info in pkgutil.walk_packages(vetcore.__path__, "vetcore."):
        if ".migrations." not in info.name:
            importlib.import_module(info.name)
    waiting = [VetcoreError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind.__module__.startswith("vetcore.") and not kind.__name__.startswith("_"):
            yield kind


EVERY = sorted(set(_every()), key=lambda kind: kind.__qualname__)


def _sample(annotation: Any) -> Any:
    """An argument of that type, of the sort that looks worst in a sentence."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in {typing.Union, type(int | str)}:
        return _sample(arguments[0])
    if isinstance(origin, type) and issubclass(origin, dict | typing.Mapping):
        return {"key": UUID(int=7)}
    if origin is tuple and Ellipsis not in arguments:
        return tuple(map(_sample, arguments))
    if isinstance(origin, type) and issubclass(origin, Sequence | typing.Iterable):
        return (_sample(arguments[0]),)
    samples: dict[Any, Any] = {
        UUID: UUID(int=7),
        datetime: datetime(2026, 3, 8, 9, 30, tzinfo=UTC),
        date: date(2026, 3, 8),
        timedelta: timedelta(hours=1),
        Decimal: Decimal("1.5"),
        int: 3,
        bool: True,
        str: Permission.PET_TRANSFER,
        object: _Plain.RED,
    }
    if inspect.isclass(annotation) and issubclass(annotation, Enum):
        return next(iter(annotation))
    return samples.get(annotation, _Plain.RED)


def _made(kind: type[VetcoreError]) -> VetcoreError:
    if kind is InvalidInput:
        return InvalidInput(
            [{"field": "a", "rule": Permission.PET_TRANSFER, "message": "b"}], subject="the form"
        )
    hints = typing.get_type_hints(kind.__init__)
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for each in parameters:
        if each.kind in {each.VAR_KEYWORD, each.VAR_POSITIONAL}:
            continue
        if each.kind is each.KEYWORD_ONLY:
            named[each.name] = _sample(hints.get(each.name, object))
        else:
            positional.append("told" if each.name == "message" else _sample(hints[each.name]))
    return kind(*positional, **named)


REPR = re.compile(r"<\w+\.|UUID\(|datetime\.|Decimal\(|timedelta\(|object at 0x|<class ")


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_an_error_speaks_without_pythons_notation_and_its_details_are_json(
    kind: type[VetcoreError],
) -> None:
    try:
        error = _made(kind)
    except (TypeError, AttributeError):
        return  # made of what only its own room makes; the tests of that room look at it
    assert not REPR.search(error.message), error.message
    told = json.dumps(error.problem(for_operators=True), allow_nan=False)
    assert not REPR.search(told), told


def test_a_permission_is_named_by_its_value() -> None:
    error = PermissionDenied(permission=Permission.PET_TRANSFER)
    assert error.message == "this needs the permission 'pet:transfer'"
    assert error.details == {"permission": "pet:transfer"}
    assert NotFound(entity="pet", key=_Plain.RED).message == "pet red was not found"
    assert "got 'red'" in InvalidValue(field="color", rule="is wrong", value=_Plain.RED).message


@pytest.mark.parametrize(
    "kind", [kind for kind in EVERY if issubclass(kind, DatabaseError | ConfigurationError)]
)
def test_what_a_database_or_a_setting_says_is_in_no_problem_document(
    kind: type[VetcoreError],
) -> None:
    error = DatabaseError.__new__(kind)
    VetcoreError.__init__(error, f"{kind.title}: {DRIVER}", sqlstate="57P01", detail=DRIVER)
    for document in (error.problem(), error.problem(status=503)):
        assert "details" not in document
        for private in ("Ann", "example.com", "internal", "57P01", "role"):
            assert private not in json.dumps(document)
        assert (document["code"], document["title"]) == (kind.code, kind.title)
    assert "db-17.internal" in error.message
    assert "db-17.internal" in json.dumps(error.problem(for_operators=True))


def test_whatever_is_answered_with_500_says_no_more_than_its_title() -> None:
    error = VetcoreError(DRIVER, row=DRIVER)
    assert "Ann" in json.dumps(error.problem(status=422))
    assert "Ann" not in json.dumps(error.problem(status=500))


def test_a_drivers_error_on_the_way_through_translation_stays_behind() -> None:
    error = translate(ConnectionRefusedError("Connect call failed ('10.0.0.7', 5432)"))
    assert isinstance(error, ConnectionFailed)
    assert "10.0.0.7" not in json.dumps(error.problem(status=503))


def test_details_are_json_whatever_they_are() -> None:
    class Model(BaseModel):
        species: Species = Species.DOG

    loop: list[object] = []
    loop.append(loop)
    error = VetcoreError(
        "broken",
        number=float("nan"),
        raw=b"\xffa",
        model=Model(),
        by={Species.CAT: 1, UUID(int=7): {_Plain.RED}},
        lazily=(each for each in [_Plain.RED]),
        keys={"a": 1}.keys(),
        loop=loop,
    )
    told = json.loads(json.dumps(error.details, allow_nan=False))
    assert told | {"loop": 0} == {
        "number": "nan",
        "raw": "\\xffa",
        "model": {"species": "dog"},
        "by": {"cat": 1, str(UUID(int=7)): ["red"]},
        "lazily": ["red"],
        "keys": ["a"],
        "loop": 0,
    }


# Errors of Pydantic, and of what is built on it


def _no_secret(value: str) -> str:
    message = f"cannot use {value}"
    raise ValueError(message)


class SignUp(BaseModel):
    password: Annotated[str, AfterValidator(_no_secret)]
    names: dict[str, int] = {}
    pet: PetCreate | None = None


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = FastAPI()

    @app.exception_handler(RequestValidationError)
    async def refused(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse(InvalidInput.from_pydantic(error).problem(status=422), 422)

    @app.post("/sign-up")
    async def sign_up(given: SignUp, age: Annotated[int, Query(ge=0)] = 0) -> None: ...

    @app.get("/pets/{number}")
    async def read(number: int, x_trace: Annotated[int | None, Header()] = None) -> None: ...

    async with AsyncClient(transport=ASGITransport(app), base_url="http://clinic") as made:
        yield made


def _issues(response: Response) -> list[dict[str, str]]:
    assert response.status_code == 422
    document = response.json()
    assert document["code"] == "invalid_input"
    assert document["details"]["subject"] == "the request"
    return list(document["details"]["issues"])


async def test_fastapis_own_error_takes_our_form_with_pointers_into_the_document(
    client: AsyncClient,
) -> None:
    sent = {
        "password": "hunter2",
        "names": {"a/b~c": "x"},
        "pet": {"name": "Rex", "species": "elk"},
    }
    issues = {
        each["field"]: each for each in _issues(await client.post("/sign-up?age=-1", json=sent))
    }
    assert issues["query.age"]["parameter"] == "age"
    assert "pointer" not in issues["query.age"]
    assert issues["body.password"]["pointer"] == "#/password"
    assert issues["body.names.a/b~c"]["pointer"] == "#/names/a~1b~0c"
    assert issues["body.pet.species"]["pointer"] == "#/pet/species"
    assert len(issues) == 4


async def test_what_was_sent_is_not_sent_back(client: AsyncClient) -> None:
    for sent in ({"password": "hunter2"}, {"password": ["hunter2"]}, {"pet": "hunter2"}):
        assert "hunter2" not in (await client.post("/sign-up", json=sent)).text
    response = await client.post("/sign-up", content='{"password": hunter2', headers=JSON)
    assert "hunter2" not in response.text
    (issue,) = _issues(response)
    assert (issue["rule"], issue["field"], issue["pointer"]) == ("json_invalid", "body", "#")


JSON = {"content-type": "application/json"}


async def test_parameters_of_paths_and_headers_are_named(client: AsyncClient) -> None:
    found = _issues(await client.get("/pets/x", headers={"x-trace": "y"}))
    assert [each["parameter"] for each in found] == ["number", "x-trace"]


async def test_an_empty_body_is_a_missing_field(client: AsyncClient) -> None:
    (issue,) = _issues(await client.post("/sign-up"))
    assert (issue["field"], issue["rule"], issue["pointer"]) == ("body", "missing", "#")


def test_a_hundred_thousand_issues_are_told_as_a_hundred() -> None:
    class Many(BaseModel):
        ages: list[int]

    with pytest.raises(ValueError, match="validation errors") as refused:
        Many.model_validate({"ages": ["x"] * 5_000})
    error = InvalidInput.from_pydantic(refused.value)
    assert len(typing.cast("list[object]", error.details["issues"])) == MOST_ISSUES == 100
    assert error.details["omitted"] == 4_900
    assert len(error.message) < 20_000


def test_a_key_that_nobody_asked_for_is_cut() -> None:
    with pytest.raises(ValueError, match="Extra inputs") as refused:
        PetCreate.model_validate({"name": "Rex", "species": "dog", "k" * 1_000_000: 1})
    assert len(json.dumps(InvalidInput.from_pydantic(refused.value).problem())) < 2_000


def test_errors_of_settings_take_the_same_form(monkeypatch: pytest.MonkeyPatch) -> None:
    class Service(BaseSettings):
        port: int = 1
        api_token: Annotated[str, AfterValidator(_no_secret)] = ""
        hosts: list[str] = []

    monkeypatch.setenv("PORT", "hunter2")
    monkeypatch.setenv("API_TOKEN", "hunter2")
    with pytest.raises(ValueError, match="validation errors") as refused:
        Service()
    error = InvalidInput.from_pydantic(refused.value)
    assert error.details["subject"] == "Service"
    assert "hunter2" not in json.dumps(error.problem())
    monkeypatch.setenv("HOSTS", "hunter2")
    with pytest.raises(ValueError, match="hosts") as unread:
        Service()
    problem = InvalidInput.from_pydantic(unread.value).problem()
    assert typing.cast("dict[str, Any]", problem["details"])["subject"] == "the settings"
    assert "hunter2" not in json.dumps(problem)


def test_the_value_of_a_secret_is_in_no_message() -> None:
    assert (
        "hunter2" not in InvalidValue(field="api_token", rule="is wrong", value="hunter2").message
    )


def test_the_minimum_of_a_rule_is_told_as_it_stands() -> None:
    class Age(BaseModel):
        age: Annotated[int, Field(ge=3)]

    with pytest.raises(ValueError, match="greater") as refused:
        Age(age=1)
    (issue,) = typing.cast("list[Any]", InvalidInput.from_pydantic(refused.value).details["issues"])
    assert issue["message"] == "must be 3 or more"
