"""Trees of a given size with the wording, plans and beliefs of real work, and hostile texts."""

from datetime import date, timedelta

from agents.tree.belief import normalise
from agents.tree.model import CauseShare, Frame, Leaf, Node, ProblemTree, Split, Status

CLAIMS = (
    "Two national accounts moved a third of their volume to a rival in spring",
    "List prices rose twice",
    "The night shift is short of people",
    "Customers wait eleven days for a spare part although the contract promises three",
    "Stock-outs at the four largest shops",
    "The new ordering system rejects orders with more than ninety-nine lines",
    "Discounts are granted without approval",
    "Sales representatives spend less than a third of the week with customers",
    "A rival bundles maintenance at no charge",
    "Returns doubled after the change of packaging",
    "Freight surcharges are not passed on",
    "Half of the quotations go out after the customer has decided",
)
BRANCHES = (
    "Do we reach fewer customers than before?",
    "Do the customers we reach buy less often?",
    "Do they pay less for what they buy?",
    "Does what they buy cost us more to make and to deliver?",
    "Do events outside our reach explain it?",
    "Do we lose what we have sold?",
    "Does our own planning misjudge demand?",
)
HOSTILE = (
    "<b>bold</b> & <script>alert(1)</script>",
    'quote " bracket "] end',
    "backslash \\N \\G \\l \\",
    "%%{init: {'theme':'forest'}}%%",
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://x")',
    "+1-2@SUM(A1)",
    "שלום עולם \u202egnp.exe",
    "emoji \U0001f4a5 and \u2028 line separator",
    "`code` [link](http://x) # heading ~~strike~~ | pipe",
    "<not html>",
    "{b} %{label} ${x} {{ jinja }}",
    "-- end; subgraph x",
)


SHAPES = {5: (), 25: (4, 4, 3, 3, 4), 60: (7, 7, 7, 7, 6, 6)}
"""Leaves per branch, by the number of nodes; with six or more the leaves stand in two groups."""


def sample(count: int) -> ProblemTree:
    """A why-tree of 5, 25 or 60 nodes, with one, two or three levels below the question."""
    sizes = SHAPES[count]
    numbers = iter(range(100))
    branches = []
    for number, size in enumerate(sizes):
        leaves = tuple(_leaf(next(numbers)) for _ in range(size))
        branches.append(_branch(number, _grouped(number, leaves) if size >= 6 else leaves))
    children = tuple(branches) or tuple(_leaf(next(numbers)) for _ in range(count - 2))
    return _believed(_tree(f"nodes{count}", (*children, _other())))


def hostile() -> ProblemTree:
    """A tree whose every text tries to be markup, a formula or an escape."""
    plan = {
        name: HOSTILE[i]
        for i, name in enumerate(("hypothesis", "analysis", "data_source", "owner", "disproof"))
    }
    leaves = tuple(
        Node(id=f"h{i}", text=text, leaf=Leaf(belief=1 / len(HOSTILE), evidence_ids=(text,), **plan))
        for i, text in enumerate(HOSTILE)
    )
    split = Split(kind="free", dimension=HOSTILE[0], order="structure")
    frame = Frame(metric=HOSTILE[5], owner=HOSTILE[1], stated_problem=HOSTILE[0])
    root = Node(id="root", text=HOSTILE[0], split=split, children=leaves)
    return ProblemTree(id="hostile", kind="why", title=HOSTILE[5], frame=frame, root=root)


def _tree(name: str, children: tuple[Node, ...]) -> ProblemTree:
    frame = Frame(
        stated_problem="Our sales dropped 20 % this quarter and nobody can say why.",
        metric="net sales",
        direction="fell",
        size="20 %",
        period="third quarter against the same quarter of last year",
        scope="spare parts, all regions",
        trouble="Net sales stand at EUR 41 million instead of EUR 51 million",
        owner="Head of sales",
        success_criterion="Back to EUR 50 million within three quarters",
        constraints=("No price cut above 5 %",),
        actors=("Sales", "Operations", "Finance"),
    )
    root = Node(
        id="root",
        text="Why did net sales of spare parts fall by 20 % in the third quarter?",
        split=Split(kind="free", dimension="what drives a purchase", order="structure"),
        children=children,
    )
    return ProblemTree(id=name, kind="why", title="Falling sales of spare parts", frame=frame, root=root)


def _branch(number: int, children: tuple[Node, ...]) -> Node:
    split = Split(kind="free", dimension="cause", order="structure")
    return Node(id=f"b{number}", text=BRANCHES[number % len(BRANCHES)], split=split, children=children)


def _grouped(number: int, leaves: tuple[Node, ...]) -> tuple[Node, ...]:
    half = len(leaves) // 2
    split = Split(kind="binary", dimension="whose doing it is", order="structure")
    return (
        Node(id=f"b{number}x", text="Is it our own doing?", split=split, children=leaves[:half]),
        Node(id=f"b{number}y", text="Is it not our own doing?", split=split, children=leaves[half:]),
    )


def _leaf(number: int) -> Node:
    statuses: tuple[Status, ...] = ("open", "supported", "refuted", "parked", "open", "open", "open")
    status = statuses[number % len(statuses)]
    leaf = Leaf(
        causes=(CauseShare(cause_id=f"cause_{number}"),),
        hypothesis=f"{CLAIMS[number % len(CLAIMS)]}, which accounts for at least {3 + number} % of the fall",
        analysis="Compare net sales by account, month and article group with the same months of last year",
        data_source="Order ledger of the sales system",
        owner=("Controller", "Head of key accounts", "Process analyst")[number % 3],
        effort_days=1 + number % 4,
        due=date(2026, 3, 2) + timedelta(days=number),
        disproof="The accounts in question bought as much as before",
        status=status,
        parked_reason="Contract data arrives in May" if status == "parked" else None,
        evidence_ids=(f"answer_{number}", "query_1", "query_2") if status in ("supported", "refuted") else (),
        belief=1.0 / (number + 1.5) ** 1.2,
        severity=1 + number % 5,
        worse_in_days=30,
        cost_of_delay="Accounts sign for a year",
    )
    return Node(id=f"leaf{number}", text=CLAIMS[number % len(CLAIMS)], leaf=leaf)


def _other() -> Node:
    return Node(id="else", text="Something else", leaf=Leaf(is_other=True, belief=0.2))


def _believed(tree: ProblemTree) -> ProblemTree:
    return tree.model_copy(update={"root": normalise(tree.root)})
