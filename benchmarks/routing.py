"""How often the router, without a model, sends a request to the right agent, and how often it asks back.

    python -m benchmarks.routing                  the held-out third of the shipped cases
    python -m benchmarks.routing --cases FILE     other cases, one JSON object per line:
                                                  {"text": ..., "label": ...,
                                                   "attached": "csv" | "pdf" | null}

What counts:

- A case with an agent's label is right for `accuracy` when its label comes first, whether the decision was
  sure or the person was asked back. If `unclear` comes first, the case is wrong.
- A case labelled `unclear` is right when the person is asked back, whatever label comes first.
- `macro_f1` is the mean F1 over the labels that occur. A case's predicted label is the one that comes
  first; for `unclear` cases it is `unclear` when the person is asked back.
- `asked_back` is the share asked back among the cases that are not `unclear`.
- `accuracy_when_sure` is taken over all sure decisions, `unclear` cases included (they are wrong there).
- `ms_p95` is the 95th percentile of classify + decide, one case at a time, with the model loaded.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles
from time import perf_counter

from agents.routing.cases import Case, read_cases, shipped
from agents.routing.lexical import UNCLEAR, Decision, Ranking, classify, decide


@dataclass(frozen=True, slots=True)
class Outcome:
    case: Case
    ranking: Ranking
    decision: Decision
    milliseconds: float

    @property
    def predicted(self) -> str:
        asked_rightly = self.case.label == UNCLEAR and not self.decision.sure
        return UNCLEAR if asked_rightly else self.ranking.best

    @property
    def right(self) -> bool:
        return self.predicted == self.case.label and not (self.case.label == UNCLEAR and self.decision.sure)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=Path, help="file with cases, one JSON object per line")
    chosen = parser.parse_args(arguments)
    cases = read_cases(chosen.cases) if chosen.cases else shipped("held_out")
    if not cases:
        parser.error("There are no cases to route.")
    report([route(case) for case in warmed(cases)])


def warmed(cases: list[Case]) -> list[Case]:
    """Load the model before anything is timed."""
    classify("warm up")
    return cases


def route(case: Case) -> Outcome:
    start = perf_counter()
    ranking = classify(case.text, case.attached)
    decision = decide(ranking)
    return Outcome(case, ranking, decision, 1000 * (perf_counter() - start))


def report(outcomes: list[Outcome]) -> None:
    """Tables, then one JSON line."""
    labels = sorted({o.case.label for o in outcomes} | {o.predicted for o in outcomes})
    _print_labels(outcomes, labels)
    _print_confusion(outcomes, labels)
    _print_shares("Language", outcomes, lambda outcome: outcome.case.lang or "unknown")
    _print_shares("Attached", outcomes, lambda outcome: outcome.case.attached or "nothing")
    _print_reliability(outcomes)
    print(f"\nOf the unclear cases {_share_asked(_unclear(outcomes))} are asked back.")
    print("\n" + json.dumps(figures(outcomes)))


def figures(outcomes: list[Outcome]) -> dict[str, float | None]:
    clear = [outcome for outcome in outcomes if outcome.case.label != UNCLEAR]
    sure = [outcome for outcome in outcomes if outcome.decision.sure]
    f1 = [_scores(outcomes, label)[2] for label in sorted({o.case.label for o in outcomes})]
    return {
        "accuracy": _rounded(mean(outcome.right for outcome in outcomes)),
        "macro_f1": _rounded(mean(f1)),
        "asked_back": _rounded(mean(not outcome.decision.sure for outcome in clear)) if clear else None,
        "accuracy_when_sure": _rounded(mean(outcome.right for outcome in sure)) if sure else None,
        "ms_p95": round(_p95([outcome.milliseconds for outcome in outcomes]), 2),
    }


def _scores(outcomes: list[Outcome], label: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of one label; 0 where nothing was predicted or wanted."""
    hits = sum(o.predicted == o.case.label == label for o in outcomes)
    predicted = sum(o.predicted == label for o in outcomes)
    wanted = sum(o.case.label == label for o in outcomes)
    precision, recall = hits / max(1, predicted), hits / max(1, wanted)
    return precision, recall, 2 * hits / max(1, predicted + wanted)


def _print_labels(outcomes: list[Outcome], labels: list[str]) -> None:
    print(f"{'label':<10} {'cases':>6} {'precision':>10} {'recall':>7} {'F1':>6} {'asked back':>11}")
    for label in labels:
        own = [outcome for outcome in outcomes if outcome.case.label == label]
        precision, recall, f1 = _scores(outcomes, label)
        print(
            f"{label:<10} {len(own):>6} {precision:>10.3f} {recall:>7.3f} {f1:>6.3f} {_share_asked(own):>11}"
        )


def _print_confusion(outcomes: list[Outcome], labels: list[str]) -> None:
    counts = Counter((outcome.case.label, outcome.predicted) for outcome in outcomes)
    width = max(map(len, labels)) + 1
    print("\nRows: label of the case; columns: label that came first.")
    print(" " * width + "".join(f"{label[:8]:>9}" for label in labels))
    for wanted in labels:
        cells = (counts[wanted, predicted] for predicted in labels)
        print(f"{wanted:<{width}}" + "".join(f"{cell or '·':>9}" for cell in cells))


def _print_shares(title: str, outcomes: list[Outcome], key: Callable[[Outcome], str]) -> None:
    print(f"\n{title:<10} {'cases':>6} {'accuracy':>9} {'asked back':>11} {'when sure':>10}")
    for value in sorted({key(outcome) for outcome in outcomes}):
        own = [outcome for outcome in outcomes if key(outcome) == value]
        counted = figures(own)
        cells = (counted["accuracy"], counted["asked_back"], counted["accuracy_when_sure"])
        accuracy, asked, sure = ("unknown" if cell is None else f"{cell:.3f}" for cell in cells)
        print(f"{value:<10} {len(own):>6} {accuracy:>9} {asked:>11} {sure:>10}")


def _print_reliability(outcomes: list[Outcome]) -> None:
    """Stated confidence against how often the first label was the case's own."""
    print(f"\n{'confidence':<12} {'cases':>6} {'stated':>7} {'right':>6}")
    for low in range(0, 10):
        own = [o for o in outcomes if min(9, int(10 * o.ranking.confidence)) == low]
        if own:
            stated = mean(outcome.ranking.confidence for outcome in own)
            right = mean(outcome.ranking.best == outcome.case.label for outcome in own)
            print(f"{low / 10:.1f} to {(low + 1) / 10:.1f}   {len(own):>6} {stated:>7.2f} {right:>6.2f}")


def _unclear(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.case.label == UNCLEAR]


def _share_asked(outcomes: list[Outcome]) -> str:
    return f"{mean(not o.decision.sure for o in outcomes):.3f}" if outcomes else "none"


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def _rounded(value: float) -> float:
    return round(value, 4)


if __name__ == "__main__":
    main()
