"""Deleted rows stay, and nobody sees them who does not ask for them."""

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import aliased, selectinload

from tests.examples import clinic, pet, room, user
from vetcore.database import Database
from vetcore.errors import AlreadyExists, InvalidValue
from vetcore.models import Clinic, Pet, PetCoOwner, Room, User
from vetcore.models.base import Entity

PETS = Pet.__table__
CO_OWNERS = PetCoOwner.__table__


@pytest.fixture
async def family(db: Database) -> tuple[User, Pet, Pet]:
    """An owner with one active and one deleted pet."""
    owner = user()
    kept, gone = pet(owner, name="Kept"), pet(owner, name="Gone")
    async with db.transaction() as session:
        session.add(owner)
        await session.flush()
        session.add_all([kept, gone])
        await session.flush()
        gone.soft_delete()
    return owner, kept, gone


@pytest.mark.parametrize("entity", Entity.__subclasses__(), ids=lambda cls: cls.__name__)
def test_every_entity_can_be_soft_deleted(entity: type[Entity]) -> None:
    row = entity()
    row.soft_delete()
    stamped = row.deleted_at
    row.soft_delete()
    assert row.is_deleted
    assert row.deleted_at is stamped, "the first deletion counts"
    row.restore()
    assert not row.is_deleted


async def test_selects_leave_deleted_rows_out(db: Database, family: tuple[User, Pet, Pet]) -> None:
    async with db.session() as session:
        assert (await session.scalars(select(Pet.name))).all() == ["Kept"]
        assert [found.name for found in await session.scalars(select(Pet))] == ["Kept"]
        assert await session.scalar(select(func.count()).select_from(Pet)) == 1
        other = aliased(Pet)
        assert (await session.scalars(select(other.name))).all() == ["Kept"]
        assert (await session.scalars(select(PETS.c.name))).all() == ["Kept"]
        assert (await session.scalars(select(PETS.alias().c.name))).all() == ["Kept"]


async def test_they_come_back_on_request(db: Database, family: tuple[User, Pet, Pet]) -> None:
    every = {"include_deleted": True}
    async with db.session() as session:
        for column in (Pet.name, PETS.c.name):
            names = await session.scalars(select(column), execution_options=every)
            assert sorted(names) == ["Gone", "Kept"]
    async with db.session(include_deleted=True) as session:
        assert sorted(await session.scalars(select(Pet.name))) == ["Gone", "Kept"]
        assert await session.get(Pet, family[2].id) is not None


async def test_get_does_not_find_a_deleted_row(db: Database, family: tuple[User, Pet, Pet]) -> None:
    gone = family[2].id
    async with db.session() as session:
        assert await session.get(Pet, gone) is None
        held = await session.get(Pet, gone, execution_options={"include_deleted": True})
        assert held is not None
        assert await session.get(Pet, gone) is None, "not even while the session holds it"


async def test_relationships_load_active_rows_only(
    db: Database, family: tuple[User, Pet, Pet]
) -> None:
    async with db.session() as session:
        found = await session.scalar(select(User).options(selectinload(User.pets)))
        assert found is not None
        assert [animal.name for animal in found.pets] == ["Kept"]


async def test_joins_match_active_rows_only(db: Database, family: tuple[User, Pet, Pet]) -> None:
    owner, _, gone = family
    async with db.session() as session:
        names = await session.scalars(select(Pet.name).join(User, Pet.owner_id == User.id))
        assert names.all() == ["Kept"]
    async with db.transaction() as session:
        (await session.get_one(User, owner.id)).soft_delete()
    async with db.session() as session:
        inner = select(Pet.name).join(User, Pet.owner_id == User.id)
        assert (await session.scalars(inner)).all() == []
        outer = select(Pet.name, User.email).outerjoin(User, Pet.owner_id == User.id)
        assert (await session.execute(outer)).all() == [("Kept", None)]
        users = User.__table__
        core = select(PETS.c.name, users.c.email).select_from(
            PETS.outerjoin(users, PETS.c.owner_id == users.c.id)
        )
        assert (await session.execute(core)).all() == [("Kept", None)]
    assert gone.is_deleted


async def test_bulk_statements_spare_deleted_rows(
    db: Database, family: tuple[User, Pet, Pet]
) -> None:
    async with db.transaction() as session:
        await session.execute(update(Pet).values(color="black"))
        await session.execute(update(PETS).values(notes="seen"))
    async with db.session(include_deleted=True) as session:
        rows = (await session.execute(select(Pet.name, Pet.color, Pet.notes))).all()
    assert sorted(rows) == [("Gone", None, None), ("Kept", "black", "seen")]
    async with db.transaction() as session:
        await session.execute(delete(Pet))
    async with db.session(include_deleted=True) as session:
        assert (await session.scalars(select(Pet.name))).all() == ["Gone"]


async def test_core_inserts_are_left_alone(db: Database) -> None:
    async with db.transaction() as session:
        await session.execute(insert(PETS).values(name="Rex", species="dog"))
    async with db.session() as session:
        assert (await session.scalars(select(Pet.name))).all() == ["Rex"]


async def test_what_must_be_unique_is_free_again_after_deletion(db: Database) -> None:
    first, second = user(email="ana@example.com"), user(email="ana@example.com")
    async with db.transaction() as session:
        session.add(first)
    async with db.transaction() as session:
        (await session.get_one(User, first.id)).soft_delete()
        await session.flush()
        session.add(second)
    with pytest.raises(AlreadyExists) as caught:
        async with db.transaction(include_deleted=True) as session:
            (await session.get_one(User, first.id)).restore()
    assert caught.value.details["fields"] == ["email"]
    async with db.session() as session:
        assert (await session.scalars(select(User.id))).all() == [second.id]


async def test_a_restored_row_is_seen_again(db: Database, family: tuple[User, Pet, Pet]) -> None:
    async with db.transaction(include_deleted=True) as session:
        (await session.get_one(Pet, family[2].id)).restore()
    async with db.session() as session:
        assert sorted(await session.scalars(select(Pet.name))) == ["Gone", "Kept"]


async def test_subqueries_leave_deleted_rows_out(
    db: Database, family: tuple[User, Pet, Pet]
) -> None:
    owner = family[0]
    async with db.session() as session:
        count = select(func.count(Pet.id)).where(Pet.owner_id == User.id).scalar_subquery()
        assert (await session.execute(select(User.id, count))).all() == [(owner.id, 1)]
        has_two = select(User.id).where(
            select(Pet.id).where(Pet.owner_id == User.id, Pet.name == "Gone").exists()
        )
        assert (await session.scalars(has_two)).all() == []
        core = select(func.count()).select_from(select(PETS.c.id).subquery())
        assert await session.scalar(core) == 1


async def test_a_union_leaves_deleted_rows_out(db: Database, family: tuple[User, Pet, Pet]) -> None:
    async with db.session() as session:
        both = select(Pet.name).union_all(select(Pet.name))
        assert (await session.execute(both)).all() == [("Kept",), ("Kept",)]
        core = select(PETS.c.name).union_all(select(PETS.c.name))
        assert (await session.execute(core)).all() == [("Kept",), ("Kept",)]


async def test_parts_on_tables_and_parts_on_entities_are_filtered_in_one_statement(
    db: Database, family: tuple[User, Pet, Pet]
) -> None:
    owner, gone = family[0], Pet.name == "Gone"
    async with db.transaction() as session:
        for first, second in ((PETS.c.name, Pet.name), (Pet.name, PETS.c.name)):
            both = select(first).union_all(select(second))
            assert (await session.execute(both)).all() == [("Kept",), ("Kept",)]
        of_gone = select(PETS.c.owner_id).where(PETS.c.name == "Gone")
        assert (await session.scalars(select(User.id).where(User.id.in_(of_gone)))).all() == []
        touched = update(User).where(User.id.in_(of_gone)).values(locale="fr")
        assert (await session.execute(touched)).rowcount == 0
        removed = delete(PETS).where(PETS.c.id.in_(select(Pet.id).where(gone)))
        assert (await session.execute(removed)).rowcount == 0
        of_kept = select(PETS.c.owner_id).where(PETS.c.name == "Kept")
        owners = select(User).where(User.id.in_(of_kept)).options(selectinload(User.pets))
        found = (await session.scalars(owners)).one()
        assert [animal.name for animal in found.pets] == ["Kept"]
    async with db.session(include_deleted=True) as session:
        every = select(User.id).where(User.id.in_(of_gone))
        assert (await session.scalars(every)).all() == [owner.id]


async def test_a_subquery_may_ask_for_deleted_rows_by_itself(
    db: Database, family: tuple[User, Pet, Pet]
) -> None:
    of_gone = select(PETS.c.owner_id).where(PETS.c.name == "Gone")
    with_deleted = of_gone.execution_options(include_deleted=True)
    async with db.session() as session:
        for entity in (User.id, User.__table__.c.id):
            assert (await session.scalars(select(entity).where(entity.in_(of_gone)))).all() == []
            found = await session.scalars(select(entity).where(entity.in_(with_deleted)))
            assert found.all() == [family[0].id]


async def test_a_table_that_keeps_no_deleted_rows_is_left_as_it_is(
    db: Database, family: tuple[User, Pet, Pet]
) -> None:
    owner, kept, _ = family
    async with db.transaction() as session:
        await session.execute(insert(CO_OWNERS).values(pet_id=kept.id, user_id=owner.id))
        assert (await session.execute(select(CO_OWNERS))).all() == [(kept.id, owner.id)]
        assert (await session.execute(delete(CO_OWNERS))).rowcount == 1


async def test_several_tables_are_filtered_each_for_itself(db: Database) -> None:
    place = clinic()
    async with db.transaction() as session:
        session.add(place)
        await session.flush()
        session.add_all([room(place, name="A"), room(place, name="B")])
        await session.flush()
        (await session.scalars(select(Room).where(Room.name == "B"))).one().soft_delete()
    async with db.session() as session:
        pairs = select(Clinic.name, Room.name).where(Room.clinic_id == Clinic.id)
        assert [name for _, name in await session.execute(pairs)] == ["A"]
        raw = await session.execute(text("SELECT count(*) FROM rooms"))
        assert raw.scalar() == 2, "SQL that somebody wrote out is theirs"
        typed = text("SELECT name FROM rooms ORDER BY name").columns(Room.name)
        assert (await session.scalars(typed)).all() == ["A", "B"]


async def test_core_statements_within_core_statements_are_filtered(
    db: Database, family: tuple[User, Pet, Pet]
) -> None:
    owner = family[0]
    users = User.__table__
    async with db.transaction() as session:
        owns_gone = (
            select(PETS.c.id).where(PETS.c.owner_id == users.c.id, PETS.c.name == "Gone").exists()
        )
        assert (await session.scalars(select(users.c.id).where(owns_gone))).all() == []
        owners = select(PETS.c.owner_id).where(PETS.c.name == "Gone")
        touched = update(users).where(users.c.id.in_(owners)).values(locale="fr")
        assert (await session.execute(touched)).rowcount == 0
        named = select(PETS.c.name).cte("named")
        assert (await session.scalars(select(named.c.name))).all() == ["Kept"]
    assert owner.locale == "en"


async def test_a_row_is_read_by_each_form_of_its_key_and_by_nothing_else(db: Database) -> None:
    async with db.transaction() as session:
        session.add_all([owner := user(), helper := user()])
        session.add(animal := pet(owner))
        await session.flush()
        session.add(PetCoOwner(pet_id=animal.id, user_id=helper.id))
    both = (animal.id, helper.id)
    async with db.session() as session:
        for key in (animal.id, str(animal.id), (animal.id,), {"id": animal.id}):
            assert await session.get(Pet, key) is not None, key
        for key in (both, dict(zip(("pet_id", "user_id"), both, strict=True))):
            assert await session.get(PetCoOwner, key) is not None
        for strange in ([animal.id], {animal.id}, both, (), {}):
            with pytest.raises(InvalidValue) as refused:
                await session.get(Pet, strange)
            assert refused.value.details["field"] == "id"
