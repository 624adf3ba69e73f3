"""Planted faults are found by their own rule, clean twins stay quiet, and remedies mend what they promise."""

import json
from pathlib import Path

import pytest

from agents.tree.document import dump_tree
from agents.tree.edit import apply
from agents.tree.mece import RULES, check, criterion
from agents.tree.ops import read_op
from benchmarks.mece import CANNOT_BE_VIOLATED, NOT_WITHOUT_DATA, alarms_in, is_found, main
from benchmarks.mece_seeds import Seed, seeds

EVERYTHING = list(seeds())
CLEAN = [seed for seed in EVERYTHING if seed.rule is None]
ERRORS = [seed for seed in EVERYTHING if seed.rule is not None and seed.severity == "error"]


@pytest.mark.parametrize("seed", ERRORS, ids=lambda seed: f"{seed.rule}-{seed.name}")
def test_a_planted_error_is_found_at_its_place(seed: Seed) -> None:
    assert is_found(seed)


@pytest.mark.parametrize("seed", CLEAN, ids=lambda seed: seed.name)
def test_a_clean_tree_raises_no_alarm(seed: Seed) -> None:
    assert [finding.message for finding in alarms_in(check(seed.tree))] == []


def test_nearly_every_planted_warning_is_found() -> None:
    warnings = [seed for seed in EVERYTHING if seed.severity == "warning"]
    missed = [seed.name for seed in warnings if not is_found(seed)]
    assert len(missed) <= 0.05 * len(warnings), missed


def test_every_rule_that_can_be_violated_has_a_planted_fault() -> None:
    planted = {seed.rule for seed in EVERYTHING}
    assert set(RULES) - planted == NOT_WITHOUT_DATA | CANNOT_BE_VIOLATED


def test_every_rule_says_what_it_demands() -> None:
    assert all(criterion(rule).endswith(".") for rule in RULES)


def _remedies() -> list[tuple[Seed, str]]:
    whole = [seed for seed in EVERYTHING if seed.rule not in (None, "S1")]
    return [
        (seed, finding.rule)
        for seed in whole
        for finding in check(seed.tree, seed.known_causes).findings
        if finding.rule == seed.rule and finding.remedy is not None
    ]


REMEDIES = _remedies()


@pytest.mark.parametrize(("seed", "rule"), REMEDIES, ids=[f"{rule}-{seed.name}" for seed, rule in REMEDIES])
def test_a_remedy_mends_its_finding(seed: Seed, rule: str) -> None:
    before = [f for f in check(seed.tree, seed.known_causes).findings if f.rule == rule]
    remedy = next(f.remedy for f in before if f.remedy is not None)
    mended = apply(seed.tree, read_op(remedy.model_dump_json()))
    after = [f for f in check(mended, seed.known_causes).findings if f.rule == rule]
    assert len(after) < len(before)


def test_remedies_exist_for_many_rules() -> None:
    assert {rule for _, rule in REMEDIES} >= {
        "S2",
        "S4",
        "S10",
        "M1",
        "M4",
        "M5",
        "C3",
        "C6",
        "C8",
        "P1",
        "P2",
    }


def test_a_folder_of_trees_is_checked_file_by_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty = next(seed for seed in ERRORS if seed.rule == "M4")
    wrapper = {"tree": json.loads(dump_tree(faulty.tree)), "violates": "M4"}
    (tmp_path / "a_faulty.json").write_text(json.dumps(wrapper))
    (tmp_path / "b_clean.json").write_text(
        json.dumps({"tree": json.loads(dump_tree(CLEAN[0].tree)), "violates": None})
    )
    (tmp_path / "c_plain.json").write_text(dump_tree(CLEAN[1].tree))
    (tmp_path / "d_broken.json").write_text('{"root": ')
    main(["--trees", str(tmp_path)])
    told = capsys.readouterr().out
    assert "said to violate M4: found" in told
    assert "said to be clean: 0 false alarms" in told
    assert "refused: This tree cannot be read" in told
    figures = json.loads(told.splitlines()[-1])
    assert (figures["error_recall"], figures["false_alarms_per_clean_tree"]) == (1.0, 0.0)
