"""The words of a question, and which words are forms of each other."""

import re
from dataclasses import dataclass
from functools import lru_cache

from agents.data.roles import folded

WORD = re.compile(
    r"[<>≤≥]=?|\d+(?:[.,]\d+)*\s?%|\d{4}-\d{1,2}(?:-\d{1,2})?(?!\d)|\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W\d_]+)?"
)
TURKISH_LETTERS = set("ığşçöüİĞŞÇÖÜ")
TURKISH_WORDS = {
    "gore",
    "icin",
    "ve",
    "en",
    "hangi",
    "kac",
    "ne",
    "ile",
    "toplam",
    "ortalama",
    "goster",
    "bazinda",
}
TURKISH_WORDS |= {
    "nedir",
    "nasil",
    "sayisi",
    "olan",
    "yil",
    "ay",
    "kadar",
    "karsilastir",
    "ilk",
    "basina",
    "aylik",
}
ENDING = re.compile(
    r"(?:l[ae]r)?(?:i?m|[iu]m|[iu]n|s?[iu]|[iu]?m[iu]z|[iu]?n[iu]z)?"
    r"(?:[ny]?[iu]n?|[ny]?[ae]|[n]?[dt][ae]n?|y?l[ae]|c[ae])?(?:ki)?"
)
"""What may follow a Turkish noun: plural, owner, case, in letters without accents."""
SHORTEST_STEM = 3


@dataclass(frozen=True)
class Word:
    """A word of the question."""

    text: str
    """As it was written, without a case ending behind an apostrophe."""
    form: str
    """In lower case without accents."""


@dataclass(frozen=True)
class Question:
    """A question in words."""

    text: str
    """As it was asked."""
    words: tuple[Word, ...]
    """In order."""
    turkish: bool
    """True when it is likely to be Turkish, whose endings are then known."""

    def joined(self) -> str:
        """The words' forms with single spaces between."""
        return " ".join(word.form for word in self.words)


def read_words(text: str) -> Question:
    """Split a question into words; "İzmir'de" becomes "İzmir", "total_bill" becomes two words."""
    found = []
    for match in WORD.finditer(text):
        bare = re.split(r"['’]", match[0])[0]
        found.append(Word(bare, folded(bare)))
    forms = {word.form for word in found}
    turkish = bool(TURKISH_LETTERS & set(text)) or bool(TURKISH_WORDS & forms)
    return Question(text, tuple(found), turkish)


@lru_cache(maxsize=4096)
def same_word(said: str, base: str, turkish: bool) -> bool:
    """True when `said` is a form of `base`: an English plural, or a Turkish noun with its endings."""
    if said == base or _singular(said) == _singular(base):
        return True
    return turkish and any(_inflects(said, stem) for stem in _stems(base))


def _singular(word: str) -> str:
    if len(word) <= SHORTEST_STEM or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ches", "shes", "xes", "sses")) else word.removesuffix("s")


def _stems(base: str) -> list[str]:
    """The noun, and its form with a softened last letter (kitap, kitab-)."""
    soft = {"k": "g", "p": "b", "t": "d"}.get(base[-1:], "")
    return [base, base[:-1] + soft] if soft else [base]


def _inflects(said: str, stem: str) -> bool:
    if len(stem) < SHORTEST_STEM or not said.startswith(stem):
        return False
    return ENDING.fullmatch(said[len(stem) :]) is not None
