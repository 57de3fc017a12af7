"""Feature flags, through the OpenFeature API.

A flag is asked for by its name, for whoever it concerns::

    if flags.is_enabled("waitlist", clinic_id=clinic.id, user_id=user.id):
        ...

:func:`configure` installs the built-in provider, which reads the settings and a JSON file; the file
is read again when it changes. :func:`use` installs any other OpenFeature provider in its place.

The file names each flag, with true, false or rules::

    {
        "new_calendar": true,
        "waitlist": {
            "description": "Offer a freed slot to those who wait",
            "clinics": ["0198c0de-0000-7000-8000-000000000001"],
            "except_users": ["0198c0de-0000-7000-8000-000000000002"],
            "rollout": 25,
            "by": "clinic",
        },
    }

The first rule that applies decides:

1. ``"enabled": false``: off.
2. The user or the clinic is in ``except_users`` or ``except_clinics``: off.
3. The user or the clinic is in ``users`` or ``clinics``: on.
4. ``rollout``: on for that percentage of keys, see :func:`bucket`. The key is what ``by`` says, the
   ``user`` or the ``clinic``; without ``by`` the user, or the clinic where no user is given. Who
   has no key gets it at 100 only. Without ``rollout`` it is 0 where users or clinics are listed,
   100 where none are.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final
from uuid import UUID

from openfeature import api
from openfeature.evaluation_context import EvaluationContext  # pyright: ignore[reportMissingTypeStubs] -- typed inline
from openfeature.flag_evaluation import FlagEvaluationDetails
from openfeature.provider import FeatureProvider  # pyright: ignore[reportMissingTypeStubs] -- typed inline

from vetcore.flags.provider import BuiltinProvider
from vetcore.flags.rules import Flag, bucket
from vetcore.settings import FlagsSettings

__all__ = [
    "DOMAIN",
    "BuiltinProvider",
    "Flag",
    "bucket",
    "configure",
    "is_enabled",
    "is_enabled_async",
    "override",
    "use",
]

DOMAIN: Final = "vetcore"
"""The OpenFeature domain of these flags; where it has no provider, the default one answers."""


def is_enabled(
    name: str, *, clinic_id: UUID | None = None, user_id: UUID | None = None, default: bool = False
) -> bool:
    """Return whether a flag is on for this clinic and this user.

    It never raises an error. It returns ``default`` if no provider is installed, if the provider
    does not know the flag, or if the provider fails. A failure is logged.
    """
    forced = _overrides.get().get(name)
    if forced is not None:
        return forced
    context = _context(clinic_id, user_id)
    return _answer(api.get_client(DOMAIN).get_boolean_details(name, default, context), default)


async def is_enabled_async(
    name: str, *, clinic_id: UUID | None = None, user_id: UUID | None = None, default: bool = False
) -> bool:
    """Return what :func:`is_enabled` returns, for providers that ask over the network.

    The built-in provider has no need of it.
    """
    forced = _overrides.get().get(name)
    if forced is not None:
        return forced
    client, context = api.get_client(DOMAIN), _context(clinic_id, user_id)
    return _answer(await client.get_boolean_details_async(name, default, context), default)


def _answer(details: FlagEvaluationDetails[bool], default: bool) -> bool:
    # On an error of type, the value is what the provider said and not the default.
    return default if details.error_code else details.value


def _context(clinic_id: UUID | None, user_id: UUID | None) -> EvaluationContext:
    given = {"clinic_id": clinic_id, "user_id": user_id}
    attributes = {name: str(value) for name, value in given.items() if value is not None}
    key = attributes.get("user_id") or attributes.get("clinic_id")
    return EvaluationContext(targeting_key=key, attributes=attributes)


_overrides: ContextVar[Mapping[str, bool]] = ContextVar(
    "vetcore_flag_overrides", default=MappingProxyType({})
)


@contextmanager
def override(flags: Mapping[str, bool] | None = None, /, **named: bool) -> Generator[None]:
    """Force flags on or off within this block and the tasks that are started in it.

    Whatever provider is installed, what was before is back when the block ends. Only
    :func:`is_enabled` and :func:`is_enabled_async` see it, not an OpenFeature client of your own.

    Args:
        flags: for names that are not Python identifiers.
        named: ``override(waitlist=True)``.
    """
    token = _overrides.set({**_overrides.get(), **(flags or {}), **named})
    try:
        yield
    finally:
        _overrides.reset(token)


def configure(settings: FlagsSettings) -> BuiltinProvider:
    """Install the built-in provider for the whole process, and return it.

    Raises:
        ConfigurationError: the flag file cannot be read or is wrong; each flag and field is named.
    """
    provider = BuiltinProvider(settings)
    use(provider)
    return provider


def use(provider: FeatureProvider) -> None:
    """Let another OpenFeature provider answer, once it says that it is ready.

    It gets ``clinic_id`` and ``user_id`` as attributes; the targeting key is the user, or the
    clinic where no user is given.
    """
    api.set_provider_and_wait(provider, domain=DOMAIN)
