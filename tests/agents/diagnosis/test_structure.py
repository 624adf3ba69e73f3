"""The diagnosis as a tree: the same belief, leaf by leaf."""

from collections.abc import Callable

import pytest

from agents.diagnosis.case import CLIENT_STATED, Case, Confirmed, Inquiry
from agents.diagnosis.loading import load_library
from agents.diagnosis.structure import structure
from agents.diagnosis.view import view
from agents.tree.document import dump_tree, load_tree
from agents.tree.mece import check
from agents.tree.model import Node, belief_of, leaves
from storage.runs import Run

Inquire = Callable[..., Inquiry]
ANSWERS = {"towings": "yes", "where": "no"}


def inner(node: Node) -> list[Node]:
    """All nodes that are split."""
    return [node, *(n for child in node.children for n in inner(child))] if node.children else []


@pytest.mark.parametrize("stated", [None, CLIENT_STATED])
def test_the_leaves_hold_the_belief_that_the_view_shows(
    inquire: Inquire, run: Run, stated: str | None
) -> None:
    work = inquire(ANSWERS, stated_id=stated, stated_text="The moon" if stated else None)
    tree = structure(work)
    shown = {bar.cause_id: bar.belief for bar in view(run, work).belief}
    assert {leaf.cause_ids[0]: leaf.belief for _, leaf in leaves(tree.root)} == shown


@pytest.mark.parametrize("stated", [None, CLIENT_STATED])
def test_the_children_of_every_node_sum_to_it_and_the_root_to_one(
    inquire: Inquire, stated: str | None
) -> None:
    tree = structure(inquire(ANSWERS, stated_id=stated, stated_text="The moon" if stated else None))
    assert belief_of(tree.root) == pytest.approx(1, abs=1e-12)
    for node in inner(tree.root):
        assert sum(belief_of(child) or 0 for child in node.children) == pytest.approx(belief_of(node))


def test_the_playbooks_splits_and_plans_are_kept(inquire: Inquire) -> None:
    tree = structure(inquire(ANSWERS))
    listed, outside = tree.root.children
    assert [child.text for child in listed.children] == ["Is it ours?", "Roads are jammed"]
    assert listed.split
    assert (listed.split.kind, listed.split.dimension) == ("binary", "ours or outside")
    assert outside.leaf
    assert outside.leaf.is_other
    engines = next(leaf for _, leaf in leaves(tree.root) if leaf.cause_ids == ("engines",))
    assert (engines.owner, engines.effort_days, engines.severity) == ("Depot manager", 2, 4)
    assert engines.evidence_ids == ("towings", "where")


@pytest.mark.parametrize("blamed", [None, "the logo", "Is it the price?", "Perhaps they do not like us"])
def test_our_own_tree_raises_no_error_and_asks_only_for_what_people_must_say(
    blamed: str | None,
) -> None:
    for playbook in load_library(None).playbooks.values():
        confirmed = {"playbook_id": playbook.id, "playbook_hash": playbook.hash, "facts": (), "missing": ()}
        confirmed |= {"mode": "adaptive", "answered": {}, "stated_text": blamed}
        confirmed |= {"stated_id": CLIENT_STATED if blamed else None}
        case = Case("run-1", text="It got worse", confirmed=Confirmed.model_validate(confirmed))
        tree = structure(Inquiry(case, playbook))
        told = [f for f in check(tree).findings if f.severity != "hint"]
        assert {f.severity for f in told} == {"warning"}
        assert {f.rule for f in told} <= {"F2", "F3", "L2", "P3"}, (playbook.id, told)


def test_a_suspicion_of_the_clients_own_is_planned_by_what_would_test_it(inquire: Inquire) -> None:
    metric = {"kind": "metric", "text": "Delays", "tag": None}
    tree = structure(inquire(ANSWERS, facts=(metric,), stated_id=CLIENT_STATED, stated_text="The moon"))
    leaf = next(leaf for _, leaf in leaves(tree.root) if leaf.cause_ids == (CLIENT_STATED,))
    assert leaf.hypothesis == "More than half of the problem comes from what is suspected"
    assert leaf.analysis == (
        "Compare delays where and when “The moon” was so with where and when it was not, best where “Engines "
        "break down” was not at work either."
    )
    assert leaf.data_source == "Records of delays by place, group and week, and dates of what is suspected"
    assert (leaf.owner, leaf.effort_days) == ("Analyst, with whoever keeps these records", 2)
    assert leaf.disproof == "The problem is as large where and when “The moon” was not so."
    assert leaf.data_source in tree.sources
    assert [child.text for child in tree.root.children] == [
        "One of the usual causes",
        "None of the usual causes",
    ]


def test_the_tree_survives_its_document_with_any_text_of_the_client(inquire: Inquire) -> None:
    text = "Buses 📉 {late} <b>x</b> \u202eabc ' \" -- \\ " + "x" * 19_000
    fact = {"kind": "scope", "text": "in the <north>", "tag": None}
    work = inquire(ANSWERS, text=text, facts=(fact,), stated_id=CLIENT_STATED, stated_text="{x} <i> | & 'q'")
    tree = structure(work)
    assert load_tree(dump_tree(tree)) == tree
    assert tree.frame
    assert tree.frame.stated_problem == text[:2_000]
    assert (tree.frame.scope, tree.frame.metric) == ("in the <north>", None)
