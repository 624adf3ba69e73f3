"""Charts wear the colors of the page."""

import plotly.graph_objects as go
import pytest

from pages.ui.charts import INK, inked


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_of_a_chart_is_in_the_ink_of_the_page(dark: bool) -> None:
    figure = {
        "data": [],
        "layout": {"xaxis": {"title": {"text": "Month"}}, "legend": {"title": {"text": "Region"}}},
    }
    layout = go.Figure(inked(figure, dark)).layout
    texts = (layout, layout.xaxis.title, layout.yaxis.title, layout.legend, layout.legend.title)
    assert {text.font.color for text in texts} == {INK[dark]}
    assert {axis.tickfont.color for axis in (layout.xaxis, layout.yaxis)} == {INK[dark]}
    assert (layout.xaxis.title.text, layout.legend.title.text) == ("Month", "Region")


def test_what_a_chart_says_of_its_own_texts_stands() -> None:
    figure = {"data": [], "layout": {"xaxis": {"title": {"text": "Month", "font": {"size": 18}}}}}
    font = inked(figure, False)["layout"]["xaxis"]["title"]["font"]
    assert font == {"color": INK[False], "size": 18}
