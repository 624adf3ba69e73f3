"""M1-M8: whether siblings exclude each other, as far as their words and their arithmetic can tell."""

from __future__ import annotations

from collections.abc import Iterator

from agents.tree.mece.bounds import halves, range_of
from agents.tree.mece.formula import reconciles, total
from agents.tree.mece.lexicon import lexicon
from agents.tree.mece.overlap import opposites, overlaps, shared_words
from agents.tree.mece.report import RuleResult, Tally
from agents.tree.mece.view import Place, View
from agents.tree.mece.words import content, is_negated, key, means_other, parts, stem, surface, tokens
from agents.tree.model import Split
from agents.tree.ops import Delete, Merge, Op, SetSplit

_ANYTHING = frozenset(
    ("caus", "factor", "reason", "issu", "problem", "driver", "event", "thing", "sid", "effect")
)
"""Stems of nouns that tell nothing apart: internal causes, external factors."""
_DENYING = ("non", "un", "in", "im", "ir", "il", "dis")
_COMPARABLE = 40
"""Above so many siblings every word recurs, and no finding about words would help."""


def _compared(view: View) -> list[Place]:
    """Inner nodes whose children must not overlap: all but the steps of an argument."""
    return [place for place in view.inner if place.split is None or not place.split.deductive]


def _compared_by_words(view: View) -> list[Place]:
    """Those of them whose words must show it: neither A and not-A, nor terms that arithmetic has proven."""
    return [place for place in _compared(view) if not _is_binary(place) and not _is_proven(place)]


def _is_proven(place: Place) -> bool:
    split = place.split
    return split is not None and split.kind == "formula" and reconciles(place, split)


def _is_binary(place: Place) -> bool:
    return place.split is not None and place.split.kind == "binary"


def m1_no_duplicate(view: View) -> RuleResult:
    """No two siblings have the same label."""
    tally = Tally("M1", "No split has to exclude overlap.")
    for place in _compared(view):
        first: dict[str, Place] = {}
        for child in place.children:
            twin = first.setdefault(key(child.text), child)
            if twin is child:
                continue
            text = f"{child.name} stands under {place.name} twice. Merge the two, or say how they differ."
            plain = not (child.is_other or twin.is_other)
            remedy = Merge(node_ids=(twin.id, child.id), text=twin.text) if plain else None
            tally.fails("error", child.id, text, remedy)
        if len(first) == len(place.children):
            tally.passes()
    return tally.result()


def m2_no_shared_word(view: View) -> RuleResult:
    """No word of meaning is shared by some siblings but not by all."""
    tally = Tally("M2", "No split has three children to compare.")
    for place in _compared_by_words(view):
        named = [child for child in place.named if not means_other(child.text)]
        if len(named) < 3:
            continue
        if len(named) > _COMPARABLE:
            tally.cannot_tell(f"{place.name} has too many children for their words to tell them apart.")
            continue
        shared = shared_words(named, _topic(place, view))
        for word, those in shared.items():
            names = " and ".join(child.name for child in those[:3]) + (" and others" if those[3:] else "")
            text = (
                f"{names} share the word \u201c{surface(those[0].text, word)}\u201d, their siblings do not. "
                "Check that they do not overlap."
            )
            tally.fails("warning", those[-1].id, text)
        if not shared:
            tally.passes()
    return tally.result()


def _topic(place: Place, view: View) -> frozenset[str]:
    """Words of parent, dimension and question, and of what a process is about; children may repeat them."""
    about = content(place.text) | view.topic
    if place.split is None:
        return about
    about |= content(place.split.dimension)
    if place.split.kind == "process":
        ends = (text for child in place.named for text in (child.node.stage_start, child.node.stage_end))
        about |= frozenset().union(*(content(text or "") for text in ends))
    return about


def m3_no_synonym(view: View) -> RuleResult:
    """No sibling says what another says in other words, or contains it."""
    tally = Tally("M3", "No split has to exclude overlap.")
    for place in _compared_by_words(view):
        named = [child for child in place.named if not means_other(child.text)]
        if len(named) > _COMPARABLE:
            tally.cannot_tell(f"{place.name} has too many children for their words to tell them apart.")
            continue
        values = place.split is not None and place.split.kind == "segment"
        found = list(overlaps(named, _topic(place, view), values))
        for pair in found:
            text = f"{pair.one.name} and {pair.two.name} may overlap: {pair.how}. Say where the line runs."
            tally.fails("warning", pair.two.id, text)
        if not found:
            tally.passes()
    return tally.result()


def m4_binary(view: View) -> RuleResult:
    """A binary split is exactly A and not-A."""
    tally = Tally("M4", "The tree has no binary split.")
    for place, split in view.splits("binary"):
        free = SetSplit(node_id=place.id, split=split.model_copy(update={"kind": "free"}))
        sides = place.children if len(place.children) == 2 else place.named
        if len(sides) != 2:
            text = f"{place.name} is a binary split with {len(sides)} children. It takes A and not-A."
            tally.fails("error", place.id, text, free)
            continue
        one, two = sides
        denied = opposed(one.text, two.text)
        if denied is None:
            tally.cannot_tell(f"{one.name} and {two.name} look opposed, but their words do not prove it.")
        elif denied:
            tally.passes()
        else:
            text = (
                f"{two.name} is not exactly the opposite of {one.name}. "
                "Word it as its denial, or declare a free split."
            )
            tally.fails("error", place.id, text, free)
    return tally.result()


def opposed(one: str, two: str) -> bool | None:
    """True when one denies the other, False when it does not, None when their words cannot show it."""
    first, second = range_of(one), range_of(two)
    if first is not None and second is not None:
        return halves(first, second) if content(first.rest) == content(second.rest) else False
    a, b = parts(one), parts(two)
    if is_negated(one) != is_negated(two):
        plain, denied = (a, b) if is_negated(two) else (b, a)
        return not denied or denied == plain
    if means_other(two) or means_other(one):
        return True
    if _denied_by_prefix(a - b, b - a):
        return True
    pairs = opposites(one, two)
    if not pairs:
        return None if _may_be_opposites(one, two) else False
    rests = [(a - {x} - _ANYTHING, b - {y} - _ANYTHING) for x, y in pairs]
    if any(own == others for own, others in rests):
        return True
    return False if all(own and others and not own & others for own, others in rests) else None


def _may_be_opposites(one: str, two: str) -> bool:
    """Whether all that differs is one word on each side, of which the checker knows no opposite."""
    first, second = parts(one), parts(two)
    differing = first ^ second
    if len(first - second) != 1 or len(second - first) != 1 or (is_negated(one) and is_negated(two)):
        return False
    known = lexicon()
    named = known.metrics | known.synonyms.keys() | known.axes.keys()
    return not differing & known.complements.keys() and not differing <= named


def _denied_by_prefix(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether all that differs is a prefix that denies, as in known and unknown."""
    if len(a) != 1 or len(b) != 1:
        return False
    (x,), (y,) = a, b
    return any(stem(x.removeprefix(prefix)) == y or stem(y.removeprefix(prefix)) == x for prefix in _DENYING)


def m5_no_running_total(view: View) -> RuleResult:
    """A sum holds no total of its own terms and no term twice."""
    tally = Tally("M5", "The tree has no sum.")
    for place, split in view.splits("formula"):
        if split.operator == "product":
            continue
        faults: list[tuple[Place, str, Op]] = [*_totals(place, split), *_repeated_terms(place)]
        for child, text, remedy in faults:
            tally.fails("error", child.id, text, remedy)
        if not faults:
            tally.passes()
    return tally.result()


def _totals(place: Place, split: Split) -> Iterator[tuple[Place, str, Delete]]:
    """Children that are a total of the others, unless the sum needs them to come out."""
    worded = [child for child in place.named if lexicon().totals & set(tokens(child.text))]
    if len(worded) == len(place.named) or reconciles(place, split):
        return
    for child in place.named:
        rest = [other for other in place.named if other is not child]
        if child in worded or (len(rest) > 1 and _is_total_of(child, rest, split.tolerance)):
            text = f"{child.name} is a total of its siblings, so the sum counts them twice. Take it out."
            yield child, text, Delete(node_id=child.id)


def _is_total_of(child: Place, rest: list[Place], tolerance: float) -> bool:
    own, reached = child.node.quantity, total(rest)
    if own is None or reached is None or own.value == 0:
        return False
    return abs(own.value - reached) <= tolerance * max(abs(own.value), abs(reached))


def _repeated_terms(place: Place) -> Iterator[tuple[Place, str, Merge]]:
    first: dict[frozenset[str], Place] = {}
    for child in place.named:
        words = content(child.text)
        twin = first.setdefault(words, child) if words else child
        if twin is not child:
            text = f"{child.name} repeats the term {twin.name}, so the sum counts it twice. Keep one."
            yield child, text, Merge(node_ids=(twin.id, child.id), text=twin.text)


def m6_rows_exclusive(view: View) -> RuleResult:
    """No row of the data falls into two branches."""
    tally = Tally("M6", "The tree has no split by segment.")
    for place, _ in view.splits("segment"):
        tally.cannot_tell(f"No data is attached to {place.name}, so rows in two branches cannot be counted.")
    return tally.result()


def m7_no_repeated_hypothesis(view: View) -> RuleResult:
    """No hypothesis stands in two branches."""
    tally = Tally("M7", "No leaf has a hypothesis.")
    first: dict[str, Place] = {}
    for place, leaf in view.leaves:
        claim = key(leaf.hypothesis or place.text)
        twin = first.setdefault(claim, place)
        if twin is place:
            tally.passes()
        elif leaf.hypothesis or twin.parent is not place.parent:
            text = (
                f"{place.name} tests the same claim as {twin.name}. "
                "Keep it where it belongs, or tell the two apart."
            )
            tally.fails("warning", place.id, text)
    return tally.result()


def m8_argument_chains(view: View) -> RuleResult:
    """Steps of an argument may share terms, and say so."""
    tally = Tally("M8", "The tree has no argument chain.")
    for place, split in view.splits():
        if split.deductive:
            reason = (
                f"{place.name} is an argument: its steps build on each other and are not checked for overlap."
            )
            tally.cannot_tell(reason)
            tally.hints(place.id, reason)
    return tally.result()
