"""From a text to a case: is it a complaint, of which kind, with which facts, and whom does it blame?"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from agents.diagnosis.facts import NAMED, find_facts
from agents.diagnosis.passing import Said
from agents.diagnosis.playbook import Data, Playbook
from agents.diagnosis.spotting import Fact
from agents.diagnosis.text import clean
from agents.diagnosis.wording import wording
from agents.diagnosis.words import words
from agents.errors import BadInput

LONGEST = 20_000
"""Characters of a complaint."""
LONGEST_FACT = 200
"""Characters of a fact that a person words."""
SMALL_MARGIN = 0.25
"""Under this margin one routing question is asked first."""
LONGEST_DENIAL = 60
"""Characters before a suspicion in which it is denied."""
THIN_SCORE = 6.0
"""Up to this score a single term is a thin sign: "flat" is said of growth and of singing."""
LEAST_SCORE = 2.5
"""A supporting word alone, such as "customers", makes no complaint."""

TextKind = Literal["complaint", "greeting", "decision", "unknown"]


class Score(Data):
    """How well a playbook's terms fit a text."""

    playbook_id: str
    score: float
    """Sum of the weights of the terms found, each once."""
    terms: tuple[str, ...]
    """The terms found."""


class FoundFact(Data):
    """A fact as the text has it; a change told by two ratios in percent."""

    kind: str
    text: str
    tag: str | None = None


class Framing(Data):
    """What the text was taken for; everything in it is shown and may be changed."""

    kind: TextKind
    ranking: tuple[Score, ...]
    """Playbooks that score, best first."""
    margin: float | None
    """Lead of the best over the second as a share of its score; None without a best."""
    facts: tuple[FoundFact, ...]
    missing: tuple[str, ...]
    """Which of metric, direction, size, period and scope the text does not tell."""
    blames: str | None
    """The cause that the text states, in its own words."""
    left_open: tuple[str, ...] = ()
    """Kinds of the facts that the text denies, excepts, supposes or asks about; they answer nothing."""

    @property
    def suggested(self) -> str | None:
        """Id of the best playbook."""
        return self.ranking[0].playbook_id if self.ranking else None

    @property
    def is_close(self) -> bool:
        """True when the margin is too small to choose without asking."""
        return self.margin is not None and self.margin < SMALL_MARGIN

    @property
    def alike(self) -> tuple[str, ...]:
        """Ids of the best playbook and of every other that fits almost as well, best first."""
        least = (1 - SMALL_MARGIN) * self.ranking[0].score if self.ranking else 0.0
        fitting = (s.playbook_id for s in self.ranking[1:] if s.score > least)
        return (self.ranking[0].playbook_id, *fitting) if self.ranking else ()

    @property
    def rivals(self) -> tuple[str, ...]:
        """Ids of the playbooks that the text gives more than a supporting word for, best first."""
        return tuple(score.playbook_id for score in self.ranking if score.score >= LEAST_SCORE)

    @property
    def is_thin(self) -> bool:
        """True when the person is asked for the kind first.

        A single term, and no strong one, speaks for the best; or the text leaves open whether anything moved.
        """
        best = self.ranking[0] if self.ranking else None
        weak = best is not None and len(best.terms) == 1 and best.score <= THIN_SCORE
        return weak or (best is not None and "direction" in self.left_open)


def frame(text: str, playbooks: Mapping[str, Playbook]) -> Framing:
    """Read a complaint. The text has been checked by `clean`; nothing in it is ever interpreted."""
    facts = _facts(text)
    metric = next((fact.text for fact in facts if fact.kind == "metric"), "")
    ranking = _rank(Said(text), Said(metric), playbooks.values())
    kind = _kind(text, ranking, facts)
    found = {fact.kind for fact in facts}
    return Framing(
        kind=kind,
        ranking=ranking,
        margin=_margin(ranking),
        facts=tuple(FoundFact(kind=f.kind, text=f.text, tag=f.tag) for f in facts),
        missing=tuple(name for name in NAMED if name not in found),
        blames=_blame(text),
        left_open=tuple(f.kind for f in facts if f.is_open),
    )


def tag_of(kind: str, text: str) -> str | None:
    """What a fact's new wording means to a playbook, such as `scope:region`; None when it says nothing."""
    return next((fact.tag for fact in find_facts(text) if fact.kind == kind), None)


def kept_facts(found: Framing | None, changed: Mapping[str, str] | None) -> tuple[FoundFact, ...]:
    """The facts as a person has them; one whose wording was changed is read again for its meaning."""
    facts = {fact.kind: fact for fact in (found.facts if found else ())}
    for kind, said in (changed or {}).items():
        if kind not in NAMED:
            raise BadInput(f"“{kind[:40]}” is not a fact of a problem; {', '.join(NAMED)} are.")
        text = clean(said, f"The {kind}", LONGEST_FACT, required=False)
        if not text:
            facts.pop(kind, None)
        elif kind not in facts or facts[kind].text != text:
            facts[kind] = FoundFact(kind=kind, text=text, tag=tag_of(kind, text))
    return tuple(facts[kind] for kind in (*NAMED, "onset") if kind in facts)


def answers_in_facts(playbook: Playbook, facts: Iterable[FoundFact]) -> dict[str, str]:
    """Question id to answer id for questions that confirmed facts answer."""
    tags = {fact.tag for fact in facts if fact.tag}
    answered = {}
    for question in playbook.questions:
        matching = [answer.id for answer in question.answers if tags & set(answer.facts)]
        if len(matching) == 1:
            answered[question.id] = matching[0]
    return answered


def _rank(text: Said, metric: Said, playbooks: Iterable[Playbook]) -> tuple[Score, ...]:
    """Playbooks by the weights of their terms in the text; what names the figure that moved counts double."""
    scores = []
    for playbook in playbooks:
        found = {term: weight for term, weight in playbook.recognise.terms.items() if text.holds(term)}
        if found:
            total = sum(weight * (2 if metric.holds(term) else 1) for term, weight in found.items())
            scores.append(Score(playbook_id=playbook.id, score=round(total, 6), terms=tuple(sorted(found))))
    return tuple(sorted(scores, key=lambda s: (-s.score, s.playbook_id)))


def _margin(ranking: tuple[Score, ...]) -> float | None:
    if not ranking:
        return None
    second = ranking[1].score if len(ranking) > 1 else 0.0
    return (ranking[0].score - second) / ranking[0].score


def _kind(text: str, ranking: tuple[Score, ...], facts: tuple[Fact, ...]) -> TextKind:
    said = words(text)
    if said and len(said) <= 12 and set(said) <= set(words(wording().greetings)):
        return "greeting"
    moved = any(fact.kind == "direction" and not fact.is_open for fact in facts)
    sized = any(fact.kind in ("size", "period") for fact in facts)
    if wording().decision.search(text) and not (moved and sized):
        return "decision"
    if wording().undertaking.search(text) and not moved:
        return "decision"
    return "complaint" if ranking and ranking[0].score >= LEAST_SCORE else "unknown"


def _facts(text: str) -> tuple[Fact, ...]:
    """The facts; what stands only in the words of the suspicion is shown, and answers no question.

    Else "I think a few large accounts left" would speak for its own cause.
    """
    match = wording().blame.search(text)
    if match is None:
        return find_facts(text)
    told = {fact.kind: fact for fact in find_facts(f"{text[: match.start()]}; {text[match.end() :]}")}
    return tuple(told.get(fact.kind, replace(fact, tag=None)) for fact in find_facts(text))


def _blame(text: str) -> str | None:
    """The words of the first suspicion that the text does not deny ("not because of prices")."""
    match = wording().blame.search(text)
    while match is not None:
        before = text[max(0, match.start() - LONGEST_DENIAL) : match.start()]
        if not wording().not_blamed.search(before):
            return match.group(1).strip(" ,:")
        match = wording().blame.search(text, match.start(1))
    return None
