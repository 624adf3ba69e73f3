"""Whose work it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Who:
    """A person and the project they work in; chosen in the page, kept on every run."""

    user_id: str = "me"
    project_id: str = "default"
