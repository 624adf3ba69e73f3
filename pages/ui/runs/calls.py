"""Calls of models, one by one: prompt, answer, tokens by class, price and which price list."""

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from agents.running.records import Call
from agents.workbench import Workbench
from pages.ui import formats
from pages.ui.runs.common import CALL
from pages.ui.runs.watch import Look
from pages.ui.text import plain

SOURCES = {
    "prices": "the price list",
    "rate_card": "your own rate card",
    "cache": "the cache: nothing was charged again",
    "not_billed": "the provider, who does not charge for it",
}
SERVED = {"provider": "the provider", "cache": "the cache", "replay": "the journal, after a restart"}
ROLES = {"system": "Instructions", "user": "Request", "assistant": "Earlier answer", "tool": "Tool"}


def draw(bench: Workbench, seen: Look) -> None:
    """The list, and the call that was picked in full."""
    found = bench.runs.calls(seen.run.run_id)
    wanted = st.query_params.get(CALL)
    if not found:
        if wanted:
            _draw_unknown()
        st.info(
            "Here will be every call of a model with prompt, answer, tokens and price. "
            + (
                "None has ended yet." if seen.is_at_work else "This run made none: it worked without a model."
            ),
            icon=":material/smart_toy:",
        )
        return
    st.dataframe(_frame(found), hide_index=True, alt=f"The {len(found)} calls of this run.")
    chosen = _choose(found, wanted)
    if chosen is not None:
        _draw_call(bench, chosen)


def _choose(found: Sequence[Call], wanted: str | None) -> Call | None:
    """The call that the link names, or the one picked here."""
    names = {
        call.call_id: f"{number}. {call.provider_name}/{call.request_model}, attempt {call.attempt_no}"
        for number, call in enumerate(found, start=1)
    }
    if wanted is not None and wanted not in names:
        _draw_unknown()
    key = f"call-of-{found[0].run_id}"
    if wanted in names:
        st.session_state[key] = wanted
    st.selectbox(
        "Show call in full",
        list(names),
        index=None,
        format_func=lambda call_id: names[call_id],
        key=key,
        placeholder="Choose one",
        on_change=_pick,
        args=(key,),
    )
    return next((call for call in found if call.call_id == st.session_state[key]), None)


def _pick(key: str) -> None:
    """The link says which call is shown."""
    chosen = st.session_state[key]
    if chosen is None:
        st.query_params.pop(CALL, None)
    else:
        st.query_params[CALL] = chosen


def _draw_unknown() -> None:
    st.warning(
        "This run has no call of the id in the link. Those it has are listed below.",
        icon=":material/link_off:",
    )


def _frame(found: Sequence[Call]) -> pd.DataFrame:
    zone = formats.viewer_zone()
    return pd.DataFrame(
        {
            "Number": list(range(1, len(found) + 1)),
            "Model": [f"{call.provider_name}/{call.request_model}" for call in found],
            "Attempt": [call.attempt_no for call in found],
            "Task": [call.prompt_name or "" for call in found],
            "Outcome": [call.error_type or "used" for call in found],
            "Took": [formats.seconds(call.duration_s) for call in found],
            "Tokens in": [tokens(call.input_tokens, call) for call in found],
            "Tokens out": [tokens(call.output_tokens, call) for call in found],
            "Cost": [price(call) for call in found],
            "Started": [formats.when(call.started_at, zone) for call in found],
        }
    )


def tokens(value: int | None, call: Call) -> str:
    """A number of tokens, marked where it is an estimate."""
    if value is None:
        return formats.UNKNOWN
    return f"{formats.count(value)} (estimated)" if call.usage_source == "estimated" else formats.count(value)


def price(call: Call) -> str:
    """What a call cost, in the currency it was billed in."""
    return formats.money(call.cost_amount, call.cost_currency or "USD")


def _draw_call(bench: Workbench, call: Call) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(call.provider_name)}/{plain(call.request_model)}**, attempt {call.attempt_no}")
        if call.error_type:
            status = f", HTTP status {call.http_status}" if call.http_status else ""
            st.warning(f"This attempt failed: {plain(call.error_type)}{status}.", icon=":material/error:")
        left, right = st.columns(2, gap="large")
        with left:
            st.table(_facts(call), hide_header=True)
        with right:
            st.table(_usage(call), hide_header=True)
        _draw_texts(bench, call)


def _facts(call: Call) -> pd.DataFrame:
    facts = {
        "Started": formats.when(call.started_at),
        "Took": formats.seconds(call.duration_s),
        "First words after": formats.seconds(call.time_to_first_chunk_s)
        if call.time_to_first_chunk_s is not None
        else "not streamed",
        "Waited for a limit": formats.seconds(call.queue_wait_s),
        "Answered by": call.response_model or formats.UNKNOWN,
        "Served from": SERVED[call.served_from],
        "Fallback from": call.fallback_from or "none: the first choice",
        "Ended because": call.finish_reason or formats.UNKNOWN,
        "Prompt": f"{call.prompt_name}, version {call.prompt_version}"
        if call.prompt_name
        else "none of ours",
    }
    return pd.DataFrame({"value": facts}).map(plain)


def _usage(call: Call) -> pd.DataFrame:
    usage = {
        "Tokens in": tokens(call.input_tokens, call),
        "of them read from the provider's cache": tokens(call.cache_read_input_tokens, call),
        "of them written to it": tokens(call.cache_write_input_tokens, call),
        "Tokens out": tokens(call.output_tokens, call),
        "of them reasoning": tokens(call.reasoning_output_tokens, call),
        "Cost": price(call),
        "for what went in": formats.money(call.cost_input, call.cost_currency or "USD"),
        "for what came out": formats.money(call.cost_output, call.cost_currency or "USD"),
        "Price from": SOURCES.get(call.cost_source or "", formats.UNKNOWN),
        "Version of the price": call.price_version or formats.UNKNOWN,
    }
    return pd.DataFrame({"value": usage}).map(plain)


def _draw_texts(bench: Workbench, call: Call) -> None:
    text = bench.runs.call_text(call.call_id)
    if text is None:
        st.info(
            "Prompt and answer of this call are no longer kept; its figures are.",
            icon=":material/auto_delete:",
        )
        return
    for number, (role, said) in enumerate(_messages(text.prompt)):
        with st.expander(f"{plain(ROLES.get(role, role))}", icon=":material/notes:", expanded=number > 0):
            st.code(said, language=None, wrap_lines=True)
    st.markdown("**Answer**")
    if text.answer is None:
        st.caption("None came.")
    else:
        st.code(text.answer, language=None, wrap_lines=True)


def _messages(prompt: str) -> list[tuple[str, str]]:
    """Role and text of each message; the prompt as it stands when it is no list of messages."""
    try:
        found = json.loads(prompt)
        return [(str(each["role"]), _content(each["content"])) for each in found]
    except (ValueError, TypeError, KeyError):
        return [("prompt", prompt)]


def _content(said: object) -> str:
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, indent=1)
