"""The store: one writer, rows once by key, and a record that cannot be stored holds up no other."""

import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from storage import playbooks
from storage.clock import now
from storage.db import Row, Store, insert
from storage.errors import StoreError, StoreUnwritable
from storage.migrations import MIGRATIONS
from storage.rows import FEW, NEAR


def row(key: str, document: str = "{}") -> Row:
    return {"playbook_hash": key, "playbook_id": "p", "document": document, "recorded_at": now()}


def keys(store: Store) -> list[str]:
    found = store.read("select playbook_hash as key from playbooks order by key")
    return [line["key"] for line in found]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "whytree.duckdb"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    opened = Store.open(file)
    yield opened
    opened.close()


# Writing and reading


def test_a_transaction_is_there_for_the_next_reader_and_after_reopening(store: Store, file: Path) -> None:
    playbooks.keep(store, "a", "p", "{}")
    assert keys(store) == ["a"]
    store.close()
    again = Store.open(file)
    assert keys(again) == ["a"]
    again.close()


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    def half(connection: duckdb.DuckDBPyConnection) -> None:
        insert(connection, "playbooks", [row("a")])
        raise LookupError("on purpose")

    with pytest.raises(LookupError, match="on purpose"):
        store.transact(half)
    assert keys(store) == []


def test_a_row_whose_key_is_there_is_dropped_however_it_comes(store: Store) -> None:
    store.append("playbooks", [row("a", "first"), row("a", "repeated in the batch"), row("b")])
    store.flush()
    store.append("playbooks", [row("a", "later")])
    store.flush()
    playbooks.keep(store, "a", "p", "by transaction")
    documents = store.read("select document from playbooks where playbook_hash = 'a'")
    assert documents == [{"document": "first"}]
    assert keys(store) == ["a", "b"]


@pytest.mark.parametrize("near", [0, NEAR])
def test_known_rows_of_a_long_batch_are_dropped_wherever_they_are_looked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    monkeypatch.setattr("storage.rows.NEAR", near)
    known = [row(f"{n:03}", "first") for n in range(0, 60, 3)]
    assert len(known) <= FEW < 60
    store.append("playbooks", known)
    store.flush()
    store.append("playbooks", [row(f"{n:03}", "later") for n in range(60)])
    store.flush()
    found = store.read("select playbook_hash as key, document from playbooks order by key")
    assert [line["key"] for line in found] == [f"{n:03}" for n in range(60)]
    assert [line["key"] for line in found if line["document"] == "first"] == [
        k["playbook_hash"] for k in known
    ]


def test_rows_of_many_threads_all_arrive_once(store: Store) -> None:
    def write(thread: int) -> None:
        for n in range(50):
            store.append("playbooks", [row(f"{thread}-{n}"), row(f"shared-{n}")])

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.flush()
    assert len(keys(store)) == len(set(keys(store))) == 8 * 50 + 50


def test_updates_of_many_threads_are_all_counted(store: Store) -> None:
    store.transact(lambda connection: connection.execute("create table counter as select 0 as n"))

    def add() -> None:
        for _ in range(25):
            store.transact(lambda connection: connection.execute("update counter set n = n + 1"))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("select n from counter") == [{"n": 200}]


def test_text_is_a_value_and_never_sql(store: Store) -> None:
    hostile = "'; drop table playbooks; -- \" {x} \u202e 📉 \n\t"
    playbooks.keep(store, hostile, hostile, hostile)
    assert playbooks.find(store, hostile) == hostile


def test_a_frame_has_the_columns_of_the_query(store: Store) -> None:
    store.transact(lambda connection: insert(connection, "playbooks", [row(str(n)) for n in range(1_200)]))
    frame = store.frame("select playbook_hash, document from playbooks")
    assert (list(frame.columns), len(frame)) == (["playbook_hash", "document"], 1_200)


def test_closing_writes_what_was_appended_and_refuses_more(file: Path) -> None:
    store = Store.open(file)
    store.append("playbooks", [row("a")])
    store.close()
    store.close()
    with pytest.raises(StoreUnwritable, match="is closed"):
        store.append("playbooks", [row("b")])
    with pytest.raises(StoreUnwritable, match="is closed"):
        playbooks.keep(store, "b", "p", "{}")
    again = Store.open(file)
    assert keys(again) == ["a"]
    again.close()


# Rows that cannot be stored


@pytest.mark.parametrize(
    "bad",
    [
        row("\ud800"),
        {**row("x"), "document": None},
        {"playbook_hash": "x"},
        {**row("x"), "colour": "red"},
        {},
    ],
    ids=["half a character", "no document", "columns missing", "unknown column", "no column"],
)
def test_a_record_that_cannot_be_stored_is_told_and_holds_up_no_other(file: Path, bad: Row) -> None:
    store = Store.open(file)
    store.append("playbooks", [row("before"), bad, row("after")])
    with pytest.raises(StoreError, match="1 of the latest records cannot be stored and are lost"):
        store.flush()
    playbooks.keep(store, "next", "p", "{}")
    assert keys(store) == ["after", "before", "next"]
    store.flush()
    store.close()


def test_the_writer_tells_its_fault_until_a_flush_succeeds(store: Store) -> None:
    store.append("playbooks", [{"playbook_hash": "x"}])
    with pytest.raises(StoreError):
        store.flush()
    store.append("playbooks", [row("a")])
    store.flush()
    assert store.fault is None


# Migrations


def test_opening_again_applies_no_migration_twice(store: Store, file: Path) -> None:
    store.close()
    again = Store.open(file)
    numbers = again.read("select number from migrations order by number")
    assert [line["number"] for line in numbers] == list(range(1, len(MIGRATIONS) + 1))
    again.close()


def test_a_store_of_a_newer_whytree_is_refused_and_left_as_it_is(store: Store, file: Path) -> None:
    newer = len(MIGRATIONS) + 1
    store.transact(lambda connection: connection.execute("insert into migrations values (?, null)", [newer]))
    store.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match="newer Whytree"):
        Store.open(file)
    assert file.read_bytes() == before


def test_the_first_migration_still_opens_and_its_rows_stay(tmp_path: Path) -> None:
    file = tmp_path / "old.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table migrations (number bigint not null, applied_at timestamp)")
        connection.execute(MIGRATIONS[0])
        connection.execute("insert into migrations values (1, null)")
        insert(connection, "playbooks", [row("old")])
    store = Store.open(file)
    assert keys(store) == ["old"]
    store.close()


def test_only_the_owner_may_enter_the_folder(store: Store, file: Path) -> None:
    assert file.parent.stat().st_mode & 0o777 == 0o700
