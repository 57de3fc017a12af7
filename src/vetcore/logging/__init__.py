"""Logging for programs in JSON, for people in lines, with nothing private in it.

vetcore logs through the standard library's loggers ``vetcore.…`` and configures nothing when it is
imported: a service calls :func:`configure` once when it starts, or puts :func:`redacted` into a
structlog configuration of its own.

Masked are e-mail addresses, telephone numbers, card numbers, IBANs, DEA numbers, tokens, keys and
passwords in messages, values and tracebacks, in entries of every library. A name such as
``accessToken``, ``X-Api-Key`` or ``db.password`` says what its value is, in whatever case, in
texts, JSON within texts, headers and objects. A telephone number in running text is known by ``+``,
``00`` or ``0`` before it, or by its North American form; under a key such as ``phone`` any is
masked. A card number is known by its issuer's digits, its length and its check digit; 15 digits
that can be an ISO 11784 microchip are taken for one.

No entry ends a line or moves a terminal's cursor: characters that would are written out. Long texts
are cut.

>>> redact("ann@example.com rang from +1 415-555-2671, see postgresql://vet:s3cret@db/clinic")
'[email] rang from [phone], see postgresql://vet:[password]@db/clinic'
>>> redact("pet 985112345678903 seen at 2026-03-08T09:30:00Z for 1250.00")
'pet 985112345678903 seen at 2026-03-08T09:30:00Z for 1250.00'
"""

from vetcore.logging.configuration import bind, configure, logger
from vetcore.logging.escaping import escaped as in_a_line
from vetcore.logging.redaction import redact, redacted

__all__ = ["bind", "configure", "in_a_line", "logger", "redact", "redacted"]
