"""The role that Clerk states for a user."""

from collections.abc import Mapping
from typing import cast

from vetcore.values.people import Role

__all__ = ["stated_role"]


def stated_role(public_metadata: object) -> Role | None:
    """Return the role in a user's ``public_metadata``, or None if no known role is there.

    Pass only public metadata, which the platform's own servers write. A user can write their
    ``unsafe_metadata`` from the browser.

    >>> stated_role({"role": "veterinarian"})
    <Role.VETERINARIAN: 'veterinarian'>
    >>> stated_role({"role": "emperor"})
    """
    if not isinstance(public_metadata, Mapping):
        return None
    stated = cast("Mapping[str, object]", public_metadata).get("role")
    return next((role for role in Role if role.value == stated), None)
