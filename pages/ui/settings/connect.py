"""Connected models, a form for another one, and a test of each."""

from typing import TYPE_CHECKING

import streamlit as st

from agents.errors import READABLE
from agents.models import roles
from agents.workbench import Workbench
from pages.ui.formats import count, money, seconds
from pages.ui.identity import who
from pages.ui.models import session_id
from pages.ui.notice import act, keep_notice
from pages.ui.settings import form
from pages.ui.text import plain

if TYPE_CHECKING:
    from agents.llm.probe import Finding
    from agents.llm.providers import Provider


def draw(bench: Workbench) -> None:
    """The list and the form."""
    for sentence in bench.models.refused:
        st.error(plain(sentence), icon=":material/error:")
    connected = bench.models.connected(session_id())
    if not connected:
        st.info(
            "No model is connected. The built-in analyst does the whole main job.",
            icon=":material/power_off:",
        )
    for number, provider in enumerate(connected, start=1):
        _draw_provider(bench, provider, number)
    _draw_waiting(bench)
    form.draw(bench)
    _draw_local(bench)


def _draw_waiting(bench: Workbench) -> None:
    """Runs of this person that wait for a key, and a button that lets them go on with this session's."""
    waiting = bench.models.waiting(who())
    if not waiting:
        return
    st.warning(
        f"Runs that wait for a key, since the one that was pasted is gone: {count(len(waiting))}. Nothing of "
        "them is lost. Connect a model here, then go on.",
        icon=":material/key_off:",
    )
    if bench.models.connected(session_id()):
        st.button(
            "Go on with what waits",
            key="supply-all",
            icon=":material/play_arrow:",
            on_click=_supply,
            args=(bench, waiting),
        )


def _supply(bench: Workbench, waiting: list[str]) -> None:
    for run_id in waiting:
        act(bench.runs.retry, run_id, session_id())


def _draw_provider(bench: Workbench, provider: "Provider", number: int) -> None:
    pasted = bench.models.is_pasted(session_id(), provider.name)
    with st.container(border=True):
        st.markdown(f"**{number}. {plain(provider.name)}**, model {plain(_models(provider))}")
        key = "key set, never shown" if provider.key else "no key"
        source = "pasted for this browser session" if pasted else "from the environment"
        st.caption(f"{plain(provider.base_url)}, {key}, {source}{plain(_terms(provider))}")
        with st.container(horizontal=True):
            st.button(
                "Test",
                key=f"test-{provider.name}",
                icon=":material/network_check:",
                on_click=_test,
                args=(bench, provider),
                help="A few small calls, which may cost a fraction of a cent.",
            )
            if pasted:
                st.button(
                    "Forget it and its key",
                    key=f"forget-{provider.name}",
                    icon=":material/link_off:",
                    on_click=_forget,
                    args=(bench, provider.name),
                )
        for model, finding in st.session_state.get(form.finding_key(provider.name), ()):
            _draw_finding(model, finding)


def _models(provider: "Provider") -> str:
    """One name, or who uses which where they differ."""
    models = dict.fromkeys(provider.models.values())
    if len(models) == 1:
        return next(iter(models))
    tasks = {model: [role for role, own in provider.models.items() if own == model] for model in models}
    return "; ".join(f"{model} for {', '.join(of)}" for model, of in tasks.items())


def _terms(provider: "Provider") -> str:
    """Limits and own prices, where there are any."""
    limits = provider.limits
    parts = [
        f"{count(limit)} {what} a minute"
        for limit, what in ((limits.requests_per_minute, "requests"), (limits.tokens_per_minute, "tokens"))
        if limit
    ]
    if provider.rates:
        rate = provider.rates[0]
        prices = f"{money(rate.input, rate.currency)} in and {money(rate.output, rate.currency)} out"
        parts.append(f"own price {prices} per million tokens")
    return "".join(f", {part}" for part in parts)


def _test(bench: Workbench, provider: "Provider") -> None:
    """Try every model of a provider; what was found is kept for this session."""
    models = dict.fromkeys(provider.models.values())
    try:
        found = [(model, bench.models.test(provider, model, who())) for model in models]
    except READABLE as error:
        keep_notice(str(error))
        return
    st.session_state[form.finding_key(provider.name)] = found


def _forget(bench: Workbench, name: str) -> None:
    bench.models.disconnect(session_id(), name)
    st.session_state.pop(form.finding_key(name), None)


def _draw_finding(model: str, finding: "Finding") -> None:
    if finding.failure is not None:
        st.error(plain(finding.failure), icon=":material/error:")
        return
    capability = finding.capability
    words = {"json_schema": "JSON by schema", "json_object": "JSON objects", "none": "no JSON form"}
    parts = [
        "reachable",
        f"{seconds(finding.latency_s)} to a short reply",
    ]
    if capability is not None:
        parts += [words[capability.json_mode], "streams" if capability.streaming else "does not stream"]
        parts.append("usage in streams" if capability.stream_usage else "no usage in streams")
    parts.append("price known" if finding.price_known else "price unknown")
    st.success(f"{plain(model)}: {', '.join(parts)}.", icon=":material/check_circle:")


def _draw_local(bench: Workbench) -> None:
    from agents.llm.local import find_local

    if st.button(
        "Look for a local model", icon=":material/search:", help="Asks the usual ports of this machine."
    ):
        st.session_state["local_models"] = find_local()
    found = st.session_state.get("local_models")
    if found is None:
        return
    if not found:
        st.caption("No local server answered. Start Ollama, LM Studio or vLLM, then look again.")
    for local in found:
        st.button(
            f"Connect {plain(local.model)} at {plain(local.label)}",
            key=f"local-{local.preset}-{local.model}",
            on_click=form.connect,
            args=(bench, local.preset, roles(local.model)),
        )
