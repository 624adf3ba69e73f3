"""Copies of the playbooks that runs were made with."""

from storage.clock import now
from storage.db import Store, insert


def keep(store: Store, playbook_hash: str, playbook_id: str, document: str) -> None:
    """Keep a playbook's JSON under its hash; keeping it again changes nothing."""
    row = {
        "playbook_hash": playbook_hash,
        "playbook_id": playbook_id,
        "document": document,
        "recorded_at": now(),
    }
    store.transact(lambda connection: insert(connection, "playbooks", [row]))


def find(store: Store, playbook_hash: str) -> str | None:
    """The playbook's JSON, or None."""
    rows = store.read("select document from playbooks where playbook_hash = ?", [playbook_hash])
    return str(rows[0]["document"]) if rows else None
