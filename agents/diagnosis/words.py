"""Words of a text, lightly stemmed, and phrases found among them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
ELLIPSIS = "..."
"""Stands in a phrase for a few words of the client's: "lost ... accounts"."""
GAP = 4
"""Words that may stand there."""
_ENDINGS = ("ments", "ment", "ings", "ing", "ers", "er", "est", "ed", "ly", "es", "s", "e")
_SHORT = 3
"""Words up to this many letters keep their ending."""


def words(text: str) -> tuple[str, ...]:
    """Stemmed words of a text in order, without case, width or accents of form."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return tuple(stem(word) for word in _WORD.findall(plain))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The word without an English plural ending ("companies" -> "company", "margins" -> "margin")."""
    word = word.removesuffix("'s")
    if len(word) <= _SHORT or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word.removesuffix("s")


@lru_cache(maxsize=8192)
def root(word: str) -> str:
    """A stem without the ending of a verb, adverb or comparison ("paying" -> "pay", "later" -> "lat")."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORT:
            short = word[: -len(ending)]
            return short[:-1] if len(short) > _SHORT and short[-1] == short[-2] else short
    return word


def contains(text: Sequence[str], phrase: str) -> bool:
    """True when the phrase stands in the text as whole words in a row; at "..." up to `GAP` others may be."""
    parts = [part for part in map(words, phrase.split(ELLIPSIS)) if part]
    ends = _ends(text, parts[0], range(len(text))) if parts else []
    for part in parts[1:]:
        ends = _ends(text, part, sorted({start for end in ends for start in range(end, end + GAP + 1)}))
    return bool(ends)


def _ends(text: Sequence[str], sought: tuple[str, ...], starts: Iterable[int]) -> list[int]:
    """Positions behind the words sought, where they stand at one of the starts."""
    width = len(sought)
    return [start + width for start in starts if tuple(text[start : start + width]) == sought]
