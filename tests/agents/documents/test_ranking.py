"""BM25 by its formula, and the terms it counts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.documents.ranking import Bm25
from agents.documents.sentences import split_sentences
from agents.documents.terms import is_turkish, terms

TERMS = st.lists(st.sampled_from("abcdef"), max_size=12)


def test_the_score_is_that_of_the_formula() -> None:
    passages = [["cat", "dog", "cat"], ["dog"], ["bird", "bird"]]
    best = Bm25(passages).rank(["cat"])[0]
    rarity = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    assert best.index == 0
    assert best.score == pytest.approx(rarity * 2 * 2.2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / 2)))


def test_rare_terms_count_more_and_long_passages_less() -> None:
    index = Bm25([["rare", "x"], ["usual", "x"], ["usual", "x"], ["rare", *"x" * 50]])
    assert [rank.index for rank in index.rank(["rare", "usual"])] == [0, 1, 2, 3]


@given(st.lists(TERMS, max_size=8), TERMS)
def test_exactly_the_passages_with_a_term_are_ranked(passages: list[list[str]], question: list[str]) -> None:
    ranks = Bm25(passages).rank(question)
    assert {rank.index for rank in ranks} == {n for n, one in enumerate(passages) if set(one) & set(question)}
    assert [rank.score for rank in ranks] == sorted((rank.score for rank in ranks), reverse=True)
    assert all(0 < rank.coverage <= 1 and rank.score > 0 for rank in ranks)


def test_terms_are_words_without_endings_and_everyday_words() -> None:
    assert terms("The refunds were refunded", turkish=False) == ["refund", "refund"]
    assert terms("İadelerin ödenmesi ve iade", turkish=True) == ["iadel", "odenm", "iade"]
    assert terms("İzmir'de", turkish=True) == terms("IZMIR", turkish=True)


def test_the_language_of_a_text_is_told() -> None:
    assert is_turkish("Satışlar geçen yıla göre düştü ve maliyetler arttı.")
    assert not is_turkish("Sales fell against last year, and the costs rose.")
    assert not is_turkish("")


@given(st.text(max_size=200))
def test_sentences_together_are_the_whole_text(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())
