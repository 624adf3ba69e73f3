"""What the words of a label tell: their stems, whether they deny, claim, hedge, or can be observed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from agents.tree.mece.lexicon import lexicon, plain_stem

_WORD = re.compile(r"[^\W_]+(?:['’.\-/&][^\W_]+)*")
_DIGIT = re.compile(r"\d")
_COMPARATIVE = re.compile(
    r"\b(more|fewer|less|longer|shorter|later|earlier|faster|slower|higher|lower|larger|smaller|dearer|cheaper|"
    r"older|younger|often|twice|double[ds]?|halved?|tripled?|most|half|third|quarter|than)\b"
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
        s for w in tokens(text) if (s := stem(w)) not in stop and w not in stop and not _DIGIT.match(w)
    )


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A light stem: irregular forms, plurals, -ing and -ed, and a silent e."""
    return plain_stem(lexicon().irregular.get(word, word))


def surface(text: str, wanted: str) -> str:
    """The word of the text that has this stem, as it was written."""
    return next((word for word in tokens(text) if stem(word) == wanted), wanted)


def is_negated(text: str) -> bool:
    """Whether the text denies something."""
    return any(word in lexicon().negations or word.startswith("non-") for word in tokens(text))


def means_other(text: str) -> bool:
    """Whether the text stands for whatever its siblings do not name."""
    words = tokens(text)
    joined = f" {' '.join(words)} "
    if any(phrase in joined for phrase in (" all other ", " any other ", " everything else ", " the rest ")):
        return True
    return bool(words) and (words[0] in lexicon().others or words[-1] in ("else", "elsewhere", "others"))


def is_blank(text: str | None) -> bool:
    """Whether a field says nothing: empty, or a placeholder such as "tbd"."""
    return text is None or text.strip().casefold().rstrip(".") in lexicon().placeholders | {""}


@lru_cache(maxsize=20_000)
def has_verb(text: str) -> bool | None:
    """Whether it makes a statement; None when its only verb may be a noun, or its words are unknown."""
    words = tokens(text)
    if any(word in lexicon().auxiliary or _is_verb(word, place) for place, word in enumerate(words)):
        return True
    if any(_takes_object(*three) for three in _triples(words)):
        return True
    if any(_reads_as_verb(before, word) for before, word in pairwise(["", *words])):
        return True if any(_stands_as_verb(*three) for three in _triples(words)) else None
    return False if len(words) <= 5 else None


def _is_verb(word: str, place: int) -> bool:
    known = lexicon()
    if word in known.irregular and stem(word) in known.verbs | known.ambiguous | known.stop:
        return True
    if word.endswith("ing"):
        return False
    if _is_past(word):
        return place > 0
    return stem(word) in known.verbs and not _is_ambiguous(word)


def _takes_object(before: str, word: str, after: str) -> bool:
    """An unknown word between a subject and an article, such as "workers pinch the cable"."""
    known = lexicon()
    links = known.stop | known.prepositions
    return after in known.determiners and before not in links | {""} and word not in links and bool(word)


def _is_past(word: str) -> bool:
    return (
        word.endswith("ed") and not word.endswith("eed") and len(word) > 4 and word not in lexicon().not_past
    )


def _stands_as_verb(before: str, word: str, after: str) -> bool:
    """An ambiguous word between a pronoun and what it acts on, such as "they order less"."""
    return _is_ambiguous(word) and (before in lexicon().pronouns or after in lexicon().follows_verb)


def _is_ambiguous(word: str) -> bool:
    return stem(word) in lexicon().ambiguous and not word.endswith("ing")


def _reads_as_verb(before: str, word: str) -> bool:
    """A word that may be a verb where it stands: after another word, or a past form at the start."""
    return (bool(before) and _is_ambiguous(word)) or (not before and _is_past(word))


def _triples(words: tuple[str, ...]) -> list[tuple[str, str, str]]:
    padded = ["", *words, ""]
    return list(zip(padded, padded[1:], padded[2:], strict=False))


def is_verb_form(word: str) -> bool:
    """Whether a word is a past form or can only be a verb, as in "delayed by" or "fell by"."""
    return _is_past(word) or word in lexicon().irregular or (_is_verb(word, 1) and not _is_ambiguous(word))


def is_vague(text: str) -> bool:
    """Whether a claim hedges, or says nothing but that something is good or bad."""
    words = tokens(text)
    if lexicon().hedges & set(words):
        return True
    telling = {w for w in words if w not in lexicon().stop and stem(w) not in lexicon().stop}
    return telling <= lexicon().vague and not _DIGIT.search(text)


def is_observable(text: str) -> bool:
    """Whether a claim names a number, a comparison, a known metric or a past event."""
    if _DIGIT.search(text) or _COMPARATIVE.search(text.casefold()):
        return True
    words = tokens(text)
    known = lexicon()
    if any(stem(word) in known.metrics for word in words):
        return True
    return any(word in known.irregular or _is_past(word) for word in words[1:])
