"""What an attached file is called, and whether it may be read."""

import pytest

from agents.data.attachment import LONGEST_NAME, Attachment, checked_kind, shown_name
from agents.data.limits import Limits


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_a_name_that_is_too_long_keeps_its_ending(ending: str) -> None:
    name = shown_name("Sales of every region and month, " * 20 + ending)
    assert len(name) == LONGEST_NAME
    assert name.startswith("Sales of every region")
    assert name.endswith(ending)


def test_a_table_with_a_name_that_was_too_long_can_still_be_read() -> None:
    kept = Attachment(shown_name("n" * 300 + ".csv"), b"region,sales\n")
    assert checked_kind(kept, Limits()) == "csv"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("", "file"),
        ("C:\\sales\\a.csv", "a.csv"),
        ("x/\0a.csv", "a.csv"),
        (".csv", ".csv"),
        ("a." + "b" * 300, None),
    ],
)
def test_a_name_is_shown_without_folders_and_never_empty_or_too_long(given: str, shown: str | None) -> None:
    found = shown_name(given)
    assert 0 < len(found) <= LONGEST_NAME
    assert shown is None or found == shown
