"""Text in Markdown shows letter for letter."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.text import WORD_JOINER, plain

PUNCTUATION = r"!\"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"
UNESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
"""A backslash before ASCII punctuation stands for that sign in CommonMark."""

WRITTEN = st.text(alphabet=st.one_of(st.sampled_from(PUNCTUATION + " ab:1\n"), st.characters()), max_size=60)


def read(source: str) -> str:
    return UNESCAPE.sub(r"\1", source).replace(WORD_JOINER, "")


@given(WRITTEN)
def test_escaped_text_reads_as_it_was_written_on_one_line(text: str) -> None:
    assert read(plain(text)) == " ".join(text.split()).replace(WORD_JOINER, "")


@given(WRITTEN)
def test_no_sign_that_means_something_in_markdown_stays_without_its_backslash(text: str) -> None:
    left = UNESCAPE.sub("", plain(text))
    assert not set(left) & set("\\`*_{}[]()<>#+-.!|~$&^=")


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        (":material/home:", ":material"),
        (":red[x]", ":red"),
        (":100:", ":100:"),
        (":+1:", ":+1:"),
        ("a -> b", "->"),
        ("a <-> b", "<->"),
        ("1 -- 2", "--"),
        ("x >= y", ">="),
        ("http://example.com", "http://"),
        ("www.example.com", "www."),
        ("me@example.com", "me@example"),
    ],
)
def test_what_streamlit_replaces_after_the_escapes_is_broken_up(text: str, replaced: str) -> None:
    source = UNESCAPE.sub(r"\1", plain(text))
    assert replaced in text
    assert replaced not in source
    assert source.replace(WORD_JOINER, "") == text
