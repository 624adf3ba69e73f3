"""The collector of cycles, as the server sets it when it has started: in a process of its own."""

import subprocess
import sys

PROCESS = """
import gc, weakref
import agents.workbench
from agents import collector

class Pair:
    pass

loaded = len(gc.get_objects())
collector.spare_what_is_loaded()
assert gc.get_freeze_count() > 100_000, gc.get_freeze_count()
assert len(gc.get_objects()) < loaded / 100
pair = Pair()
pair.itself = pair
seen = weakref.ref(pair)
del pair
assert seen() is not None
many = [[] for _ in range(2 * collector.YOUNG)]
assert seen() is None
"""


def test_what_is_loaded_is_walked_no_more_and_a_new_cycle_is_still_collected() -> None:
    subprocess.run([sys.executable, "-c", PROCESS], check=True)
