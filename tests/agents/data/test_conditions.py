"""What is left out and what lies within limits: read surely or asked back, and reckoned as pandas does."""

import random
from collections.abc import Iterator

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.data.asking import SURE, Asker
from agents.data.attachment import Attachment
from agents.data.language.wording import described
from agents.data.sandbox import Sandbox

REGIONS, PRODUCTS = ("North", "South", "East", "West"), ("Cider", "Juice", "Tea")


def made(seed: int, rows: int) -> pd.DataFrame:
    """Orders at random, some of them without a region or without units."""
    chance = random.Random(seed)
    return pd.DataFrame(
        {
            "date": [f"{2023 + n % 2}-{1 + n % 12:02}-05" for n in range(rows)],
            "region": [chance.choice((*REGIONS, None)) for _ in range(rows)],
            "product": [chance.choice(PRODUCTS) for _ in range(rows)],
            "units": [None if chance.random() < 0.1 else chance.randint(1, 90) for _ in range(rows)],
            "revenue": [chance.randint(1, 90_000) / 4 for _ in range(rows)],
            "cost": [None if chance.random() < 0.1 else chance.randint(1, 90_000) / 4 for _ in range(rows)],
        }
    )


ORDERS = made(5, 400)


@pytest.fixture(scope="module")
def asker() -> Iterator[Asker]:
    with Sandbox([Attachment("orders.csv", ORDERS.to_csv(index=False).encode())]) as sandbox:
        yield Asker(sandbox)


READ = [
    ("revenue excluding West", "the sum of “revenue”, where “region” is not “West”"),
    ("revenue not in West", "the sum of “revenue”, where “region” is not “West”"),
    ("total revenue without Tea", "the sum of “revenue”, where “product” is not “Tea”"),
    ("revenue but not Tea", "the sum of “revenue”, where “product” is not “Tea”"),
    ("revenue other than Tea", "the sum of “revenue”, where “product” is not “Tea”"),
    ("revenue by region except West", "the sum of “revenue” by “region”, where “region” is not “West”"),
    (
        "revenue by region except for West and East",
        "the sum of “revenue” by “region”, where “region” is not “West” and not “East”",
    ),
    (
        "revenue in West without Tea",
        "the sum of “revenue”, where “region” is “West” and “product” is not “Tea”",
    ),
    (
        "revenue in 2024 without Tea",
        "the sum of “revenue”, where “product” is not “Tea”, in 2024 (“date”)",
    ),
    (
        "revenue by month without Tea",
        "the sum of “revenue” by month (“date”), where “product” is not “Tea”",
    ),
    (
        "compare 2023 and 2024 revenue by region without Tea",
        "the change of the sum of “revenue” from 2023 to 2024 (“date”), by “region”, where “product” is not "
        "“Tea”",
    ),
    (
        "top 2 products by revenue without West",
        "the 2 values of “product” with the highest sum of “revenue”, where “region” is not “West”",
    ),
    ("revenue minus cost", "the “revenue” minus “cost”"),
    ("revenue minus cost per region", "the “revenue” minus “cost” by “region”"),
    ("total revenue minus cost by month", "the “revenue” minus “cost” by month (“date”)"),
    (
        "top 2 regions by revenue minus cost without Tea",
        "the 2 values of “region” with the highest “revenue” minus “cost”, where “product” is not “Tea”",
    ),
    (
        "compare revenue minus cost by region in 2023 and 2024",
        "the change of the “revenue” minus “cost” from 2023 to 2024 (“date”), by “region”",
    ),
    ("how many orders with units over 50", "the number of rows, where “units” is more than 50"),
    ("how many orders with more than 50 units", "the number of rows, where “units” is more than 50"),
    ("how many orders with revenue over 1,200", "the number of rows, where “revenue” is more than 1,200"),
    (
        "how many rows with units between 30 and 50",
        "the number of rows, where “units” is at least 30 and at most 50",
    ),
    ("revenue between 30 and 50 units", "the sum of “revenue”, where “units” is at least 30 and at most 50"),
    ("revenue with fewer than 10 units", "the sum of “revenue”, where “units” is less than 10"),
    (
        "revenue by region where units over 50",
        "the sum of “revenue” by “region”, where “units” is more than 50",
    ),
    ("revenue where units >= 50 by region", "the sum of “revenue” by “region”, where “units” is at least 50"),
    ("average revenue where units at least 40", "the mean of “revenue”, where “units” is at least 40"),
    (
        "total revenue with units under 30 in 2023",
        "the sum of “revenue”, where “units” is less than 30, in 2023 (“date”)",
    ),
    (
        "revenue by region for rows with units up to 30",
        "the sum of “revenue” by “region”, where “units” is at most 30",
    ),
    ("median revenue where units are above 12.5", "the median of “revenue”, where “units” is more than 12.5"),
    (
        "total revenue where units over 5 without Tea",
        "the sum of “revenue”, where “product” is not “Tea” and “units” is more than 5",
    ),
]
ASKED = [
    "revenue without tax",
    "revenue without",
    "revenue without 2024",
    "revenue without Tea in West",
    "revenue without Tea in 2024",
    "revenue without Tea and West",
    "revenue with no Tea",
    "revenue by region with units over 50",
    "top 2 regions by revenue with units over 50",
    "regions with revenue over 500",
    "how many different regions with units over 50",
    "revenue over 500",
    "orders over 500",
    "how many orders with revenue over 1.200",
    "how many orders with revenue over 50k",
    "revenue where units over five",
    "revenue where units between 50 and 30",
    "revenue where units over 5 and under 8",
    "revenue from 10 to 20 units",
    "revenue by region excluding the smallest",
    "revenue minus tax per region",
    "minus revenue",
    "revenue minus",
    "average revenue minus cost",
    "revenue minus cost minus units",
]


@pytest.mark.parametrize(("question", "expected"), READ, ids=[question for question, _ in READ])
def test_what_is_left_out_or_limited_is_read(asker: Asker, question: str, expected: str) -> None:
    answer = asker.ask(question)
    assert answer.request is not None, answer.understood
    assert described(answer.request) == expected
    assert expected in answer.understood


@pytest.mark.parametrize("question", ASKED)
def test_what_cannot_be_read_surely_is_asked_back_and_no_offer_leaves_it_out(
    asker: Asker, question: str
) -> None:
    answer = asker.ask(question)
    assert answer.request is None and not answer.tables
    assert answer.confidence < SURE
    assert "I would take it" not in answer.understood or " is " in answer.understood


def test_a_limit_for_rows_or_groups_says_how_to_ask_for_rows(asker: Asker) -> None:
    said = asker.ask("revenue by region with units over 50")
    assert "for rows say “where” before it" in said.understood
    assert said.offers[0].label == "The sum of “revenue” by “region”, where “units” is more than 50"


def checked(asker: Asker, frame: pd.DataFrame, region: str, low: int, wide: int, by: str) -> None:
    """Ask for the revenue within each kind of limit and without a region, beside pandas."""
    kept = {
        f"over {low}": frame.units > low,
        f"at least {low}": frame.units >= low,
        f"under {low}": frame.units < low,
        f"at most {low}": frame.units <= low,
        f"between {low} and {low + wide}": frame.units.between(low, low + wide),
    }
    for words, rows in kept.items():
        answer = asker.ask(f"total revenue{by and f' by {by}'} where units {words} excluding {region}")
        assert answer.request is not None, answer.understood
        left, result = frame[rows & (frame.region != region)], answer.tables[0]
        sums = result.values("sum of revenue")
        if by:
            found = dict(zip(result.values(by), sums, strict=True))
            assert found == pytest.approx(left.groupby(by).revenue.sum().to_dict())
        else:
            assert (sums[0] or 0) == pytest.approx(left.revenue.sum())


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(REGIONS), st.integers(0, 91), st.integers(0, 40), st.sampled_from(("", "product")))
def test_rows_left_out_and_limited_are_those_of_pandas(
    asker: Asker, region: str, low: int, wide: int, by: str
) -> None:
    checked(asker, ORDERS, region, low, wide, by)


def test_a_difference_is_one_sum_less_another_over_rows_with_both(asker: Asker) -> None:
    answer = asker.ask("revenue minus cost by product")
    both = ORDERS.dropna(subset=["cost"])
    sums = both.groupby("product")[["revenue", "cost"]].sum()
    result = answer.tables[0]
    found = dict(zip(result.values("product"), result.values("revenue minus cost"), strict=True))
    assert found == pytest.approx((sums.revenue - sums.cost).to_dict())
    said = [finding.text for finding in answer.findings]
    assert said[0] == "“revenue” minus “cost” = sum of “revenue” - sum of “cost”, over rows with both."
    assert f"{len(ORDERS) - len(both)} of 400 rows have no value in “revenue” or “cost”." in said
    for question in ("revenue minus cost by month", "compare revenue minus cost by region in 2023 and 2024"):
        assert asker.ask(question).tables


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(0, 91))
def test_they_are_those_of_pandas_in_any_table(seed: int, rows: int, low: int) -> None:
    frame = pd.concat([made(seed, rows), ORDERS.tail(40)], ignore_index=True)
    with Sandbox([Attachment("orders.csv", frame.to_csv(index=False).encode())]) as sandbox:
        checked(Asker(sandbox), frame, "West", low, 20, "")
