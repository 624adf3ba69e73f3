"""What is older than its age goes, in every store, after a preview that says exactly what; figures stay."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from agents.errors import BadInput
from agents.keeping import __main__ as shell
from agents.keeping import beside
from agents.keeping import desk as keeping
from agents.settings import Settings
from agents.workbench import Workbench
from storage.retention import REMOVED
from storage.search import RunQuery
from storage.usage import audit
from tests.agents.keeping.conftest import ALICE, WORDS, Left, holders

Open = Callable[[], Workbench]
ALL = {"prompts": 30, "messages": 30, "events": 30}
FIGURES = "select count(*) as n, sum(cost_amount) as cost, sum(input_tokens) as tokens from calls"
STEPS = "select count(*) as n, sum(duration_s) as seconds from steps"


def age(bench: Workbench, *run_ids: str, days: int = 40) -> None:
    """Make runs, and all that hangs on them, older."""
    bench._store.flush()
    past = timedelta(days=days)
    columns = {
        "runs": ("updated_at", "created_at"),
        "events": ("occurred_at",),
        "messages": ("created_at",),
        "call_texts": ("recorded_at",),
    }

    def work(connection: object) -> None:
        for table, names in columns.items():
            for name in names:
                sql = f"update {table} set {name} = {name} - ? where list_contains(?, run_id)"
                connection.execute(sql, [past, list(run_ids)])  # type: ignore[attr-defined]

    bench._store.transact(work)


def counts(bench: Workbench, table: str, *run_ids: str) -> int:
    (row,) = bench._store.read(
        f"select count(*) as n from {table} where list_contains(?, run_id)", [list(run_ids)]
    )
    return int(row["n"])


def test_the_preview_says_exactly_what_goes_and_the_figures_of_usage_stay(
    open_bench: Open, left: dict[str, Left]
) -> None:
    bench, mine, other = open_bench(), left["alice"], left["bob"]
    old = (mine.diagnosis, mine.question)
    age(bench, *old)
    rows = {name: counts(bench, name, *old) for name in ("call_texts", "messages", "events")}
    figures, steps = bench._store.read(FIGURES), bench._store.read(STEPS)
    theirs = bench.view(other.diagnosis)
    due = {entry.what: entry.rows for entry in bench.keeping.preview(ALL)}
    assert due == {"prompts": rows["call_texts"], "messages": rows["messages"], "events": rows["events"]}
    assert all(due.values())
    removed = bench.keeping.retain(ALL, ALICE)
    assert {entry.what: entry.rows for entry in removed.due} == due
    assert {name: counts(bench, name, *old) for name in rows} == dict.fromkeys(rows, 0)
    assert (bench._store.read(FIGURES), bench._store.read(STEPS)) == (figures, steps)
    assert bench.runs.line(mine.diagnosis).title == REMOVED
    assert bench.runs.find(RunQuery(text=WORDS["alice"])).total == 0
    assert bench._journal.entries(mine.diagnosis, "draft", "first") == []
    assert [event.action for event in audit.latest(bench._store)][:1] == ["retention"]
    assert {entry.rows for entry in bench.keeping.preview(ALL)} == {0}
    assert bench.view(other.diagnosis) == theirs


def test_what_is_younger_waits_or_is_a_document_stays(open_bench: Open, left: dict[str, Left]) -> None:
    bench, mine = open_bench(), left["alice"]
    waiting = bench.start("Our buses run late since March, mostly in the north", ALICE, "late_buses")
    age(bench, waiting, mine.tree)
    age(bench, mine.diagnosis, days=10)
    assert {entry.what: entry.rows for entry in bench.keeping.preview(ALL)} == dict.fromkeys(ALL, 0)
    bench.keeping.retain(ALL, ALICE)
    assert bench.view(waiting).status == "waiting"
    assert bench.trees.state(mine.tree)
    assert bench.view(mine.diagnosis).diagnosis


def test_the_schedule_removes_by_the_ages_that_were_set(
    open_bench: Open, left: dict[str, Left], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, mine = open_bench(), left["alice"]
    age(bench, mine.diagnosis)
    bench.keeping.set_policy("events", 30, ALICE)
    bench.close()
    again = open_bench()  # a start is the first time of the schedule
    again.keeping._stop.set()
    again.keeping._thread.join(30)
    assert again.runs.line(mine.diagnosis).title == REMOVED
    assert counts(again, "messages", left["alice"].question) > 0


def test_an_age_of_nothing_or_for_ever_is_handled(open_bench: Open) -> None:
    bench = open_bench()
    for days in (0, keeping.LONGEST_DAYS + 1):
        with pytest.raises(BadInput, match="from 1 to 36,500"):
            bench.keeping.set_policy("events", days, ALICE)
    bench.keeping.set_policy("events", 30, ALICE)
    bench.keeping.set_policy("events", None, ALICE)
    assert bench.keeping.policies()["events"].keep_days is None


def test_from_the_shell_it_is_told_first_and_then_leaves_the_bytes_too(
    settings: Settings, open_bench: Open, left: dict[str, Left], capsys: pytest.CaptureFixture[str]
) -> None:
    bench = open_bench()
    age(bench, left["alice"].diagnosis, left["alice"].question)
    bench.close()
    days = [f"--{kind}=30" for kind in ALL]
    assert shell.main(["retain", *days]) == 0
    told = capsys.readouterr().out
    assert "events older than 30 days, the oldest of" in told
    assert "Nothing was removed: say --yes" in told
    assert shell.main(["retain", *days, "--yes"]) == 0
    assert "Removed from every file; figures stay." in capsys.readouterr().out
    assert holders(settings.data, f"{WORDS['alice']} prompt", f"{WORDS['alice']} note") == set()
    assert not (settings.data / beside.TO_ERASE).exists()


def test_without_an_age_nothing_is_removed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.main(["retain", "--yes"]) == 0
    assert "No age is set, so everything is kept." in capsys.readouterr().out
