"""The gate for what people type: what may pass, and the sentence for what may not."""

import unicodedata

from agents.errors import BadInput

JOINERS = "\u200c\u200d"


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

    Such a character can turn the direction of writing, or make two names look the same. Joiners, without
    which some scripts cannot be written, may stand in a name.
    """
    name = clean(" ".join(text.split()), what, longest)
    hidden = next((c for c in name if unicodedata.category(c) == "Cf" and c not in JOINERS), None)
    if hidden is not None:
        raise BadInput(
            f"{what} holds the hidden character U+{ord(hidden):04X}, with which it looks like another one. "
            f"Nothing was changed: type it again without that character."
        )
    return name


def _is_unprintable(character: str) -> bool:
    return unicodedata.category(character) == "Cc" or (ord(character) & 0xFFFE) == 0xFFFE
