"""Text of people and playbooks inside Markdown: it shows letter for letter."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&^=])")
_DIRECTIVE = re.compile(r":(?=[A-Za-z_+-])")
WORD_JOINER = "\u2060"


def plain(text: str) -> str:
    """Markdown that shows exactly `text`, on one line.

    An invisible joiner behind a colon keeps `:name:` and `:red[...]` from becoming icons and colours.
    """
    flat = " ".join(text.split())
    return _DIRECTIVE.sub(f":{WORD_JOINER}", _MARKUP.sub(r"\\\1", flat))


def percent(share: int) -> str:
    """A whole percent as every page writes it."""
    return f"{share} %"


def signed(points: int) -> str:
    """A change in percentage points with its sign."""
    return f"{points:+d}" if points else "±0"
