"""The labelled cases that ship with the router, one JSON line each (rules: cases/README.md)."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).with_name("cases")

Split = Literal["train", "held_out"]


class Case(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    """What the person typed."""
    label: str
    """The agent that should take it, or `unclear` when the person must be asked."""
    attached: Literal["csv", "pdf"] | None = None
    """A table, another document, or nothing."""
    lang: Literal["en", "tr"] | None = None
    """Language of the request, not of material quoted in it; unknown in foreign files."""
    split: Split | None = None
    """`held_out` cases are never trained on; None in foreign files."""


def read_cases(path: Path) -> list[Case]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Case.model_validate_json(line) for line in lines if line.strip()]


def shipped(split: Split, folder: Path = FOLDER) -> list[Case]:
    """All shipped cases of one split, in a fixed order."""
    return [
        case for path in sorted(folder.glob("*.jsonl")) for case in read_cases(path) if case.split == split
    ]
