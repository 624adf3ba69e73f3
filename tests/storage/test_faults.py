"""Damage, full disks and locks: each is told in a sentence, and the files are left as they are."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.clock import now
from storage.db import Store
from storage.errors import StoreDamaged, StoreLocked, StoreUnwritable

ROOT = Path(__file__).parents[2]


def keys(store: Store) -> list[str]:
    found = store.read("select playbook_hash as key from playbooks order by key")
    return [line["key"] for line in found]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "whytree.duckdb"


def child(code: str, *arguments: str) -> "subprocess.Popen[str]":
    """A process of its own that runs code with the store's modules at hand."""
    command = [sys.executable, "-c", code, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, text=True, **pipes)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def whole(file: Path) -> bytes:
    """The bytes of a store with two thousand rows."""
    store = Store.open(file)
    plain = {"playbook_id": "p", "recorded_at": now()}
    rows = [{**plain, "playbook_hash": str(n), "document": f"{n} " * 300} for n in range(2_000)]
    store.append("playbooks", rows)
    store.close()
    return file.read_bytes()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "one byte": lambda whole: whole[:1],
    "header only": lambda whole: whole[:4096],
    "half": lambda whole: whole[: len(whole) // 2],
    "last byte missing": lambda whole: whole[:-1],
    "zeros": lambda whole: bytes(len(whole)),
    "text": lambda whole: b"garbage " * 5_000,
    "noise": lambda whole: random.Random(1).randbytes(len(whole)),
    "another database": lambda whole: b"SQLite format 3\x00" + bytes(4_080),
    "flipped magic": lambda whole: whole[:8] + bytes([whole[8] ^ 255]) + whole[9:],
    "flipped header": lambda whole: whole[:5_000] + bytes([whole[5_000] ^ 255]) + whole[5_001:],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_store_is_told_and_left_byte_for_byte(
    whole: bytes, file: Path, damage: Callable[[bytes], bytes]
) -> None:
    file.write_bytes(damage(whole))
    before = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    with pytest.raises(StoreDamaged, match="left as it is: restore a backup"):
        Store.open(file)
    assert {path.name: path.read_bytes() for path in file.parent.iterdir()} == before


KILLED = """
import os, sys
from pathlib import Path
from storage import playbooks
from storage.db import Store
store = Store.open(Path(sys.argv[1]))
store.close()
store = Store.open(Path(sys.argv[1]))
for n in range(6):
    playbooks.keep(store, str(n), "p", "x" * 400)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def killed(file: Path) -> tuple[bytes, bytes]:
    """Store and log after six transactions and a kill."""
    process = child(KILLED, str(file))
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    return file.read_bytes(), log_of(file).read_bytes()


def log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.wal")


def test_all_transactions_survive_a_kill(killed: tuple[bytes, bytes], file: Path) -> None:
    store = Store.open(file)
    assert keys(store) == list("012345")
    store.close()


@pytest.mark.parametrize("log", [b"garbage" * 100, bytes(500), b"\x00"], ids=["text", "zeros", "one byte"])
def test_a_log_that_is_none_is_told_and_left_as_it_is(
    killed: tuple[bytes, bytes], file: Path, log: bytes
) -> None:
    log_of(file).write_bytes(log)
    with pytest.raises(StoreDamaged, match="with the latest records cannot be read"):
        Store.open(file)
    assert (file.read_bytes(), log_of(file).read_bytes()) == (killed[0], log)


def test_a_flipped_bit_in_a_record_of_the_log_is_told(killed: tuple[bytes, bytes], file: Path) -> None:
    middle = len(killed[1]) // 2
    log = killed[1][:middle] + bytes([killed[1][middle] ^ 1]) + killed[1][middle + 1 :]
    log_of(file).write_bytes(log)
    with pytest.raises(StoreDamaged, match="left as it is"):
        Store.open(file)
    assert (file.read_bytes(), log_of(file).read_bytes()) == (killed[0], log)


def test_a_log_that_was_cut_keeps_whole_transactions_from_the_first_on(
    killed: tuple[bytes, bytes], file: Path
) -> None:
    counts = []
    for share in (0.1, 0.4, 0.7, 0.99):
        file.write_bytes(killed[0])
        log_of(file).write_bytes(killed[1][: int(share * len(killed[1]))])
        store = Store.open(file)
        assert keys(store) == list("012345")[: len(keys(store))]
        counts.append(len(keys(store)))
        store.close()
    assert counts == sorted(counts)
    assert 0 < counts[-1] < 6


# Places that cannot be used


@pytest.mark.parametrize("place", ["/dev/null/whytree/x.duckdb", "/proc/whytree/x.duckdb"])
def test_a_folder_that_cannot_be_made_is_told(place: str) -> None:
    with pytest.raises(StoreUnwritable, match="cannot be written"):
        Store.open(Path(place))


def test_a_folder_in_place_of_the_file_is_told(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(StoreUnwritable, match="cannot be written"):
        Store.open(file)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_file_that_may_not_be_written_is_told(whole: bytes, file: Path) -> None:
    file.chmod(0o400)
    file.parent.chmod(0o500)
    with pytest.raises(StoreUnwritable, match="correct the folder's permissions"):
        Store.open(file)
    file.parent.chmod(0o700)


FULL = """
import json, resource, signal, sys
from pathlib import Path
from storage import playbooks
from storage.db import Store
from storage.errors import StoreUnwritable

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store.open(Path(sys.argv[1]))
playbooks.keep(store, "a", "p", "{}")
limit(20_000)
told = None
for n in range(8):
    try:
        playbooks.keep(store, str(n), "p", "z" * 8_000)
    except StoreUnwritable as error:
        told = str(error)
store.append("playbooks", [{"playbook_hash": "q", "playbook_id": "p", "document": "y" * 30_000,
                            "recorded_at": "2026-01-01"}])
try:
    store.flush()
except StoreUnwritable as error:
    told_in_memory = str(error)
limit(resource.RLIM_INFINITY)
playbooks.keep(store, "b", "p", "{}")
store.flush()
store.close()
print(json.dumps([told, told_in_memory]))
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on the size of files")
def test_a_full_disk_is_told_and_nothing_is_lost_when_there_is_space_again(file: Path) -> None:
    process = child(FULL, str(file))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "What was stored before is safe: free space" in out
    assert "are kept in memory" in out
    store = Store.open(file)
    assert {"a", "b", "q"} <= set(keys(store))
    store.close()


FULL_AT_A_CHECKPOINT = """
import json, resource, signal, sys, threading
from pathlib import Path
import duckdb
from storage import tidying
from storage.db import Store
from storage.errors import StoreError

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def add(rows):
    sql = "insert into wide select range, uuid()::varchar from range(?)"
    store.transact(lambda connection: connection.execute(sql, [rows]))

def count():
    return store.read("select count(*) as n from wide")[0]["n"]

def is_open():
    try:
        count()
    except StoreError:
        return False
    return True

def wait_until(is_so):
    for _ in range(3000):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise TimeoutError

def tidy(self, connection, checkpoint):
    try:
        put_together(self, connection, checkpoint)
    except duckdb.FatalException as error:
        told.append(str(error))
        raise

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
put_together, tidying.Tidying.tidy = tidying.Tidying.tidy, tidy
store = Store.open(Path(sys.argv[1]))
store.transact(lambda connection: connection.execute("create table wide (n bigint, text varchar)"))
add(900_000)
store.read("checkpoint")
limit(store.file.stat().st_size)
told, kept = [], 900_000
if sys.argv[2] == "tidying":
    tidying.QUIET_S, tidying.CHECKPOINTS = 0.0, 0
while not told:
    try:
        add(40_000)
        kept += 40_000
        if sys.argv[2] == "tidying":
            wait_until(lambda: told)
    except StoreError as error:
        told.append(str(error))
store.append("playbooks", [{"playbook_hash": "q", "playbook_id": "p", "document": "y",
                            "recorded_at": "2026-01-01"}])
limit(resource.RLIM_INFINITY)
wait_until(is_open)
store.flush()
found = count()
add(1)
store.close()
print(json.dumps([told, kept, found]))
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on the size of files")
@pytest.mark.parametrize("moment", ["writing", "tidying"])
def test_a_store_whose_checkpoint_met_a_full_disk_opens_again_by_itself_with_all_that_was_kept(
    file: Path, moment: str
) -> None:
    process = child(FULL_AT_A_CHECKPOINT, str(file), moment)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    told, kept, found = json.loads(out.splitlines()[-1])
    assert "Failed to create checkpoint" in told[0]
    assert kept == found
    store = Store.open(file)
    assert keys(store) == ["q"]
    assert store.read("select count(*) as n from wide")[0]["n"] == kept + 1
    store.close()


LOCKING = """
import sys
from pathlib import Path
from storage.db import Store
store = Store.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
store.close()
"""


def test_a_store_that_another_process_has_open_is_told(file: Path) -> None:
    process = child(LOCKING, str(file))
    assert process.stdout
    assert process.stdout.readline() == "open\n"
    with pytest.raises(StoreLocked, match="close the other Whytree, or set WHYTREE_DATA"):
        Store.open(file)
    process.communicate("\n", timeout=60)
    Store.open(file).close()
