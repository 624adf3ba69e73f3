"""Checks that the sums of usage equal the raw rows: `python -m agents.usage.check [--mend]`, 0 when they do.

It works on the data folder while Whytree is stopped; while it runs, its Usage page can check.
"""

import argparse
import contextlib
import sys

from agents.errors import READABLE, NotFound
from agents.settings import Settings
from storage.backup import STORE
from storage.db import Store
from storage.usage import checking


def main(arguments: list[str] | None = None) -> int:
    """Check, and say what was found; 1 when something differs or the store cannot be opened."""
    parser = argparse.ArgumentParser(prog="python -m agents.usage.check", description=__doc__)
    parser.add_argument("--mend", action="store_true", help="make the sums again where they differ")
    options = parser.parse_args(arguments)
    try:
        file = Settings.load().data / STORE
        if not file.exists():
            raise NotFound(f"There is no store at {file.absolute()}. Set WHYTREE_DATA to the folder meant.")
        with contextlib.closing(Store.open(file)) as store:
            found = checking.check(store)
            print(found.sentence)
            if options.mend and not found.is_equal:
                checking.mend(store)
                found = checking.check(store)
                print(f"Made again. {found.sentence}")
    except READABLE as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if found.is_equal else 1


if __name__ == "__main__":
    sys.exit(main())
