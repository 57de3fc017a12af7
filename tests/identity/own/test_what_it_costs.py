"""What a try to sign in costs, and whom."""

import asyncio
import time
from statistics import median

import pytest

from tests.operations.counting import sent
from vetcore.database import Database
from vetcore.identity.own import sign_in
from vetcore.identity.own.errors import SignInBusy, SignInRefused
from vetcore.identity.own.hashing import Hashing, hashing_of
from vetcore.schemas import SignIn
from vetcore.settings import AccountsSettings
from vetcore.values.passwords import Password

from .people import ELSEWHERE, OTHER, PASSWORD, QUICK, opened, signed_in


async def test_the_same_is_done_whether_there_is_an_account_or_not(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(db)
    hashed: list[bool] = []
    verify = Hashing._compared

    def counted(self: Hashing, text: str, known: str | None) -> bool:
        hashed.append(known is not None)
        return verify(self, text, known)

    monkeypatch.setattr(Hashing, "_compared", counted)
    done: list[list[str]] = []
    for email in ("ana@example.com", "nobody@example.com"):
        with sent(db) as statements, pytest.raises(SignInRefused):
            await signed_in(db, OTHER, email=email, where=ELSEWHERE)
        done.append([sql for sql, _ in statements])
    assert done[0] == done[1]
    assert hashed == [True, False]


def test_a_hash_of_nobodys_password_takes_as_long_as_one_of_somebodys() -> None:
    settings = AccountsSettings()
    hashing = hashing_of(settings)
    known = hashing._hasher.hash(PASSWORD)
    hashing._compared(OTHER, None)
    spent: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(9):
        for is_known, times in spent.items():
            started = time.thread_time()
            assert not hashing._compared(OTHER, known if is_known else None)
            times.append(time.thread_time() - started)
    assert 0.5 < median(spent[True]) / median(spent[False]) < 2


async def test_beside_fifty_who_sign_in_others_wait_for_less_than_a_hash(db: Database) -> None:
    await opened(db)
    settings = AccountsSettings()
    started = time.perf_counter()
    await hashing_of(settings).hashed(Password(OTHER))
    await hashing_of(settings).matches(Password(OTHER), None)
    a_hash = (time.perf_counter() - started) / 3

    async def other() -> float:
        begun = time.perf_counter()
        await asyncio.sleep(0)
        async with db.session() as session:
            await session.connection()
        return time.perf_counter() - begun

    alone = median([await other() for _ in range(20)])

    async def guess(number: int) -> None:
        wish = SignIn(email=f"person{number}@example.com", password=OTHER)
        with pytest.raises(SignInRefused):
            await sign_in(db, wish, where=ELSEWHERE, settings=settings)

    guesses = asyncio.gather(*(guess(number) for number in range(50)))
    waited: list[float] = []
    while not guesses.done():
        waited.append(await other())
        await asyncio.sleep(0.001)
    await guesses
    assert len(waited) > 10
    assert median(waited) - alone < a_hash


async def test_no_more_wait_for_a_hash_than_can_be_served() -> None:
    hashing = Hashing(memory=8192, rounds=1, workers=1)
    outcomes = await asyncio.gather(
        *(hashing.matches(Password(OTHER), None) for _ in range(300)), return_exceptions=True
    )
    busy = [each for each in outcomes if isinstance(each, SignInBusy)]
    assert len(busy) == 300 - 256
    assert await hashing.matches(Password(OTHER), await hashing.hashed(Password(OTHER)))


def test_importing_vetcore_and_the_door_loads_no_hashing() -> None:
    import subprocess
    import sys

    code = (
        "import vetcore, vetcore.schemas, vetcore.models, vetcore.settings, vetcore.identity.own; "
        "import sys; print([each for each in ('argon2', 'pwdlib', 'zxcvbn', 'pyotp', 'webauthn') "
        "if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_two_hashings_of_the_same_settings_are_one() -> None:
    assert hashing_of(QUICK) is hashing_of(QUICK.model_copy())
