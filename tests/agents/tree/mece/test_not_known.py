"""What neither the words nor the tree can tell: no fault is claimed, and nothing is called proven."""

import pytest

from agents.tree.mece import check
from agents.tree.model import Frame, Node, ProblemTree, Split
from agents.tree.ops import AddLeaf
from tests.agents.tree.mece.test_wordings import result


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Insiders leave", "Outsiders leave"),
        ("Lefties", "Righties"),
        ("Blue badges fail", "Green badges fail"),
    ],
)
def test_opposites_that_the_checker_may_not_know_are_for_people_to_judge(one: str, two: str) -> None:
    assert result("M4", children=(one, two), kind="binary").state == "not_provable"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Prices rose", "Wages rose"),
        ("No trains run at night", "No coaches run at night"),
        ("Newcomers never started", "The terms are too long"),
    ],
)
def test_what_is_known_to_be_no_opposite_is_an_error(one: str, two: str) -> None:
    assert result("M4", children=(one, two), kind="binary").state == "violated"


@pytest.mark.parametrize(
    ("dimension", "label"),
    [
        ("Region", "Any other region"),
        ("part of the firm", "Any other part of the firm"),
        ("those who lack the skill, and those who lack the time", "All others"),
        ("whose offer changed", "All others"),
        ("", "All others"),
    ],
)
def test_the_branch_for_all_others_is_named_in_good_english(dimension: str, label: str) -> None:
    [finding] = result("C3", children=("North", "Lakes"), kind="segment", dimension=dimension).findings
    assert isinstance(finding.remedy, AddLeaf)
    assert finding.remedy.text == label


def test_a_list_that_is_said_to_be_closed_is_neither_proven_nor_called_a_fault() -> None:
    children = tuple(Node(id=f"n{i}", text=text) for i, text in enumerate(("Lenders", "Owners")))
    split = Split(kind="segment", dimension="claimant", order="structure", closed=True)
    root = Node(id="root", text="Where did the cash go?", split=split, children=children)
    found = check(ProblemTree(id="t", kind="why", title="T", root=root)).of("C3")
    assert (found.state, found.findings) == ("not_provable", ())


def test_facts_that_nobody_has_said_are_to_be_asked_for_and_are_no_mistake_of_the_tree() -> None:
    root = Node(id="root", text="Why did sales fall?")
    said = {"metric": "sales", "direction": "fell", "size": "20 %"}
    for unsaid, severity in ((("period", "scope"), "warning"), (("period",), "error")):
        frame = Frame.model_validate(said | {"unsaid": unsaid})
        [finding] = (
            check(ProblemTree(id="t", kind="why", title="T", frame=frame, root=root)).of("F2").findings
        )
        assert finding.severity == severity
        assert "period and scope" in finding.message


def test_a_missing_thing_that_is_missed_is_a_solution_and_a_counted_noun_names_its_axis() -> None:
    assert result("F4", question="Why don't we have a reminder app yet?").state == "violated"
    assert result("S7", children=("Misses by district", "Misses by age")).state == "violated"
    assert result("S7", children=("Delayed by customs", "Delayed by age")).state == "holds"
    assert result("S9", children=("Employees dial wrong numbers", "Prices rose")).findings == ()
