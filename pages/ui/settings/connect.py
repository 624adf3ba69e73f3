"""Connected models, a form for another one, and a test of each."""

from typing import TYPE_CHECKING

import streamlit as st

from agents.errors import READABLE
from agents.models import roles
from agents.workbench import Workbench
from pages.ui.identity import who
from pages.ui.models import session_id
from pages.ui.notice import keep_notice
from pages.ui.text import plain

if TYPE_CHECKING:
    from agents.llm.probe import Finding
    from agents.llm.providers import Provider

FIELDS = ("connect_preset", "connect_url", "connect_key", "connect_model")


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
    _draw_form(bench)
    _draw_local(bench)


def _draw_provider(bench: Workbench, provider: "Provider", number: int) -> None:
    pasted = bench.models.is_pasted(session_id(), provider.name)
    model = next(iter(provider.models.values()))
    with st.container(border=True):
        st.markdown(f"**{number}. {plain(provider.name)}**, model {plain(model)}")
        key = "key set, never shown" if provider.key else "no key"
        source = "pasted for this browser session" if pasted else "from the environment"
        st.caption(f"{plain(provider.base_url)}, {key}, {source}")
        with st.container(horizontal=True):
            st.button(
                "Test",
                key=f"test-{provider.name}",
                icon=":material/network_check:",
                on_click=_test,
                args=(bench, provider, model),
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
        finding = st.session_state.get(_finding_key(provider.name))
        if finding is not None:
            _draw_finding(finding)


def _test(bench: Workbench, provider: "Provider", model: str) -> None:
    try:
        st.session_state[_finding_key(provider.name)] = bench.models.test(provider, model, who())
    except READABLE as error:
        keep_notice(str(error))


def _forget(bench: Workbench, name: str) -> None:
    bench.models.disconnect(session_id(), name)
    st.session_state.pop(_finding_key(name), None)


def _connect_provider(bench: Workbench, preset: str, model: str, key: str = "", url: str = "") -> None:
    """Use a model in this session; what a test of an earlier one of its name found no longer counts."""
    from agents.llm.providers import from_preset

    try:
        provider = from_preset(preset, roles(model), key or None, url or None)
    except READABLE as error:
        keep_notice(str(error))
        return
    bench.models.connect(session_id(), provider)
    st.session_state.pop(_finding_key(provider.name), None)


def _finding_key(name: str) -> str:
    return f"finding-{name}"


def _draw_finding(finding: "Finding") -> None:
    if finding.failure is not None:
        st.error(plain(finding.failure), icon=":material/error:")
        return
    capability = finding.capability
    words = {"json_schema": "JSON by schema", "json_object": "JSON objects", "none": "no JSON form"}
    parts = [
        "Reachable",
        f"{finding.latency_s:.1f} s to a short reply" if finding.latency_s is not None else "",
    ]
    if capability is not None:
        parts += [words[capability.json_mode], "streams" if capability.streaming else "does not stream"]
        parts.append("usage in streams" if capability.stream_usage else "no usage in streams")
    parts.append("price known" if finding.price_known else "price unknown")
    st.success(", ".join(part for part in parts if part) + ".", icon=":material/check_circle:")


def _draw_form(bench: Workbench) -> None:
    from agents.llm.providers import PRESETS

    with st.form("connect", border=True):
        st.markdown("**Connect a model**")
        left, right = st.columns(2)
        left.selectbox(
            "Where", list(PRESETS), format_func=lambda name: PRESETS[name].label, key="connect_preset"
        )
        right.text_input("Model", key="connect_model", placeholder="gpt-5-mini, llama3.1, ...", max_chars=200)
        left.text_input(
            "Address", key="connect_url", placeholder="Leave empty for the usual one", max_chars=500
        )
        right.text_input("Key", key="connect_key", type="password", max_chars=500, autocomplete="off")
        st.caption(
            "A key typed here stays in the server's memory for this browser session and is never written "
            "down. For a lasting connection set WHYTREE_MODELS in the environment or in .env."
        )
        st.form_submit_button("Connect for this session", type="primary", on_click=_connect, args=(bench,))


def _connect(bench: Workbench) -> None:
    preset, url, key, model = (str(st.session_state[name]).strip() for name in FIELDS)
    st.session_state["connect_key"] = ""
    if not model:
        keep_notice("The model's name is missing. Nothing was connected: type it as the provider writes it.")
        return
    _connect_provider(bench, preset, model, key, url)


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
            on_click=_connect_provider,
            args=(bench, local.preset, local.model),
        )
