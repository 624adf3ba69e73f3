"""Values of text columns named in a question: "in Europe", "for Female"."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from agents.data import sql
from agents.data.language.lexicon import lexicon
from agents.data.language.words import Question, same_word
from agents.data.roles import folded
from agents.data.sandbox import Sandbox
from agents.data.tables import Column, Table

MOST_VALUES = 5_000
"""Different values of a column that are known by name."""
MOST_COLUMNS = 60
LONGEST = 5
"""Words of the longest value that is looked for."""
SHORT = 3
"""Values with at most this many letters must be written exactly alike."""


@dataclass(frozen=True)
class Named:
    """Words of a question that name a value."""

    start: int
    """Number of the first word."""
    end: int
    """Number after the last word."""
    found: tuple[tuple[Column, str], ...]
    """The columns that have it, each with the value as it stands there."""


class Groups:
    """The values of a table's text columns."""

    def __init__(self, sandbox: Sandbox, table: Table) -> None:
        self._known: dict[str, list[tuple[Column, str]]] = defaultdict(list)
        texts = [c for c in table.columns if c.family == "text" and 0 < c.distinct <= MOST_VALUES]
        for column in texts[:MOST_COLUMNS]:
            name = sql.name(column.name)
            query = f"select distinct {name} from {sql.name(table.name)} where {name} is not null"
            for (value,) in sandbox.query(query, rows=MOST_VALUES).rows:
                key = _together(str(value))
                if key:
                    self._known[key].append((column, str(value)))

    def named(self, question: Question, free: Sequence[bool]) -> list[Named]:
        """Values named by free words, the longest runs first; runs do not overlap."""
        taken = [not one for one in free]
        found = []
        for length in range(LONGEST, 0, -1):
            for start in range(len(taken) - length + 1):
                if any(taken[start : start + length]):
                    continue
                columns = self._columns(question, start, start + length)
                if columns:
                    taken[start : start + length] = [True] * length
                    found.append(Named(start, start + length, tuple(columns)))
        return found

    def _columns(self, question: Question, start: int, end: int) -> list[tuple[Column, str]]:
        run = question.words[start:end]
        together = "".join(word.form for word in run)
        exact = self._known.get(together)
        if exact:
            written = " ".join(word.text for word in run)
            return [(column, value) for column, value in exact if _may_mean(written, value)]
        if not question.turkish or len(together) <= SHORT:
            return []
        forms = [key for key in self._known if together.startswith(key) and same_word(together, key, True)]
        return [one for key in forms[:1] for one in self._known[key] if len(key) > SHORT]


def _together(value: str) -> str:
    return "".join(c for c in folded(value) if c.isalnum())


def _may_mean(written: str, value: str) -> bool:
    """Short values, and those that are everyday words, must be written exactly alike."""
    everyday = lexicon().filler.fullmatch(folded(value)) or any(
        phrase.pattern.fullmatch(folded(value)) for phrase in lexicon().phrases
    )
    return written == value if len(value) <= SHORT or everyday else True
