"""Prices come from the rate card or the installed list, in all token classes, and are never guessed."""

import socket
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from agents.llm import prices
from agents.llm.providers import PRESETS, Provider, Rate
from agents.llm.reply import RawReply
from agents.llm.usage import Usage

AT = datetime(2026, 11, 21)
PLAIN = Usage(1_000_000, 100_000)


def at(url: str, **changes: Any) -> Provider:
    return Provider(name="alpha", base_url=url, models={"diagnosis": "gpt-4.1"}, **changes)


OPENAI = at(PRESETS["openai"].base_url)


def test_the_list_prices_a_known_model_and_says_which_edition() -> None:
    found = prices.cost(OPENAI, "gpt-4.1", PLAIN, AT)
    assert (found.input, found.output, found.amount) == (Decimal(2), Decimal("0.8"), Decimal("2.8"))
    assert (found.currency, found.source) == ("USD", "prices")
    assert (found.price_version or "").startswith("genai-prices 0.")


@pytest.mark.parametrize(
    ("preset", "model"),
    [
        ("openai", "gpt-4.1-mini"),
        ("gemini", "gemini-2.5-flash"),
        ("anthropic", "claude-sonnet-4-5"),
        ("groq", "llama-3.3-70b-versatile"),
        ("openrouter", "openai/gpt-4.1"),
    ],
)
def test_models_of_the_usual_places_have_a_price(preset: str, model: str) -> None:
    assert prices.cost(at(PRESETS[preset].base_url), model, PLAIN, AT).amount


def test_cached_tokens_are_cheaper_and_written_ones_dearer() -> None:
    anthropic = at(PRESETS["anthropic"].base_url)
    fresh = prices.cost(anthropic, "claude-sonnet-4-5", Usage(10_000, 0), AT).amount
    cached = prices.cost(anthropic, "claude-sonnet-4-5", Usage(10_000, 0, 8_000), AT).amount
    written = prices.cost(anthropic, "claude-sonnet-4-5", Usage(10_000, 0, 0, 8_000), AT).amount
    assert cached
    assert fresh
    assert written
    assert cached < fresh < written


def test_the_tier_that_served_has_its_own_price() -> None:
    plain = prices.cost(OPENAI, "gpt-5", PLAIN, AT, RawReply("", service_tier="default")).amount
    flex = prices.cost(OPENAI, "gpt-5", PLAIN, AT, RawReply("", service_tier="flex")).amount
    assert plain
    assert flex
    assert flex < plain


@pytest.mark.parametrize(
    ("url", "model"),
    [("https://api.openai.com/v1", "gpt-unheard-of"), ("http://localhost:8000/v1", "gpt-4.1")],
)
def test_what_the_list_does_not_know_is_unknown(url: str, model: str) -> None:
    assert prices.cost(at(url), model, PLAIN, AT) == prices.UNKNOWN


@pytest.mark.parametrize("usage", [None, Usage(None, 5), Usage(5, None), Usage(10, 5, 20)])
def test_senseless_or_missing_usage_has_no_price(usage: Usage | None) -> None:
    assert prices.cost(OPENAI, "gpt-4.1", usage, AT).amount is None


def test_a_model_with_a_name_of_its_own_is_priced_by_the_model_that_answered() -> None:
    azure = at("https://ours.openai.azure.com/openai/v1")
    assert prices.cost(azure, "our-deployment", PLAIN, AT).amount is None
    answered = RawReply("", response_model="gpt-4.1-2025-04-14")
    assert prices.cost(azure, "our-deployment", PLAIN, AT, answered).amount


def test_the_own_rate_goes_before_the_list() -> None:
    own = at(OPENAI.base_url, rates=(Rate(model="gpt-4.1", input=Decimal(1), output=Decimal(1)),))
    found = prices.cost(own, "gpt-4.1", PLAIN, AT)
    assert (found.amount, found.source, found.price_version) == (
        Decimal("1.1"),
        "rate_card",
        "own rate gpt-4.1",
    )
    assert prices.cost(own, "gpt-4.1-mini", PLAIN, AT).source == "prices"


def test_a_local_model_is_free_by_an_explicit_rate() -> None:
    local = at("http://localhost:11434/v1", rates=(Rate(input=Decimal(0), output=Decimal(0)),))
    found = prices.cost(local, "llama", PLAIN, AT)
    assert (found.amount, found.source) == (0, "rate_card")


def test_money_adds_up_to_the_last_place() -> None:
    tiny = prices.cost(OPENAI, "gpt-4.1-mini", Usage(1, 1), AT)
    assert tiny.amount == Decimal("0.00000200")
    assert sum([tiny.amount or 0] * 400) == Decimal("0.000800")


def test_no_price_is_ever_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert prices.cost(OPENAI, "gpt-4.1", PLAIN, AT).amount
