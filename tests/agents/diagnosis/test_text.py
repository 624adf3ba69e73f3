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


HIDDEN = (
    "\u202e\u2066\u200f\u200b\u200c\u200d\ufeff\u00ad\u115f\u3164\uffa0\u034f\ufe0f\u180b\u17b4\u2800"
    "\ue000\u0378\U000e0041\U000e0100\U000f0000"
)


@pytest.mark.parametrize("hidden", HIDDEN, ids=[f"U+{ord(c):04X}" for c in HIDDEN])
def test_a_name_with_a_hidden_character_is_refused_by_its_number(hidden: str) -> None:
    with pytest.raises(
        BadInput, match=f"The tag holds the hidden character U\\+{ord(hidden):04X}, with which"
    ):
        clean_name(f"ann{hidden}gpj", "The tag", 100)
    with pytest.raises(BadInput, match="holds the hidden character"):
        clean_name(f"ann{hidden}", "The tag", 100)


@pytest.mark.parametrize(
    "name", ["د\u200cا", "مر\u200dیم", "1\ufe0f", "👩\ufe0f", "❤\ufe0f\ufe0f", "👩\u200d"]
)
def test_a_joiner_or_a_variation_that_changes_nothing_to_see_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="holds the hidden character"):
        clean_name(name, "The tag", 100)


@given(st.text(), st.characters(categories=["Cf", "Co"]))
def test_no_name_holds_a_character_that_nobody_sees(start: str, hidden: str) -> None:
    with pytest.raises(BadInput):
        clean_name(f"{start}a{hidden}b", "The tag", 10**6)


SCRIPTS = ["مریم\u200cزاده", "রাজিয়া", "র\u200d\u09cdযাচেল", "മോഹന\u0d4d\u200d", "क्\u200cष", "රාම ශ්\u200dරී"]
PICTURES = ["👩‍👩‍👧", "👩🏽‍🚀", "🏳️‍🌈", "❤️", "1️⃣"]


@pytest.mark.parametrize("name", [*SCRIPTS, *PICTURES, "רות", "Ana  María", "孫 悟空", "Zoë", "Łukasz"])
def test_a_name_of_any_script_is_taken_in_one_line(name: str) -> None:
    assert clean_name(name, "The user's name", 80) == " ".join(name.split())
