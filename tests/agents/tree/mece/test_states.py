"""What the checker says where it cannot know, and that it survives whatever tree it is given."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.tree.edit import apply
from agents.tree.mece import check
from agents.tree.model import Leaf, Node, ProblemTree, Quantity, Split
from agents.tree.ops import AddLeaf, Op, Rename, SetLeaf, SetSplit


def plain(children: tuple[Node, ...], **split: object) -> ProblemTree:
    root = Node(id="root", text="Why did sales fall?", split=Split(**split), children=children)  # type: ignore[arg-type]
    return ProblemTree(id="t", kind="why", title="T", root=root)


def amount(
    node_id: str, text: str, value: float | None, unit: str | None = "EUR", inverted: bool = False
) -> Node:
    quantity = None if value is None else Quantity(value=value, unit=unit, inverted=inverted)
    return Node(id=node_id, text=text, quantity=quantity)


def formula(parent: Quantity | None, *children: Node, operator: str | None = "sum") -> ProblemTree:
    tree = plain(children, kind="formula", dimension="amounts", operator=operator)
    return tree.model_copy(update={"root": tree.root.model_copy(update={"quantity": parent})})


def test_a_free_split_is_never_called_complete(tree: ProblemTree) -> None:
    result = check(tree).of("C9")
    assert result.state == "not_provable"
    assert result.reason is not None
    assert result.findings == ()


def test_rules_that_need_rows_say_that_no_data_is_attached() -> None:
    children = (Node(id="n", text="North"), Node(id="o", text="Other regions"))
    report = check(plain(children, kind="segment", dimension="region", order="structure"))
    for rule in ("M6", "C1", "C2", "C7"):
        assert report.of(rule).state == "not_provable"
        assert "No data is attached" in str(report.of(rule).reason)


def test_a_rule_that_nothing_falls_under_counts_neither_way(tree: ProblemTree) -> None:
    report = check(tree)
    assert report.of("C4").cases == 0
    assert report.of("C4").reason == "The tree has no formula."
    states = report.states()
    assert sum(states.values()) == sum(result.cases > 0 for result in report.results)


def test_the_score_shows_how_much_could_be_proven(tree: ProblemTree) -> None:
    score = check(tree).score()
    assert score.passed < score.provable < score.asked
    assert score.coverage == score.provable / score.asked


@pytest.mark.parametrize(
    ("tree", "state"),
    [
        (formula(Quantity(value=5, unit="EUR"), amount("a", "A", 2), amount("b", "B", 3)), "holds"),
        (
            formula(Quantity(value=5, unit="EUR"), amount("a", "A", 7), amount("b", "B", 2, inverted=True)),
            "holds",
        ),
        (formula(Quantity(value=5, unit="EUR"), amount("a", "A", 2), amount("b", "B", 4)), "violated"),
        (formula(Quantity(value=5, unit="EUR"), amount("a", "A", 2), amount("b", "B", 3, "USD")), "violated"),
        (formula(Quantity(value=5, unit="EUR"), amount("a", "A", 2), amount("b", "B", None)), "not_provable"),
        (
            formula(Quantity(value=5, unit="EUR"), amount("a", "A", 2), amount("b", "B", 3, None)),
            "not_provable",
        ),
        (formula(None, amount("a", "A", 2), amount("b", "B", 3)), "not_provable"),
        (formula(Quantity(value=5, unit="EUR"), amount("a", "A", 2), operator=None), "not_provable"),
        (formula(Quantity(value=0), amount("a", "A", 1e-14), amount("b", "B", -1e-14)), "not_provable"),
    ],
)
def test_a_sum_is_proven_or_refuted_only_with_every_amount_and_unit(tree: ProblemTree, state: str) -> None:
    assert check(tree).of("C4").state == state


@pytest.mark.parametrize(
    ("whole", "first", "second", "state"),
    [
        (("EUR", 600), ("orders", 20), ("EUR/order", 30), "holds"),
        (("EUR million", 0.0006), ("orders", 20), ("EUR per order", 30), "holds"),
        (("EUR/month", 600), ("orders/month", 20), ("EUR/order", 30), "holds"),
        (("orders", 5), ("visits", 100), ("%", 5), "violated"),
        (("orders", 5), ("visits", 100), ("orders/visit", 0.05), "holds"),
        (("visits", 5), ("visits", 100), ("%", 5), "holds"),
        (("m^2", 6), ("m", 2), ("m", 3), "holds"),
        (("EUR", 600), ("orders", 20), ("EUR/customer", 30), "violated"),
        (("EUR", 700), ("orders", 20), ("EUR/order", 30), "violated"),
        (("EUR", 1e300), ("a", 1e300), ("EUR/a", 1e300), "violated"),
    ],
)
def test_a_product_must_agree_in_value_and_in_unit(
    whole: tuple[str, float], first: tuple[str, float], second: tuple[str, float], state: str
) -> None:
    factors = (amount("a", "A", first[1], first[0]), amount("b", "B", second[1], second[0]))
    tree = formula(Quantity(value=whole[1], unit=whole[0]), *factors, operator="product")
    assert check(tree).of("C4").state == state


def test_an_inverted_factor_divides() -> None:
    factors = (amount("a", "Takings", 600, "EUR"), amount("b", "Orders", 20, "orders", inverted=True))
    tree = formula(Quantity(value=30, unit="EUR/order"), *factors, operator="product")
    assert check(tree).of("C4").state == "holds"


def test_an_argument_chain_may_share_words_and_says_so(tree: ProblemTree) -> None:
    shared = tree
    for op in _worded_alike():
        shared = apply(shared, op)
    assert check(shared).of("M2").state == "violated"
    assert tree.root.split is not None
    argument = tree.root.split.model_copy(update={"deductive": True})
    exempt = check(apply(shared, SetSplit(node_id="root", split=argument)))
    assert exempt.of("M2").state != "violated"
    assert exempt.of("M8").findings[0].severity == "hint"


def _worded_alike() -> tuple[Op, ...]:
    return (
        Rename(node_id="stock", text="Suppliers deliver late"),
        Rename(node_id="ads", text="Suppliers stopped the advertising grant"),
        AddLeaf(parent_id="root", new_id="rain", text="It rained"),
    )


def test_a_gap_in_the_plan_is_an_error_only_in_a_work_plan(tree: ProblemTree) -> None:
    assert {f.severity for f in check(tree).of("L2").findings} == {"warning"}
    assert {f.severity for f in check(tree, for_work_plan=True).of("L2").findings} == {"error"}


def test_a_known_cause_is_covered_by_id_or_by_its_words(tree: ProblemTree) -> None:
    known = {"stockout": "Shelves", "adv": "Advertising stopped", "rain": "A rainy summer"}
    findings = check(tree, known).of("C8").findings
    assert [f.remedy.new_id for f in findings if isinstance(f.remedy, AddLeaf)] == ["rain"]


def test_evidence_that_is_not_on_record_is_found(tree: ProblemTree) -> None:
    concluded = apply(
        tree,
        SetLeaf(node_id="stock", changes={"status": "supported", "evidence_ids": ["answer_1", "made_up"]}),
    )
    assert check(concluded).of("L5").state == "holds"
    assert "made_up" in check(concluded, known_evidence={"answer_1"}).of("L5").findings[0].message


def test_belief_that_some_leaves_lack_is_not_called_complete(tree: ProblemTree) -> None:
    grown = apply(tree, Rename(node_id="ads", text="Advertising stopped"))
    rest = tuple(c for c in grown.root.children if c.id != "ads")
    unknown = Node(id="ads", text="Advertising stopped", leaf=Leaf())
    partly = grown.model_copy(update={"root": grown.root.model_copy(update={"children": (*rest, unknown)})})
    assert check(partly).of("P1").state == "not_provable"


def test_a_tree_with_loops_is_checked_to_the_end() -> None:
    children: list[Node] = []
    root = Node.model_construct(
        id="root", text="Why?", split=None, children=children, leaf=None, quantity=None
    )
    children += [root, Node(id="a", text="A"), Node(id="a", text="B")]
    tree = ProblemTree(id="t", kind="why", title="T", root=Node(id="x", text="x"))
    report = check(tree.model_copy(update={"root": root}))
    assert len(report.of("S1").findings) == 2


texts = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(
    str.strip
)
splits = st.builds(
    Split,
    kind=st.sampled_from(["binary", "formula", "process", "segment", "framework", "free"]),
    dimension=texts,
    operator=st.sampled_from(["sum", "product", None]),
    order=st.sampled_from(["belief", "quantity", "effort", "alphabet", "time", "structure", None]),
)
leaves = st.builds(
    Leaf,
    hypothesis=st.none() | texts,
    belief=st.none() | st.floats(-2, 2),
    severity=st.none() | st.floats(1, 5),
    effort_days=st.none() | st.floats(0, 10),
    status=st.sampled_from(["open", "supported", "refuted", "parked"]),
)
quantities = st.none() | st.builds(
    Quantity,
    value=st.floats(allow_nan=False, allow_infinity=False),
    unit=st.none() | st.sampled_from(["EUR", "%", "EUR/order", "m^2", "^", "/", "million", "x*y/z"]) | texts,
    inverted=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(texts, splits, st.lists(st.tuples(texts, leaves, quantities), max_size=6), quantities)
def test_no_text_and_no_number_makes_a_check_fail(
    question: str, split: Split, drawn: list[tuple[str, Leaf, Quantity | None]], whole: Quantity | None
) -> None:
    children = tuple(
        Node(id=f"n{i}", text=text, leaf=leaf, quantity=quantity)
        for i, (text, leaf, quantity) in enumerate(drawn)
    )
    root = Node(id="root", text=question, split=split, children=children, quantity=whole)
    report = check(ProblemTree(id="t", kind="why", title="T", root=root))
    assert all(result.state in ("holds", "violated", "not_provable") for result in report.results)
    assert all(
        result.state == "violated"
        for result in report.results
        if result.findings and result.rule not in ("M8", "I1")
    )


def test_amounts_too_large_to_add_are_told_and_break_nothing() -> None:
    huge = (amount("a", "A", 1.7e308), amount("b", "B", 1.7e308))
    [finding] = check(formula(Quantity(value=1, unit="EUR"), *huge)).of("C4").findings
    assert "too large" in finding.message
