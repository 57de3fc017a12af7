"""Makes a service on vetcore easy to test: databases, data, a stopped clock and assertions.

Installed with the extra ``testing``, it is a pytest plugin: its fixtures (``db``, ``session``,
``clock``, …) are there without an import; :mod:`vetcore.testing.fixtures` describes them. What is
imported from here works without pytest, too.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vetcore.testing.acting import acting_as
    from vetcore.testing.assertions import (
        Refusal,
        Statements,
        assert_no_overlap,
        count_statements,
        refused,
    )
    from vetcore.testing.clock import stopped_clock
    from vetcore.testing.databases import ScratchDatabases
    from vetcore.testing.factories import (
        create,
        create_all,
        create_many,
        factory,
        make_appointment,
        make_appointment_series,
        make_clinic,
        make_clinic_closure,
        make_clinic_patient,
        make_create,
        make_emergency_access,
        make_equipment,
        make_invitation,
        make_medical_record,
        make_pet,
        make_pet_co_owner,
        make_room,
        make_schedule_block,
        make_staff_membership,
        make_time_off,
        make_user,
        make_vaccination_reminder,
        make_veterinarian,
        make_waitlist_entry,
        make_webhook_delivery,
        seeded,
    )
    from vetcore.testing.scenario import Scenario, World
    from vetcore.testing.servers import running_test_server

__all__ = [
    "Refusal",
    "Scenario",
    "ScratchDatabases",
    "Statements",
    "World",
    "acting_as",
    "assert_no_overlap",
    "count_statements",
    "create",
    "create_all",
    "create_many",
    "factory",
    "make_appointment",
    "make_appointment_series",
    "make_clinic",
    "make_clinic_closure",
    "make_clinic_patient",
    "make_create",
    "make_emergency_access",
    "make_equipment",
    "make_invitation",
    "make_medical_record",
    "make_pet",
    "make_pet_co_owner",
    "make_room",
    "make_schedule_block",
    "make_staff_membership",
    "make_time_off",
    "make_user",
    "make_vaccination_reminder",
    "make_veterinarian",
    "make_waitlist_entry",
    "make_webhook_delivery",
    "refused",
    "running_test_server",
    "seeded",
    "stopped_clock",
]

_HOMES = {
    "Refusal": "assertions",
    "Scenario": "scenario",
    "ScratchDatabases": "databases",
    "Statements": "assertions",
    "World": "scenario",
    "acting_as": "acting",
    "assert_no_overlap": "assertions",
    "count_statements": "assertions",
    "create": "factories",
    "create_all": "factories",
    "create_many": "factories",
    "factory": "factories",
    "make_appointment": "factories",
    "make_appointment_series": "factories",
    "make_clinic": "factories",
    "make_clinic_closure": "factories",
    "make_clinic_patient": "factories",
    "make_create": "factories",
    "make_emergency_access": "factories",
    "make_equipment": "factories",
    "make_invitation": "factories",
    "make_medical_record": "factories",
    "make_pet": "factories",
    "make_pet_co_owner": "factories",
    "make_room": "factories",
    "make_schedule_block": "factories",
    "make_staff_membership": "factories",
    "make_time_off": "factories",
    "make_user": "factories",
    "make_vaccination_reminder": "factories",
    "make_veterinarian": "factories",
    "make_waitlist_entry": "factories",
    "make_webhook_delivery": "factories",
    "refused": "assertions",
    "running_test_server": "servers",
    "seeded": "factories",
    "stopped_clock": "clock",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 -- with the first name that is used

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
