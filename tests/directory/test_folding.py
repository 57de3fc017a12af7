"""Texts are compared as people read them: without case, accents and signs, and a slip apart."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.examples import pet
from vetcore.database import Database
from vetcore.values.matching import NEAR, fold, likeness, slips

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@given(TEXTS)
def test_folding_twice_is_folding_once(wanted: str) -> None:
    assert fold(fold(wanted)) == fold(wanted)


async def test_the_databases_fold_as_python_does(db: Database) -> None:
    letters = [chr(code) for code in (*range(0xC0, 0x590), *range(0x1E00, 0x2000))]
    names = ["".join(letters[at : at + 50]) for at in range(0, len(letters), 50)] + [
        "ÆŒþß\u2019 Ab-C"
    ]
    async with db.transaction() as session:
        animals = [pet(name=name) for name in names]
        session.add_all(animals)
    names = [animal.name for animal in animals]  # in Unicode's composed form
    stored = "search_name FROM pets" if db.dialect == "postgresql" else "folded FROM search_names"
    async with db.session() as session:
        folded = await session.scalars(text(f"SELECT {stored}"))
        assert sorted(folded) == sorted(map(fold, names))


@given(st.text("abcdé -", min_size=1, max_size=8), st.text("abcdé -", min_size=1, max_size=8))
def test_likeness_is_one_only_for_the_same_text(one: str, other: str) -> None:
    one, other = fold(one), fold(other)
    assert 0 <= likeness(one, other) <= 1
    assert (likeness(one, other) == 1) == (one == other)
    if other in set(slips(one)):
        assert likeness(one, other) >= NEAR
