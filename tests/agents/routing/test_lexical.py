"""The classifier without a model: it meets its marks on cases it never saw, and asks where it cannot know."""

import pytest

from agents.assistants.registry import AGENTS
from agents.errors import BadInput
from agents.routing.cases import shipped
from agents.routing.lexical import UNCLEAR, Decision, classify, decide
from agents.routing.model import Model
from agents.routing.training import digest
from benchmarks.routing import figures, route

STRANGE = [
    "?",
    "🙂🙂",
    "\u202e\u200b",
    "a" * 20_000,
    "\x00",
    "{label}",
    "دعم",
    "1234",
    "\ud800 x",
]


def decided(text: str, attached: str | None = None) -> Decision:
    return decide(classify(text, attached))


def test_on_held_out_cases_it_is_as_right_as_it_must_be_and_asks_seldom() -> None:
    found = figures([route(case) for case in shipped("held_out")])
    assert (found["accuracy"] or 0) >= 0.90
    assert (found["accuracy_when_sure"] or 0) >= 0.97
    assert (found["asked_back"] or 0) <= 0.15


def test_the_shipped_model_was_trained_on_the_shipped_cases_and_words() -> None:
    assert Model.load().trained_on == digest(shipped("train"))


def test_every_label_of_the_cases_is_an_agent_or_unclear_and_has_cases_of_both_kinds() -> None:
    labels = set(Model.load().labels)
    assert labels <= {*AGENTS, UNCLEAR}
    for split in ("train", "held_out"):
        found = {case.label for case in shipped(split)}
        assert found == labels


def test_no_held_out_case_was_trained_on() -> None:
    trained = {(case.text, case.attached) for case in shipped("train")}
    assert [case.text for case in shipped("held_out") if (case.text, case.attached) in trained] == []


@pytest.mark.parametrize(
    ("text", "attached", "label"),
    [
        ("Satışlarımız bu çeyrekte %20 düştü, nedenini bulalım", None, "diagnose"),
        ("Ekteki tabloda aylara göre ciroyu göster", "csv", "data"),
        ("Şunu Almancaya çevir: teslimat gecikti", None, "translate"),
        ("Ekteki raporu beş maddede özetle", "pdf", "summary"),
        ("Python ile bir listeyi ters çeviren fonksiyon yaz", None, "code"),
        ("Haftada üç gün için antrenman programı yap", None, "helios"),
        ("Koşudan önce ne yemeliyim?", None, "ceres"),
    ],
)
def test_turkish_requests_go_to_their_agents(text: str, attached: str | None, label: str) -> None:
    assert decided(text, attached).label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ('Translate into German: "write an email to my boss"', "translate"),
        ("Translate 'compare these two offers' into Polish", "translate"),
        ("Write an email to our translator about the late SQL training", "email"),
        ('Write a Python function that returns "summarise this report"', "code"),
    ],
)
def test_what_is_only_quoted_or_talked_about_does_not_decide(text: str, label: str) -> None:
    assert decided(text).label == label


@pytest.mark.parametrize("text", ["My father lives in Chicago", "father", "Chicago", "fix it", "şunu hallet"])
def test_what_says_no_task_is_asked_back_with_three_agents(text: str) -> None:
    found = decided(text)
    assert not found.sure
    assert len(found.choices) == 3
    assert set(found.choices) <= set(AGENTS)


@pytest.mark.parametrize("text", STRANGE)
def test_text_that_means_nothing_is_never_guessed(text: str) -> None:
    found = decided(text)
    assert found.label is None
    assert found.reason


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(BadInput, match="nothing to route"):
        classify("  \n")
