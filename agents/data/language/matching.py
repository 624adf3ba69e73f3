"""Columns named in a question: by their header, by its words, by a synonym, or nearly."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from agents.data.language.lexicon import lexicon
from agents.data.language.words import Question, Word, same_word
from agents.data.roles import header_words
from agents.data.tables import Column, Table

LONGEST = 6
"""Words of the longest run that can name a column."""
SURE = 0.95
"""Scores from here on are the header itself, or a form of it."""
LIKELY = 0.6
"""Scores below are no match."""
NEAR = 0.05
"""Two columns whose scores are nearer than this are one as likely as the other."""
SHORTEST_PREFIX = 3
SHORTEST_TYPO = 5
ALIKE = 0.86
"""Likeness from which words count as a slip of the pen ..."""
ALIKE_SWAPPED = 0.8
"""... or, where only the order of the letters differs, from here on."""


@dataclass(frozen=True)
class Mention:
    """Words of a question that name one column, or several as likely."""

    start: int
    """Number of the first word."""
    end: int
    """Number after the last word."""
    columns: tuple[Column, ...]
    """The columns; more than one when the words do not tell."""
    score: float
    """How surely, 0 to 1."""


def mentions(question: Question, table: Table, free: Sequence[bool]) -> list[Mention]:
    """Every run of free words that may name a column, the surest and longest first; runs may overlap."""
    headers = [(column, header_words(column.name)) for column in table.columns]
    found = []
    for start, end in _runs(free):
        run = question.words[start:end]
        mention = _best(run, headers, question.turkish, start, end)
        if mention is not None:
            found.append(mention)
    return sorted(found, key=lambda one: (one.score < SURE, -(one.end - one.start), -one.score, one.start))


def _runs(free: Sequence[bool]) -> Iterator[tuple[int, int]]:
    for start in range(len(free)):
        for end in range(start + 1, min(start + LONGEST, len(free)) + 1):
            if not free[end - 1]:
                break
            yield start, end


def _best(
    run: Sequence[Word],
    headers: Iterable[tuple[Column, tuple[str, ...]]],
    turkish: bool,
    start: int,
    end: int,
) -> Mention | None:
    scores = [(score([word.form for word in run], header, turkish), column) for column, header in headers]
    highest = max((found for found, _ in scores), default=0.0)
    if highest < LIKELY:
        return None
    exact = [column for found, column in scores if found == highest and _written_alike(run, column)]
    near = [column for found, column in scores if highest - found < NEAR]
    return Mention(start, end, tuple(exact[:1] or near), highest)


def _written_alike(run: Sequence[Word], column: Column) -> bool:
    return "".join(word.text for word in run) == column.name


def score(said: Sequence[str], header: Sequence[str], turkish: bool) -> float:
    """How surely these words name a column with these header words, 0 to 1."""
    if not header or not said:
        return 0.0
    together, name = "".join(said), "".join(header)
    if together == name:
        return 1.0
    if len(said) == len(header) and all(
        same_word(one, base, turkish) for one, base in zip(said, header, strict=True)
    ):
        return 0.97
    return max(
        _by_synonym(together, said, header, turkish),
        _by_prefix(said, header),
        _by_part(said, header, turkish),
        _by_typo(together, name),
    )


def _by_synonym(together: str, said: Sequence[str], header: Sequence[str], turkish: bool) -> float:
    meant = _meanings(together, turkish)
    if "".join(header) in meant:
        return 0.9
    return 0.7 if len(said) == 1 and len(header) > 1 and set(header) & meant else 0.0


def _meanings(word: str, turkish: bool) -> frozenset[str]:
    known = lexicon().synonyms
    if word in known:
        return known[word]
    bases = (base for base in known if same_word(word, base, turkish))
    return next((known[base] for base in bases), frozenset())


def _by_prefix(said: Sequence[str], header: Sequence[str]) -> float:
    """Shortened headers: "pop" for population, "lifeExp" for life expectancy, "gdpPercap"."""
    together, name = "".join(said), "".join(header)
    needed = len("".join(said[:-1])) < len(name)  # no word beyond the header's end
    if len(said) > 1 and len(name) >= 2 * SHORTEST_PREFIX and together.startswith(name) and needed:
        return 0.9
    if len(said) != len(header):
        return 0.0
    pairs = list(zip(said, header, strict=True))
    if all(min(len(a), len(b)) >= SHORTEST_PREFIX and (a.startswith(b) or b.startswith(a)) for a, b in pairs):
        return 0.85 if len(said) > 1 else 0.75
    return 0.0


def _by_part(said: Sequence[str], header: Sequence[str], turkish: bool) -> float:
    """Some of the header's words: "bill" for total_bill."""
    if len(said) >= len(header) or any(len(word) < SHORTEST_PREFIX for word in said):
        return 0.0
    named = [any(same_word(word, base, turkish) for base in header) for word in said]
    return 0.75 if all(named) else 0.0


def _by_typo(together: str, name: str) -> float:
    if min(len(together), len(name)) < SHORTEST_TYPO:
        return 0.0
    alike = SequenceMatcher(None, together, name, autojunk=False).ratio()
    swapped = sorted(together) == sorted(name) and alike >= ALIKE_SWAPPED
    return 0.9 * alike if alike >= ALIKE or swapped else 0.0
