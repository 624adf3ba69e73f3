"""Text as the classifier reads it: folded letters, words, and which words are only quoted material."""

import re
import unicodedata
from dataclasses import dataclass

HEAD, TAIL = 2_000, 1_000
"""Characters read at the start and at the end; a request stands there, pasted material between."""

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_QUOTED = re.compile(
    r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘(?:[^’\n]|(?<=\w)’(?=\w))*’"
    r"|(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w))*'(?!\w)"  # not an apostrophe, which stands behind a letter
)
_PAYLOAD_START = re.compile(r":\s|\n")
_CODE = re.compile(r"[{}<>=;]|\w\(\)|\w_\w|`")


@dataclass(frozen=True, slots=True)
class Word:
    folded: str
    """Lower case without accents or Turkish dots, a number as 0."""
    surface: str
    """As the person wrote it."""
    payload: bool
    """Stands in quotation marks, or after the first colon or line break: probably material, not request."""


@dataclass(frozen=True, slots=True)
class Reading:
    words: tuple[Word, ...]
    marks: frozenset[str]
    """Punctuation and symbols that occur."""
    mixed_scripts: bool
    """Latin letters beside another script."""
    looks_like_code: bool


def fold(text: str) -> str:
    """One spelling per word: İ, I, ı and i become i, accents go, case goes; other scripts stay."""
    plain = unicodedata.normalize("NFKD", text.replace("ı", "i").replace("İ", "i")).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def folded_words(text: str) -> list[str]:
    return [_plain_number(token) for token in _TOKEN.findall(fold(text)) if token[0].isalnum()]


def read(text: str) -> Reading:
    """Read the two ends of a text of any length."""
    shown = unicodedata.normalize("NFC", _ends(text))
    quoted = [match.span() for match in _QUOTED.finditer(shown)]
    start = _PAYLOAD_START.search(shown)
    payload_from = start.end() if start else len(shown)
    words: list[Word] = []
    marks: set[str] = set()
    for match in _TOKEN.finditer(shown):
        surface, at = match.group(), match.start()
        if not surface[0].isalnum():
            marks.add(surface)
            continue
        payload = at >= payload_from or any(a <= at < b for a, b in quoted)
        words.extend(Word(folded, surface, payload) for folded in folded_words(surface))
    return Reading(tuple(words), frozenset(marks), _mixed(shown), bool(_CODE.search(shown)))


def _ends(text: str) -> str:
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} {text[-TAIL:]}"


def _plain_number(token: str) -> str:
    return "0" if token.isdigit() else token


def _mixed(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    foreign = sum(ord(letter) > 0x24F for letter in letters)
    return 0 < foreign < len(letters)
