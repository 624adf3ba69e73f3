"""Which change made it dearer: steps that add up exactly, each naming where it comes from."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from agents.usage.desk import Effect, Explanation, Filters, Span, UsageDesk
from agents.usage.links import limited
from storage.calls import Call, CallText, record
from storage.clock import new_id
from storage.db import Store
from tests.agents.usage.conftest import Draw

CENT = Decimal("0.01")
TINY = Decimal("0.0000001")
BEFORE, NOW = date(2026, 3, 9), date(2026, 3, 10)
FILTERS = Filters(Span(NOW, NOW))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "whytree.duckdb")


def spend(
    store: Store,
    day: date,
    calls: int,
    agent: str = "diagnosis",
    model: str = "large",
    prompt: str = "v1",
    tokens: int = 100,
    price: str = "0.01",
) -> None:
    """Calls that cost `price` per token of input."""
    for _ in range(calls):
        call_id = new_id()
        cost = Decimal(price) * tokens
        call = Call(
            call_id=call_id,
            attempt_no=1,
            idempotency_key=call_id,
            provider_name="aurora",
            request_model=model,
            started_at=datetime(day.year, day.month, day.day, 9),
            duration_s=1.0,
            user_id="me",
            project_id="default",
            environment="live",
            agent_name=agent,
            prompt_name="ask",
            prompt_version=prompt,
            input_tokens=tokens,
            output_tokens=0,
            cost_amount=cost,
            cost_input=cost,
            cost_output=Decimal(0),
            cost_currency="USD",
        )
        record(store, call, CallText(call_id, None, "[]", None, call.started_at))


def explained(store: Store) -> Explanation:
    store.flush()
    found = UsageDesk(store).explain(FILTERS, "spend")
    store.close()
    assert found is not None
    return found


def effects(found: Explanation) -> dict[Effect, Decimal]:
    return {step.effect: step.amount for step in found.steps if step.amount}


def test_more_calls_of_the_same_kind_are_the_number_of_calls(store: Store) -> None:
    spend(store, BEFORE, 2)
    spend(store, NOW, 3)
    assert effects(explained(store)) == {"calls": Decimal(1)}


def test_a_lower_price_is_the_price_and_names_the_model(store: Store) -> None:
    spend(store, BEFORE, 2)
    spend(store, NOW, 2, price="0.004")
    found = explained(store)
    assert effects(found) == {"prices": Decimal("-1.2")}
    assert next(step for step in found.steps if step.effect == "prices").parts == (
        ("large", Decimal("-1.2")),
    )


def test_a_dearer_model_is_the_mix_of_models_even_when_it_is_new(store: Store) -> None:
    spend(store, BEFORE, 2)
    spend(store, NOW, 1)
    spend(store, NOW, 1, model="huge", price="0.03")
    assert effects(explained(store)) == {"models": Decimal(2)}


def test_a_longer_prompt_version_is_told_apart_from_longer_use_of_the_same_one(store: Store) -> None:
    spend(store, BEFORE, 2)
    spend(store, NOW, 1, prompt="v2", tokens=150)
    spend(store, NOW, 1, tokens=120)
    found = explained(store)
    assert effects(found) == {"prompts": Decimal("0.5"), "length": Decimal("0.2")}
    assert next(step for step in found.steps if step.effect == "prompts").parts == (
        ("ask@v2", Decimal("0.5")),
    )


def test_dearer_agents_are_the_mix_of_agents(store: Store) -> None:
    spend(store, BEFORE, 1, agent="email", tokens=10)
    spend(store, BEFORE, 1, agent="code", tokens=100)
    spend(store, NOW, 2, agent="code", tokens=100)
    assert effects(explained(store)) == {"agents": Decimal("0.9")}


def test_without_an_earlier_period_there_is_nothing_to_explain(store: Store) -> None:
    spend(store, NOW, 2)
    store.flush()
    assert UsageDesk(store).explain(FILTERS, "spend") is None
    store.close()


@pytest.mark.parametrize("seed", range(8))
def test_steps_and_their_parts_add_up_to_the_change_over_random_filters(
    desk: UsageDesk, draw: Draw, seed: int
) -> None:
    filters = limited(draw(seed), {"agents": ()})
    found = desk.explain(filters, "spend")
    if found is None:
        assert not desk.tiles(filters)[0].previous
        return
    check(found)
    tile = desk.tiles(filters)[0]
    assert found.now.quantize(CENT) == Decimal(str(tile.value)).quantize(CENT)
    assert found.before.quantize(CENT) == Decimal(str(tile.previous)).quantize(CENT)


def test_the_cost_of_a_diagnosis_is_explained_up_to_its_key_figure(desk: UsageDesk, draw: Draw) -> None:
    filters = draw(0)
    found = desk.explain(filters, "unit")
    assert found is not None and found.units is not None
    check(found)
    tile = next(tile for tile in desk.tiles(filters) if tile.key == "cost_per_diagnosis")
    assert abs(found.now - Decimal(str(tile.value))) < TINY
    assert abs(found.before - Decimal(str(tile.previous))) < TINY


def check(found: Explanation) -> None:
    assert abs(found.before + sum(step.amount for step in found.steps) - found.now) < TINY
    for step in found.steps:
        assert abs(sum((amount for _, amount in step.parts), Decimal(0)) - step.amount) < TINY
