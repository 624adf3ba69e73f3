"""A whole diagnosis of a problem that no playbook covers, with a model that a local server plays."""

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.diagnosis.view import DiagnosisView
from agents.settings import ModelSetting, Settings
from agents.who import Who
from agents.workbench import Workbench
from tests.servers import diagnosis_model
from tests.servers.chat_server import ChatServer

SESSIONS = 5


@dataclass(frozen=True)
class Measured:
    """One session."""

    inputs: list[str]
    """What each call sent, as one text, in order."""
    seconds: float
    """Wall time of everything the workbench did."""
    at_the_model: float
    """Part of it that the attempts took."""

    @property
    def prompt_chars(self) -> int:
        """Characters of all messages sent."""
        return sum(map(len, self.inputs))

    @property
    def repeated_prefix_share(self) -> float:
        """Of what the calls after the first sent, the share that stands at the start of an earlier call."""
        later = self.inputs[1:]
        repeated = sum(
            max(_common(text, earlier) for earlier in self.inputs[:n]) for n, text in enumerate(later, 1)
        )
        return repeated / sum(map(len, later))


def session_figures() -> dict[str, float]:
    """Calls, characters and own time of a session; the first one warms up and does not count."""
    with tempfile.TemporaryDirectory() as folder, ChatServer(diagnosis_model.behave) as server:
        setting = ModelSetting(preset="vllm", model="planner", base_url=server.url)
        bench = Workbench.open(Settings(data=Path(folder), models=(setting,), environment="test"))
        try:
            provider = bench.models.connected()[0]
            bench.models.test(provider, "planner", Who())
            sessions = [_session(bench, server, number) for number in range(SESSIONS + 1)][1:]
        finally:
            bench.close()
    own = sorted((s.seconds - s.at_the_model) * 1000 for s in sessions)
    last = sessions[-1]
    figures = {
        "serial_calls": len(last.inputs),
        "prompt_chars": last.prompt_chars,
        "own_ms_per_session": round(own[len(own) // 2], 1),
        "repeated_prefix_share": round(last.repeated_prefix_share, 3),
    }
    print("a session of a problem that no playbook covers: " + json.dumps(figures))
    return figures


def _session(bench: Workbench, server: ChatServer, number: int) -> Measured:
    first = len(server.requests)
    start = time.perf_counter()
    run_id = bench.start(f"{diagnosis_model.COMPLAINT} ({number})", draft=True)
    view = _settled(bench, run_id)
    if view.draft is None:
        raise RuntimeError(f"the draft was refused: {view.model_notes}")
    bench.confirm(run_id, view.seq, view.draft.playbook_id)
    while (view := _settled(bench, run_id)).questions:
        card = view.questions[0]
        bench.answer(run_id, card.question_id, card.answers[0].answer_id, view.seq)
    seconds = time.perf_counter() - start
    inputs = [_text(exchange.body) for exchange in server.requests[first:]]
    return Measured(inputs, seconds, _at_the_model(bench, run_id))


def _settled(bench: Workbench, run_id: str) -> DiagnosisView:
    while (view := bench.view(run_id)).is_working:
        bench.settle(bench.run(run_id))
    return view


def _at_the_model(bench: Workbench, run_id: str) -> float:
    bench.cases.store.flush()
    rows = bench.cases.store.read("select sum(duration_s) as s from calls where run_id = ?", [run_id])
    return float(rows[0]["s"] or 0)


def _text(body: dict[str, Any]) -> str:
    return "".join(message["content"] for message in body["messages"])


def _common(one: str, other: str) -> int:
    """Characters that two texts share at their start."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
