"""Cases built from events alone, without a store."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest

from agents.diagnosis.case import Case, Inquiry
from agents.diagnosis.fold import fold
from agents.diagnosis.playbook import Playbook
from storage.runs import Event, Run

AT = datetime(2026, 3, 14, 9, 30)
Told = tuple[str, dict[str, Any]]
Tell = Callable[..., Case]
Inquire = Callable[..., Inquiry]


def confirmation(playbook: Playbook, **changes: Any) -> Told:
    """The event by which a framing is confirmed."""
    plain = {
        "playbook_id": playbook.id,
        "playbook_hash": playbook.hash,
        "facts": (),
        "missing": (),
        "mode": "adaptive",
        "stated_id": None,
        "stated_text": None,
        "answered": {},
    }
    return "confirmed", {**plain, **changes}


@pytest.fixture(scope="session")
def tell() -> Tell:
    """The case after a complaint and further events, numbered from 1."""

    def folded(*told: Told, text: str = "Buses run late") -> Case:
        events = [("complained", {"text": text}), *told]
        return fold("run-1", [Event("run-1", n, kind, AT, data) for n, (kind, data) in enumerate(events, 1)])

    return folded


@pytest.fixture(scope="session")
def inquire(tiny: Playbook, tell: Tell) -> Inquire:
    """A confirmed inquiry of the tiny playbook with these answers, each as its own event."""

    def build(
        answers: Mapping[str, str],
        *more: Told,
        text: str = "Buses run late",
        note: str = "",
        **confirmed: Any,
    ) -> Inquiry:
        given = [("answered", {"question_id": q, "answer_id": a, "note": note}) for q, a in answers.items()]
        return Inquiry(tell(confirmation(tiny, **confirmed), *given, *more, text=text), tiny)

    return build


@pytest.fixture(scope="session")
def guilty(tiny: Playbook) -> Callable[[str], dict[str, str]]:
    """All answers of a client whose true cause is the given one."""

    def answers(cause_id: str) -> dict[str, str]:
        return {
            q.id: next(a.id for a in q.answers if a.levels[cause_id] == "typical") for q in tiny.questions
        }

    return answers


@pytest.fixture
def run() -> Run:
    """The row of a run."""
    return Run(
        "run-1", "diagnosis", "Buses run late", "Buses run late", "waiting", "me", "default", "test", AT, AT
    )
