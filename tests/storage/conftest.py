"""A store for the tests of this room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.db import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(tmp_path / "whytree.duckdb")
    yield opened
    opened.close()
