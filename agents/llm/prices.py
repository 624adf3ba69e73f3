"""What an attempt costs: the own rate card first, then the public list that is installed.

The list is a pinned package; nothing is fetched. A price that neither knows is unknown, never zero.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from agents.llm.providers import Provider, Rate
from agents.llm.reply import RawReply
from agents.llm.usage import Usage
from storage.calls import CostSource

MILLION = Decimal(1_000_000)
SMALLEST = Decimal("0.00000001")
"""Money is kept to eight places."""
LIST_CURRENCY = "USD"


@dataclass(frozen=True)
class Cost:
    """Money for one attempt; amounts are None when the price or the usage is unknown."""

    amount: Decimal | None = None
    input: Decimal | None = None
    output: Decimal | None = None
    currency: str | None = None
    source: CostSource | None = None
    price_version: str | None = None
    """Which edition of which price list."""


UNKNOWN = Cost()


def cost(
    provider: Provider,
    model: str,
    usage: Usage | None,
    at: datetime,
    reply: RawReply | None = None,
) -> Cost:
    """Cost of an attempt at `at` (UTC).

    The model that answered is looked up first on the public list, because an address may give its models
    names of its own; the tier it was served in may have its own price.
    """
    if usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return UNKNOWN
    rate = _rate(provider, model)
    if rate:
        return _by_rate(rate, usage)
    tier = reply.service_tier if reply else None
    names = dict.fromkeys(name for name in (reply and reply.response_model, model) if name)
    return next((found for name in names if (found := _by_list(provider, name, usage, at, tier))), UNKNOWN)


def not_billed(provider: Provider, model: str) -> Cost:
    """An attempt that no provider charges for: nothing was answered."""
    rate = _rate(provider, model)
    currency = rate.currency if rate else LIST_CURRENCY
    zero = Decimal(0)
    return Cost(zero, zero, zero, currency, "not_billed")


def _rate(provider: Provider, model: str) -> Rate | None:
    found = {rate.model: rate for rate in provider.rates}
    return found.get(model) or found.get("*")


def _by_rate(rate: Rate, usage: Usage) -> Cost:
    cached, written = usage.cache_read_input_tokens or 0, usage.cache_write_input_tokens or 0
    fresh = max((usage.input_tokens or 0) - cached - written, 0)
    of_input = (
        fresh * rate.input
        + cached * (rate.input if rate.cache_read is None else rate.cache_read)
        + written * (rate.input if rate.cache_write is None else rate.cache_write)
    ) / MILLION
    of_output = (usage.output_tokens or 0) * rate.output / MILLION
    parts = (of_input + of_output, of_input, of_output)
    return _rounded(parts, rate.currency, "rate_card", f"own rate {rate.model}")


def _by_list(provider: Provider, model: str, usage: Usage, at: datetime, tier: str | None) -> Cost | None:
    """The list's price, or None when it does not know the model or cannot price this usage."""
    from genai_prices import Usage as ListUsage  # slow to import, needed with the first call
    from genai_prices import calc_price

    try:
        found = calc_price(
            ListUsage(
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                cache_read_tokens=usage.cache_read_input_tokens,
                cache_write_tokens=usage.cache_write_input_tokens,
            ),
            model,
            provider_api_url=provider.base_url,
            genai_request_timestamp=at.replace(tzinfo=UTC),
            price_context={"service_tier": tier} if tier else None,
        )
    except (LookupError, ValueError):
        return None
    parts = (found.total_price, found.input_price, found.output_price)
    return _rounded(parts, LIST_CURRENCY, "prices", _list_version())


def _rounded(
    parts: tuple[Decimal, Decimal, Decimal], currency: str, source: CostSource, version: str
) -> Cost:
    """Cost from its total, its part for the input and its part for the output."""
    amount, of_input, of_output = (part.quantize(SMALLEST) for part in parts)
    return Cost(amount, of_input, of_output, currency, source, version)


@lru_cache(maxsize=1)
def _list_version() -> str:
    from genai_prices import __version__

    return f"genai-prices {__version__}"
