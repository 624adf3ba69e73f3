"""SQL from questions, people's own SQL, and Python that is only looked at."""

from pathlib import Path
from typing import Any

import pytest

from agents.data.code_help import check_python, run_sql, sql_for
from agents.errors import BadInput, Refused

TABLE = "region,sales\nnorth,10\nsouth,20\nnorth,5\n"


def test_a_question_becomes_sql_that_gives_the_answer(opened: Any) -> None:
    sandbox = opened({"t.csv": TABLE})
    answer = sql_for(sandbox, "total sales by region")
    assert 'sum("sales")' in answer.sql[0]
    assert sandbox.query(answer.sql[0]).rows == answer.tables[0].rows
    assert [row[:2] for row in answer.tables[0].rows] == [("south", 20), ("north", 15)]


def test_a_question_that_is_not_understood_gives_no_sql(opened: Any) -> None:
    answer = sql_for(opened({"t.csv": TABLE}), "write me a web server")
    assert answer.sql == ()
    assert len(answer.offers) == 3


def test_own_sql_is_run_and_shown(opened: Any) -> None:
    answer = run_sql(opened({"t.csv": TABLE}), "select region, sum(sales) as s from t group by 1 order by 1")
    assert answer.tables[0].rows == (("north", 15), ("south", 20))
    assert answer.sql == ("select region, sum(sales) as s from t group by 1 order by 1",)


def test_own_sql_passes_the_gate_or_is_refused(opened: Any) -> None:
    with pytest.raises(Refused, match="only SELECT"):
        run_sql(opened({"t.csv": TABLE}), "copy t to '/tmp/x.csv'")


def test_a_long_result_of_own_sql_says_that_it_was_cut(opened: Any) -> None:
    answer = run_sql(opened({"t.csv": TABLE}), "select * from range(5000)")
    assert len(answer.tables[0].rows) == 1_000
    assert answer.limits == ("Of “Result” only the first 1,000 rows are kept.",)


def test_valid_python_is_called_valid() -> None:
    assert check_python("def f(x):\n    return x + 1\n").valid
    assert check_python("").valid
    assert check_python("'\\d'  # an old escape\n").valid


def test_python_is_never_run(tmp_path: Path) -> None:
    target = tmp_path / "ran"
    assert check_python(f"open({str(target)!r}, 'w').close()").valid
    assert not target.exists()


def test_a_fault_is_named_with_its_place() -> None:
    check = check_python("x = 1\nif x\n    y = 2\n")
    assert (check.valid, check.line, check.column) == (False, 2, 5)
    assert check.message == "This is not valid Python in line 2: expected ':'."


HOSTILE = {
    "brackets": "(" * 50_000,
    "signs": "-" * 150_000 + "1",
    "negations": "not " * 45_000 + "1",
    "calls": "f" + "()" * 60_000,
    "attributes": "a" + ".b" * 60_000,
    "sums": "+".join("1" * 90_000),
    "branches": "if 1:\n x\n" + "elif 1:\n x\n" * 15_000,
    "blocks": "".join(" " * depth + "if 1:\n" for depth in range(300)),
    "a long number": "1" * 100_000,
    "a NUL": "a\x00b",
    "half a character": "'\ud800'",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_python_that_would_break_a_parser_is_a_fault(text: str) -> None:
    check = check_python(text)
    assert not check.valid
    assert check.message.startswith("This is not valid Python") and check.message.endswith(".")


def test_too_much_python_is_refused() -> None:
    with pytest.raises(BadInput, match="are checked"):
        check_python("x = 1\n" * 50_000)
