"""Whose work it is."""

from dataclasses import dataclass
from typing import Self

from agents.diagnosis.text import clean_name

LONGEST_NAME = 80


@dataclass(frozen=True)
class Who:
    """A person and the project they work in; chosen in the page, kept on every run."""

    user_id: str = "me"
    project_id: str = "default"

    @classmethod
    def named(cls, user: str, project: str) -> Self:
        """From names that people typed, in one line each; BadInput for one that cannot be a name."""
        return cls(name_of(user, "The user's name"), name_of(project, "The project's name"))


def name_of(text: str, what: str) -> str:
    """A name that somebody typed, in one line; BadInput for one that cannot be a name."""
    return clean_name(text, what, LONGEST_NAME)
