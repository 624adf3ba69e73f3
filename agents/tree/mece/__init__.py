"""The MECE checker: one pure function per rule, three states, and nothing green that cannot be known.

F frame, S shape, M mutually exclusive, C collectively exhaustive, L leaves, P priority and belief,
I insight. Sources: Minto; Chevallier; Conn and McLean; Garrette, Phelps and Sibony.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from agents.tree.mece import exclusive, exhaustive, frame, insight, leaf, priority, shape, wording
from agents.tree.mece.report import Finding, Report, RuleResult, Score, Severity, State
from agents.tree.mece.view import Surroundings, View
from agents.tree.model import ProblemTree

__all__ = ["RULES", "Finding", "Report", "RuleResult", "Score", "Severity", "State", "check", "criterion"]

Rule = Callable[[View], RuleResult]

RULES: dict[str, Rule] = {
    "F1": frame.f1_one_question,
    "F2": frame.f2_problem_stated,
    "F3": frame.f3_tosca,
    "F4": frame.f4_no_solution,
    "S1": shape.s1_is_a_tree,
    "S2": shape.s2_two_children,
    "S3": shape.s3_few_children,
    "S4": shape.s4_depth,
    "S5": wording.s5_one_question_type,
    "S6": wording.s6_declared_split,
    "S7": wording.s7_one_axis,
    "S8": wording.s8_altitude,
    "S9": wording.s9_claims,
    "S10": wording.s10_declared_order,
    "M1": exclusive.m1_no_duplicate,
    "M2": exclusive.m2_no_shared_word,
    "M3": exclusive.m3_no_synonym,
    "M4": exclusive.m4_binary,
    "M5": exclusive.m5_no_running_total,
    "M6": exclusive.m6_rows_exclusive,
    "M7": exclusive.m7_no_repeated_hypothesis,
    "M8": exclusive.m8_argument_chains,
    "C1": exhaustive.c1_rows_covered,
    "C2": exhaustive.c2_values_covered,
    "C3": exhaustive.c3_segment_other,
    "C4": exhaustive.c4_formula_reconciles,
    "C5": exhaustive.c5_process_chain,
    "C6": exhaustive.c6_framework_complete,
    "C7": exhaustive.c7_other_is_small,
    "C8": exhaustive.c8_known_causes_covered,
    "C9": exhaustive.c9_free_not_provable,
    "L1": leaf.l1_falsifiable,
    "L2": leaf.l2_plan_complete,
    "L3": leaf.l3_disproof,
    "L4": leaf.l4_known_source,
    "L5": leaf.l5_status_cites_evidence,
    "P1": priority.p1_belief_adds_up,
    "P2": priority.p2_order_of_work,
    "P3": priority.p3_eighty_twenty,
    "P4": priority.p4_parked_with_reason,
    "P5": priority.p5_enough_evidence,
    "I1": insight.i1_not_stock,
    "I2": insight.i2_best_split,
}
"""Every rule by its id, in the order of the report; a rule's docstring is its criterion."""


def check(
    tree: ProblemTree,
    known_causes: Mapping[str, str] | None = None,
    *,
    known_sources: Collection[str] = (),
    known_evidence: Collection[str] | None = None,
    for_work_plan: bool = False,
) -> Report:
    """Hold a tree against every rule.

    `known_causes` maps ids to labels of the causes the knowledge base lists for this kind of problem;
    `known_sources` names tables and people besides those in the tree; `known_evidence` holds the ids of
    answers and queries on record; `for_work_plan` makes a gap in a leaf's plan an error.
    """
    around = Surroundings(known_causes or {}, known_sources, known_evidence, for_work_plan)
    view = View(tree, around)
    return Report(tuple(rule(view) for rule in RULES.values()))


def criterion(rule: str) -> str:
    """What a rule demands, in one sentence."""
    return (RULES[rule].__doc__ or "").strip().splitlines()[0]
