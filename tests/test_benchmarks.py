"""Every benchmark that can be run is run by `make bench` and named in the README."""

from pathlib import Path

from benchmarks.__main__ import SMALL

ROOT = Path(__file__).parents[1]
MAKES_DATA = {"make_usage"}
"""Writes a store instead of measuring one."""


def runnable() -> set[str]:
    """Names of the modules that can be started."""
    files = [file for file in (ROOT / "benchmarks").glob("*.py") if file.stem != "__main__"]
    return {file.stem for file in files if '__name__ == "__main__"' in file.read_text(encoding="utf-8")}


def test_make_bench_runs_every_benchmark() -> None:
    assert set(SMALL) == runnable() - MAKES_DATA


def test_the_readme_names_every_benchmark() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in runnable() if f"python -m benchmarks.{name}" not in readme] == []
