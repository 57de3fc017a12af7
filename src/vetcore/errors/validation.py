"""Errors about input that breaks a rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from vetcore.errors.base import VetcoreError, plain, shown
from vetcore.errors.wording import in_our_words

if TYPE_CHECKING:
    import pydantic_core

__all__ = [
    "ConstraintViolation",
    "InvalidInput",
    "InvalidValue",
    "ValidationError",
]


class ValidationError(VetcoreError):
    """The input breaks a rule. Nothing was written."""

    code = "validation"
    title = "The input is not valid"


class InvalidValue(ValidationError, ValueError):
    """A value breaks a rule. Raised inside a schema, it becomes that field's error."""

    code = "invalid_value"
    title = "A value is not valid"

    def __init__(
        self, *, field: str, rule: str, expected: str | None = None, value: object = None
    ) -> None:
        given = "" if value is None or _is_secret(field) else f", got {shown(value)[:80]!r}"
        hint = f" (expected {expected})" if expected else ""
        super().__init__(f"{field}: {rule}{hint}{given}", field=field, rule=rule, expected=expected)


class InvalidInput(ValidationError):
    """A document has issues, each with the field, the rule and what would be right."""

    code = "invalid_input"

    def __init__(self, issues: Sequence[Mapping[str, object]], *, subject: str) -> None:
        told = issues[:MOST_ISSUES]
        omitted = len(issues) - len(told)
        lines = "; ".join(f"{issue['field'] or subject}: {issue['message']}" for issue in told)
        more = f"; and {omitted} more" if omitted else ""
        super().__init__(
            f"{subject} is not valid: {lines}{more}",
            subject=subject,
            issues=told,
            omitted=omitted or None,
        )

    @classmethod
    def from_pydantic(cls, error: Exception) -> Self:
        """Return Pydantic's issues in our form, without input values, which may be private.

        Errors of frameworks that collect Pydantic's do as well: FastAPI's ``RequestValidationError``
        and those of pydantic-settings.
        """
        subject = str(
            getattr(error, "title", None) or _SUBJECTS.get(type(error).__name__, "the input")
        )
        errors: Callable[[], Iterable[Mapping[str, Any]]] | None = getattr(error, "errors", None)
        if errors is None:
            return cls(
                [{"field": "", "rule": "value_error", "message": str(error)}], subject=subject
            )
        return cls.from_details(errors(), subject=subject)

    @classmethod
    def from_details(
        cls, details: "Iterable[pydantic_core.ErrorDetails | Mapping[str, Any]]", *, subject: str
    ) -> Self:
        """Return the same of Pydantic's ``errors()``, as frameworks hand them on.

        Each issue has a ``pointer``, the JSON pointer (RFC 6901) into the document that was sent, or
        the ``parameter`` where a query, a path, a header or a cookie has it.

        ::

            @app.exception_handler(RequestValidationError)
            async def refused(request, error):
                problem = InvalidInput.from_details(error.errors(), subject="the request")
        """
        return cls([_issue(one) for one in details], subject=subject)


MOST_ISSUES: Final = 100
"""Whoever sends a hundred thousand wrong entries hears of this many."""
_SUBJECTS: Final = {
    "RequestValidationError": "the request",
    "WebSocketRequestValidationError": "the request",
    "ResponseValidationError": "the response",
    "SettingsError": "the settings",
}
_PARAMETERS: Final = frozenset({"query", "path", "header", "cookie"})
_LONGEST_NAME: Final = 100
_LONGEST_MESSAGE: Final = 500
_SECRETS: Final = (
    "password",
    "passphrase",
    "passwd",
    "pwd",
    "secret",
    "token",
    "apikey",
    "credential",
)


def _issue(found: "pydantic_core.ErrorDetails | Mapping[str, Any]") -> dict[str, object]:
    place = [str(plain(part))[:_LONGEST_NAME] for part in found.get("loc") or ()]
    if found["type"] == "json_invalid" and place[:1] == ["body"]:
        place = place[:1]  # FastAPI adds at which character, which is no field
    field = ".".join(place)
    context = found.get("ctx") or {}
    message = in_our_words(found["type"], str(found["msg"]), context)
    cause = context.get("error")
    if isinstance(cause, InvalidValue):
        # Its own message names the field once more, and shows the value.
        rule, expected = cause.details["rule"], cause.details.get("expected")
        field = field or str(cause.details["field"])
        place = place or [field]
        message = f"{rule} (expected {expected})" if expected else str(rule)
    elif found["type"] in {"value_error", "assertion_error"} and _is_secret(field):
        message = "is not valid"  # what was raised may repeat what was given
    elif found["type"] == "union_tag_invalid":
        message = "Input should be of one of the kinds that there are"
    issue: dict[str, object] = {
        "field": field,
        "rule": found["type"],
        "message": message[:_LONGEST_MESSAGE],
    }
    if len(place) > 1 and place[0] in _PARAMETERS:
        return issue | {"parameter": ".".join(place[1:])}
    inside = place[1:] if place[:1] == ["body"] else place
    return issue | {"pointer": "#" + "".join(f"/{_escaped(part)}" for part in inside)}


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _is_secret(field: str) -> bool:
    last = field.lower().replace("_", "").replace("-", "").rpartition(".")[2]
    return any(word in last for word in _SECRETS)


class ConstraintViolation(ValidationError):
    """The database refused a value by a CHECK, NOT NULL or foreign key, whose name it gives."""

    code = "constraint_violation"
    title = "The database refused a value"

    def __init__(
        self,
        *,
        kind: str,
        constraint: str | None,
        table: str | None,
        fields: Sequence[str] = (),
    ) -> None:
        where = f"{table}.{', '.join(fields)}" if table and fields else (table or "the row")
        named = f" ({constraint})" if constraint else ""
        super().__init__(
            f"{where}: {_VIOLATIONS.get(kind, 'breaks a rule of the database')}{named}",
            kind=kind,
            constraint=constraint,
            table=table,
            fields=list(fields),
        )


_VIOLATIONS = {
    "not_null": "a value is required",
    "foreign_key": "refers to a row that does not exist",
    "check": "breaks a rule of the table",
    "data": "a value does not fit its column",
}
