"""What is stored has one form, whichever way through SQLAlchemy it comes in."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update

from tests.examples import clinic, pet, user
from vetcore.database import Database, Session
from vetcore.errors import InvalidValue
from vetcore.models import Appointment, Clinic, Pet, User, Veterinarian
from vetcore.models.base import Entity

FORMS: list[tuple[type[Entity], str, str, str]] = [
    (User, "email", "  ANA@Example.com", "ana@example.com"),
    (User, "phone", "+1 (206) 555-0123", "+12065550123"),
    (User, "first_name", "  Ana\u00a0 Mari\u0301a ", "Ana Mar\u00eda"),
    (User, "last_name", " de  Souza", "de Souza"),
    (User, "timezone", " Europe/London ", "Europe/London"),
    (User, "locale", " pt-BR ", "pt-BR"),
    (Clinic, "email", "Desk@Clinic.Example.com", "desk@clinic.example.com"),
    (Clinic, "phone", "+44 20 7946 0958", "+442079460958"),
    (Clinic, "name", " The  Clinic ", "The Clinic"),
    (Clinic, "timezone", "UTC ", "UTC"),
    (Clinic, "license_number", " VT  123 ", "VT 123"),
    (Clinic, "license_jurisdiction", "us-wa", "US-WA"),
    (Pet, "name", " Bo\u00a0 ", "Bo"),
    (Pet, "microchip", "985-112 345 678 903", "985112345678903"),
    (Pet, "postal_code", " sw1a 1aa ", "SW1A 1AA"),
    (Pet, "license_number", " S  12 ", "S 12"),
]
ROWS: dict[type[Entity], Callable[..., Entity]] = {User: user, Clinic: clinic, Pet: pet}

Way = Callable[[Session, type[Entity], UUID, str, str], Awaitable[None]]


async def _attribute(session: Session, kind: Any, key: UUID, name: str, value: str) -> None:
    row = await session.get_one(kind, key)
    setattr(row, name, value)


async def _core(session: Session, kind: Any, key: UUID, name: str, value: str) -> None:
    table = kind.__table__
    await session.execute(update(table).where(table.c.id == key).values({name: value}))


async def _orm(session: Session, kind: Any, key: UUID, name: str, value: str) -> None:
    await session.execute(update(kind).where(kind.id == key).values({name: value}))


async def _by_key(session: Session, kind: Any, key: UUID, name: str, value: str) -> None:
    await session.execute(update(kind), [{"id": key, name: value}])


WAYS: list[Way] = [_attribute, _core, _orm, _by_key]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_text_of_one_form_is_stored_in_it(db: Database, way: Way) -> None:
    made = {kind: make() for kind, make in ROWS.items()}
    async with db.transaction() as session:
        session.add_all(made.values())
    for kind, name, given, stored in FORMS:
        async with db.transaction() as session:
            if name == "license_jurisdiction":
                await way(session, kind, made[kind].id, "license_number", "VT 123")
            await way(session, kind, made[kind].id, name, given)
        async with db.session() as session:
            column = getattr(kind, name)
            assert await session.scalar(select(column)) == stored, name
            assert await session.scalar(select(column).where(column == given)) == stored, name
            among = select(column).where(column.in_([given, "nothing like it"]))
            assert await session.scalar(among) == stored, name


def test_an_object_has_the_form_at_once() -> None:
    assert user(email=" ANA@example.com").email == "ana@example.com"
    assert pet(microchip="985 112 345 678 903").microchip == "985112345678903"


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (User, "email", "nobody"),
        (User, "phone", "12"),
        (User, "timezone", "Mars/Olympus"),
        (User, "locale", "!"),
        (Pet, "microchip", "12"),
        (Pet, "postal_code", "?"),
        (Clinic, "license_jurisdiction", "XX-1"),
        (Veterinarian, "dea_number", "AB1"),
        (Appointment, "currency", "XQQ"),
    ],
)
async def test_what_has_no_such_form_is_refused_by_name(
    db: Database, kind: Any, name: str, value: str
) -> None:
    with pytest.raises(InvalidValue, match=f"^{name}: "):
        kind(**{name: value})
    table = kind.__table__
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match=f"^{name}: "):
            await session.execute(update(table).values({name: value}))
        await session.rollback()
    async with db.session() as session:
        sought = select(table.c.id).where(table.c[name] == value)
        assert (await session.scalars(sought)).all() == []


async def test_a_part_of_a_text_is_sought_as_it_is(db: Database) -> None:
    async with db.transaction() as session:
        session.add(user(email="ana@example.com"))
    async with db.session() as session:
        found = select(User.email).where(User.email.like("%@example.com"))
        assert (await session.scalars(found)).all() == ["ana@example.com"]
        assert await session.scalar(select(User.email + "!")) == "ana@example.com!"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Pet.id, "abc"),
        (Pet.id, 7),
        (Pet.owner_id, "abc"),
        (Pet.born_on, "2020-01-01"),
        (Pet.born_on, datetime(2020, 1, 1, tzinfo=UTC)),
        (Pet.created_at, "2020-01-01"),
        (Pet.created_at, date(2020, 1, 1)),
        (Pet.created_at, datetime(2020, 1, 1)),  # noqa: DTZ001 -- what is refused
        (Pet.species, "unicorn"),
    ],
)
async def test_a_value_of_another_type_is_refused_by_name(
    db: Database, column: Any, value: object
) -> None:
    field = column.key
    async with db.transaction() as session:
        for statement in (
            select(Pet.id).where(column == value),
            update(Pet).values({field: value}),
            insert(Pet.__table__).values({"name": "Rex", "species": "dog", field: value}),
        ):
            with pytest.raises(InvalidValue) as refused:
                await session.execute(statement)
            assert refused.value.details["field"] == field


async def test_a_key_that_is_none_is_refused_and_one_in_text_is_found(db: Database) -> None:
    rex, owner = pet(name="Rex"), user()
    async with db.transaction() as session:
        session.add_all([rex, owner])
    async with db.session() as session:
        with pytest.raises(InvalidValue, match=r"^id: is no UUID"):
            await session.get(Pet, "abc")
        found = await session.scalar(select(Pet.name).where(Pet.id == str(rex.id)))
        assert found == "Rex"
        assert await session.get(Pet, uuid4()) is None
