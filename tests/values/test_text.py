"""Free text is made plain, and plain text is left alone."""

import re
import sys
from unicodedata import category, is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from vetcore.errors import ConfigurationError, InvalidValue
from vetcore.values.text import PlainText, plain_text, sanitize

MARKUP = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "&",
            "/",
            ";",
            "'",
            '"',
            "=",
            "<b>",
            "</b>",
            "<p>",
            "</p>",
            "<br/>",
            "<script>",
            "</script>",
            "<style>",
            "</style>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<svg>",
            "<math>",
            "<img",
            "&lt;",
            "&gt;",
            "&amp;",
            "&amp;lt;",
            "&#60;",
            "&#x3c;",
            "&copy",
            "&not;",
            "onerror",
            "alert(1)",
            "39",
            "a",
        ]
    )
    | st.sampled_from([" ", "\n", "\r\n", "\0", "\x0c", "\u2028", "\u202e", "\ud800", "e\u0301"])
    | st.text(max_size=3),
    max_size=14,
).map("".join)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<b>Ate</b> a <i>sock</i>", "Ate a sock"),
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("One<br>Two<BR />Three", "One\nTwo\nThree"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\nTwo"),
        ("Hello<script>alert(1)</script> there", "Hello there"),
        ("Hello<style>b{}</style><!-- note --> there", "Hello there"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<img src=x onerror=alert(1)>Rex", "Rex"),
        ("&lt;b&gt;Rex&lt;/b&gt;", "Rex"),
        ("&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;Rex", "Rex"),
        ("Tom &amp; Jerry &#9731;", "Tom & Jerry ☃"),
    ],
)
def test_markup_goes_and_what_it_marked_stays(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "T < 39 & bright",
        "HR 120, T<39, BCS 5/9 > last time",
        "I <3 cats",
        "R&D; vomiting&not eating &copy",
        "line one\nline two\n\n\tindented",
        "Ñandú 名前 👩\u200d⚕️ क्\u200dष",
        "'quoted' and \"quoted\"",
        "",
    ],
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain_text(text) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a\nb\nc\nd\ne\nf"),
        ("a\0b\x07c\x1bd\x7fe\x9bf", "abcdef"),
        ("ad\u202emin\u202c\u2066x\u2069", "adminx"),
        ("zero\u200bwidth\ufeff soft\xadhyphen\u200e\u200f\u061c\u2060", "zerowidth softhyphen"),
        ("e\u0301", "é"),
        ("half \ud83d a face", "half  a face"),
        (" \n outer \n ", "outer"),
    ],
)
def test_what_controls_or_hides_text_goes_and_lines_end_alike(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@given(MARKUP)
def test_what_comes_out_goes_in_again_unchanged(text: str) -> None:
    plain = plain_text(text)
    assert plain_text(plain) == plain
    assert is_normalized("NFC", plain)
    assert plain == plain.strip()
    assert {category(character) for character in plain if character not in "\n\t"}.isdisjoint(
        {"Cc", "Cs"}
    )
    # A "</" before anything but a letter begins no element.
    assert not re.search(r"</?[a-zA-Z]|<!--", plain)


def test_markup_that_is_wrapped_in_itself_without_end_is_refused() -> None:
    with pytest.raises(InvalidValue, match="notes: hides markup in markup") as refused:
        plain_text("&" + "amp;" * 2000 + "lt;b&gt;", field="notes")
    assert refused.value.details["expected"] == "plain text"


def test_without_the_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "nh3", None)
    with pytest.raises(ConfigurationError) as refused:
        plain_text("text")
    assert "pip install 'vetcore[sanitize]'" in refused.value.message


def test_chosen_elements_stay_and_nothing_in_them_runs() -> None:
    written = '<p onclick="x()">See <a href="javascript:x()">this</a></p><script>x()</script>'
    assert sanitize(written, tags={"p"}) == "<p>See this</p>"
    assert sanitize("T < 39") == "T &lt; 39"


def test_half_a_character_is_refused_as_html() -> None:
    with pytest.raises(InvalidValue, match="notes: has half a character"):
        sanitize("\ud83d", field="notes")


def test_a_schema_takes_markup_out_on_the_way_in() -> None:
    assert TypeAdapter(PlainText).validate_python("<b>Rex</b>") == "Rex"
