"""How well the engine diagnoses, and whether it holds its gates: `python -m benchmarks.diagnosis`.

Prints a table per playbook, the gates, the trade-off between deciding and being fooled, and one JSON
line last. What is simulated, and how it is counted, stands in `simulation.py`.
"""

import argparse
import json
import math
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import product

from agents.diagnosis.inquiry import METHOD
from agents.diagnosis.loading import load_library
from agents.diagnosis.playbook import Playbook
from benchmarks.simulation import Tally, calibration_error, measure, summary, total, verdicts

COLUMNS = {
    "top1": "top1_adaptive",
    "form": "top1_form",
    "random": "top1_random",
    "asked": "questions_adaptive",
    "form asks": "questions_form",
    "decided": "decided",
    "right": "right_when_decided",
    "outside": "outside_decided",
    "flips": "flip_stated",
    "ece": "ece",
}
CURVE = tuple(product((0.05, 0.10, 0.20), (0.5, 0.7, 0.9), (0.80, 0.90, 0.94, 0.97)))
"""Prior of "something else", tempering and bar along the trade-off; all other constants stay."""

Gate = tuple[str, bool, str]
"""Name, whether it holds, and the figures it rests on."""


def gates(found: dict[str, float], tally: Tally) -> list[Gate]:
    """The gates over all playbooks."""
    return [
        _beats_the_form(found),
        ("G2", found["ece"] <= 0.05, f"calibration error {found['ece']:.3f} (at most 0.05)"),
        (
            "G3",
            found["flip_stated"] <= 0.03,
            f"{found['flip_stated']:.1%} of {tally.counts['planted_verdicts']} verdicts flipped "
            "by a planted cause (at most 3 %)",
        ),
        (
            "G3 asked at once",
            found["flip_sought"] <= 0.03,
            f"{found['flip_sought']:.1%} of {tally.counts['sought_verdicts']} verdicts flipped where a wrong "
            f"suspicion of the client's own was tested as soon as it could be (at most 3 %); "
            f"{found['held_sought']:.1%} were held back",
        ),
        _decides_rightly(found),
        (
            "G5",
            tally.counts["replayed"] == tally.cases,
            f"{tally.counts['replayed']} of {tally.cases} beliefs came out the same, byte for byte, "
            "from the answers in reverse order",
        ),
        ("G6", found["inseparable_pairs"] == 0, f"{found['inseparable_pairs']} pairs no question separates"),
        (
            "G7",
            found["choice_ms_p95"] < 50,
            f"{found['choice_ms_p95']:.2f} ms a choice at p95 (below 50)",
        ),
    ]


def _beats_the_form(found: dict[str, float]) -> Gate:
    points = 100 * (found["top1_adaptive"] - found["top1_form"])
    saved = 1 - found["questions_adaptive"] / found["questions_form"]
    return (
        "G1",
        points >= 3 or (points >= -0.5 and saved >= 0.15),
        f"{points:+.1f} points of top 1 against the form (at least 3), {saved:.0%} fewer questions",
    )


def _decides_rightly(found: dict[str, float]) -> Gate:
    decided, right, outside = found["decided"], found["right_when_decided"], found["outside_decided"]
    return (
        "G4",
        right >= 0.85 and outside <= 0.07 and decided >= 0.55,
        f"right when decided {right:.3f} (at least 0.85), outside decided {outside:.3f} (at most 0.07), "
        f"decided {decided:.3f} (at least 0.55)",
    )


def print_row(name: str, figures: dict[str, float]) -> None:
    """One line of the table."""
    print(f"{name:18}" + "".join(f"{figures[key]:>10.3f}" for key in COLUMNS.values()))


def print_gates(found: dict[str, float], tally: Tally) -> None:
    """Each gate with its figures, and how far chance alone moves the two that trade off."""
    print()
    for name, holds, figures in gates(found, tally):
        print(f"{name} {'holds' if holds else 'does not hold'}: {figures}")
    errors = (
        math.sqrt(p * (1 - p) / max(n, 1))
        for p, n in (
            (found["decided"], tally.cases),
            (found["outside_decided"], tally.counts["outside"]),
        )
    )
    print("Standard errors of decided and outside decided: {:.3f}, {:.3f}".format(*errors))


def print_extra(name: str, tally: Tally) -> None:
    """What the gates do not show: the form's verdicts, outside cases by kind, doubts, misled clients."""
    pairs = ", ".join(f"{a} taken for {b} ({n})" for (a, b), n in tally.confusions.most_common(4))
    print(
        f"\n{name}: decided under the form {tally.share('form_decided'):.3f}\n"
        f"  outside decided: cause left out {tally.share('left_out_decided', 'left_out'):.3f}, "
        f"incoherent {tally.share('incoherent_decided', 'incoherent'):.3f}\n"
        f"  list doubted: outside {tally.share('outside_doubted', 'outside'):.3f}, "
        f"inside {tally.share('doubted'):.3f}\n"
        f"  planted cause: changes the table in {tally.share('table_changed'):.3f} of cases, "
        f"who leads in {tally.share('leader_changed'):.3f}\n"
        f"{_own_suspicion(tally)}"
        f"  client misled in a quarter of the answers: top 1 {tally.share('misled_top1'):.3f}, "
        f"decided {tally.share('misled_decided'):.3f}, right then "
        f"{tally.share('misled_right', 'misled_decided'):.3f}\n"
        f"  most confused: {pairs or 'none'}"
    )


def _own_suspicion(tally: Tally) -> str:
    """What becomes of a suspicion that the list lacks, with and without its question."""
    wrong, right = partial(tally.share, of="table_changed"), partial(tally.share, of="blamed")
    turned = partial(tally.share, of="sought_verdicts")
    return (
        f"  own suspicion, wrong: its question asked in {wrong('suspicion_tested'):.3f} of the cases; "
        f"decided {wrong('unsought_decided'):.3f} and top 1 {wrong('unsought_top1'):.3f}, or "
        f"{wrong('sought_decided'):.3f} and {wrong('sought_top1'):.3f} when it is asked as soon as it can be "
        f"(right then {tally.share('sought_right', 'sought_decided'):.3f})\n"
        f"  own suspicion, wrong, asked as soon as it can be: {turned('sought_flips'):.3f} of the verdicts "
        f"flip ({turned('sought_another'):.3f} to another cause), {turned('sought_held'):.3f} are held back "
        f"by the answer “there too”, {turned('sought_gained'):.3f} come about, rightly\n"
        f"  own suspicion, the cause: leads in {right('blamed_tested_leads'):.3f} of the cases "
        f"({right('blamed_sought_leads'):.3f} when asked at once, {right('blamed_untested_leads'):.3f} "
        f"without its question); another cause decided {right('blamed_tested_decided'):.3f} "
        f"({right('blamed_sought_decided'):.3f}, {right('blamed_untested_decided'):.3f})\n"
    )


def print_curve(playbooks: list[Playbook], cases: int, seed: int) -> None:
    """What deciding more costs in being fooled; the setting in use is marked."""
    print(f"\nTrade-off ({cases} cases a playbook): deciding against being fooled")
    print(f"{'other':>7}{'tempering':>11}{'bar':>6}{'decided':>10}{'right':>8}{'outside':>9}{'ece':>8}")
    for other, tempering, bar in CURVE:
        method = replace(METHOD, other_prior=other, tempering=tempering, bar=bar)
        tally = total(verdicts(p, cases, seed, method)[0] for p in playbooks)
        print(
            f"{other:>7.2f}{tempering:>11.2f}{bar:>6.2f}"
            f"{tally.share('decided'):>10.3f}{tally.share('right', 'decided'):>8.3f}"
            f"{tally.share('outside_decided', 'outside'):>9.3f}{calibration_error(tally.confidence):>8.3f}"
            + ("  <- in use" if method == METHOD else "")
        )


def run(playbooks: Iterable[Playbook], cases: int, seed: int) -> dict[str, float]:
    """Print the table, the gates and the details; the figures over all playbooks."""
    print(f"{'playbook':18}" + "".join(f"{name:>10}" for name in COLUMNS))
    tallies = {}
    for playbook in playbooks:
        tallies[playbook.id] = measure(playbook, cases, seed)
        print_row(playbook.id, summary(tallies[playbook.id]))
    together = total(tallies.values())
    found = summary(together)
    print_row("all", found)
    print_gates(found, together)
    for name, tally in {"all": together, **tallies}.items():
        print_extra(name, tally)
    return found


def main() -> None:
    """Print the tables, the curve and the line of figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=300, help="cases per playbook")
    parser.add_argument("--curve-cases", type=int, default=30, help="per playbook and point of the curve")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--playbook", help="only this one (its id)")
    options = parser.parse_args()
    playbooks = [p for p in load_library(None).playbooks.values() if options.playbook in (None, p.id)]
    found = run(playbooks, options.cases, options.seed)
    if options.curve_cases:
        print_curve(playbooks, options.curve_cases, options.seed)
    print(json.dumps({name: None if math.isnan(value) else value for name, value in found.items()}))


if __name__ == "__main__":
    main()
