"""How well the engine diagnoses simulated clients: `python -m benchmarks.diagnosis`.

Each case is a client with a hidden cause whose answers are drawn from the playbook's table with errors
of 0.5 nats, 8 % wrong answers and 15 % "don't know" (which use up a question). All policies meet the
same clients under the same stop rule. Cases outside the list come in two kinds, half each: the true
cause was struck from the playbook (leave one out), and a client who answers every question as another
cause would. A planted stated cause is a wrong one of the list, or one the list lacks, half each.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from agents.diagnosis import form, inquiry, simulate
from agents.diagnosis.inquiry import METHOD, Method, Table
from agents.diagnosis.loading import load_library
from agents.diagnosis.playbook import SOMETHING_ELSE, Playbook
from agents.diagnosis.simulate import Client, Session

OUTSIDE_SHARE = 0.15
"""Share of outside cases in the mix that calibration is measured on."""


@dataclass
class Tally:
    """Outcomes of one playbook's cases."""

    cases: int = 0
    outside: int = 0
    stated: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    choice_ms: list[float] = field(default_factory=list)
    confidence: list[tuple[float, bool, float]] = field(default_factory=list)
    """Belief in the leader, whether it was right, weight in the mix."""
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    inseparable: int = 0

    def share(self, name: str, of: int | None = None) -> float:
        """A count as share of the cases (or of `of`)."""
        total = self.cases if of is None else of
        return self.counts[name] / total if total else float("nan")


def measure(playbook: Playbook, cases: int, seed: int, method: Method = METHOD) -> Tally:
    """Simulate one playbook under all policies."""
    rng = np.random.default_rng(seed)
    table = inquiry.table(playbook, None, method)
    form.best_form(table)
    tally = Tally(cases=cases, inseparable=len(inquiry.inseparable(table)))
    for number, hidden in enumerate(simulate.hidden_causes(playbook, cases, rng)):
        client = simulate.client(playbook, hidden, rng)
        own = _timed_adaptive(tally, table, client)
        _count_inside(tally, table, client, own)
        _count_rivals(tally, table, client, number)
        _count_stated(tally, playbook, table, client, own, number, rng, method)
    _count_outside(tally, playbook, max(cases // 2, 1), rng, method)
    return tally


def _timed_adaptive(tally: Tally, table: Table, client: Client) -> Session:
    def policy(table: Table, answers: dict[str, str], asked: list[str]) -> str | None:
        start = time.perf_counter()
        chosen = simulate.adaptive(table, answers, asked)
        tally.choice_ms.append((time.perf_counter() - start) * 1000)
        return chosen

    return simulate.play(table, client, policy)


def _count_inside(tally: Tally, table: Table, client: Client, own: Session) -> None:
    top = own.top(table)
    best = [table.causes[i] for i in np.argsort(-own.belief)[:3]]
    tally.counts["top1"] += top == client.hidden
    tally.counts["top3"] += client.hidden in best
    tally.counts["questions"] += len(own.asked)
    tally.counts["decided"] += own.decided
    tally.counts["right"] += own.decided and top == client.hidden
    tally.confidence.append((float(own.belief.max()), top == client.hidden, 1 - OUTSIDE_SHARE))
    if top != client.hidden:
        tally.confusions[str(client.hidden), top] += 1


def _count_rivals(tally: Tally, table: Table, client: Client, number: int) -> None:
    fixed = simulate.play(table, client, simulate.fixed_form)
    tally.counts["form_top1"] += fixed.top(table) == client.hidden
    tally.counts["form_questions"] += len(fixed.asked)
    tally.counts["form_decided"] += fixed.decided
    drawn = simulate.play(table, client, simulate.random_order(number))
    tally.counts["random_top1"] += drawn.top(table) == client.hidden


def _count_stated(
    tally: Tally,
    playbook: Playbook,
    table: Table,
    client: Client,
    own: Session,
    number: int,
    rng: np.random.Generator,
    method: Method,
) -> None:
    """A listed stated cause changes no number, so only its marking could flip a verdict: none is left out."""
    planted = table if number % 2 else inquiry.table(playbook, "stated_by_client", method)
    again = simulate.play(planted, client, simulate.adaptive)
    same = again.decided == own.decided and (not own.decided or again.top(planted) == own.top(table))
    tally.stated += 1
    tally.counts["flips"] += not same
    blamed = rng.choice([c.id for c in playbook.causes if c.id != client.hidden])
    misled = simulate.client(
        playbook, str(client.hidden), rng, simulate.Character("misled", misled=0.25), str(blamed)
    )
    talked_into = simulate.play(table, misled, simulate.adaptive)
    tally.counts["misled_right"] += talked_into.top(table) == client.hidden


def _count_outside(
    tally: Tally, playbook: Playbook, cases: int, rng: np.random.Generator, method: Method
) -> None:
    for number, hidden in enumerate(simulate.hidden_causes(playbook, cases, rng)):
        if number % 2:
            table = inquiry.table(playbook, None, method)
            session = simulate.play(table, simulate.incoherent_client(playbook, rng), simulate.adaptive)
            tally.counts["incoherent_decided"] += session.decided
        else:
            table = inquiry.table(simulate.without(playbook, hidden), None, method)
            session = simulate.play(table, simulate.client(playbook, hidden, rng), simulate.adaptive)
            tally.counts["left_out_decided"] += session.decided
        tally.outside += 1
        tally.counts["outside_decided"] += session.decided
        right = session.top(table) == SOMETHING_ELSE
        weight = OUTSIDE_SHARE * tally.cases / cases
        tally.confidence.append((float(session.belief.max()), right, weight))


def calibration_error(confidence: Iterable[tuple[float, bool, float]], bins: int = 10) -> float:
    """Expected calibration error over equal-width bins, weighted."""
    data = np.array([(p, float(right), w) for p, right, w in confidence])
    which = np.minimum((data[:, 0] * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = data[which == b]
        if len(inside):
            weight = inside[:, 2]
            gap = np.average(inside[:, 0], weights=weight) - np.average(inside[:, 1], weights=weight)
            error += abs(gap) * weight.sum() / data[:, 2].sum()
    return float(error)


def summary(tallies: list[Tally]) -> dict[str, float]:
    """The figures of the last line, over all playbooks."""
    total = Tally()
    for tally in tallies:
        total.cases += tally.cases
        total.outside += tally.outside
        total.stated += tally.stated
        total.counts += tally.counts
        total.choice_ms += tally.choice_ms
        total.confidence += tally.confidence
        total.inseparable += tally.inseparable
    figures = {
        "top1_adaptive": total.share("top1"),
        "top1_form": total.share("form_top1"),
        "top1_random": total.share("random_top1"),
        "top3_adaptive": total.share("top3"),
        "questions_adaptive": total.share("questions"),
        "questions_form": total.share("form_questions"),
        "decided": total.share("decided"),
        "right_when_decided": total.share("right", total.counts["decided"]),
        "outside_decided": total.share("outside_decided", total.outside),
        "flip_stated": total.share("flips", total.stated),
        "ece": calibration_error(total.confidence),
        "choice_ms_p95": float(np.percentile(total.choice_ms, 95)),
    }
    rounded = {name: round(value, 4) for name, value in figures.items()}
    return {**rounded, "inseparable_pairs": total.inseparable, "cases": total.cases}


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


def print_row(name: str, figures: dict[str, float]) -> None:
    """One line of the table."""
    print(f"{name:18}" + "".join(f"{figures[key]:>10.3f}" for key in COLUMNS.values()))


def print_extra(name: str, tally: Tally) -> None:
    """Confusions and the two kinds of outside cases of one playbook."""
    half = max(tally.outside // 2, 1)
    kinds = {kind: tally.counts[f"{kind}_decided"] / half for kind in ("left_out", "incoherent")}
    pairs = ", ".join(f"{a} taken for {b} ({n})" for (a, b), n in tally.confusions.most_common(4))
    print(
        f"  {name}: outside decided, cause left out {kinds['left_out']:.3f}, incoherent {kinds['incoherent']:.3f};"
    )
    print(f"    client misled in a quarter of the answers: top1 {tally.share('misled_right'):.3f}; {pairs}")


def print_curve(playbooks: list[Playbook], cases: int, seed: int) -> None:
    """What deciding more costs in being fooled."""
    print(f"\nTrade-off ({cases} cases a playbook): deciding against being fooled")
    print(f"{'other':>7}{'tempering':>11}{'bar':>6}{'decided':>10}{'right':>8}{'outside':>9}{'ece':>8}")
    for other in (0.10, 0.20, 0.30):
        for tempering in (0.5, 0.7, 1.0):
            for bar in (0.80, 0.90):
                method = replace(METHOD, other_prior=other, tempering=tempering, bar=bar)
                figures = summary([measure(p, cases, seed, method) for p in playbooks])
                print(
                    f"{other:>7.2f}{tempering:>11.2f}{bar:>6.2f}{figures['decided']:>10.3f}"
                    f"{figures['right_when_decided']:>8.3f}{figures['outside_decided']:>9.3f}{figures['ece']:>8.3f}"
                )


def main() -> None:
    """Print the table, the curve and the line of figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=300, help="cases per playbook")
    parser.add_argument("--curve-cases", type=int, default=30, help="per playbook and point of the curve")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--playbook", help="only this one (its id)")
    options = parser.parse_args()
    playbooks = [p for p in load_library(None).playbooks.values() if options.playbook in (None, p.id)]
    print(f"{'playbook':18}" + "".join(f"{name:>10}" for name in COLUMNS))
    tallies = []
    for playbook in playbooks:
        tallies.append(measure(playbook, options.cases, options.seed))
        print_row(playbook.id, summary(tallies[-1:]))
    total = summary(tallies)
    print_row("all", total)
    for playbook, tally in zip(playbooks, tallies, strict=True):
        print_extra(playbook.id, tally)
    if options.curve_cases:
        print_curve(playbooks, options.curve_cases, options.seed)
    print(json.dumps(total))


if __name__ == "__main__":
    main()
