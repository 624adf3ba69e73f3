"""Backup, restore, deletion and retention from the shell, while Whytree is stopped.

python -m agents.keeping backup FILE [--replace]
python -m agents.keeping restore FILE
python -m agents.keeping delete (--user NAME | --project NAME) [--yes]
python -m agents.keeping retain [--prompts DAYS] [--messages DAYS] [--events DAYS] [--yes]
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from agents.errors import READABLE, NotFound, Refused
from agents.keeping import beside
from agents.settings import OWNER_ONLY, Settings
from storage import backup, deletion, retention, runs
from storage.db import Store
from storage.errors import StoreDamaged
from storage.reach import Subject
from storage.retention import What

KINDS: tuple[What, ...] = ("prompts", "messages", "events")
SHOWN = 10
"""Names that are told where one is unknown."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what it was asked, 1 with a sentence when it could not."""
    options = _parser().parse_args(arguments)
    os.umask(OWNER_ONLY)
    try:
        data = Settings.load().data
        commands = {"backup": _backup, "restore": _restore, "delete": _delete, "retain": _retain}
        commands[options.command](data, options)
    except READABLE as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m agents.keeping", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    kept = commands.add_parser("backup")
    kept.add_argument("file", type=Path)
    kept.add_argument("--replace", action="store_true", help="take the place of a file that is there")
    commands.add_parser("restore").add_argument("file", type=Path)
    delete = commands.add_parser("delete")
    whose = delete.add_mutually_exclusive_group(required=True)
    whose.add_argument("--user")
    whose.add_argument("--project")
    delete.add_argument("--yes", action="store_true", help="delete; without it only what would be is told")
    retain = commands.add_parser("retain")
    for kind in KINDS:
        retain.add_argument(f"--{kind}", type=_days, metavar="DAYS")
    retain.add_argument("--yes", action="store_true", help="remove; without it only what would be is told")
    return parser


def _backup(data: Path, options: argparse.Namespace) -> None:
    if options.file.exists() and not options.replace:
        raise Refused(
            f"{options.file} is there already, and it was left as it is; no backup was made. Choose another "
            "name, or say --replace to write over it."
        )
    with _opened(data) as store:
        contents = backup.write_backup(store, data, options.file)
    print(f"{options.file} holds {len(contents.files)} files as of {contents.made_at} (UTC).")


def _restore(data: Path, options: argparse.Namespace) -> None:
    former = backup.restore(options.file, data)
    kept = f" What was there before lies in {former}." if former else ""
    print(f"{data} is as the backup {options.file} has it.{kept}")


def _delete(data: Path, options: argparse.Namespace) -> None:
    subject: Subject = "user_id" if options.user else "project_id"
    name = options.user or options.project
    with _opened(data) as store:
        if not deletion.is_known(store, subject, name):
            raise NotFound(
                f"Nothing here is of the {deletion.SCOPES[subject]} “{shown(name)}”, so nothing was deleted. "
                f"Check the name; {_those_there(store, subject)}."
            )
        owned = deletion.owned_by(store, subject, name)
        print(_what_goes(owned, deletion.SCOPES[subject], name))
        if not options.yes:
            print("Nothing was deleted: say --yes to delete all of it for good.")
            return
        beside.mark_for_erasure(data)
        deletion.delete_owned(store, subject, name)
    beside.erase(data)
    print("Deleted from every file. Backups that were made before still hold it: delete them too.")


def _what_goes(owned: deletion.Owned, scope: str, name: str) -> str:
    """What a deletion takes, in sentences; what there is none of is left out."""
    counted = [
        (len(owned.run_ids), "run", "runs"),
        (len(owned.conversation_ids), "conversation", "conversations"),
        (len(owned.attachment_ids), "attached file", "attached files"),
    ]
    parts = [f"{number:,} {one if number == 1 else many}" for number, one, many in counted if number]
    whose = f"the {scope} \u201c{shown(name)}\u201d"
    parts.append("notes, budgets and every mention of the name")
    told = [f"What belongs to {whose}: {', '.join(parts)}."]
    if owned.of_others:
        theirs = "1 of the runs was" if owned.of_others == 1 else f"{owned.of_others:,} of the runs were"
        told.append(f"{theirs} made by somebody else, from a run that goes, and goes with it.")
    told.append(
        "Unsent drafts of everybody go too, since they do not say whose they are, and so do the folders "
        f"\u201c{backup.FORMER}...\u201d that restoring a backup has left here."
    )
    return " ".join(told)


def _those_there(store: Store, subject: Subject) -> str:
    """Which names have runs."""
    users, projects = runs.people(store)
    names = users if subject == "user_id" else projects
    if not names:
        return "there are no runs"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (
        f"those with runs are {', '.join(map(shown, names[:SHOWN]))}{more}" if names else "there are no runs"
    )


def _retain(data: Path, options: argparse.Namespace) -> None:
    with _opened(data) as store:
        said = {kind: days for kind in KINDS if (days := getattr(options, kind)) is not None}
        days = said or retention.ages(store)
        for due in retention.preview(store, days):
            since = f", the oldest of {due.oldest:%d %B %Y}" if due.oldest else ""
            age = "1 day" if days[due.what] == 1 else f"{days[due.what]:,} days"
            print(f"{due.rows:,} {due.what} older than {age}{since}")
        if not days:
            print("No age is set, so everything is kept. Say --prompts, --messages or --events with days.")
            return
        if not options.yes:
            print("Nothing was removed: say --yes to remove it for good.")
            return
        beside.mark_for_erasure(data)
        retention.remove(store, days)
    beside.erase(data)
    print("Removed from every file; figures stay.")


@contextlib.contextmanager
def _opened(data: Path) -> Iterator[Store]:
    """The store of a data folder; NotFound when there is none."""
    if not (data / beside.STORE).exists():
        raise NotFound(
            f"There is no store in {data.absolute()}. Set WHYTREE_DATA to the folder that is meant."
        )
    with contextlib.closing(Store.open(data / beside.STORE)) as store:
        if store.gap is not None:
            raise StoreDamaged(f"{store.gap} Nothing else was done: the same command does it the next time.")
        yield store


def shown(name: str) -> str:
    """A name as a terminal may show it."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


def _days(text: str) -> int:
    days = int(text)
    if days < 1:
        raise argparse.ArgumentTypeError("an age is at least one day")
    return days


if __name__ == "__main__":
    sys.exit(main())
