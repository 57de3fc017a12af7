"""What a service answers to each error, and what is to be done about it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from vetcore import errors
from vetcore.errors import VetcoreError
from vetcore.identity.own.errors import TooManyAttempts

__all__ = ["ADVICE", "status_of"]

STATUS: Final[Mapping[type[VetcoreError], HTTPStatus]] = {
    errors.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    errors.PermissionDenied: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.InvalidTransition: HTTPStatus.CONFLICT,
    errors.KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.ConcurrentUpdate: HTTPStatus.PRECONDITION_FAILED,
    errors.ValidationError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BusinessRuleError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PoolExhausted: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StatementTimeout: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.VetcoreError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The status of each family; the nearest ancestor counts. The example service answers the same."""


def status_of(error: type[VetcoreError]) -> HTTPStatus:
    """The status that suits an error; one that a replay may cure is 503 with ``Retry-After``."""
    if error.retryable:
        return HTTPStatus.SERVICE_UNAVAILABLE
    return next(STATUS[family] for family in error.__mro__ if family in STATUS)


_LOOK = "Ask `find_slots` again and offer what it lists."
_STAFF = f"{_LOOK} Staff may name it in `overrides`."
_SENDER = "Answer 401; nothing was written."
_SIGN_IN = "The client gets a new token, or signs in again."

ADVICE: Final[Mapping[str, str]] = {
    "vetcore_error": "Catch it last: it is the root of all the others.",
    "configuration": "Correct the settings that it names; `vetcore doctor` shows where each is from.",
    "database": "Look at the cause, which is the driver's own error.",
    "connection_failed": "`Database.run` replays it. If it stays: is the server up, the address right?",
    "pool_exhausted": "Close sessions sooner; then raise `VETCORE_DATABASE_POOL_SIZE`.",
    "statement_timeout": "Look at its plan; then raise `VETCORE_DATABASE_STATEMENT_TIMEOUT`.",
    "lock_timeout": "`Database.run` replays it. If it stays, find the long transaction.",
    "serialization_failure": "Use `Database.run`, which replays it.",
    "deadlock": "Use `Database.run`, which replays it.",
    "commit_outcome_unknown": "Look whether it is there, or repeat it with its idempotency key.",
    "session_in_use": "Open one session for each task.",
    "read_only_session": "Write in `Database.transaction`; `Database.trial` takes everything back.",
    "transaction_over": "Leave the block, and begin another transaction.",
    "migration": "`vetcore db check` names what differs; nothing was changed.",
    "validation": "Show the message beside the form.",
    "invalid_value": "Show the message at the field.",
    "invalid_input": "Show each issue at its field; all of them are in `details.issues`.",
    "constraint_violation": "Validate with the schema first: it names the field in time.",
    "business_rule": "Show the message.",
    "not_found": "Answer 404, also for what exists and may not be seen.",
    "invalid_transition": "Show the row anew: `details.allowed` says what it may become.",
    "booking_refused": "Catch it around whatever books: it is the root of every refusal.",
    "not_bookable": _LOOK,
    "clinic_closed": _STAFF,
    "off_duty": _STAFF,
    "off_grid": _STAFF,
    "too_soon": _STAFF,
    "beyond_horizon": _STAFF,
    "clinic_not_active": "Offer another clinic: `nearest_clinics` leaves it out.",
    "service_not_offered": "Offer what `details.offered` lists.",
    "species_not_treated": "Offer another veterinarian or clinic.",
    "pet_not_bookable": "Look at the pet's status.",
    "not_working_here": "Leave the practitioner to `book`, or ask `find_slots` for another.",
    "service_not_performed": "Ask `list_practitioners` who performs it, or change `performed_by` in the catalogue.",
    "license_not_valid": "Renew the licence in the veterinarian's row, or take another.",
    "outside_service_hours": _LOOK,
    "blocked": _LOOK,
    "kept_for_others": _LOOK,
    "in_the_past": _LOOK,
    "not_bookable_online": "The owner calls the clinic; staff book it with `AppointmentCreate`.",
    "not_accepting_new_patients": "Offer another clinic or veterinarian. Staff may name it in `overrides`.",
    "key_reused": "Use a new key for a new intent; ask again with the command as it was.",
    "not_the_same_animal": "Correct the records first: a dead pet and a living one are two animals.",
    "no_longer_booked": "Show what became of it; book anew with another key.",
    "day_is_full": "Offer another day. Staff may name it in `overrides`.",
    "no_equipment": "Add a piece of that kind, or change what the service needs.",
    "no_assistant": "Ask for another day, or change who must assist at the service.",
    "assistants_off_duty": _STAFF,
    "no_room": "Add a room of that kind, or change the kind that the service needs.",
    "nobody_available": _LOOK,
    "too_late_to_cancel": "Let staff cancel it.",
    "no_calendar_message": "Give the clinic an e-mail address; confirm a hold before inviting to it.",
    "conflict": "Read again, and decide anew.",
    "already_exists": "Show the message at the fields in `details.fields`.",
    "still_referenced": "Remove or move what refers to it first.",
    "concurrent_update": "Read the row again, apply the change to what is there now.",
    "hold_expired": f"Hold or book again. {_LOOK}",
    "slot_taken": _LOOK,
    "too_many_bookings": "Cancel one, or give a hold back; or let the clinic's staff book.",
    "plan_conflict": "Its conflicts tell which and why; plan anew.",
    "series_conflict": 'Its report tells which; take the rest with `keep="rest"`, or another time.',
    "record_locked": "Add an addendum.",
    "not_in_person": "Let the person sign: with a session of their own, or as `Acting(user_id)`.",
    "other_veterinarian": "Name the veterinarian of the appointment, or hand it over first.",
    "already_recorded": "Write into the record that the appointment has.",
    "not_born_yet": "Correct the day of the visit, or the pet's birth date.",
    "died_before": "Correct the day of the visit, or the day on which the pet died.",
    "release_open": "End the release that is open in this transaction first.",
    "access": "Nothing raises it itself; see its members.",
    "not_authenticated": "Answer 401.",
    "permission_denied": "Answer 403; do not retry.",
    "signing_keys_unavailable": "Answer 503; ask again in a moment.",
    "webhook_refused": _SENDER,
    "webhook_header_missing": f"{_SENDER} Does a proxy drop the `svix-` headers?",
    "webhook_header_malformed": _SENDER,
    "webhook_too_large": f"{_SENDER} No user's event is that long.",
    "webhook_signature_mismatch": f"{_SENDER} Is the raw body verified, with the right secret?",
    "webhook_stale": f"{_SENDER} Genuine ones are sent again; check the clock.",
    "webhook_from_future": f"{_SENDER} Check the clock.",
    "token_refused": _SIGN_IN,
    "token_malformed": _SIGN_IN,
    "token_algorithm_refused": "Refuse it; no genuine token is signed so.",
    "token_key_unknown": f"{_SIGN_IN} Is `VETCORE_CLERK_ISSUER` the right instance?",
    "token_signature_mismatch": "Refuse it: it is forged or altered.",
    "token_issuer_mismatch": "Is `VETCORE_CLERK_ISSUER` the right instance?",
    "token_audience_mismatch": "Is `VETCORE_CLERK_AUDIENCE` right?",
    "token_party_refused": "Is the origin in `VETCORE_CLERK_AUTHORIZED_PARTIES`?",
    "token_expired": _SIGN_IN,
    "token_not_yet_valid": "Check the clock.",
    "session_pending": "Let the user finish signing in.",
    "impersonator_unknown": "Whoever supports users signs in here once, so that they have an account.",
    "account_deleted": "Sign the client out.",
    "password_refused": "Show the message at the field.",
    "sign_in_refused": "Answer 401, and say no more than it does.",
    "second_factor_needed": "Ask for the code, and sign in again with it.",
    "address_not_verified": "Offer to send the letter again (`request_confirmation`).",
    "session_over": "Let the user sign in.",
    "link_refused": "Offer to send another link.",
    "api_key_refused": "Answer 401; the program needs another key.",
    "verification_needed": "Ask for the password or the passkey (`verify_again`), and repeat it.",
    "too_many_attempts": "Answer 429; `details.until` says when it works again.",
    "sign_in_busy": "Answer 503; try again in a few seconds.",
}
"""By code: what to do, in a sentence."""
