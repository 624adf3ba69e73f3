"""The gate for what people type."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.diagnosis.text import clean, clean_name
from agents.errors import BadInput


@pytest.mark.parametrize("text", ["", "   ", "\n\t ", "\x00\x1f", "\ufeff\x00"[1:]])
def test_an_empty_text_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(BadInput, match=r"is empty\. Nothing was changed: write something first"):
        clean(text, "The description", 100)
    assert clean(text, "The note", 100, required=False) == ""


def test_a_text_may_have_exactly_the_most_characters() -> None:
    assert len(clean("x" * 20_000, "The description", 20_000)) == 20_000
    with pytest.raises(BadInput, match=r"has 20,001 characters; 20,000 are the most"):
        clean("x" * 20_001, "The description", 20_000)


def test_half_a_character_pair_is_refused() -> None:
    with pytest.raises(BadInput, match="broken character"):
        clean("sales \ud83d fell", "The description", 100)


def test_line_breaks_of_any_kind_keep_words_apart() -> None:
    assert clean("a\r\nb\rc\x0bd\u2028e", "The description", 100).split() == list("abcde")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_cleaning_is_stable_and_leaves_nothing_unprintable(text: str) -> None:
    once = clean(text, "It", 10**6, required=False)
    assert clean(once, "It", 10**6, required=False) == once
    assert once == unicodedata.normalize("NFC", once)
    assert not [c for c in once if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert not {"\ufffe", "\uffff", "\U0001ffff"} & set(once)


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200f", "\u200b", "\ufeff"])
def test_a_name_with_a_hidden_character_is_refused_by_its_number(hidden: str) -> None:
    with pytest.raises(
        BadInput, match=f"The tag holds the hidden character U\\+{ord(hidden):04X}, with which"
    ):
        clean_name(f"ann{hidden}gpj", "The tag", 100)


@pytest.mark.parametrize("name", ["مریم‌زاده", "רות", "Ana  María", "👩‍👩‍👧"])
def test_a_name_of_any_script_is_taken_in_one_line(name: str) -> None:
    assert clean_name(name, "The user's name", 80) == " ".join(name.split())
