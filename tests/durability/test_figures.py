"""What `benchmarks.durability` reckons from its ledger."""

from benchmarks.durability import repeated_per_kill
from benchmarks.killing import client
from benchmarks.killing.verdict import flights
from storage.clock import now
from storage.runs import Event


def line(kind: str, life: int, node: str) -> dict[str, object]:
    return {"kind": kind, "life": life, "run": "r", "node": node, "call": "say"}


def test_a_call_made_again_belongs_to_the_kill_that_found_it_in_flight() -> None:
    told = [
        *(line("asked", 1, node) for node in ("left", "right", "far", "middle")),
        line("asked", 3, "left"),  # life 2 was killed before it asked anything
        line("kept", 3, "left"),
        line("asked", 3, "right"),
        line("asked", 4, "right"),
        line("kept", 4, "right"),
    ]
    assert flights(told) == ([(4, 2), (1, 1)], [])
    assert repeated_per_kill([(4, 2), (1, 1)]) == (0.75, 1.0)


def test_a_kept_call_made_again_is_told_and_breaks_the_bound() -> None:
    told = [
        line("asked", 1, "left"),
        line("kept", 1, "left"),
        line("asked", 2, "left"),
        line("kept", 2, "left"),
    ]
    found, again = flights(told)
    assert (found, again) == ([(0, 1)], [("r", "left", "say")])
    assert repeated_per_kill(found)[1] > 1


def test_without_a_call_in_flight_nothing_is_repeated() -> None:
    assert repeated_per_kill([]) == (0.0, 0.0)


def test_a_diagnosis_that_was_taken_up_again_has_the_record_of_one_that_never_broke_off() -> None:
    whole = client.unbroken(0)
    places = [client.PLACES[0] if "after" in data else client.PLACES[1] for _, data in whole]
    record, numbers = [], {}
    for place, (kind, data) in enumerate(whole):
        if place % 3 == 0:
            record.append(Event("r", len(record) + 1, "recovered", now(), {"checkpoint": None}))
        numbers[place] = len(record) + 1
        name = places[place]
        shifted = {**data, name: numbers[data[name]]} if name in data else data
        record.append(Event("r", len(record) + 1, kind, now(), shifted))
    assert client.told(record) == whole
    assert client.told([*record, record[-1]]) != whole
    assert client.told(record[:-1]) != whole
    acts = [act for event in record if (act := client.taken(event)) is not None]
    assert (acts[0], len(acts), acts[-1]) == ("confirmed", client.ANSWERS + 2, "conclusion_wanted")
