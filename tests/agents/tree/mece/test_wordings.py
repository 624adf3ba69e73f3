"""Wordings that nobody tuned for: what is sound raises no alarm, and what is not is never called sound."""

import pytest

from agents.diagnosis.loading import load_library
from agents.tree.mece import check
from agents.tree.mece.report import RuleResult
from agents.tree.model import Frame, Leaf, Node, ProblemTree, Split, SplitKind, WhySource

TWO = ("Fewer customers come", "Each customer spends less")


def result(
    rule: str,
    question: str = "Why did sales fall?",
    children: tuple[str, ...] = TWO,
    kind: SplitKind = "free",
    hypothesis: str = "Orders fell by 12 %",
    dimension: str = "driver",
    trouble: str | None = None,
) -> RuleResult:
    """How a small tree with one thing worded in a given way stands to a rule."""
    nodes = tuple(
        Node(id=f"n{i}", text=text, leaf=Leaf(hypothesis=hypothesis)) for i, text in enumerate(children)
    )
    split = Split(kind=kind, dimension=dimension, order="structure")
    root = Node(id="root", text=question, split=split, children=nodes)
    frame = Frame(trouble=trouble, owner="A", success_criterion="B", constraints=("c",), actors=("d",))
    return check(ProblemTree(id="t", kind="why", title="T", frame=frame, root=root)).of(rule)


@pytest.mark.parametrize(
    "hypothesis",
    [
        "The boiler leaks",
        "Call volume peaks on Mondays",
        "The app crashes on Android 12",
        "Downtime of line 2 accounts for the whole shortfall",
        "Managers leave within a year of promotion",
    ],
)
def test_a_claim_whose_verb_may_be_a_noun_is_no_error(hypothesis: str) -> None:
    assert result("L1", hypothesis=hypothesis).state == "not_provable"


@pytest.mark.parametrize(
    "hypothesis",
    [
        "The new CRM loses every tenth lead",
        "Two of the five machines stop daily",
        "One shift produces 70 % of all scrap",
        "New hires need six months to reach quota",
        "Loan defaults cluster in the 2023 cohort",
        "Drivers idle 90 minutes per trip at customs",
        "Sales of umbrellas track rainfall, 0.8 by correlation",
    ],
)
def test_a_verb_is_known_by_its_subject_or_by_what_follows_it(hypothesis: str) -> None:
    assert result("L1", hypothesis=hypothesis).state == "holds"


@pytest.mark.parametrize(
    "hypothesis",
    [
        "Our marketing could be better",
        "Things are not going well in sales",
        "The culture is toxic",
        "There may be some issues with quality",
        "Management does not care",
        "Communication between teams is suboptimal",
        "Something is wrong with onboarding",
        "Everything is harder these days",
        "Is it the weather or the location",
        "Poor execution of the plan",
        "A lack of innovation",
        "High costs",
    ],
)
def test_a_hypothesis_that_no_result_could_refute_is_an_error(hypothesis: str) -> None:
    [finding, *_] = result("L1", hypothesis=hypothesis).findings
    assert finding.severity == "error"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Members", "Non-members"),
        ("Known defects", "Unknown defects"),
        ("Short-term", "Long-term"),
        ("Price-related", "Unrelated to price"),
        ("The price changed", "The price stayed the same"),
        ("Under 30", "30 and over"),
        ("Orders above 100 euros", "Orders of 100 euros or less"),
        ("Before 2020", "Since 2020"),
        ("Within 24 hours", "Later than 24 hours"),
        ("Internal causes", "External factors"),
        ("Is it a people problem?", "Is it anything but a people problem?"),
        ("Is the fall in the North?", "Is the fall outside the North?"),
    ],
)
def test_opposites_are_known_by_prefix_compound_and_range(one: str, two: str) -> None:
    assert result("M4", children=(one, two), kind="binary").state == "holds"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Customers under 30", "Customers over 50"),
        ("Before 2020", "After 2022"),
        ("Under 30", "Over 20"),
        ("Under 30 in the north", "30 and over in the south"),
        ("Adults", "Students"),
        ("Weekdays", "Summer"),
        ("New machines", "Old operators"),
        ("Before lunch", "After dinner"),
    ],
)
def test_ranges_with_a_gap_or_an_overlap_are_no_opposites(one: str, two: str) -> None:
    assert result("M4", children=(one, two), kind="binary").state == "violated"


def test_a_limit_that_belongs_to_neither_side_is_for_people_to_judge() -> None:
    assert result("M4", children=("Under 30", "Over 30"), kind="binary").state == "not_provable"


@pytest.mark.parametrize(
    "children",
    [
        ("Under 18", "18 to 29", "30 to 59", "60 and over"),
        ("First quarter", "Second quarter", "Third quarter", "Fourth quarter"),
        ("Women", "Men", "Not stated"),
        ("Weekdays", "Weekends"),
    ],
)
def test_segments_that_are_all_there_is_need_no_branch_for_others(children: tuple[str, ...]) -> None:
    assert result("C3", children=children, kind="segment").state == "holds"


@pytest.mark.parametrize(
    "children",
    [
        ("Under 18", "18 to 29", "40 and over"),
        ("Under 18", "18 to 29"),
        ("First quarter", "Second quarter", "Third quarter"),
        ("Germany", "France"),
    ],
)
def test_segments_with_a_gap_need_one(children: tuple[str, ...]) -> None:
    assert result("C3", children=children, kind="segment").state == "violated"


@pytest.mark.parametrize(
    "children",
    [
        ("Do readers not find us?", "Do they find us and not subscribe?", "Do they subscribe and cancel?"),
        ("Users never try it", "Users try it and give up", "Rivals win them"),
        ("Students do not enrol", "Students enrol but drop out", "Students stay but fail the exam"),
        ("Fewer people come in", "Those who come buy less often", "Each purchase is smaller"),
        (
            "Do we reach fewer customers?",
            "Do the customers we reach buy less?",
            "Do they pay less for what they buy?",
        ),
        ("Price per unit fell", "Units sold fell", "Product mix moved to cheap items"),
    ],
)
def test_a_chain_in_which_each_denies_the_one_before_does_not_overlap(children: tuple[str, ...]) -> None:
    assert result("M2", children=children).findings == ()
    assert result("M3", children=children).findings == ()


@pytest.mark.parametrize(
    ("kind", "children"),
    [
        ("segment", ("Large accounts", "Mid-size accounts", "Small accounts", "All others")),
        ("segment", ("Web shop", "Own stores", "Marketplaces", "Any other channel")),
    ],
)
def test_segments_are_told_apart_by_what_stands_beside_a_like_word(
    kind: SplitKind, children: tuple[str, ...]
) -> None:
    assert result("M3", children=children, kind=kind).findings == ()


@pytest.mark.parametrize(
    "children", [("The shop is closed", "The store is dirty"), ("Prices rose", "Discounts fell")]
)
def test_like_words_still_overlap_where_nothing_tells_them_apart(children: tuple[str, str]) -> None:
    assert result("M3", children=children).state == "violated"


@pytest.mark.parametrize(
    "text",
    [
        "Old pipes leak",
        "Visitors bounce",
        "Trucks queue at the gate",
        "We scrap more pieces",
        "Pilots strike",
    ],
)
def test_a_bare_verb_after_a_plural_is_a_claim(text: str) -> None:
    assert result("S9", children=(text, TWO[1])).findings == ()


@pytest.mark.parametrize("text", ["Customer service", "Online reviews", "Quality of leads", "Low stock"])
def test_a_noun_that_could_be_a_verb_elsewhere_is_a_topic(text: str) -> None:
    assert result("S9", children=(text, TWO[1])).state == "violated"


@pytest.mark.parametrize(
    "question",
    [
        "Why have we not launched an app yet?",
        "Why is there no loyalty programme?",
        "Why can't we just lower prices?",
        "Why is a bigger warehouse needed?",
        "Why would a new website raise sales?",
    ],
)
def test_a_question_that_holds_a_solution_is_found(question: str) -> None:
    assert result("F4", question=question).state == "violated"


@pytest.mark.parametrize(
    "question",
    [
        "Why is there no demand?",
        "Why do we need 90 days to hire?",
        "Why hasn't the launch of the app brought more customers?",
        "Why do customers have to wait?",
    ],
)
def test_a_question_about_what_is_wrong_holds_none(question: str) -> None:
    assert result("F4", question=question).state == "holds"


@pytest.mark.parametrize(
    "question",
    [
        "What can we do to stop churn?",
        "In what ways can we cut cost?",
        "Which measures would reduce the wait?",
    ],
)
def test_a_question_for_measures_does_not_open_a_why_tree(question: str) -> None:
    assert result("S5", question=question).state == "violated"


@pytest.mark.parametrize(
    "trouble",
    ["Turnover of nurses is twice the national average", "Lead time is three weeks too long"],
)
def test_a_gap_may_be_told_in_words(trouble: str) -> None:
    assert result("F3", trouble=trouble).state == "holds"


@pytest.mark.parametrize("dimension", ["time, place", "product, then region", "region as well as channel"])
def test_two_dimensions_are_found_however_they_are_joined(dimension: str) -> None:
    assert result("S6", dimension=dimension).state == "violated"


def test_a_branch_for_all_others_need_not_claim_anything() -> None:
    root = Node(
        id="root",
        text="Why did sales fall?",
        split=Split(kind="segment", dimension="region", order="structure"),
        children=(Node(id="n", text="North"), Node(id="o", text="All other regions")),
    )
    report = check(ProblemTree(id="t", kind="why", title="T", root=root))
    for rule in ("L1", "L2", "L3"):
        assert [finding.node_id for finding in report.of(rule).findings] == ["n"]


def test_an_option_is_worded_as_what_to_do() -> None:
    source = WhySource(tree_id="why", node_id="n", text="Reports come late")
    children = (Node(id="a", text="Import data faster"), Node(id="b", text="Spreadsheets"))
    split = Split(kind="free", dimension="where the time goes", order="structure")
    root = Node(id="root", text="How can we report within a day?", split=split, children=children)
    tree = ProblemTree(id="t", kind="how", title="T", source=source, root=root)
    assert check(tree).of("S9").findings == ()
    assert result("S9", children=("Import data faster", "Spreadsheets")).state == "violated"


def test_the_stages_of_a_process_may_share_what_passes_through_it() -> None:
    texts = ("The file is incomplete", "The file waits", "The decision drags")
    ends = ("form sent", "file complete", "officer assigned", "visa issued")
    children = tuple(
        Node(id=f"n{i}", text=text, stage_start=ends[i], stage_end=ends[i + 1])
        for i, text in enumerate(texts)
    )
    split = Split(kind="process", dimension="step", start=ends[0], end=ends[-1])
    root = Node(id="root", text="Why does a visa take 61 days?", split=split, children=children)
    assert check(ProblemTree(id="t", kind="why", title="T", root=root)).of("M2").state == "holds"


@pytest.mark.parametrize("playbook_id", sorted(load_library(None).playbooks))
def test_every_claim_of_the_knowledge_base_can_be_refuted(playbook_id: str) -> None:
    for cause in load_library(None).playbooks[playbook_id].causes:
        assert result("L1", hypothesis=cause.claim).findings == (), cause.claim
