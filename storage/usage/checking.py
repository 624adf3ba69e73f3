"""Are the rollups equal to the raw rows? To be asked at any time, while people work too."""

import time
from dataclasses import dataclass

from storage.db import Store
from storage.usage import keeping


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    calls: int
    """Attempts at a model that were compared."""
    differences: dict[str, int]
    """Rollup -> rows that are not what the raw rows say."""
    seconds: float

    @property
    def is_equal(self) -> bool:
        """Whether every row is."""
        return not any(self.differences.values())

    @property
    def _compared(self) -> str:
        return "1 call" if self.calls == 1 else f"{self.calls:,} calls"

    @property
    def sentence(self) -> str:
        """What people read."""
        if self.is_equal:
            return f"All sums equal the raw rows: {self._compared} compared in {self.seconds:.1f} s."
        told = ", ".join(
            f"{count:,} row{'s' if count > 1 else ''} of {table}"
            for table, count in self.differences.items()
            if count
        )
        return (
            f"The sums do not equal the raw rows: {told}. The raw rows are whole; make the sums again with "
            f"`python -m agents.usage.check --mend` while Whytree is stopped."
        )


def check(store: Store) -> Checked:
    """Compare every sum with the raw rows; rows that are on disk when it starts are in it."""
    store.flush()
    start = time.monotonic()
    found = {
        table: sum(int(store.read(sql)[0]["n"]) for sql in queries)
        for table, queries in keeping.comparisons().items()
    }
    calls = int(store.read("select count(*) as n from calls")[0]["n"])
    return Checked(calls, found, time.monotonic() - start)


def mend(store: Store) -> None:
    """Make every sum again from the raw rows."""
    store.transact(keeping.rebuild)
