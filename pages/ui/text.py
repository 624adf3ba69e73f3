"""Text of people and playbooks inside Markdown: it shows letter for letter."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&^=])")
_JOINTS = re.compile(
    r"(?<=:)(?=\S)"  # :icon: :red[...] :100: http://
    r"|(?<=@)(?=\S)|(?<=www)(?=\.)"  # addresses that become links
    r"|(?<=[<>~=-])(?=[>=-])",  # -> -- >= and other pairs that become one sign
    re.IGNORECASE,
)
WORD_JOINER = "\u2060"


def plain(text: str) -> str:
    """Markdown that shows exactly `text`, on one line.

    Streamlit replaces some sequences after the escapes are gone: icons, emoji names, addresses and signs
    such as `->`. An invisible joiner inside keeps them as they are.
    """
    flat = " ".join(text.split())
    return _MARKUP.sub(r"\\\1", _JOINTS.sub(WORD_JOINER, flat))


def percent(share: int) -> str:
    """A whole percent as every page writes it."""
    return f"{share} %"
