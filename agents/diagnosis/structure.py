"""A diagnosis as a problem tree: the playbook's why-tree with belief and evidence on its leaves."""

from collections.abc import Iterator

from agents.diagnosis import own
from agents.diagnosis.carrying import carrying
from agents.diagnosis.case import CLIENT_STATED, Inquiry
from agents.diagnosis.playbook import SOMETHING_ELSE, Branch
from agents.tree.model import CauseShare, Frame, Leaf, Node, ProblemTree, Split

LISTED = "One of the usual causes"
UNLISTED = "None of the usual causes"


def structure(work: Inquiry) -> ProblemTree:
    """The why-tree of a case.

    The root splits into "on the list" and "not on the list", so that the playbook's own splits stay
    complete and "something else" keeps its place beside all of them.
    """
    listed = _node(work, work.playbook.tree, "listed", root=True)
    unlisted = tuple(_unlisted(work))
    outside = unlisted[0] if len(unlisted) == 1 else _outside(unlisted)
    asked = [own.next_step(work, ()).data_source] if CLIENT_STATED in work.table.causes else []
    return ProblemTree(
        id=work.case.run_id,
        kind="why",
        title=work.playbook.title,
        frame=_frame(work),
        sources=tuple(dict.fromkeys([*(c.analysis.data_source for c in work.playbook.causes), *asked])),
        root=Node(
            id="root",
            text=work.playbook.question,
            split=Split(kind="binary", dimension="the usual causes of this kind of problem"),
            children=(listed, outside),
        ),
    )


def for_a_narrow_place(tree: ProblemTree) -> ProblemTree:
    """The same tree to be drawn with a level less: the causes of the list directly under the question."""
    listed, outside = tree.root.children
    root = tree.root.model_copy(update={"children": (*listed.children, outside)})
    return tree.model_copy(update={"root": root})


def _node(work: Inquiry, branch: Branch, node_id: str, root: bool = False) -> Node:
    if branch.cause is not None:
        return _leaf(work, branch.cause)
    children = tuple(_node(work, child, f"{node_id}.{n}") for n, child in enumerate(branch.children, start=1))
    split = Split(
        kind=branch.split or "free",
        dimension=branch.dimension or "",
        order="structure",
        closed=branch.split == "segment",  # a part of the list: whatever is not on it hangs outside of it
    )
    text = LISTED if root else branch.text
    return Node(id=node_id, text=text, split=split, children=children)


def _leaf(work: Inquiry, cause_id: str) -> Node:
    cause = work.playbook.cause(cause_id)
    index = work.table.causes.index(cause_id)
    analysis = cause.analysis
    leaf = Leaf(
        causes=(CauseShare(cause_id=cause_id),),
        hypothesis=cause.claim,
        analysis=analysis.do,
        data_source=analysis.data_source,
        owner=analysis.owner,
        effort_days=analysis.effort_days,
        disproof=analysis.disproof,
        evidence_ids=carrying(work, index),
        belief=float(work.belief[index]),
        severity=cause.severity,
        worse_in_days=cause.cost_of_delay.worse_in_days,
        cost_of_delay=cause.cost_of_delay.why,
    )
    return Node(id=f"cause.{cause_id}", text=cause.label, leaf=leaf)


def _unlisted(work: Inquiry) -> Iterator[Node]:
    causes = work.table.causes
    belief = dict(zip(causes, map(float, work.belief), strict=True))
    if CLIENT_STATED in causes:
        yield _stated(work, belief[CLIENT_STATED])
    if SOMETHING_ELSE in causes:
        shares = (CauseShare(cause_id=SOMETHING_ELSE),)
        leaf = Leaf(causes=shares, is_other=True, belief=belief[SOMETHING_ELSE])
        text = work.label(SOMETHING_ELSE) if CLIENT_STATED in causes else UNLISTED
        yield Node(id=f"cause.{SOMETHING_ELSE}", text=text, leaf=leaf)


def _stated(work: Inquiry, belief: float) -> Node:
    """What is suspected, tested by difference like its question."""
    index = work.table.causes.index(CLIENT_STATED)
    step = own.next_step(work, carrying(work, index))
    leaf = Leaf(
        causes=(CauseShare(cause_id=CLIENT_STATED),),
        hypothesis="More than half of the problem comes from what is suspected",
        analysis=step.do,
        data_source=step.data_source,
        owner=step.owner,
        effort_days=step.effort_days,
        disproof=step.disproof,
        evidence_ids=step.evidence,
        belief=belief,
    )
    return Node(id=f"cause.{CLIENT_STATED}", text=f"Suspected: {step.label}", leaf=leaf)


def _outside(children: tuple[Node, ...]) -> Node:
    split = Split(kind="free", dimension="what is suspected", order="structure")
    return Node(id="unlisted", text=UNLISTED, split=split, children=children)


def _frame(work: Inquiry) -> Frame:
    facts = {fact.kind: fact.text for fact in work.confirmed.facts}
    named = {kind: facts.get(kind) for kind in ("metric", "direction", "size", "period", "scope")}
    unsaid = tuple(kind for kind, text in named.items() if not text)
    return Frame.model_validate({**named, "stated_problem": work.case.text[:2000], "unsaid": unsaid})
