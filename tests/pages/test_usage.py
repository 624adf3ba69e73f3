"""The usage page: every section with data, without any, by a link; unknown is called so."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agents.settings import Settings
from agents.workbench import Who, Workbench
from benchmarks.make_usage import yesterday
from pages.ui import services
from pages.ui.usage import reading
from pages.ui.usage.sections import SECTIONS
from storage.clock import now
from tests.conftest import TEXT
from tests.pages.screen import Screen, shown
from tests.pages.usage_screen import UsageScreen
from tests.usage_rows import admit, call, record

DEMO = {"environment": "demo", "period": "last_30_days"}
FIGURES = [name for name, section in SECTIONS.items() if section.needs_calls]


@pytest.fixture
def filled(served: Settings, usage_file: Path) -> Workbench:
    """The workbench of the pages on a filled store."""
    served.data.mkdir()
    shutil.copy(usage_file, served.data / "whytree.duckdb")
    return services.workbench()


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Figures are read anew."""
    reading.forget()
    yield
    reading.forget()


@pytest.fixture
def screen(filled: Workbench) -> UsageScreen:
    """The page on the filled store, not drawn yet."""
    return UsageScreen()


TITLES = {
    "overview": ("Cost per finished diagnosis", "Month-end forecast", "Spend per day by model"),
    "spend": ("Spend per day by model", "Users and models", "What the cache saved"),
    "changes": ("What made it dearer or cheaper", "By model, agent, user or prompt version"),
    "latency": ("by agent", "by model", "first token of streamed replies", "Where the time of agents goes"),
    "reliability": ("Which provider failed", "Errors by class", "Who stood in for whom", "left alone"),
    "tokens": ("Tokens per day by class", "Tokens by model", "Tokens by agent"),
    "units": ("Cost of a finished piece of work", "The 10 dearest runs"),
    "alerts": ("Budgets of this month", "What is watched", "Currency rates", "Who did what"),
    "reconcile": ("Bills of the period", "Day by day"),
    "runs": ("At models", "Customers leave within a quarter"),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_stands_at_its_link(screen: UsageScreen, section: str) -> None:
    read = screen.visit(section=section, **DEMO).read
    assert [title for title in TITLES[section] if title not in read] == []


@pytest.mark.parametrize("section", FIGURES)
def test_every_section_tells_how_its_figures_are_computed(screen: UsageScreen, section: str) -> None:
    screen.visit(section=section, **DEMO)
    queries = [code.value for code in screen.at.code if "select" in code.value]
    assert queries
    assert screen.said.count("calls, steps or runs, read from") == len(queries)


def test_the_sums_beside_the_chart_are_the_headline(screen: UsageScreen) -> None:
    headline = next(m.value for m in screen.visit(**DEMO).at.metric if m.label == "Spend")
    screen.visit(section="spend", **DEMO)
    for by in ("model", "provider", "agent", "user", "project", "prompt"):
        title = {"prompt": "Prompt version"}.get(by, by.capitalize())
        together = screen.choose("spend-by", by).table(title)[-1]
        assert together[:2] == ["Together", headline]


def test_calls_of_unknown_price_stand_beside_every_total_they_would_change(screen: UsageScreen) -> None:
    rows = {row[0]: row for row in screen.visit(section="spend", **DEMO).table("Model")}
    assert rows["quince-14b"][1] == "unknown"
    unknown = rows["Together"][-1]
    assert int(unknown.replace(",", "")) > 0
    assert "calls of unknown price are not in it" in screen.said
    assert "no rate converts their currency" in screen.said


def test_the_filters_come_from_the_link_and_are_told(screen: UsageScreen) -> None:
    day = yesterday() - timedelta(days=3)
    screen.visit(
        section="spend",
        environment="demo",
        model="aurora-large",
        **{"from": f"{day}", "to": f"{yesterday()}"},
    )
    assert [row[0] for row in screen.table("Model")] == ["aurora-large", "Together"]
    assert "Model: aurora-large" in screen.labels("usage-drop-")
    assert f"{day} to {yesterday()}, compared with" in screen.said


def test_a_filter_that_is_chosen_stands_in_the_link(screen: UsageScreen) -> None:
    screen.visit(section="tokens", **DEMO)
    screen.choose("usage-agents", ["diagnosis"])  # type: ignore[arg-type]
    assert screen.link["agent"] == "diagnosis"
    assert [row[0] for row in screen.table("Agent")] == ["diagnosis", "Together"]
    screen.click_key("usage-drop-agents")
    assert "agent" not in screen.link
    assert len(screen.table("Agent")) > 2


def test_users_of_the_filter_are_not_the_person_who_looks(screen: UsageScreen) -> None:
    screen.visit(section="spend", user="ann", by_user="user-00", **DEMO)
    assert [row[0] for row in screen.table("User")] == ["user-00", "Together", "Share"]
    assert screen.link["user"] == "ann"


def test_a_day_that_crosses_the_other_moves_it(screen: UsageScreen) -> None:
    screen.visit(**DEMO)
    screen.choose("usage-first", yesterday() + timedelta(days=5))  # type: ignore[arg-type]
    day = f"{yesterday() + timedelta(days=5)}"
    assert (screen.link["from"], screen.link["to"]) == (day, day)


def test_a_link_that_cannot_be_read_is_told_and_mended(screen: UsageScreen) -> None:
    assert "Turn them around" in screen.visit(**{"from": "2026-05-02", "to": "2026-05-01"}).said
    assert "left out unless asked for" in screen.click("Show the last 30 days").said


def test_demo_figures_are_out_until_they_are_asked_for(screen: UsageScreen) -> None:
    assert "Only demo and test figures are here" in screen.visit().said
    assert not screen.at.metric
    screen.click("Show demo and test figures")
    assert screen.link["environment"] == ["demo", "test"]
    assert screen.at.metric


def test_live_figures_and_invented_ones_never_stand_in_one_sum(screen: UsageScreen) -> None:
    screen.visit(section="alerts", environment=["live", "demo"])
    assert "Environment: demo" in screen.labels("usage-drop-")
    screen.choose("usage-environments", ["demo", "live"])  # type: ignore[arg-type]
    assert "environment" not in screen.link
    screen.choose("usage-environments", ["live", "test"])  # type: ignore[arg-type]
    assert screen.link["environment"] == "test"


def test_real_runs_that_called_no_model_are_not_denied_beside_demo_figures(
    screen: UsageScreen, filled: Workbench
) -> None:
    admit(filled.usage._store, user_id="ann", environment="live")
    said = screen.visit().said
    assert "No real call has been made yet" in said and "Only demo and test figures" not in said
    assert "Only demo and test figures are here" in UsageScreen().visit(by_user="bob").said


def test_a_budget_counts_what_it_stops_whatever_the_filters_show(
    screen: UsageScreen, filled: Workbench
) -> None:
    filled.usage.set_limit("month", "*", Decimal(30), Who("ann"))
    record(filled.usage._store, *(call(now(), environment=name) for name in ("live", "demo", "test")))
    said = screen.visit(section="alerts", **DEMO).said
    assert "Budgets count test spend alone" in said
    assert "Warns at 70 and 90 %, stops at 100 %" in said
    (bar,) = screen.at.get("progress")
    settings = Screen("pages/settings.py")
    settings.at.session_state["settings_tab"] = "Budgets"
    settings.reload()
    (same,) = settings.at.get("progress")
    told = shown(bar.proto.text)
    assert told == "USD 1.00 of USD 30.00 spent (3.3 %)"
    assert shown(same.proto.text).startswith(f"Everybody, each month: {told}; calls of")
    assert shown(same.proto.text).endswith("Warns at 70 and 90 %, stops at 100 %.")


def test_filters_that_hide_everything_offer_the_way_back(screen: UsageScreen) -> None:
    screen.visit(environment="demo", by_user="nobody", period="last_7_days")
    assert "No call in this period and with these filters." in screen.said
    screen.click("Show the whole year without filters")
    assert screen.at.metric
    assert "by_user" not in screen.link


@pytest.mark.parametrize("section", FIGURES)
def test_without_any_call_a_section_says_so_and_offers_the_one_action(bench: Workbench, section: str) -> None:
    screen = UsageScreen().visit(section=section)
    assert "No call has been made yet." in screen.said
    assert [label for label in screen.labels() if label == "Connect a model"]
    assert not screen.at.table


def test_alerts_and_budgets_can_be_set_before_the_first_call(bench: Workbench) -> None:
    read = UsageScreen().visit(section="alerts").read
    assert "Nothing has fired." in read
    assert "No budget is set yet" in read


def test_diagnoses_without_a_model_leave_nothing_made_up(bench: Workbench) -> None:
    bench.start(TEXT)
    assert "No call has been made yet." in UsageScreen().visit(environment="test").said


def test_a_budget_that_is_set_is_drawn_and_on_record(screen: UsageScreen) -> None:
    screen.visit(section="alerts", **DEMO)
    screen.choose("limit-scope", "agent")
    screen.type("limit-subject", "diagnosis").type("limit-amount", 1.5)  # type: ignore[arg-type]
    screen.click("Keep")
    assert "Agent diagnosis" in screen.said
    assert "The budget is kept." in screen.said
    assert screen.field("limit-amount").value is None
    assert ["set budget", "agent diagnosis"] in [row[2:4] for row in screen.table("When")]


def test_a_second_click_on_keep_lifts_no_budget_and_lifting_has_a_button_of_its_own(
    screen: UsageScreen, filled: Workbench
) -> None:
    screen.visit(section="alerts", **DEMO)
    screen.choose("limit-scope", "agent")
    screen.type("limit-subject", "diagnosis").type("limit-amount", 1.5)  # type: ignore[arg-type]
    screen.click("Keep").type("limit-subject", "diagnosis").click("Keep")
    assert "Name an amount. Nothing was changed" in screen.said
    assert "Agent diagnosis" in screen.said
    screen.click("Lift this budget")
    assert "The budget is lifted." in screen.said
    assert [limit for limit in filled.usage.limits() if limit.subject == "diagnosis"] == []


def test_a_budget_for_somebody_of_whom_no_run_is_on_record_says_so(screen: UsageScreen) -> None:
    screen.visit(section="alerts", **DEMO)
    screen.choose("limit-scope", "user")
    screen.type("limit-subject", "bobb").type("limit-amount", 1.5)  # type: ignore[arg-type]
    screen.click("Keep")
    assert "No run of the user “bobb” is on record yet" in screen.said
    assert "User bobb" in screen.said


def test_a_rule_fires_and_is_acknowledged(screen: UsageScreen, filled: Workbench) -> None:
    screen.visit(section="alerts", **DEMO)
    screen.type("rule-name", "Too dear").type("rule-warn-threshold", 0.01)  # type: ignore[arg-type]
    screen.type("rule-window", 744).type("rule-narrow", True)  # type: ignore[arg-type]
    screen.click("Watch it")
    assert "Too dear" in screen.said
    assert "“Too dear” is watched now" in screen.said
    assert (screen.field("rule-name").value, screen.field("rule-warn-threshold").value) == ("", None)
    screen.click("Look now")
    assert "Spend is" in screen.said
    screen.type("ack-note-", "Ordered").click("Acknowledge")
    assert "took note" in screen.said and "Ordered" in screen.said


def test_a_rule_that_is_refused_leaves_the_form_as_it_was_filled(screen: UsageScreen) -> None:
    screen.visit(section="alerts", **DEMO).type("rule-name", "Too dear").click("Watch it")
    assert screen.field("rule-name").value == "Too dear"
    assert "is watched now" not in screen.said


def test_an_alert_that_nobody_noted_stands_above_the_overview(screen: UsageScreen, filled: Workbench) -> None:
    wide = filled.usage.filters({"environment": "demo"})
    filled.usage.set_rule(
        "Too dear", "threshold", "spend", Who("ann"), warn_at=0.01, window_h=744, filters=wide
    )
    filled.usage.check_rules()
    (alert,) = filled.usage.alerts()
    assert alert.sentence in screen.visit(**DEMO).said
    filled.usage.acknowledge(alert.alert_id, Who("ann"))
    assert alert.sentence not in screen.reload().said


def test_a_raise_needs_a_reason_and_is_then_on_record(screen: UsageScreen, filled: Workbench) -> None:
    screen.visit(section="alerts", **DEMO).click("Raise it")
    assert "needs a reason" in screen.said
    assert filled.usage.audit() == []
    inputs = {field.label: field for field in (*screen.at.number_input, *screen.at.text_input)}
    inputs["More USD"].set_value(5.0)
    inputs["Reason"].set_value("Year-end work")
    screen.click("Raise it")
    assert "USD 5.00 of it is a raise." in screen.said
    assert "Year-end work" in screen.read


def test_an_invented_run_says_that_there_is_nothing_to_be_shown_of_it(filled: Workbench) -> None:
    frame = filled.usage.runs(filled.usage.filters(DEMO), limit=50).frame
    run_id = str(frame[(frame["kind"] == "diagnosis") & (frame["status"] == "completed")]["run"].iloc[0])
    screen = Screen("pages/runs.py")
    screen.at.query_params["run"] = run_id
    screen.reload()
    assert "There is nothing left to be shown of it." in screen.said
    assert "has not been read yet" not in screen.said


def test_runs_lead_to_their_calls_and_calls_to_the_run(screen: UsageScreen, filled: Workbench) -> None:
    filters = filled.usage.filters(DEMO)
    run_id = str(filled.usage.runs(filters).frame["run"].dropna().iloc[0])
    screen.visit(section="runs", of_run=run_id, **DEMO)
    assert f"/runs?run={run_id}" in "\n".join(m.value for m in screen.at.markdown)
    assert len(screen.table("Call")) >= 1
    screen.click("All runs")
    assert "of_run" not in screen.link
    assert screen.table("Run")


def test_a_budget_past_its_warning_is_told_though_no_rule_fired_and_no_call_was_stopped(
    screen: UsageScreen, filled: Workbench
) -> None:
    filled.usage.set_limit("month", "*", Decimal("0.01"), Who("ann"))
    record(filled.usage._store, call(now(), environment="test"))
    said = screen.visit(section="alerts", environment="test").said
    assert "Budget of everybody together" in said and "past the 100 % at which calls are stopped." in said
    assert "Nothing has fired." not in said
    assert "No budget has warned or stopped anything yet." not in said
    assert "1 budget above is past the stop, but nothing is on record here yet" in said


def test_what_is_shown_of_runs_its_order_and_its_page_stand_in_the_link(screen: UsageScreen) -> None:
    screen.visit(section="runs", **DEMO)
    first = screen.table("Run")
    screen.choose("behind-order", "newest").click("Further")
    assert (screen.link["order"], screen.link["page"]) == ("newest", "2")
    second = screen.table("Run")
    again = UsageScreen().visit(section="runs", order="newest", page="2", **DEMO)
    assert again.table("Run") == second != first
    screen.choose("behind-order", "failed")
    assert screen.link["order"] == "failed" and "page" not in screen.link
    screen.choose("behind-what", "calls")
    assert screen.link["what"] == "calls"
    assert UsageScreen().visit(section="runs", what="calls", **DEMO).table("Call")


def test_a_page_that_is_none_is_the_first_and_one_past_the_end_says_so(screen: UsageScreen) -> None:
    first = screen.visit(section="runs", **DEMO).table("Run")
    for odd in ("0", "-1", "x", "\u0663"):
        assert UsageScreen().visit(section="runs", page=odd, **DEMO).table("Run") == first
    assert "No run stands on page 900." in UsageScreen().visit(section="runs", page="900", **DEMO).said


def test_a_filter_that_changes_starts_with_the_first_page(screen: UsageScreen) -> None:
    screen.visit(section="runs", page="2", **DEMO)
    screen.choose("usage-agents", ["diagnosis"])  # type: ignore[arg-type]
    assert "page" not in screen.link


def test_the_table_under_an_explained_diagnosis_says_that_it_is_of_all_spend(screen: UsageScreen) -> None:
    assert "of all spend" not in screen.visit(section="changes", **DEMO).said
    assert "This table is of all spend" in UsageScreen().visit(section="changes", of="unit", **DEMO).said


def test_shares_of_users_and_shares_of_models_each_add_up_to_everything(screen: UsageScreen) -> None:
    screen.visit(section="spend", **DEMO)
    *users, together, shares = screen.table("User")
    assert (together[0], together[-1]) == ("Together", "100.0 %")
    assert (shares[0], shares[-2:]) == ("Share", ["100.0 %", "100.0 %"])
    for parts in ([user[-1] for user in users], shares[1:-2]):
        known = [float(part.removesuffix(" %")) for part in parts if part != "unknown"]
        assert sum(known) == pytest.approx(100, abs=0.05 * len(known) + 1e-6)
