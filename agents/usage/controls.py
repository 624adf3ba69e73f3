"""What people set about usage: budgets, raises, rules for alerts, rates; every change is on record."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from agents.assistants.diagnose import AGENT as DIAGNOSE
from agents.assistants.registry import AGENTS
from agents.errors import BadInput
from agents.usage import alerts as rules_of_alerts
from agents.usage import budgets, months
from agents.usage.budgets import Standing
from agents.usage.forecast import Forecast
from agents.who import Who
from storage import budgets as kept
from storage.budgets import BudgetEvent
from storage.clock import now
from storage.db import Store
from storage.runs import Environment
from storage.usage import alerts, audit, checking, choices, limits, rates
from storage.usage.alerts import Alert, Kind, Metric, Rule
from storage.usage.audit import AuditEvent
from storage.usage.checking import Checked
from storage.usage.figure import Reader
from storage.usage.filters import Filters
from storage.usage.limits import Limit, LimitScope
from storage.usage.rates import Rate

SPEAKING = frozenset({*AGENTS, "router", "diagnosis"} - {DIAGNOSE.id})
"""Agents under whose names calls are counted; what `diagnose` is handed becomes a run of `diagnosis`."""


class Controls:
    """Budgets, alerts and rates, with who did what."""

    def __init__(self, store: Store, environment: Environment = "live") -> None:
        self._store = store
        self.environment: Environment = environment
        """Whose spend counts against budgets, as calls are stopped by it; never what is only looked at."""

    def today(self) -> date:
        """The day in UTC."""
        return now().date()

    def _reader(self) -> Reader:
        return Reader.of(self._store)

    # Budgets

    def standings(self) -> list[Standing]:
        """Every limit with what is spent under it; what people look at changes nothing about it."""
        return budgets.standings(self._reader(), now(), (self.environment,))

    def outlook(self, standing: Standing) -> Forecast | None:
        """Where the month of a limit will end."""
        return budgets.outlook(self._reader(), standing, now(), (self.environment,))

    def counts(self, filters: Filters) -> bool:
        """Whether budgets count what the filters show."""
        return self.environment in filters.environments

    def budget_events(self, filters: Filters, limit: int = 50) -> list[BudgetEvent]:
        """When budgets warned or stopped, newest first, in the environments of the filters."""
        self._store.flush()
        return kept.events(self._store, limit, filters.environments)

    def limits(self) -> list[Limit]:
        """The limits that hold."""
        return limits.limits(self._store)

    def agents(self) -> list[str]:
        """Agents that a budget can be for: those there are, and those that are on record or have one."""
        limited = [limit.subject for limit in self.limits() if limit.scope == "agent"]
        return sorted({*SPEAKING, *choices.agents(self._store), *limited} - {budgets.EVERYBODY})

    def set_limit(
        self, scope: LimitScope, subject: str, amount: Decimal | None, who: Who, **terms: object
    ) -> Limit:
        """Set a monthly limit, or lift it with None."""
        subject = budgets.EVERYBODY if scope == "month" else subject.strip() or budgets.EVERYBODY
        if scope == "agent" and subject not in (budgets.EVERYBODY, *self.agents()):
            raise BadInput(
                f"There is no agent “{subject[:40]}”. Nothing was changed: choose one of the list."
            )
        return budgets.set_limit(self._store, scope, subject, amount, who.user_id, **terms)  # type: ignore[arg-type]

    def stranger(self, limit: Limit) -> str | None:
        """A sentence when a limit names somebody of whom no run is on record."""
        named = limit.amount is not None and limit.subject != budgets.EVERYBODY
        if not named or choices.has_runs(self._store, limits.DIMENSION[limit.scope], limit.subject):
            return None
        return (
            f"The budget is set. No run of the {limit.scope} “{limit.subject}” is on record "
            f"yet, so look whether the name is written as in the runs."
        )

    def raise_limit(
        self, standing: Standing, amount: Decimal | None, until: date, reason: str, who: Who
    ) -> None:
        """Allow more up to the end of a day, as the budget's time zone has it, for a reason."""
        after = months.end_of_day(until, standing.limit.time_zone)
        budgets.raise_limit(self._store, standing.limit, standing.subject, amount, after, reason, who.user_id)

    # Alerts

    def alerts(self, limit: int = 100) -> list[Alert]:
        """What fired, newest first."""
        return alerts.latest(self._store, limit)

    def rules(self) -> list[Rule]:
        """What is watched."""
        return alerts.rules(self._store)

    def set_rule(self, name: str, kind: Kind, metric: Metric, who: Who, **terms: object) -> None:
        """Add a rule, or change the one of an id."""
        rules_of_alerts.set_rule(self._store, name, kind, metric, who.user_id, **terms)  # type: ignore[arg-type]

    def switch_rule(self, rule: Rule, is_enabled: bool, who: Who) -> None:
        """Stop watching, or watch again."""
        alerts.set_rule(self._store, replace(rule, is_enabled=is_enabled, set_by=who.user_id, set_at=now()))

    def check_rules(self) -> list[Alert]:
        """Look at every rule now; what fired."""
        return rules_of_alerts.check(self._store, now())

    def acknowledge(self, alert_id: str, who: Who, note: str = "") -> None:
        """Take note of an alert."""
        rules_of_alerts.acknowledge(self._store, alert_id, who.user_id, note)

    # Whether the sums are right

    def check_sums(self) -> Checked:
        """Compare every sum that is kept with the raw rows, while people go on working."""
        return checking.check(self._store)

    # Rates, and who did what

    def rates(self) -> list[Rate]:
        """Rates between currencies that hold."""
        return rates.load(self._store)

    def set_rate(self, from_currency: str, to_currency: str, rate: Decimal, since: date, who: Who) -> None:
        """Set what one unit of a currency is worth from a day on."""
        rates.set_rate(self._store, from_currency, to_currency, rate, since, who.user_id)

    def audit(self, limit: int = 50) -> list[AuditEvent]:
        """Who changed a limit, a rule or a rate, newest first."""
        return audit.latest(self._store, limit)
