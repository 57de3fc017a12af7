"""Who asks is told in one way: by the session and, to the domain, as a capacity."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import vetcore
from vetcore import medical, scheduling, schemas
from vetcore.schemas.base import Create, Update

PACKAGE = Path(vetcore.__file__).parent
ROOMS = (
    "scheduling",
    "medical",
    "directory",
    "operations",
    "schemas",
    "values",
    "cli",
    "registers",
)
"""Where nobody is asked who they are; ``access`` answers about an ``Actor``, ``database`` has one."""

AUTHORITY = {
    "actor",
    "actor_id",
    "acting",
    "acting_as",
    "as_admin",
    "as_owner",
    "as_staff",
    "booked_by",
    "by_admin",
    "by_owner",
    "by_staff",
    "is_admin",
    "is_owner",
    "is_staff",
    "on_behalf_of",
    "online",
    "role",
}

ALLOWED: Mapping[tuple[str, str], str] = {
    ("operations/asking.py", "actor"): "it is what was loaded of whom the session names",
    ("operations/allowing.py", "actor"): "it is what was loaded of whom the session names",
    ("operations/showing.py", "actor"): "it is what was loaded of whom the session names",
    ("scheduling/booking.py", "booked_by"): "data of the row: whose wish a waitlist's hold was",
}
"""Parameters that have such a name, each with its reason."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef
OTHER_ACTS = {"AppointmentHoldCreate": "a hold is another act, with a time of its own"}
"""Commands that extend another one, each with its reason."""


def _functions() -> Iterator[tuple[str, _Function]]:
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, _Function):
                    yield str(path.relative_to(PACKAGE)), node


def _parameters(function: _Function) -> list[ast.arg]:
    given = function.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs]


def test_who_acts_is_told_by_no_parameter() -> None:
    found = {
        (path, each.arg)
        for path, function in _functions()
        for each in _parameters(function)
        if each.arg in AUTHORITY
    }
    assert found == set(ALLOWED)


def test_a_capacity_is_named_by_who_calls_and_has_no_default() -> None:
    """Forgotten, it would let owners do what staff may, or nobody do anything."""
    takers = 0
    for path, function in _functions():
        public = function.name in {*scheduling.__all__, *medical.__all__}
        for each in _parameters(function):
            if each.annotation is None or ast.unparse(each.annotation) != "Capacity":
                continue
            if path.startswith(("scheduling", "medical")):
                takers += 1
                assert each.arg == "by", (path, function.name)
                if public:
                    names = function.args.kwonlyargs
                    assert each in names, (path, function.name)
                    default = function.args.kw_defaults[names.index(each)]
                    assert default is None, (path, function.name)
    assert takers


@pytest.mark.parametrize("name", schemas.__all__)
def test_no_class_of_a_command_carries_authority(name: str) -> None:
    """Whose a field is, the operation says; the same command is everybody's."""
    schema = getattr(schemas, name)
    if not issubclass(schema, Create | Update):
        return
    beneath = [each.__name__ for each in schema.__mro__[1:] if each.__module__ == schema.__module__]
    assert bool(beneath) is (name in OTHER_ACTS), beneath
    entity = name.removesuffix("Create").removesuffix("Update")
    assert not entity.endswith(("Owner", "Staff", "Admin"))
