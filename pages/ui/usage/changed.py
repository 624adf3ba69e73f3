"""Which change made it dearer: the change in steps, where each comes from, and by any dimension."""

from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from agents.usage.desk import Dimension, Effect, Explained, Explanation, Filters, records
from agents.usage.explain import METHOD, Step
from agents.workbench import Workbench
from pages.ui.charts import inked
from pages.ui.formats import UNKNOWN, change, count, money
from pages.ui.text import plain
from pages.ui.usage import address, charts
from pages.ui.usage.amounts import cost, cost_column, missing, missing_columns, per_unit, signed
from pages.ui.usage.bar import days
from pages.ui.usage.card import CONFIG
from pages.ui.usage.how import how, notes
from pages.ui.usage.reading import read
from pages.ui.usage.spending import DIMENSIONS, none_of
from pages.ui.usage.tables import Column, Row
from pages.ui.usage.tables import draw as table

NAMES: Mapping[Effect, str] = {
    "calls": "Number of calls",
    "agents": "Mix of agents",
    "models": "Mix of models",
    "prompts": "New prompt versions",
    "length": "Length, same prompts",
    "prices": "Price of a token",
    "tools": "Tools and searches",
}
MEANING: Mapping[Effect, str] = {
    "calls": "More or fewer calls, each at the former average cost.",
    "agents": "More calls of agents that cost more or less than the average.",
    "models": "Agents using models that cost more or less for them.",
    "prompts": "Prompt versions that came in this period and make calls longer or shorter.",
    "length": "More or fewer tokens per call under prompts that were there before.",
    "prices": "Another price list, or another share of tokens from the provider's cache.",
    "tools": "Searches and other tools that somebody charges for.",
}
OF: Mapping[Explained, str] = {"spend": "All spend", "unit": "A finished diagnosis"}
PER_UNIT: Mapping[Effect, str] = {"calls": "Calls per diagnosis"}
KEY, OF_LINK = "changed-of", "of"


def draw(bench: Workbench, filters: Filters) -> None:
    """The steps, then any dimension; the link says what is explained."""
    st.session_state[KEY] = "unit" if st.query_params.get(OF_LINK) == "unit" else "spend"
    of = st.segmented_control(
        "What is explained",
        list(OF),
        format_func=lambda name: OF[name],
        required=True,
        key=KEY,
        on_change=_explain,
    )
    _draw_steps(bench, filters, of or "spend")
    _draw_dimension(bench, filters, of or "spend")


def _explain() -> None:
    st.query_params[OF_LINK] = st.session_state[KEY]


def _draw_steps(bench: Workbench, filters: Filters, of: Explained) -> None:
    found = read(bench.usage.explain, filters, of)
    with st.container(border=True, key="card-steps"):
        st.subheader("What made it dearer or cheaper", anchor=False)
        if found is None:
            st.caption(
                "There is nothing to compare with: one of the periods has no finished diagnosis or no call."
            )
            return
        st.markdown(f"**{plain(verdict(found, filters.currency))}**")
        names = [name_of(found, step.effect) for step in found.steps]
        left, right = st.columns([11, 9], gap="medium")
        with left:
            chosen = _draw_chart(found, names, filters)
        with right:
            table(
                [
                    {"name": "Before", "amount": _money(found, found.before, filters.currency)},
                    *(
                        {
                            "name": name,
                            "amount": signed(step.amount, filters.currency, found.units is not None),
                        }
                        for name, step in zip(names, found.steps, strict=True)
                    ),
                ],
                [
                    Column("Step", lambda row: row["name"], is_text=True),
                    Column("Amount", lambda row: row["amount"]),
                ],
                "steps",
                {"name": "Now", "amount": _money(found, found.now, filters.currency)},
            )
        notes(found.figure.notes)
        _draw_parts(found, names, chosen, filters)
        how(found.figure, more=METHOD)


def verdict(found: Explanation, currency: str) -> str:
    """The change, and what pulled it up and down most, in sentences."""
    of = "A finished diagnosis" if found.units else "Spend"
    moved = "rose" if found.change > 0 else "fell" if found.change < 0 else "stayed"
    share = f" ({change(float(found.change / found.before))})" if found.before else ""
    before, now = (_money(found, amount, currency) for amount in (found.before, found.now))
    told = f"{of} {moved} from {before} to {now}{share}."
    up = max(found.steps, key=lambda step: step.amount)
    down = min(found.steps, key=lambda step: step.amount)
    if up.amount > 0:
        told += f" What raised it most: {_reason(found, up, currency)}."
    if down.amount < 0:
        told += f" What lowered it most: {_reason(found, down, currency)}."
    return told


def name_of(found: Explanation, effect: Effect) -> str:
    """A step as people read it."""
    return PER_UNIT.get(effect, NAMES[effect]) if found.units else NAMES[effect]


def _reason(found: Explanation, step: Step, currency: str) -> str:
    """A step with its amount, and what it mostly comes from."""
    name = name_of(found, step.effect)
    where = f", first of all {step.parts[0][0]}" if len(step.parts) > 1 else ""
    return f"{name[:1].lower()}{name[1:]}{where} ({signed(step.amount, currency, found.units is not None)})"


def _money(found: Explanation, amount: Decimal, currency: str) -> str:
    return per_unit(amount, currency) if found.units else money(amount, currency)


def _draw_chart(found: Explanation, names: list[str], filters: Filters) -> int | None:
    labels = [
        _money(found, found.before, filters.currency),
        *(signed(step.amount, filters.currency, found.units is not None) for step in found.steps),
        _money(found, found.now, filters.currency),
    ]
    drawn = charts.steps(
        ["Before", *names, "Now"],
        [float(step.amount) for step in found.steps],
        labels,
        float(found.before),
    )
    event = st.plotly_chart(
        inked(drawn, st.context.theme.type == "dark"),
        key="chart-steps",
        on_select="rerun",
        selection_mode="points",
        config=CONFIG,
        alt=verdict(found, filters.currency),
    )
    points = event["selection"]["points"]
    place = points[0].get("customdata") if points else None
    place = place[0] if isinstance(place, list) else place
    return int(place) - 1 if place is not None and 0 < int(place) <= len(found.steps) else None


def _draw_parts(found: Explanation, names: list[str], chosen: int | None, filters: Filters) -> None:
    """Where one step comes from: the one that was clicked, or the largest."""
    largest = max(range(len(found.steps)), key=lambda n: abs(found.steps[n].amount))
    place = st.selectbox(
        "Where it comes from",
        range(len(names)),
        index=largest if chosen is None else chosen,
        format_func=lambda n: names[n],
        key=f"steps-part-{chosen}-{found.units is None}",
        width=280,
    )
    step: Step = found.steps[place]
    st.caption(MEANING[step.effect])
    table(
        [
            {"name": name, "amount": signed(amount, filters.currency, found.units is not None)}
            for name, amount in step.parts
        ],
        [Column("From", lambda row: row["name"], is_text=True), Column("Amount", lambda row: row["amount"])],
        f"parts-{step.effect}",
        {"name": "Together", "amount": signed(step.amount, filters.currency, found.units is not None)},
    )


def _draw_dimension(bench: Workbench, filters: Filters, of: Explained) -> None:
    with st.container(border=True, key="card-changes"):
        st.subheader("By model, agent, user or prompt version", anchor=False)
        if of == "unit":
            st.caption(
                "This table is of all spend, whatever is explained above: what a finished diagnosis cost "
                "cannot be taken apart by user or prompt version alone."
            )
        by = st.selectbox(
            "By", list(DIMENSIONS), format_func=lambda name: DIMENSIONS[name], key="changed-by", width=220
        )
        _draw_changes(bench, filters, by)


def _draw_changes(bench: Workbench, filters: Filters, by: Dimension) -> None:
    figure = read(bench.usage.changes, filters, by)
    currency, rows = filters.currency, records(figure.frame)
    table(
        rows,
        [
            Column(DIMENSIONS[by], lambda row: row[by] or none_of(by), is_text=True),
            cost_column(currency, "Now"),
            Column("Before", lambda row: cost(_before(row), currency)),
            Column("Change", lambda row: _effect(row, "change", currency, UNKNOWN)),
            Column(
                "By volume",
                lambda row: _effect(row, "volume_effect", currency, "new" if row["attempts"] else "–"),
            ),
            Column("By cost of a call", lambda row: _effect(row, "price_effect", currency, "–")),
            Column("Attempts", lambda row: count(row["attempts"])),
            Column("Before", lambda row: count(row["previous_attempts"])),
            *missing_columns(rows),
            *missing_columns([_before(row) for row in rows], "Unknown before", _before),
        ],
        f"changes-{by}",
    )
    notes([f"Compared with {days(filters.previous.span)}.", *figure.notes])
    st.markdown(f"[The runs of this period, dearest first]({address.href(bench, filters, 'runs')})")
    how(figure)


def _before(row: Row) -> Row:
    """What the equal period before cost, with what is not in it."""
    return {
        "cost_amount": row["previous_cost"],
        "unknown_prices": row["previous_unknown_prices"],
        "unconverted": row["previous_unconverted"],
    }


def _effect(row: Row, name: str, currency: str, otherwise: str) -> str:
    """A part of a change; unknown when nothing of it is known."""
    if not row["change"] and missing(row) + missing(_before(row)):
        return UNKNOWN
    return otherwise if row[name] is None else signed(row[name], currency)
