"""What the words of a label tell: their stems, whether they deny, or stand for all others."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from agents.tree.mece.lexicon import lexicon, plain_stem

_REST = (" all other ", " any other ", " everything else ", " the rest ")
_UNNAMED = re.compile(
    r"\bof\s+unknown\s|\b(?:unknown|unspecified|unassigned|unclassified|not\s+(?:stated|known)|no\s+answer)\W*$"
)
_BUT = re.compile(r"\b(?:anything|anyone|anybody|anywhere|all)\s+but\b|\bother\s+than\b")
_CLAUSE = re.compile(r"[,;:]|\b(?:and|but|though|although|yet|while)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’.\-/&][^\W_]+)*")
DIGIT = re.compile(r"\d")
_LATER = re.compile(
    r"(?:still\s+)?to\s+be\s+(?:defined|determined|decided|confirmed|done|named|filled|agreed)(?:\s+in)?"
)


@lru_cache(maxsize=20_000)
def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, case-folded, without punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return tuple(_WORD.findall(folded))


@lru_cache(maxsize=20_000)
def key(text: str) -> str:
    """What two labels share when they say the same in the same words."""
    return " ".join(stem(word) for word in tokens(text))


@lru_cache(maxsize=20_000)
def content(text: str) -> frozenset[str]:
    """The stems of the words that carry meaning."""
    stop = lexicon().stop
    return frozenset(
        s for w in tokens(text) if (s := stem(w)) not in stop and w not in stop and not DIGIT.match(w)
    )


@lru_cache(maxsize=20_000)
def parts(text: str) -> frozenset[str]:
    """The stems that carry meaning, those of a compound such as "short-term" one by one, without a "non"."""
    return content(re.sub(r"\bnon\s+", "", re.sub("[-\u2010]", " ", text), flags=re.IGNORECASE))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A light stem: irregular forms, plurals, -ing and -ed, and a silent e."""
    return plain_stem(lexicon().irregular.get(word, word))


def surface(text: str, wanted: str) -> str:
    """The word of the text that has this stem, as it was written."""
    return next((word for word in tokens(text) if stem(word) == wanted), wanted)


def is_negated(text: str) -> bool:
    """Whether the text denies something."""
    if _BUT.search(text.casefold()):
        return True
    return any(word in lexicon().negations or word.startswith("non-") for word in tokens(text))


@lru_cache(maxsize=20_000)
def denied(text: str) -> frozenset[str]:
    """The stems that a clause denies: those behind its "not"."""
    found: set[str] = set()
    for clause in _CLAUSE.split(text):
        words = tokens(clause)
        at = next((n for n, word in enumerate(words) if word in lexicon().negations), len(words))
        found |= content(" ".join(words[at + 1 :]))
    return frozenset(found)


def means_other(text: str) -> bool:
    """Whether the text stands for whatever its siblings do not name."""
    words = tokens(text)
    joined = f" {' '.join(words)} "
    if any(phrase in joined for phrase in _REST):
        return True
    if _UNNAMED.search(text.casefold()) and not lexicon().auxiliary & set(words):
        return True
    return bool(words) and (words[0] in lexicon().others or words[-1] in ("else", "elsewhere", "others"))


def is_blank(text: str | None) -> bool:
    """Whether a field says nothing: empty, or a placeholder such as "tbd"."""
    said = (text or "").strip().casefold().rstrip(".")
    return said in lexicon().placeholders | {""} or bool(_LATER.fullmatch(said))
