"""Trees as an analyst works on them: every version kept, undo and redo over the whole history.

A tree is a run of its own kind. Each edit is an event and a version, committed together before it is
shown; undo and redo are events that say which version is at hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from agents.errors import BadInput, NotFound, Refused, Stale
from agents.tree.belief import rebelieve
from agents.tree.document import dump_tree, load_tree
from agents.tree.edit import apply
from agents.tree.exports import ExportContext, export
from agents.tree.how import how_tree_from
from agents.tree.mece import check
from agents.tree.mece.report import Report
from agents.tree.model import ProblemTree, leaves
from agents.tree.ops import Op
from agents.tree.outline import parse_outline
from agents.tree.standing import Standing, folded
from agents.tree.told import Told
from agents.who import Who
from storage import runs, trees
from storage.clock import new_id, now
from storage.db import Store
from storage.runs import Environment, OutOfStep, Run

KIND = "tree"
MOST_REMEDIES = 100
"""Remedies that are applied at one click."""


class Diagnosed(Protocol):
    """What a tree may ask of the diagnosis it came from."""

    def belief_of(self, run_id: str) -> Mapping[str, float] | None:
        """Belief per cause as it is now; None when the run is no confirmed diagnosis."""

    def causes_of(self, run_id: str) -> Mapping[str, str] | None:
        """Labels of the causes its playbook lists, by id; None when the run is no confirmed diagnosis."""

    def answer_of(self, run_id: str) -> Told | None:
        """The answer in a sentence and its evidence; None when the run is no diagnosis."""


@dataclass(frozen=True)
class Version:
    """One line of the history."""

    number: int
    author: str
    note: str
    created_at: datetime


@dataclass(frozen=True)
class TreeState:
    """A tree as it is at hand."""

    run: Run
    seq: int
    """Number of the last event; sent back with every edit."""
    tree: ProblemTree
    """The version at hand, with the belief that its diagnosis gives now."""
    version: int
    can_undo: bool
    can_redo: bool


class TreeDesk:
    """Opens, edits and keeps trees."""

    def __init__(self, store: Store, diagnosed: Diagnosed, environment: Environment) -> None:
        self._store = store
        self._diagnosed = diagnosed
        self._environment = environment

    def add(
        self, tree: ProblemTree, who: Who, note: str, source_run: str | None = None, author: str | None = None
    ) -> str:
        """Keep a new tree; returns its run's id. `source_run` is the diagnosis or tree it came from."""
        run_id = new_id()
        tree = tree.model_copy(update={"id": run_id})
        source = runs.find(self._store, source_run) if source_run else None
        at = now()
        run = Run(
            run_id=run_id,
            kind=KIND,
            title=tree.title[:80],
            input=tree.root.text,
            status="completed",
            user_id=who.user_id,
            project_id=who.project_id,
            environment=source.environment if source else self._environment,
            created_at=at,
            updated_at=at,
            started_at=at,
            finished_at=at,
            agent_name=KIND,
            parent_run_id=source_run,
        )
        row = trees.row(run_id, 1, author or who.user_id, note, dump_tree(tree))
        runs.admit(self._store, run, [("edited", {"version": 1, "parent": 0})], rows=[("trees", row)])
        return run_id

    def find_for(self, source_run: str) -> str | None:
        """The tree that was opened last for a diagnosis, or None."""
        return runs.newest_child(self._store, source_run, KIND)

    def state(self, run_id: str) -> TreeState:
        """The tree at hand; NotFound when there is none of this id."""
        run = runs.find(self._store, run_id) if run_id.isascii() else None
        if run is None or run.kind != KIND:
            name = run_id[:60].encode("ascii", "replace").decode()
            raise NotFound(f"There is no tree “{name}” in this store. Check the link.")
        history = self._history(run_id)
        tree = self._refreshed(run, self._document(run_id, history.version))
        return TreeState(
            run, history.seq, tree, history.version, history.before is not None, history.undone is not None
        )

    def edit(self, run_id: str, op: Op, expected_seq: int, author: str) -> TreeState:
        """Apply an edit to the version at hand; raises Stale when the tree has changed since."""
        return self.edit_all(run_id, (op,), expected_seq, author, op.op.replace("_", " "))

    def edit_all(
        self, run_id: str, ops: Sequence[Op], expected_seq: int, author: str, note: str
    ) -> TreeState:
        """Apply edits in order as one version; when one cannot be made, none is.

        Edits that change nothing make no version.
        """
        state = self.state(run_id)
        tree = state.tree
        for op in ops:
            tree = apply(tree, op)
        if tree == state.tree and expected_seq == state.seq:
            return state
        self._keep(state, tree, expected_seq, author, note)
        return self.state(run_id)

    def mend_all(self, run_id: str, rule: str, expected_seq: int, author: str) -> TreeState:
        """Apply the remedies of a rule as one version; the tree is checked anew after each of them."""
        state = self.state(run_id)
        tree, ops = state.tree, list[Op]()
        while len(ops) < MOST_REMEDIES:
            remedies = (finding.remedy for finding in self.check(tree, state.run).of(rule).findings)
            remedy = next((found for found in remedies if found is not None), None)
            if remedy is None:
                break
            ops.append(remedy)
            tree = apply(tree, remedy)
        return self.edit_all(run_id, ops, expected_seq, author, f"mend {rule}")

    def replace(self, run_id: str, tree: ProblemTree, expected_seq: int, author: str, note: str) -> TreeState:
        """Put another tree in the place of the version at hand, which stays in the history."""
        self._keep(self.state(run_id), tree, expected_seq, author, note)
        return self.state(run_id)

    def undo(self, run_id: str, expected_seq: int) -> TreeState:
        """Go back to the version before."""
        history = self._history(run_id)
        if history.before is None:
            raise Refused("This is the first version of the tree; there is nothing to undo.")
        return self._move(run_id, history.before, "undo", expected_seq)

    def redo(self, run_id: str, expected_seq: int) -> TreeState:
        """Go forward to the version that was undone last."""
        history = self._history(run_id)
        if history.undone is None:
            raise Refused("This is the latest version of the tree; there is nothing to redo.")
        return self._move(run_id, history.undone, "redo", expected_seq)

    def versions(self, run_id: str) -> list[Version]:
        """All versions, oldest first."""
        found = trees.history(self._store, run_id)
        return [Version(v.version, v.author, v.note, v.created_at) for v in found]

    def version(self, run_id: str, number: int) -> ProblemTree:
        """One version as it was kept."""
        return self._document(run_id, number)

    def options_for(self, run_id: str, leaf_id: str, who: Who) -> str:
        """Start a how-tree from a confirmed cause; returns its run's id."""
        tree = how_tree_from(self.state(run_id).tree, leaf_id)
        return self.add(tree, who, "Options for a confirmed cause", run_id)

    def from_outline(self, text: str, who: Who) -> str:
        """Keep the tree of an indented or Markdown outline; returns its run's id."""
        return self.add(parse_outline(text, tree_id="outline"), who, "From an outline")

    def from_json(self, data: str | bytes, who: Who) -> str:
        """Keep a tree in this tool's own JSON; returns its run's id."""
        return self.add(load_tree(data if isinstance(data, str) else _decoded(data)), who, "From a file")

    def check(self, tree: ProblemTree, run: Run | None = None, for_work_plan: bool = False) -> Report:
        """Hold a tree against every rule, and against the causes known to the diagnosis its run came from.

        `for_work_plan` makes a gap in a leaf's plan an error, as it is in a plan that is handed out.
        """
        source = run.parent_run_id if run is not None and tree.kind == "why" else None
        known = self._diagnosed.causes_of(source) if source else None
        return check(tree, known, for_work_plan=for_work_plan)

    def export(self, run_id: str, name: str) -> bytes:
        """The version at hand as a file of a format of `EXPORTS`."""
        state = self.state(run_id)
        told = self._answer(state)
        context = ExportContext(
            title=state.tree.title,
            answer=told.answer,
            version=f"Version {state.version}",
            made_at=datetime.now(UTC),
            evidence=tuple(f"{piece.said}. {piece.moved}" for piece in told.evidence),
            sides=tuple(piece.side for piece in told.evidence),
            decided=told.decided,
            course=told.course,
            urgency=told.urgency,
            next_step=told.next_step,
            next_steps=told.next_steps,
            said={piece.id: piece.said for piece in told.evidence},
        )
        return export(name, state.tree, context)

    def _answer(self, state: TreeState) -> Told:
        """What the diagnosis says; for a tree of its own, what its leaves say."""
        source = state.run.parent_run_id
        told = self._diagnosed.answer_of(source) if source and state.tree.kind == "why" else None
        if told is not None:
            return told
        supported = [node.text for node, leaf in leaves(state.tree.root) if leaf.status == "supported"]
        if supported:
            return Told(f"Supported: {'; '.join(supported)}.")
        return Told("Still open: no leaf of this tree is supported by evidence yet.")

    def _keep(self, state: TreeState, tree: ProblemTree, expected_seq: int, author: str, note: str) -> None:
        history = self._history(state.run.run_id)
        number = history.newest + 1
        tree = tree.model_copy(update={"id": state.run.run_id})
        row = trees.row(state.run.run_id, number, author, note, dump_tree(tree))
        event = ("edited", {"version": number, "parent": history.version})
        self._append(state.run.run_id, event, expected_seq, rows=[("trees", row)], title=tree.title[:80])

    def _move(self, run_id: str, version: int, way: str, expected_seq: int) -> TreeState:
        self._append(run_id, ("moved", {"version": version, "way": way}), expected_seq)
        return self.state(run_id)

    def _append(self, run_id: str, event: tuple[str, dict[str, Any]], after: int, **changes: object) -> None:
        try:
            runs.add_events(self._store, run_id, [event], after, **changes)  # type: ignore[arg-type]
        except OutOfStep as error:
            raise Stale(
                "The tree was changed in the meantime, in another tab or by someone else. This page "
                "changed nothing: look at what it shows now, then go on."
            ) from error

    def _document(self, run_id: str, number: int) -> ProblemTree:
        found = trees.find(self._store, run_id, number)
        if found is None:
            raise NotFound(f"This tree has no version {number}.")
        return load_tree(found.document)

    def _refreshed(self, run: Run, tree: ProblemTree) -> ProblemTree:
        """The tree with the belief of its diagnosis as it is now."""
        derived = run.parent_run_id and tree.kind == "why"
        belief = self._diagnosed.belief_of(run.parent_run_id) if derived and run.parent_run_id else None
        return tree if belief is None else rebelieve(tree, belief)

    def _history(self, run_id: str) -> Standing:
        return folded(runs.events(self._store, run_id))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"This tree cannot be read: byte {error.start + 1:,} of the file is not UTF-8 text. "
            "The tree at hand stays as it was."
        ) from None
