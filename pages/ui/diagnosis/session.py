"""A diagnosis as its state wants it drawn: confirmed, asked, concluded or stopped; live and replayed."""

import streamlit as st

from agents.diagnosis.view import DiagnosisView
from agents.workbench import Workbench
from pages.ui.diagnosis import downloads, framing, held, model, result, rounds, side


def draw(bench: Workbench, view: DiagnosisView) -> None:
    """Everything below the heading."""
    if view.is_working and view.phase != "concluded":
        model.draw_working(view)
    elif view.status in ("failed", "cancelled"):
        rounds.draw_stopped(bench, view)
        if view.belief:
            _draw_aside(bench, view)
            side.draw_ledger(view)
            downloads.draw(bench, view)
    elif view.phase == "framing":
        held.draw(bench, view)
        framing.draw(bench, view)
    else:
        left, right = st.columns([6, 5], gap="large")
        with left:
            model.draw_notes(view)
            held.draw(bench, view)
            if view.phase == "asking":
                rounds.draw(bench, view)
            else:
                model.draw_summary(view)
                result.draw(bench, view)
            side.draw_answers(bench, view)
        with right:
            _draw_aside(bench, view)
        side.draw_ledger(view)  # a column per cause takes the width of the page


def _draw_aside(bench: Workbench, view: DiagnosisView) -> None:
    side.draw_belief(view)
    side.draw_tree(bench, view)
