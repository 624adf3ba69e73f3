"""What people read where the record has the name of a graph's node."""

from agents.running.step_names import OF_KIND, step_name, step_names, within
from agents.workbench import Workbench


def test_every_step_of_every_graph_has_a_name_of_its_own_and_no_other_is_listed(bench: Workbench) -> None:
    nodes = {kind: set(graph.nodes) - {"__start__"} for kind, graph in bench._runner._graphs.items()}
    assert nodes == {kind: set(names) for kind, names in OF_KIND.items()}
    for names in OF_KIND.values():
        assert len(set(names.values())) == len(names)
        assert not any("_" in name or name.islower() for name in names.values())


def test_several_steps_are_named_one_behind_the_other_and_an_unknown_one_as_it_is() -> None:
    assert step_name("diagnosis", "conclude") == "Making the diagnosis"
    assert step_names("ask", "route, an_older_step") == "Looking for the agent that takes it, an older step"
    assert step_names("ask", "start") == "Beginning"
    assert within(step_name("ask", "answer")) == "answering the request"
