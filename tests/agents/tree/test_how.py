"""A how-tree starts from a confirmed cause and from nothing else."""

import pytest

from agents.errors import NotFound, Refused
from agents.tree.document import dump_tree, load_tree
from agents.tree.edit import apply
from agents.tree.how import how_tree_from
from agents.tree.model import ProblemTree
from agents.tree.ops import AddLeaf, Conclude


def test_a_supported_leaf_opens_a_how_tree_that_names_it(tree: ProblemTree) -> None:
    confirmed = apply(tree, Conclude(node_id="stock", status="supported", evidence_ids=("query_3",)))
    how = how_tree_from(confirmed, "stock")
    assert how.kind == "how"
    assert how.root.text == "How can we put this right: Shelves were empty?"
    assert how.source is not None
    assert (how.source.tree_id, how.source.node_id, how.source.cause_ids) == ("sales", "stock", ("stockout",))
    assert load_tree(dump_tree(how)) == how
    grown = apply(how, AddLeaf(parent_id="root", new_id="nightly", text="Deliver every night"))
    assert [child.id for child in grown.root.children] == ["nightly", "something_else"]


def test_a_leaf_that_is_not_confirmed_is_refused(tree: ProblemTree) -> None:
    with pytest.raises(Refused, match="not a confirmed cause yet"):
        how_tree_from(tree, "stock")
    with pytest.raises(Refused, match="not a confirmed cause yet"):
        how_tree_from(tree, "price")
    with pytest.raises(NotFound):
        how_tree_from(tree, "ghost")
