"""What became of it all: the store against the ledger, once every run has had its chance to end."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.killing import client
from benchmarks.killing.graphs import BRANCHES, CHAIN
from benchmarks.killing.ledger import Line, lines, said
from benchmarks.killing.life import LEDGER, STORE
from storage import runs
from storage.db import Store
from storage.runs import Event, Run

Key = tuple[str, str, str]
"""Run, node and call."""
EVERY: tuple[runs.Status, ...] = ("queued", "running", "waiting", "completed", "failed", "cancelled")


@dataclass(frozen=True)
class Verdict:
    """Figures of the last line, and what they rest on."""

    runs: int
    queued: int
    """Those among them that came in batches."""
    diagnoses: int
    """Those among them that were diagnoses, with a checkpoint at each pause and end alone."""
    runs_lost: int
    """Admitted, and not known or not ended as completed."""
    wrong_results: int
    """Runs whose record is not what it must be (a step missing, doubled, or with another figure), and
    starts at which the store said that records were missing."""
    journaled_calls_repeated: int
    """Requests for a reply that was on disk already."""
    duplicate_calls: int
    """Requests repeated although no process had died, and rows without a request of their own."""
    answers_lost: int
    """A person's answers that were taken and are not in the record exactly once."""
    flights: tuple[tuple[int, int], ...]
    """For each kill that found calls in flight: how many, each in a parallel branch of its own, and how
    many requests were made again because of it."""
    faults: tuple[str, ...]
    """The first few in words."""


def verdict(folder: Path) -> Verdict:
    """Read store and ledger; the process that worked has ended."""
    told = lines(folder / LEDGER)
    with closing(Store.open(folder / STORE)) as store:
        found = {run.run_id: run for run in runs.with_status(store, EVERY)}
        records = {run_id: runs.events(store, run_id) for run_id in found}
        rows = _rows(store)
    asked = _asked(told)
    admitted = {line["run"] for line in told if line["kind"] == "admitted"} | found.keys()
    lost = [run_id for run_id in admitted if run_id not in found or found[run_id].status != "completed"]
    wrong = [
        run_id for run_id, run in found.items() if run_id not in lost and _is_wrong(run, records[run_id])
    ]
    wrong += [key[0] for key in asked if not rows[key] and key[0] not in (*lost, *wrong)]
    answers = [line for line in told if line["kind"] == "answered"]
    given = {run_id: Counter(_given(record)) for run_id, record in records.items()}
    unanswered = [line["run"] for line in answers if given.get(line["run"], {}).get(line["value"]) != 1]
    flown, kept_again = flights(told)
    in_one_life = sum(n - 1 for lives in asked.values() for n in Counter(lives).values())
    unasked = sum(max(0, n - len(asked.get(key, ()))) for key, n in rows.items())
    alarms = [line["sentence"] for line in told if line["kind"] == "gap"]
    faults = [
        *(f"run {run_id} is lost: {_told_of(found.get(run_id), records.get(run_id, []))}" for run_id in lost),
        *(f"run {run_id} is wrong: {_told_of(found[run_id], records[run_id])}" for run_id in wrong),
        *(f"call {key} was paid again" for key in kept_again),
        *(f"the answer of {run_id} is lost" for run_id in unanswered),
        *(f"said although nothing was cut: {sentence}" for sentence in alarms),
    ]
    return Verdict(
        runs=len(admitted),
        queued=sum(run.queue is not None for run in found.values()),
        diagnoses=sum(run.kind == client.KIND for run in found.values()),
        runs_lost=len(lost),
        wrong_results=len(wrong) + len(alarms),
        journaled_calls_repeated=len(kept_again),
        duplicate_calls=in_one_life + unasked,
        answers_lost=len(unanswered),
        flights=tuple(flown),
        faults=tuple(faults[:10]),
    )


def plain(found: Verdict) -> dict[str, object]:
    """The verdict as JSON can hold it."""
    return asdict(found)


def _asked(told: Iterable[Line]) -> dict[Key, list[int]]:
    """For each call the lives in which the provider got its request."""
    asked: dict[Key, list[int]] = defaultdict(list)
    for line in told:
        if line["kind"] == "asked":
            asked[_key(line)].append(line["life"])
    return asked


def flights(told: Sequence[Line]) -> tuple[list[tuple[int, int]], list[Key]]:
    """Calls in flight and requests made again for each kill that had any, and calls made again though kept.

    A request that was made again belongs to the kill of the life in which the call was asked before.
    """
    kept: set[Key] = set()
    asked_in: dict[Key, int] = {}
    open_calls: dict[int, set[Key]] = defaultdict(set)
    repeated: Counter[int] = Counter()
    again = []
    for line in told:
        if line["kind"] not in ("asked", "kept"):
            continue
        key, life = _key(line), line["life"]
        if line["kind"] == "kept":
            kept.add(key)
            open_calls[life].discard(key)
            continue
        again += [key] if key in kept else []
        if key in asked_in:
            repeated[asked_in[key]] += 1
        asked_in[key] = life
        open_calls[life].add(key)
    lives = sorted({life for life, keys in open_calls.items() if keys} | repeated.keys())
    return [(len(open_calls[life]), repeated[life]) for life in lives], again


def _rows(store: Store) -> Counter[Key]:
    """How many rows of attempts each call has."""
    rows = store.read("select run_id, idempotency_key as key from calls")
    return Counter((row["run_id"], *row["key"].split(":")[1:3]) for row in rows)


def _is_wrong(run: Run, record: Sequence[Event]) -> bool:
    """Whether a completed run's record differs from the only right one."""
    if [event.seq for event in record] != list(range(1, len(record) + 1)):
        return True
    if run.kind == client.KIND:
        return client.told(record) != client.unbroken(client.variant(run.run_id))
    steps = [(event.kind, event.data) for event in record if event.kind not in client.TOOLS_OWN]
    return steps != _right(run, record)


def _right(run: Run, record: Sequence[Event]) -> list[tuple[str, dict[str, int]]]:
    def number(node: str, call: str = "say") -> dict[str, int]:
        return {"number": said(run.run_id, node, call)}

    if run.kind == "chain":
        return [*((node, number(node)) for node in CHAIN), ("completed", {})]
    if run.kind == "fan":
        return [("meet", {"number": sum(number(node)["number"] for node in BRANCHES)}), ("completed", {})]
    value = next((event.data["value"] for event in record if event.kind == "answered"), -1)
    return [("put", number("put")), ("answered", {"value": value}), ("take", number("take", str(value)))]


def _given(record: Sequence[Event]) -> list[int | str]:
    """What a person did: the value of an answer, or the acts in a diagnosis."""
    acts = (event.data["value"] if _is_value(event) else client.taken(event) for event in record)
    return [act for act in acts if act is not None]


def _is_value(event: Event) -> bool:
    return event.kind == "answered" and "value" in event.data


def _told_of(run: Run | None, record: Sequence[Event]) -> str:
    if run is None:
        return "unknown to the store"
    told = "; ".join(f"{event.seq} {event.kind} {event.data}" for event in record)
    return f"{run.kind} {run.status} {run.error_type or ''} {told}"


def _key(line: Line) -> Key:
    return line["run"], line["node"], line["call"]
