"""Lets a service declare business rules that raise the package's errors.

A rule about one value belongs to its type. Rules about several values are declared with a decorator
and checked together, so that a person who filled in a form learns of every mistake at once.

>>> from typing import Annotated
>>> from pydantic import BaseModel
>>> Nights = Annotated[int, must(lambda nights: nights <= 14, "is too long", expected="1 to 14")]
>>> class Boarding(BaseModel):
...     nights: Nights
...     species: str
...     kennel: str
>>> @rule("kennel", "is not for cats", expected="the cattery")
... def cats_sleep_in_the_cattery(stay: Boarding) -> bool:
...     return stay.species != "cat" or stay.kennel == "cattery"
>>> stay = Boarding(nights=3, species="cat", kennel="north")
>>> try:
...     check(stay, [cats_sleep_in_the_cattery])
... except InvalidInput as error:
...     print(error)
Boarding is not valid: kennel: is not for cats (expected the cattery)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from vetcore.errors import InvalidInput, InvalidValue

__all__ = ["Rule", "check", "must", "rule"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """A rule about a thing. Calling the rule with a thing returns whether the thing keeps it."""

    code: str
    """The stable code of the rule, for programs."""
    field: str
    """The field to change if the rule is broken; empty for the thing as a whole."""
    message: str
    predicate: Callable[[T], bool]

    def __call__(self, thing: T) -> bool:
        """Whether ``thing`` keeps the rule."""
        return self.issue(thing) is None

    def issue(self, thing: T) -> dict[str, object] | None:
        """Return the issue of a thing that breaks this rule, or None.

        The issue is one that :class:`~vetcore.errors.InvalidInput` lists. A predicate may also
        raise :class:`~vetcore.errors.InvalidValue`, and so name another field.
        """
        try:
            if self.predicate(thing):
                return None
        except InvalidValue as error:
            field = str(error.details["field"])
            message = error.message.removeprefix(f"{field}: ")
            return {"field": field, "rule": self.code, "message": message}
        return {"field": self.field, "rule": self.code, "message": self.message}


def rule(
    field: str, broken: str, *, expected: str | None = None, code: str | None = None
) -> Callable[[Callable[[T], bool]], Rule[T]]:
    """Turn a function into a rule. The function returns whether a thing keeps the rule.

    Args:
        field: the field to change if the rule is broken; empty for the thing as a whole.
        broken: what is wrong then, as the end of a sentence that begins with the field's name.
        expected: what would be right.
        code: the rule's code for programs; None means the function's name.
    """

    def declare(predicate: Callable[[T], bool]) -> Rule[T]:
        name = code or str(getattr(predicate, "__name__", "business_rule"))
        return Rule(name, field, _sentence(broken, expected), predicate)

    return declare


def check(thing: T, rules: Iterable[Rule[T]], *, subject: str | None = None) -> T:
    """Return ``thing`` if it keeps all the rules.

    Raises:
        InvalidInput: the thing breaks some rules; each of them is one issue, in the order of the rules.
    """
    issues = [issue for one in rules if (issue := one.issue(thing)) is not None]
    if issues:
        raise InvalidInput(issues, subject=subject or type(thing).__name__)
    return thing


def must(
    predicate: Callable[[Any], bool],
    broken: str,
    *,
    expected: str | None = None,
    code: str = "business_rule",
) -> AfterValidator:
    """Return a rule about one value, for ``Annotated``. Pydantic collects what the rule refuses.

    ``InvalidInput.from_pydantic`` gives the error the package's form, with ``code`` as the issue's
    rule.
    """
    # Typed as literals there, so that nobody builds a template; without a context it is none.
    message = _sentence(broken, expected)

    def validate(value: T) -> T:
        if not predicate(value):
            raise PydanticCustomError(code, message)  # pyright: ignore[reportArgumentType]
        return value

    return AfterValidator(validate)


def _sentence(broken: str, expected: str | None) -> str:
    return f"{broken} (expected {expected})" if expected else broken
