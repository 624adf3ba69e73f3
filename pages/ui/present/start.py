"""What a demo is to be: chosen here, or said by a link."""

import random

import streamlit as st

from agents.diagnosis.stage import ABOUT, LARGEST_SEED, Casting, read_seed
from agents.errors import READABLE
from agents.workbench import Workbench
from pages.ui import sight
from pages.ui.identity import who
from pages.ui.notice import keep_notice
from pages.ui.present import playing, score
from pages.ui.text import plain

IN_A_LINK = ("playbook", "character", "seed", "hidden", "training")
PURPOSES = {"show": "Show it to an audience", "train": "Train: choose the questions yourself"}
FRESH_SEEDS = 9_999
"""Seeds offered at first are short, so that they can be said aloud."""


def follow_link(bench: Workbench) -> None:
    """Start the demo that the address names, and put its run in the address instead."""
    named = {name: st.query_params[name] for name in IN_A_LINK if name in st.query_params}
    if not named:
        return
    for name in named:
        del st.query_params[name]
    try:
        run_id = bench.demos.stage(_casting_of(named), who())
    except READABLE as error:
        st.error(plain(str(error)), icon=":material/link_off:")
        return
    st.query_params["run"] = run_id
    st.rerun()


def link_for(casting: Casting) -> str:
    """The query that starts this demo anywhere."""
    values = {
        "playbook": casting.playbook_id,
        "character": casting.character,
        "seed": str(casting.seed),
        "hidden": casting.hidden,
        "training": "1" if casting.training else None,
    }
    return "?" + "&".join(f"{name}={value}" for name, value in values.items() if value is not None)


def stage(bench: Workbench, casting: Casting) -> None:
    """Start a demo, as a callback; a refusal is kept as a sentence for the next drawing."""
    try:
        st.query_params["run"] = bench.demos.stage(casting, who())
        sight.lead()
    except READABLE as error:
        keep_notice(str(error))


def link_to_start() -> None:
    """A button to the choices."""
    st.button("Another demo", icon=":material/tune:", shortcut="A", on_click=_to_start, key="to_start")


def draw(bench: Workbench) -> None:
    """The choices, and the button that starts.

    All are lists and fields: a focused radio button or segment keeps Ctrl+Enter from the button.
    """
    with sight.place():
        st.title("Present and train")
    st.caption(
        "A simulated client has a problem with a hidden cause. The real engine asks, the client answers, and "
        "at the end the hidden cause is shown beside the diagnosis, right or wrong. No key, no network; demo "
        "runs enter no figures."
    )
    purpose = st.selectbox("What for", list(PURPOSES), key="demo_purpose", format_func=PURPOSES.__getitem__)
    if purpose == "train":
        score.draw(bench)
    kind, client = st.columns(2, gap="large")
    with kind:
        _draw_kind(bench, with_hidden=purpose == "show")
    with client:
        _draw_client()
    st.button(
        "Start the demo" if purpose == "show" else "Start training",
        type="primary",
        icon=":material/play_arrow:",
        shortcut="Ctrl+Enter",
        on_click=_start,
        args=(bench,),
        key="start_demo",
    )


def _draw_kind(bench: Workbench, with_hidden: bool) -> None:
    titles = {playbook.id: playbook.title for playbook in bench.playbooks.values()}
    chosen = st.selectbox(
        "Kind of problem",
        list(titles),
        index=None,
        format_func=titles.__getitem__,
        placeholder="Let the seed choose",
        key="demo_kind",
    )
    if not with_hidden:
        return
    if chosen is None:
        st.caption("The seed draws the hidden cause too. Choose a kind of problem to choose the cause.")
        return
    causes = {cause.id: cause.label for cause in bench.playbooks[chosen].causes}
    st.selectbox(
        "Hidden cause",
        list(causes),
        index=None,
        format_func=causes.__getitem__,
        placeholder="Let the seed draw it",
        key=f"demo_hidden_{chosen}",
    )


def _draw_client() -> None:
    character = st.selectbox("Client", list(ABOUT), format_func=str.capitalize, key="demo_character")
    st.caption(ABOUT[character])
    st.session_state.setdefault("demo_seed", random.randint(1, FRESH_SEEDS))
    st.number_input(
        "Seed",
        min_value=0,
        max_value=LARGEST_SEED,
        step=1,
        key="demo_seed",
        help="The same seed and choices give the same demo, answer by answer.",
    )


def _start(bench: Workbench) -> None:
    """A callback's arguments are as old as the last drawing; what was chosen since is in the state."""
    state = st.session_state
    training = state["demo_purpose"] == "train"
    casting = Casting(
        seed=int(state["demo_seed"]),
        character=state["demo_character"],
        playbook_id=state["demo_kind"],
        hidden=None if training else state.get(f"demo_hidden_{state['demo_kind']}"),
        training=training,
    )
    stage(bench, casting)


def _to_start() -> None:
    playing.pause()
    sight.lead()
    st.query_params.pop("run", None)


def _casting_of(named: dict[str, str]) -> Casting:
    seed = named.get("seed")
    return Casting(
        seed=random.randint(1, FRESH_SEEDS) if seed is None else read_seed(seed),
        character=named.get("character", "truthful"),
        playbook_id=named.get("playbook"),
        hidden=named.get("hidden"),
        training=named.get("training", "0") != "0",
    )
