"""Which cause of a playbook a client's suspicion names."""

import re
from collections.abc import Iterable
from math import log

from agents.diagnosis.passing import Said
from agents.diagnosis.playbook import OTHER_LABEL, SOMETHING_ELSE, Cause, Playbook
from agents.diagnosis.words import root, words

SHARED = 0.5
"""Share of the suspicion's content, by weight, that a cause has to share."""
LABEL_WEIGHT = 2.0
"""A word of the label says more than one that stands only in the claim."""
AHEAD = 1.4
"""Times the next cause's score by which the best one has to be the better."""
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
LEAST_SHARED = 2
"""Content words to share: one alone, such as "customers", names no cause."""
_COMMON = frozenset(
    words(
        "a an the this that these those it its is are was were be been being am has have had having do "
        "does did not no nor and or but if than then so as at by for from in into of off on onto out over "
        "to too up with we us our ours i me my you your he she they them their who whom which what where "
        "when why how just only really simply mostly mainly probably perhaps maybe because due also very "
        "more less most much many some any all each every there here now again still always never ever "
        "can could may might will would should must get gets got getting make makes made thing things "
        "problem problems issue issues cause think believe guess new old bad good one two people someone "
        "somebody nobody way lot our we're they're it's that's don't doesn't isn't aren't"
    )
)


def stated_cause(playbook: Playbook, blames: str | None) -> str | None:
    """Id of the cause of the table that the client's words name, or None when that is not clear.

    A phrase by which clients name a cause, or its label, decides; else the content words shared with label
    and claim do, when they are most of what was said and one cause has clearly more of them than any other.
    """
    if not blames:
        return None
    if words(blames) == words(OTHER_LABEL):
        return SOMETHING_ELSE
    said = Said(blames)
    for cause in playbook.causes:
        if any(said.holds(phrase) for phrase in (*cause.stated_as, cause.label)):
            return cause.id
    return _closest(playbook, _content([blames]))


def recognised_by(playbook: Playbook, cause_id: str, blames: str) -> tuple[str, ...]:
    """On what `stated_cause` rests: the phrase by which the cause is named, or the words shared with it."""
    cause = next(cause for cause in playbook.causes if cause.id == cause_id)
    said = Said(blames)
    named = next((phrase for phrase in (*cause.stated_as, cause.label) if said.holds(phrase)), None)
    if named is not None:
        return (named,)
    told = _told(cause)
    return tuple(dict.fromkeys(word for word in _WORD.findall(blames) if _content([word]) & told))


def labelled(playbook: Playbook, blames: str | None) -> str | None:
    """Id of the cause whose label the words are, or None: no cause may stand on the list twice."""
    said = words(blames or "")
    return next((cause.id for cause in playbook.causes if said and words(cause.label) == said), None)


def _closest(playbook: Playbook, said: frozenset[str]) -> str | None:
    labels = {cause.id: _content([cause.label]) for cause in playbook.causes}
    known = {cause.id: _told(cause) for cause in playbook.causes}
    weight = {word: _weight(word, known.values()) for word in said}
    scores = {
        cause_id: sum(weight[w] * (LABEL_WEIGHT if w in labels[cause_id] else 1) for w in said & told)
        for cause_id, told in known.items()
    }
    best, *others = sorted(scores, key=lambda cause_id: -scores[cause_id])
    shared = said & known[best]
    enough = len(shared) >= LEAST_SHARED and sum(weight[w] for w in shared) >= SHARED * sum(weight.values())
    return best if enough and all(scores[best] >= AHEAD * scores[other] for other in others) else None


def _told(cause: Cause) -> frozenset[str]:
    return _content([cause.label, cause.claim, *cause.stated_as])


def _weight(word: str, causes: Iterable[frozenset[str]]) -> float:
    """More for a word that few causes have."""
    told = list(causes)
    return log(1 + len(told) / (1 + sum(word in one for one in told)))


def _content(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(root(word) for text in texts for word in words(text) if word not in _COMMON)
