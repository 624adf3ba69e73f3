"""Where the data of runs, people and projects lies: every table, and how its rows belong to somebody.

A new table must be named here: a test holds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Subject = Literal["user_id", "project_id"]
DELETED = "(deleted)"
"""What stands in the place of a person's name, and of a title, once they are deleted."""


@dataclass(frozen=True)
class Reach:
    """How the rows of a table belong to somebody."""

    by_run: bool = False
    """They have a `run_id`."""
    by_conversation: bool = False
    """They have a `conversation_id`."""
    by_subject: tuple[Subject, ...] = ()
    """They say whose they are in these columns."""
    is_figure: bool = False
    """They stay, without texts, when a run is deleted from the list, so that totals stay right."""
    is_scoped: bool = False
    """Their `scope` and `subject` name whom they are for."""
    names: tuple[str, ...] = ()
    """Columns that name a person who did something to them; blotted where the row itself stays."""
    actors: tuple[str, ...] = ()
    """Columns that name the person who did what the row tells; such rows go with the person."""
    mentions: tuple[str, ...] = ()
    """Columns of text in which a person or project may be named; such rows go."""


BOTH: tuple[Subject, ...] = ("user_id", "project_id")
TABLES: Mapping[str, Reach] = {
    "alert_acks": Reach(names=("acked_by",), mentions=("note",)),
    "alert_deliveries": Reach(),
    "alert_rules": Reach(names=("set_by",), mentions=("name", "filters")),
    "alerts": Reach(mentions=("subject", "sentence")),
    "attachments": Reach(by_run=True, by_conversation=True),
    "audit_events": Reach(actors=("actor",), mentions=("subject", "data")),
    "budget_events": Reach(by_run=True, is_scoped=True),
    "budget_raises": Reach(is_scoped=True, names=("set_by",), mentions=("reason",)),
    "budgets": Reach(is_scoped=True, names=("set_by",)),
    "call_texts": Reach(by_run=True),
    "calls": Reach(by_run=True, by_subject=BOTH, is_figure=True),
    "conversation_names": Reach(by_conversation=True, names=("named_by",)),
    "conversations": Reach(by_conversation=True, by_subject=BOTH),
    "currency_rates": Reach(names=("set_by",)),
    "events": Reach(by_run=True),
    "messages": Reach(by_run=True, by_conversation=True),
    "migrations": Reach(),
    "notes": Reach(by_subject=("user_id",)),
    "outcomes": Reach(by_run=True, by_subject=("user_id",)),
    "playbooks": Reach(),
    "provider_events": Reach(),
    "removed_files": Reach(),
    "retention_policies": Reach(names=("set_by",)),
    "routing_corrections": Reach(by_run=True, by_subject=("user_id",)),
    "run_tags": Reach(by_run=True, names=("tagged_by",)),
    "runs": Reach(by_run=True, by_subject=BOTH, is_figure=True),
    "steps": Reach(by_run=True, by_subject=BOTH, is_figure=True),
    "trees": Reach(by_run=True, names=("author",)),
}
"""Every table but the rollups of usage, which name nobody and are made from the others."""
