"""Copies of everything that is kept, and a store written anew without what was deleted."""

import contextlib
import hashlib
import json
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from storage.clock import now
from storage.db import Store
from storage.errors import StoreDamaged, StoreError, StoreLocked, StoreUnwritable
from storage.faults import explained
from storage.highwater import is_copy_of_cut, log_of, mark_of

MANIFEST = "manifest.json"
FORMAT = 1
"""Of a backup."""
STORE = "whytree.duckdb"
JOURNAL, CHECKPOINTS = "journal.sqlite", "checkpoints.sqlite"
"""Files beside the store that are no copies of it; what else lies there is made anew, or may be lost."""
FOLDERS = ("attachments",)
FORMER = "before-"
"""Begins the names of folders with what a restored backup took the place of."""


class Unsound(ValueError):
    """A backup does not hold what it says."""


UNUSABLE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    RuntimeError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What reading a file raises that was cut, changed, packed or encrypted otherwise, or never was a backup."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds."""

    made_at: str
    files: dict[str, str]
    """SHA-256 by name."""


def write_backup(store: Store, data: Path, target: Path) -> Contents:
    """Write everything that is kept in `data` into one file; the store may be in use meanwhile.

    Raises StoreUnwritable, and leaves no file behind, when it cannot be written.
    """
    part, folder = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        contents = _pack(_sources(store, data, folder), part)
        part.replace(target)
    except (OSError, sqlite3.Error, StoreError) as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise StoreUnwritable(
            f"The backup {target} could not be written ({error}). Nothing was changed: free space or choose "
            f"another place."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return contents


def read_manifest(source: Path) -> Contents:
    """What a backup holds; raises StoreDamaged unless every file in it is as it was written."""
    try:
        with zipfile.ZipFile(source) as archive:
            found = json.loads(archive.read(MANIFEST))
            contents = Contents(found["made_at"], found["files"])
            if found["format"] != FORMAT or set(archive.namelist()) != {MANIFEST, *contents.files}:
                raise Unsound("it holds other files than it says")
            for name, wanted in contents.files.items():
                with archive.open(name) as packed:
                    if hashlib.file_digest(packed, "sha256").hexdigest() != wanted:  # type: ignore[arg-type]
                        raise Unsound(f"{name} is not as it was written")
    except UNUSABLE as error:
        raise StoreDamaged(
            f"The backup {source} cannot be used: {_why(error)}. Nothing was changed: take another one."
        ) from error
    return contents


def _why(error: Exception) -> str:
    """What is wrong with a backup, for a person."""
    if isinstance(error, Unsound):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, OSError) and error.strerror:
        return f"the file cannot be read ({error.strerror.lower()})"
    if isinstance(error, KeyError):
        return "it was not written by Whytree, because its list of files is missing"
    return "it is damaged, cut short, or no backup of Whytree"


def restore(source: Path, data: Path) -> Path | None:
    """Put a backup in the place of what a data folder holds; returns where that was moved, if it held any.

    The backup is checked and unpacked first, and its store opened once, so that nothing changes when it
    cannot be used. Raises StoreLocked while the folder is in use.
    """
    contents = read_manifest(source)
    _check_unused(data / STORE)
    fresh, former = data / ".restoring", data / f"{FORMER}{now():%Y%m%d-%H%M%S}"
    with explained(data / STORE):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700, parents=True)
        with zipfile.ZipFile(source) as archive:
            archive.extractall(fresh, [_inside(name, fresh) for name in contents.files])
        Store.open(fresh / STORE).close()
        moved = [entry for entry in data.iterdir() if entry != fresh and not entry.name.startswith(FORMER)]
        if moved:
            former.mkdir(mode=0o700)
        for entry in moved:
            entry.replace(former / entry.name)
        for entry in fresh.iterdir():
            entry.replace(data / entry.name)
        fresh.rmdir()
    return former if moved else None


def compact(file: Path) -> None:
    """Write a closed store anew, so that what was deleted leaves its file; raises as `Store.open` does.

    A log that was found cut stays: it may hold the only copy of what is missing.
    """
    store = Store.open(file)
    fresh = file.with_name(f"{file.name}.compact")
    fresh.unlink(missing_ok=True)
    try:
        copy_store(store, fresh)
    finally:
        store.close()
    fresh.replace(file)
    for beside in (log_of(file), mark_of(file), *file.parent.glob(f"{file.name}.wal.*")):
        if not is_copy_of_cut(beside):
            beside.unlink(missing_ok=True)


def copy_store(store: Store, target: Path) -> None:
    """Copy an open store as it stands at one moment; readers and writers go on meanwhile."""
    store.flush()
    (row,) = store.read("select current_database() as name")
    quoted, name = str(target).replace("'", "''"), row["name"].replace('"', '""')
    store.read(f"attach '{quoted}' as copied")
    try:
        store.read(f'copy from database "{name}" to copied')
    finally:
        store.read("detach copied")


def vacuum(file: Path) -> None:
    """Write an SQLite file that nobody has open anew, so that what was deleted leaves it.

    Raises StoreUnwritable.
    """
    if not file.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.Error as error:
        raise StoreUnwritable(
            f"What was deleted could not be taken out of {file} yet ({error}). Everything else is as it was: "
            f"free space, then start again."
        ) from error


def _check_unused(file: Path) -> None:
    """Raise StoreLocked or StoreUnwritable when a store is in use, or the place is not ours to change."""
    try:
        if file.exists():
            Store.open(file).close()
    except (StoreLocked, StoreUnwritable):
        raise
    except StoreError:  # damaged, or of a newer version: what a backup is for
        return


def _sources(store: Store, data: Path, folder: Path) -> dict[str, Path]:
    """Everything to pack, by name; copies of what is in use are made in `folder`.

    In this order: a checkpoint may be older than the store's events, as after a crash, and a paid reply is
    kept rather once too often.
    """
    _copy_sqlite(data / CHECKPOINTS, folder / CHECKPOINTS)
    copy_store(store, folder / STORE)
    _copy_sqlite(data / JOURNAL, folder / JOURNAL)
    copies = {file.name: file for file in sorted(folder.iterdir())}
    return copies | {str(file.relative_to(data)): file for file in _files(data)}


def _copy_sqlite(source: Path, target: Path) -> None:
    if source.exists():
        with (
            contextlib.closing(sqlite3.connect(source)) as opened,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            opened.backup(copy)


def _files(data: Path) -> Iterable[Path]:
    return [file for name in FOLDERS for file in sorted((data / name).rglob("*")) if file.is_file()]


def _pack(sources: dict[str, Path], target: Path) -> Contents:
    sums: dict[str, str] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        target.chmod(0o600)
        for name, file in sources.items():
            archive.write(file, name)
            with file.open("rb") as opened:
                sums[name] = hashlib.file_digest(opened, "sha256").hexdigest()
        contents = Contents(now().isoformat(timespec="seconds"), sums)
        archive.writestr(MANIFEST, json.dumps({"format": FORMAT, **vars(contents)}, indent=1))
    return contents


def _inside(name: str, folder: Path) -> str:
    """The name of a packed file; a name that leads out of the folder is refused."""
    if not (folder / name).resolve().is_relative_to(folder.resolve()):
        raise StoreDamaged(
            f"The backup holds a file “{name[:60]}” that leads out of it. Nothing was changed."
        )
    return name
