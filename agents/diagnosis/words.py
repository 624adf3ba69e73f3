"""Words of a text, lightly stemmed, and phrases found among them."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
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


def contains(text: Sequence[str], phrase: str) -> bool:
    """True when the phrase stands in the text as whole words in a row."""
    sought = words(phrase)
    width = len(sought)
    return bool(sought) and any(tuple(text[i : i + width]) == sought for i in range(len(text) - width + 1))
