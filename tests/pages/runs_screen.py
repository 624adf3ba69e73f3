"""The Runs page as a person sees it."""

from tests.pages.screen import Screen, shown


class RunsScreen(Screen):
    """One browser session at the Runs page."""

    def __init__(self) -> None:
        super().__init__("pages/runs.py")

    def at_link(self, **query: str) -> "RunsScreen":
        """Open a link with these parameters."""
        for name, value in query.items():
            self.at.query_params[name] = value
        self.reload()
        return self

    @property
    def titles(self) -> list[str]:
        """Titles in the list, in its order."""
        return list(self.at.dataframe[0].value["Title"]) if len(self.at.dataframe) else []

    def tab(self, run_id: str, name: str) -> "RunsScreen":
        """Show a part of a run."""
        self.at.session_state[f"tab-{run_id}"] = name
        self.reload()
        return self

    def tick(self, *rows: int) -> "RunsScreen":
        """Tick rows of the list, counted from 0."""
        self.at.session_state[self._table] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
        self.reload()
        return self

    @property
    def ticked(self) -> list[int]:
        """Rows of the list that are ticked."""
        return list(self.at.session_state[self._table]["selection"]["rows"])

    @property
    def _table(self) -> str:
        return str(self.at.dataframe[0].key)

    @property
    def progress(self) -> list[str]:
        """What is written at the bars of progress."""
        return [shown(bar.proto.text) for bar in self.at.get("progress")]

    def column(self, name: str) -> list[object]:
        """A column of the first table that has it."""
        return next(list(table.value[name]) for table in self.at.dataframe if name in table.value)
