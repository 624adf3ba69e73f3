"""What people wrote is found a moment later, also after a crash, and not any more once it is gone."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from agents.running.indexing import Indexer
from agents.settings import Settings
from agents.workbench import Who, Workbench
from storage import messages, retention, runs
from storage.db import insert
from storage.messages import Message
from storage.search import RunQuery
from storage.text_index import TextIndex

Diagnose = Callable[..., str]
TIMEOUT_S = 30
OLD = datetime(2020, 1, 1)


def found(bench: Workbench, text: str) -> list[str]:
    return [line.run_id for line in bench.runs.find(RunQuery(text=text)).lines]


def test_inputs_notes_and_outcomes_are_found_at_once(bench: Workbench, asked: str) -> None:
    assert found(bench, "buses") == [asked]
    assert found(bench, "depot") == []
    bench.answer(asked, "towings", "yes", bench.view(asked).seq, "Ask the depot in Kraków, please")
    assert found(bench, "depot") == [asked]
    assert found(bench, "krakow pleas") == [asked]
    bench.record_outcome(asked, "engines", "It was the fuel pump")
    assert found(bench, "fuel") == [asked]


def test_what_a_dead_process_left_untaken_is_taken_over_at_the_next_start(
    settings: Settings, diagnose: Diagnose
) -> None:
    first = Workbench.open(settings)
    run_id = diagnose(first, {"towings": "yes"})
    first.close()
    for file in settings.data.glob("search.sqlite*"):
        file.unlink()
    again = Workbench.open(settings)
    assert again._office.runs._indexer.caught_up.wait(TIMEOUT_S)
    assert (found(again, "buses"), again.runs.unread) == ([run_id], 0)
    again.close()


def test_a_damaged_file_is_begun_anew(tmp_path: Path, settings: Settings, diagnose: Diagnose) -> None:
    first = Workbench.open(settings)
    run_id = diagnose(first)
    first.close()
    file = settings.data / "search.sqlite"
    for content in (b"garbage" * 999, file.read_bytes()[: 4096 * 2]):
        for part in settings.data.glob("search.sqlite*"):
            part.unlink()
        file.write_bytes(content)
        again = Workbench.open(settings)
        assert again._office.runs._indexer.caught_up.wait(TIMEOUT_S)
        assert found(again, "buses") == [run_id]
        again.close()


def test_a_deleted_run_is_not_found_any_more(bench: Workbench, asked: str) -> None:
    assert found(bench, "buses") == [asked]
    bench.runs.delete([asked], Who())
    assert found(bench, "buses") == []
    assert bench._office.runs._indexer.index.match("buses").to_pylist() == []


def test_a_deleted_conversation_is_not_found_by_what_was_said_in_it(
    bench: Workbench, settings: Settings
) -> None:
    run_id = bench.conversations.send("my zephyr plan", agent="general")
    bench.conversations.settle(run_id)
    assert found(bench, "zephyr") == [run_id]
    bench.conversations.delete(bench.conversations.of_run(run_id))
    assert found(bench, "zephyr") == []
    bench.close()
    again = Workbench.open(settings)
    assert again._office.runs._indexer.caught_up.wait(TIMEOUT_S)
    assert found(again, "zephyr") == []
    again.close()


def test_messages_removed_for_their_age_are_not_found_when_the_process_died_before_search_followed(
    bench: Workbench, settings: Settings
) -> None:
    run_id = bench.conversations.send("Say something kind", agent="general")
    bench.conversations.settle(run_id)
    runs.set_status(bench._store, run_id, "completed")
    said = messages.said(Message(run_id, bench.conversations.of_run(run_id), "assistant", "zephyr", OLD))
    bench._store.transact(lambda connection: insert(connection, said[0], [said[1]]))
    bench._store.touched.add(run_id)
    assert found(bench, "zephyr") == [run_id]
    bench._office.runs._indexer.close()  # nobody follows what comes now, as where the process dies
    assert retention.remove(bench._store, {"messages": 30}).run_ids == (run_id,)
    again = reopened(bench, settings)
    assert found(again, "zephyr") == []
    again.close()


def test_an_outcome_is_found_when_the_process_died_before_search_followed(
    bench: Workbench, settings: Settings, asked: str
) -> None:
    assert found(bench, "pump") == []
    bench._office.runs._indexer.close()
    bench.record_outcome(asked, "engines", "It was the fuel pump")
    again = reopened(bench, settings)
    assert found(again, "pump") == [asked]
    again.close()


def reopened(bench: Workbench, settings: Settings) -> Workbench:
    """The next start, once it has taken over what the one before left."""
    bench.close()
    again = Workbench.open(settings)
    assert again._office.runs._indexer.caught_up.wait(TIMEOUT_S)
    return again


def test_an_index_that_breaks_leaves_the_list_working(
    bench: Workbench, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage.errors import StoreUnwritable

    def broken(self: object) -> None:
        raise StoreUnwritable("no space")

    monkeypatch.setattr(Indexer, "refresh", broken)
    assert [line.run_id for line in bench.runs.find(RunQuery()).lines] == [asked]


def test_the_file_is_another_one_when_its_format_is(tmp_path: Path) -> None:
    from storage.text_index import Document

    file = tmp_path / "search.sqlite"
    index = TextIndex.open(file)
    index.put([Document("r", "1", "title", "input", "said")])
    index._write.execute("pragma user_version = 99")
    index.close()
    again = TextIndex.open(file)
    assert again.stamps() == {}
    again.close()
