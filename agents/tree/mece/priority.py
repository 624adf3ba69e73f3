"""P1-P5: whether belief adds up, and the work goes where it tells the most for the effort."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from agents.tree.mece.report import RuleResult, Tally
from agents.tree.mece.view import Place, View
from agents.tree.mece.words import is_blank
from agents.tree.model import Leaf
from agents.tree.ops import NormaliseBelief, SetLeaf

_CLEARLY_BETTER = 1.25
"""How many times as much a later leaf must promise before the order counts as inverted."""


def p1_belief_adds_up(view: View) -> RuleResult:
    """Beliefs lie between 0 and 1 and add up to 1."""
    tally = Tally("P1", "No leaf holds a belief.")
    ends = [(place, place.leaf) for place in view.places if place.leaf is not None and not place.children]
    held = [(place, leaf.belief) for place, leaf in ends if leaf.belief is not None]
    if not held:
        return tally.result()
    for place, belief in held:
        if not 0 <= belief <= 1:
            text = f"{place.name} holds a belief of {belief:g}; it must lie between 0 and 1."
            tally.fails("error", place.id, text, NormaliseBelief())
    total = math.fsum(belief for _, belief in held)
    if len(held) < len(ends) and total <= 1 + 1e-6:
        tally.cannot_tell(
            f"{len(ends) - len(held)} leaves hold no belief, "
            f"so nobody can tell whether {100 * total:.0f} % is all."
        )
    elif abs(total - 1) > 1e-6:
        tally.fails(
            "error", view.root.id, f"The beliefs add up to {total:.4g} instead of 1.", NormaliseBelief()
        )
    else:
        tally.passes()
    return tally.result()


def value_of_information(leaf: Leaf) -> float | None:
    """Bits that testing the leaf can tell, times its severity, per working day; None when one is unknown."""
    if leaf.belief is None or leaf.severity is None or leaf.effort_days is None:
        return None
    return entropy((leaf.belief, 1 - leaf.belief)) * leaf.severity / max(leaf.effort_days, 0.1)


def entropy(shares: tuple[float, ...] | list[float]) -> float:
    """Shannon entropy of shares that sum to 1, in bits."""
    return -math.fsum(share * math.log2(share) for share in shares if share > 0)


@dataclass(frozen=True, slots=True)
class _Job:
    """An open leaf whose worth and date are known."""

    place: Place
    due: date
    worth: float


def p2_order_of_work(view: View) -> RuleResult:
    """What promises the most per day of work is due first."""
    tally = Tally("P2", "No two open leaves have belief, severity, effort and a due date.")
    opened = [(place, leaf) for place, leaf in view.leaves if leaf.status == "open"]
    jobs = [
        _Job(place, leaf.due, worth)
        for place, leaf in opened
        if leaf.due is not None and (worth := value_of_information(leaf)) is not None
    ]
    if len(jobs) < 2:
        return tally.result()
    for job in jobs:
        later = [other for other in jobs if other.due > job.due and other.worth > _CLEARLY_BETTER * job.worth]
        if later:
            remedy = SetLeaf(node_id=job.place.id, changes={"due": max(other.due for other in later)})
            tally.fails("warning", job.place.id, _inversion(job, max(later, key=lambda o: o.worth)), remedy)
        else:
            tally.passes()
    if len(jobs) < len(opened):
        tally.cannot_tell(
            f"{len(opened) - len(jobs)} open leaves lack belief, severity, effort or a due date."
        )
    return tally.result()


def _inversion(job: _Job, better: _Job) -> str:
    more = (
        f"{better.worth / job.worth:.1f} times as much" if job.worth > 0 else "something and this one nothing"
    )
    return (
        f"{job.place.name} is due on {job.due} and {better.place.name} only on {better.due}, "
        f"although that one promises {more} per day of work. Do it first, or say why not."
    )


def p3_eighty_twenty(view: View) -> RuleResult:
    """A fifth of the leaves holds at least half of the expected value."""
    tally = Tally("P3", "Fewer than five leaves have belief and severity.")
    values = [
        leaf.belief * leaf.severity
        for _, leaf in view.leaves
        if leaf.belief is not None and leaf.severity is not None
    ]
    if len(values) < 5 or math.fsum(values) <= 0:
        return tally.result()
    top = math.ceil(len(values) / 5)
    share = math.fsum(sorted(values, reverse=True)[:top]) / math.fsum(values)
    if share < 0.5:
        text = (
            f"The top {top} of {len(values)} leaves hold {100 * share:.0f} % of the expected value: "
            "there is no 80/20 here yet."
        )
        tally.fails("warning", view.root.id, f"{text} Ask more before spending on any single branch.")
    else:
        tally.passes()
    return tally.result()


def p4_parked_with_reason(view: View) -> RuleResult:
    """Every branch that was put aside keeps the reason."""
    tally = Tally("P4", "No branch has been put aside.")
    for place, leaf in view.leaves:
        if leaf.status == "parked":
            if is_blank(leaf.parked_reason):
                tally.fails(
                    "error",
                    place.id,
                    f"{place.name} was put aside without a reason. Say why, or open it again.",
                )
            else:
                tally.passes()
    return tally.result()


def p5_enough_evidence(view: View) -> RuleResult:
    """A verdict rests on at least three independent pieces of evidence."""
    tally = Tally("P5", "No leaf is supported yet.")
    for place, leaf in view.leaves:
        if leaf.status != "supported":
            continue
        pieces = len({item.strip() for item in leaf.evidence_ids if not is_blank(item)})
        if pieces < 3:
            text = (
                f"The verdict on {place.name} rests on {_pieces(pieces)} of evidence. "
                "Look for three independent ones."
            )
            tally.fails("warning", place.id, text)
        else:
            tally.passes()
    return tally.result()


def _pieces(count: int) -> str:
    return "no piece" if count == 0 else "one piece" if count == 1 else f"{count} pieces"
