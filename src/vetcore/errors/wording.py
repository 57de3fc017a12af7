"""Words the rules that Pydantic checks in the package's own way."""

from collections.abc import Mapping
from typing import Any, Final

_NUMBER, _WHOLE = "must be a number", "must be a whole number"
_TEXT, _LIST, _OBJECT = "must be text", "must be a list", "must be an object with named fields"
_DAY, _INSTANT = "must be a date such as 2026-03-09", "must be a time such as 2026-03-09T09:30Z"
_CLOCK, _DURATION = "must be a time of day such as 09:30", "must be a duration such as PT30M"
_UUID = "must be an id: 32 hexadecimal digits, with hyphens or without"
_ONE_OF = "must be one of {expected}"
_SHORT, _LONG = "must have at least {min_length}", "must have at most {max_length}"
_URL = "must be a URL such as https://example.com"
_ANOTHER_KIND = "must be one of its kinds"
_OTHERWISE: Final = "is not of the kind that is expected here"

_SAID: Final[Mapping[str, str]] = {
    "missing": "is required",
    "extra_forbidden": "is no field that is known here",
    "frozen_field": "cannot be changed",
    "frozen_instance": "cannot be changed",
    "none_required": "must be empty",
    "invalid_key": "must have text as its keys",
    "json_invalid": "must be JSON",
    "json_type": "must be JSON",
    "recursion_loop": "must not contain itself",
    "recursion_depth_exceeded": "is nested too deep",
    **dict.fromkeys(
        (
            *("model_type", "model_attributes_type", "dataclass_type", "dataclass_exact_type"),
            *("dict_type", "frozen_dict_type", "ordered_dict_type", "counter_type"),
            *("mapping_type", "arguments_type", "get_attribute_error", "no_such_attribute"),
        ),
        _OBJECT,
    ),
    **dict.fromkeys(
        (
            *("list_type", "tuple_type", "set_type", "frozen_set_type", "deque_type"),
            *("iterable_type", "iteration_error", "named_tuple_type"),
        ),
        _LIST,
    ),
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_not_ascii": "must have letters, digits and signs of ASCII only",
    "string_too_short": f"{_SHORT} characters",
    "string_too_long": f"{_LONG} characters",
    "string_pattern_mismatch": "is not written as it must be ({pattern})",
    "bytes_type": _TEXT,
    "bytes_too_short": f"{_SHORT} bytes",
    "bytes_too_long": f"{_LONG} bytes",
    "bytes_invalid_encoding": _TEXT,
    "enum": _ONE_OF,
    "literal_error": _ONE_OF,
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    "int_parsing_size": "must be a smaller number",
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), _NUMBER),
    **dict.fromkeys(("fraction_type", "fraction_parsing"), _NUMBER),
    **dict.fromkeys(("complex_type", "complex_str_parsing"), _NUMBER),
    "decimal_max_digits": "must have at most {max_digits} digits",
    "decimal_max_places": "must have at most {decimal_places} decimal places",
    "decimal_whole_digits": "must have at most {whole_digits} digits before the point",
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DAY),
    "date_from_datetime_inexact": "must be a date without a time of day",
    "date_past": "must be in the past",
    "date_future": "must be in the future",
    "time_type": _CLOCK,
    "time_parsing": _CLOCK,
    **dict.fromkeys(
        (
            *("datetime_type", "datetime_parsing", "datetime_object_invalid"),
            "datetime_from_date_parsing",
        ),
        _INSTANT,
    ),
    "datetime_past": "must be in the past",
    "datetime_future": "must be in the future",
    "timezone_naive": "must have no offset from UTC (a timezone)",
    "timezone_aware": "must say its timezone: end with Z or an offset from UTC",
    "timezone_offset": "must have another offset from UTC (a timezone)",
    "time_delta_type": _DURATION,
    "time_delta_parsing": _DURATION,
    **dict.fromkeys(("uuid_type", "uuid_parsing", "uuid_version"), _UUID),
    **dict.fromkeys(("url_type", "url_parsing", "url_syntax_violation", "url_scheme"), _URL),
    "url_too_long": f"{_LONG} characters",
    "union_tag_invalid": _ANOTHER_KIND,
    "union_tag_not_found": "must say which of its kinds it is",
    **dict.fromkeys(
        (
            *("missing_argument", "missing_keyword_only_argument"),
            "missing_positional_only_argument",
        ),
        "is required",
    ),
    **dict.fromkeys(
        ("unexpected_keyword_argument", "unexpected_positional_argument"),
        "is no field that is known here",
    ),
    "multiple_argument_values": "is given twice",
    "default_factory_not_called": "cannot be made while other fields are not valid",
    "set_item_not_hashable": "must have entries that can be told apart",
    **dict.fromkeys(
        (
            *("needs_python_object", "missing_sentinel_error", "ellipsis_error"),
            *("is_instance_of", "is_subclass_of", "callable_type"),
        ),
        _OTHERWISE,
    ),
}


def in_our_words(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """Return the rule that was broken, as the end of a sentence that begins with the field.

    >>> in_our_words("greater_than", "Input should be greater than 0", {"gt": 0})
    'must be more than 0'
    """
    rule = _SAID.get(kind)
    if rule is None:
        # A validator of our own, which says itself what is wrong.
        return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    try:
        return rule.format_map({name: _shown(value) for name, value in context.items()})
    except (KeyError, IndexError):
        return _OTHERWISE


def _shown(value: object) -> object:
    """A limit as people write it: 90, not 90.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
