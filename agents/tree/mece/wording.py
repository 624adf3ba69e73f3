"""S5-S10: one kind of question, one declared logic per split, and labels of one sort in a declared order."""

from __future__ import annotations

import re
from collections.abc import Callable
from statistics import median

from agents.tree.mece.claims import has_verb, is_instruction, is_verb_form
from agents.tree.mece.lexicon import lexicon
from agents.tree.mece.report import RuleResult, Tally
from agents.tree.mece.view import Place, View
from agents.tree.mece.words import is_blank, means_other, stem, tokens
from agents.tree.model import Order, Split, TreeKind
from agents.tree.ops import Reorder, SetSplit

_HOW = re.compile(
    r"^\W*(?:how\s+(?:can|could|do|does|should|might|may|to|will|shall|best)\b|(?:should|shall)\s+we\b"
    r"|what\s+(?:can|could|should|must|shall|might)\s+(?:we|be\s+done)\b|(?:in|by)\s+(?:what|which)\s+(?:ways?|means)\b"
    r"|(?:what|which)\s+(?:measures?|options?|steps?|actions?|levers?|solutions?)\b)"
)
_WHY = re.compile(
    r"^\W*(?:why\b|how\s+come\b|what\s+(?:caused?|causes|explains?|drives?|drove|made|makes|keeps?|led\s+to"
    r"|(?:is|are|was)\s+(?:behind|causing|driving|making|keeping))\b|what\s+lies\s+behind\b)"
)
_BY_AXIS = re.compile(r"([^\W\d_]+)\s+(?:by|per)\s+(?:the\s+|each\s+)?([^\W\d_]+)")
_TWO_DIMENSIONS = re.compile(r"\bby\b.+\b(?:and|or|then)\s+(?:then\s+)?by\b|;|\bthen by\b")
_JOINED = re.compile(
    r"([^\W\d_]+)\s*(?:\band\b|\bplus\b|\bas\s+well\s+as\b|\bx\b|,?\s*\bthen\b|&|/|\+|,|×)\s*([^\W\d_]+)"
)


def s5_one_question_type(view: View) -> RuleResult:
    """A why-tree asks why, a how-tree asks how, and no child asks the other."""
    tally = Tally("S5", "")
    asked = _question_type(view.root.text)
    if asked is None:
        tally.cannot_tell("The question opens with neither why nor how, so its type is not certain.")
    elif asked != view.tree.kind:
        text = (
            f"This is a {view.tree.kind}-tree, but {view.root.name} asks {asked}. "
            f"Word it as a {view.tree.kind} question."
        )
        tally.fails("error", view.root.id, text)
    else:
        tally.passes()
    for place in view.places[1:]:
        if _question_type(place.text) not in (None, view.tree.kind):
            text = (
                f"{place.name} asks the other question in a {view.tree.kind}-tree. "
                "Word it as a part of its parent."
            )
            tally.fails("warning", place.id, text)
    return tally.result()


def _question_type(text: str) -> str | None:
    folded = text.casefold()
    if _WHY.match(folded):
        return "why"
    return "how" if _HOW.match(folded) else None


def s6_declared_split(view: View) -> RuleResult:
    """Every split declares one kind and one dimension."""
    tally = Tally("S6", "The tree has no split.")
    for place in view.inner:
        split = place.split
        if split is None:
            tally.fails(
                "error", place.id, f"{place.name} does not say how it is divided. Choose the kind of split."
            )
        elif is_blank(split.dimension):
            tally.fails(
                "error", place.id, f"{place.name} does not say by what it is divided. Name the dimension."
            )
        elif _two_dimensions(split.dimension):
            text = (
                f"{place.name} is divided by more than one dimension ({split.dimension}). Use one per level."
            )
            tally.fails("error", place.id, text)
        else:
            tally.passes()
    return tally.result()


def _two_dimensions(dimension: str) -> bool:
    folded = dimension.casefold()
    if _TWO_DIMENSIONS.search(folded):
        return True
    names = lexicon().axis_names
    return any(stem(a) in names and stem(b) in names for a, b in _JOINED.findall(folded))


def s7_one_axis(view: View) -> RuleResult:
    """Siblings do not name different axes."""
    tally = Tally("S7", "The tree has no split.")
    for place in view.inner:
        axes = {child.id: axis for child in place.named if (axis := _named_axis(child.text))}
        if len(set(axes.values())) < 2 and place.split is not None and place.split.kind == "segment":
            axes = _value_axes(place.named)
        if len(set(axes.values())) > 1:
            named = " and ".join(sorted(set(axes.values())))
            text = (
                f"The children of {place.name} are cut along different axes: {named}. Use one axis per split."
            )
            tally.fails("warning", place.id, text)
        else:
            tally.passes()
    return tally.result()


def _named_axis(text: str) -> str | None:
    """What a label such as "sales by region" is cut along; "delayed by customs" names no axis."""
    for before, axis in _BY_AXIS.findall(text.casefold()):
        counted = before.endswith("s") and stem(axis) in lexicon().axis_names  # "misses by age"
        if counted or not is_verb_form(before):
            return str(axis)
    return None


def _value_axes(children: list[Place]) -> dict[str, str]:
    """The axis of each child, when the values of every child belong to exactly one known axis."""
    known = lexicon().axes
    found: dict[str, str] = {}
    for child in children:
        if means_other(child.text):
            continue
        axes = {known[word] for word in map(stem, tokens(child.text)) if word in known}
        if len(axes) != 1:
            return {}
        found[child.id] = axes.pop()
    return found


def s8_altitude(view: View) -> RuleResult:
    """No long clause stands among short labels."""
    tally = Tally("S8", "No split has three children to compare.")
    for place in view.inner:
        lengths = {child.id: len(tokens(child.text)) for child in place.named if not means_other(child.text)}
        if len(lengths) < 3:
            continue
        longest = max(lengths, key=lambda child_id: lengths[child_id])
        typical = median(length for child_id, length in lengths.items() if child_id != longest)
        if lengths[longest] >= 9 and typical <= 4 and lengths[longest] >= 3 * typical:
            text = (
                f"One child of {place.name} is a long clause among short labels. "
                "Bring them to one level of detail."
            )
            tally.fails("warning", longest, text)
        else:
            tally.passes()
    return tally.result()


def s9_claims(view: View) -> RuleResult:
    """Children of a free split are questions or claims, not bare topics."""
    tally = Tally("S9", "The tree has no free split.")
    for place, _ in view.splits("free"):
        for child in place.named:
            says = _says(child.text, view.tree.kind)
            if says is None:
                tally.cannot_tell(f"Whether {child.name} says something is not certain from its words.")
            elif says:
                tally.passes()
            else:
                text = (
                    f"{child.name} is a topic, not a question or a claim. "
                    "Say what is supposed to be the case."
                )
                tally.fails("warning", child.id, text)
    return tally.result()


def _says(text: str, kind: TreeKind) -> bool | None:
    """Whether a label asks or claims something, or, for an option, says what to do."""
    if "?" in text:
        return True
    says = has_verb(text)
    return is_instruction(text) if kind == "how" and not says else says


def s10_declared_order(view: View) -> RuleResult:
    """Siblings stand in an order that is declared."""
    tally = Tally("S10", "The tree has no declared split.")
    for place, split in view.splits():
        order = split.order or _implied(split)
        if order is None:
            text = f"{place.name} does not say what the order of its children follows. Declare it."
            tally.fails("error", place.id, text, _declare(place, split))
            continue
        wanted = _sorted(place, order)
        if wanted is None:
            tally.cannot_tell(
                f"Whether the children of {place.name} follow their {order} is for people to judge."
            )
        elif [child.id for child in wanted] != [child.id for child in place.named]:
            ids = tuple(child.id for child in wanted) + tuple(c.id for c in place.children if c.is_other)
            text = (
                f"The children of {place.name} are declared to be in order of {order}, and are not. "
                "Reorder them."
            )
            tally.fails("error", place.id, text, Reorder(node_id=place.id, child_ids=ids))
        else:
            tally.passes()
    return tally.result()


def _implied(split: Split) -> Order | None:
    implied: dict[str, Order] = {"process": "time", "formula": "structure", "binary": "structure"}
    return implied.get(split.kind)


def _effort(place: Place) -> tuple[float, str] | None:
    efforts = [found.leaf.effort_days for found in place.below() if found.leaf and not found.is_other]
    known = [effort for effort in efforts if effort is not None]
    return (sum(known), "") if known and len(known) == len(efforts) else None


def _largest_belief(place: Place) -> tuple[float, str] | None:
    return None if place.belief is None else (-round(place.belief, 6), "")


def _largest_quantity(place: Place) -> tuple[float, str] | None:
    return None if place.node.quantity is None else (-abs(place.node.quantity.value), "")


_MEASURES: dict[Order, Callable[[Place], tuple[float, str] | None]] = {
    "belief": _largest_belief,
    "quantity": _largest_quantity,
    "effort": _effort,
    "alphabet": lambda place: (0.0, " ".join(tokens(place.text))),
}


def _sorted(place: Place, order: Order) -> list[Place] | None:
    """The children in the declared order, ties as they stand; None where a program cannot know it."""
    measure = _MEASURES.get(order)
    if measure is None:
        return None
    measured = [(value, child) for child in place.named if (value := measure(child)) is not None]
    if len(measured) < len(place.named):
        return None
    return [child for _, child in sorted(measured, key=lambda pair: pair[0])]


def _declare(place: Place, split: Split) -> SetSplit:
    """Declare the first principle that the present order follows already."""
    present = [child.id for child in place.named]
    for order in _MEASURES:
        wanted = _sorted(place, order)
        if wanted is not None and [child.id for child in wanted] == present:
            return SetSplit(node_id=place.id, split=split.model_copy(update={"order": order}))
    return SetSplit(node_id=place.id, split=split.model_copy(update={"order": "structure"}))
