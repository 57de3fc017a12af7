"""What a service declares of its own, and what is said where it forgot to."""

from enum import StrEnum
from typing import Any

import pytest

from tests.examples import clinic, user
from vetcore.access import (
    ACCESS,
    GRANTS,
    Access,
    Actor,
    Permission,
    declare_access,
    grant,
    has_permission,
    visible,
)
from vetcore.access.entities import access_of
from vetcore.errors import ConfigurationError
from vetcore.models import CommandKey, EmergencyAccess, Pet
from vetcore.models.base import Entity
from vetcore.values.people import Role


class Kennel(StrEnum):
    """Permissions of a service's own."""

    READ = "kennel:read"


def test_an_entity_of_which_nothing_was_said_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigurationError, match=r"declare_access\(CommandKey, Access"):
        access_of(CommandKey)
    with pytest.raises(ConfigurationError, match="CommandKey"):
        visible(CommandKey, Actor(user().id), Permission.PET_READ)


def test_a_permission_that_was_given_to_nobody_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigurationError, match="kennel:read"):
        has_permission(Actor(user().id), Kennel.READ, clinic().id)


def test_nothing_is_said_twice() -> None:
    with pytest.raises(ConfigurationError, match="Pet is declared twice"):
        declare_access(Pet, Access(Permission.PET_READ, Permission.PET_WRITE))
    with pytest.raises(ConfigurationError, match="pet:read"):
        grant(Permission.PET_READ, anyone=True)
    assert not GRANTS[Permission.PET_READ].anyone


def test_a_permission_of_ones_own_is_given_as_ours_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GRANTS, Kennel.READ, GRANTS[Permission.PET_READ])
    del GRANTS[Kennel.READ]
    grant(Kennel.READ, own=True, roles=[Role.RECEPTIONIST])
    given = GRANTS[Kennel.READ]
    assert (given.anyone, given.own, given.admin) == (False, True, True)
    assert given.roles == {Role.RECEPTIONIST}


KEPT = {EmergencyAccess}
"""What comes of a look, and is changed by nobody: those look, and others are to see that they did."""


@pytest.mark.parametrize(
    "entity",
    [entity for entity in ACCESS if entity not in KEPT],
    ids=lambda entity: entity.__name__,
)
def test_what_may_be_written_may_be_read(entity: Any) -> None:
    """Whoever changes a row is shown what came of it."""
    read, write = (GRANTS[each] for each in (access_of(entity).read, access_of(entity).write))
    assert issubclass(entity, Entity)
    assert read.anyone or write.roles <= read.roles
    assert read.anyone or write.own <= read.own
