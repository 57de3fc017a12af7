"""Finds what is private in running text, by its form or by the name before it.

Each step takes time in proportion to the length of the text, whatever stands in it: a pattern
begins at the start of a run of characters only, takes the run at once, and is bounded elsewhere.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_plus

from vetcore.logging.naming import mask_of
from vetcore.logging.numbers import has_a_long_number, with_masked_numbers

__all__ = ["masked"]


def masked(text: str, *, numbers: bool = True, within: int = 0) -> str:
    """Return ``text`` with what is private masked. Without ``numbers``, phone numbers stay.

    ``within`` says how many times it was percent-encoded.
    """
    if "://" in text:
        text = _URL.sub(lambda found: _without_password(found[0]), text)
    if "%" in text:
        text = _CODED.sub(lambda found: _as_it_says(found[0], numbers=numbers, within=within), text)
    text = _replaced(text, _repeated_values(text))
    if _TOKEN_LIKE.search(text):
        text = _TOKEN.sub("[token]", text)
    text = _replaced(text, _named_values(text))
    text = _BEARER.sub(r"\1[secret]", text)
    if "@" in text or "%40" in text:
        text = _EMAIL.sub(lambda found: f"{found['open'] or ''}[email]", text)
    if has_a_long_number(text):
        text = with_masked_numbers(text, phones=numbers)
    return text


_CODED: Final = re.compile(
    r"""(?<![^\s&;"'<>%\[\]])[^\s&;"'<>%\[\]]*+%[0-9a-f]{2}[^\s&;"'<>]*+""", re.IGNORECASE
)
_DEEPEST: Final = 4


def _as_it_says(coded: str, *, numbers: bool, within: int) -> str:
    """A part of a query, decoded where what it says is to be masked."""
    if within == _DEEPEST:
        return "[too deep]"
    plain = unquote_plus(coded)
    clean = masked(plain, numbers=numbers, within=within + 1)
    return coded if clean == plain else clean


Span = tuple[int, int, str]
"""Where something private begins and ends, and the mask that replaces it."""


def _replaced(text: str, spans: Iterable[Span]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, mask in spans:
        parts += [text[done:start], mask]
        done = end
    return "".join([*parts, text[done:]]) if done else text


# Addresses with passwords -------------------------------------------------------------------------

_URL: Final = re.compile(r"(?<!\S)\S*?://\S*+")
_AUTHORITY: Final = re.compile(
    r"""://(?P<user>[^\s/?\#@:"'<>]*+)
    # A password may hold an @ or a slash; what is a port and a path on the web is none.
    (?:(?P<alone>@) | :(?P<port>\d{1,5}+(?=[/?\#"',\s]|$))?)""",
    re.VERBOSE,
)
_SCHEME_END: Final = re.compile(r"(?:https?|wss?)$", re.IGNORECASE)
_LONGEST_SCHEME: Final = 8


def _without_password(text: str) -> str:
    return _replaced(text, _passwords(text))


def _passwords(text: str) -> Iterable[Span]:
    last = text.rfind("@")
    for found in _AUTHORITY.finditer(text):
        if found["alone"]:
            if _is_of_the_web(text, found):  # an access token takes a user's place there
                yield found.start("user"), found.end("user"), "[secret]"
        elif last >= found.end("user") + 1 and not (found["port"] and _is_of_the_web(text, found)):
            yield found.end("user") + 1, last, "[password]"
            return


def _is_of_the_web(text: str, authority: re.Match[str]) -> bool:
    before = text[max(0, authority.start() - _LONGEST_SCHEME) : authority.start()]
    return _SCHEME_END.search(before) is not None


# What databases and validators repeat of the values that they refuse ------------------------------

_REPEATED: Final = re.compile(
    r"""(?P<row>(?:row\ contains|Zeile\ enthält|échec\ contient|falla\ contiene):?\ ?(?=\())
    | (?P<key>(?<=\))=(?=\())
    | (?P<parameters>\[parameters:\ )
    | (?P<input>\binput_value=)
    | (?P<value>\binvalid\ input\ (?:syntax|value)\ for\ [\w\ ]{1,80}:\ (?=")
        | \binvalid\ input\ for\ query\ argument\ \$\d{1,6}:\ (?=\S)
        | \bCOPY\ \S{1,80},\ line\ \d{1,12}(?:,\ column\ \S{1,80})?:\ (?="))""",
    re.VERBOSE,
)
_ENDS: Final = {
    "row": re.compile(r"""\)(?=\.(?:["'\s]|\\n|$))"""),
    "key": re.compile(r"\)(?= (?:already exists|is (?:not present|still|duplicated)|conflicts))"),
    "parameters": re.compile(r"(?=\](?:\n|$))"),
    "input": re.compile(r"(?=, input_type=)"),
    "value": re.compile(r"(?=\n|$)"),
}


def _repeated_values(text: str) -> Iterable[Span]:
    done = 0
    ends: dict[str, list[int]] = {}
    for found in _REPEATED.finditer(text):
        kind, start = str(found.lastgroup), found.end()
        if start < done or text.startswith("[secret]", start):
            continue
        if kind not in ends:
            ends[kind] = [each.end() for each in _ENDS[kind].finditer(text)]
        at = bisect_left(ends[kind], start)
        done = ends[kind][at] if at < len(ends[kind]) else _end_of_values(text, start, kind)
        yield start, done, "[secret]"


def _end_of_values(text: str, start: int, kind: str) -> int:
    """Where a value ends if its usual end is missing, as it is in other languages."""
    line = _end_of_line(text, start)
    last = text.rfind("]" if kind == "parameters" else ")", start, line)
    if last < 0:
        return line if kind == "input" else len(text)
    return last if kind == "parameters" else last + 1


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


# Tokens by their form -----------------------------------------------------------------------------

_TOKEN_LIKE: Final = re.compile(
    r"eyJ|_|-----|sk-|xox|AKIA|ASIA|AIza|SG\.|v1a?,|ya29\.|pypi-|glpat-"
)
_TOKEN: Final = re.compile(
    r"""(?<![\w\-])(?>[\w\-]*?eyJ)
        (?: [\w\-]{5,}+(?:\.[\w\-]{5,}+(?:\.[\w\-]*+){0,3})+ | [\w+/=\-]{40,}+ )
    | (?<![a-zA-Z0-9])(?:
        (?:sk|pk|rk)_(?:live|test)_\w{8,}+ | whsec_[\w+/=\-]{8,}+ | sk-[\w\-]{16,}+
        | sess_\w{6,}+ | v1a?,[\w+/=\-]{20,}+
        | gh[a-z]_\w{16,}+ | github_pat_\w{16,}+ | glpat-[\w\-]{16,}+ | xox[a-z]-[\w\-]{8,}+
        | npm_\w{16,}+ | pypi-[\w\-]{16,}+ | hf_\w{16,}+ | ya29\.[\w\-]{16,}+
        | (?:AKIA|ASIA)[A-Z0-9]{16} | AIza[\w\-]{30,}+ | SG\.[\w\-]{8,}+\.[\w\-]{8,}+ )
    | -----BEGIN\ [A-Z ]*+-----.*?(?:-----END\ [A-Z ]*+-----|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_BEARER: Final = re.compile(r"(?i)\b(bearer\s{1,8})[\w.~+/=\-]{8,}+")


# Values after a name ------------------------------------------------------------------------------

_QUOTE: Final = r"""(?:[\]"'\\]|%(?:22|27|5B|5C|5D)|u002[27]|&(?:quot|apos|\#0?3[49]|\#x2[27]);)"""
_NAMED: Final = re.compile(
    rf"""(?<![\w.\-$])(?!(?<=\\)(?:\\|u(?!002[27])[0-9a-f]{{4}}))(?P<name>(?:[\w.\-$]|\\{{1,8}}+u(?!002[27])[0-9a-f]{{4}})++)
    (?: {_QUOTE}{{0,8}}+[ \t]{{0,8}}+(?: :(?!:|//)|={{1,2}}>?|%3[AD] )[ \t]{{0,8}}+
      | ["']\s{{0,4}}+,\s{{0,4}}+(?=b?["']) )
    | (?<![\w\-])--(?P<option>[\w.\-]++)[ \t]{{1,8}}+(?=[^\s\-|&;<>])
    | <(?P<element>[\w.:\-]++)[^<>]{{0,200}}+>(?=[^<\s])
    | ;\ name="(?P<part>[^"\r\n]{{1,120}}+)"(?:\r?\n|\\r\\n|\\n){{2}}(?=[^\s])""",
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPED: Final = re.compile(r"(?<!\\)\\++u([0-9a-f]{4})", re.IGNORECASE)
_MASKED: Final = re.compile(r"""["']?\[(?:[a-z]+|birth\ date)\]""", re.VERBOSE)
_NOTHING: Final = re.compile(r"(?:None|null|true|false|undefined)\b", re.IGNORECASE)
_ONE_VALUE: Final = re.compile(
    r"""["']?(?:basic|bearer|token|apikey)[ ]{1,8}(?=\S)""", re.IGNORECASE
)
_QUOTED: Final = re.compile(
    r"""b?(?P<quote>\\{1,16}(?:["']|u002[27])|["']|%22|%27
    |&(?:quot|apos|\#0?3[49]|\#x2[27]);)""",
    re.IGNORECASE | re.VERBOSE,
)
_ESCAPES: Final = {
    '"': re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL),
    "'": re.compile(r"(?:[^'\\]|\\.)*+'", re.DOTALL),
}
_HEADERS: Final = ("authorization", "cookie", "cookies", "-signature")
_BRACKETS: Final = {"(": ")", "[": "]", "{": "}"}
_BRACKET: Final = re.compile(r"[()\[\]{}]")
_BARE: Final = re.compile(r"""(?:(?!%(?:26|2C|22|7D)|\\["'])[^\s"',;&)}\]<>])++""", re.IGNORECASE)
_PHONE: Final = re.compile(r"[+(]{0,2}\d[\d ().\-/]{2,30}\d")
_WIDEST: Final = 10_000


def _named_values(text: str) -> Iterable[Span]:
    done = 0
    for found in _NAMED.finditer(text):
        start = found.end()
        if start <= done or start == len(text):
            continue
        name = found["name"] or found["option"] or found["element"] or found["part"]
        mask = mask_of(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), name))
        if mask is None or _MASKED.match(text, start) or _NOTHING.match(text, start):
            continue
        span = _secret(text, found) if mask == "[secret]" else _contact(text, start, mask)
        if span is not None:
            done = span[1]
            yield span


def _secret(text: str, named: re.Match[str]) -> Span | None:
    start, name = named.end(), (named["name"] or "").lower()
    if name.endswith("authorization") and (scheme := _ONE_VALUE.match(text, start)):
        start = scheme.end()
    elif name.endswith(_HEADERS) and ":" in text[max(0, start - 2) : start]:
        opening = text[max(0, named.start() - 1) : named.start()]
        if not _QUOTED.match(text, start):
            return start, _end_of_header(text, start, opening), "[secret]"
    end = _end_of_value(text, start, _QUOTED.match(text, start))
    return (start, end, "[secret]") if end > start else None


def _end_of_header(text: str, start: int, opening: str) -> int:
    """The end of the line, or of the quotes in which the header as a whole stands."""
    line = _end_of_line(text, start)
    closing = text.find(opening, start, line) if opening in {'"', "'"} else -1
    return line if closing < 0 else closing


def _contact(text: str, start: int, mask: str) -> Span | None:
    if quoted := _QUOTED.match(text, start):
        end = _end_of_value(text, start, quoted)
        return (start, end, mask) if text[start:end].strip("b\\\"'") else None
    if mask == "[email]":  # what has no @ is a word of a sentence
        return None
    number = _PHONE.match(text, start)
    return None if number is None else (start, number.end(), mask)


def _end_of_value(text: str, start: int, quoted: re.Match[str] | None) -> int:
    if quoted is not None:
        return _end_of_quoted(text, quoted)
    if start < len(text) and text[start] in _BRACKETS:
        return _end_of_brackets(text, start)
    bare = _BARE.match(text, start)
    return start if bare is None else bare.end()


def _end_of_quoted(text: str, quoted: re.Match[str]) -> int:
    quote, inside = quoted["quote"], quoted.end()
    if quote in _ESCAPES:
        closed = _ESCAPES[quote].match(text, inside)
        if closed is not None:
            return closed.end()
    else:
        closing = text.find(quote, inside)
        if closing >= 0:
            return closing + len(quote)
    return _end_of_line(text, inside)


def _end_of_brackets(text: str, start: int) -> int:
    """Where the bracket at ``start`` is closed, or how far was looked for that."""
    last = min(len(text), start + _WIDEST)
    depth = 0
    for found in _BRACKET.finditer(text, start, last):
        depth += 1 if found[0] in _BRACKETS else -1
        if depth == 0:
            return found.end()
    return last


# E-mail addresses ---------------------------------------------------------------------------------

_LOCAL: Final = r"\w.!#$%*+^~\-"
_DOMAIN: Final = r"(?:@|%40)(?:[\w\-]+(?:\.[\w\-]+)+|\[[^\]\s]{1,60}\])"
_EMAIL: Final = re.compile(
    rf"""(?<![{_LOCAL}'`])(?P<open>['`]*+)(?<!://)[{_LOCAL}][{_LOCAL}'`]*{_DOMAIN}
    | "[^"\n]{{1,128}}"{_DOMAIN}""",
    re.VERBOSE,
)
