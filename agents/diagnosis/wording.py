"""The wording of facts, greetings, decisions and blame: `wording.yaml` as compiled patterns."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("wording.yaml")


@dataclass(frozen=True)
class FactPattern:
    """One way in which a fact is told."""

    kind: str
    tag: str | None
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Wording:
    """Everything of the file, ready to be searched with."""

    facts: tuple[FactPattern, ...]
    metric: re.Pattern[str]
    """Names a figure."""
    not_places: re.Pattern[str]
    clause_break: re.Pattern[str]
    """Ends what is said of one thing."""
    sentence_break: re.Pattern[str]
    limit: re.Pattern[str]
    """Stands before a place to which the problem is limited."""
    and_also: re.Pattern[str]
    """Stands between two such places."""
    unsure: re.Pattern[str]
    """Stands before a place that the client only supposes."""
    denies: re.Pattern[str]
    """Says that something is not so."""
    negative: re.Pattern[str]
    """Stands in a phrase that is itself a denial."""
    of_none: re.Pattern[str]
    """Those of these words that deny what they stand with: "lost no customers", "no complaints"."""
    supposes: re.Pattern[str]
    """Says that something may be, or will be."""
    excepts: re.Pattern[str]
    """Stands before what is no part of it."""
    asks: re.Pattern[str]
    """A sentence that asks whether something is so."""
    and_more: re.Pattern[str]
    """Stands between the parts of a list."""
    fresh: re.Pattern[str]
    """Begins a clause of its own, and no further part of a list."""
    limited_further: re.Pattern[str]
    """Follows a place to which the problem is limited, when there is a further one that no pattern knows."""
    limited_before: re.Pattern[str]
    """Stands before a place that is added to one which no pattern knows."""
    but_not: re.Pattern[str]
    """Follows "everywhere" when there is an exception."""
    named_who: re.Pattern[str]
    """Customers of a place or of a name."""
    went: re.Pattern[str]
    """A figure that "went from" one amount "to" another, with the parts `early`, `late` and their units."""
    ratio: re.Pattern[str]
    """A share in the way of "1 in 25"."""
    ratio_before: re.Pattern[str]
    """Stands before the earlier of two ratios."""
    ratio_after: re.Pattern[str]
    """Stands behind the earlier of two ratios."""
    compounds: re.Pattern[str]
    """Words of figures and moves inside them mean something else."""
    unharmed: re.Pattern[str]
    """Tells of a figure that all is well with it."""
    bygone: re.Pattern[str]
    """Tells how it used to be."""
    greetings: str
    decision: re.Pattern[str]
    """Asks which way to go."""
    undertaking: re.Pattern[str]
    """Names something to decide on, such as a merger, without asking."""
    blame: re.Pattern[str]
    not_blamed: re.Pattern[str]
    """Stands before a suspicion that is denied."""


@lru_cache(maxsize=1)
def wording() -> Wording:
    """Read the file once."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    fragments = {name: _tight(text) for name, text in data["fragments"].items()}
    return Wording(
        facts=tuple(
            FactPattern(group["kind"], group.get("tag"), _compile(text, fragments))
            for group in data["patterns"]
            for text in group["patterns"]
        ),
        metric=_compile(r"\b{metric}\b", fragments),
        not_places=_compile(data["not_places"], fragments),
        clause_break=_compile(data["clause_break"], fragments),
        sentence_break=_compile(data["sentence_break"], fragments),
        limit=_compile(data["limit"], fragments),
        and_also=_compile(data["and_also"], fragments),
        unsure=_compile(data["unsure"], fragments),
        denies=_compile(data["denies"], fragments),
        negative=_compile(data["negative"], fragments),
        of_none=_compile(data["of_none"], fragments),
        supposes=_compile(data["supposes"], fragments),
        excepts=_compile(data["excepts"], fragments),
        asks=_compile(data["asks"], fragments),
        and_more=_compile(data["and_more"], fragments),
        fresh=_compile(data["fresh"], fragments),
        limited_further=_compile(data["limited_further"], fragments),
        limited_before=_compile(data["limited_before"], fragments),
        but_not=_compile(data["but_not"], fragments),
        named_who=_compile(data["named_who"], fragments),
        went=_compile(data["went"], fragments),
        ratio=_compile(r"\b{ratio}\b", fragments),
        ratio_before=_compile(data["ratio_before"], fragments),
        ratio_after=_compile(data["ratio_after"], fragments),
        compounds=_compile(data["compounds"], fragments),
        unharmed=_compile(data["unharmed"], fragments),
        bygone=_compile(data["bygone"], fragments),
        greetings=data["greetings"],
        decision=_compile(data["decision"], fragments),
        undertaking=_compile(data["undertaking"], fragments),
        blame=_compile(data["blame"], fragments),
        not_blamed=_compile(data["not_blamed"], fragments),
    )


def _compile(text: str, fragments: dict[str, str]) -> re.Pattern[str]:
    pattern = _tight(text)
    for name, fragment in fragments.items():
        pattern = pattern.replace(f"{{{name}}}", fragment)
    return re.compile(pattern, re.IGNORECASE)


def _tight(text: str) -> str:
    """A pattern that stands on several lines, as one."""
    return "".join(line.strip() for line in text.splitlines())
