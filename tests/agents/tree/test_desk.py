"""Trees as documents: every version kept, undo and redo over all of it, and no edit lost to another."""

import threading
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.errors import BadInput, NotFound, Refused, Stale, WhytreeError
from agents.tree.document import dump_tree
from agents.tree.exports import EXPORTS
from agents.tree.model import ProblemTree, belief_of, find, leaves
from agents.tree.ops import AddLeaf, Conclude, Delete, Rename, SetLeaf
from agents.who import Who
from agents.workbench import Workbench
from tests.agents.tree.history import History
from tests.agents.tree.samples import sample
from tests.conftest import Diagnose

ME = Who()


def rename(text: str, node_id: str = "root") -> Rename:
    return Rename(node_id=node_id, text=text)


@pytest.fixture
def kept(bench: Workbench, tree: ProblemTree) -> str:
    """The run of a small tree with belief."""
    return bench.trees.add(tree, ME, "Drawn")


def test_a_tree_is_kept_as_it_is_under_an_id_of_its_own(
    bench: Workbench, kept: str, tree: ProblemTree
) -> None:
    state = bench.trees.state(kept)
    assert state.tree == tree.model_copy(update={"id": kept})
    assert (state.version, state.can_undo, state.can_redo) == (1, False, False)


def test_each_edit_is_a_version_with_its_author_and_what_was_done(bench: Workbench, kept: str) -> None:
    state = bench.trees.edit(kept, rename("Why did sales fall?"), bench.trees.state(kept).seq, "ada")
    assert state.tree.root.text == "Why did sales fall?"
    lines = [(v.number, v.author, v.note) for v in bench.trees.versions(kept)]
    assert lines == [(1, "me", "Drawn"), (2, "ada", "rename")]
    assert bench.trees.version(kept, 1).root.text == "Why did sales fall by 20 %?"


def test_undo_and_redo_lead_over_the_whole_history(bench: Workbench, kept: str) -> None:
    desk = bench.trees
    texts = [f"Why {number}?" for number in range(6)]
    for text in texts:
        desk.edit(kept, rename(text), desk.state(kept).seq, "me")
    undone = [desk.undo(kept, desk.state(kept).seq).tree.root.text for _ in texts]
    assert undone == [*reversed(texts[:-1]), "Why did sales fall by 20 %?"]
    assert not desk.state(kept).can_undo
    redone = [desk.redo(kept, desk.state(kept).seq).tree.root.text for _ in texts]
    assert redone == texts
    assert not desk.state(kept).can_redo


def test_an_edit_after_undo_goes_on_from_there_and_the_undone_version_stays_on_record(
    bench: Workbench, kept: str
) -> None:
    desk = bench.trees
    desk.edit(kept, rename("Gone?"), desk.state(kept).seq, "me")
    desk.undo(kept, desk.state(kept).seq)
    state = desk.edit(kept, rename("Stays?"), desk.state(kept).seq, "me")
    assert not state.can_redo
    assert state.version == 3
    assert desk.version(kept, 2).root.text == "Gone?"
    assert desk.undo(kept, state.seq).tree.root.text == "Why did sales fall by 20 %?"


def test_there_is_nothing_to_undo_or_redo_beyond_the_ends(bench: Workbench, kept: str) -> None:
    seq = bench.trees.state(kept).seq
    with pytest.raises(Refused, match="nothing to undo"):
        bench.trees.undo(kept, seq)
    with pytest.raises(Refused, match="nothing to redo"):
        bench.trees.redo(kept, seq)


MOVES = st.lists(st.sampled_from(["undo", "redo", "edit"]), max_size=14)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_the_desk_stands_where_a_pure_history_stands(
    bench: Workbench, tree: ProblemTree, moves: list[str]
) -> None:
    desk, pure = bench.trees, History.start(tree)
    run_id = desk.add(tree, ME, "Drawn")
    for number, move in enumerate(moves):
        seq = desk.state(run_id).seq
        if move == "edit":
            op = rename(f"Why {number}?")
            pure = pure.do(op)
            desk.edit(run_id, op, seq, "me")
        elif getattr(pure, f"can_{move}"):
            pure = getattr(pure, move)()
            getattr(desk, move)(run_id, seq)
    state = desk.state(run_id)
    assert state.tree == pure.tree.model_copy(update={"id": run_id})
    assert (state.can_undo, state.can_redo) == (pure.can_undo, pure.can_redo)


def test_of_two_edits_made_on_one_version_the_second_is_refused_and_nothing_is_lost(
    bench: Workbench, kept: str
) -> None:
    seen = bench.trees.state(kept).seq
    bench.trees.edit(kept, rename("The first?"), seen, "ada")
    for late in (
        lambda: bench.trees.edit(kept, rename("The second?"), seen, "bob"),
        lambda: bench.trees.undo(kept, seen),
        lambda: bench.trees.edit(kept, rename("The first?"), seen, "bob"),
        lambda: bench.trees.replace(kept, sample(5), seen, "bob", "From a file"),
    ):
        with pytest.raises(Stale, match="changed in the meantime"):
            late()
    assert bench.trees.state(kept).tree.root.text == "The first?"
    assert len(bench.trees.versions(kept)) == 2


def test_of_many_who_edit_one_version_at_once_exactly_one_is_taken(bench: Workbench, kept: str) -> None:
    seen = bench.trees.state(kept).seq
    outcomes: list[str] = []

    def edit(number: int) -> None:
        try:
            bench.trees.edit(kept, rename(f"Why {number}?"), seen, f"user{number}")
        except Stale:
            outcomes.append("told")
        else:
            outcomes.append(f"Why {number}?")

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [taken] = [outcome for outcome in outcomes if outcome != "told"]
    assert outcomes.count("told") == 7
    assert bench.trees.state(kept).tree.root.text == taken
    assert len(bench.trees.versions(kept)) == 2


def test_an_edit_that_changes_nothing_makes_no_version(bench: Workbench, kept: str) -> None:
    state = bench.trees.state(kept)
    after = bench.trees.edit(kept, rename(state.tree.root.text), state.seq, "me")
    assert (after.version, after.seq) == (1, state.seq)


def test_several_edits_are_one_version_and_one_step_of_undo(bench: Workbench, kept: str) -> None:
    ops = [SetLeaf(node_id=n, changes={"due": date(2027, 1, 4)}) for n in ("ours", "theirs", "stock")]
    state = bench.trees.edit_all(kept, ops, bench.trees.state(kept).seq, "me", "due dates")
    assert state.version == 2
    assert sum(leaf.due is not None for _, leaf in leaves(state.tree.root)) == 3
    undone = bench.trees.undo(kept, state.seq)
    assert not any(leaf.due for _, leaf in leaves(undone.tree.root))


def test_of_several_edits_none_is_made_when_one_cannot_be(bench: Workbench, kept: str) -> None:
    ops = [rename("Changed?"), Delete(node_id="else")]
    with pytest.raises(Refused, match="something else"):
        bench.trees.edit_all(kept, ops, bench.trees.state(kept).seq, "me", "both")
    assert bench.trees.state(kept).version == 1


def test_all_remedies_of_a_rule_are_one_version(bench: Workbench) -> None:
    desk = bench.trees
    run_id = desk.add(sample(60), ME, "Drawn")
    broken = desk.check(desk.state(run_id).tree)
    assert len(broken.of("M4").findings) > 5
    state = desk.mend_all(run_id, "M4", desk.state(run_id).seq, "me")
    assert state.version == 2
    assert not desk.check(state.tree).of("M4").findings


def test_remedies_that_lead_to_further_ones_come_to_an_end(bench: Workbench) -> None:
    desk = bench.trees
    run_id = desk.add(sample(60), ME, "Drawn")
    state = desk.mend_all(run_id, "P2", desk.state(run_id).seq, "me")
    assert not desk.check(state.tree).of("P2").findings


@pytest.mark.parametrize("run_id", ["", "nope", "../x", "' or 1=1", "ağaç", "x" * 5_000, "\udc80"])
def test_a_tree_that_does_not_exist_is_told(bench: Workbench, run_id: str) -> None:
    with pytest.raises(NotFound, match="There is no tree"):
        bench.trees.state(run_id)


def test_the_run_of_a_diagnosis_is_no_tree(bench: Workbench, asked: str) -> None:
    with pytest.raises(NotFound):
        bench.trees.state(asked)


def test_a_version_that_does_not_exist_is_told(bench: Workbench, kept: str) -> None:
    with pytest.raises(NotFound, match="no version 9"):
        bench.trees.version(kept, 9)


def test_a_tree_of_a_diagnosis_keeps_its_belief_up_to_date_through_every_edit(
    bench: Workbench, diagnose: Diagnose
) -> None:
    run = diagnose(bench, {"sick_leave": "yes"})
    tree_id = bench.open_tree(run)
    desk = bench.trees
    desk.edit(tree_id, Delete(node_id="cause.roads"), desk.state(tree_id).seq, "me")
    before = belief_of(find(desk.state(tree_id).tree.root, "cause.drivers"))  # type: ignore[arg-type]
    bench.answer(run, "open_posts", "yes", bench.view(run).seq)
    state = desk.state(tree_id)
    after = belief_of(find(state.tree.root, "cause.drivers"))  # type: ignore[arg-type]
    assert before is not None and after is not None and after > before
    assert belief_of(state.tree.root) == pytest.approx(1, abs=1e-9)
    assert state.version == 2
    assert bench.open_tree(run) == tree_id


def test_a_tree_of_a_diagnosis_is_held_against_the_causes_its_playbook_knows(
    bench: Workbench, diagnose: Diagnose, kept: str
) -> None:
    desk = bench.trees
    own = desk.state(kept)
    assert desk.check(own.tree, own.run).of("C8").cases == 0
    run = diagnose(bench, {"sick_leave": "yes"})
    state = desk.state(bench.open_tree(run))
    result = desk.check(state.tree, state.run).of("C8")
    assert (result.state, result.cases) == ("holds", 3)
    forgotten = state.tree.model_copy(update={"root": sample(5).root})
    report = desk.check(forgotten, state.run)
    assert [finding.rule for finding in report.of("C8").findings] == ["C8"] * 3


def test_options_are_drawn_up_for_a_confirmed_cause_alone(bench: Workbench, kept: str) -> None:
    with pytest.raises(Refused, match="not a confirmed cause"):
        bench.trees.options_for(kept, "ours", ME)
    op = Conclude(node_id="ours", status="supported", evidence_ids=("answer_1",))
    bench.trees.edit(kept, op, bench.trees.state(kept).seq, "me")
    how = bench.trees.state(bench.trees.options_for(kept, "ours", ME))
    assert how.tree.kind == "how"
    assert how.run.parent_run_id == kept


def test_an_outline_and_a_file_become_trees(bench: Workbench, tree: ProblemTree) -> None:
    outlined = bench.trees.state(bench.trees.from_outline("Why?\n  This\n  That", ME)).tree
    assert [child.text for child in outlined.root.children] == ["This", "That"]
    for data in (dump_tree(tree), dump_tree(tree).encode(), b"\xef\xbb\xbf" + dump_tree(tree).encode()):
        assert bench.trees.state(bench.trees.from_json(data, ME)).tree.root == tree.root


def test_a_file_that_is_no_text_is_told_with_the_place(bench: Workbench) -> None:
    with pytest.raises(BadInput, match="byte 6 of the file is not UTF-8"):
        bench.trees.from_json(b'{"id"\xff', ME)
    assert bench.recent(ME, kind="tree") == []


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_of_a_diagnosis_is_made_from_the_version_at_hand(
    bench: Workbench, diagnose: Diagnose, name: str
) -> None:
    run = diagnose(bench, {"sick_leave": "yes", "open_posts": "yes", "overtime": "yes"})
    tree_id = bench.open_tree(run)
    bench.trees.edit(tree_id, rename("Why late, in truth?"), bench.trees.state(tree_id).seq, "me")
    data = bench.trees.export(tree_id, name)
    assert data
    if name in ("memo", "html", "svg", "dot", "mermaid", "json"):
        assert "Version 2" in data.decode()
        assert "Why late, in truth" in data.decode()


def test_the_answer_of_an_own_tree_is_what_its_leaves_say(bench: Workbench, kept: str) -> None:
    assert "Still open" in bench.trees.export(kept, "memo").decode()
    op = Conclude(node_id="ours", status="supported", evidence_ids=("answer_1",))
    bench.trees.edit(kept, op, bench.trees.state(kept).seq, "me")
    assert "Supported: We raised our prices" in bench.trees.export(kept, "memo").decode()


def test_an_unknown_format_is_told(bench: Workbench, kept: str) -> None:
    with pytest.raises(NotFound, match="Choose one of"):
        bench.trees.export(kept, "docx")


def test_an_edit_that_cannot_be_made_leaves_the_tree_as_it_was(bench: Workbench, kept: str) -> None:
    seq = bench.trees.state(kept).seq
    for op in (
        AddLeaf(parent_id="nowhere", new_id="n1", text="x"),
        AddLeaf(parent_id="root", new_id="ours", text="x"),
    ):
        with pytest.raises(WhytreeError):
            bench.trees.edit(kept, op, seq, "me")
    assert bench.trees.state(kept).seq == seq
