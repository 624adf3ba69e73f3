"""The gate for what people type: what may pass, and the sentence for what may not."""

import re
import unicodedata

import regex

from agents.errors import BadInput

_UNSEEN = r"[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cn}\u2800]"
"""A character that draws nothing, or of which nobody knows what it draws."""
_AT_WORK = "|".join(
    (
        # Between two letters that would join, such as Arabic ones, and behind an Indic virama (RFC 5892)
        r"(?<=[\p{jt=L}\p{jt=D}]\p{Mn}*)\u200c(?=\p{Mn}*[\p{jt=R}\p{jt=D}])",
        r"(?<=\p{ccc=9})(?:\u200c(?=\p{L})|\u200d)",
        # Before the virama of a Bengali ra
        r"(?<=\u09b0)\u200d(?=\u09cd)",
        # Between two pictures that become one, and behind one that has a second look
        r"(?<=\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?)\u200d(?=\p{Extended_Pictographic})",
        r"(?<=[\p{Emoji}--\p{Emoji_Presentation}--[0-9#*]])\ufe0f",
        r"(?<=[0-9#*])\ufe0f(?=\u20e3)",
    )
)
"""Where such a character changes what is seen."""
_HIDDEN = regex.compile(rf"(?V1)(?!{_AT_WORK}){_UNSEEN}")

LEAST_CLAUSE = 25
"""Characters that a title has to keep for it to end with a clause."""


def clean(text: str, name: str, longest: int, required: bool = True) -> str:
    """The text in NFC without control characters, noncharacters and outer space.

    Raises BadInput for an empty text (when required), one that is too long, or half of a character pair.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput(f"{name} holds a broken character. Nothing was changed: type it again.") from error
    lines = "\n".join(text.splitlines())
    kept = "".join(c for c in lines if c in "\n\t" or not _is_unprintable(c))
    kept = unicodedata.normalize("NFC", kept).strip()
    if required and not kept:
        raise BadInput(f"{name} is empty. Nothing was changed: write something first.")
    if len(kept) > longest:
        raise BadInput(
            f"{name} has {len(kept):,} characters; {longest:,} are the most. "
            f"Nothing was changed: shorten it and send it again."
        )
    return kept


def clean_name(text: str, what: str, longest: int) -> str:
    """A name in one line; BadInput for one with a character that nobody sees.

    Such a character can turn the direction of writing, or make two names look the same. Joiners may stand
    where a script cannot be written without them, and in pictures.
    """
    name = clean(" ".join(text.split()), what, longest)
    hidden = _HIDDEN.search(name)
    if hidden is not None:
        raise BadInput(
            f"{what} holds the hidden character U+{ord(hidden.group()):04X}, with which it looks like "
            f"another one. Nothing was changed: type it again without that character."
        )
    return name


def short_title(text: str, longest: int) -> str:
    """A text's first sentence, or its clauses or words from the beginning; never a part of a word.

    Only where it ends inside a clause does an ellipsis say so.
    """
    flat = " ".join(text.split())
    first = re.split(r"(?<=[.!?])\s", flat, maxsplit=1)[0]
    for whole in (flat, first):
        if len(whole) <= longest:
            return whole
    clause = flat[: longest + 1].rpartition(", ")[0]
    if len(clause) >= LEAST_CLAUSE:
        return clause
    words = flat[:longest].rpartition(" ")[0].rstrip(" ,;:-\u2013") or flat[: longest - 1]
    return f"{words}\u2026"


def workdays(days: float) -> str:
    """`1 working day`, `2.5 working days`."""
    return f"{days:g} working {'day' if days == 1 else 'days'}"


def _is_unprintable(character: str) -> bool:
    return unicodedata.category(character) == "Cc" or (ord(character) & 0xFFFE) == 0xFFFE
