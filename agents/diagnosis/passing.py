"""What stands in a text without being said of the problem: compounds, and how it used to be."""

from agents.diagnosis.left_open import without_denied_moves
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
    """A text in which phrases are sought.

    A word inside a compound ("sales reps") is not that word, a figure that is well ("sales are fine") is not
    the one complained of, and a move that is denied ("did not fall") is none, unless the phrase sought is
    itself a denial ("not used").
    """

    def __init__(self, text: str) -> None:
        apart = wording().unharmed.sub(_OTHER, wording().compounds.sub(_OTHER, text))
        self._whole = words(text)
        self._apart = words(apart)
        self._moved = words(without_denied_moves(apart, _OTHER))

    def holds(self, phrase: str) -> bool:
        """True when the text has the phrase, on its own or as a compound or denial itself."""
        if wording().compounds.search(phrase):
            return contains(self._whole, phrase)
        return contains(self._apart if wording().negative.search(phrase) else self._moved, phrase)
