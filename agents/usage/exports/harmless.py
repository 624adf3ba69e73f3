"""Texts that no program takes for a formula, a link or a control sequence."""

import re
from typing import Any

import pandas as pd

from agents.data.exporting import FORMULA_STARTS

STARTS = (*FORMULA_STARTS, "{=")
LINK = re.compile(r"(?i)\s*([a-z][a-z0-9+.-]*://|mailto:|internal:|external:)")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return CONTROL.sub("\ufffd", text)


def harmless(text: str) -> str:
    """The text; one that begins like a formula or a link behind an apostrophe (OWASP, "CSV injection")."""
    shown = visible(text)
    starts_badly = shown.lstrip(" ").startswith(STARTS) or text.lstrip(" ").startswith(STARTS)
    return f"'{shown}" if starts_badly or LINK.match(shown) else shown


def named(dimension: str, value: Any) -> str:
    """A value of a dimension; searches have no model, and other rows may lack an agent or a prompt."""
    if pd.isna(value):
        return "(tools and searches)" if dimension == "model" else "(none)"
    return str(value)
