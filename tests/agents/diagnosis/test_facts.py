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
    ("went from $1.2 million to $900,000.", "size", "from $1.2 million to $900,000", None),
    ("5 days late", "size", "5 days late", None),
    ("lost €1.5 million", "size", "€1.5 million", None),
    ("1 of 40 leads", "size", "1 of 40", None),
    ("only 1 in 25 buys", "size", "1 in 25", None),
    ("profit halved", "size", "halved", None),
    ("over the past two years", "period", "past two years", None),
    ("since October", "period", "since October", None),
    ("in Q2 2025", "period", "in Q2 2025", None),
    ("parcels take nine days instead of four", "size", "nine days instead of four", None),
    ("in Leipzig parcels take 9 days instead of 4", "scope", "in Leipzig", "scope:region"),
    ("it fell suddenly", "onset", "suddenly", "onset:sudden"),
    ("worse quarter after quarter", "onset", "quarter after quarter", "onset:gradual"),
    ("sales in Austria fell", "scope", "in Austria", "scope:region"),
    ("in the northern region", "scope", "in the northern region", "scope:region"),
    ("our online conversion on phones dropped", "scope", "on phones", None),
    ("our online conversion dropped", "scope", "online", "scope:channel"),
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
    [
        "In March",
        "In Q2",
        "Reps still keep everything in Excel",
        "We saw it at Monday",
        "from I to We",
        "",
        "x" * 5_000,
        "\u202e\u0000 \ud7ff",
    ],
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


SAID_OF_THE_METRIC = [
    ("Our gym loses members: cancellations rose 30 %", "rose", "direction:rise"),
    ("Prices rose and sales fell", "fell", "direction:fall"),
    ("Since prices rose sales are lower", "lower", "direction:fall"),
    ("We lost customers and costs rose", "lost", "direction:fall"),
    ("Sales in the north and the south dropped", "dropped", "direction:fall"),
    ("Orders leave the warehouse 5 days late", "late", "direction:rise"),
    ("Customers leave us", "leave", "direction:fall"),
]


@pytest.mark.parametrize(("text", "words", "tag"), SAID_OF_THE_METRIC, ids=[s[0] for s in SAID_OF_THE_METRIC])
def test_the_direction_is_the_one_that_is_said_of_the_metric(text: str, words: str, tag: str) -> None:
    facts = {fact.kind: fact for fact in find_facts(text)}
    assert (facts["direction"].text, facts["direction"].tag) == (words, tag)


MISREAD = [
    (
        "Since about May parcels arrive late. In June we changed the carrier.",
        "period",
        "Since about May",
        None,
    ),
    ("In June we changed the carrier", "period", None, None),
    ("mostly its the Manchester customers", "scope", "the Manchester customers", None),
    ("Complaints rose, mainly with our Bristol clients", "scope", "our Bristol clients", None),
    ("Many customers complain", "scope", None, None),
    ("Many customers complain", "metric", "customers", None),
    ("mostly its the Manchester customers", "metric", None, None),
    ("we used to grow 15% a year, now cash is short", "size", None, None),
    ("it used to be 15 %", "size", None, None),
    ("we grew 40 % a year until 2023 and have been stuck since", "direction", "stuck", "direction:flat"),
    ("sales doubled until last year, then fell 20 %", "size", "20 %", None),
    ("we sell less than we used to in the north", "scope", "in the north", "scope:region"),
    ("hardly anyone uses it", "direction", None, None),
    ("our webshop gets as much traffic as last year but hardly anyone buys", "scope", None, None),
    ("our online store has the same visitors, fewer buy", "scope", None, None),
    ("visitors come to our web shop as before, fewer buy", "scope", None, None),
    ("our website has lost buyers", "scope", "our website", "scope:channel"),
    ("our key account manager resigned", "scope", None, None),
    ("Orders fell. We sit in the northern region.", "scope", "in the northern region", None),
    ("Orders fell, perhaps only in the north", "scope", "in the north", None),
    ("we lost four big clients", "scope", "big clients", None),
    ("it fell by 8 in 2024", "size", None, None),
    ("we lost 3 in 10 days", "size", None, None),
    ("we lost 20 in 3 stores", "size", None, None),
    ("it fell suddenly or little by little", "onset", "suddenly", None),
]


@pytest.mark.parametrize(("text", "kind", "words", "tag"), MISREAD, ids=[m[0] for m in MISREAD])
def test_what_is_said_in_passing_is_no_fact_and_what_is_not_sure_answers_nothing(
    text: str, kind: str, words: str | None, tag: str | None
) -> None:
    fact = next((fact for fact in find_facts(text) if fact.kind == kind), None)
    assert (fact.text if fact else None, fact.tag if fact else None) == (words, tag)


RATIOS = [
    ("conversion is 1 in 25 now, before it was 1 in 5", "80 % lower (from 1 in 5 to 1 in 25)"),
    ("Conversion went from 1 in 5 to 1 in 25", "80 % lower (from 1 in 5 to 1 in 25)"),
    ("It used to be 1 in 5, now 1 in 25 buys", "80 % lower (from 1 in 5 to 1 in 25)"),
    ("1 in 25 now, 1 in 5 last year", "80 % lower (from 1 in 5 to 1 in 25)"),
    ("one in 20 parcels is late, last year it was 1 in 40", "100 % higher (from 1 in 40 to one in 20)"),
    # Which of the two is the earlier, or whether there is a change, is not told
    ("conversion is 1 in 25 or 1 in 20", "1 in 25"),
    ("before it was 1 in 5, and before that 1 in 6", "1 in 5"),
    ("before it was 1 in 5, now it may be 1 in 25", "1 in 5"),
    ("before it was 0 in 5, now 1 in 5", "0 in 5"),
    ("before it was 1 in 5, now 2 in 10", "1 in 5"),
]


@pytest.mark.parametrize(("text", "size"), RATIOS, ids=[ratio[0] for ratio in RATIOS])
def test_two_ratios_in_time_are_a_change_in_percent(text: str, size: str) -> None:
    assert next(fact for fact in find_facts(text) if fact.kind == "size").text == size


def test_two_ratios_in_time_tell_the_direction_where_no_word_does() -> None:
    facts = {fact.kind: fact for fact in find_facts("conversion is 1 in 25 now, before it was 1 in 5")}
    assert (facts["direction"].text, facts["direction"].tag) == ("lower", "direction:fall")
    facts = {fact.kind: fact for fact in find_facts("conversion fell: 1 in 25 now, 1 in 5 last year")}
    assert facts["direction"].text == "fell"


WENT = [
    ("Our monthly revenue went from 900k to 700k", "direction:fall"),
    ("Revenue has gone from $1.2 million to $900,000 since spring", "direction:fall"),
    ("Our margin went from 12,5 to 9,5 %", "direction:fall"),
    ("Delivery times went from about 3 to 9 days.", "direction:rise"),
    ("churn has gone steadily from 2 % to 5 %", "direction:rise"),
    # It is not said of the figure, not in amounts that can be compared, not a change, or denied
    ("we moved from 5 to 7 offices and sales are weak", None),
    ("sales went from 5 k to 4 %", None),
    ("sales went from good to bad", None),
    ("sales went from 5 to 5", None),
    ("sales have not gone from 5 to 7", None),
    ("sales from 9 to 5 are weak", None),
]


@pytest.mark.parametrize(("text", "tag"), WENT, ids=[said[0] for said in WENT])
def test_the_amounts_of_a_figure_tell_its_direction_where_no_word_does(text: str, tag: str | None) -> None:
    assert next((fact.tag for fact in find_facts(text) if fact.kind == "direction"), None) == tag


LIMITED = [
    ("only in the north and only in our web shop", "in the north, in our web shop", None),
    ("Sales fell in May, but only in retail and mostly in Austria", "in retail, in Austria", None),
    ("Our online sales fell, mostly in the north", "in the north", "scope:region"),
    ("fewer orders, only in the north or in the south", "in the north, in the south", "scope:region"),
    ("only in Berlin, Hamburg and Munich", "in Berlin, Hamburg and Munich", "scope:region"),
]


@pytest.mark.parametrize(("text", "words", "tag"), LIMITED, ids=[limited[0] for limited in LIMITED])
def test_every_place_that_a_problem_is_limited_to_is_kept(text: str, words: str, tag: str | None) -> None:
    scope = next(fact for fact in find_facts(text) if fact.kind == "scope")
    assert (scope.text, scope.tag) == (words, tag)


@pytest.mark.parametrize(
    "piece", ["only in the north ", "In Aa, ", "up ", "and only ", "sales. ", "1 in 5 was ", "Will Aa fell "]
)
def test_twenty_thousand_characters_of_places_and_moves_are_read(piece: str) -> None:
    assert len({fact.kind for fact in find_facts((piece * 20_000)[:20_000])}) <= 6
