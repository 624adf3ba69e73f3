"""Answer to next question drawn, on a real server: `python -m benchmarks.page`.

A server of its own with an empty data folder; sessions speak the app's WebSocket protocol, as a browser
does. Measured is the server's time: from the message that carries the click to the message that says the
script has finished, with everything to draw sent before it.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.server import Server
from benchmarks.session import Session

COMPLAINTS = (
    "Our sales dropped 20 % this quarter, mostly in the north",
    "Profit fell by a third this year while revenue stayed flat",
    "Orders leave the warehouse 5 days late since September",
)


def main() -> None:
    """Print the table and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=120, help="answers to time")
    parser.add_argument("--starts", type=int, default=3, help="cold starts to time; the median counts")
    options = parser.parse_args()
    starts = [_cold_start() for _ in range(options.starts)]
    times = _answers(options.answers)
    quantiles = statistics.quantiles(times, n=20)
    print(f"{'answers':>10}{'p50 ms':>10}{'p95 ms':>10}{'max ms':>10}{'cold start s':>14}")
    print(
        f"{len(times):>10}{statistics.median(times):>10.1f}{quantiles[18]:>10.1f}{max(times):>10.1f}", end=""
    )
    print(f"{statistics.median(starts):>14.2f}")
    figures = {"answer_ms_p95": round(quantiles[18], 1), "cold_start_s": round(statistics.median(starts), 2)}
    print(json.dumps(figures))


def _cold_start() -> float:
    """Seconds from starting the process to the first page drawn in full."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder)) as server,
        Session(server.port) as session,
    ):
        session.open()
        return server.seconds_since_start()


def _answers(wanted: int) -> list[float]:
    """Milliseconds from click to drawn, over as many sessions as are needed."""
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        number = 0
        while len(times) < wanted:
            with Session(server.port) as session:
                times += _one_session(session, COMPLAINTS[number % len(COMPLAINTS)], number)
            number += 1
    return times[:wanted]


def _one_session(session: Session, complaint: str, number: int) -> list[float]:
    session.open()
    session.type("complaint", complaint)
    session.click("Start the diagnosis")
    session.click("Confirm and ask the first question")
    times = []
    while answers := session.buttons("answer-"):
        times.append(1000 * session.click_key(answers[number % (len(answers) - 1)]))
    if not times:
        raise RuntimeError(f"no question was drawn; the page says: {session.texts()[:500]}")
    return times


if __name__ == "__main__":
    main()
