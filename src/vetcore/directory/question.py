"""The text of a search, and which stored values match it."""

from dataclasses import dataclass
from typing import Any, Final
from unicodedata import category, normalize

from vetcore.database import ReadSession
from vetcore.directory.candidates import (
    THRESHOLD,
    USER_NAMES,
    Names,
    alike,
    containing,
    near,
    phones,
    present,
)
from vetcore.directory.ranking import Match, MatchedBy
from vetcore.models import User
from vetcore.values.matching import NEAR, fold, likeness

__all__ = ["Question"]

_LONGEST: Final = 420
"""Characters: the longest full name, and then some. Nothing answers to more."""
_WORST: Final = NEAR * THRESHOLD
_PHONE: Final = frozenset("0123456789+()-./ ")
_SHORTEST_PHONE: Final = 7
_CHIP: Final = range(8, 17)
_SHORTEST_PART: Final = 3
_PART: Final = 0.5
_PART_GROWS: Final = 0.25
"""A part of a number or an address scores by how much of it is known, and less than a slip does."""


@dataclass(frozen=True, slots=True)
class Question:
    """The text of a search, without the characters that no stored value has."""

    session: ReadSession
    text: str
    dialect: str

    @classmethod
    async def of(cls, session: ReadSession, text: str) -> "Question":
        """Return the question in ``text``.

        It is empty for a text that is longer than any stored value.
        """
        readable = "".join(" " if category(c) in {"Cc", "Cs"} else c for c in text[: 2 * _LONGEST])
        clean = normalize("NFC", " ".join(readable.split()))
        fits = len(text) <= 2 * _LONGEST and len(clean) <= _LONGEST
        dialect = (await session.connection()).dialect.name
        return cls(session, clean if fits else "", dialect)

    @property
    def digits(self) -> str:
        """The digits of the text alone."""
        return "".join(c for c in self.text if c.isascii() and c.isdigit())

    @property
    def is_email(self) -> bool:
        """Whether the text is an e-mail address, or a part of one."""
        return "@" in self.text

    @property
    def is_phone(self) -> bool:
        """Whether the text is a telephone number, by its characters and its length."""
        return len(self.digits) >= _SHORTEST_PHONE and set(self.text) <= _PHONE

    async def names(self, names: Names, *, forgiving: bool) -> list[Match]:
        """Return matches by name. ``forgiving`` also finds names with more than one slip."""
        wanted = [folded] if (folded := fold(self.text)) else []
        if names is USER_NAMES:
            # They are listed with the last name first, and asked for in either order.
            *others, last = folded.replace(",", " ").split() or [""]
            wanted = [" ".join((*others, last)), *([" ".join((last, *others))] if others else [])]
        found: dict[str, float] = {}
        for each in filter(None, map(str.strip, wanted)):
            some = await near(self.session, names, each, self.dialect)
            if forgiving:
                some |= await alike(self.session, names, each, self.dialect)
            for name in some:
                found[name] = max(found.get(name, 0.0), likeness(each, name))
        least = _WORST if forgiving else NEAR
        return [
            Match(score, MatchedBy.NAME, name) for name, score in found.items() if score >= least
        ]

    async def people(self, *, forgiving: bool) -> list[Match]:
        """Return matches by name, e-mail address or phone number; ``forgiving``, by parts too."""
        if self.is_email:
            email = self.text.lower()
            held = await present(self.session, User.email, [email], self.dialect)
            whole = [Match(likeness(fold(email), fold(e)), MatchedBy.EMAIL, e) for e in held]
        elif self.is_phone:
            digits = self.digits.lstrip("0")
            whole = [
                Match(_alike_phones(digits, phone), MatchedBy.PHONE, phone)
                for phone in await phones(self.session, digits, self.dialect)
            ]
        else:
            whole = await self.names(USER_NAMES, forgiving=forgiving)
        return whole + await self._parts_of_people() if forgiving else whole

    async def _parts_of_people(self) -> list[Match]:
        """By a part of a telephone number or an e-mail address."""
        if set(self.text) <= _PHONE:
            digits = self.digits.lstrip("0")
            return await self._parts(MatchedBy.PHONE, User.phone, digits)
        # No index helps to look into addresses: it is done for what cannot be a name.
        like_an_address = self.is_email or self.digits or set(self.text) & set("._")
        if " " in self.text or not like_an_address:
            return []
        return await self._parts(MatchedBy.EMAIL, User.email, self.text)

    async def _parts(self, by: MatchedBy, column: Any, part: str) -> list[Match]:
        if len(part) < _SHORTEST_PART:
            return []
        return [
            Match(_PART + _PART_GROWS * len(part) / len(value), by, value)
            for value in await containing(self.session, column, part)
        ]

    async def numbers(self, by: MatchedBy, column: Any, *, forgiving: bool) -> list[Match]:
        """Return matches by a number that is written on something; ``forgiving``, by a part too."""
        if not self.digits or self.is_email:
            return []
        compact = "".join(c for c in self.text if c.isalnum())
        parts: list[Match] = []
        if forgiving:
            for part in {compact, self.text}:
                parts += await self._parts(by, column, part)
        if by is MatchedBy.MICROCHIP and len(compact) not in _CHIP:
            return parts
        ways = {compact.upper(), compact, self.text, self.text.upper()}
        held = await present(self.session, column, ways, self.dialect)
        wanted = [fold(way) for way in ways]
        whole = [Match(max(likeness(each, fold(n)) for each in wanted), by, n) for n in held]
        return whole + parts


def _alike_phones(digits: str, phone: str) -> float:
    tail = _SHORTEST_PHONE
    alike_ends = likeness(digits[-tail:], phone[-tail:])
    return alike_ends if phone.endswith(digits) else alike_ends * 0.95
