"""What a verdict lacks: each missed condition in figures, and only those."""

from collections.abc import Callable

from agents.diagnosis import inquiry
from agents.diagnosis.case import Inquiry
from agents.diagnosis.inquiry import DONT_KNOW, METHOD
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.shortfall import ENDED, shortfall
from agents.diagnosis.tables import method_as_data

Inquire = Callable[..., Inquiry]
Guilty = Callable[[str], dict[str, str]]


def test_a_decided_case_lacks_nothing(inquire: Inquire, guilty: Guilty) -> None:
    assert shortfall(inquire(guilty("roads"))) is None


def test_belief_under_the_bar_is_told_beside_the_bar_and_one_open_cause_is_not_called_several(
    inquire: Inquire, guilty: Guilty
) -> None:
    method = {**method_as_data(), "bar": 0.9999}
    work = inquire(guilty("roads"), method=method)
    missed = shortfall(work)
    assert missed
    held = int(10_000 * inquiry.leader(work.belief)[1]) / 100
    assert missed.conditions == (f"“Roads are jammed” holds {held} % of belief; a verdict needs 99.99 %.",)
    assert missed.heading == "“Roads are jammed” leads alone, and short of a verdict"


def test_every_condition_that_is_missed_is_told_and_why_the_questions_ended(
    inquire: Inquire, tiny: Playbook
) -> None:
    missed = shortfall(inquire({"towings": "yes"}, ("conclusion_wanted", {})))
    assert missed
    assert missed.heading == "The answers leave more than one cause open"
    assert any(f"a verdict needs {100 * METHOD.bar:g} %." in told for told in missed.conditions)
    assert "1 answer other than “don't know” is given; a verdict needs 3." in missed.conditions
    assert missed.ended == "You asked to conclude."
    nothing_known = shortfall(inquire(dict.fromkeys((q.id for q in tiny.questions), DONT_KNOW)))
    assert nothing_known
    assert any(
        "points ahead of the next cause; a verdict needs 30 points" in c for c in nothing_known.conditions
    )
    assert nothing_known.ended in ENDED.values()


def test_a_leader_that_the_list_lacks_is_named_as_the_reason(inquire: Inquire, tiny: Playbook) -> None:
    missed = shortfall(inquire(dict.fromkeys((q.id for q in tiny.questions), "no")))
    assert missed
    assert any("not on the playbook's list" in told for told in missed.conditions)


def test_a_figure_that_would_round_to_the_bar_shows_its_decimals(inquire: Inquire, guilty: Guilty) -> None:
    top = inquiry.leader(inquire(guilty("roads")).belief)[1]
    missed = shortfall(inquire(guilty("roads"), method={**method_as_data(), "bar": top + 1e-6}))
    assert missed
    assert f"holds {int(10_000 * top) / 100:.2f} % of belief" in missed.conditions[0]
