"""What a text is taken for: kind, playbook, blame; and that no text can hurt."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.diagnosis.admission import NotAComplaint
from agents.diagnosis.facts import NAMED
from agents.diagnosis.framing import FoundFact, Framing, Score, answers_in_facts, frame, tag_of
from agents.diagnosis.loading import load_library
from agents.diagnosis.playbook import SOMETHING_ELSE, Playbook
from agents.diagnosis.stated import recognised_by, stated_cause
from agents.diagnosis.wording import wording

PLAYBOOKS = load_library(None).playbooks
COMPLAINTS: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("complaints.yaml").read_text(encoding="utf-8")
)


def read(text: str) -> Framing:
    return frame(text, PLAYBOOKS)


def test_complaints_in_other_peoples_words_are_taken_for_what_they_are() -> None:
    taken = [(kind, read(text)) for kind, texts in COMPLAINTS.items() for text in texts]
    right = sum(found.suggested == kind and found.kind == "complaint" for kind, found in taken)
    wrong = sum(found.suggested != kind and found.kind == "complaint" for kind, found in taken)
    assert COMPLAINTS.keys() == PLAYBOOKS.keys()
    assert right >= 0.88 * len(taken)
    assert wrong <= 0.04 * len(taken)


@pytest.mark.parametrize("text", ["hello", "Hi there!", "Good morning", "hey, can you help me?", "Merhaba"])
def test_a_greeting_is_a_greeting(text: str) -> None:
    assert read(text).kind == "greeting"


@pytest.mark.parametrize(
    "text",
    [
        "Should we enter the Polish market?",
        "Which vendor should we take for our new warehouse?",
        "Does it make sense to buy our largest supplier?",
        "We think about the acquisition of a smaller rival.",
        "Build vs buy: a reporting portal",
        "Is it worth moving production back to Europe?",
        "Would acquiring a smaller rival make more sense than growing on our own?",
    ],
)
def test_a_decision_is_not_diagnosed(text: str) -> None:
    assert read(text).kind == "decision"


@pytest.mark.parametrize(
    "text",
    [
        "Our ad costs per acquisition went through the roof",
        "Since the merger our costs have risen by 9 %",
        "Should we worry? Our sales fell 20 % this quarter",
        "Customer acquisition costs doubled and leads dried up",
    ],
)
def test_a_complaint_that_names_a_merger_or_a_choice_stays_a_complaint(text: str) -> None:
    assert read(text).kind == "complaint"


@pytest.mark.parametrize(
    "text", ["The weather is nice", "lorem ipsum dolor", "Write a message to a client", "?"]
)
def test_a_text_that_no_playbook_covers_is_unknown(text: str) -> None:
    assert read(text).kind == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "Sick leave in the warehouse doubled",
        "Sick leave in our plant went up by half",
        "Parental leave among engineers tripled",
        "Staff turnover in the warehouse doubled",
        "Our sales reps are unhappy with their cars",
        "Our account managers argue with customer service",
    ],
)
def test_a_compound_is_no_sign_of_the_word_inside_it(text: str) -> None:
    found = read(text)
    assert found.kind == "unknown"
    assert found.rivals == ()
    assert {"metric"} <= set(found.missing)
    assert "leave" not in [fact.text for fact in found.facts]


def test_a_text_with_too_weak_a_sign_is_told_which_it_was() -> None:
    weak = str(NotAComplaint(read("Sick leave in the warehouse doubled")))
    assert weak.startswith("Only “warehouse” points to a kind of problem, which says too little. No playbook")
    assert str(NotAComplaint(read("Parental leave tripled"))).startswith("No playbook covers this text")


@pytest.mark.parametrize(
    ("text", "advised"),
    [
        ("Patients miss their appointments at our clinic more often since spring", False),
        ("Our no-show rate for appointments rose from 8 to 15 % since spring", False),
        ("The colour of the sky", True),
        ("The choir sings out of tune since May", True),
    ],
)
def test_only_a_text_that_does_not_say_what_changed_is_advised_to_say_it(text: str, advised: bool) -> None:
    told = str(NotAComplaint(read(text)))
    assert told.startswith("No playbook covers this text as it stands. ")
    assert ("Say which figure moved" in told) == advised
    assert ("It tells what changed" in told) != advised


def test_all_kinds_that_fit_almost_alike_are_named_and_no_other() -> None:
    ranked = tuple(
        Score(playbook_id=k, score=v, terms=()) for k, v in (("a", 8), ("b", 7), ("c", 7), ("d", 6))
    )
    assert read("").model_copy(update={"ranking": ranked}).alike == ("a", "b", "c")
    two = read("Revenue is up but profit is down")
    assert two.alike == tuple(score.playbook_id for score in two.ranking[:2])
    assert read("Our sales dropped 20 % this quarter").alike == ("sales_fall",)
    assert "customer_churn" not in read("Too many complaints by customers, who wait long").rivals


def test_two_kinds_that_score_alike_leave_a_small_margin() -> None:
    found = read("Revenue is up but profit is down")
    assert found.is_close
    assert {score.playbook_id for score in found.ranking[:2]} == {"profit_fall", "sales_fall"}
    clear = read("Our sales dropped 20 % this quarter")
    assert (clear.suggested, clear.is_close) == ("sales_fall", False)


def test_the_ranking_says_which_terms_it_rests_on_and_the_figure_that_moved_counts_double(
    tiny: Playbook,
) -> None:
    (best,) = frame("Our buses run late, the timetable is odd", {"tiny": tiny}).ranking
    assert (best.score, best.terms) == (7, ("buses", "run late", "timetable"))
    weight = PLAYBOOKS["sales_fall"].recognise.terms["sales"]
    assert read("Our sales").ranking[0].score == 2 * weight


def test_facts_of_the_example_are_found_and_nothing_is_missing() -> None:
    found = read("Our sales dropped 20 % this quarter, mostly in the north")
    assert {fact.kind: fact.text for fact in found.facts} == {
        "metric": "sales",
        "direction": "dropped",
        "size": "20 %",
        "period": "this quarter",
        "scope": "in the north",
    }
    assert found.missing == ()


def test_what_the_text_does_not_tell_is_named_as_missing() -> None:
    assert read("Sales fell").missing == ("size", "period", "scope")
    assert read("Something is wrong").missing == NAMED


@pytest.mark.parametrize(
    ("text", "blame"),
    [
        ("Sales fell because rivals cut prices.", "rivals cut prices"),
        ("Sales fell, probably due to the weather; nobody knows", "the weather"),
        ("We think it is the new website", "the new website"),
        ("Sales fell 20 %", None),
        ("Why? Because!", None),
        ("I lie awake because I don't know how to make payroll", None),
        ("Sales fell because nobody knows what we offer", "nobody knows what we offer"),
        ("Sales fell because we do not know our customers", "we do not know our customers"),
    ],
)
def test_the_cause_that_the_client_blames_is_quoted(text: str, blame: str | None) -> None:
    assert read(text).blames == blame


def test_a_figure_that_is_said_to_be_well_points_to_no_kind_of_problem() -> None:
    found = read("Sales are fine but the account is empty")
    assert [score.playbook_id for score in found.ranking] == ["cash_shortage"]
    assert read("Our web shop's traffic is stable, but fewer visitors buy").suggested == "conversion_drop"


def test_what_stands_only_in_the_suspicion_is_no_evidence_for_it() -> None:
    suspected = {fact.kind: fact for fact in read("We sell less, and I think large accounts left.").facts}
    assert (suspected["scope"].text, suspected["scope"].tag) == ("large accounts", None)
    told = {fact.kind: fact for fact in read("Sales fell in the north. I think large accounts left.").facts}
    assert (told["scope"].text, told["scope"].tag) == ("in the north", "scope:region")


def test_figures_of_the_suspicion_are_not_those_of_the_problem() -> None:
    found = {fact.kind: fact.text for fact in read("Sales fell 4 % because ads rose 30 % in May").facts}
    assert (found["direction"], found["size"]) == ("fell", "4 %")


def test_a_long_blame_ends_with_a_whole_word() -> None:
    said = "rivals undercut our offers in all tenders of the northern regions since the spring fairs"
    blame = read(f"Sales fell because {said}").blames
    assert blame
    assert said.startswith(f"{blame} ")


def test_a_stated_cause_of_the_list_is_recognised_and_another_is_not(tiny: Playbook) -> None:
    assert stated_cause(tiny, "we have a drivers problem") == "drivers"
    assert stated_cause(tiny, "clearly ROADS ARE JAMMED!") == "roads"
    assert stated_cause(tiny, "the moon") is None
    assert stated_cause(tiny, "Something else") == SOMETHING_ELSE
    assert stated_cause(tiny, None) is None


MEANT = [
    ("cash_shortage", "customers just pay too late", "slow_collection"),
    ("cash_shortage", "our clients are paying later and later", "slow_collection"),
    ("cash_shortage", "customers take too long to pay", "slow_collection"),
    ("cash_shortage", "our owners took money out", "outside_claims"),
    ("cash_shortage", "customers", None),
    ("quality_defects", "the new seals", None),
    ("quality_defects", "the final inspection leaks", "checks"),
    ("sales_fall", "customers moved to cheaper rivals", "price_gap"),
    ("sales_fall", "the weather", None),
    ("delivery_delay", "machines break down all the time", "equipment"),
    ("delivery_delay", "too few trained staff", "staff"),
    ("profit_fall", "our suppliers charge more for material", "input_costs"),
    ("customer_churn", "the key account manager left", "neglected"),
    ("conversion_drop", "the cookie banner scares people off", None),
    ("conversion_drop", "the new cookie banner stops our tracking", "counting_change"),
    ("customer_churn", "customers hate the new logo", None),
]


@pytest.mark.parametrize(("kind", "said", "cause_id"), MEANT, ids=[said for _, said, _ in MEANT])
def test_a_suspicion_in_other_words_is_the_listed_cause_that_clearly_shares_most(
    kind: str, said: str, cause_id: str | None
) -> None:
    assert stated_cause(PLAYBOOKS[kind], said) == cause_id


RESTS_ON = [
    ("cash_shortage", "our clients, are paying later and later", ("clients", "paying", "later")),
    ("conversion_drop", "the tracking is wrong since May", ("the tracking is wrong",)),
]


@pytest.mark.parametrize(("kind", "said", "rests_on"), RESTS_ON, ids=[said for _, said, _ in RESTS_ON])
def test_what_a_suspicion_was_recognised_by_can_be_told(
    kind: str, said: str, rests_on: tuple[str, ...]
) -> None:
    found = stated_cause(PLAYBOOKS[kind], said)
    assert found is not None
    assert recognised_by(PLAYBOOKS[kind], found, said) == rests_on


@given(st.text(max_size=100))
@settings(deadline=None)
def test_every_suspicion_that_is_recognised_rests_on_words(said: str) -> None:
    for playbook in PLAYBOOKS.values():
        found = stated_cause(playbook, f"{said} {playbook.causes[0].label}")
        assert found is None or recognised_by(playbook, found, f"{said} {playbook.causes[0].label}")


def test_confirmed_facts_answer_the_questions_that_ask_for_them(tiny: Playbook) -> None:
    north = FoundFact(kind="scope", text="in the north", tag="scope:region")
    assert answers_in_facts(tiny, [north]) == {"where": "yes"}
    assert answers_in_facts(tiny, [FoundFact(kind="scope", text="north")]) == {}
    assert tag_of("scope", "in the north") == "scope:region"
    assert tag_of("scope", "gibberish") is None


@given(st.text(max_size=400))
@settings(deadline=None)
def test_no_text_raises(text: str) -> None:
    found = read(text)
    assert set(found.missing) | {fact.kind for fact in found.facts} >= set(NAMED)
    assert (found.margin is None) == (found.ranking == ())


HOSTILE = {
    "right to left": "\u202eانخفضت المبيعات 20 % this quarter",
    "emoji": "📉📉 sales dropped 20 % 😱",
    "html": "<script>alert('sales')</script><img src=x onerror=alert(1)> sales dropped 20 %",
    "markdown": "# sales dropped\n![x](http://evil.example/x.png) **20 %** | a | b |",
    "braces": "{run_id} {{sales}} ${PATH} {0.__class__} %s %(x)s sales dropped 20 %",
    "sql": "sales dropped'; drop table runs; -- \" or 1=1",
    "nul": "sales\x00dropped",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_read_as_words(text: str) -> None:
    found = read(text)
    assert found.kind in ("complaint", "unknown")
    assert found.suggested in (None, "sales_fall")
    assert all(fact.text in text for fact in found.facts)


ENDLESS = {
    "prose": "Our sales dropped 20 % this quarter, mostly in the north, because rivals cut prices. ",
    "digits": "1,",
    "places": "In Aa-",
    "blames": "probably because ",
    "amounts": "$1",
    "ranges": "from 1 to ",
    "spaces": "\t ",
    "one word": "a",
}


@pytest.mark.parametrize("piece", ENDLESS.values(), ids=ENDLESS.keys())
def test_twenty_thousand_characters_of_anything_are_read(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    assert all(fact.text in text for fact in read(text).facts)


def repeats(pattern: str) -> list[str]:
    """What a regular expression may repeat without end."""
    return re.findall(r"(\[[^\]]*\]|\\?.)[*+](?!\?)", pattern.replace(r"\+", "").replace(r"\*", ""))


def test_no_pattern_repeats_anything_but_letters_and_digits_without_end() -> None:
    """Endless digits and commas, tried from each of them, took twenty seconds."""
    patterns = [fact.pattern for fact in wording().facts]
    everything = [*patterns, wording().decision, wording().undertaking, wording().blame, wording().not_places]
    everything += [wording().clause_break, wording().limit, wording().and_also, wording().sentence_break]
    everything += [wording().unsure, wording().named_who, wording().compounds, wording().bygone]
    everything += [wording().unharmed]
    assert {repeated for pattern in everything for repeated in repeats(pattern.pattern)} <= {r"\w", r"\d"}
    assert repeats(r"a[\d.,]*b\w+c*") == [r"[\d.,]", r"\w", "c"]
