"""Registers which factory makes the rows of which model."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, get_type_hints

from vetcore.models import Base

__all__ = ["FACTORIES", "factory"]

MakeT = TypeVar("MakeT", bound=Callable[..., Base])

FACTORIES: Final[dict[type[Base], Callable[..., Any]]] = {}
"""The factory of each model; :func:`factory` adds to it."""


def factory(make: MakeT) -> MakeT:
    """Declare a function to be the factory of the model that it returns.

    ::

        @factory
        def make_invoice(**overrides: Any) -> Invoice: ...

    ``make_create(InvoiceCreate)`` then finds it.

    Args:
        make: takes columns and relations by name, and returns a row that is not stored yet.

    Raises:
        TypeError: the function does not say which model it returns, or another factory makes it.
    """
    model = get_type_hints(make).get("return")
    if not isinstance(model, type) or not issubclass(model, Base):
        message = f"{make.__name__} does not say which model it makes"
        raise TypeError(message)
    if FACTORIES.setdefault(model, make) is not make:
        message = (
            f"{model.__name__} has two factories, {FACTORIES[model].__name__} and {make.__name__}"
        )
        raise TypeError(message)
    return make
