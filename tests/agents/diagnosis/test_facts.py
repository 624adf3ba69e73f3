"""Facts in complaints: what is found, what it means, and what is not a fact."""

import pytest

from agents.diagnosis.facts import find_facts

FOUND = [
    ("Gross margin fell to 30 %", "metric", "Gross margin", None),
    ("Deliveries and sales", "metric", "Deliveries", None),
    ("sales dropped", "direction", "dropped", "direction:fall"),
    ("costs soared", "direction", "soared", "direction:rise"),
    ("growth stalled", "direction", "stalled", "direction:flat"),
    ("down since it rose", "direction", "down", "direction:fall"),
    ("fell from 14 % to 9 %", "size", "from 14 % to 9 %", None),
    ("5 days late", "size", "5 days late", None),
    ("lost €1.5 million", "size", "€1.5 million", None),
    ("1 of 40 leads", "size", "1 of 40", None),
    ("profit halved", "size", "halved", None),
    ("over the past two years", "period", "past two years", None),
    ("since October", "period", "since October", None),
    ("in Q2 2025", "period", "in Q2 2025", None),
    ("it fell suddenly", "onset", "suddenly", "onset:sudden"),
    ("worse quarter after quarter", "onset", "quarter after quarter", "onset:gradual"),
    ("sales in Austria fell", "scope", "in Austria", "scope:region"),
    ("in the northern region", "scope", "in the northern region", "scope:region"),
    ("in our web shop", "scope", "in our web shop", "scope:channel"),
    ("with small business customers", "scope", "with small business customers", "scope:segment"),
    ("in all our stores, everywhere", "scope", "everywhere", "scope:everywhere"),
]


@pytest.mark.parametrize(("text", "kind", "words", "tag"), FOUND, ids=[f[0] for f in FOUND])
def test_a_fact_is_found_with_its_words_and_meaning(
    text: str, kind: str, words: str, tag: str | None
) -> None:
    facts = {fact.kind: fact for fact in find_facts(text)}
    assert (facts[kind].text, facts[kind].tag) == (words, tag)


@pytest.mark.parametrize(
    "text",
    ["In March", "In Q2", "We saw it at Monday", "from I to We", "", "x" * 5_000, "\u202e\u0000 \ud7ff"],
)
def test_a_month_a_day_or_noise_is_no_place(text: str) -> None:
    assert "scope" not in {fact.kind for fact in find_facts(text)}


def test_there_is_at_most_one_fact_of_a_kind_and_they_come_in_a_fixed_order() -> None:
    text = "Suddenly in the north and in Spain sales and profit fell 5 % and 6 % in May and since June"
    assert [fact.kind for fact in find_facts(text)] == [
        "metric",
        "direction",
        "size",
        "period",
        "scope",
        "onset",
    ]
