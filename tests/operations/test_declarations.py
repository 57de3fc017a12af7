"""What an operation says of itself is complete, and every act of the domain has its operation."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import pytest

import vetcore.operations
from vetcore import directory, medical, scheduling
from vetcore.access import ACCESS, GRANTS, Permission
from vetcore.access.permissions import Grant
from vetcore.database import ReadSession
from vetcore.errors import VetcoreError
from vetcore.operations import OPERATIONS, Operation, Reading
from vetcore.schemas.base import Schema, Update

ROOMS = (scheduling, medical, directory)
SOURCES = sorted(Path(vetcore.operations.__file__).parent.glob("*.py"))
EVERY = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))

WITHOUT_OPERATION: dict[str, str] = {}
"""Functions of the domain that no operation calls, each with its reason."""

OF_EVERY_OPERATION = {
    "NotAuthenticated",
    "PermissionDenied",
    "NotFound",
    "ConcurrentUpdate",
    "KeyReused",
    "InvalidValue",
    "InvalidInput",
    "ConfigurationError",
}
"""What every operation may refuse with, so that none declares it."""


def _acts(room: ModuleType) -> Iterator[str]:
    """The public coroutines of a room that take a session: what it does, and what it finds."""
    for name in room.__all__:
        made = getattr(room, name)
        if inspect.iscoroutinefunction(made) and "session" in inspect.signature(made).parameters:
            yield f"{room.__name__.removeprefix('vetcore.')}.{name}"


def _called() -> set[str]:
    """What operations call of the rooms, as ``room.function``."""
    names = {room.__name__.removeprefix("vetcore.") for room in ROOMS}
    called: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(value=ast.Name(id=room)) if room in names:
                    called.add(f"{room}.{node.attr}")
                case _:
                    pass
    return called


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_act_of_the_domain_has_an_operation(room: ModuleType) -> None:
    assert set(_acts(room)) - _called() == {
        name for name in WITHOUT_OPERATION if name.startswith(room.__name__.rpartition(".")[2])
    }


def test_every_permission_is_asked_by_an_operation() -> None:
    asked = {each.permission for each in OPERATIONS.values()}
    asked |= {permission for each in OPERATIONS.values() for permission in each.also.values()}
    # What a response shows needs some, too.
    asked |= {part.permission for access in ACCESS.values() for part in access.parts}
    assert asked - {None} == set(Permission)


def test_operations_are_public_under_their_names() -> None:
    public: dict[str, Any] = {
        name: made
        for name in vetcore.operations.__all__
        if isinstance(made := getattr(vetcore.operations, name), Operation | Reading)
    }
    assert public == OPERATIONS


@EVERY
def test_an_operation_has_a_command_and_says_what_it_returns(operation: Any) -> None:
    session, _, asked = inspect.signature(operation.act).parameters
    hints = get_type_hints(operation.act)
    assert issubclass(operation.command, Schema)
    assert operation.result is not None
    assert asked == "asked"
    assert (hints[session] is ReadSession) is operation.reads


@EVERY
def test_an_operation_says_in_a_sentence_what_it_does(operation: Any) -> None:
    assert operation.summary.endswith(".")
    assert len(operation.summary) > len("One pet")


@EVERY
def test_an_operation_declares_the_errors_that_it_explains(operation: Any) -> None:
    section = (inspect.getdoc(operation.act) or "").partition("Raises:")[2]
    explained = {
        line.strip().partition(":")[0]
        for line in section.splitlines()
        if line.startswith("    ") and not line.startswith("     ") and ":" in line
    }
    declared = {kind for each in operation.errors for kind in _names(each)}
    assert explained - OF_EVERY_OPERATION <= declared | {
        name for each in operation.errors for name in _beneath(each)
    }
    for each in operation.errors:
        assert issubclass(each, VetcoreError)
        assert explained & ({each.__name__} | _beneath(each)), each


def _names(error: type[VetcoreError]) -> set[str]:
    return {error.__name__}


def _beneath(error: type[VetcoreError]) -> set[str]:
    """The names of an error's subclasses: a docstring may name the one that is meant."""
    return {name for each in error.__subclasses__() for name in ({each.__name__} | _beneath(each))}


@EVERY
def test_an_operation_is_versioned_as_its_command_says(operation: Any) -> None:
    has_version = "version" in operation.command.model_fields
    if operation.reads:
        assert not operation.versioned
    else:
        assert operation.versioned is has_version


@EVERY
def test_a_change_names_its_row(operation: Any) -> None:
    if issubclass(operation.command, Update):
        assert "id" in operation.command.model_fields


@EVERY
def test_parts_that_need_a_permission_of_their_own_are_parts(operation: Any) -> None:
    """One table serves all that is done with appointments, so it knows fields of each."""
    everything = {
        field
        for each in OPERATIONS.values()
        if each.also is operation.also
        for field in each.command.model_fields
    }
    assert set(operation.also) <= everything


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("create_user", "role status clerk_user_id email_verified phone_verified"),
        ("update_user", "role status clerk_user_id email_verified phone_verified"),
        ("create_veterinarian", "license_status"),
        (
            "update_veterinarian",
            (
                "license_number license_jurisdiction license_status license_expires_on dea_number"
                " credentials"
            ),
        ),
    ],
)
def test_what_one_is_vouched_for_is_for_administrators_to_say(name: str, fields: str) -> None:
    also = OPERATIONS[name].also
    assert set(also) == set(fields.split())
    for permission in also.values():
        assert GRANTS[permission] == Grant(anyone=False, own=False, roles=frozenset(), admin=True)
