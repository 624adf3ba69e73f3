"""Settings: how long texts are kept, backups, and deletion of what belongs to a user or project."""

import os

import pytest

from agents.keeping.desk import Keeping
from agents.workbench import Who, Workbench
from storage import backup, gaps
from storage.clock import new_id, now
from storage.errors import StoreUnwritable
from storage.highwater import Cut
from tests.pages.screen import Screen, shown

OTHER = "Our trams run late in the south"


@pytest.fixture
def page(bench: Workbench) -> Screen:
    """Settings at what is stored."""
    screen = Screen("pages/settings.py")
    screen.at.session_state["settings_tab"] = "What is stored"
    return screen


@pytest.fixture
def old(bench: Workbench, asked: str) -> str:
    """A diagnosis that was cancelled nine days ago."""
    bench.cancel(asked)
    age = "update runs set updated_at = updated_at - interval 9 day where run_id = ?"
    bench._store.transact(lambda connection: connection.execute(age, [asked]))
    return asked


def test_texts_are_kept_for_ever_until_somebody_sets_an_age(page: Screen, bench: Workbench) -> None:
    page.open()
    assert page.field("keep-prompts").value is None
    page.type("keep-prompts", 30).click("Keep these ages")  # type: ignore[arg-type]
    assert bench.keeping.policies()["prompts"].keep_days == 30
    assert set(bench.keeping.policies()) == {"prompts"}
    page.type("keep-prompts", None).click("Keep these ages")  # type: ignore[arg-type]
    assert bench.keeping.policies()["prompts"].keep_days is None


def test_what_would_go_is_shown_and_goes_when_its_number_is_typed(
    page: Screen, bench: Workbench, old: str
) -> None:
    page.open()
    page.type("remove-what", ["events"]).type("remove-days", 3).reload()  # type: ignore[arg-type]
    events = len(bench.runs.events(old))
    assert f"Type {events} to remove them for good" in [field.label for field in page.at.text_input]
    page.click(f"Remove {events} for good")
    assert f"Nothing was removed: type {events}" in page.said
    assert len(bench.runs.events(old)) == events
    page.type("remove-typed", str(events)).click(f"Remove {events} for good")
    assert f"Removed: {events} events. Figures are as they were." in page.said
    assert bench.runs.events(old) == []


def test_nothing_old_enough_offers_no_removal(page: Screen, old: str) -> None:
    page.open().type("remove-what", ["events"]).type("remove-days", 100).reload()  # type: ignore[arg-type]
    assert "Nothing is that old." in page.said
    assert page.labels("remove-do") == []


def test_a_backup_is_written_whole(page: Screen, bench: Workbench, asked: str) -> None:
    page.open().click("Write a backup")
    assert "Backup written: " in page.said
    (file,) = (bench.settings.data / "backups").iterdir()
    assert backup.read_manifest(file).files


def test_a_backup_that_cannot_be_written_is_a_sentence(page: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreUnwritable("The disk is full. Nothing was changed.")

    monkeypatch.setattr(Keeping, "backup", full)
    assert "The disk is full." in page.open().click("Write a backup").said


def test_a_user_is_deleted_only_when_the_name_is_typed(page: Screen, bench: Workbench, asked: str) -> None:
    hers = bench.start(OTHER, Who("ann", "trams"), "late_buses")
    page.open().choose("whose-user_id", "ann")
    assert "ann has 1 run, 0 conversations and 0 files." in page.said
    page.type("delete-owned-", "Ann").click("Delete it all for good")
    assert "Nothing was deleted: type the name “ann” exactly" in page.said
    assert bench.runs.run(hers)
    page.type("delete-owned-", "ann").click("Delete it all for good")
    assert "Deleted: 1 run and everything else of “ann”." in page.said
    assert bench.people() == (["me"], ["default"])


def test_a_projects_data_is_deleted_with_what_others_made_of_it(
    page: Screen, bench: Workbench, asked: str
) -> None:
    bench.runs.again(asked, Who("ann", "trams"))
    page.open().choose("whose", "project_id").choose("whose-project_id", "default")
    assert "1 run that others made from these will be deleted too, since it holds" in page.said
    page.type("delete-owned-", "default").click("Delete it all for good")
    assert bench.people() == ([], [])


def test_a_file_that_nothing_points_to_is_shown_and_goes_when_the_number_is_typed(
    page: Screen, bench: Workbench
) -> None:
    folder = bench.settings.data / "attachments"
    folder.mkdir(exist_ok=True)
    file = folder / new_id()
    file.write_bytes(b"x" * 500_000)
    os.utime(file, (0, 0))
    page.open()
    assert "Files that nothing points to" in [part.label for part in page.at.expander]
    page.click("Look for them")
    assert "Remove 1 file for good" not in page.labels()
    (table,) = (one for one in page.at.dataframe if "File" in one.value)
    assert list(table.value["File"]) == [f"attachments/{file.name}"]
    page.at.session_state[str(table.key)] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.reload()
    assert list(table.value["Begins with"]) == [f"{'x' * 60}\u2026"]
    assert f"Look into {'x' * 60}\u2026" in [shown(one.label) for one in page.at.get("download_button")]
    assert bench.keeping.leftover(f"attachments/{file.name}") == file.read_bytes()
    page.click("Remove 1 file for good")
    assert "1 file that nothing points to, 0.5 MB" in [part.label for part in page.at.expander]
    assert "Nothing was removed: type 1" in page.said
    assert file.exists()
    page.type("leftovers-typed", "1").click("Remove 1 file for good")
    assert "Removed: 1 file, 0.5 MB." in page.said
    assert not file.exists()
    assert "0 files that nothing points to, 0.0 kB" in [part.label for part in page.at.expander]


def test_a_file_stays_while_records_are_lost_until_somebody_says_that_they_stay_lost(
    page: Screen, bench: Workbench
) -> None:
    folder = bench.settings.data / "attachments"
    folder.mkdir(exist_ok=True)
    file = folder / new_id()
    file.write_bytes(b"x")
    os.utime(file, (0, 0))
    cut = Cut(10, 100, now(), None)
    bench._store.transact(lambda connection: gaps.note_cut(connection, bench._store.file, cut))
    page.open().click("Look for them")
    (table,) = (one for one in page.at.dataframe if "File" in one.value)
    page.at.session_state[str(table.key)] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.reload()
    assert "may be all that is left of what was lost" in page.said
    assert "Remove 1 file for good" not in page.labels()
    page.click("I have looked: it stays lost")
    assert "Noted: what was lost stays lost" in page.said
    page.type("leftovers-typed", "1").click("Remove 1 file for good")
    assert not file.exists()
