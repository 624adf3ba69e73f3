"""What a text names of attached tables: their columns and values, as evidence that it is about them."""

from collections.abc import Sequence

from agents.data.attachment import Attachment
from agents.data.language.groups import Groups
from agents.data.language.matching import SURE
from agents.data.language.reading import Reader
from agents.data.language.words import read_words
from agents.data.sandbox import Sandbox

MOST_WORDS = 80
"""A longer text is no question about a table, and is not looked through."""


def named_in(files: Sequence[Attachment], text: str) -> tuple[str, ...]:
    """Columns and values of the tables that a text names outright; BadInput for a file that is no table."""
    question = read_words(text)
    if not files or not 0 < len(question.words) <= MOST_WORDS:
        return ()
    found: list[str] = []
    with Sandbox(files) as sandbox:
        for table in sandbox.tables:
            reading = Reader(table, Groups(sandbox, table)).read(question)
            found += [value.found[0][1] for value in reading.values]
            found += [one.columns[0].name for one in reading.columns if one.score >= SURE]
    return tuple(dict.fromkeys(found))
