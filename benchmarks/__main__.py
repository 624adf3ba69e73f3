"""Runs every benchmark at a small size: `python -m benchmarks`."""

import subprocess
import sys
from pathlib import Path

SMALL: dict[str, list[str]] = {
    "diagnosis": ["--cases", "40", "--curve-cases", "5"],
    "page": ["--answers", "30"],
    "mece": [],
    "overhead": ["--calls", "100"],
    "routing": [],
    "forecast": ["--histories", "100"],
    "store": ["--calls", "20000", "--stored", "20000", "--plain-calls", "200"],
    "dashboards": ["--calls", "30000", "--rounds", "2"],
    "durability": ["--kills", "20"],
    "runner": ["--runs", "50", "--at-once", "50", "--growth", "200"],
    "cancelling": ["--cancels", "9", "--streams", "5"],
    "sessions": ["--first", "5", "--most", "5", "--seconds", "8", "--think", "2"],
    "watching": ["--rounds", "1", "--word-ms", "5"],
    "search": ["--runs", "2000", "--searches", "5"],
}
"""Arguments for a run that ends within seconds; the README names the full sizes."""


def main() -> int:
    """Run them one after the other; returns how many failed."""
    failed = []
    for name, arguments in SMALL.items():
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
        if subprocess.run(command, cwd=Path(__file__).parents[1], check=False).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all benchmarks ran")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
