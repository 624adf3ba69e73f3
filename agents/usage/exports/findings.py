"""What a manager asks, in sentences: dearer by what, within budget, who failed, what the cache saved."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agents.usage import words
from agents.usage.exports.harmless import named
from agents.usage.month import UNKNOWN_MONEY, MonthToDate
from agents.usage.tiles import Tile
from storage.usage import reliability, spend
from storage.usage.figure import Reader, notes_of
from storage.usage.filters import Filters


def headline(spent: Tile, month: MonthToDate, filters: Filters) -> str:
    """What was spent, and whether the month stays within its budget."""
    amount = words.money(_money(spent.value), filters.currency)
    change = words.change(spent.change)
    first = f"{words.days(filters)}: {amount} spent" + (f", {change}" if change else "")
    return f"{first}; {_outlook(month, filters)}"


def findings(reader: Reader, filters: Filters, found: Mapping[str, Tile], month: MonthToDate) -> list[str]:
    """Up to six lines; each total with what is not in it."""
    besides = (f"{month.besides}.",) if month.besides and month.standing else ()
    of_month = (*month.notes, *besides)
    said = [
        _per_diagnosis(found["cost_per_diagnosis"], filters.currency),
        _dearer(reader, filters),
        _failed(reader, filters),
        _saved(found["saved_by_cache"], filters.currency),
        f"Spend: {' '.join(found['spend'].notes)}" if found["spend"].notes else "",
        f"Month: {' '.join(of_month)}" if of_month else "",
    ]
    return [sentence for sentence in said if sentence]


def _outlook(month: MonthToDate, filters: Filters) -> str:
    """Where the month of today will end; it is named where the period ended before it."""
    if month.forecast is None:
        return "too few days to tell where the month will end"
    today, currency = month.forecast.today, filters.currency
    is_its_month = filters.span.end.date() > today.replace(day=1)
    end = words.money(month.forecast.month_end.expected, currency)
    told = f"{'the month' if is_its_month else f'{today:%B}'} should end at {end}"
    if month.standing is None:
        besides = f"; {month.besides[0].lower()}{month.besides[1:]}"
        return f"{told}{besides if month.besides else ', with no budget set'}"
    allowed = words.money(month.standing.allowed, currency)
    crosses = month.crosses
    if crosses is None:
        return f"{told}, within the budget of {allowed}"
    return f"{told}, past the budget of {allowed} from {crosses:%d %B} on"


def _per_diagnosis(tile: Tile, currency: str) -> str:
    if tile.value is None:
        return ""
    change = words.change(tile.change)
    cost = f"A finished diagnosis cost {words.money(_money(tile.value), currency)}"
    return " ".join((f"{cost}, {change}." if change else f"{cost}.", *tile.notes))


def _dearer(reader: Reader, filters: Filters) -> str:
    frame = spend.changes(reader, filters, "model").frame
    known = frame[frame["change"].notna()]
    if known.empty or not known["change"].iloc[0]:
        return ""
    row = known.iloc[0]
    name = named("model", row["model"])
    change = Decimal(row["change"])
    verb = "up" if change > 0 else "down"
    parts = [
        f"{_signed(Decimal(row[column]), filters.currency)} by {cause}"
        for column, cause in (("volume_effect", "volume"), ("price_effect", "price per attempt"))
        if row[column] is not None and row[column] == row[column]
    ]
    why = f" ({', '.join(parts)})" if parts else ""
    told = f"Largest change: {name}, {verb} {words.money(abs(change), filters.currency)}{why}."
    return " ".join((told, *notes_of(known.head(1), UNKNOWN_MONEY)))


def _failed(reader: Reader, filters: Filters) -> str:
    frame = reliability.rates(reader, filters).frame
    known = frame[frame["provider"].notna() & (frame["failed"] > 0)]
    if known.empty:
        return ""
    worst = known.sort_values("failed", ascending=False, kind="stable").iloc[0]
    highest = known.sort_values("failure_rate", ascending=False, kind="stable").iloc[0]
    told = f"Provider {worst['provider']} failed most often: {_of_attempts(worst)}."
    if highest["failure_rate"] <= worst["failure_rate"]:
        return told
    return f"{told} The highest rate is that of {highest['provider']}: {_of_attempts(highest)}."


def _of_attempts(row: Any) -> str:
    attempts = int(row["attempts"])
    return (
        f"{words.count(int(row['failed']))} of {words.count(attempts)} "
        f"{'attempt' if attempts == 1 else 'attempts'} ({words.share(float(row['failure_rate']))})"
    )


def _saved(tile: Tile, currency: str) -> str:
    if tile.value is None:
        return "What the reply cache saved is unknown."
    saved = words.money(_money(tile.value), currency)
    return " ".join((f"The reply cache saved {saved}.", *tile.notes))


def _signed(amount: Decimal, currency: str) -> str:
    sign = "+" if amount >= 0 else "-"
    return f"{sign}{words.money(abs(amount), currency)}"


def _money(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None
