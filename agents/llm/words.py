"""Text from outside in a form that rows, pages and logs can hold."""

import re

LABEL_CHARACTERS = 200
WORDS_CHARACTERS = 300
SURROGATE = re.compile("[\ud800-\udfff]")
"""Halves of characters, which neither a store nor a request can hold."""


def cleaned_words(text: str, longest: int = WORDS_CHARACTERS) -> str:
    """Somebody else's words in one line, cut, with only characters that can be kept and shown."""
    line = " ".join(SURROGATE.sub("?", text).split())
    line = "".join(character if character.isprintable() else "?" for character in line)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def label(value: object) -> str | None:
    """A provider's identifier, or None when it is none that a row can hold."""
    if isinstance(value, str) and 0 < len(value) <= LABEL_CHARACTERS and value.isprintable():
        return value
    return None


def storable(text: str) -> str:
    """The text with what no store can hold written as escapes, for the record of a reply that was refused."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")
