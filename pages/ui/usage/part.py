"""A part of a section: computed beside the others at the same time, a skeleton in its place meanwhile."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

HEIGHT_PX = 320
P = ParamSpec("P")


def part(draw: Callable[P, None]) -> Callable[P, None]:
    """Draws it in a fragment of its own, so that a click in it computes nothing else again."""

    @st.fragment(parallel=True)
    @wraps(draw)
    def drawn(*arguments: P.args, **named: P.kwargs) -> None:
        with st.skeleton(HEIGHT_PX):
            draw(*arguments, **named)

    return drawn
