"""kill -9 of the real server during a session at the page: no answer shown as taken is lost or counts twice.

`WHYTREE_TEST_KILLS` sets how often (6 by default), `WHYTREE_TEST_SEED` the moments.
"""

import contextlib
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
from websockets.exceptions import ConnectionClosed

from agents.settings import Settings
from agents.workbench import Who, Workbench
from benchmarks.server import Server
from benchmarks.session import Session
from tests.conftest import Story

KILLS = int(os.environ.get("WHYTREE_TEST_KILLS", "6"))
SEED = int(os.environ.get("WHYTREE_TEST_SEED", "7"))
START = "Start the diagnosis"
COMPLAINT = "Our sales dropped 20 % this quarter, mostly in the north"
LONGEST_CLICK_S = 0.2
"""Kills fall between the click and about the time its drawing is complete."""


class Analyst:
    """A person at the page, who notes what was shown as taken and does whatever the page asks for next."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.query = ""
        self.taken: dict[str, str] = {}
        """Answer by question, as last seen on the page."""
        self.sent: dict[str, str] = {}
        """Answer by question, as last clicked."""

    def look(self, session: Session) -> None:
        """Take in what the page shows once the tool has done its part."""
        while "Working on it" in session.texts():
            session.open()
        shown = {key.split("-", 2)[2]: text for key, text in session.chosen("change-").items()}
        lost = {question: text for question, text in self.taken.items() if shown.get(question) != text}
        assert not lost, f"{lost} were shown as taken; the page shows {shown}"
        unsent = {q: text for q, text in shown.items() if q in self.sent and self.sent[q] != text}
        assert not unsent, f"the page shows {unsent}, which was not clicked"
        self.taken, self.query = shown, session.query

    def next_click(self, session: Session) -> Callable[[], float]:
        """The next step: describe, confirm, answer, or go on after a conclusion."""
        if answers := session.buttons("answer-"):
            chosen = answers[len(self.taken) % len(answers)]
            self.sent[question_of(chosen)] = session.labels()[chosen]
            return lambda: session.click_key(chosen)
        if begun := session.buttons("recent-"):
            return lambda: session.click_key(begun[0])
        steps = (START, "Confirm and ask the first question", "Go on asking")
        step = next(label for label in steps if label in session.labels().values())
        if step == START:
            session.type("complaint", COMPLAINT)
        return lambda: session.click(step)

    def work_until_killed(self, delay: float) -> None:
        """Do one step, and end the server `delay` seconds after its click."""
        with Session(self.server.port, self.query) as session:
            session.open()
            self.look(session)
            click = self.next_click(session)
            timer = Timer(delay, self.server.kill)
            timer.start()
            with contextlib.suppress(ConnectionClosed):
                click()
                self.look(session)
            timer.join()
        self.server.start()

    def conclude(self) -> None:
        """Work on undisturbed until the diagnosis stands."""
        with Session(self.server.port, self.query) as session:
            session.open()
            self.look(session)
            while "ecided" not in session.texts():
                self.next_click(session)()
                self.look(session)


def question_of(widget_id: str) -> str:
    """The question of an answer's button: the key is answer-<seq>-<question>-<answer>."""
    return widget_id.split("-answer-")[1].split("-")[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder that outlives every server."""
    made = tmp_path / "data"
    made.mkdir()
    return made


def test_kills_lose_no_answer_shown_as_taken_and_count_none_twice(folder: Path, story: Story) -> None:
    moments = random.Random(SEED)
    with Server(folder, environment={"WHYTREE_ENVIRONMENT": "test"}) as server:
        analyst = Analyst(server)
        for _ in range(KILLS):
            analyst.work_until_killed(moments.uniform(0, LONGEST_CLICK_S))
        analyst.conclude()
    bench = Workbench.open(Settings(data=folder, environment="test"))
    try:
        runs = bench.recent(Who())
        assert len(runs) == 1
        events = story(bench, runs[0].run_id)
        given = Counter(data["question_id"] for _, kind, data in events if kind == "answered")
        view = bench.view(runs[0].run_id)
        replayed = bench.replay(runs[0].run_id)
    finally:
        bench.close()
    assert [seq for seq, _, _ in events] == list(range(1, len(events) + 1))
    assert set(given.values()) == {1}
    assert {line.question_id: line.answer for line in view.ledger.lines} == analyst.taken
    assert set(given) == set(analyst.sent)
    assert view.diagnosis is not None
    assert view.diagnosis.model_dump_json() == replayed
