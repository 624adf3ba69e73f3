"""How well the tree checker finds planted faults, how often it cries wolf, and how long a check takes.

    python -m benchmarks.mece                    the seeded trees and their clean twins
    python -m benchmarks.mece --trees FOLDER     other people's trees, one JSON document per file

A file of the folder is a tree in the documented format (`agents/tree/document.py`), or a wrapper
`{"tree": {...}, "violates": "M4", "known_causes": {"id": "label"}}` in which everything but the tree may be
left out; `"violates": null` states that the tree is clean.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from agents.errors import BadInput
from agents.tree.document import load_tree
from agents.tree.mece import RULES, Finding, Report, check
from agents.tree.model import Leaf, Node, ProblemTree, Split, walk
from benchmarks.mece_seeds import Seed, seeds

NOT_WITHOUT_DATA = {"M6", "C1", "C2"}
CANNOT_BE_VIOLATED = {"M8", "C9", "I1"}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trees", type=Path, help="folder with trees to check, one JSON file each")
    parser.add_argument("--checks", type=int, default=200, help="checks to time at 100 nodes")
    chosen = parser.parse_args(arguments)
    if chosen.trees is not None:
        report_folder(chosen.trees)
    else:
        report_seeds(chosen.checks)


def report_seeds(checks: int) -> None:
    """Recall per rule, alarms on the twins, milliseconds per check; one JSON line last."""
    everything = list(seeds())
    faulty = [seed for seed in everything if seed.rule is not None]
    clean = [seed for seed in everything if seed.rule is None]
    found = {seed.name: is_found(seed) for seed in faulty}
    _print_recall(faulty, found)
    alarms = {seed.name: alarms_in(check(seed.tree)) for seed in clean}
    _print_alarms(clean, alarms)
    _print_coverage(faulty)
    p95 = p95_ms_at_100_nodes(checks)
    print(f"\nOne check of a tree of 100 nodes takes {p95:.1f} ms at the 95th percentile of {checks}.")
    figures = {
        "error_recall": _recall([s for s in faulty if s.severity == "error"], found),
        "warning_recall": _recall([s for s in faulty if s.severity == "warning"], found),
        "false_alarms_per_clean_tree": round(sum(map(len, alarms.values())) / len(clean), 3),
        "check_ms_p95_100_nodes": round(p95, 1),
    }
    print(json.dumps(figures))


def is_found(seed: Seed) -> bool:
    """Whether the planted fault is reported by its own rule, at its severity and at its place."""
    findings = check(seed.tree, seed.known_causes).findings
    near = _near(seed)
    return any(
        f.rule == seed.rule and f.severity == seed.severity and (near is None or f.node_id in near)
        for f in findings
    )


def _near(seed: Seed) -> set[str] | None:
    """The node that is meant, its parent and its children; None when no node is named."""
    if seed.where is None:
        return None
    near = {seed.where}
    for node in walk(seed.tree.root):
        children = {child.id for child in node.children}
        near |= {node.id} if seed.where in children else set()
        near |= children if node.id == seed.where else set()
    return near


def alarms_in(report: Report) -> list[Finding]:
    """Errors and warnings; hints are not alarms."""
    return [finding for finding in report.findings if finding.severity != "hint"]


def _recall(chosen: list[Seed], found: dict[str, bool]) -> float | None:
    return round(sum(found[seed.name] for seed in chosen) / len(chosen), 3) if chosen else None


def _print_recall(faulty: list[Seed], found: dict[str, bool]) -> None:
    by_rule: dict[tuple[str, str], list[Seed]] = defaultdict(list)
    for seed in faulty:
        by_rule[str(seed.rule), seed.severity].append(seed)
    print(f"{len(faulty)} faulty trees, one planted fault each\n")
    print(f"{'rule':5} {'severity':9} {'planted':>7} {'found':>6}   missed")
    order = list(RULES)
    for (rule, severity), chosen in sorted(
        by_rule.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
    ):
        missed = ", ".join(seed.name for seed in chosen if not found[seed.name])
        print(f"{rule:5} {severity:9} {len(chosen):7} {sum(found[s.name] for s in chosen):6}   {missed}")
    for held_out, label in ((False, "seen while tuning"), (True, "held out")):
        part = [seed for seed in faulty if seed.held_out == held_out]
        errors = _recall([s for s in part if s.severity == "error"], found)
        warnings = _recall([s for s in part if s.severity == "warning"], found)
        print(f"\n{label}: {len(part)} trees, recall of errors {errors}, of warnings {warnings}", end="")
    print()


def _print_alarms(clean: list[Seed], alarms: dict[str, list[Finding]]) -> None:
    print(f"\n{len(clean)} clean twins")
    for seed in clean:
        mark = " (held out)" if seed.held_out else ""
        print(f"  {seed.name}{mark}: {len(alarms[seed.name])} false alarms")
        for finding in alarms[seed.name]:
            print(f"    {finding.rule} {finding.severity}: {finding.message}")


def _print_coverage(faulty: list[Seed]) -> None:
    planted = Counter(seed.rule for seed in faulty)
    missing = [r for r in RULES if not planted[r] and r not in NOT_WITHOUT_DATA | CANNOT_BE_VIOLATED]
    print(f"\nRules without a planted fault that could have one: {', '.join(missing) or 'none'}")


def p95_ms_at_100_nodes(checks: int) -> float:
    """95th percentile of the time of one check, each on a tree whose texts no cache has met before."""
    times = []
    for number in range(checks):
        tree = hundred_nodes(number)
        start = time.perf_counter()
        check(tree)
        times.append((time.perf_counter() - start) * 1000)
    return quantiles(times, n=20)[18]


def hundred_nodes(number: int) -> ProblemTree:
    """A full tree of 100 nodes with plan and belief, worded anew for each number."""

    def leaf(index: int) -> Node:
        plan = Leaf(
            hypothesis=f"Order {number} lost {index} points of margin to late delivery in week {index}",
            analysis="Compare weeks",
            data_source="Order ledger",
            owner="Controller",
            effort_days=1 + index % 5,
            belief=1 / 75,
            severity=1 + index % 5,
            disproof="No difference",
        )
        return Node(id=f"leaf{index}", text=f"Supplier {number}-{index} delivers late", leaf=plan)

    split = Split(kind="free", dimension="what delays it", order="structure")
    groups = [
        Node(
            id=f"group{g}", text=f"Do plants of kind {g} fail?", split=split, children=tuple(map(leaf, part))
        )
        for g in range(20)
        if (part := range(g * 15 // 4, (g + 1) * 15 // 4))
    ]
    tops = [
        Node(
            id=f"top{t}", text=f"Does side {t} fail?", split=split, children=tuple(groups[5 * t : 5 * t + 5])
        )
        for t in range(4)
    ]
    root = Node(id="root", text=f"Why did delivery {number} fail?", split=split, children=tuple(tops))
    return ProblemTree(id="hundred", kind="why", title="Hundred nodes", sources=("Order ledger",), root=root)


def report_folder(folder: Path) -> None:
    """The findings of every file, whether a named fault was found, and the same JSON line."""
    recalls: dict[str, list[bool]] = defaultdict(list)
    clean_alarms: list[int] = []
    times: list[float] = []
    for path in sorted(folder.glob("*.json")):
        print(f"\n{path.name}")
        tree, wrapper = _read(path)
        if tree is None:
            continue
        start = time.perf_counter()
        report = check(tree, wrapper.get("known_causes"))
        times.append((time.perf_counter() - start) * 1000)
        for finding in report.findings:
            print(f"  {finding.rule} {finding.severity} {finding.node_id or '-'}: {finding.message}")
        _judge(report, wrapper, recalls, clean_alarms)
    print("\n" + json.dumps(_folder_figures(recalls, clean_alarms, times)))


def _read(path: Path) -> tuple[ProblemTree | None, dict[str, Any]]:
    """The tree of a file with its wrapper; no tree, and the reason printed, when it cannot be read."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    wrapper = data if isinstance(data, dict) and "tree" in data else {}
    try:
        return load_tree(json.dumps(wrapper["tree"]) if wrapper else text), wrapper
    except BadInput as refusal:
        print(f"  refused: {refusal}")
        return None, wrapper


def _judge(
    report: Report, wrapper: dict[str, Any], recalls: dict[str, list[bool]], clean_alarms: list[int]
) -> None:
    if "violates" not in wrapper:
        return
    rule = wrapper["violates"]
    if rule is None:
        clean_alarms.append(len(alarms_in(report)))
        print(f"  said to be clean: {clean_alarms[-1]} false alarms")
        return
    hits = [finding for finding in report.findings if finding.rule == rule]
    severity = wrapper.get("severity") or (hits[0].severity if hits else _usual_severity(rule))
    recalls[severity].append(bool(hits))
    print(f"  said to violate {rule}: {'found' if hits else 'NOT FOUND'}")


def _usual_severity(rule: str) -> str:
    errors = {"F1", "F2", "S1", "S2", "S5", "S6", "S10", "M1", "M4", "M5", "C4", "L1", "L5", "P1", "P4"}
    return "error" if rule in errors else "warning"


def _folder_figures(
    recalls: dict[str, list[bool]], clean_alarms: list[int], times: list[float]
) -> dict[str, float | None]:
    def share(found: list[bool]) -> float | None:
        return round(sum(found) / len(found), 3) if found else None

    return {
        "error_recall": share(recalls["error"]),
        "warning_recall": share(recalls["warning"]),
        "false_alarms_per_clean_tree": round(sum(clean_alarms) / len(clean_alarms), 3)
        if clean_alarms
        else None,
        "check_ms_p95_100_nodes": None,
        "check_ms_slowest": round(max(times), 1) if times else None,
    }


if __name__ == "__main__":
    main()
