"""How far a budget is used, and when it warns and stops, in the words of every page."""

from collections.abc import Sequence
from decimal import Decimal

from agents.errors import Refused
from agents.models import USUAL_STOP, USUAL_WARNINGS
from pages.ui.formats import money, share


def amount(wanted: float | None) -> Decimal:
    """What a form says that a budget is to be; raises Refused for an empty field."""
    if wanted is None:
        raise Refused("Name an amount. Nothing was changed: to have no budget, lift it.")
    return Decimal(str(wanted))


def used(spent: Decimal, allowed: Decimal, currency: str) -> str:
    """`USD 3.00 of USD 30.00 spent (10.0 %)`."""
    part = f" ({share(float(spent / allowed))})" if allowed else ""
    return f"{money(spent, currency)} of {money(allowed, currency)} spent{part}"


def told(warns_at: Sequence[float] = USUAL_WARNINGS, stops_at: float = USUAL_STOP) -> str:
    """`warns at 70 and 90 %, stops at 100 %`; as they are for a budget without thresholds of its own."""
    return f"warns at {shares(warns_at)} %, stops at {share(stops_at, 0)}"


def sentence(warns_at: Sequence[float], stops_at: float) -> str:
    """The same as the beginning of a sentence."""
    words = told(warns_at, stops_at)
    return f"{words[0].upper()}{words[1:]}"


def shares(warns_at: Sequence[float] = USUAL_WARNINGS) -> str:
    """`70 and 90`."""
    return " and ".join(f"{100 * at:.0f}" for at in warns_at)
