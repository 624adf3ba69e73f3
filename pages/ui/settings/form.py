"""The form that connects a model for one browser session; the key goes into memory and nowhere else."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import streamlit as st

from agents.errors import READABLE
from agents.models import roles
from agents.workbench import Workbench
from pages.ui.models import session_id
from pages.ui.notice import keep_notice

if TYPE_CHECKING:
    from agents.llm.providers import Role

TASKS: dict["Role", str] = {
    "router": "Model for the router",
    "diagnosis": "Model for diagnoses",
    "writing": "Model for writing",
    "code": "Model for code",
}


def draw(bench: Workbench) -> None:
    """Place, model, address and key; the rest behind one click."""
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
        with st.expander("Limits, own price, another model for a task"):
            _draw_terms()
        st.caption(
            "A key typed here stays in the server's memory for this browser session and is never written "
            "down. For a lasting one set WHYTREE_MODELS in the environment, in .env or in secrets.toml."
        )
        st.form_submit_button("Connect for this session", type="primary", on_click=_connect, args=(bench,))


def connect(
    bench: Workbench,
    preset: str,
    models: "Mapping[Role, str]",
    key: str = "",
    url: str = "",
    **terms: object,
) -> None:
    """Use a model in this session; what a test of an earlier one of its name found no longer counts."""
    from agents.llm.providers import from_preset

    try:
        provider = from_preset(preset, models, key or None, url or None, **terms)
    except READABLE as error:
        keep_notice(str(error))
        return
    bench.models.connect(session_id(), provider)
    st.session_state.pop(finding_key(provider.name), None)


def finding_key(name: str) -> str:
    """Where the session keeps what the test of a provider found."""
    return f"finding-{name}"


def _draw_terms() -> None:
    first, second = st.columns(2)
    first.number_input("Requests a minute", min_value=1, value=None, step=1, key="connect_requests")
    second.number_input("Tokens a minute", min_value=1, value=None, step=1000, key="connect_tokens")
    for column, way in ((first, "in"), (second, "out")):
        column.number_input(
            f"US dollars per million tokens {way}",
            min_value=0.0,
            max_value=100_000.0,
            value=None,
            step=0.01,
            key=f"connect_price_{way}",
        )
    for number, (role, label) in enumerate(TASKS.items()):
        column = (first, second)[number % 2]
        column.text_input(label, key=f"connect_{role}", placeholder="As above", max_chars=200)


def _connect(bench: Workbench) -> None:
    preset, url, key, model = (_typed(name) for name in ("preset", "url", "key", "model"))
    st.session_state["connect_key"] = ""
    if not model:
        keep_notice("The model's name is missing. Nothing was connected: type it as the provider writes it.")
        return
    models = {role: _typed(role) or usual for role, usual in roles(model).items()}
    try:
        terms = _terms()
    except ValueError as error:
        keep_notice(str(error))
        return
    connect(bench, preset, models, key, url, **terms)


def _typed(name: str) -> str:
    return str(st.session_state.get(f"connect_{name}") or "").strip()


def _terms() -> dict[str, Any]:
    """Limits and price as typed; raises ValueError with a sentence for half a price."""
    from agents.llm.providers import Limits, Rate

    state = st.session_state
    requests, tokens = state.get("connect_requests"), state.get("connect_tokens")
    of_input, of_output = state.get("connect_price_in"), state.get("connect_price_out")
    terms: dict[str, Any] = {"limits": Limits(requests_per_minute=requests, tokens_per_minute=tokens)}
    if (of_input is None) != (of_output is None):
        raise ValueError(
            "Only half of the price was given. Nothing was connected: give the price of the tokens in and of "
            "those out, or neither."
        )
    if of_input is not None:
        terms["rates"] = (Rate(input=Decimal(str(of_input)), output=Decimal(str(of_output))),)
    return terms
