"""Usage of a filled store, as the desk shows it."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agents.usage.desk import Filters, Span, UsageDesk
from agents.usage.links import limited
from benchmarks.make_usage import yesterday
from storage.db import Store

Draw = Callable[[int], Filters]


@pytest.fixture(scope="module")
def filled(usage_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The filled store; these tests only add what no figure of it depends on."""
    file = tmp_path_factory.mktemp("usage") / "whytree.duckdb"
    shutil.copy(usage_file, file)
    store = Store.open(file)
    yield store
    store.close()


@pytest.fixture(scope="module")
def desk(filled: Store) -> UsageDesk:
    """The desk on it."""
    return UsageDesk(filled)


@pytest.fixture
def empty_desk(tmp_path: Path) -> Iterator[UsageDesk]:
    """A desk on a store without a row."""
    store = Store.open(tmp_path / "whytree.duckdb")
    yield UsageDesk(store)
    store.close()


@pytest.fixture(scope="module")
def draw(desk: UsageDesk) -> Draw:
    """Filters by chance: a period within the filled days, and up to three limits."""

    def drawn(seed: int) -> Filters:
        chance = random.Random(seed)
        last = yesterday() - timedelta(days=chance.randrange(20))
        span = Span(last - timedelta(days=chance.randrange(5, 30)), last)
        filters = Filters(span, environments=("demo",))
        choices = desk.choices(filters)
        fields = [field for field in choices if field != "environments"]
        for field in chance.sample(fields, chance.randrange(3)) if seed else ():
            some = chance.sample(choices[field], min(len(choices[field]), chance.randrange(2, 6)))
            filters = limited(filters, {field: tuple(some)})
        return filters

    return drawn
