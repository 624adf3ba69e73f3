"""Other currencies: rates that a person sets from a day on, and sums of several currencies in one."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise

from storage.clock import new_id, now
from storage.db import Store, insert
from storage.errors import StoreError
from storage.usage import audit
from storage.usage.filters import Hours, Span


class BadRate(StoreError):
    """A rate that cannot be."""


@dataclass(frozen=True)
class Rate:
    """What one unit of a currency is worth in another, from a day on."""

    rate_id: str
    from_currency: str
    to_currency: str
    rate: Decimal
    valid_from: datetime
    """The start of a day in UTC; it holds until the next rate of the same pair."""
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class Lot:
    """Amounts of one currency within a time, which one rate converts."""

    currency: str
    rate: Decimal
    start: datetime | None
    """None for all time before `end`."""
    end: datetime | None


def set_rate(
    store: Store, from_currency: str, to_currency: str, rate: Decimal, valid_from: date, set_by: str
) -> Rate:
    """Set a rate from a day on; committed and noted when this returns. A later one of the same day wins."""
    for code in (from_currency, to_currency):
        check_code(code)
    if from_currency == to_currency:
        raise BadRate("A currency needs no rate into itself.")
    if not (rate.is_finite() and Decimal("0.00000001") <= rate < Decimal(10) ** 9):
        raise BadRate(f"{rate} is no rate. Write what one {from_currency} is worth in {to_currency}.")
    rounded = rate.quantize(Decimal("0.00000001"))
    row = Rate(
        new_id(), from_currency, to_currency, rounded, datetime.combine(valid_from, time()), set_by, now()
    )
    told = {"rate": str(rounded), "valid_from": valid_from.isoformat()}
    event = audit.event(set_by, "set_rate", f"{from_currency}/{to_currency}", told)

    def work(connection: object) -> None:
        insert(connection, "currency_rates", [dict(vars(row))])  # type: ignore[arg-type]
        insert(connection, "audit_events", [event])  # type: ignore[arg-type]

    store.transact(work)
    store.touched.limit()
    return row


def check_code(currency: str) -> None:
    """Raise BadRate for what is no currency's code."""
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise BadRate(f"“{currency[:20]}” is no currency. Write its three letters, such as EUR.")


def load(store: Store) -> list[Rate]:
    """All rates that hold, those of a pair in the order of their days."""
    rows = store.read("select * from currency_rates order by valid_from, set_at, rate_id")
    newest = {(row["from_currency"], row["to_currency"], row["valid_from"]): Rate(**row) for row in rows}
    return list(newest.values())


def lots(rates: list[Rate], currency: str, span: Span | Hours) -> list[Lot]:
    """How amounts of this time become `currency`; what no lot holds has no rate."""
    found = [Lot(currency, Decimal(1), None, None)]
    for pair in sorted({rate.from_currency for rate in rates if rate.to_currency == currency}):
        of_pair = [r for r in rates if (r.from_currency, r.to_currency) == (pair, currency)]
        ends = [later.valid_from for _, later in pairwise(of_pair)]
        for rate, end in zip(of_pair, [*ends, None], strict=True):
            if rate.valid_from < span.end and (end is None or end > span.start):
                found.append(_lot(rate, end, span))
    return found


def _lot(rate: Rate, end: datetime | None, span: Span | Hours) -> Lot:
    start = rate.valid_from if rate.valid_from > span.start else None
    return Lot(rate.from_currency, rate.rate, start, end if end and end < span.end else None)
