"""The rules of a flag, how a roll-out chooses, and the file that holds them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from uuid import UUID

import pydantic
from openfeature.evaluation_context import EvaluationContext  # pyright: ignore[reportMissingTypeStubs] -- typed inline
from openfeature.flag_evaluation import Reason
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from vetcore.errors import ConfigurationError

__all__ = ["Flag", "bucket", "flags_of"]


def bucket(flag: str, key: str) -> float:
    """Return where ``key`` stands in the roll-out of ``flag``: at least 0, below 100.

    The result is the first 53 bits of the SHA-256 of ``flag:key`` (UTF-8), over 2^53, times 100. A
    flag rolled out to 25 is on for every key below 25. These are the same keys in every process,
    and they stay on when the flag is rolled out further. Each flag shuffles the keys in its own
    way.

    >>> bucket("waitlist", "0198c0de-0000-7000-8000-000000000001") < 25
    False
    """
    digest = hashlib.sha256(f"{flag}:{key}".encode()).digest()
    # As many bits as a float holds: rounding could otherwise reach 100.
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53 * 100


class Flag(BaseModel):
    """What the file says of a flag. ``vetcore.flags`` explains the rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = ""
    enabled: Annotated[bool, Field(strict=True)] = True
    users: frozenset[UUID] = frozenset()
    clinics: frozenset[UUID] = frozenset()
    except_users: frozenset[UUID] = frozenset()
    except_clinics: frozenset[UUID] = frozenset()
    rollout: Annotated[float, Field(ge=0, le=100, strict=True)] | None = None
    by: Literal["user", "clinic"] | None = None

    def decide(self, name: str, context: EvaluationContext) -> tuple[bool, Reason]:
        """Return whether the flag is on, and by which kind of rule."""
        if not self.enabled:
            return False, Reason.DISABLED
        user, clinic = _id(context, "user_id"), _id(context, "clinic_id")
        if user in self.except_users or clinic in self.except_clinics:
            return False, Reason.TARGETING_MATCH
        if user in self.users or clinic in self.clinics:
            return True, Reason.TARGETING_MATCH
        if self.rollout is None:
            listed = bool(self.users or self.clinics)
            return not listed, Reason.DEFAULT if listed else Reason.STATIC
        key = {"user": user, "clinic": clinic, None: user or clinic or context.targeting_key}
        chosen = key[self.by]
        if chosen is None:
            return self.rollout >= 100, Reason.DEFAULT  # noqa: PLR2004 -- everyone
        return bucket(name, str(chosen)) < self.rollout, Reason.SPLIT


def _id(context: EvaluationContext, name: str) -> UUID | None:
    value = context.attributes.get(name)
    try:
        return None if value is None else UUID(str(value))
    except ValueError:
        return None


_FLAG_NAME = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.\-]{0,99}$")]


def _rules(value: object) -> object:
    return {"enabled": value} if isinstance(value, bool) else value


_FILE = TypeAdapter(dict[_FLAG_NAME, Annotated[Flag, pydantic.BeforeValidator(_rules)]])


def flags_of(file: Path) -> dict[str, Flag]:
    """Return the flags that a file defines.

    Raises:
        ConfigurationError: the file cannot be read or is wrong; each flag and field is named.
    """
    try:
        content = json.loads(file.read_bytes(), object_pairs_hook=_once)
        return _FILE.validate_python(content)
    except OSError as error:
        _refuse(
            file, [{"flag": None, "field": None, "message": f"cannot be read: {error.strerror}"}]
        )
    except pydantic.ValidationError as error:
        _refuse(file, [_issue(each) for each in error.errors(include_url=False)])
    except ValueError as error:
        _refuse(file, [{"flag": None, "field": None, "message": f"is not JSON: {error}"}])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"{twice!r} is there twice"
        raise ValueError(message)
    return content


def _issue(error: Any) -> dict[str, str | None]:
    path = [str(part) for part in error["loc"]]
    flag, field = path[0] if path else None, ".".join(path[1:]) or None
    message = error["msg"].replace("Input should", "should")
    match error["type"]:
        case "dict_type":
            message = "should be an object that names flags"
        case "model_type":
            message = "should be true, false or an object with rules"
        case "string_pattern_mismatch":
            field, message = (
                None,
                "should be named by a letter, then letters, digits, '_', '.', '-'",
            )
        case "extra_forbidden":
            alike = get_close_matches(path[-1], Flag.model_fields, n=1)
            message = f"is not a rule; did you mean {alike[0]!r}?" if alike else "is not a rule"
        case _:
            pass
    return {"flag": flag, "field": field, "message": message}


def _refuse(file: Path, issues: Sequence[Mapping[str, str | None]]) -> NoReturn:
    lines: list[str] = []
    for issue in issues:
        flag = f"flag {issue['flag']!r}" if issue["flag"] else ""
        field = f", field {issue['field']!r}:" if issue["field"] else ""
        lines.append(f"{flag}{field} {issue['message']}".strip())
    message = f"The flag file {file}: {'; '.join(lines)}"
    raise ConfigurationError(message, setting="VETCORE_FLAGS_FILE", file=str(file), flags=issues)
