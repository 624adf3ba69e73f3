"""What a manager sees of the usage page: its tables too, as they are written."""

from typing import Any

from streamlit import dataframe_util

from pages.ui.text import WORD_JOINER
from tests.pages.screen import Screen, shown


class UsageScreen(Screen):
    """The usage page in a browser session of its own."""

    def __init__(self) -> None:
        super().__init__("pages/usage.py")

    def visit(self, **query: str | list[str]) -> "UsageScreen":
        """Load the page at a link."""
        for name, value in query.items():
            self.at.query_params[name] = value
        self.reload()
        return self

    @property
    def link(self) -> dict[str, Any]:
        """What the link says now; one value stands by itself."""
        return dict(self.at.query_params)

    def tables(self) -> list[list[list[str]]]:
        """Every table: its titles, then its rows."""
        return [_rows(table.proto) for table in self.at.table]

    def table(self, first_title: str) -> list[list[str]]:
        """Rows of the first table whose first title is this."""
        found = [rows for rows in self.tables() if rows[0][0] == first_title]
        assert found, [rows[0] for rows in self.tables()]
        return found[0][1:]

    @property
    def read(self) -> str:
        """Everything that can be read, tables and key figures included."""
        metrics = [f"{metric.label}: {metric.value}" for metric in self.at.metric]
        cells = [" | ".join(row) for table in self.tables() for row in table]
        return "\n".join((self.said, *metrics, *cells))


def _rows(proto: Any) -> list[list[str]]:
    arrow = proto.arrow_data
    data = dataframe_util.convert_arrow_bytes_to_pandas_df(arrow.data)
    written = dataframe_util.convert_arrow_bytes_to_pandas_df(arrow.styler.display_values)
    titles = [_plain(str(title)) for title in data.columns]
    return [titles, *([_plain(str(cell)) for cell in row] for row in written.itertuples(index=False))]


def _plain(text: str) -> str:
    """A cell as it reads; of a link its words."""
    label = text[1 : text.rindex("](")] if text.startswith("[") and "](" in text else text
    return shown(label).replace("\u00a0", " ").replace("\u200b", "").replace(WORD_JOINER, "")
