"""This month: spent so far, against the budget, and where it will end."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from agents.usage import budgets, forecast
from agents.usage.budgets import HISTORY_DAYS, SUBJECT_FILTERS, Standing
from agents.usage.forecast import Forecast
from storage.usage import spend
from storage.usage.figure import Figure, Reader
from storage.usage.filters import COLUMNS, Filters, Span


@dataclass(frozen=True)
class MonthToDate:
    """The month of a day, in days of UTC."""

    spent: Decimal | None
    """Known cost so far; None when calls were made and no price of any is known."""
    forecast: Forecast | None
    """None when there are too few days to tell."""
    standing: Standing | None
    """The budget that holds for exactly what the filters show; None when there is none."""
    figure: Figure

    @property
    def crosses(self) -> date | None:
        """The day on which the budget is expected to be spent; None when it is not, this month."""
        if self.forecast is None or self.standing is None:
            return None
        return self.forecast.crosses(self.standing.allowed)


def month_to_date(reader: Reader, filters: Filters, at: datetime) -> MonthToDate:
    """The month of a moment (UTC), whatever days the filters name."""
    today = at.date()
    figure = spend.sums(reader, filters.within(Span(today.replace(day=1), today)))
    spent = figure.frame["cost_amount"].iloc[0]
    history = filters.within(Span(today - timedelta(days=HISTORY_DAYS), today))
    return MonthToDate(
        spent=None if spent is None else Decimal(spent),
        forecast=forecast.month_end(budgets.daily_spend(reader, history), today),
        standing=_standing(reader, filters, at),
        figure=figure,
    )


def _standing(reader: Reader, filters: Filters, at: datetime) -> Standing | None:
    in_use = [name for name in COLUMNS if name != "environments" and getattr(filters, name)]
    scopes = {field: scope for scope, field in SUBJECT_FILTERS.items()}
    if not in_use:
        wanted = ("month", budgets.EVERYBODY)
    elif len(in_use) == 1 and in_use[0] in scopes and len(getattr(filters, in_use[0])) == 1:
        wanted = (scopes[in_use[0]], getattr(filters, in_use[0])[0])
    else:
        return None
    every = budgets.standings(reader, at, filters.environments)
    fitting = [one for one in every if (one.limit.scope, one.subject) == wanted]
    return next((one for one in fitting if one.limit.currency == filters.currency), None)
