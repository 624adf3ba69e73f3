"""A title is short, and whole words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.diagnosis.text import short_title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Our sales fell", "Our sales fell"),
        ("Our sales fell. Nobody knows why, and it goes on.", "Our sales fell."),
        (
            "Deliveries in the north come late, mostly since the new route",
            "Deliveries in the north come late",
        ),
        ("Deliveries in the north come late mostly since May", "Deliveries in the north come late\u2026"),
        ("x" * 60, "x" * 39 + "\u2026"),
    ],
)
def test_a_title_ends_with_a_sentence_a_clause_or_a_word(text: str, title: str) -> None:
    assert short_title(text, 40) == title


@given(st.text(max_size=200))
def test_no_title_is_longer_than_allowed(text: str) -> None:
    assert len(short_title(text, 40)) <= 40
