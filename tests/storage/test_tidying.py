"""The pieces of tables are put together while nobody waits, and at no other time."""

import shutil

import pytest

from storage import tidying
from storage.db import Store
from storage.tidying import Tidying

PIECES = "select count(distinct row_group_id) as n from pragma_storage_info('wide')"


def checkpointed(store: Store, times: int) -> int:
    """Make a piece with each of so many checkpoints; returns how many there are. The log then holds a row."""
    store.transact(lambda connection: connection.execute("create table if not exists wide (n bigint)"))
    for _ in range(times):
        store.transact(lambda connection: connection.execute("insert into wide values (1)"))
        store.read("checkpoint")
    found = pieces(store)
    store.transact(lambda connection: connection.execute("insert into wide values (2)"))
    return found


def pieces(store: Store) -> int:
    return int(store.read(PIECES)[0]["n"])


def test_checkpoints_leave_the_pieces_as_they_are_and_tidying_puts_them_together(store: Store) -> None:
    assert checkpointed(store, 4) == 4
    Tidying(store.file, 0).tidy(store._writer.connection, 4)
    left = pieces(store)
    assert left < 4
    assert store.read("select n, count(*) as times from wide group by n order by n") == [
        {"n": 1, "times": 4},
        {"n": 2, "times": 1},
    ]
    assert checkpointed(store, 2) >= left + 2


def test_closing_puts_the_pieces_together(store: Store) -> None:
    assert checkpointed(store, 4) == 4
    store.close()
    again = Store.open(store.file)
    assert pieces(again) < 4
    again.close()


def test_it_is_due_when_nobody_waited_for_a_while_after_a_few_checkpoints(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [100.0]
    monkeypatch.setattr(tidying.time, "monotonic", lambda: at[0])
    one = Tidying(store.file, checkpoint=7)
    enough = 7 + tidying.CHECKPOINTS
    assert not one.is_due(enough, 1)
    at[0] += tidying.QUIET_S
    assert [one.is_due(enough - 1, 1), one.is_due(enough, 0), one.is_due(enough, 1)] == [False, False, True]
    one.worked()
    assert not one.is_due(enough, 1)
    at[0] += tidying.QUIET_S
    one.tidy(store._writer.connection, enough)
    assert not one.is_due(enough + 1, 1)


def test_it_is_not_due_while_the_disk_has_no_room_for_the_file_once_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "QUIET_S", 0.0)
    one, enough = Tidying(store.file, checkpoint=0), tidying.CHECKPOINTS
    assert one.is_due(enough, 1)
    full = shutil.disk_usage(store.file.parent)._replace(free=store.file.stat().st_size)
    monkeypatch.setattr(tidying.shutil, "disk_usage", lambda folder: full)
    assert not one.is_due(enough, 1)
