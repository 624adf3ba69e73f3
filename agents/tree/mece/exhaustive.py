"""C1-C9: whether the children of a split cover their parent, as far as that is known without data."""

from __future__ import annotations

import re

from agents.tree.mece.bounds import covers_all, range_of
from agents.tree.mece.exclusive import opposed
from agents.tree.mece.formula import fault, terms
from agents.tree.mece.lexicon import Framework, lexicon
from agents.tree.mece.report import RuleResult, Tally
from agents.tree.mece.view import Place, View
from agents.tree.mece.words import content, is_blank, key, means_other, stem, tokens
from agents.tree.model import CauseShare, Split, walk
from agents.tree.ops import AddLeaf

_PLAIN_NOUN = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+){0,3}")
_ASKING = frozenset(
    [
        "what",
        "who",
        "whom",
        "whose",
        "which",
        "where",
        "when",
        "how",
        "why",
        "whether",
        "those",
        "kind",
        "kinds",
    ]
)


def c1_rows_covered(view: View) -> RuleResult:
    """Every row of the data falls into a branch."""
    tally = Tally("C1", "The tree has no split by segment.")
    for place, _ in view.splits("segment"):
        tally.cannot_tell(f"No data is attached to {place.name}, so rows in no branch cannot be counted.")
    return tally.result()


def c2_values_covered(view: View) -> RuleResult:
    """Every value of a segment's column has a branch."""
    tally = Tally("C2", "The tree has no split by segment.")
    for place, _ in view.splits("segment"):
        tally.cannot_tell(f"No data is attached to {place.name}, so the values of its column are not known.")
    return tally.result()


def c3_segment_other(view: View) -> RuleResult:
    """A split by segment has a branch for all others."""
    tally = Tally("C3", "The tree has no split by segment.")
    for place, split in view.splits("segment"):
        if any(child.is_other or means_other(child.text) for child in place.children) or _is_closed(place):
            tally.passes()
            continue
        if split.closed:
            tally.cannot_tell(f"{place.name} is declared to have no other parts; only data could prove it.")
            continue
        text = (
            f"{place.name} has no branch for all others. Add one, so that nothing falls between the "
            "segments, or declare that there can be none."
        )
        new_id = _free_id(view, f"{place.id[:70]}.other")
        remedy = AddLeaf(parent_id=place.id, new_id=new_id, text=_all_others(split.dimension))
        tally.fails("warning", place.id, text, remedy)
    return tally.result()


def _all_others(dimension: str) -> str:
    """A label for whatever the segments leave over, after the dimension where that is a plain noun."""
    named = " ".join(dimension.split())
    if not _PLAIN_NOUN.fullmatch(named) or tokens(named)[0] in lexicon().determiners | _ASKING:
        return "All others"
    return f"Any other {named if named.isupper() else named[0].lower() + named[1:]}"


def _is_closed(place: Place) -> bool:
    """Whether the labels themselves show that there are no others: opposites, or ranges without a gap."""
    ranges = [range_of(child.text) for child in place.named]
    known = [found for found in ranges if found is not None]
    whole = len(known) == len(ranges) and covers_all(known)
    return whole or _is_pair(place) or _is_whole_cycle(place)


def _is_whole_cycle(place: Place) -> bool:
    """Whether every part of a known cycle is named, such as the four quarters."""
    said = [frozenset(tokens(child.text)) for child in place.named]
    return any(
        len(said) == len(cycle) and all(any(part in words for words in said) for part in cycle)
        for cycle in lexicon().cycles
    )


def _is_pair(place: Place) -> bool:
    """Whether two segments are each other's opposite, such as new and existing."""
    if len(place.named) != 2:
        return False
    first, second = place.named
    if opposed(first.text, second.text):
        return True
    one, two = (set(key(child.text).split()) for child in place.named)
    return any(lexicon().complements.get(word, frozenset()) & two for word in one)


def _free_id(view: View, wanted: str) -> str:
    taken = {node.id for node in walk(view.tree.root)} if not view.repeated else {p.id for p in view.places}
    return next(
        name for name in (wanted, *(f"{wanted}{i}" for i in range(2, len(taken) + 3))) if name not in taken
    )


def c4_formula_reconciles(view: View) -> RuleResult:
    """The children of a formula make up the parent, in value and in unit."""
    tally = Tally("C4", "The tree has no formula.")
    for place, split in view.splits("formula"):
        concerned = (place, *terms(place))
        lacking = [child.name for child in concerned if child.node.quantity is None]
        if split.operator is None:
            tally.cannot_tell(f"{place.name} does not say whether its children add up or multiply.")
        elif lacking:
            tally.cannot_tell(f"{place.name} cannot be reckoned: no amount for {', '.join(lacking[:3])}.")
        elif wrong := fault(place, split):
            tally.fails("error", place.id, wrong)
        elif any(child.node.quantity and child.node.quantity.unit is None for child in concerned):
            tally.cannot_tell(f"The amounts of {place.name} agree, but not every one has a unit.")
        else:
            tally.passes()
    return tally.result()


def c5_process_chain(view: View) -> RuleResult:
    """The stages of a process chain from its start to its end."""
    tally = Tally("C5", "The tree has no process.")
    for place, split in view.splits("process"):
        ends = [(child.node.stage_start, child.node.stage_end) for child in place.named]
        stated = [text for pair in ends for text in pair if not is_blank(text)]
        if is_blank(split.start) or is_blank(split.end) or not stated:
            tally.cannot_tell(f"{place.name} does not say where the process and its stages begin and end.")
        elif gap := _first_gap(place, split):
            text = f"The stages of {place.name} do not chain: {gap}. Close the gap or move the boundary."
            tally.fails("warning", place.id, text)
        else:
            tally.passes()
    return tally.result()


def _first_gap(place: Place, split: Split) -> str | None:
    at, where = split.start, "the start"
    for child in place.named:
        if key(child.node.stage_start or "") != key(at or ""):
            begins = child.node.stage_start or "nowhere that is stated"
            return f"{where} is \u201c{at}\u201d, but {child.name} begins at \u201c{begins}\u201d"
        at, where = child.node.stage_end, f"the end of {child.name}"
    if key(at or "") != key(split.end or ""):
        return f"{where} is \u201c{at or 'not stated'}\u201d, but the process ends at \u201c{split.end}\u201d"
    return None


def c6_framework_complete(view: View) -> RuleResult:
    """A split by a stock framework has all its parts."""
    tally = Tally("C6", "The tree has no split by framework.")
    for place, split in view.splits("framework"):
        framework = named_framework(place, split)
        if framework is None:
            tally.cannot_tell(f"The framework of {place.name} is not one the checker knows.")
            continue
        missing = missing_parts(place, framework)
        for part in missing:
            text = f"{place.name} follows {framework.name} without {part}. Add it, or say why not."
            new_id = _free_id(view, f"{place.id[:60]}.{part.replace(' ', '_').replace(',', '')}")
            remedy = AddLeaf(parent_id=place.id, new_id=new_id, text=part.capitalize())
            tally.fails("hint", place.id, text, remedy)
        if not missing:
            tally.passes()
    return tally.result()


def named_framework(place: Place, split: Split) -> Framework | None:
    """The framework that the dimension names, or else the one most of whose parts are there."""
    said = f" {' '.join(tokens(split.dimension))} "
    for framework in lexicon().frameworks:
        if any(f" {' '.join(tokens(alias))} " in said for alias in framework.aliases):
            return framework
    for framework in lexicon().frameworks:
        if len(missing_parts(place, framework)) * 2 < len(framework.parts):
            return framework
    return None


def missing_parts(place: Place, framework: Framework) -> list[str]:
    """The parts of the framework that no child speaks of."""
    words = {stem(word) for child in place.named for word in tokens(child.text)}
    return [part for part, shown_by in framework.parts.items() if not shown_by & words]


def c7_other_is_small(view: View) -> RuleResult:
    """What is not named stays small: under 20 % of the value, under 35 % of the belief."""
    tally = Tally("C7", "The tree has no branch for anything else.")
    for place in view.places:
        parent = place.parent
        if parent is None or not (place.is_other or means_other(place.text)):
            continue
        whole = view.root if place.is_other else parent
        if place.belief is not None and whole.belief and place.belief > 0.35 * whole.belief:
            share = 100 * place.belief / whole.belief
            held = f"{place.name} holds {share:.0f} % of the belief."
            text = f"{held} Name more causes: this split is not finished."
            tally.fails("warning", place.id, text)
        elif (part := _value_share(place, parent)) is not None and part > 0.2:
            text = (
                f"{place.name} holds {100 * part:.0f} % of the value of {parent.name}. "
                "Split it: this is not finished."
            )
            tally.fails("error", place.id, text)
        else:
            tally.cannot_tell(f"No data is attached, so the rows behind {place.name} cannot be counted.")
    return tally.result()


def _value_share(place: Place, parent: Place) -> float | None:
    """The part of the parent's amount that the place holds, where both are given in one unit and add up."""
    own, whole = place.node.quantity, parent.node.quantity
    adds = parent.split is not None and parent.split.kind in ("formula", "segment")
    if own is None or whole is None or own.unit != whole.unit or whole.value == 0 or not adds:
        return None
    if parent.split is not None and parent.split.operator == "product":
        return None
    return abs(own.value / whole.value)


def c8_known_causes_covered(view: View) -> RuleResult:
    """Every cause that the knowledge base lists for this kind of problem has a leaf."""
    tally = Tally("C8", "No list of known causes was given to compare with.")
    carried = {cause for place, leaf in view.leaves for cause in leaf.cause_ids}
    if view.other is not None and view.other.leaf is not None:
        carried |= {share.cause_id for share in view.other.leaf.causes if share.share >= 1}
    if not view.around.known_causes:
        return tally.result()
    said = [content(f"{place.text} {leaf.hypothesis or ''}") for place, leaf in view.leaves]
    for cause_id, label in view.around.known_causes.items():
        if cause_id in carried or any(content(label) and content(label) <= words for words in said):
            tally.passes()
            continue
        text = f"No leaf covers the known cause \u201c{label}\u201d. Add it, or say why it cannot be here."
        new_id = _free_id(view, cause_id[:76])
        causes = (CauseShare(cause_id=cause_id),)
        remedy = AddLeaf(parent_id=view.root.id, new_id=new_id, text=label, causes=causes)
        tally.fails("warning", view.root.id, text, remedy)
    return tally.result()


def c9_free_not_provable(view: View) -> RuleResult:
    """Free splits are never claimed to be complete."""
    tally = Tally("C9", "The tree has no free split.")
    for place, _ in view.splits("free"):
        tally.cannot_tell(f"Nothing can prove that the children of {place.name} are all there are.")
    return tally.result()
