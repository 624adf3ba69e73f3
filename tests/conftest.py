"""Shared fixtures: a tiny playbook that one can reckon by hand, and a workbench on a folder of its own."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from agents.diagnosis.loading import load
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.view import DiagnosisView
from agents.settings import Settings
from agents.workbench import Workbench
from storage import runs
from tests import usage_store

hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")  # how fast a case is says nothing about it on a busy machine

CAUSES = {"drivers": "Drivers are missing", "engines": "Engines break down", "roads": "Roads are jammed"}
TEXT = "Our buses run late since March, mostly in the north"
"""A complaint that the tiny playbook recognises, and whose place answers its question `where`."""

Diagnose = Callable[..., str]
Play = Callable[[Workbench, str, str], DiagnosisView]
Story = Callable[[Workbench, str], list[tuple[int, str, Any]]]


def cause_yaml(cause_id: str, label: str) -> str:
    return f"""
  - id: {cause_id}
    label: {label}
    claim: {label} and that is why buses run late.
    prior: 3
    prior_note: Judgement of the depot.
    severity: {3 + list(CAUSES).index(cause_id)}
    cost_of_delay: {{worse_in_days: 30, why: Riders turn to their cars within a month.}}
    analysis:
      do: Count the trips that were late for this reason.
      effort_days: 2
      data_source: Trip log
      owner: Depot manager
      disproof: Fewer than one late trip in ten has this reason.
    stated_as: [{cause_id} problem]
"""


def question_yaml(question_id: str, theme: str, guilty: str, facts: str = "") -> str:
    others = [cause_id for cause_id in CAUSES if cause_id != guilty]
    return f"""
  - id: {question_id}
    text: Does {question_id} look odd to you?
    theme: {theme}
    answers:
      - id: yes
        text: Yes, {question_id} does
        levels: {{{guilty}: typical, {others[0]}: rules_out, {others[1]}: rules_out}}
        {facts}
      - id: no
        text: No, {question_id} is fine
        levels: {{{guilty}: rules_out, {others[0]}: typical, {others[1]}: typical}}
"""


def tiny_yaml() -> str:
    questions = [
        question_yaml("sick_leave", "people", "drivers"),
        question_yaml("open_posts", "people", "drivers"),
        question_yaml("overtime", "people", "drivers"),
        question_yaml("towings", "garage", "engines"),
        question_yaml("old_fleet", "garage", "engines"),
        question_yaml("spare_parts", "garage", "engines"),
        question_yaml("roadworks", "street", "roads"),
        question_yaml("detours", "street", "roads"),
        question_yaml("where", "street", "roads", "facts: ['scope:region']"),
    ]
    return f"""
id: late_buses
title: Late buses
about: Buses that do not come when the timetable says.
question: Why do our buses run late?
recognise:
  terms: {{buses: 3, run late: 3, timetable: 1}}
  sounds_like: Our buses come late.
causes:{"".join(cause_yaml(*item) for item in CAUSES.items())}
tree:
  text: Why do our buses run late?
  split: binary
  dimension: ours or outside
  children:
    - text: Is it ours?
      split: free
      dimension: people or machines
      children: [{{text: People, cause: drivers}}, {{text: Machines, cause: engines}}]
    - {{text: Is it outside?, cause: roads}}
questions:{"".join(questions)}
"""


@pytest.fixture(scope="session")
def tiny_text() -> str:
    """The tiny playbook as YAML."""
    return tiny_yaml()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for own playbooks with the tiny one in it."""
    folder = tmp_path_factory.mktemp("playbooks")
    (folder / "late_buses.yaml").write_text(tiny_yaml(), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Playbook:
    """The tiny playbook: three causes, nine questions of which three speak for each."""
    return load(tiny_folder / "late_buses.yaml")


@pytest.fixture(scope="session")
def usage_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the usage of some weeks, up to yesterday; copy it before use."""
    file = tmp_path_factory.mktemp("filled") / "whytree.duckdb"
    usage_store.make(file)
    return file


@pytest.fixture
def settings(tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that no environment and no `.env` of the machine reach."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATA", "PLAYBOOKS", "ENVIRONMENT"):
        monkeypatch.delenv(f"WHYTREE_{name}", raising=False)
    return Settings(data=tmp_path / "data", playbooks=tiny_folder, environment="test")


@pytest.fixture
def bench(settings: Settings) -> Iterator[Workbench]:
    """A workbench on a fresh folder."""
    opened = Workbench.open(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def diagnose() -> Diagnose:
    """Starts and confirms a run, gives the answers in order, and returns its id."""

    def run(
        bench: Workbench,
        answers: Mapping[str, str] | None = None,
        text: str = TEXT,
        playbook_id: str = "late_buses",
        **confirmation: object,
    ) -> str:
        run_id = bench.start(text, playbook_id=playbook_id)
        bench.confirm(run_id, bench.view(run_id).seq, playbook_id, **confirmation)  # type: ignore[arg-type]
        for question_id, answer_id in (answers or {}).items():
            bench.answer(run_id, question_id, answer_id, bench.view(run_id).seq)
        return run_id

    return run


@pytest.fixture
def asked(bench: Workbench, diagnose: Diagnose) -> str:
    """A run of the tiny playbook with its first question on offer; the place is known from the text."""
    return diagnose(bench)


@pytest.fixture(scope="session")
def play(tiny: Playbook) -> Play:
    """Answers whatever is asked as a client with the given cause, until the diagnosis stands."""

    def on(bench: Workbench, run_id: str, cause_id: str) -> DiagnosisView:
        while (view := bench.view(run_id)).phase == "asking":
            question = tiny.ask(view.questions[0].question_id)
            answer = next(a.id for a in question.answers if a.levels[cause_id] == "typical")
            bench.answer(run_id, question.id, answer, view.seq)
        return view

    return on


@pytest.fixture(scope="session")
def story() -> Story:
    """The events of a run as number, kind and data."""
    return lambda bench, run_id: [(e.seq, e.kind, e.data) for e in runs.events(bench._store, run_id)]
