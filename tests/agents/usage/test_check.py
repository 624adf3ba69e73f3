"""The check from the shell: equal or not, mended when asked, a sentence where there is no store."""

from pathlib import Path

import pytest

from agents.usage import check
from storage.db import Store
from tests.usage_rows import call, record


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYTREE_DATA", str(tmp_path))
    return tmp_path


def test_right_sums_are_said_to_be_right(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open(data / "whytree.duckdb")
    record(store, call(), call())
    store.close()
    assert check.main([]) == 0
    assert capsys.readouterr().out.startswith("All sums equal the raw rows: 2 calls compared")


def test_wrong_sums_are_told_and_made_again_when_asked(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store.open(data / "whytree.duckdb")
    record(store, call())
    store.transact(lambda connection: connection.execute("delete from usage_tail"))
    store.close()
    assert check.main([]) == 1
    assert "The raw rows are whole" in capsys.readouterr().out
    assert check.main(["--mend"]) == 0
    assert "Made again. All sums equal" in capsys.readouterr().out
    assert check.main([]) == 0


def test_a_folder_without_a_store_is_left_as_it_is(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([]) == 1
    assert "There is no store" in capsys.readouterr().err
    assert list(data.iterdir()) == []
