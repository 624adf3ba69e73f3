"""L1-L5: whether each leaf can be tested, by whom, with what, and on what its status rests."""

from __future__ import annotations

from agents.tree.mece.claims import has_verb, is_observable, is_question, is_vague
from agents.tree.mece.lexicon import lexicon
from agents.tree.mece.report import RuleResult, Tally
from agents.tree.mece.view import Place, View
from agents.tree.mece.words import is_blank, key, means_other, tokens
from agents.tree.model import Leaf
from agents.tree.ops import SetLeaf

_ANYBODY = frozenset({"someone", "somebody", "anyone", "anybody", "something", "various", "whoever"})
_PLAN = ("analysis", "data_source", "owner", "effort_days", "due")


def l1_falsifiable(view: View) -> RuleResult:
    """Every hypothesis is a claim that a result could refute."""
    tally = Tally("L1", "The tree has no named leaf.")
    for place, leaf in _to_test(view):
        claim = (leaf.hypothesis or "").strip()
        if is_blank(claim):
            text = f"{place.name} has no hypothesis. Write a claim that a result could refute."
            tally.fails("error", place.id, text, _take_text(place))
        elif is_question(claim):
            tally.fails(
                "error", place.id, f"The hypothesis of {place.name} is a question. Say what you expect."
            )
        elif has_verb(claim) is False:
            tally.fails("error", place.id, f"The hypothesis of {place.name} claims nothing: it has no verb.")
        elif is_vague(claim):
            text = (
                f"The hypothesis of {place.name} cannot be refuted. "
                "Name a figure or an event that would show it."
            )
            tally.fails("error", place.id, text)
        elif not is_observable(claim) or has_verb(claim) is None:
            tally.cannot_tell(
                f"Whether a result could refute the hypothesis of {place.name} is for people to judge."
            )
        else:
            tally.passes()
    return tally.result()


def _take_text(place: Place) -> SetLeaf | None:
    """The label as hypothesis, where the label makes a claim that can be observed."""
    text = place.text
    if is_question(text) or not has_verb(text) or is_vague(text):
        return None
    return SetLeaf(node_id=place.id, changes={"hypothesis": text})


def l2_plan_complete(view: View) -> RuleResult:
    """Every open leaf has analysis, data source, owner, effort and due date."""
    tally = Tally("L2", "The tree has no open leaf.")
    for place, leaf in _open(view):
        missing = [name.replace("_", " ") for name in _PLAN if _is_missing(getattr(leaf, name))]
        if missing:
            severity = "error" if view.around.for_work_plan else "warning"
            text = f"{place.name} lacks: {', '.join(missing)}. Fill that in before anyone starts."
            tally.fails("error" if severity == "error" else "warning", place.id, text)
        else:
            tally.passes()
    return tally.result()


def _to_test(view: View) -> list[tuple[Place, Leaf]]:
    """Leaves that claim something: a branch for all others need not, while nobody has said what it holds."""
    return [(p, leaf) for p, leaf in view.leaves if not (means_other(p.text) and is_blank(leaf.hypothesis))]


def _open(view: View) -> list[tuple[Place, Leaf]]:
    return [(place, leaf) for place, leaf in _to_test(view) if leaf.status == "open"]


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, str) and is_blank(value))


def l3_disproof(view: View) -> RuleResult:
    """Every open leaf says what result would refute it."""
    tally = Tally("L3", "The tree has no open leaf.")
    for place, leaf in _open(view):
        if is_blank(leaf.disproof):
            tally.fails(
                "warning",
                place.id,
                f"{place.name} does not say what result would refute it. State that first.",
            )
        else:
            tally.passes()
    return tally.result()


def l4_known_source(view: View) -> RuleResult:
    """Every data source is a known table or person."""
    tally = Tally("L4", "No leaf names a data source.")
    listed = [*view.tree.sources, *view.around.known_sources]
    known = [key(name) for name in (*listed, *view.tree.frame.actors) if not is_blank(name)]
    for place, leaf in view.leaves:
        if is_blank(leaf.data_source):
            continue
        asked = key(leaf.data_source or "")
        if any(asked in name or name in asked for name in known):
            tally.passes()
        elif listed or _is_vague(leaf.data_source or ""):
            text = (
                f"{place.name} asks \u201c{leaf.data_source}\u201d, which is no known table or person. "
                "Name one."
            )
            tally.fails("warning", place.id, text)
        else:
            tally.cannot_tell("The tree does not list the tables and people it can ask.")
    return tally.result()


def _is_vague(source: str) -> bool:
    words = [word for word in tokens(source) if word not in lexicon().stop]
    return set(words) <= lexicon().vague_sources or words[0] in _ANYBODY


def l5_status_cites_evidence(view: View) -> RuleResult:
    """A leaf that is supported or refuted cites the answer or query that shows it."""
    tally = Tally("L5", "No leaf has been concluded.")
    for place, leaf in view.leaves:
        if leaf.status not in ("supported", "refuted"):
            continue
        cited = [item for item in leaf.evidence_ids if not is_blank(item)]
        unknown = [
            i for i in cited if view.around.known_evidence is not None and i not in view.around.known_evidence
        ]
        if not cited:
            text = (
                f"{place.name} is {leaf.status} without evidence. Cite the answer or query, or open it again."
            )
            tally.fails("error", place.id, text)
        elif unknown:
            text = (
                f"{place.name} cites {', '.join(unknown)}, which is not on record. "
                "Cite what is, or open it again."
            )
            tally.fails("error", place.id, text)
        else:
            tally.passes()
    return tally.result()
