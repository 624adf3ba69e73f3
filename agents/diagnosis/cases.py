"""Cases and inquiries from the store: the one place where events, playbooks and engine meet."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from agents.diagnosis.case import Case, Inquiry
from agents.diagnosis.fold import fold
from agents.diagnosis.loading import Library
from agents.diagnosis.playbook import Playbook
from agents.errors import NotFound
from storage import playbooks, runs
from storage.db import Store


@dataclass(frozen=True)
class Cases:
    """Reads cases; the playbook of a run is the copy that was kept with it."""

    store: Store
    library: Callable[[], Library]
    """The playbooks on offer for new diagnoses."""

    def case(self, run_id: str) -> Case:
        """The case of a run, folded from its events."""
        return fold(run_id, runs.events(self.store, run_id))

    def inquiry(self, case: Case) -> Inquiry:
        """The case with its playbook; the case is confirmed."""
        if case.confirmed is None:
            raise ValueError("the case is not confirmed yet")
        return Inquiry(case, self.kept(case.confirmed.playbook_hash))

    def keep(self, playbook: Playbook) -> None:
        """Keep a copy of a playbook, so that editing the file breaks no replay."""
        playbooks.keep(self.store, playbook.hash, playbook.id, playbook.model_dump_json())

    def kept(self, playbook_hash: str) -> Playbook:
        """The copy of a playbook that runs were made with; NotFound when it is gone."""
        known = _parsed(self.store, playbook_hash)
        if known is None:
            raise NotFound("The playbook this diagnosis was made with is no longer in the store.")
        return known


@lru_cache(maxsize=64)
def _parsed(store: Store, playbook_hash: str) -> Playbook | None:
    document = playbooks.find(store, playbook_hash)
    return None if document is None else Playbook.model_validate_json(document)
