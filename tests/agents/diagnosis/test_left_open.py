"""What a text denies, excepts, supposes or asks is no sure fact, and is asked about."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.diagnosis.facts import find_facts
from agents.diagnosis.framing import frame
from agents.diagnosis.left_open import left_open, without_denied_moves
from agents.diagnosis.loading import load_library

PLAYBOOKS = load_library(None).playbooks
FALL, RISE, REGION, CHANNEL = "direction:fall", "direction:rise", "scope:region", "scope:channel"
EVERYWHERE, SUDDEN, GRADUAL = "scope:everywhere", "onset:sudden", "onset:gradual"

READ: list[tuple[str, dict[str, tuple[str, str | None]]]] = [
    # Denied moves
    ("Sales did not fall", {"direction": ("did not fall", None)}),
    ("Sales hardly fell", {"direction": ("hardly fell", None)}),
    ("Sales neither rose nor fell", {"direction": ("neither rose nor fell", None)}),
    ("Sales stopped falling in May", {"direction": ("stopped falling", None), "period": ("in May", None)}),
    ("Churn is not higher than last year", {"direction": ("is not higher", None)}),
    ("No customers left", {"direction": ("No customers left", None)}),
    ("We lost no customers", {"direction": ("lost no customers", None)}),
    ("Nobody cancelled", {"direction": ("Nobody cancelled", None)}),
    ("I don't think sales fell", {"direction": ("don't think sales fell", None)}),
    ("Customers no longer buy", {"metric": ("Customers", None)}),
    ("Sales have not fallen; they have not risen either", {"direction": ("have not fallen", None)}),
    # Beside a move that is not denied, that one counts
    ("Our sales didn't drop, but profit fell", {"metric": ("profit", None), "direction": ("fell", FALL)}),
    ("Profit fell although sales did not fall", {"metric": ("Profit", None), "direction": ("fell", FALL)}),
    ("Costs have never risen, but delivery is late", {"metric": ("delivery", None)}),
    ("Sales are fine but profit fell", {"metric": ("profit", None), "direction": ("fell", FALL)}),
    ("No complaints, but orders fell", {"metric": ("orders", None), "direction": ("fell", FALL)}),
    ("Costs did not rise by 20 %, they rose by 5 %", {"direction": ("rose", RISE), "size": ("5 %", None)}),
    ("Costs did not rise by 20 %", {"size": ("did not rise by 20 %", None)}),
    ("Sales fell by no more than 5 %", {"direction": ("fell", FALL), "size": ("5 %", None)}),
    ("There is no doubt that sales fell", {"direction": ("fell", FALL)}),
    ("We do not know why sales fell suddenly", {"direction": ("fell", FALL), "onset": ("suddenly", SUDDEN)}),
    ("There is no growth", {"direction": ("no growth", "direction:flat")}),
    ("Everything except sales fell", {"direction": ("except sales fell", None)}),
    # What denies its own end goes on
    ("Sales have not stopped falling since March.", {"direction": ("falling", FALL)}),
    ("Churn won't stop rising.", {"direction": ("rising", RISE)}),
    ("Churn will not stop rising.", {"direction": ("rising", RISE)}),
    ("Sales never stop falling", {"direction": ("falling", FALL)}),
    # "Despite no ..." and "with no ..." say nothing of the move before them
    (
        "Sales dropped 20 % despite no price increase.",
        {"direction": ("dropped", FALL), "size": ("20 %", None)},
    ),
    ("Sales dropped 20 % with no price increase", {"direction": ("dropped", FALL), "size": ("20 %", None)}),
    ("Sales fell in spite of prices that did not rise", {"direction": ("fell", FALL)}),
    ("Sales did not fall despite the price increase", {"direction": ("did not fall", None)}),
    ("Sales did not fall despite no price increase", {"direction": ("did not fall", None)}),
    # A question for the reason takes the move for granted; one whether it is so does not
    ("Can you tell me why our sales dropped 20 % this quarter?", {"direction": ("dropped", FALL)}),
    ("Could you tell me why our sales dropped 20 %?", {"size": ("20 %", None)}),
    ("Is there a reason why profit fell 12 %?", {"direction": ("fell", FALL), "size": ("12 %", None)}),
    ("I would like to know why profit fell", {"direction": ("fell", FALL)}),
    ("Do you know what made costs rise?", {"direction": ("rise", RISE)}),
    ("Did sales fall, and why?", {"direction": ("Did sales fall", None)}),
    ("Do you know whether sales fell?", {"direction": ("Do you know whether sales fell", None)}),
    # What somebody fears of the past has happened
    ("I fear our sales fell 20 % because of prices.", {"direction": ("fell", FALL), "size": ("20 %", None)}),
    ("I am afraid sales dropped", {"direction": ("dropped", FALL)}),
    ("We are worried that churn has risen", {"direction": ("risen", RISE)}),
    ("I am afraid sales will fall", {"direction": ("afraid sales will fall", None)}),
    # A name is no word that supposes
    ("Sales in the Will County stores fell 8 %.", {"direction": ("fell", FALL), "size": ("8 %", None)}),
    ("Will County sales fell 8 %.", {"direction": ("fell", FALL)}),
    ("Might's bakery sales fell 8 %.", {"direction": ("fell", FALL), "size": ("8 %", None)}),
    ("Our May sales fell 8 %", {"direction": ("fell", FALL)}),
    ("Will sales fall again", {"direction": ("Will sales fall", None)}),
    ("SALES MIGHT FALL", {"direction": ("MIGHT FALL", None)}),
    # Supposed or asked
    ("If sales fall again we are in trouble", {"direction": ("If sales fall", None)}),
    ("Sales would have fallen without the discount", {"direction": ("would have fallen", None)}),
    ("We fear that sales will fall", {"direction": ("fear that sales will fall", None)}),
    ("The board thinks sales may drop in Spain", {"scope": ("may drop in Spain", None)}),
    ("Did sales fall in Berlin?", {"scope": ("Did sales fall in Berlin", None)}),
    ("Was it sudden? Sales fell in May", {"direction": ("fell", FALL), "onset": ("Was it sudden", None)}),
    ("Why did sales fall in Berlin?", {"direction": ("fall", FALL), "scope": ("in Berlin", REGION)}),
    # Where it is, and where not
    ("Sales fell, but not in Germany", {"direction": ("fell", FALL), "scope": ("not in Germany", None)}),
    ("Sales fell in Berlin, not in Hamburg", {"scope": ("in Berlin", REGION)}),
    ("Sales fell in retail but not in our web shop", {"scope": ("in retail", CHANNEL)}),
    ("Sales fell only in Berlin and in the shops", {"scope": ("in Berlin, in the shops", None)}),
    ("Sales fell only in Berlin and among nurses", {"scope": ("in Berlin, among nurses", None)}),
    ("Sales fell only among nurses and in Berlin", {"scope": ("among nurses, in Berlin", None)}),
    ("Sales fell in Spain and in retail", {"scope": ("in Spain, in retail", None)}),
    ("Sales fell in Spain and in Austria", {"scope": ("in Spain, in Austria", REGION)}),
    ("Sales fell in May and in Berlin", {"scope": ("in Berlin", REGION)}),
    (
        "Sales did not fall in Berlin and in the shops",
        {"scope": ("did not fall in Berlin and in the shops", None)},
    ),
    ("Sales fell not only in Berlin", {"scope": ("not only in Berlin", None)}),
    ("Sales fell not only in Berlin but everywhere", {"scope": ("everywhere", EVERYWHERE)}),
    ("Sales fell everywhere except in Berlin", {"scope": ("everywhere except in Berlin", None)}),
    ("Except for Spain, sales fell everywhere", {"scope": ("everywhere", None)}),
    ("Sales fell in all regions but the north", {"scope": ("all regions but the north", None)}),
    ("Costs rose in every plant", {"scope": ("in every plant", EVERYWHERE)}),
    ("Costs rose in every plant but Linz", {"scope": ("in every plant but Linz", None)}),
    ("Sales fell not everywhere, only in Austria", {"scope": ("in Austria", REGION)}),
    ("Not all regions are affected; sales fell", {"scope": ("Not all regions", None)}),
    ("Apart from Berlin sales fell", {"direction": ("fell", FALL), "scope": ("Apart from Berlin", None)}),
    ("Sales fell, less so in retail", {"scope": ("less so in retail", None)}),
    ("Retail is not affected, sales fell online", {"scope": ("online", CHANNEL)}),
    ("Sales in Austria held up, in Germany they fell", {"scope": ("in Germany", REGION)}),
    ("Profit is not down as much in the north", {"scope": ("is not down as much in the north", None)}),
    # How it began
    ("It was not sudden; sales fell", {"direction": ("fell", FALL), "onset": ("was not sudden", None)}),
    ("Sales fell suddenly, not gradually", {"onset": ("suddenly", SUDDEN)}),
    ("There was no sudden drop, sales slipped little by little", {"onset": ("little by little", GRADUAL)}),
]


@pytest.mark.parametrize(("text", "told"), READ, ids=[text for text, _ in READ])
def test_what_is_left_open_is_shown_with_its_words_and_means_nothing(
    text: str, told: dict[str, tuple[str, str | None]]
) -> None:
    facts = {fact.kind: fact for fact in find_facts(text)}
    assert {kind: (facts[kind].text, facts[kind].tag) for kind in told} == told
    assert all(fact.tag is None for fact in facts.values() if fact.is_open)
    assert all(fact.text in told[kind][0] for kind, fact in facts.items() if kind in told)


@pytest.mark.parametrize(
    "text",
    [
        "Sales did not fall",
        "No customers left",
        "Few customers left",
        "We lost no customers",
        "Not a single customer left",
        "Nobody cancelled",
        "Did sales fall?",
        "Sales would have fallen",
        "It is unclear whether sales fell",
    ],
)
def test_a_text_that_leaves_open_whether_anything_moved_is_asked_for_its_kind(text: str) -> None:
    found = frame(text, PLAYBOOKS)
    assert "direction" in found.left_open
    assert found.kind == "unknown" or found.is_thin


def test_a_denied_move_is_no_sign_of_a_kind_and_a_denial_that_a_playbook_names_is() -> None:
    said = frame("No customers left us, yet revenue fell", PLAYBOOKS)
    assert (said.suggested, said.is_close) == ("sales_fall", False)
    assert "not used" in frame("The new tool is not used", PLAYBOOKS).ranking[0].terms


@pytest.mark.parametrize(
    ("text", "blames"),
    [
        ("Churn rose, but not because of the price increase", None),
        ("Orders fell. It isn't due to the new pricing", None),
        ("Orders fell, we do not think it is because of prices", None),
        ("Churn rose, not only because of the price increase", "the price increase"),
        ("Sales fell, not because of prices, but because rivals cut theirs", "rivals cut theirs"),
        ("Sales are not growing because rivals cut prices", "rivals cut prices"),
    ],
)
def test_a_suspicion_that_is_denied_is_none(text: str, blames: str | None) -> None:
    assert frame(text, PLAYBOOKS).blames == blames


@given(
    st.lists(
        st.sampled_from(["not", "except", "if", "sales", "fell", "in Berlin", ",", "and", "?", "no", "."])
    )
)
@settings(deadline=None)
def test_stretches_stand_apart_inside_the_text(pieces: list[str]) -> None:
    text = " ".join(pieces)
    spans = [(s.start, s.end) for s in left_open(text).stretches]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert without_denied_moves(text, " x ").count("fell") <= text.count("fell")


@pytest.mark.parametrize("piece", ["not ", "no sales fell and ", "except in Aa, ", "is it? ", "\n", "if "])
def test_twenty_thousand_characters_of_denials_are_read(piece: str) -> None:
    assert len(find_facts((piece * 20_000)[:20_000])) <= 6
