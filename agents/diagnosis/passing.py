"""What stands in a text without being said of the problem: compounds, and how it used to be."""

from agents.diagnosis.wording import wording
from agents.diagnosis.words import contains, words

_OTHER = " x "
"""Stands for a compound, so that the words around it do not become neighbours."""


def blanked(text: str) -> str:
    """The text with both as spaces, every other character in its place."""
    for pattern in (wording().compounds, wording().bygone):
        text = pattern.sub(lambda match: " " * len(match.group()), text)
    return text


class Said:
    """A text in which phrases are sought; a word inside a compound ("sales reps") is not that word."""

    def __init__(self, text: str) -> None:
        self._whole = words(text)
        self._apart = words(wording().compounds.sub(_OTHER, text))

    def holds(self, phrase: str) -> bool:
        """True when the text has the phrase, on its own or as a compound itself."""
        sought = self._whole if wording().compounds.search(phrase) else self._apart
        return contains(sought, phrase)
