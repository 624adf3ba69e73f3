"""The terms of a text, for finding passages: words without endings, and without the ones that say nothing.

English: the Snowball stemmer. Turkish: the first five letters, which on Turkish news find about as much as a
lemmatiser does (Can et al., Information retrieval on Turkish texts, JASIST 59(3), 2008).
"""

import re
from functools import lru_cache
from pathlib import Path

import snowballstemmer
import yaml

from agents.data.roles import folded

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
TURKISH_LETTERS = 5
_STOP = yaml.safe_load(Path(__file__).with_name("stopwords.yaml").read_text(encoding="utf-8"))
STOP_ENGLISH = frozenset(_STOP["english"].split())
STOP_TURKISH = frozenset(_STOP["turkish"].split())
_ENGLISH = snowballstemmer.stemmer("english")


def is_turkish(text: str) -> bool:
    """True for a text with more Turkish than English everyday words, or with letters only Turkish has."""
    words = [folded(word) for word in WORD.findall(text)[:2_000]]
    turkish = sum(word in STOP_TURKISH for word in words) + len(re.findall("[ığşİĞŞ]", text[:20_000]))
    return turkish > sum(word in STOP_ENGLISH for word in words)


def terms(text: str, turkish: bool) -> list[str]:
    """The terms of a text in order, everyday words left out."""
    stop = STOP_TURKISH if turkish else STOP_ENGLISH
    words = (folded(re.split("['’]", word)[0]) for word in WORD.findall(text))
    return [_term(word, turkish) for word in words if word not in stop]


@lru_cache(maxsize=50_000)
def _term(word: str, turkish: bool) -> str:
    if turkish:
        return word[:TURKISH_LETTERS]
    return str(_ENGLISH.stemWord(word))
