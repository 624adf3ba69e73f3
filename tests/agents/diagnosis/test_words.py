"""Words and phrases as framing compares them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.diagnosis.words import contains, stem, words


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("companies", "company"),
        ("margins", "margin"),
        ("losses", "loss"),
        ("churches", "church"),
        ("sales", "sale"),
    ],
)
def test_a_plural_is_the_same_word(word: str, same: str) -> None:
    assert stem(word) == stem(same)


def test_short_words_and_words_in_ss_keep_their_ending() -> None:
    assert [stem(word) for word in ("gas", "business", "status", "crisis")] == [
        "gas",
        "business",
        "status",
        "crisis",
    ]


def test_case_width_accents_of_form_and_possession_do_not_matter() -> None:
    assert words("ＳＡＬＥＳ Cafe\u0301 the customer’s") == words("sales caf\u00e9 the customers")


def test_a_phrase_counts_only_as_whole_words_in_a_row() -> None:
    text = words("We lost market share in shares of markets")
    assert contains(text, "market share")
    assert not contains(text, "share market")
    assert not contains(words("remarkable"), "mark")
    assert not contains(text, "...")


def test_a_phrase_with_dots_leaves_room_for_a_few_words() -> None:
    assert contains(words("we lost three of our biggest accounts"), "lost ... accounts")
    assert contains(words("lost accounts"), "lost ... accounts")
    assert not contains(words("accounts were lost"), "lost ... accounts")
    assert not contains(words("lost one two three four five accounts"), "lost ... accounts")


@given(st.lists(st.text(alphabet="abcdefg", min_size=1), min_size=1))
def test_every_run_of_words_of_a_text_is_found_in_it(parts: list[str]) -> None:
    text = words(" ".join(parts))
    assert contains(text, " ".join(parts))
    assert contains(text, parts[0])
