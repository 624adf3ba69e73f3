"""What the checker says: quick to read, filtered, each finding leading to what mends it."""

import pytest

from agents.tree.mece import criterion
from agents.workbench import Who, Workbench
from benchmarks.mece_seeds import seeds
from pages.ui.text import plain
from tests.agents.tree.samples import sample
from tests.conftest import Diagnose
from tests.pages.screen import texts
from tests.pages.tree_screen import TreeScreen


@pytest.fixture
def tree_id(bench: Workbench) -> str:
    return bench.trees.add(sample(60), Who(), "Drawn")


def findings(bench: Workbench, tree_id: str) -> list[str]:
    return [finding.rule for finding in bench.trees.check(bench.trees.state(tree_id).tree).findings]


def test_many_findings_of_a_rule_stand_behind_one_line_that_counts_them(
    bench: Workbench, tree_id: str
) -> None:
    count = findings(bench, tree_id).count("M4")
    page = TreeScreen(tree_id)
    [group] = [e for e in page.at.expander if "Error M4]" in e.label]
    assert f"{count} × Error M4] {plain(criterion('M4'))}" in group.label
    assert not group.proto.expanded
    assert texts(group).count("takes A and not-A") == count


def test_a_single_finding_stands_as_it_is(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id)
    assert findings(bench, tree_id).count("S3") == 1
    assert "has 6 children. Two to five are easier to compare." in page.said
    assert not [e for e in page.at.expander if "S3]" in e.label]


def test_errors_come_first(tree_id: str) -> None:
    labels = [e.label for e in TreeScreen(tree_id).at.expander if "]" in e.label]
    kinds = ["error" if "Error" in label else "warning" for label in labels]
    assert kinds == sorted(kinds)


def test_findings_are_filtered_by_severity_and_by_the_chosen_node(bench: Workbench, tree_id: str) -> None:
    page = TreeScreen(tree_id)
    page.field("severities").set_value(["error"])
    page.reload()
    assert all("Warning" not in e.label for e in page.at.expander)
    page.field("severities").set_value(["error", "warning", "hint"])
    page.field("only_here").set_value(True)
    page.reload()
    page.pick("else")
    assert "Nothing to mend here." in page.said


def test_show_leads_to_the_node_and_to_the_form_that_mends_it(tree_id: str) -> None:
    page = TreeScreen(tree_id)
    page.click_key("show-warning-S3")
    assert page.chosen.startswith("Why did net sales")
    assert page.field("what-root").value == "Group children"


def test_a_remedy_mends_its_finding_at_one_click(bench: Workbench, tree_id: str) -> None:
    before = findings(bench, tree_id).count("M4")
    page = TreeScreen(tree_id)
    page.click_key("mend-error-M4-0")
    assert findings(bench, tree_id).count("M4") == before - 1
    assert "Version 2" in page.said


def test_all_remedies_of_a_rule_are_applied_at_one_click_and_taken_back_at_one(
    bench: Workbench, tree_id: str
) -> None:
    page = TreeScreen(tree_id)
    page.click_key("all-error-M4")
    assert "M4" not in findings(bench, tree_id)
    page.send("Undo")
    assert findings(bench, tree_id).count("M4") > 5


def test_findings_of_frame_and_plan_lead_to_the_work_plan(bench: Workbench, diagnose: Diagnose) -> None:
    page = TreeScreen(bench.open_tree(diagnose(bench)))
    page.send("Fill in the frame")
    assert "Frame of the question" in page.said


def test_what_cannot_be_proven_is_never_counted_as_held(bench: Workbench, tree_id: str) -> None:
    report = bench.trees.check(bench.trees.state(tree_id).tree)
    page = TreeScreen(tree_id)
    states = report.states()
    assert f"{states['holds']} hold, {states['violated']} do not" in page.said
    folded = texts(page.part("Cannot be proven"))
    for result in report.results:
        if result.state == "not_provable" and result.cases:
            assert f"{result.rule} {criterion(result.rule)}" in folded


def test_a_tree_whose_belief_shows_no_leader_leads_back_to_its_diagnosis(
    bench: Workbench, diagnose: Diagnose
) -> None:
    run = diagnose(bench, text="Sales fell", playbook_id="sales_fall")
    page = TreeScreen(bench.open_tree(run))
    assert "there is no 80/20 here yet" in page.said
    assert "Ask more in its diagnosis" in page.labels("ask-")
    described = bench.trees.add(bench.tree_of_text("Our sales dropped 20 % this quarter"), Who(), "Text")
    assert "Start its diagnosis" in TreeScreen(described).labels("ask-")


FAULTY = {seed.rule: seed.tree for seed in seeds() if seed.rule not in (None, "S1", "C8")}
"""A tree per rule with a planted fault; one with a loop cannot be opened, and C8 needs a list of causes."""


@pytest.mark.parametrize("rule", FAULTY)
def test_every_finding_has_a_way_to_what_mends_it(bench: Workbench, rule: str) -> None:
    tree_id = bench.trees.add(FAULTY[rule], Who(), "Seeded")
    found = set(findings(bench, tree_id))
    keys = [(button.key or "").split("-") for button in TreeScreen(tree_id).buttons()]
    assert rule in found
    assert {key[2] for key in keys if key[0] in ("mend", "show", "plan")} == found
