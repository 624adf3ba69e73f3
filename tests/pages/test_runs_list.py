"""The list of runs: found, narrowed, sorted and paged by the link; tagged, taken away, deleted; batches."""

import io
import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest

from agents.diagnosis.stage import Casting
from agents.running.batch import Terms
from agents.running.desk import RunsDesk
from agents.running.records import RunQuery
from agents.workbench import Who, Workbench
from benchmarks.run_world import fill
from pages.ui.runs import bulk, table
from storage import runs
from tests.conftest import TEXT, Diagnose
from tests.pages.runs_screen import RunsScreen

OTHER = "Our trams run late in the south"


@pytest.fixture
def two(bench: Workbench, diagnose: Diagnose) -> tuple[str, str]:
    """A diagnosis of mine that waits, and one of Ann's that was cancelled."""
    mine = diagnose(bench, {"towings": "yes"})
    hers = bench.start(OTHER, Who("ann", "trams"), "late_buses")
    bench.cancel(hers)
    return mine, hers


@pytest.fixture
def page(bench: Workbench) -> RunsScreen:
    return RunsScreen()


def test_an_empty_store_says_what_will_be_here_and_offers_the_way_to_it(page: RunsScreen) -> None:
    page.at_link()
    assert "Here will be every diagnosis and every request" in page.said
    assert page.labels("start-first") == ["Start a diagnosis"]


def test_the_list_names_status_agent_title_user_cost_work_and_start(
    page: RunsScreen, two: tuple[str, str]
) -> None:
    page.at_link()
    assert page.titles == [OTHER, TEXT]
    assert page.column("Status") == ["Cancelled", "Waiting for a person"]
    assert page.column("User") == ["ann", "me"]
    assert page.column("Agent") == ["Diagnosis", "Diagnosis"]
    assert page.column("Cost") == ["none", "none"]
    assert "Runs 1 to 2 of 2." in page.said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"runs_text": "trams"}, [OTHER]),
        ({"runs_status": "Waiting for a person"}, [TEXT]),
        ({"runs_user": "ann"}, [OTHER]),
        ({"runs_project": "trams"}, [OTHER]),
        ({"runs_environment": "test", "runs_sort": "Oldest first"}, [TEXT, OTHER]),
        ({"runs_environment": "live"}, []),
        ({"runs_kind": "Diagnosis"}, [OTHER, TEXT]),
        ({"runs_kind": "Request"}, []),
        ({"runs_agent": "Diagnosis", "runs_text": "March"}, [TEXT]),
        ({"runs_since": "2030-01-01"}, []),
        ({"runs_until": "2020-01-01"}, []),
        ({"runs_sort": "By title"}, [TEXT, OTHER]),
    ],
)
def test_a_link_says_what_is_looked_for(
    page: RunsScreen, two: tuple[str, str], query: dict[str, str], found: list[str]
) -> None:
    assert page.at_link(**query).titles == found


def test_demos_stand_among_real_runs_only_when_they_are_asked_for(
    page: RunsScreen, bench: Workbench, two: tuple[str, str]
) -> None:
    bench.demos.stage(Casting(seed=1), Who())
    assert page.at_link().titles == [OTHER, TEXT]
    assert "1 live or demo run fits too and is left out." in page.said
    assert "With the 2 found:" in page.said
    page.click("Show every environment")
    assert page.column("Environment") == ["demo", "test", "test"]
    assert "left out" not in page.said
    assert page.click("Clear all").titles == [OTHER, TEXT]
    assert len(RunsScreen().at_link(runs_environment="demo").titles) == 1


def test_where_only_demos_are_the_list_says_so(page: RunsScreen, bench: Workbench) -> None:
    bench.demos.stage(Casting(seed=1), Who())
    assert "1 live or demo run fits too" in page.at_link().said
    assert "Here will be every diagnosis" in page.said


@pytest.fixture
def held(bench: Workbench) -> str:
    """An e-mail for which no model is connected."""
    run_id = bench.conversations.send("Write an e-mail to the depot", agent="email")
    bench.conversations.settle(run_id, 30)
    return run_id


def test_a_run_that_waits_for_a_model_is_told_apart_from_one_that_waits_for_a_person(
    page: RunsScreen, bench: Workbench, two: tuple[str, str], held: str
) -> None:
    page.at_link()
    assert page.column("Status") == ["Waiting for a model, key or file", "Cancelled", "Waiting for a person"]
    sentence = bench.runs.line(held).waits_for
    assert sentence
    assert page.column("What it waits for") == [sentence, "", ""]
    by_link = RunsScreen().at_link(runs_status="Waiting for a model, key or file")
    assert by_link.titles == ["Write an e-mail to the depot"]
    assert RunsScreen().at_link(runs_status="Waiting for a person").titles == [TEXT]
    assert "Waiting for a model" in "".join(
        badge.value for badge in RunsScreen().at_link(run=held).at.markdown
    )


def test_how_many_of_a_tag_wait_for_what_stands_beside_its_runs(
    page: RunsScreen, bench: Workbench, two: tuple[str, str], held: str
) -> None:
    bench.runs.tag([*two, held], "mixed", Who())
    page.at_link(runs_tag="mixed")
    assert page.progress == [
        "mixed: 3 of 3 done, 0 completed, 1 waiting for a person, 1 waiting for a model, key or file, "
        "1 cancelled"
    ]


def test_ticked_runs_stay_ticked_when_a_new_run_stands_above_them(
    page: RunsScreen, bench: Workbench, two: tuple[str, str]
) -> None:
    page.at_link().tick(1)
    assert page.labels("delete-now-bulk") == ["Delete 1 run"]
    bench.start("Our ships run late", playbook_id="late_buses")
    page.reload()
    assert len(page.titles) == 3
    page.type("delete-typed-bulk", "1").click("Delete 1 run")
    assert page.titles == ["Our ships run late", OTHER]


def test_other_runs_than_those_that_were_ticked_are_not_ticked(
    page: RunsScreen, bench: Workbench, two: tuple[str, str]
) -> None:
    page.at_link().tick(0)
    page.choose("runs_user", "ann")
    assert page.labels("delete-now-bulk") == ["Delete 1 run"]
    assert page.ticked == []


def test_what_moves_in_the_list_is_read_once_for_all_and_not_again_until_something_moves(
    bench: Workbench, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read = bench._store.read
    first = [line.status for line in table.read(bench, RunQuery(), 1).lines]
    monkeypatch.setattr(bench._store, "read", lambda sql, *rest: (asked.append(sql), read(sql, *rest))[1])
    for _ in range(10):
        assert [line.status for line in table.read(bench, RunQuery(), 1, fresh=False).lines] == first
    assert asked == []
    runs.add_events(bench._store, two[0], [("piece", {"text": "more"})], runs.last_seq(bench._store, two[0]))
    asked.clear()
    table.read(bench, RunQuery(), 1, fresh=False)
    assert asked == []  # a model that writes moves nothing in the list
    bench.cancel(two[0])
    asked.clear()
    for _ in range(10):
        found = table.read(bench, RunQuery(), 1, fresh=False)
    assert [line.status for line in found.lines] == ["cancelled", "cancelled"]
    assert len([sql for sql in asked if sql.startswith("select count(*) as n from runs")]) == 1


def test_what_is_chosen_narrows_the_list_until_it_is_cleared(page: RunsScreen, two: tuple[str, str]) -> None:
    page.at_link().choose("runs_user", "ann")
    assert page.titles == [OTHER]
    page.type("runs_text", "nothing like it").reload()
    assert "No run fits." in page.said
    page.click("Clear all filters")
    assert page.titles == [OTHER, TEXT]


def test_a_long_list_has_pages_and_the_link_opens_one(page: RunsScreen, bench: Workbench) -> None:
    fill(bench._store, runs=120, events_per_run=1)
    page.at_link(runs_page="3", runs_environment="live")
    assert "Runs 101 to 120 of 120." in page.said
    assert "Runs 1 to 50 of 120." in RunsScreen().at_link(runs_environment="live").said


def test_a_run_is_opened_from_the_list_and_the_list_from_the_run(
    page: RunsScreen, two: tuple[str, str]
) -> None:
    page.at_link().choose("runs_open", two[0])
    assert page.run_id == two[0]
    assert page.at.subheader[0].value.startswith("Our buses")
    page.click("All runs")
    assert page.titles == [OTHER, TEXT]


def test_everything_found_is_tagged_and_found_by_its_tag(
    page: RunsScreen, bench: Workbench, two: tuple[str, str]
) -> None:
    bench.runs.tag([two[0]], "board", Who())
    page.at_link(runs_user="ann").type("tag-name", "board").click("Put on 1 run")
    assert bench.runs.tags() == [("board", 2)]
    assert RunsScreen().at_link(runs_tag="board").titles == [OTHER, TEXT]
    page.click("Take off 1 run")
    assert RunsScreen().at_link(runs_tag="board").titles == [TEXT]
    assert "choose a tag first" in RunsScreen().at_link().click("Put on 2 runs").said


def test_a_page_number_of_thousands_of_digits_shows_the_first_page(
    page: RunsScreen, two: tuple[str, str]
) -> None:
    assert page.at_link(runs_page="9" * 5_000).titles == [OTHER, TEXT]


def test_nothing_is_deleted_until_the_number_of_runs_is_typed(
    page: RunsScreen, bench: Workbench, two: tuple[str, str]
) -> None:
    page.at_link().click("Delete 2 runs")
    assert "Nothing was deleted: type 2" in page.said
    page.type("delete-typed-bulk", "1").click("Delete 2 runs")
    assert page.titles == [OTHER, TEXT]
    page.type("delete-typed-bulk", "2").click("Delete 2 runs")
    assert page.titles == []
    assert "was deleted on" in RunsScreen().at_link(run=two[0]).said


def test_a_run_that_came_in_after_the_number_was_read_stops_the_deletion(
    page: RunsScreen, bench: Workbench, two: tuple[str, str]
) -> None:
    page.at_link().type("delete-typed-bulk", "2")
    bench.start(TEXT, playbook_id="late_buses")
    page.click("Delete 2 runs")
    assert "the search finds 3 runs now, not 2" in page.said
    assert len(page.titles) == 3


def test_the_list_is_taken_away_in_three_forms(
    page: RunsScreen, bench: Workbench, two: tuple[str, str]
) -> None:
    page.at_link()
    assert [button.label for button in page.at.get("download_button")] == ["CSV", "Parquet", "JSON"]

    def made(form: bulk.Format) -> bytes:
        return bulk._maker(bench, lambda: bench.runs.find_ids(RunQuery()), form)()

    assert OTHER in made("csv").decode("utf-8-sig")
    assert [row["title"] for row in json.loads(made("json"))] == [OTHER, TEXT]
    assert pyarrow.parquet.read_table(io.BytesIO(made("parquet"))).column("title").to_pylist() == [
        OTHER,
        TEXT,
    ]


def test_a_file_of_tasks_becomes_runs_and_what_was_not_taken_is_named(
    page: RunsScreen, bench: Workbench
) -> None:
    page.at_link()
    assert page.buttons("start-batch")[0].disabled
    page.at.file_uploader[0].set_value(("tasks.txt", f"{TEXT}\nhello\n".encode(), "text/plain"))
    page.type("batch_tag", "November").type("batch_agent", "diagnosis")
    page.at.number_input(key="batch_cost").set_value(0.5)
    page.at.number_input(key="batch_minutes").set_value(2)
    page.reload()
    page.click("Start the batch")
    assert "1 run queued with the tag “November”. 1 task was not taken" in page.said
    assert "Line 2: " in page.said
    assert page.titles == [TEXT]
    (run_id,) = bench.runs.find_ids(RunQuery(tag="November"))
    run = bench.runs.run(run_id)
    assert (run.queue, run.max_cost, run.max_seconds) == ("background", Decimal("0.5"), 120)


def test_how_far_a_batch_is_stands_beside_its_runs(
    page: RunsScreen, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench._runner, "enqueue", lambda queued: None)
    batch = bench.runs.start_batch("t.txt", f"{TEXT}\n{TEXT}".encode(), Terms(Who(), "two", "diagnosis"))
    bench.runs.cancel(batch.run_ids[0])
    page.at_link(runs_tag="two")
    assert "In the background: 0 running, 1 queued." in page.said
    assert page.progress == ["two: 1 of 2 done, 0 completed, 1 cancelled"]


def test_a_queue_that_cannot_work_is_told(
    page: RunsScreen, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    background = bench._runner.background
    monkeypatch.setattr(background, "fault", "The queue cannot be opened.")
    assert "The queue cannot be opened." in page.at_link().said


def test_a_search_that_fails_is_a_sentence(
    page: RunsScreen, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from storage.errors import StoreDamaged

    def fail(*_: object) -> None:
        raise StoreDamaged("The index of words cannot be read.")

    monkeypatch.setattr(RunsDesk, "find", fail)
    assert "The index of words cannot be read." in page.at_link().said
