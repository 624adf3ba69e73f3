"""Which change made it dearer: the change of spend in steps that add up to it exactly.

Each step changes one thing and leaves those after it as they were: how many calls, for which agents, by which
models, how long, at which price. What a cell (agent and model) cost before is what a call of it "costs" until
its own step; a cell that is new counts at its present cost, wholly in the step in which it came.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from agents.usage.rows import records
from agents.usage.tiles import UNIT_OF_WORK
from storage.usage import causes, runs
from storage.usage.figure import Figure, Reader, notes_of
from storage.usage.filters import Filters

Effect = Literal["calls", "agents", "models", "prompts", "length", "prices", "tools"]
Of = Literal["spend", "unit"]

METHOD = (
    "The change is taken apart in steps that add up to it: the number of calls at the former average cost; "
    "the agents that were asked; the models that they used; the tokens of a call under prompt versions that "
    "are new; its tokens under the same prompt versions; what a token costs, which is the price list and the "
    "share of cached tokens; tools and searches. A step leaves everything after it as it was. Calls of "
    "unknown price are in no step."
)
PLACES = Decimal("0.00000001")
TOOLS = "Tools and searches"
NOTHING = Fraction(0)


class Key(NamedTuple):
    """What is kept apart."""

    agent: str
    model: str
    prompt: str


@dataclass
class Cell:
    """What a key cost in one period; exact."""

    calls: Fraction = NOTHING
    """Attempts whose price is known."""
    input_tokens: Fraction = NOTHING
    output_tokens: Fraction = NOTHING
    cost: Fraction = NOTHING
    cost_input: Fraction = NOTHING
    cost_output: Fraction = NOTHING

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(*(getattr(self, name) + getattr(other, name) for name in vars(self)))


Cells = Mapping[Key, Cell]


@dataclass(frozen=True)
class Step:
    """One reason of the change."""

    effect: Effect
    amount: Decimal
    parts: tuple[tuple[str, Decimal], ...]
    """Where it comes from: the name of an agent, model, prompt or tool, largest first; they add up to it."""


@dataclass(frozen=True)
class Explanation:
    """From what it was to what it is."""

    before: Decimal
    now: Decimal
    steps: tuple[Step, ...]
    figure: Figure
    """Its notes say what is in no step."""
    units: tuple[int, int] | None = None
    """Finished pieces of work before and now, when it is explained per piece."""

    @property
    def change(self) -> Decimal:
        """What there is to explain."""
        return self.now - self.before


def explain(reader: Reader, filters: Filters, of: Of = "spend") -> Explanation | None:
    """Why spend, or the cost of a finished diagnosis, changed; None when there is nothing to compare with."""
    figure = causes.cells(reader, filters, with_kind=of == "unit")
    rows = [row for row in records(figure.frame) if of == "spend" or row["kind"] == UNIT_OF_WORK]
    units = _units(reader, filters) if of == "unit" else None
    if of == "unit" and units is None:
        return None
    before, now = (_cells(row for row in rows if row["period"] == name) for name in ("previous", "current"))
    tools = tuple(_tools(row for row in rows if row["period"] == name) for name in ("previous", "current"))
    if not _sum(before.values()).calls or not _sum(now.values()).calls:
        return None
    return _explanation(before, now, tools, _of(figure, of), units)


def _of(figure: Figure, of: Of) -> Figure:
    """The figure with the row count and the notes of what is explained alone."""
    frame = figure.frame if of == "spend" else figure.frame[figure.frame["kind"] == UNIT_OF_WORK]
    rows, notes = int(frame["attempts"].sum()), notes_of(frame, ("unknown_prices", "unconverted"))
    return replace(figure, rows=rows, notes=notes)


def _units(reader: Reader, filters: Filters) -> tuple[int, int] | None:
    """Finished diagnoses before and now; None when there were none in one of the two."""
    rows = records(runs.unit_costs(reader, filters).frame)
    found = {row["period"]: int(row["finished"]) for row in rows if row["kind"] == UNIT_OF_WORK}
    before, now = found.get("previous", 0), found.get("current", 0)
    return (before, now) if before and now else None


def _cells(rows: Iterable[Mapping[str, object]]) -> dict[Key, Cell]:
    found: dict[Key, Cell] = defaultdict(Cell)
    for row in rows:
        if row["model"] is not None:
            key = Key(*(str(row[name] or "none") for name in ("agent", "model", "prompt")))
            found[key] += _cell(row)
    return dict(found)


def _cell(row: Mapping[str, object]) -> Cell:
    unknown = _exact(row["unknown_prices"]) + _exact(row["unconverted"])
    names = ("input_tokens", "output_tokens", "cost_amount", "cost_input", "cost_output")
    return Cell(max(_exact(row["attempts"]) - unknown, NOTHING), *(_exact(row[name]) for name in names))


def _tools(rows: Iterable[Mapping[str, object]]) -> dict[str, Fraction]:
    """What had no model: tools and searches, by agent."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows:
        if row["model"] is None:
            found[str(row["agent"] or "none")] += _exact(row["cost_amount"])
    return found


def _exact(value: object) -> Fraction:
    return NOTHING if value is None else Fraction(str(value))


Parts = dict[str, Fraction]


def _explanation(
    before: Cells,
    now: Cells,
    tools: tuple[Mapping[str, Fraction], ...],
    figure: Figure,
    units: tuple[int, int] | None,
) -> Explanation:
    of_before, of_now = (Fraction(count) for count in units or (1, 1))
    parts = _parts(before, now, of_before / of_now)
    tool_names = {*tools[0], *tools[1]}
    parts["tools"] = {
        name: tools[1].get(name, NOTHING) - tools[0].get(name, NOTHING) * of_now / of_before
        for name in tool_names
    }
    totals = [
        _sum(cells.values()).cost + sum(t.values()) for cells, t in zip((before, now), tools, strict=True)
    ]
    return Explanation(
        before=_money(totals[0] / of_before),
        now=_money(totals[1] / of_now),
        steps=tuple(_step(effect, found, of_now) for effect, found in parts.items()),
        figure=figure,
        units=units,
    )


def _parts(before: Cells, now: Cells, unit_ratio: Fraction) -> dict[Effect, Parts]:
    """Money of each step by where it comes from; `unit_ratio` is pieces of work before over now."""
    total_before = _sum(before.values())
    average = total_before.cost / total_before.calls
    found: dict[Effect, Parts] = {"calls": _more_calls(before, now, unit_ratio, average)}
    found |= {"agents": defaultdict(Fraction), "models": defaultdict(Fraction)}
    found |= {
        "prompts": defaultdict(Fraction),
        "length": defaultdict(Fraction),
        "prices": defaultdict(Fraction),
    }
    known_prompts = {key.prompt for key, cell in before.items() if cell.calls}
    for agent in {key.agent for key in now}:
        of_now, of_before = (_of_agent(cells, agent) for cells in (now, before))
        calls, cost = _sum(of_now.values()), _sum(of_before.values())
        of_agent = (cost if cost.calls else calls).cost / ((cost if cost.calls else calls).calls or 1)
        found["agents"][agent] += calls.calls * (of_agent - average)
        for model in {key.model for key in of_now}:
            then, these = _of_model(of_before, model), _of_model(of_now, model)
            _add_model(found, (agent, model), _sum(then.values()), these, of_agent, known_prompts)
    return found


def _more_calls(before: Cells, now: Cells, unit_ratio: Fraction, average: Fraction) -> Parts:
    """What the calls of each agent that came or went would have cost on average."""
    found: Parts = {}
    for agent in {key.agent for key in (*before, *now)}:
        of_now, of_before = (_sum(_of_agent(cells, agent).values()).calls for cells in (now, before))
        found[agent] = (of_now - of_before / unit_ratio) * average
    return found


def _add_model(
    found: Mapping[Effect, Parts],
    name: tuple[str, str],
    then: Cell,
    these: Cells,
    of_agent: Fraction,
    known_prompts: set[str],
) -> None:
    """Steps within an agent's use of one model."""
    agent, model = name
    now = _sum(these.values())
    is_new = not then.calls
    of_model = (now.cost if is_new else then.cost) / ((now if is_new else then).calls or 1)
    found["models"][model] += now.calls * (of_model - of_agent)
    if is_new:
        found["prices"][model] += now.cost - now.calls * of_model
        return
    longer = NOTHING
    for key, cell in these.items():
        amount = _longer(then, cell)
        longer += amount
        if key.prompt in known_prompts:
            found["length"][agent] += amount
        else:
            found["prompts"][key.prompt] += amount
    found["prices"][model] += now.cost - now.calls * of_model - longer


def _longer(then: Cell, cell: Cell) -> Fraction:
    """What their tokens cost more than as many calls of before, at what a token cost before."""
    if then.cost_input + then.cost_output == then.cost:
        of_input = then.cost_input / (then.input_tokens or 1)
        of_output = then.cost_output / (then.output_tokens or 1)
    else:
        of_input = of_output = then.cost / ((then.input_tokens + then.output_tokens) or 1)
    more_input = cell.input_tokens - cell.calls * then.input_tokens / then.calls
    more_output = cell.output_tokens - cell.calls * then.output_tokens / then.calls
    return more_input * of_input + more_output * of_output


def _of_agent(cells: Cells, agent: str) -> dict[Key, Cell]:
    return {key: cell for key, cell in cells.items() if key.agent == agent}


def _of_model(cells: Cells, model: str) -> dict[Key, Cell]:
    return {key: cell for key, cell in cells.items() if key.model == model}


def _sum(cells: Iterable[Cell]) -> Cell:
    return sum(cells, Cell())


def _step(effect: Effect, parts: Parts, per: Fraction) -> Step:
    ordered = sorted(parts.items(), key=lambda part: (-abs(part[1]), part[0]))
    shown = tuple((name, _money(amount / per)) for name, amount in ordered if amount)
    return Step(effect, _money(sum(parts.values(), NOTHING) / per), shown)


def _money(amount: Fraction) -> Decimal:
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(PLACES, ROUND_HALF_EVEN)
